package normalize

import (
	"errors"
	"strings"

	"sluice/internal/strictyaml"
	"sluice/normalize/pattern"
)

// minLetters is how many letters a pattern has at least that need not fit and still tells a
// known text: what cuts a line into its parts has punctuation, or a word like by.
const minLetters = 4

// patternStep reads the message with the first pattern that fits.
type patternStep struct {
	set      *pattern.Set
	targets  [][]target // by pattern, by slot
	whole    []bool     // by pattern: it is one value and nothing else
	tells    []bool     // by pattern: what it fits is no text of just anybody
	optional bool
	at       string // file:line:col
}

func (s *patternStep) apply(r *run) bool {
	read := r.text
	caps, which, far := s.set.Match(read, r.caps[:0])
	for i := 0; which < 0 && i < len(r.more); i++ { // of a list, the first that fits
		read = r.more[i]
		caps, which, _ = s.set.Match(read, caps[:0])
	}
	r.caps = caps
	if which < 0 {
		if !s.optional {
			r.miss(s.at, "no pattern fits", far)
		}
		return s.optional
	}
	if r.tracing {
		r.trace(read, s.set.Skipped(which, read))
	}
	ok := true
	r.told = r.told || s.tells[which]
	targets := s.targets[which]
	for _, c := range caps {
		t := &targets[c.Slot]
		text := read[c.Start:c.End]
		if text[len(text)-1] == ' ' { // a capture is never empty
			text = strings.TrimRight(text, " ")
		}
		switch {
		case text == "":
		case t.kind == vPlain && r.ev.SetText(t.field, text): // most are
		case !t.put(r, text) && !s.otherForm(r, which, text):
			r.bad(s.at, t.name, text)
			ok = false
		}
	}
	return ok
}

// otherForm puts a value that the field of pattern which cannot hold by the next pattern that is one value, too:
// of several forms of a date, each fits any text.
func (s *patternStep) otherForm(r *run, which int, text string) bool {
	for i := which + 1; s.whole[which] && i < len(s.targets); i++ {
		if s.whole[i] && s.targets[i][0].put(r, text) {
			return true
		}
	}
	return false
}

// pattern reads pattern: TEXT or a list of them; the first that fits is taken.
func (l *loader) pattern(n *strictyaml.Node) step { return l.patterns(n, false) }

// maybe is a pattern whose miss is no fault.
func (l *loader) maybe(n *strictyaml.Node) step { return l.patterns(n, true) }

func (l *loader) patterns(n *strictyaml.Node, optional bool) step {
	s := &patternStep{optional: optional, at: l.place(n)}
	var pats []*pattern.Pattern
	for _, w := range l.Words(n) {
		p := l.compilePattern(w)
		if p == nil {
			continue
		}
		l.body.patterns++
		var ts []target
		for _, c := range p.Captures {
			name := c.Name
			if c.Type != "" {
				name += ":" + c.Type
			}
			ts = append(ts, l.textTarget(w, name))
		}
		s.whole = append(s.whole, len(ts) == 1 && strings.LastIndexByte(w.Value, '{') == 0 && strings.HasSuffix(w.Value, "}"))
		pats, s.targets, s.tells = append(pats, p), append(s.targets, ts), append(s.tells, p.Letters() >= minLetters || !optional && p.Demands())
	}
	s.set = pattern.NewSet(pats)
	return s
}

// compilePattern compiles a pattern of the pack, or is nil, and the fault is noted.
func (l *loader) compilePattern(n *strictyaml.Node) *pattern.Pattern {
	p, err := pattern.Compile(n.Value, pattern.Options{Shapes: l.shapes, Scan: l.scan})
	var wrong *pattern.Error
	switch {
	case errors.As(err, &wrong):
		hint := ""
		if wrong.Type != "" {
			hint = l.typeLike(wrong.Type)
		}
		l.FailAt(n.Line, n.Column+wrong.Offset, "pattern: %v%s", wrong, hint)
	case err != nil:
		l.Fail(n, "pattern: %v", err)
	}
	return p
}

// typeLike asks whether a type or a table of a like name was meant.
func (l *loader) typeLike(name string) string {
	return strictyaml.DidYouMean(name, append(sortedKeys(types), sortedKeys(l.tables)...))
}

func (l *loader) scan(typ string) (pattern.Scan, bool) {
	if t, ok := types[typ]; ok {
		return t.scan, true
	}
	_, ok := l.tables[typ]
	ok = ok || strings.HasPrefix(typ, "date(") || strings.HasPrefix(typ, "list(")
	return pattern.Text, ok
}
