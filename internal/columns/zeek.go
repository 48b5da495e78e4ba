package columns

import (
	"strings"

	"sluice/event"
)

// zeekStart is how a log of Zeek's with tabs begins. Its columns are named some lines below.
const zeekStart = `#separator \x09`

// zeek is what the head of a log of Zeek's says beside the names: which log it is, and of which
// type each column is.
type zeek struct {
	path  string
	types []string
}

// zeekHeader makes one line of the three that matter: "#path conn #fields ts uid ... #types time
// string ...", with tabs.
func zeekHeader(start string) (header string, known bool) {
	size, kept := len(start), make([]string, 0, 3)
	for {
		line, rest, whole := strings.Cut(start, "\n")
		line, start = strings.TrimRight(line, "\r"), rest
		switch {
		case !whole:
			return "", size >= MaxHeader
		case !strings.HasPrefix(line, "#"):
			return "", true
		case strings.HasPrefix(line, "#path\t"), strings.HasPrefix(line, "#fields\t"):
			kept = append(kept, line)
		case strings.HasPrefix(line, "#types\t"):
			header = strings.Join(append(kept, line), "\t")
			if new(Table).read(header) {
				return header, true
			}
			return "", true
		}
	}
}

// readZeek reads what zeekHeader made.
func (t *Table) readZeek(header string) bool {
	head, types, ok1 := strings.Cut(header, "\t#types\t")
	path, names, ok2 := strings.Cut(head, "\t#fields\t")
	t.sep = '\t'
	t.names = strings.Split(names, "\t")
	t.zeek = &zeek{path: strings.TrimPrefix(path, "#path\t"), types: strings.Split(types, "\t")}
	return ok1 && ok2 && len(t.names) == len(t.zeek.types) && len(t.names) <= maxNames
}

// zeekObject is a line as the object that Zeek itself writes as JSON: "-" is no value, and lists,
// numbers and truths are such.
func (t *Table) zeekObject(line string) (object []byte, ok bool) {
	if strings.HasPrefix(line, "#") {
		return nil, false // #close
	}
	t.buf = append(t.buf[:0], `{"_path":`...)
	t.buf = event.AppendString(t.buf, t.zeek.path)
	n := 0
	for rest, more := line, true; more; n++ {
		var text string
		if text, rest, more = strings.Cut(rest, "\t"); n == len(t.names) {
			return nil, false
		}
		if text == "-" || text == "(empty)" || text == "" {
			continue
		}
		t.buf = append(event.AppendString(append(t.buf, ','), t.names[n]), ':')
		t.buf = zeekValue(t.buf, text, t.zeek.types[n])
	}
	return append(t.buf, '}'), n == len(t.names)
}

// zeekValue appends a value of one of Zeek's types, such as set[string]. What a list holds is no
// list: Zeek writes none, and a header of brackets alone would make much of a short line.
func zeekValue(to []byte, text, kind string) []byte {
	if _, of, ok := strings.Cut(strings.TrimSuffix(kind, "]"), "["); ok {
		to = append(to, '[')
		for rest, more := text, true; more; {
			if text, rest, more = strings.Cut(rest, ","); text == "-" {
				text = ""
			}
			if to = zeekPlain(to, text, of); more {
				to = append(to, ',')
			}
		}
		return append(to, ']')
	}
	return zeekPlain(to, text, kind)
}

func zeekPlain(to []byte, text, kind string) []byte {
	switch kind {
	case "bool":
		if text == "T" {
			return append(to, "true"...)
		}
		return append(to, "false"...)
	case "time", "interval", "double", "count", "int", "port":
		if isNumber(text) {
			return append(to, text...)
		}
	}
	return event.AppendString(to, text)
}

// isNumber says whether a text is a number as JSON writes them, without an exponent.
func isNumber(s string) bool {
	whole, part, point := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	return digits(whole) && (len(whole) == 1 || whole[0] != '0') && (!point || digits(part))
}
