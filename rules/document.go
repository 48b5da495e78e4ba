package rules

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"sluice/event"
)

// document is one JSON document by dotted names; the values are encoded already.
type document map[string]string

func (d document) text(name, s string) { d[name] = string(event.AppendString(nil, s)) }

func (d document) int(name string, n int64) { d[name] = strconv.FormatInt(n, 10) }

func (d document) date(name string, t time.Time) {
	d[name] = t.UTC().Format(`"2006-01-02T15:04:05.000Z"`)
}

// texts sets a list; an empty one is no value.
func (d document) texts(name string, s []string) {
	if len(s) > 0 {
		d[name] = list(s)
	}
}

// list is a JSON list of texts.
func list(texts []string) string {
	b := []byte{'['}
	for i, s := range texts {
		if i > 0 {
			b = append(b, ',')
		}
		b = event.AppendString(b, s)
	}
	return string(append(b, ']'))
}

// appendJSON appends the document with its objects nested, names in order.
func (d document) appendJSON(dst []byte) []byte {
	type field struct {
		path  []string
		value string
	}
	fields := make([]field, 0, len(d))
	for name, v := range d {
		fields = append(fields, field{strings.Split(name, "."), v})
	}
	slices.SortFunc(fields, func(a, b field) int { return slices.Compare(a.path, b.path) })
	dst = append(dst, '{')
	var open []string
	for i, f := range fields {
		up := f.path[:len(f.path)-1]
		same := 0
		for same < min(len(open), len(up)) && open[same] == up[same] {
			same++
		}
		for range len(open) - same {
			dst = append(dst, '}')
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		for _, name := range up[same:] {
			dst = append(event.AppendString(dst, name), ':', '{')
		}
		open = up
		dst = append(event.AppendString(dst, f.path[len(f.path)-1]), ':')
		dst = append(dst, f.value...)
	}
	for range open {
		dst = append(dst, '}')
	}
	return append(dst, '}')
}
