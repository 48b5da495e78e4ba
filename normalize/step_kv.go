package normalize

import (
	"encoding/binary"
	"math/bits"
	"strings"
	"unsafe"

	"sluice/internal/strictyaml"
)

// kvStep reads key=value pairs:
//
//	kv: {pair: " ", value: "=", quote: '"', empty: ["-"], map: {src: source:addr, junk: _}}
//
// Keys that the pack does not name go under sluice.vendor.
type kvStep struct {
	keys   keys[[]target]
	pair   string // between pairs
	value  string // between key and value
	quote  byte   // around values that hold the separator
	empty  voids
	blanks bool // bare values may hold spaces
	at     string
}

// maxPairs bounds the work on a hostile line.
const maxPairs = 1000

func (s *kvStep) apply(r *run) bool {
	text, ok := r.text, true
	escapes := strings.IndexByte(text, '\\') >= 0
	for range maxPairs {
		if len(text) > 0 && text[0] == s.pair[0] {
			text = strings.TrimPrefix(text, s.pair)
		}
		key, eq := s.readKey(text)
		if eq < 0 {
			break
		}
		eq += len(s.value)
		if s.value != "=" && strings.HasPrefix(text[eq:], s.value) && strings.HasPrefix(text[eq+len(s.value):], string(s.quote)) {
			eq += len(s.value) // key::"value", as Check Point writes some
		}
		val, n := s.readValue(text[eq:])
		if s.blanks {
			val, n = s.widened(text[eq:], val, n)
		}
		text = text[eq+n:]
		if len(val) > 0 && val[0] == ' ' {
			val = strings.TrimLeft(val, " ")
		}
		if s.empty.has(val) {
			continue
		}
		if escapes && strings.Contains(val, `\"`) {
			val = r.ev.Own([]byte(strings.ReplaceAll(val, `\"`, `"`)))
		}
		targets := s.keys.get(key)
		if targets == nil {
			r.vendor(key, val)
			continue
		}
		r.told = true
		ok = r.putAll(*targets, val, s.at) && ok
	}
	return ok
}

// readKey reads a key up to the value separator, without the words in front that belong
// to none; eq is where the separator stands, -1 where there is none.
func (s *kvStep) readKey(text string) (key string, eq int) {
	if len(s.pair) == 1 && len(s.value) == 1 { // the usual case
		from := 0
		if from, eq = lastBefore(text, s.pair[0], s.value[0]); eq < 0 {
			return "", -1
		}
		key = text[from:eq]
	} else {
		if eq = strings.Index(text, s.value); eq < 0 {
			return "", -1
		}
		key = text[:eq]
		if i := strings.LastIndex(key, s.pair); i >= 0 {
			key = key[i+len(s.pair):]
		}
	}
	if n := len(key); n > 0 && (beside(key[0]) || beside(key[n-1])) {
		key = strings.Trim(key, ` ,"`)
	}
	return key, eq
}

// lastBefore is where the first stop stands in s, and what is behind the last mark before
// it; stop is -1 where there is none. It looks at eight bytes at once: most keys have
// fewer.
func lastBefore(s string, mark, stop byte) (behind, end int) {
	b := unsafe.Slice(unsafe.StringData(s), len(s))
	i := 0
	for ; i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		stops, marks := equal(w, stop), equal(w, mark)
		if stops != 0 {
			marks &= stops&-stops - 1
		}
		if marks != 0 {
			behind = i + (71-bits.LeadingZeros64(marks))>>3
		}
		if stops != 0 {
			return behind, i + bits.TrailingZeros64(stops)>>3
		}
	}
	for ; i < len(b); i++ {
		switch b[i] {
		case stop:
			return behind, i
		case mark:
			behind = i + 1
		}
	}
	return behind, -1
}

// equal has the highest bit set of each byte of w that is c.
func equal(w uint64, c byte) uint64 {
	const ones, low = 0x0101010101010101, 0x7f7f7f7f7f7f7f7f
	w ^= ones * uint64(c)
	return ^((w&low + low) | w | low)
}

// beside are bytes that some devices write around a key.
func beside(c byte) bool { return c == ' ' || c == ',' || c == '"' }

