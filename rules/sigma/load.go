package sigma

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"sluice/event"
	"sluice/internal/condition"
	"sluice/internal/strictyaml"
	"sluice/rules"
)

// source is the log source that a rule asks for.
type source struct{ product, category, service string }

func (s source) String() string {
	return strings.Trim(strings.Join([]string{s.product, s.category, s.service}, "/"), "/")
}

// reader reads one document of one file.
type reader struct {
	t      *Translator
	file   string
	schema *event.Schema
	leaves *condition.Leaves
	part   string              // what the names in a condition are
	asked  map[string]bool     // of them: those that the condition names
	names  map[string][]string // of fields, of the rule's log source
}

// fail points at a node.
func (r *reader) fail(n *strictyaml.Node, hint, format string, args ...any) error {
	return r.refuse(Malformed, n, hint, format, args...)
}

// refuse is fail with a reason.
func (r *reader) refuse(why Reason, n *strictyaml.Node, hint, format string, args ...any) error {
	return &Fault{File: r.file, Line: n.Line, Column: n.Column, Reason: why, Problem: fmt.Sprintf(format, args...), Hint: hint}
}

// asks notes that a condition names a selection.
func (r *reader) asks(name string) {
	if r.asked != nil {
		r.asked[name] = true
	}
}

// unused doubts selections that no condition names: what they say is without effect.
func (r *reader) unused(detection *strictyaml.Node) (out []rules.Doubt) {
	for key := range pairs(detection) {
		if key.Value != "condition" && key.Value != "timeframe" && !r.asked[key.Value] {
			out = append(out, rules.Doubt{
				Check: rules.DoubtSelection, Line: key.Line, Column: key.Column,
				Text: fmt.Sprintf("the condition does not name the selection %s, so it is without effect", key.Value),
			})
		}
	}
	return out
}

// near proposes the known name that a wrong one is most like.
func near(wrong string, names []string) string {
	return strings.TrimPrefix(strictyaml.DidYouMean(wrong, names), "; ")
}

// What a rule may say of itself.
var (
	levels   = []string{"informational", "low", "medium", "high", "critical"}
	statuses = []string{"stable", "test", "experimental", "deprecated", "unsupported"}

	// attributes are those of the specification, whether they say anything here or not.
	attributes = []string{
		"title", "id", "related", "name", "taxonomy", "status", "description", "license", "author", "references", "date", "modified",
		"logsource", "detection", "correlation", "filter", "fields", "falsepositives", "level", "tags", "scope",
	}
)

// Translate lowers one document; rules.Load calls it for each that has a detection.
func (t *Translator) Translate(file string, doc *strictyaml.Node, schema *event.Schema, leaves *condition.Leaves) (*rules.Foreign, error) {
	r := &reader{t: t, file: file, schema: schema, leaves: leaves, part: "selection", asked: map[string]bool{}}
	out := &rules.Foreign{}
	var correlation *strictyaml.Node
	errs := []error{r.twice(doc)}
	for key, v := range pairs(doc) {
		switch key.Value {
		case "id":
			out.ID = v.Value
		case "title":
			out.Title = v.Value
		case "description":
			out.Description = v.Value
		case "level":
			if out.Level = v.Value; !slices.Contains(levels, v.Value) && v.Tag != "!!null" {
				errs = append(errs, r.fail(v, near(v.Value, levels), "level: %.40q is none of %s", v.Value, strings.Join(levels, ", ")))
			}
		case "status":
			if out.Status = v.Value; !slices.Contains(statuses, v.Value) && v.Tag != "!!null" {
				errs = append(errs, r.fail(v, near(v.Value, statuses), "status: %.40q is none of %s", v.Value, strings.Join(statuses, ", ")))
			}
		case "author":
			out.Author = v.Value
		case "tags":
			out.Tags = texts(v)
		case "references":
			out.References = texts(v)
		case "falsepositives":
			out.Positives = texts(v)
		case "correlation":
			correlation = v
		case silentKey:
			out.Silent = true
		case "filter":
			return nil, r.filter(v)
		default: // a rule may have keys of its own
			if meant := strictyaml.Misspelt(key.Value, attributes); meant != "" && !slices.Contains(attributes, key.Value) {
				out.Doubts = append(out.Doubts, rules.Doubt{
					Check: rules.DoubtKey, Line: key.Line, Column: key.Column,
					Text: fmt.Sprintf("%.40q is no attribute of a rule, so it is without effect%s", key.Value, strictyaml.Hint(meant)),
				})
			}
		}
	}
	if errs = append(errs, r.body(doc, correlation, out)); errors.Join(errs...) != nil {
		return nil, ofDocument(errors.Join(errs...), out.ID, out.Title)
	}
	if out.Silent && correlation == nil {
		return nil, nil
	}
	return out, nil
}

