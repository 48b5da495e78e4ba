package columns

import (
	"slices"
	"strings"
)

// w3cFields names the columns of a log in W3C's extended form, as proxies and web servers write it.
const w3cFields = "#Fields:"

// w3cStarts are how such a log begins.
var w3cStarts = []string{"#Software:", "#Version:", "#Date:", "#Start-Date:", "#Remark:", w3cFields}

// isW3C says whether a file begins so.
func isW3C(start string) bool {
	return slices.ContainsFunc(w3cStarts, func(s string) bool { return strings.HasPrefix(start, s) })
}

// w3cHeader is the line with the names, among the first ones. What Microsoft's servers and CloudFront
// write is known by its default columns: its lines need no names, which each of them would keep.
func w3cHeader(start string) (header string, known bool) {
	size := len(start)
	for {
		line, rest, whole := strings.Cut(start, "\n")
		line, start = strings.TrimRight(line, "\r"), rest
		switch {
		case !whole:
			return "", size >= MaxHeader
		case !strings.HasPrefix(line, "#"), strings.HasPrefix(line, "#Software: Microsoft"):
			return "", true
		case strings.HasPrefix(line, w3cFields):
			if new(Table).read(line) {
				return line, true
			}
			return "", true
		}
	}
}

// readW3C reads such a line.
func (t *Table) readW3C(header string) bool {
	text := strings.TrimPrefix(header, w3cFields)
	if t.names, t.sep = strings.Fields(text), ' '; len(t.names) == 1 {
		t.names, t.sep = strings.Split(t.names[0], ","), ','
	}
	t.w3c = true
	seen := map[string]bool{}
	for _, name := range t.names {
		if name == "" || len(name) > maxName || seen[name] || name == "x-edge-location" {
			return false
		}
		seen[name] = true
	}
	return len(t.names) >= minNames && len(t.names) <= maxNames
}

// w3cObject is a line as an object: cells stand between blanks, with quotes around those that hold
// some, or between tabs, whatever is between the names; "-" is no value.
func (t *Table) w3cObject(line string) (object []byte, ok bool) {
	if strings.HasPrefix(line, "#") {
		return nil, false
	}
	sep := t.sep
	if sep == ' ' && strings.IndexByte(line, '\t') >= 0 {
		sep = '\t'
	}
	return t.object(line, sep, "-")
}
