// Package columns reads files whose first line names the columns of the others, as exports
// of tables are: comma-separated values, or with semicolons, tabs or bars; and those with a head
// that does, such as W3C's extended logs. It tells such a
// line from one of a log, and makes the other lines records with names.
package columns

import (
	"strings"
	"unicode/utf8"

	"sluice/event"
)

const (
	// MaxHeader is the longest first line that is looked at; Defender's widest table has 2.6 KB.
	MaxHeader = 4096
	minNames  = 4 // of fewer a line of prose with commas may be made
	maxNames  = 300
	maxName   = 64 // bytes
)

// byteOrder is what some programs put before UTF-8.
const byteOrder = "\ufeff"

// headerOf returns the line that names the columns of a file that begins with start: its first,
// or its second behind the #TYPE of PowerShell's Export-Csv, what a log of Zeek's says in several, or
// the #Fields of W3C's extended form.
// It is "" where that names none. known is false where the line is not complete yet.
func headerOf(start []byte) (header string, known bool) {
	if strings.HasPrefix(string(start), zeekStart) {
		return zeekHeader(string(start))
	}
	if isW3C(string(start)) {
		h := Head{w3c: true}
		known = h.first(string(start))
		return h.Header, known
	}
	for {
		line, rest, whole := strings.Cut(string(start), "\n")
		if !whole {
			return "", len(start) >= MaxHeader
		}
		if line = strings.TrimRight(line, "\r"); strings.HasPrefix(line, "#TYPE ") {
			start = []byte(rest)
			continue
		}
		if new(Table).read(line) {
			return line, true
		}
		return "", true
	}
}

// Table makes records of the lines below a header. It belongs to one goroutine.
type Table struct {
	header   string
	known    bool // header names columns
	sep      byte
	names    []string
	zeek     *zeek // nil: none of Zeek's
	w3c      bool
	software string // of w3c: who writes it
	buf      []byte
}

// Object is a line below header as a JSON object: its cells by the names of their columns, those
// that are empty left out. ok is false where the line has another number of cells. The object
// is valid until the next call.
func (t *Table) Object(header, line string) (object []byte, ok bool) {
	if header != t.header {
		t.known = t.read(header)
		t.header = header
	}
	if !t.known {
		return nil, false
	}
	if t.zeek != nil {
		return t.zeekObject(line)
	}
	if t.w3c {
		return t.w3cObject(line)
	}
	return t.object(strings.TrimPrefix(line, byteOrder), t.sep, "")
}

// object is a line whose cells sep divides; those that are empty, or as none says, have no value.
func (t *Table) object(line string, sep byte, none string) (object []byte, ok bool) {
	t.buf = append(t.buf[:0], '{')
	if t.software != "" {
		t.buf = event.AppendString(append(t.buf, `"#Software":`...), t.software)
	}
	n := 0
	for rest, more := line, true; more; n++ {
		var text string
		if text, rest, more, ok = cell(rest, sep); !ok || n == len(t.names) {
			return nil, false
		}
		if text == "" || text == none {
			continue
		}
		if len(t.buf) > 1 {
			t.buf = append(t.buf, ',')
		}
		t.buf = append(event.AppendString(t.buf, t.names[n]), ':')
		t.buf = event.AppendString(t.buf, text)
	}
	return append(t.buf, '}'), n == len(t.names) && len(t.buf) > 1
}

// read reads the names of a header; false: it is none.
func (t *Table) read(header string) bool {
	header = strings.TrimPrefix(header, byteOrder)
	t.zeek, t.w3c, t.software = nil, false, ""
	switch {
	case len(header) > MaxHeader || !utf8.ValidString(header):
		return false
	case strings.HasPrefix(header, "#path\t"):
		return t.readZeek(header)
	case strings.HasPrefix(header, w3cFields), strings.HasPrefix(header, w3cSoftware):
		return t.readW3C(header)
	}
	t.sep = separator(header)
	t.names = t.names[:0]
	seen, again := map[string]bool{}, 0
	for rest, more := header, true; more; {
		var name string
		var ok bool
		name, rest, more, ok = cell(rest, t.sep)
		name = strings.TrimSuffix(strings.TrimSpace(name), " [UTC]") // as Azure's portal writes
		if !ok || !isName(name) || len(t.names) == maxNames {
			return false
		}
		if seen[name] {
			again++
			name += " 2"
		}
		if seen[name] {
			return false
		}
		seen[name] = true
		t.names = append(t.names, name)
	}
	return len(t.names) >= minNames && (again == 0 || again*20 <= len(t.names)) // Entra's sign-ins name one of 54 twice
}

// separator is the one that a header has most of.
func separator(header string) byte {
	best, most := byte(','), 0
	for _, sep := range []byte(",;\t|") {
		if n := strings.Count(header, string(sep)); n > most {
			best, most = sep, n
		}
	}
	return best
}

// isName says whether a cell may be the name of a column: a few words, or one in which others
// are joined, and no value.
func isName(s string) bool {
	if s == "" || len(s) > maxName || strings.Count(s, " ") > 6 {
		return false
	}
	if c := s[0] | 0x20; (c < 'a' || c > 'z') && s[0] != '_' && s[0] != '@' && s[0] != '$' {
		return false
	}
	for _, c := range s {
		if c < ' ' || strings.ContainsRune("=\"'<>{}\\,;|?!", c) {
			return false
		}
	}
	switch strings.ToLower(s) {
	case "true", "false", "null", "yes", "no":
		return false
	}
	return !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, ":") && !strings.Contains(s, ": ") && !strings.Contains(s, "://")
}

// cell reads one cell, quoted as in RFC 4180. ok is false where its quotes do not close.
func cell(line string, sep byte) (text, rest string, more, ok bool) {
	if line == "" || line[0] != '"' {
		text, rest, more = strings.Cut(line, string(sep))
		return text, rest, more, true
	}
	end := 1
	for {
		i := strings.IndexByte(line[end:], '"')
		if i < 0 {
			return "", "", false, false
		}
		if end += i + 1; end >= len(line) || line[end] != '"' {
			break
		}
		end++
	}
	text = strings.ReplaceAll(line[1:end-1], `""`, `"`)
	switch {
	case end == len(line):
		return text, "", false, true
	case line[end] == sep:
		return text, line[end+1:], true, true
	}
	return "", "", false, false
}
