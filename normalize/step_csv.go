package normalize

import (
	"strings"

	"sluice/internal/strictyaml"
)

// csvStep reads fields by position; quotes as in RFC 4180.
type csvStep struct {
	columns [][]target
	sep     byte
	empty   voids
	at      string
}

func (s *csvStep) apply(r *run) bool {
	text, ok := r.text, true
	for _, targets := range s.columns {
		if text == "" {
			break
		}
		var val string
		if text[0] == '"' {
			end := 1
			for end < len(text) && (text[end] != '"' || end+1 < len(text) && text[end+1] == '"') {
				if text[end] == '"' {
					end++
				}
				end++
			}
			val = text[1:min(end, len(text))]
			if strings.Contains(val, `""`) {
				val = r.ev.Own([]byte(strings.ReplaceAll(val, `""`, `"`)))
			}
			text = text[min(end+1, len(text)):]
			if i := strings.IndexByte(text, s.sep); i >= 0 {
				text = text[i+1:]
			} else {
				text = ""
			}
		} else if i := strings.IndexByte(text, s.sep); i >= 0 {
			val, text = text[:i], text[i+1:]
		} else {
			val, text = text, ""
		}
		if val == "" || len(targets) == 0 || s.empty.has(val) {
			continue
		}
		ok = r.putAll(targets, val, s.at) && ok
	}
	return ok
}

func (l *loader) csv(n *strictyaml.Node) step {
	s := &csvStep{sep: ',', at: l.place(n)}
	l.Pairs(n, func(key string, k, v *strictyaml.Node) {
		switch key {
		case "sep":
			s.sep = l.oneByte(v)
		case "empty":
			s.empty = newVoids(strictyaml.Texts(l.Words(v)))
		case "columns":
			for _, c := range v.Content {
				s.columns = append(s.columns, l.targets(c, false))
			}
		default:
			l.Fail(k, "csv knows sep, empty and columns, not %s", key)
		}
	})
	return s
}
