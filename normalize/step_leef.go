package normalize

import (
	"iter"
	"strconv"
	"strings"

	"sluice/internal/strictyaml"
)

// leefStep reads IBM QRadar's LEEF 1.0 and 2.0: four header parts (2.0: and the
// delimiter), then key=value pairs divided by it, a tab unless said otherwise. Keys
// that the pack does not name go under sluice.vendor.
type leefStep struct {
	header [4][]target // vendor product version id
	keys   keys[[]target]
	at     string
}

var leefHeader = [4]string{"vendor", "product", "version", "id"}

func (s *leefStep) apply(r *run) bool {
	text := r.text
	if i := strings.Index(text, "LEEF:"); i >= 0 {
		text = text[i+5:]
	} else if !strings.HasPrefix(text, "1.0|") && !strings.HasPrefix(text, "2.0|") { // some relays take LEEF: for a program
		r.miss(s.at, "no LEEF header", 0)
		return false
	}
	r.told = true
	header, text, sep, missing := leefHead(text)
	ok := true
	for part, value := range header {
		if part < len(header)-missing {
			ok = s.put(r, s.header[part], value) && ok
		}
	}
	if missing > 0 {
		r.miss(s.at, "the LEEF header ends early", len(r.text)-len(text))
		return false
	}
	return s.pairs(r, text, sep) && ok
}

// leefHead reads what stands before the pairs, and by what these are divided; missing
// are the parts that are not there.
func leefHead(text string) (header [4]string, rest, sep string, missing int) {
	format, text, _ := strings.Cut(text, "|")
	for part := range header {
		value, rest, more := strings.Cut(text, "|")
		if !more {
			return header, text, "", len(header) - part
		}
		header[part], text = value, rest
	}
	sep = "\t"
	if strings.HasPrefix(strings.TrimLeft(format, " "), "2") {
		if d, rest, more := strings.Cut(text, "|"); more && len(d) <= 6 && strings.IndexByte(d, '=') < 0 {
			text = rest
			if d != "" {
				sep = leefDelimiter(d, text)
			}
		}
	}
	if !strings.Contains(text, sep) && strings.IndexByte(text, '=') > 0 { // it says one and writes another, or has one pair
		sep = "\t"
	}
	if strings.IndexByte(text, '\t') < 0 && sep == "\t" {
		sep = leefGuess(text)
	}
	return header, text, sep, 0
}

// leefDelimiter reads a delimiter: itself, or its code as x5E or 0x5E. What is beyond
// ASCII stands in the text as UTF-8 or as a byte.
func leefDelimiter(d, text string) string {
	if d == `\t` {
		return "\t"
	}
	hex := strings.TrimLeft(strings.TrimPrefix(d, "0"), "xX")
	if len(hex) < len(d) && len(d) > 1 {
		if n, err := strconv.ParseUint(hex, 16, 16); err == nil {
			if r := string(rune(n)); n < 0x80 || n > 0xff || strings.Contains(text, r) {
				return r
			}
			return string([]byte{byte(n)})
		}
	}
	return d
}

// leefGuess finds the delimiter of a sender, or a relay, that writes no tabs.
func leefGuess(text string) string {
	for _, sep := range []string{"^", "#011", "\\t", "|"} {
		if strings.Count(text, sep) >= 2 {
			return sep
		}
	}
	if i := strings.IndexAny(text, ";,"); i > 0 && divides(text, text[i:i+1]) {
		return text[i : i+1]
	}
	if strings.Count(text, "=") > 2 {
		return " " // of each tab it made a blank
	}
	return "\t"
}

// divides says whether a mark stands between pairs: more than one, and a key of its own behind each but in values.
func divides(text, sep string) bool {
	pairs, all := 0, 0
	for part := range strings.SplitSeq(text, sep) {
		key, _, has := strings.Cut(part, "=")
		if all++; has && isKey(strings.TrimLeft(key, " ")) {
			pairs++
		}
	}
	return pairs > 2 && pairs*4 >= all*3
}

func (s *leefStep) pairs(r *run, text, sep string) bool {
	ok := true
	for key, value := range leefPairs(text, sep) {
		if ts := s.keys.get(key); ts != nil {
			ok = s.put(r, *ts, value) && ok
		} else {
			r.vendor(key, value)
		}
	}
	return ok
}

// leefPairs are the pairs that sep divides, maxPairs at most, without those that name nobody.
func leefPairs(text, sep string) iter.Seq2[string, string] {
	return func(yield func(key, value string) bool) {
		rest := text
		for range maxPairs {
			var key, value string
			if key, value, rest = leefPair(rest, sep); rest == "" && key == "" {
				return
			}
			if key != "" && !nobody(key, value) && !yield(key, value) {
				return
			}
		}
	}
}

// leefPair reads one pair; what is none has no key.
func leefPair(text, sep string) (key, value, rest string) {
	if sep == " " { // values with spaces are not quoted: the next key ends one, as in CEF
		return nextPair(text)
	}
	pair, rest, _ := strings.Cut(text, sep)
	key, value, has := strings.Cut(pair, "=")
	if !has {
		return "", "", rest
	}
	if value = strings.TrimSpace(value); strings.Contains(value, `\=`) { // as CEF has it
		value = strings.ReplaceAll(value, `\=`, "=")
	}
	return strings.TrimSpace(key), value, rest
}

func (s *leefStep) put(r *run, targets []target, text string) bool {
	return text == "" || r.putAll(targets, text, s.at)
}

func (l *loader) leef(n *strictyaml.Node) step {
	s := &leefStep{at: l.place(n)}
	l.Pairs(n, func(key string, k, v *strictyaml.Node) {
		if key == "map" {
			l.Pairs(v, func(name string, _, v *strictyaml.Node) { s.keys.set(name, l.targets(v, false)) })
			return
		}
		for i, h := range leefHeader {
			if h == key {
				s.header[i] = l.targets(v, false)
				return
			}
		}
		l.Fail(k, "leef knows map and %s, not %s", strings.Join(leefHeader[:], ", "), key)
	})
	return s
}