// readValue reads a bare or quoted value; n is what it took of the text.
func (s *kvStep) readValue(text string) (val string, n int) {
	if text == "" || text[0] != s.quote {
		if len(text) > 1 && text[0] == '\\' && text[1] == s.quote {
			if val, n = s.escaped(text); n > 0 {
				return val, n
			}
		}
		end := index(text, s.pair)
		for end > 0 && s.joins(text[end:]) && !s.begins(text[end+len(s.pair):]) && !allDigits(text[:end]) && !isAddress(text[:end]) {
			next := strings.Index(text[end+len(s.pair):], s.pair)
			if next < 0 {
				end = -1
				break
			}
			end += len(s.pair) + next
		}
		if end < 0 {
			return strings.TrimRight(text, "\r\n"), len(text)
		}
		return text[:end], end
	}
	first := 0 // the first quote that could close the value
	for i := 1; i < len(text); i++ {
		j := strings.IndexByte(text[i:], s.quote)
		if j < 0 {
			break
		}
		i += j
		if text[i-1] == '\\' && (i == 1 || text[i-2] != '\\') {
			continue
		}
		if i > 1 && i+1 < len(text) && text[i+1] == s.quote && (first == 0 || !s.closes(text[i+2:])) { // written twice, as in CSV
			i++
			continue
		}
		if i > 1 && i+1 < len(text) && text[i+1] == s.quote { // the last word of the value is in quotes
			i++
		}
		if first > 0 && strings.HasSuffix(text[:i], s.value) {
			break // the value of another key
		}
		if s.closes(text[i+1:]) {
			return text[1:i], i + 1
		}
		if first == 0 {
			first = i
		}
	}
	if first > 0 {
		return text[1:first], first + 1
	}
	return text[1:], len(text) // a quote that never closes takes the rest
}

// escaped reads a value of a text that was put in quotes as a whole, or made a text of JSON, so that
// its own quotes have backslashes: user=\"ann\". n is 0 where none closes.
func (s *kvStep) escaped(text string) (val string, n int) {
	end := strings.Index(text[2:], text[:2])
	if end < 0 {
		return "", 0
	}
	return text[2 : 2+end], end + 4
}

// joins says whether what follows the separator at the start of text may belong to the value
// before it. Behind a lone comma, only what a blank stands before: "Staff, all,next=1"; others
// separate columns without keys by it.
func (s *kvStep) joins(text string) bool {
	return len(s.pair) > 1 || s.pair == "|" || s.pair == "," && strings.HasPrefix(text[1:], " ")
}

// begins says whether a pair, or nothing, is at the start of text. What is none, as in
// "Rule: Allow web, mail, Client: x", belongs to the value before, unless that is complete: a number or an address.
func (s *kvStep) begins(text string) bool {
	end := strings.Index(text, s.pair)
	if end < 0 {
		end = len(text)
	}
	return strings.Contains(text[:end], strings.TrimRight(s.value, " ")) || strings.Trim(text[:end], " \r\n") == ""
}

// closes says whether a quote in front of text ends its value. One that is part of the value,
// as in msg="no "b" here" user=ann, has more of it behind.
func (s *kvStep) closes(text string) bool {
	if s.pair != " " || len(s.value) != 1 {
		return true
	}
	if text == "" || text[0] != ' ' && text[0]|0x20-'a' > 'z'-'a' {
		return true
	}
	for i := range len(text) {
		switch c := text[i]; {
		case c == s.value[0]:
			return true
		case c == ' ' && (i == 0 || text[i-1] == ' '):
		case c <= ' ' || c == s.quote:
			return false
		}
	}
	return false
}

func allDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// index is strings.Index, faster for the usual separator of one byte.
func index(s, sep string) int {
	if len(sep) == 1 {
		return strings.IndexByte(s, sep[0])
	}
	return strings.Index(s, sep)
}

func (l *loader) kv(n *strictyaml.Node) step {
	s := &kvStep{pair: " ", value: "=", quote: '"', at: l.place(n)}
	l.Pairs(n, func(key string, k, v *strictyaml.Node) {
		switch key {
		case "pair":
			s.pair = l.separator(v)
		case "value":
			s.value = l.separator(v)
		case "quote":
			s.quote = l.oneByte(v)
		case "empty":
			s.empty = newVoids(strictyaml.Texts(l.Words(v)))
		case "blanks":
			s.blanks = l.flag(v)
		case "map":
			l.Pairs(v, func(name string, _, v *strictyaml.Node) { s.keys.set(name, l.targets(v, false)) })
		default:
			l.Fail(k, "kv knows pair, value, quote, empty, blanks and map, not %s", key)
		}
	})
	return s
}

func (l *loader) separator(n *strictyaml.Node) string {
	if n.Value == "" {
		l.Fail(n, "a separator is not empty")
		return " "
	}
	return n.Value
}

func (l *loader) oneByte(n *strictyaml.Node) byte {
	if len(n.Value) != 1 {
		l.Fail(n, "one character is wanted")
		return ' '
	}
	return n.Value[0]
}
