package console

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxColumns is how many fields one row of a file may have.
const maxColumns = 100

// table writes documents as rows of CSV, one column a field.
type table struct {
	out     *csv.Writer
	columns []string
}

// byteOrderMark before a file tells a spreadsheet that it is UTF-8: without it Excel takes the machine's
// old code page, and every letter beyond ASCII is another one.
const byteOrderMark = "\ufeff"

func newTable(w io.Writer, columns []string, bom bool) *table {
	if bom {
		io.WriteString(w, byteOrderMark) //nolint:errcheck // the next write has the error
	}
	t := &table{csv.NewWriter(w), columns}
	t.out.Write(columns) //nolint:errcheck // the next write has the error
	return t
}

func (t *table) write(source json.RawMessage) error {
	var doc map[string]any
	dec := json.NewDecoder(bytes.NewReader(source))
	dec.UseNumber()
	_ = dec.Decode(&doc) // an index holds objects only; anything else is an empty row
	row := make([]string, len(t.columns))
	for i, name := range t.columns {
		row[i] = cell(FieldOf(doc, name))
	}
	return t.out.Write(row)
}

// end writes the word as a row that is as long as the others.
func (t *table) end(word string) error {
	if word != "" {
		row := make([]string, len(t.columns))
		row[0] = word
		if err := t.out.Write(row); err != nil {
			return err
		}
	}
	t.out.Flush()
	return t.out.Error()
}

// FieldOf is the value under a dotted name, whether the document nests it or not.
func FieldOf(doc map[string]any, name string) any {
	if v, ok := doc[name]; ok {
		return v
	}
	for i := range len(name) {
		if name[i] != '.' {
			continue
		}
		if inner, ok := doc[name[:i]].(map[string]any); ok {
			if v := FieldOf(inner, name[i+1:]); v != nil {
				return v
			}
		}
	}
	return nil
}

// cell is a value as one text: of a list its values with commas, of an object its JSON.
func cell(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return inert(v)
	case json.Number:
		return v.String()
	case []any:
		if !slices.ContainsFunc(v, isNested) {
			parts := make([]string, len(v))
			for i, part := range v {
				if text, ok := part.(string); ok {
					parts[i] = text
				} else {
					parts[i] = cell(part)
				}
			}
			return inert(strings.Join(parts, ", "))
		}
	}
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return inert(string(text))
}

func isNested(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}

// inert puts a ' before what a spreadsheet would take for a formula, and run: a text that begins with
// = + - or @, be it behind what nobody sees. So may a part of one begin: where the decimal point is a
// comma, spreadsheets divide at ; or a tab and know no quotes around a line's end then. A sign alone,
// which many devices write for nothing, is none.
func inert(text string) string {
	if !strings.ContainsAny(text, formula) {
		return text
	}
	var out strings.Builder
	for len(text) > 0 {
		part := text
		if end := strings.IndexAny(text, divides); end >= 0 {
			part = text[:end+1]
		}
		start := strings.TrimLeftFunc(part, unseen)
		first, n := utf8.DecodeRuneInString(start)
		if strings.ContainsRune(formula, first) && strings.TrimLeftFunc(start[n:], unseen) != "" && start[n:] != ";" {
			out.WriteByte('\'')
		}
		out.WriteString(part)
		text = text[len(part):]
	}
	return out.String()
}

const (
	formula = "=+-@＝＋－＠" // what formulas begin with
	divides = ";\t\r\n"
)

func unseen(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}
