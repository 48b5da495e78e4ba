package sigma

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"sluice/event"
	"sluice/internal/condition"
	"sluice/internal/strictyaml"
	"sluice/rules"
)

// The types of correlations.
const (
	eventCount      = "event_count"
	temporal        = "temporal"
	temporalOrdered = "temporal_ordered"
	valueAvg        = "value_avg"
	valueCount      = "value_count"
	valueMedian     = "value_median"
	valuePercentile = "value_percentile"
	valueSum        = "value_sum"
)

var correlationTypes = []string{eventCount, temporal, temporalOrdered, valueAvg, valueCount, valueMedian, valuePercentile, valueSum}

// functions are the aggregates behind the types that reckon with numbers.
var functions = map[string]string{valueAvg: "average", valueMedian: "median", valuePercentile: "percentile", valueSum: "sum"}

// correlation reads one correlation.
type correlation struct {
	*reader
	at    *strictyaml.Node // the mapping
	kind  string
	keys  map[string]*strictyaml.Node
	refs  []reference
	when  []*condition.Node     // of the rules that it refers to
	own   []map[string][]string // names of fields of their log sources
	limit []rules.Limit
	over  *rules.Over
	below bool // some of the rules are correlations
}

// correlation translates the section of that name; doc has the rules that it refers to.
func (r *reader) correlation(doc, at *strictyaml.Node, out *rules.Foreign) error {
	c := &correlation{reader: r, at: at, keys: map[string]*strictyaml.Node{}, over: &rules.Over{}}
	err := c.read()
	if c.keys["rules"] != nil {
		err = errors.Join(err, c.refer(doc))
	}
	if c.keys["timespan"] != nil {
		err = errors.Join(err, c.span())
	}
	if slices.Contains(correlationTypes, c.kind) {
		err = errors.Join(err, c.compare())
	}
	if err != nil {
		return err // what follows asks all of that
	}
	for _, step := range []func() error{c.lower, c.columns} {
		if err := step(); err != nil {
			return err
		}
	}
	out.Over, c.over.Decides = c.over, c.decides()
	for _, ref := range c.refs {
		if c.below {
			c.over.From = append(c.over.From, ref.from())
		}
	}
	if c.over.Steps == nil {
		out.When = condition.Join(condition.Or, c.when...)
	}
	return nil
}

// read takes the keys apart.
func (c *correlation) read() error {
	if c.at.Kind != strictyaml.Mapping {
		return c.fail(c.at, "", "a correlation has type, rules, timespan and more")
	}
	var errs []error
	fail := func(n *strictyaml.Node, hint, format string, args ...any) {
		errs = append(errs, c.fail(n, hint, format, args...))
	}
	known := []string{"aliases", "condition", "generate", "group-by", "rules", "timespan", "type"}
	for k, v := range pairs(c.at) {
		if !slices.Contains(known, k.Value) {
			fail(k, near(k.Value, known), "a correlation has no %s", k.Value)
		}
		c.keys[k.Value] = v
	}
	for _, name := range []string{"type", "rules", "timespan"} {
		if c.keys[name] == nil {
			fail(c.at, "", "the correlation has no %s", name+map[string]string{"type": ", such as event_count", "timespan": ", such as 5m"}[name])
		}
	}
	if n := c.keys["type"]; n != nil {
		c.kind = n.Value
	}
	if n := c.keys["type"]; n != nil && !slices.Contains(correlationTypes, c.kind) {
		fail(n, near(c.kind, correlationTypes), "no correlation is of type %q; there are %s", c.kind, strings.Join(correlationTypes, ", "))
	}
	if g := c.keys["generate"]; g != nil && g.Value != "true" && g.Value != "false" {
		fail(g, "", "generate takes true or false")
	}
	return errors.Join(errs...)
}

