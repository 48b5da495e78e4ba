package normalize

import (
	"regexp"
	"regexp/syntax"
	"strings"

	"sluice/internal/strictyaml"
)

// steps reads steps as the loader does: blocks, patterns, or one of either.
func (v *Values) steps(n *strictyaml.Node) {
	switch n = strictyaml.Follow(n); n.Kind {
	case strictyaml.Scalar:
		v.captures(n.Value)
	case strictyaml.Sequence:
		for _, c := range n.Content {
			v.steps(c)
		}
	case strictyaml.Mapping:
		pairsOf(n, v.step)
	}
}

// step reads what one verb fills. Of a verb that is not among these every name that stands in
// it may be that of a field.
func (v *Values) step(verb string, n *strictyaml.Node) {
	switch verb {
	case "in":
	case "when":
		pairsOf(n, func(name string, n *strictyaml.Node) {
			name, _ = strings.CutSuffix(name, " not")
			for _, w := range scalars(n) {
				if w.Tag != "!!null" && w.Value != "set" { // whether it is set at all
					v.origin(name).asked[w.Value] = true
				}
			}
		})
	case "inner":
		v.wraps = true
	case "unknown":
		if !v.outer {
			v.steps(n)
		}
	case "do":
		v.steps(n)
	case "events":
		steps := strictyaml.Value(n, "steps")
		if v.wraps = v.wraps || steps == nil; steps != nil {
			v.steps(steps)
		}
	case "case":
		pairsOf(n, func(name string, of *strictyaml.Node) {
			v.asks(name, of)
			pairsOf(of, func(_ string, n *strictyaml.Node) { v.steps(n) })
		})
	case "pattern", "maybe":
		for _, w := range scalars(n) {
			v.captures(w.Value)
		}
	case "set", "add":
		v.assigns(n)
	case "table", "range":
		pairsOf(n, func(key string, n *strictyaml.Node) { v.lookup(key, n) })
	case "first", "all":
		pairsOf(n, func(to string, n *strictyaml.Node) {
			for _, w := range scalars(n) {
				v.put(to, "{"+w.Value+"}", false)
			}
		})
	case "compute":
		pairsOf(n, v.formula)
	case "object":
		pairsOf(n, func(name string, _ *strictyaml.Node) { v.opens(name); v.opensUnder(name) })
	case "replace":
		pairsOf(n, func(name string, _ *strictyaml.Node) { v.opens(name) })
	case "direction":
		v.opens("network.direction")
	case "known", "glean":
		v.any = true
	default:
		v.mentioned(n)
	}
}

// lookup reads {from -> to: TABLE} and {from: {rows}}.
func (v *Values) lookup(key string, n *strictyaml.Node) {
	from, to, _ := strings.Cut(key, "->")
	if n.Kind == strictyaml.Scalar {
		n = v.tables[n.Value]
	}
	if n == nil {
		return
	}
	v.asks(strings.TrimSpace(from), n)
	v.rows(n, strings.TrimSpace(to))
}

var lowerOf = regexp.MustCompile(`^lower\((_?[a-z][a-z0-9_.]*)\)$`)

// formula reads {field: "lower(_name)"}; any other expression may come to anything.
func (v *Values) formula(to string, n *strictyaml.Node) {
	if m := lowerOf.FindStringSubmatch(n.Value); m != nil && !strings.Contains(to, ":") {
		v.put(to+":lower", "{"+m[1]+"}", false)
		return
	}
	v.takes(to)
}

var capture = regexp.MustCompile(`^\{([A-Za-z_@][A-Za-z0-9_.@-]*)`)

// captures reads the captures of a pattern.
func (v *Values) captures(text string) {
	for i := strings.IndexByte(text, '{'); i >= 0; i = strings.IndexByte(text, '{') {
		text = text[i:]
		m := capture.FindString(text)
		if m == "" { // {{, {?, {|, {>shape}, {}
			text = strings.TrimPrefix(text[1:], "{")
			continue
		}
		text = v.capture(m[1:], text[len(m):])
	}
}

// capture reads the rest of one capture, and returns what follows.
func (v *Values) capture(name, rest string) string {
	if after, ok := strings.CutPrefix(rest, "="); ok {
		lit, after, _ := strings.Cut(after, "}")
		v.origin(name).texts[lit] = true
		return after
	}
	if after, ok := strings.CutPrefix(rest, ":re("); ok {
		expr, after := parenthesis(after)
		re, err := syntax.Parse(expr, syntax.Perl)
		var words []string
		if ok = err == nil; ok {
			words, ok = wordsOf(re)
		}
		for _, w := range words {
			v.origin(name).texts[w] = true
		}
		if !ok {
			v.opens(name)
		}
		return after
	}
	typ, after, _ := strings.Cut(rest, "}")
	v.takes(name + typ)
	return after
}

// parenthesis cuts a text behind the parenthesis that closes one that was opened before it.
func parenthesis(text string) (inside, after string) {
	depth, class := 1, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			i++
		case c == '[':
			class = true
		case c == ']':
			class = false
		case class:
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth == 0 {
				return text[:i], text[i+1:]
			}
		}
	}
	return text, ""
}

// wordsOf are the texts that an expression fits; false: too many, or not known.
func wordsOf(re *syntax.Regexp) (out []string, ok bool) {
	switch re.Op {
	case syntax.OpLiteral:
		return []string{string(re.Rune)}, re.Flags&syntax.FoldCase == 0
	case syntax.OpEmptyMatch, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary:
		return []string{""}, true
	case syntax.OpCapture:
		return wordsOf(re.Sub[0])
	case syntax.OpQuest:
		out, ok = wordsOf(re.Sub[0])
		return append(out, ""), ok
	case syntax.OpCharClass:
		for i := 0; i+1 < len(re.Rune); i += 2 {
			for r := re.Rune[i]; r <= re.Rune[i+1]; r++ {
				if out = append(out, string(r)); len(out) > 8 {
					return nil, false
				}
			}
		}
		return out, true
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			words, ok := wordsOf(sub)
			if !ok {
				return nil, false
			}
			out = append(out, words...)
		}
		return out, true
	case syntax.OpConcat:
		out = []string{""}
		for _, sub := range re.Sub {
			words, ok := wordsOf(sub)
			if out = joined(out, words); !ok || len(out) > maxValues {
				return nil, false
			}
		}
		return out, true
	}
	return nil, false
}