// body lowers what decides: the correlation, or the detection.
func (r *reader) body(doc, correlation *strictyaml.Node, out *rules.Foreign) (err error) {
	detection := entry(doc, "detection")
	switch cond, _, _ := bar(detection); {
	case correlation != nil:
		return r.correlation(doc, correlation, out)
	case out.Silent: // correlations read it themselves; here its own faults are told, all of them
		r.leaves = condition.NewLeaves()
		_, err = r.matches(doc)
		return err
	case cond != nil:
		err = r.aggregation(doc, out)
	default:
		out.When, err = r.matches(doc)
	}
	if err == nil {
		out.Doubts = append(out.Doubts, r.unused(detection)...)
	}
	return err
}

// matches lowers what one event has to be: log source, detection and the filters on it.
func (r *reader) matches(doc *strictyaml.Node) (*condition.Node, error) {
	trees, err := r.around(doc, func(detection *strictyaml.Node) ([]*condition.Node, error) {
		root, err := r.detection(detection)
		return []*condition.Node{root}, err
	})
	if err != nil {
		return nil, err
	}
	return trees[0], nil
}

// around lays the log source and the filters around the trees that a detection lowers to.
func (r *reader) around(doc *strictyaml.Node, lower func(detection *strictyaml.Node) ([]*condition.Node, error)) ([]*condition.Node, error) {
	var detection, logsource *strictyaml.Node
	var filters []func() (*condition.Node, error)
	for key, v := range pairs(doc) {
		switch key.Value {
		case "detection":
			detection = v
		case "logsource":
			logsource = v
		default:
			if file, ok := strings.CutPrefix(key.Value, filterKey); ok {
				filters = append(filters, r.laid(file, v))
			}
		}
	}
	if err := errors.Join(r.section(doc, "logsource", "product, category or service"), r.section(doc, "detection", "selections and a condition")); err != nil {
		return nil, err
	}
	when, unknown := r.source(logsource)
	trees, err := lower(detection)
	if unknown != nil || err != nil {
		return nil, errors.Join(unknown, err)
	}
	for _, f := range filters {
		n, err := f()
		if err != nil {
			return nil, err
		}
		for i := range trees {
			trees[i] = condition.Join(condition.And, trees[i], n)
		}
	}
	for i := range trees {
		r.leaves.Order(trees[i])
		trees[i] = condition.Join(condition.And, when, trees[i]) // what the source looks like is asked first: rules share it
	}
	return trees, nil
}

// section says what is wrong with a part of a rule that has keys of its own.
func (r *reader) section(doc *strictyaml.Node, name, holds string) error {
	if v := entry(doc, name); v != nil && v.Kind != strictyaml.Mapping {
		return r.fail(v, "", "%s holds %s, each a key of its own", name, holds)
	} else if v != nil {
		return nil
	}
	at, hint := doc, ""
	for key := range pairs(doc) {
		if key.Value == name+"s" || strictyaml.Misspelt(key.Value, []string{name}) != "" {
			at, hint = key, near(key.Value, []string{name})
		}
	}
	return r.fail(at, hint, "the rule has no %s, which holds %s", name, holds)
}

func texts(n *strictyaml.Node) (out []string) {
	if n.Kind == strictyaml.Scalar {
		return []string{n.Value}
	}
	for _, c := range n.Content {
		out = append(out, strictyaml.Follow(c).Value)
	}
	return out
}

// remedy is the log source that a misspelt one stands for, or what to do about a new one.
func remedy(s source, sources map[source]logSource) string {
	var names []string
	for known := range sources {
		names = append(names, known.String())
	}
	if meant := strictyaml.DidYouMean(s.String(), names); meant != "" {
		return strings.TrimPrefix(meant, "; ")
	}
	return "add it to the sources of a mapping (rules: {mappings: [FILE]})"
}

