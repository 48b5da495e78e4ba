package normalize

import (
	"strings"

	"sluice/internal/strictyaml"
)

// labelsStep reads labels and values of a text that was written for people, with its
// line ends or without:
//
//	labels: {under: acme, map: {Account Name: user, Subject/Account Name: subject}}
//
// A value ends where the next known label begins. A name before the slash is the
// heading that the label stands under. Values are kept under sluice.vendor below under.
type labelsStep struct {
	under    string
	headings map[string]bool
	labels   map[string]string // by label, or heading/label
	known    map[string]bool   // labels and headings
	longest  int
}

func (s *labelsStep) apply(r *run) bool {
	text := r.text
	heading, last, name, begin := "", "", "", 0
	done := func(end int) {
		v := trimValue(text[begin:end])
		switch {
		case v == "" && s.headings[last]: // some words are a label here and a heading there
			heading = last
		case name != "" && v != "":
			r.ev.SetVendor(name, v)
		}
	}
	for i, n := 0, 0; n < maxPairs; n++ {
		colon := strings.IndexByte(text[i:], ':')
		if colon < 0 {
			break
		}
		i += colon
		if at := s.before(text[:i], begin); at >= 0 {
			done(at)
			label := strings.TrimRight(text[at:i], " ")
			name = ""
			if to, ok := s.labels[heading+"/"+label]; ok {
				name = to
			} else if to, ok := s.labels[label]; ok {
				name = to
			}
			last, begin = label, i+1
		} else if h := headingAt(text, i); h != "" {
			heading = h
		}
		i++
	}
	done(len(text))
	return true
}

// headingAt gives the heading that ends at the colon at i and that nobody named: it stands alone
// on a line that is not indented, as the labels below it are.
func headingAt(text string, i int) string {
	from := strings.LastIndexByte(text[:i], '\n') + 1
	line, rest, ok := strings.Cut(text[from:], "\n")
	if !ok || from == 0 || strings.TrimSpace(line[i-from+1:]) != "" || strings.TrimLeft(rest, " \t") == rest {
		return ""
	}
	if h := strings.TrimRight(text[from:i], " "); h != "" && h[0] != ' ' && h[0] != '\t' {
		return h
	}
	return ""
}

// before finds the longest known label that ends text, behind from.
func (s *labelsStep) before(text string, from int) int {
	end := len(strings.TrimRight(text, " "))
	for at := max(from, end-s.longest); at < end; at++ {
		if at > from && !isGap(text, at) {
			continue
		}
		if s.known[text[at:end]] {
			return at
		}
	}
	return -1
}

// isGap says whether a word may begin at byte i.
func isGap(text string, i int) bool {
	switch text[i-1] {
	case ' ', '\t', '\n', '\r':
		return true
	}
	return i >= 4 && text[i-4] == '#' && text[i-3] == '0' // an escaped control byte: #011
}

// trimValue takes white space off, also where syslog daemons have escaped it, and what stands
// behind a blank line.
func trimValue(v string) string {
	for {
		n := len(v)
		v = strings.TrimSpace(v)
		for _, c := range [...]string{"#011", "#012", "#015"} {
			v = strings.TrimPrefix(strings.TrimSuffix(v, c), c)
		}
		if len(v) == n {
			break
		}
	}
	for _, blank := range [...]string{"\r\n\r\n", "\n\n"} { // prose follows
		if i := strings.Index(v, blank); i > 0 {
			v = v[:i]
		}
	}
	for i := strings.IndexByte(v, '\n'); i >= 0; {
		if labelFollows(v[i+1:]) {
			return strings.TrimSpace(v[:i])
		}
		next := strings.IndexByte(v[i+1:], '\n')
		if next < 0 {
			break
		}
		i += 1 + next
	}
	return v
}

// labelFollows says whether a line begins with a label that nobody named: "  Key Length:\t128".
func labelFollows(line string) bool {
	line = strings.TrimLeft(line, " \t")
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == ':':
			return i > 1 && (i+1 == len(line) || line[i+1] == ' ' || line[i+1] == '\t' || line[i+1] == '\r' || line[i+1] == '\n')
		case c-'A' < 26, i > 0 && (c-'a' < 26 || c == ' ' || c == '(' || c == ')' || c == '-'):
		default:
			return false
		}
	}
	return false
}

func (l *loader) labelled(n *strictyaml.Node) step {
	s := &labelsStep{headings: map[string]bool{}, labels: map[string]string{}, known: map[string]bool{}}
	l.Pairs(n, func(key string, k, v *strictyaml.Node) {
		switch key {
		case "under":
			s.under = strings.TrimSuffix(v.Value, ".") + "."
		case "map":
			l.Pairs(v, func(label string, _, v *strictyaml.Node) {
				s.labels[label] = v.Value
				if heading, rest, ok := strings.Cut(label, "/"); ok && rest != "" {
					s.headings[heading], s.known[heading] = true, true
					label = rest
				}
				s.known[label] = true
			})
		case "headings":
			for _, w := range l.Words(v) {
				s.headings[w.Value], s.known[w.Value] = true, true
			}
		default:
			l.Fail(k, "labels knows under, headings and map, not %s", key)
		}
	})
	for label, to := range s.labels {
		s.labels[label] = s.under + to
	}
	for label := range s.known {
		s.longest = max(s.longest, len(label))
	}
	return s
}
