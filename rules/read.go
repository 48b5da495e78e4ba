package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"sluice/event"
	"sluice/internal/condition"
	"sluice/internal/strictyaml"
)

// spec is one rule as people write it.
type spec struct {
	ID             string             `yaml:"id"`
	Title          string             `yaml:"title" instead:"name"`
	Description    string             `yaml:"description"`
	Kind           *strictyaml.Node   `yaml:"kind"`
	Level          *strictyaml.Node   `yaml:"level" instead:"severity priority"`
	Status         *strictyaml.Node   `yaml:"status"`
	Author         string             `yaml:"author"`
	References     []string           `yaml:"references"`
	Tags           []string           `yaml:"tags"`
	FalsePositives []string           `yaml:"falsepositives" instead:"false_positives"`
	When           *strictyaml.Node   `yaml:"when" instead:"condition query filter"`
	GroupBy        *strictyaml.Node   `yaml:"group_by" instead:"by key keys"`
	Distinct       *strictyaml.Node   `yaml:"distinct"`
	Count          int                `yaml:"count" instead:"threshold min_count"`
	Window         time.Duration      `yaml:"window" instead:"timeframe timespan within interval period"`
	Steps          []*strictyaml.Node `yaml:"steps"`
	Until          *strictyaml.Node   `yaml:"until"`
	Rules          *strictyaml.Node   `yaml:"rules"`
	Emit           *strictyaml.Node   `yaml:"emit"`
	Shadow         bool               `yaml:"shadow"`
	Without        *strictyaml.Node   `yaml:"without"`
	Function       *strictyaml.Node   `yaml:"function"`
	Value          *strictyaml.Node   `yaml:"value"`
	Term           *strictyaml.Node   `yaml:"term" instead:"new_terms"`
	History        time.Duration      `yaml:"history"`
	Panes          int                `yaml:"panes"`
	Percentile     float64            `yaml:"percentile"`
	Above          *strictyaml.Node   `yaml:"above"`
	AtLeast        *strictyaml.Node   `yaml:"at_least"`
	Below          *strictyaml.Node   `yaml:"below"`
	AtMost         *strictyaml.Node   `yaml:"at_most"`
	Place          *strictyaml.Node   `yaml:"place"`
	Speed          *strictyaml.Node   `yaml:"speed"`
	Distance       *strictyaml.Node   `yaml:"distance"`
	Span           time.Duration      `yaml:"span"`
	Shortest       time.Duration      `yaml:"shortest"`
	Deviation      *strictyaml.Node   `yaml:"deviation"`
	Ports          int                `yaml:"ports"`
	Hosts          int                `yaml:"hosts"`
	Targets        int                `yaml:"targets"`
	Risk           *strictyaml.Node   `yaml:"risk"`
	Score          *strictyaml.Node   `yaml:"score"`
	Strict         bool               `yaml:"strict"`
	Suppress       time.Duration      `yaml:"suppress" instead:"suppression cooldown throttle dedup"`
	Exceptions     []*strictyaml.Node `yaml:"exceptions" instead:"except allow allowlist allow_list whitelist exclude exclusions"`
	Data           []string           `yaml:"data"`
	Route          *strictyaml.Node   `yaml:"route"`
	Investigation  []*strictyaml.Node `yaml:"investigation" instead:"runbook playbook"`
	Set            *strictyaml.Node   `yaml:"set"`
	Fields         *strictyaml.Node   `yaml:"fields" instead:"columns"`
	Message        *strictyaml.Node   `yaml:"message" instead:"text summary"`
	Tests          []*strictyaml.Node `yaml:"tests"`
}

const (
	maxWindow  = 7 * 24 * time.Hour // what the changelog of correlation is meant for; longer ones are no windows but lists
	maxGroupBy = 8
	maxSteps   = 8
	maxFields  = 32
)

// reader reads one rule.
type reader struct {
	set   *Set
	src   *strictyaml.Source
	text  []byte   // of the file, for places inside texts
	lines []string // of it, when they were asked for
	said  []byte   // by the last foreign rule; its memory is used again

	compiler *condition.Compiler
	doubts   []Doubt
}

func (r *reader) fail(n *strictyaml.Node, format string, args ...any) { r.src.Fail(n, format, args...) }

// at is where a key's value stands; where a rule has no such key, the rule.
func at(doc *strictyaml.Node, key string) *strictyaml.Node {
	if n := strictyaml.Value(doc, key); n != nil {
		return n
	}
	return doc
}

// failKey notes a fault at the value of a key.
func (r *reader) failKey(doc *strictyaml.Node, key, format string, args ...any) {
	r.fail(at(doc, key), key+": "+format, args...)
}

var idForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$`)

// rule reads one document; nil: it has faults.
func (r *reader) rule(doc *strictyaml.Node) *Rule {
	var sp spec
	if doc.Kind != strictyaml.Mapping {
		r.fail(doc, "expected lines of key: value (id, title, level, kind, when, ..)")
		return nil
	}
	before := r.src.Count()
	r.src.Decode(doc, &sp)
	out := &Rule{
		ID: sp.ID, Title: sp.Title, Description: strings.TrimSpace(sp.Description), Author: sp.Author, References: sp.References,
		Tags: sp.Tags, Positives: sp.FalsePositives, Count: sp.Count, Window: sp.Window, Suppress: sp.Suppress, strict: sp.Strict,
		File: r.src.Name, Line: doc.Line,
	}
	switch {
	case !idForm.MatchString(sp.ID):
		r.fail(at(doc, "id"), "a rule needs an id: a UUID, or up to 64 letters, digits, _ . and -")
	case r.set.byID[sp.ID] != nil:
		other := r.set.byID[sp.ID]
		r.fail(doc, "the id %s is taken by the rule at %s:%d", sp.ID, other.File, other.Line)
	case sp.Title == "":
		r.fail(at(doc, "title"), "a rule needs a title")
	}
	out.Kind = r.word(doc, sp.Kind, "kind", "", kindNames...)
	out.kind = kinds[out.Kind]
	out.Level = r.word(doc, sp.Level, "level", "", "informational", "low", "medium", "high", "critical")
	out.Status = r.word(doc, sp.Status, "status", "stable", "experimental", "test", "stable", "deprecated")
	r.groups(out, &sp)
	r.ownRisk(out, &sp)
	if out.kind != nil {
		if out.Kind == KindRisk {
			sp.allRules(doc)
		}
		r.foreign(doc, out, &sp)
		r.links(doc, out, &sp)
		out.kind.read(r, doc, out, &sp)
		r.keyed(doc, out, &sp)
		out.Shadow = sp.Shadow
		r.emission(doc, out, &sp)
	}
	r.exceptions(out, &sp)
	r.shown(out, &sp)
	r.tests(out, &sp)
	if r.src.Count() > before {
		return nil
	}
	if out.Suppress == 0 && out.Kind != KindMatch {
		out.Suppress = out.Window
	}
	out.Hash = hash(out, &sp)
	out.Version = version(out)
	out.reads = out.read()
	out.Doubts = r.doubts
	return out
}

// hash is of what decides, so that a better description keeps a rule's state.
func hash(r *Rule, sp *spec) string {
	h := sha256.New()
	fmt.Fprintf(h, "1 %s %q %q %d %d %d %t", r.Kind, r.GroupBy, r.Distinct, r.Count, r.Window, r.Suppress, r.strict)
	for _, n := range append([]*strictyaml.Node{sp.When, sp.Until}, sp.Steps...) {
		if n != nil {
			fmt.Fprintf(h, " %q", n.Value)
		} else {
			fmt.Fprint(h, " -")
		}
	}
	if r.chained {
		fmt.Fprintf(h, " over %q", r.named)
	}
	if r.decides != "" {
		fmt.Fprintf(h, " %s", r.decides)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// word reads one of a few words.
func (r *reader) word(doc, n *strictyaml.Node, key, def string, words ...string) string {
	if n == nil {
		if def == "" {
			r.fail(doc, "%s is missing (one of %s)", key, strings.Join(words, ", "))
		}
		return def
	}
	switch {
	case n.Kind != strictyaml.Scalar:
		r.fail(n, "%s: expected one of %s", key, strings.Join(words, ", "))
	case !slices.Contains(words, n.Value):
		r.fail(n, "%s: %.60q is none of %s%s", key, n.Value, strings.Join(words, ", "), strictyaml.DidYouMean(n.Value, words))
	}
	return n.Value
}

func (r *reader) window(doc *strictyaml.Node, sp *spec) {
	switch {
	case sp.Window == 0:
		r.failKey(doc, "window", "is missing: how far back the rule looks, such as 10m")
	case sp.Window < time.Second || sp.Window > maxWindow:
		r.failKey(doc, "window", "from 1s to %s; state is not kept longer", maxWindow)
	}
	if sp.Suppress < 0 || sp.Suppress > maxWindow {
		r.failKey(doc, "suppress", "from 0s to %s", maxWindow)
	}
}

// field looks up a field that a rule names outside of conditions.
func (r *reader) field(n *strictyaml.Node, name string) event.Field {
	info, ok := r.set.fields.Lookup(name)
	switch {
	case strictyaml.Follow(n).Kind != strictyaml.Scalar:
		r.fail(n, "expected the name of one field, not a list")
	case name == "":
		r.fail(n, "expected the name of a field")
	case !ok && strings.ContainsAny(name, ", "):
		r.fail(n, "no field is named %s; write several as a list: [%s]", name, strings.Join(strings.FieldsFunc(name, func(c rune) bool { return c == ',' || c == ' ' }), ", "))
	case !ok:
		r.fail(n, "no field is named %s%s", name, strictyaml.DidYouMean(name, r.set.fields.Names()))
	}
	return info.Number
}

func (r *reader) groups(out *Rule, sp *spec) {
	if sp.GroupBy == nil {
		return
	}
	for _, n := range r.src.Words(sp.GroupBy) {
		name, fields := r.choice(n)
		if slices.Contains(out.GroupBy, name) {
			r.fail(n, "group_by: %s stands there twice", name)
		}
		out.GroupBy = append(out.GroupBy, name)
		out.groupBy = append(out.groupBy, fields)
	}
	if len(out.GroupBy) > maxGroupBy {
		r.fail(sp.GroupBy, "group_by: at most %d fields", maxGroupBy)
	}
}

// orElse stands between the fields of which the first that is set is part of the key.
const orElse = " ?? "

// choice reads a field, or several of which the first that is set counts.
func (r *reader) choice(n *strictyaml.Node) (string, column) {
	var fields column
	names := strings.Split(n.Value, "??")
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
		fields = append(fields, r.field(n, names[i]))
	}
	return strings.Join(names, orElse), fields
}

// Choice says whether a part of the key is the first of several fields, by its name in GroupBy.
func Choice(name string) bool { return strings.Contains(name, orElse) }

// condition compiles a condition.
func (r *reader) condition(doc, n *strictyaml.Node, key string) *condition.Node {
	if n == nil {
		r.fail(doc, "%s is missing: the condition", key)
		return nil
	}
	if n = strictyaml.Follow(n); n.Kind != strictyaml.Scalar {
		r.fail(n, "%s: expected a condition as text", key)
		return nil
	}
	place := strictyaml.Places(r.source(), n)
	r.compiler.Doubt = func(f *condition.Fault) { r.doubt(DoubtCondition, f.Line, f.Column, f.Problem) }
	out, err := r.compiler.Compile(n.Value, place)
	var faults condition.Faults
	if !errors.As(err, &faults) {
		if why := r.set.leaves.Clash(r.set.schema, out); why != "" {
			line, column := place(1, 0)
			r.src.FailAt(line, column, "%s: no event can be so: %s", key, why)
		} else {
			r.doubtsOf(out, key == "when" && at(doc, "kind").Value != KindMatch)
		}
		return out
	}
	hint := ""
	if strictyaml.Plain(n) && strings.Contains(r.source()[n.Line-1], " #") {
		hint = ` (in plain YAML " #" begins a comment: write the condition as a block behind "when: |")`
	}
	for _, f := range faults {
		r.src.FailAt(f.Line, f.Column, "%s%s", f.Problem, hint)
	}
	return nil
}

// source is the lines of the file.
func (r *reader) source() []string {
	if r.lines == nil {
		r.lines = strictyaml.Lines(r.text)
	}
	return r.lines
}

// shown reads what the alert shows of its events, and its message.
func (r *reader) shown(out *Rule, sp *spec) {
	add := func(name string, f event.Field) {
		if !slices.ContainsFunc(out.shown, func(s shownField) bool { return s.name == name }) {
			out.shown = append(out.shown, shownField{name, f})
		}
	}
	for _, name := range context {
		if f, ok := r.set.schema.Lookup(name); ok && !slices.Contains(out.GroupBy, name) && name != out.value {
			add(name, f)
		}
	}
	for i, name := range out.GroupBy { // which of several it was
		if names := strings.Split(name, orElse); len(names) > 1 {
			for j, one := range names {
				add(one, out.groupBy[i][j])
			}
		}
	}
	if sp.Fields != nil {
		for _, n := range r.src.Words(sp.Fields) {
			add(n.Value, r.field(n, n.Value))
		}
	}
	if out.message = []piece{{text: out.Title}}; sp.Message != nil { // braces in a title are text
		out.message = r.template(sp.Message, "message", out, add)
	}
	r.respond(out, sp, add)
	if len(out.shown) > maxFields {
		r.fail(sp.Fields, "an alert shows at most %d fields", maxFields)
	}
}