// refer lowers the rules that it refers to.
func (c *correlation) refer(doc *strictyaml.Node) error {
	c.refs = references(doc)
	if len(c.refs) == 0 {
		return c.fail(c.keys["rules"], "", "the correlation refers to no rule")
	}
	var errs []error
	for i, ref := range c.refs {
		switch {
		case ref.doc == nil:
			errs = append(errs, c.fail(ref.at, ref.hint, "no rule that is loaded has the id or the name %q", ref.at.Value))
			continue
		case ref.twice != "":
			errs = append(errs, c.fail(ref.at, "refer to one by its id", "two rules have the id or the name %q: %s", ref.at.Value, ref.twice))
			continue
		case slices.ContainsFunc(c.refs[:i], func(o reference) bool { return o.doc == ref.doc }):
			errs = append(errs, c.fail(ref.at, "", "the correlation refers to the rule %q twice", ref.at.Value))
			continue
		case ref.below() != nil: // its alerts are asked, no event
			c.below = true
			c.when, c.own = append(c.when, &condition.Node{Kind: condition.Const}), append(c.own, nil)
			continue
		}
		in := &reader{t: c.t, file: ref.file, schema: c.schema, leaves: c.leaves, part: c.part}
		n, err := in.matches(ref.doc)
		if err != nil {
			errs = append(errs, c.behind(ref, err))
			continue
		}
		c.when, c.own = append(c.when, n), append(c.own, in.names)
	}
	return errors.Join(errs...)
}

// behind tells of the fault of a rule that a correlation refers to, with both places.
func (c *correlation) behind(ref reference, err error) error {
	why := Malformed
	var f *Fault
	if errors.As(ofDocument(err, "", ""), &f) {
		why, err = f.Reason, errors.New(f.line())
	}
	return c.refuse(why, ref.at, "", "the rule %q cannot be read: %v", ref.at.Value, err)
}

var timespan = regexp.MustCompile(`^([0-9]{1,9})([smhdw])$`)

var units = map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour}

// span reads the timespan.
func (c *correlation) span() error {
	w, err := c.window(c.keys["timespan"], "timespan", Correlation)
	c.over.Window = w
	return err
}

// window reads a span of time.
func (r *reader) window(n *strictyaml.Node, key string, why Reason) (time.Duration, error) {
	m := timespan.FindStringSubmatch(n.Value)
	if m == nil {
		return 0, r.fail(n, "", "%s: %.40q is not a number with s, m, h, d or w, such as 90m", key, n.Value)
	}
	count, _ := strconv.Atoi(m[1])
	if count == 0 || count > int(rules.MaxWindow/units[m[2]]) {
		return 0, r.refuse(why, n, "", "%s: from 1s to %s; state is not kept longer", key, rules.MaxWindow)
	}
	return time.Duration(count) * units[m[2]], nil
}

// operators are the comparisons of a condition.
var operators = map[string]string{"gt": "above", "gte": "at_least", "lt": "below", "lte": "at_most", "eq": "equal", "neq": "unequal"}

// compare reads the condition where it is a mapping.
func (c *correlation) compare() error {
	n := c.keys["condition"]
	needed := c.kind != temporal && c.kind != temporalOrdered
	switch {
	case n == nil && needed:
		return c.fail(c.at, "", "the correlation has no condition, such as condition: {gte: 10}")
	case n == nil, n.Kind == strictyaml.Scalar && !needed:
		return nil
	case n.Kind != strictyaml.Mapping:
		return c.fail(n, "", "the condition of type %s is a mapping, such as {gte: 10}", c.kind)
	}
	known := append([]string{"field", "percentile"}, sortedKeys(operators)...)
	var errs []error
	fail := func(n *strictyaml.Node, hint, format string, args ...any) {
		errs = append(errs, c.fail(n, hint, format, args...))
	}
	for k, v := range pairs(n) {
		op, compares := operators[k.Value]
		switch {
		case compares:
			x, err := strconv.ParseFloat(v.Value, 64)
			if whole := functions[c.kind] == ""; err != nil || whole && (x != float64(int(x)) || x < 0) {
				fail(v, "", "%s: %.40q is not a %s", k.Value, v.Value, map[bool]string{true: "count", false: "number"}[whole])
			}
			c.limit = append(c.limit, rules.Limit{Op: op, X: x})
		case k.Value == "percentile" && c.kind == valuePercentile:
			p, err := strconv.ParseFloat(v.Value, 64)
			if err != nil || !(p > 0 && p <= 100) {
				fail(v, "", "percentile: a number above 0, up to 100")
			}
			c.over.Percentile = p
		case k.Value == "field" && c.kind != eventCount && needed:
		case slices.Contains(known, k.Value):
			fail(k, "", "the condition of type %s takes no %s", c.kind, k.Value)
		default:
			fail(k, near(k.Value, known), "a condition has no %s", k.Value)
		}
	}
	if errs == nil {
		return c.complete(n)
	}
	return errors.Join(errs...)
}

