package normalize

import (
	"encoding/binary"
	"math/bits"
	"strings"
	"unsafe"

	"sluice/internal/strictyaml"
)

// csvStep reads fields by position; quotes as in RFC 4180.
type csvStep struct {
	columns []column // that somebody wants
	sep     byte
	empty   voids
	at      string
}

type column struct {
	skip    int // unwanted ones in front of it
	targets []target
}

func (s *csvStep) apply(r *run) bool {
	text, ok := r.text, true
	for i := range s.columns {
		c := &s.columns[i]
		if text = s.skip(text, c.skip); text == "" {
			break
		}
		var val string
		if text[0] == '"' {
			if val, text = s.quoted(text); strings.Contains(val, `""`) {
				val = r.ev.Own([]byte(strings.ReplaceAll(val, `""`, `"`)))
			}
		} else if i := strings.IndexByte(text, s.sep); i >= 0 {
			val, text = text[:i], text[i+1:]
		} else {
			val, text = text, ""
		}
		if s.empty.has(val) {
			continue
		}
		r.told = true
		ok = r.putAll(c.targets, val, s.at) && ok
	}
	return ok
}

// quoted reads a column that begins with a quote, up to its separator; doubled quotes in
// it stay doubled.
func (s *csvStep) quoted(text string) (val, rest string) {
	end := 1
	for end < len(text) && (text[end] != '"' || end+1 < len(text) && text[end+1] == '"') {
		if text[end] == '"' {
			end++
		}
		end++
	}
	val, rest = text[1:min(end, len(text))], text[min(end+1, len(text)):]
	if i := strings.IndexByte(rest, s.sep); i >= 0 {
		return val, rest[i+1:]
	}
	return val, ""
}

// skip is the text behind n columns. Devices write dozens in a row that nobody wants, most
// of them a byte or none: separators are counted in eight bytes at once where no quote is.
func (s *csvStep) skip(text string, n int) string {
	for n > 0 && text != "" {
		i := 0
		for ; i+8 <= len(text); i += 8 {
			w := binary.LittleEndian.Uint64(unsafe.Slice(unsafe.StringData(text[i:]), 8))
			if equal(w, '"') != 0 {
				break
			}
			seps := equal(w, s.sep)
			if found := bits.OnesCount64(seps); found < n {
				n -= found
				continue
			}
			for ; n > 1; n-- {
				seps &= seps - 1
			}
			return text[i+bits.TrailingZeros64(seps)>>3+1:]
		}
		if text[i:] != "" && text[i] == '"' && (i == 0 || text[i-1] == s.sep) {
			_, text = s.quoted(text[i:])
		} else if end := strings.IndexByte(text[i:], s.sep); end >= 0 {
			text = text[i+end+1:]
		} else {
			return ""
		}
		n--
	}
	return text
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
			if v.Kind != strictyaml.Sequence {
				l.Fail(v, "columns is a list, in the order in which they stand")
			}
			skip := 0
			for _, c := range v.Content {
				if targets := l.targets(c, false); len(targets) > 0 {
					s.columns = append(s.columns, column{skip, targets})
					skip = 0
				} else {
					skip++
				}
			}
		default:
			l.Fail(k, "csv knows sep, empty and columns, not %s", key)
		}
	})
	if len(s.columns) == 0 {
		l.Fail(n, "csv needs columns: the fields that they go to, with _ for those that nobody wants")
	}
	return s
}
