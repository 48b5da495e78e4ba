package rules

import (
	"slices"

	"sluice/event"
	"sluice/internal/condition"
)

// Given says how a field comes to be set.
type Given uint8

// How a field comes to be set.
const (
	Never   Given = iota // by nothing that is loaded
	AsSent               // where a source sends a key of that name
	ByPacks              // by packs, tables or the program
)

// Cover is whether a rule can match at all.
type Cover struct {
	Rule  *Rule
	Can   bool
	Lacks []string // fields without which it can't, or the value that none of them has
	About []string // the packs whose events lack them, where the condition names some
	Clash string   // why no values at all make it true; "": none was found
	Sent  []string // keys that it reads and no pack names: it can, where the source sends them
}

// Sources is what Coverage asks about the events that come.
type Sources interface {
	Gives(field string, vendor bool) Given
	// Has says whether a field can have one of the values at all.
	Has(field string, values []string) bool
	// Texts are all that a field can have; false: it may have any.
	Texts(field string) ([]string, bool)
}

// Narrowing is Sources that know what events of some packs have. Of is nil where the field does
// not name packs.
type Narrowing interface {
	Of(field string, values []string) Sources
}

// Coverage judges each rule by the fields that its condition cannot do without.
func (s *Set) Coverage(src Sources) []Cover {
	out := make([]Cover, len(s.rules))
	for i, roots := range s.conditions() {
		c := coverer{set: s, src: src}
		can := c.behind(s.rules[i], roots)
		out[i] = Cover{Rule: s.rules[i], Can: can, Lacks: c.lacks, About: c.lacking, Sent: c.sent}
		if out[i].Clash = s.Clash(s.rules[i]); out[i].Clash != "" {
			out[i].Can, can = false, false
		}
		if can {
			out[i].Lacks, out[i].About = nil, nil
		} else {
			out[i].Sent = nil
		}
	}
	return out
}

// Clash says why a condition that the rule cannot do without is never true; "": none is
// known to be.
func (s *Set) Clash(r *Rule) string {
	if r.when != nil {
		return s.leaves.Clash(s.schema, r.when)
	}
	if r.seen == nil && (r.Kind == KindSequence || r.Kind == KindUnordered) {
		for i, n := range r.steps {
			if r.mixed() && r.from[i] != "" {
				continue // it asks alerts
			}
			if why := s.leaves.Clash(s.schema, n); why != "" {
				return why
			}
		}
	}
	return ""
}

// behind says it of a rule over alerts, too: where one of those can match.
func (c *coverer) behind(r *Rule, roots []*condition.Node) bool {
	if !r.chained || r.mixed() {
		return c.rule(r, roots)
	}
	if c.chained[r] {
		return false // what it lacks is known, and whether it can counted where it was met first
	}
	if c.chained == nil {
		c.chained = map[*Rule]bool{}
	}
	c.chained[r] = true
	can := false
	for _, id := range r.upstream {
		up := c.set.byID[id]
		can = c.behind(up, c.set.roots(up)) || can
	}
	return can
}

// rule says whether a rule with these conditions can match.
func (c *coverer) rule(r *Rule, roots []*condition.Node) bool {
	if r.steps == nil {
		can := c.possible(roots[0], true)
		defer c.narrow(roots[0])()
		return c.read(r, 0) && can
	}
	met := uint32(0)
	for i, n := range r.steps { // each takes part, so what each lacks is told
		can := c.step(r, i, n)
		widen := c.narrow(n)
		if can && c.read(r, i) {
			met |= 1 << i
		}
		widen()
	}
	switch {
	case r.seen != nil:
		return canSee(r, met)
	case r.Kind == KindSequence || r.Kind == KindUnordered:
		return met == 1<<len(r.steps)-1
	case r.Kind == KindAbsence:
		return met&absenceWhen != 0
	}
	return met != 0
}

// read says whether the events of a step may have what makes the key and the value.
func (c *coverer) read(r *Rule, step int) bool {
	if r.Kind == KindMatch || r.mixed() && r.from[step] != "" {
		return true // a key that is missing is an empty one; or it is that of an alert
	}
	one := &r.reads[0]
	if len(r.reads) > 1 {
		one = &r.reads[step]
	}
	columns := one.group
	if r.pair == nil { // of which the second may be missing
		columns = slices.Concat(one.group, one.value)
	}
	can := true
	for _, fields := range columns {
		best := Never
		for _, f := range fields {
			sp := c.set.schema.Spec(f)
			best = max(best, c.src.Gives(sp.Name, sp.Vendor))
		}
		name := c.set.schema.Spec(fields[0]).Name
		switch best {
		case Never:
			c.lack(name)
			can = false
		case AsSent:
			c.add(&c.sent, name)
		case ByPacks:
		}
	}
	return can
}

// step says whether one step of a rule can be met.
func (c *coverer) step(r *Rule, i int, n *condition.Node) bool {
	if !r.mixed() || r.from[i] == "" {
		return c.possible(n, true)
	}
	up := c.set.byID[r.from[i]]
	return c.behind(up, c.set.roots(up))
}

