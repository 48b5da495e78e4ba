package rules

import (
	"slices"
	"strings"
	"unicode/utf8"

	"sluice/event"
	"sluice/internal/strictyaml"
)

// What a rule says for those who get its alerts: what they need, what they do, who they
// are, and fields that it fills.

const (
	maxInvestigation = 20
	maxSet           = 16
)

// filled is a field of the alert that a template fills.
type filled struct {
	name string
	text []piece
}

// ours are the fields, and objects of fields, of an alert that Sluice fills.
var ours = []string{
	"@timestamp", "data_stream", "ecs", "event.category", "event.dataset", "event.end", "event.kind", "event.risk_score", "event.severity", "event.start", "event.type",
	"message", "rule", "sluice", "tags", "threat",
}

// respond reads it. add makes the alert show a field, which templates name.
func (r *reader) respond(out *Rule, sp *spec, add func(string, event.Field)) {
	out.Data = sp.Data
	if sp.Route != nil {
		for _, n := range r.src.Words(sp.Route) {
			if n.Tag != "!!str" {
				r.fail(n, "route: %.64q is not a text; quote the name of a channel that looks like something else", n.Value)
			}
			out.Route = append(out.Route, n.Value)
		}
	}
	if len(sp.Investigation) > maxInvestigation {
		r.fail(sp.Investigation[maxInvestigation], "investigation: at most %d steps", maxInvestigation)
	}
	for _, n := range sp.Investigation {
		out.investigation = append(out.investigation, r.template(n, "investigation", out, add))
	}
	if sp.Set != nil {
		r.src.Pairs(sp.Set, func(name string, k, v *strictyaml.Node) { r.fills(name, k, v, out, add) })
	}
	if len(out.set) > maxSet {
		r.fail(sp.Set, "set: at most %d fields", maxSet)
	}
}

// fills reads a field that a template fills.
func (r *reader) fills(name string, k, v *strictyaml.Node, out *Rule, add func(string, event.Field)) {
	info, ok := r.set.fields.Lookup(name)
	switch {
	case !ok:
		r.fail(k, "set: no field is named %s%s", name, strictyaml.DidYouMean(name, r.set.fields.Names()))
	case slices.ContainsFunc(ours, func(o string) bool { return name == o || strings.HasPrefix(name, o+".") }):
		r.fail(k, "set: %s of an alert is filled by Sluice", name)
	case info.Type != event.Keyword || r.set.schema.Spec(info.Number).Vendor:
		r.fail(k, "set: %s holds no text; only fields of type keyword can be set", name)
	case len(info.Allowed) > 0 && !slices.Contains(info.Allowed, v.Value):
		r.fail(v, "set: %s never has the value %.60q%s", name, v.Value, strictyaml.DidYouMean(v.Value, info.Allowed))
	default:
		out.set = append(out.set, filled{name, r.template(v, "set", out, add)})
	}
}

// template reads a text with fields in braces.
func (r *reader) template(at *strictyaml.Node, key string, of *Rule, add func(string, event.Field)) (out []piece) {
	if at = strictyaml.Follow(at); at.Kind != strictyaml.Scalar || at.Value == "" {
		r.fail(at, "%s: expected a text", key)
		return nil
	}
	fail := func(rest, format string, args ...any) {
		line, column := r.placeIn(at, len(at.Value)-len(rest))
		r.src.FailAt(line, column, format, args...)
	}
	for text := at.Value; text != ""; {
		before, rest, open := strings.Cut(text, "{")
		out = append(out, piece{text: before})
		name, after, closed := strings.Cut(rest, "}")
		if open && !closed {
			fail(text[len(before):], "%s: a { without its }", key)
			return nil
		}
		if open {
			if odd := oddFigure(of, before, name); odd != "" {
				line, column := r.placeIn(at, len(at.Value)-len(rest))
				r.doubt(DoubtCondition, line, column, key+": "+odd)
			}
			out = append(out, piece{field: name})
			if figures := append(of.figures(), of.GroupBy...); !slices.Contains(figures, name) {
				if info, ok := r.set.fields.Lookup(name); ok {
					add(name, info.Number)
				} else {
					fail(rest, "%s: no field is named %s%s", key, name, strictyaml.DidYouMean(name, append(figures, r.set.fields.Names()...)))
				}
			}
		}
		text = after
	}
	return out
}

// oddFigure says what is odd about a name in a template and what stands before it; "": nothing.
func oddFigure(of *Rule, before, name string) string {
	switch {
	case strings.HasSuffix(before, "$"):
		return "the $ in front of {" + name + "} is shown as it stands"
	case name == "value" && of.Kind != KindAggregate:
		return "{value} is the result of an aggregate; a rule of kind " + of.Kind + " has none"
	case name == "distinct" && (of.Kind == KindMatch || of.Kind == KindThreshold && of.Distinct == ""):
		return "{distinct} counts the values of distinct, which the rule does not have; {count} counts events"
	}
	return ""
}

// figures are the names that a template may use beside those of fields.
func (r *Rule) figures() []string {
	out := []string{"count", "distinct", "value"}
	if r.kind != nil {
		out = append(out, r.kind.figures...)
	}
	return out
}

// placeIn is where in the file the byte of a scalar's text stands.
func (r *reader) placeIn(n *strictyaml.Node, at int) (line, column int) {
	before := n.Value[:at]
	line = 1 + strings.Count(before, "\n")
	column = utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	return strictyaml.Places(r.source(), n)(line, column)
}

// answer puts it into the alert's document.
func (r *Rule) answer(s *Set, d document, shown map[string][]string, ep *episode) {
	for _, f := range r.set {
		if field, ok := s.schema.Lookup(f.name); ok && s.schema.Spec(field).Array {
			d.texts(f.name, []string{r.fillIn(f.text, shown, ep)})
		} else {
			d.text(f.name, r.fillIn(f.text, shown, ep))
		}
	}
	var steps []string
	for _, text := range r.investigation {
		steps = append(steps, r.fillIn(text, shown, ep))
	}
	d.texts("sluice.alert.investigation", steps)
	d.texts("sluice.alert.route", r.Route)
	if len(r.Positives) > 0 {
		d.texts("sluice.alert.falsepositives", r.Positives)
	}
}
