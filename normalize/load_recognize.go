package normalize

import (
	"slices"
	"strings"

	"sluice/internal/strictyaml"
)

// minText is the shortest literal that may recognize a line: shorter ones stand in
// any line.
const minText = 3

// recognize reads the list of ways to tell a pack's lines.
func (l *loader) recognize(n *strictyaml.Node) {
	if n.Kind != strictyaml.Sequence {
		l.Fail(n, "recognize is a list; a line that fits any entry is ours")
		return
	}
	for _, it := range n.Content {
		var r rule
		if it = strictyaml.Follow(it); it.Kind == strictyaml.Scalar {
			r.texts = []string{it.Value}
		} else {
			by := map[string]bool{}
			l.Pairs(it, func(key string, k, v *strictyaml.Node) {
				l.recognizeBy(&r, key, k, v)
				by[key] = true
			})
			if len(by) != 1 && !(len(by) == 2 && by["common"] && by["pattern"]) {
				l.Fail(it, "an entry asks for one thing; a pattern may stand beside common. Write - in front of each that alone makes a line the pack's, and use only for what all lines have")
			}
		}
		texts := r.texts
		if r.start != "" {
			texts = []string{r.start}
		}
		for _, t := range texts {
			if len(t) < minText {
				l.Fail(it, "%q is too short to tell lines apart: give %d bytes or more", t, minText)
			}
		}
		if len(r.texts)+len(r.programs)+len(r.json)+len(r.elements) == 0 && r.start == "" && r.pattern == nil && r.head == nil && r.format == formatNone || slices.Contains(r.programs, "") || slices.Contains(r.elements, "*") || slices.ContainsFunc(r.json, func(c jsonClaim) bool { return slices.Contains(c.path, "") }) {
			l.Fail(it, "an entry that asks for nothing tells no lines apart")
		}
		if len(r.texts) > maxTexts {
			l.Fail(it, "at most %d texts together", maxTexts)
		}
		l.pack.recognize = append(l.pack.recognize, r)
	}
}

func (l *loader) recognizeBy(r *rule, key string, k, v *strictyaml.Node) {
	switch key {
	case "program", "common":
		r.programs, r.common = strictyaml.Texts(l.Words(v)), key == "common"
	case "all":
		r.texts = strictyaml.Texts(l.Words(v))
	case "start":
		r.start = v.Value
	case "json":
		for _, w := range l.Words(v) {
			r.json = append(r.json, claim(w.Value))
		}
		if len(r.json) > maxClaims {
			l.Fail(v, "at most %d keys together", maxClaims)
		}
	case "pattern":
		r.pattern = l.compilePattern(v)
	case "head":
		r.head = l.compilePattern(v)
	case "structured":
		r.elements = strictyaml.Texts(l.Words(v))
	case "format":
		f, ok := formats[v.Value]
		if !ok {
			l.Fail(v, "no format is called %s%s (known: %s)", v.Value, strictyaml.DidYouMean(v.Value, sortedKeys(formats)), strings.Join(sortedKeys(formats), ", "))
		}
		r.format = f
	default:
		l.Fail(k, "recognize knows a text, all, start, program, common, head, structured, json, pattern and format, not %s", key)
	}
}
