package tables

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"sluice/internal/strictyaml"
)

// row is what a table of assets or people has in one line: values by column, in the order
// of the file.
type row struct {
	columns []string
	values  []string
	line    int
}

func (r *row) get(column string) string {
	for i, c := range r.columns {
		if c == column {
			return r.values[i]
		}
	}
	return ""
}

// maxRows bounds a table, at some 500 bytes a row.
const maxRows = 1_000_000

var columnName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// addRows gives every row of the files to add; its faults get the row's place.
func addRows(files []File, sep string, add func(row) error) error {
	return readAll(files, func(f File) error {
		rows, err := readRows(f, sep)
		if err != nil {
			return err
		}
		var faults []error
		for _, r := range rows {
			if err := add(r); err != nil {
				faults = append(faults, atLine(f.Name, r.line, "%w", err))
			}
		}
		return errors.Join(faults...)
	})
}

// readRows reads CSV with a line of names, or a YAML list of rows. Lists in a cell are
// separated by ";" in CSV.
func readRows(f File, sep string) ([]row, error) {
	text := strings.TrimPrefix(string(f.Data), "\ufeff")
	name := strings.ToLower(f.Name)
	if strings.HasSuffix(name, ".yml") || strings.HasSuffix(name, ".yaml") {
		return yamlRows(f.Name, text)
	}
	return csvRows(f.Name, text, sep)
}

// separate sets what stands between cells; "": a comma. Blanks in front of a cell are left out, but where they are
// what separates: a cell that is empty would be none.
func separate(r *csv.Reader, sep string) {
	if sep != "" {
		r.Comma = rune(strings.Replace(sep, `\t`, "\t", 1)[0])
	}
	r.TrimLeadingSpace = r.Comma != '\t' && r.Comma != ' '
}

func csvRows(name, text, sep string) ([]row, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comment = '#'
	separate(r, sep)
	head, err := r.Read()
	if err != nil {
		return nil, atLine(name, 1, "no line with the columns' names: %w", err)
	}
	columns := make([]string, len(head))
	for i, h := range head {
		columns[i] = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(h)), " ", "_")
		if !columnName.MatchString(columns[i]) {
			return nil, atLine(name, 1, "%.40q is no name of a column: expected letters, digits and _", h)
		}
		if slices.Contains(columns[:i], columns[i]) {
			return nil, atLine(name, 1, "two columns are called %s", columns[i])
		}
	}
	var out []row
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if wrong := (*csv.ParseError)(nil); errors.As(err, &wrong) {
			return nil, atLine(name, wrong.Line, "%w", wrong.Err)
		}
		if len(out) >= maxRows {
			return nil, fmt.Errorf("more than %d rows", maxRows)
		}
		line, _ := r.FieldPos(0)
		w := row{line: line}
		for i, c := range cells {
			if c = strings.TrimSpace(c); c != "" {
				w.columns, w.values = append(w.columns, columns[i]), append(w.values, c)
			}
		}
		if len(w.columns) > 0 { // spreadsheets end in rows of empty cells
			out = append(out, w)
		}
	}
}

func yamlRows(name, text string) ([]row, error) {
	if len(text) > strictyaml.MaxBytes {
		return nil, atLine(name, 1, "the file has %d bytes, and at most %d of YAML are read: write it as CSV, whose bound is %d rows", len(text), strictyaml.MaxBytes, maxRows)
	}
	root, err := strictyaml.Parse(name, []byte(text))
	if err != nil {
		return nil, err
	}
	src := &strictyaml.Source{Name: name}
	if root.Kind != strictyaml.Sequence {
		src.Fail(root, "expected a list of rows")
		return nil, src.Err()
	}
	var out []row
	for _, n := range root.Content {
		w := row{line: n.Line}
		src.Pairs(n, func(key string, k, v *strictyaml.Node) {
			if !columnName.MatchString(key) {
				src.Fail(k, "%.40q is no name of a column: expected letters, digits and _", key)
				return
			}
			if text := strings.Join(strictyaml.Texts(src.Words(v)), ";"); text != "" {
				w.columns, w.values = append(w.columns, key), append(w.values, text)
			}
		})
		out = append(out, w)
	}
	return out, src.Err()
}

// list is the values of one cell.
func list(cell string) []string {
	if strings.IndexByte(cell, ';') < 0 {
		return []string{cell}
	}
	out := strings.Split(cell, ";")
	for i := range out {
		out[i] = strings.TrimSpace(out[i])
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}

// used are the columns of rows, sorted.
func used(rows []row) []string {
	seen := map[string]bool{}
	var out []string
	for _, r := range rows {
		for _, c := range r.columns {
			if !seen[c] {
				seen[c] = true
				out = append(out, c)
			}
		}
	}
	slices.Sort(out)
	return out
}
