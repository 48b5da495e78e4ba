package rules

import "sluice/event"

// costs are what the rules of one Matcher take, measured on every n-th event.
type costs struct {
	every    int
	left     int
	now      func() int64 // a monotonic clock, ns
	tick     int64        // what one reading of the clock takes
	took     []int64      // by rule
	asked    []int64      // measured events that the index proposed it for
	hits     []int64      // matches of measured events
	find     int64        // the index, measured events
	events   int64
	measured int64
}

// Cost is what one rule took. A question that several rules ask is on the account of the
// first that asks it for an event.
type Cost struct {
	Rule  *Rule
	Nanos int64 // for all events, estimated from those measured
	Asked int64 // events that the index proposed the rule for, estimated too
	Hits  int64 // matches, the same
}

// Measure makes the matcher measure what rules take on every n-th event: now is a
// monotonic clock in nanoseconds. On an event that is measured the clock is read twice for
// each rule that is asked; the others cost no more than before.
func (m *Matcher) Measure(every int, now func() int64) {
	n := len(m.set.rules)
	m.costs = &costs{every: every, now: now, took: make([]int64, n), asked: make([]int64, n), hits: make([]int64, n)}
	const readings = 1000
	from := now()
	for range readings {
		now()
	}
	m.costs.tick = (now() - from) / readings
}

// Costs are what each rule took since Measure, in the order of the rules, and what finding
// the rules to ask took beside them.
func (m *Matcher) Costs() (out []Cost, find int64) {
	c := m.costs
	if c == nil || c.measured == 0 {
		return nil, 0
	}
	scale := func(n int64) int64 { return int64(float64(n) * float64(c.events) / float64(c.measured)) }
	for i, r := range m.set.rules {
		out = append(out, Cost{r, scale(c.took[i]), scale(c.asked[i]), scale(c.hits[i])})
	}
	return out, scale(c.find)
}

// measure is Match by the clock.
func (m *Matcher) measure(ev *event.Event, at Instant) {
	c := m.costs
	c.left, c.measured = c.every, c.measured+1
	t := c.now()
	candidates := m.find.Candidates()
	next := c.now()
	c.find += max(next-t-c.tick, 0)
	for _, n := range candidates {
		if !m.set.rules[n].asksEvents() {
			continue
		}
		before := len(m.out)
		t = next
		m.decide(m.set.rules[n], ev, at)
		next = c.now()
		c.took[n] += max(next-t-c.tick, 0)
		c.asked[n]++
		c.hits[n] += int64(len(m.out) - before)
	}
}
