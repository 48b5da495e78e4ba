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

func newTable(w io.Writer, columns []string) *table {
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
		row[i] = cell(fieldOf(doc, name))
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

// fieldOf is the value under a dotted name, whether the document nests it or not.
func fieldOf(doc map[string]any, name string) any {
	if v, ok := doc[name]; ok {
		return v
	}
	for i := range len(name) {
		if name[i] != '.' {
			continue
		}
		if inner, ok := doc[name[:i]].(map[string]any); ok {
			if v := fieldOf(inner, name[i+1:]); v != nil {
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
	return string(text)
}

func isNested(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}

// inert puts a ' before a text that a spreadsheet would take for a formula, and run: one that begins
// with = + - or @, be it behind what nobody sees. A sign alone, which many devices write for nothing, is none.
func inert(text string) string {
	start := strings.TrimLeftFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
	})
	first, n := utf8.DecodeRuneInString(start)
	if n < len(start) && strings.ContainsRune("=+-@＝＋－＠", first) {
		return "'" + text
	}
	return text
}