// complete says what a condition lacks.
func (c *correlation) complete(n *strictyaml.Node) error {
	switch {
	case len(c.limit) == 0:
		return c.fail(n, "", "the condition compares with nothing: it has one of gt, gte, lt, lte, eq and neq, or two that make a range")
	case c.kind != eventCount && c.kind != temporal && c.kind != temporalOrdered && len(c.fields()) == 0:
		return c.fail(n, "", "the condition of type %s has no field, such as {field: user.name, gte: 10}", c.kind)
	case c.kind != valueCount && len(c.fields()) > 1:
		return c.fail(n, "", "the condition of type %s takes one field", c.kind)
	case c.kind == valuePercentile && c.over.Percentile == 0:
		return c.fail(n, "", "the condition of type %s has no percentile, such as 95", c.kind)
	}
	return nil
}

// fields are the nodes of the condition's field.
func (c *correlation) fields() []*strictyaml.Node {
	if c.keys["condition"] == nil {
		return nil
	}
	var out []*strictyaml.Node
	for _, n := range list(entry(c.keys["condition"], "field")) {
		out = append(out, strictyaml.Follow(n))
	}
	return out
}

// lower chooses the kind of rule.
func (c *correlation) lower() error {
	switch c.kind {
	case temporal:
		return c.temporal()
	case temporalOrdered:
		return c.ordered()
	case eventCount, valueCount:
		if len(c.limit) == 1 && (c.limit[0].Op == "above" || c.limit[0].Op == "at_least") {
			c.over.Kind, c.over.Count = rules.KindThreshold, int(c.limit[0].X)
			if c.limit[0].Op == "above" {
				c.over.Count++
			}
			if c.over.Count == 0 {
				return c.fail(c.keys["condition"], "", "the condition is always true")
			}
			return nil
		}
		c.over.Function = map[string]string{eventCount: "count", valueCount: "distinct"}[c.kind]
	default:
		c.over.Function = functions[c.kind]
	}
	c.over.Kind, c.over.Count, c.over.Limits = rules.KindAggregate, 1, c.limit
	return nil
}

// decides is the text of all that decides, without what is for people.
func (c *correlation) decides() string {
	out := written(c.at)
	for _, ref := range c.refs {
		for k, v := range pairs(ref.doc) {
			if k.Value == "logsource" || k.Value == "detection" || k.Value == "correlation" || strings.HasPrefix(k.Value, filterKey) {
				out += written(v)
			}
		}
	}
	return out + fmt.Sprint(c.over.GroupBy, c.over.Value)
}

// written is all that a node says, in its order.
func written(n *strictyaml.Node) string {
	if n == nil {
		return ""
	}
	n = strictyaml.Follow(n)
	var b strings.Builder
	fmt.Fprintf(&b, "%d %q ", n.Kind, n.Value)
	for _, kid := range n.Content {
		b.WriteString(written(kid))
	}
	return b.String()
}

