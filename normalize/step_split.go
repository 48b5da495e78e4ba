package normalize

import (
	"regexp"
	"regexp/syntax"
	"strings"

	"sluice/event"
	"sluice/internal/dfa"
	"sluice/internal/strictyaml"
)

// splitStep makes a list out of one text, each element by the target's type:
//
//	split: {"dns.resolved_ip:ips": {from: _answers, by: ","}}
type splitStep struct {
	to   target
	from event.Field
	by   string
}

func (s *splitStep) apply(r *run) bool {
	if !r.ev.Has(s.from) {
		return true
	}
	ok, n := true, 0
	for part := range strings.SplitSeq(r.ev.Text(s.from), s.by) {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		if n++; n > maxPairs {
			break
		}
		if s.to.kind == vPlain {
			ok = r.ev.Add(s.to.field, part) && ok
		} else {
			ok = s.to.put(r, part) && ok
		}
	}
	return ok
}

func (l *loader) split(n *strictyaml.Node) []step {
	var out []step
	l.Pairs(n, func(name string, k, v *strictyaml.Node) {
		s := &splitStep{to: l.textTarget(k, name)}
		l.Pairs(v, func(key string, k, v *strictyaml.Node) {
			switch key {
			case "from":
				s.from = l.field(v, v.Value)
			case "by":
				s.by = v.Value
			default:
				l.Fail(k, "split knows from and by, not %s", key)
			}
		})
		if s.by == "" || s.from == event.None {
			l.Fail(k, "split needs from and by")
			return
		}
		out = append(out, s)
	})
	return out
}

// replaceStep changes the text of a field in place:
//
//	replace: {_msg: {from: "\\t", to: " "}, user.name: {re: "^CN=([^,]+),.*", to: "$1"}}
type replaceStep struct {
	field    event.Field
	from, to string
	re       *regexp.Regexp
	fits     *dfa.Matcher // of re
	anchored bool         // it begins where the text begins
}

// maxExpression is how long a text may be for a regular expression to look through it:
// that costs a tenth of a microsecond a byte and more, and packs ask several.
const maxExpression = 16 << 10

// maxCondition is how much of a text a regular expression of a condition reads: a pack may
// ask several lists of words of one message, and what they tell stands early.
const maxCondition = 4 << 10

func (s *replaceStep) apply(r *run) bool {
	if !r.ev.Has(s.field) {
		return true
	}
	text := r.ev.Text(s.field)
	if s.re == nil {
		if !strings.Contains(text, s.from) {
			return true
		}
		return s.put(r, strings.ReplaceAll(text, s.from, s.to))
	}
	if len(text) <= maxExpression && !s.fits.MatchString(text) {
		return true
	}
	out := s.replaced(text)
	return len(out) == len(text) && out == text || s.put(r, out)
}

// put sets the field to what is left; a field of which nothing is left has no value.
func (s *replaceStep) put(r *run, text string) bool {
	if text == "" {
		r.ev.Unset(s.field)
		return true
	}
	return r.ev.SetText(s.field, r.ev.Own([]byte(text)))
}

// replaced is the text with what the expression takes replaced. Of a long one only what
// stands at its beginning is.
func (s *replaceStep) replaced(text string) string {
	if len(text) <= maxExpression {
		return s.re.ReplaceAllString(text, s.to)
	}
	at := []int(nil)
	if s.anchored {
		at = s.re.FindStringSubmatchIndex(text[:maxExpression])
	}
	if at == nil || at[1] == maxExpression {
		return text
	}
	return string(s.re.ExpandString(nil, s.to, text, at)) + text[at[1]:]
}

func (l *loader) replace(n *strictyaml.Node) []step {
	var out []step
	l.Pairs(n, func(name string, k, v *strictyaml.Node) {
		s := &replaceStep{field: l.field(k, name)}
		l.Pairs(v, func(key string, k, v *strictyaml.Node) {
			switch key {
			case "from":
				s.from = v.Value
			case "to":
				s.to = v.Value
			case "re":
				re, err := regexp.Compile(v.Value)
				if err != nil {
					l.Fail(v, "%v", err)
					return
				}
				s.re, s.fits, s.anchored = re, dfa.New(re), beginsText(v.Value)
			default:
				l.Fail(k, "replace knows from, re and to, not %s", key)
			}
		})
		if s.from == "" && s.re == nil {
			l.Fail(k, "replace needs from or re")
			return
		}
		out = append(out, s)
	})
	return out
}

// beginsText says whether what an expression takes stands at the beginning of the text.
func beginsText(src string) bool {
	re, err := syntax.Parse(src, syntax.Perl)
	return err == nil && re.Op == syntax.OpConcat && re.Sub[0].Op == syntax.OpBeginText
}