// canSee says whether some of the steps that can be met make the rule true: what it asks
// may be that one is not.
func canSee(r *Rule, met uint32) bool {
	if r.seen(met) || len(r.steps) > 10 && met != 0 {
		return true
	}
	for some := met; some != 0; some = (some - 1) & met {
		if r.seen(some) {
			return true
		}
	}
	return false
}

type coverer struct {
	chained     map[*Rule]bool // rules over alerts that were met
	set         *Set
	src         Sources
	about       []string // the packs that src is of; nil: all
	lacks, sent []string
	lacking     []string // about, where something was lacking
}

// lack notes what is never there.
func (c *coverer) lack(name string) {
	c.add(&c.lacks, name)
	c.lacking = c.about
}

func (c *coverer) add(to *[]string, name string) {
	if !slices.Contains(*to, name) {
		*to = append(*to, name)
	}
}

// possible says whether n can be want for some event. A missing field answers no, so
// every leaf can be false.
func (c *coverer) possible(n *condition.Node, want bool) bool {
	switch n.Kind {
	case condition.Ask:
		return !want || c.leaf(c.set.leaves.Leaf(n))
	case condition.Not:
		return c.possible(n.Kids[0], !want)
	case condition.Const:
		return n.Value == want
	case condition.And, condition.Or:
	}
	if (n.Kind == condition.And) == want {
		all := true
		if want {
			defer c.narrow(n)()
		}
		for _, k := range n.Kids {
			ok := c.possible(k, want)
			all = all && ok
		}
		return all
	}
	return c.anyOf(n.Kids, want)
}

// narrow makes c ask about the events of the packs that a condition is about, as far as it says
// so by a part that it cannot do without. widen takes that back.
func (c *coverer) narrow(n *condition.Node) (widen func()) {
	src, about := c.src, c.about
	widen = func() { c.src, c.about = src, about }
	by, ok := c.src.(Narrowing)
	if !ok {
		return widen
	}
	kids := []*condition.Node{n}
	if n.Kind == condition.And {
		kids = n.Kids
	}
	for _, k := range kids {
		if k.Kind != condition.Ask {
			continue
		}
		l := c.set.leaves.Leaf(k)
		if l.Op != condition.Equal || l.Field == condition.Any || len(l.Also) > 0 {
			continue
		}
		if some := by.Of(c.set.schema.Spec(l.Field).Name, l.Values); some != nil {
			c.src, c.about = some, l.Values
			break
		}
	}
	return widen
}

// anyOf is possible for one of several; what only the others need is not told.
func (c *coverer) anyOf(kids []*condition.Node, want bool) bool {
	var least *coverer
	lacks, lacking := c.lacks, c.lacking
	for _, k := range kids {
		one := coverer{set: c.set, src: c.src, about: c.about}
		if one.possible(k, want) {
			if least == nil || len(one.sent) < len(least.sent) {
				least = &one
			}
			continue
		}
		for _, l := range one.lacks {
			c.add(&lacks, l)
		}
		lacking = one.lacking
	}
	if least == nil {
		c.lacks, c.lacking = lacks, lacking
		return false
	}
	for _, s := range least.sent {
		c.add(&c.sent, s)
	}
	return true
}

// leaf says whether it can be true.
func (c *coverer) leaf(l *condition.Leaf) bool {
	if l.Op == condition.Program {
		return c.needs(l.Needs())
	}
	if l.Field == condition.Any {
		return true
	}
	best, name := Never, ""
	for _, f := range append([]event.Field{l.Field}, l.Also...) {
		sp := c.set.schema.Spec(f)
		if name == "" || !sp.Vendor && len(l.Also) == 0 {
			name = sp.Name
		}
		given := c.src.Gives(sp.Name, sp.Vendor)
		if given != Never && !c.mayBe(sp, l) {
			name, given = lacked(sp.Name, l), Never
		}
		best = max(best, given)
	}
	switch best {
	case Never:
		c.lack(name)
		return false
	case AsSent:
		c.add(&c.sent, name)
	case ByPacks:
	}
	return true
}

// mayBe says whether a field can have a text that the leaf asks for.
func (c *coverer) mayBe(sp event.Spec, l *condition.Leaf) bool {
	if l.Op == condition.Equal && !c.src.Has(sp.Name, l.Values) {
		return false
	}
	if !l.OfText() || sp.Vendor {
		return true
	}
	texts, all := c.src.Texts(sp.Name)
	return !all || slices.ContainsFunc(texts, l.Fits)
}

// lacked names what a leaf asks for in vain: field: value, or what the rule says.
func lacked(field string, l *condition.Leaf) string {
	if l.Op == condition.Equal {
		return field + ": " + l.Values[0]
	}
	return l.Text
}

func (c *coverer) needs(fields []event.Field) bool {
	ok := true
	for _, f := range fields {
		if sp := c.set.schema.Spec(f); c.src.Gives(sp.Name, sp.Vendor) == Never {
			c.lack(sp.Name)
			ok = false
		}
	}
	return ok
}