// columns are the fields that make key and value, of each rule that it refers to.
func (c *correlation) columns() error {
	aliases, err := c.aliases()
	if err != nil {
		return err
	}
	var keys, values []*strictyaml.Node
	if g := c.keys["group-by"]; g != nil {
		for _, n := range list(g) {
			keys = append(keys, strictyaml.Follow(n))
		}
	}
	values = c.fields()
	differ := false
	for _, n := range slices.Concat(keys, values) {
		differ = differ || aliases[n.Value] != nil || slices.ContainsFunc(c.own, func(own map[string][]string) bool { return own[n.Value] != nil })
	}
	if differ = differ || c.below; differ && c.over.Steps == nil {
		c.over.Steps = c.when // whose fields are asked depends on the rule that matched
	}
	most := rules.MaxSeen
	if c.kind == temporalOrdered {
		most = rules.MaxSteps
	}
	if c.over.Steps != nil && len(c.refs) > most {
		return c.refuse(Correlation, c.refs[most].at, "", "a correlation of this form refers to at most %d rules", most)
	}
	reads := 1
	if differ {
		reads = len(c.refs)
	}
	for i := range reads {
		one := rules.Read{}
		if b := c.refs[i].below(); b != nil {
			if one.KeyAt, err = c.inKey(keys, aliases, i); err != nil {
				return err
			}
			if one.ValueAt, err = c.inKey(values, aliases, i); err != nil {
				return err
			}
		}
		if one.Key, err = c.places(keys, aliases, i); err != nil {
			return err
		}
		if one.Value, err = c.places(values, aliases, i); err != nil {
			return err
		}
		c.over.Reads = append(c.over.Reads, one)
		c.named(slices.Concat(keys, values), slices.Concat(one.Key, one.Value), aliases)
	}
	for i, n := range keys {
		c.over.GroupBy = append(c.over.GroupBy, called(c.schema, n.Value, c.over.Reads, i))
	}
	c.over.Value = strings.Join(strictyaml.Texts(values), ", ")
	return nil
}

// named notes the fields that stand in the correlation itself, so that slips in them are told.
func (c *correlation) named(nodes []*strictyaml.Node, fields [][]event.Field, aliases map[string]alias) {
	for i, n := range nodes {
		known := slices.ContainsFunc(c.over.Named, func(o rules.Named) bool { return o.Line == n.Line && o.Column == n.Column })
		if aliases[n.Value] == nil && !c.below && !known {
			c.over.Named = append(c.over.Named, rules.Named{Fields: fields[i], Line: n.Line, Column: n.Column})
		}
	}
}

// inKey says where names stand in the key of a correlation that is referred to as number i.
func (c *correlation) inKey(names []*strictyaml.Node, aliases map[string]alias, i int) (out []int, err error) {
	var key []string
	if g := entry(c.refs[i].below(), "group-by"); g != nil {
		key = texts(g)
	}
	for _, n := range names {
		name := n.Value
		if of := aliases[name]; of != nil {
			name = of[i]
		}
		at := slices.Index(key, name)
		if at < 0 {
			return nil, c.refuse(Correlation, n, "let that one group by it too", "the correlation %q does not group by %s, so its alerts have none", c.refs[i].at.Value, name)
		}
		out = append(out, at)
	}
	return out, nil
}

// places are the fields behind names, for the rule that is referred to as number i.
func (c *correlation) places(names []*strictyaml.Node, aliases map[string]alias, i int) (out [][]event.Field, err error) {
	for _, n := range names {
		name := n.Value
		if of := aliases[name]; of != nil {
			if name = of[i]; name == "" {
				return nil, c.fail(n, "", "the alias %s names no field of the rule %q", n.Value, c.refs[i].at.Value)
			}
		}
		in := *c.reader
		in.names = c.own[i]
		fields := in.fields(name)
		if len(fields) == 0 {
			return nil, c.fail(n, "", "the field %s was not numbered", name)
		}
		out = append(out, fields)
	}
	return out, nil
}

// called is the name that an alert shows a part of the key under: that of ECS, where all
// rules have the same one.
func called(schema *event.Schema, name string, reads []rules.Read, i int) string {
	ecs := ""
	for _, r := range reads {
		for _, f := range r.Key[i] {
			if sp := schema.Spec(f); !sp.Vendor {
				if ecs != "" && ecs != sp.Name {
					return name
				}
				ecs = sp.Name
				break
			}
		}
	}
	if ecs == "" {
		return name
	}
	return ecs
}