// source is what the events of a log source look like.
func (r *reader) source(n *strictyaml.Node) (*condition.Node, error) {
	var s source
	for k, v := range pairs(n) {
		switch k.Value {
		case "product":
			s.product = v.Value
		case "category":
			s.category = v.Value
		case "service":
			s.service = v.Value
		default:
			if meant := strictyaml.Misspelt(k.Value, []string{"product", "category", "service"}); meant != "" {
				return nil, r.fail(k, "did you mean "+meant+"?", "a log source has no %s", k.Value)
			}
		}
	}
	is, ok := r.t.sources[s]
	if !ok {
		return nil, r.refuse(LogSource, n, remedy(s, r.t.sources), "no events are known of the log source %s", s)
	}
	r.names = is.names
	if r.t.leaves != r.leaves {
		r.t.leaves, r.t.lowered = r.leaves, map[source]*condition.Node{}
	}
	if when := r.t.lowered[s]; when != nil { // a few sources have most rules
		return when, nil
	}
	in := &reader{t: r.t, file: is.file, schema: r.schema, leaves: r.leaves, part: r.part}
	when, err := in.selection(is.when)
	if err == nil {
		r.t.lowered[s] = when
	}
	return when, err
}

// detection lowers all named selections and then the condition over them.
func (r *reader) detection(n *strictyaml.Node) (*condition.Node, error) {
	parts, names, err := r.selections(n)
	errs := []error{err}
	for key := range pairs(n) {
		if cond, _, _ := bar(n); cond == nil && key.Value == "timeframe" {
			errs = append(errs, r.refuse(Aggregation, key, "write a correlation, or a rule of kind sequence or unordered (docs/rules.md)",
				"a timeframe without an aggregation: the condition is about one event, and nothing says which events belong together"))
		}
	}
	cond := entry(n, "condition")
	if cond == nil {
		return nil, errors.Join(append(errs, r.fail(n, "", "the detection has no condition"))...)
	}
	if cond.Kind == strictyaml.Scalar {
		one, err := r.condition(cond, names, parts)
		return one, errors.Join(append(errs, err)...)
	}
	var anyOf []*condition.Node // a list of conditions: each of them fires
	for _, c := range cond.Content {
		one, err := r.condition(strictyaml.Follow(c), names, parts)
		anyOf, errs = append(anyOf, one), append(errs, err)
	}
	return condition.Join(condition.Or, anyOf...), errors.Join(errs...)
}

// selections lowers the named selections of a detection. One with a fault has its name all
// the same, so that the condition is read.
func (r *reader) selections(n *strictyaml.Node) (map[string]*condition.Node, []string, error) {
	parts := map[string]*condition.Node{}
	var names []string
	errs := []error{r.twice(n)}
	for key, v := range pairs(n) {
		if key.Value == "condition" || key.Value == "timeframe" {
			continue
		}
		sel, err := r.selection(v)
		if err != nil {
			errs = append(errs, err)
			sel = &condition.Node{Kind: condition.Const}
		}
		parts[key.Value] = &condition.Node{Kind: condition.And, Kids: []*condition.Node{sel}, Name: key.Value}
		names = append(names, key.Value)
	}
	return parts, names, errors.Join(errs...)
}

// twice is a fault for each key that a mapping has before: of two, one would be left out, and
// engines differ in which.
func (r *reader) twice(n *strictyaml.Node) error {
	var errs []error
	seen := map[string]int{}
	for key := range pairs(n) {
		if strings.HasPrefix(key.Value, "\x00") {
			continue // laid on by Arrange, one for each reference
		}
		if line := seen[key.Value]; line > 0 {
			errs = append(errs, r.fail(key, "", "%.60s is given twice, first on line %d", key.Value, line))
			continue
		}
		seen[key.Value] = key.Line
	}
	return errors.Join(errs...)
}

// pairs ranges over the entries of a mapping.
func pairs(n *strictyaml.Node) func(func(k, v *strictyaml.Node) bool) {
	return func(yield func(k, v *strictyaml.Node) bool) {
		for i := 0; n.Kind == strictyaml.Mapping && i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], strictyaml.Follow(n.Content[i+1])) {
				return
			}
		}
	}
}
