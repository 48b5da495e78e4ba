package rules

import (
	"math"
	"time"
)

// Spread says that several correlators share the work by key: what alerts say to the
// rules above them is then given by Chained, to be observed wherever its key belongs, and
// AdvanceLevel says how far all of them have come.
func (c *Correlator) Spread() { c.spread = true }

// Chained gives, once, the matches for rules over alerts.
func (c *Correlator) Chained() []Match {
	out := c.chained
	c.chained = nil
	return out
}

// Alerted takes in the alert of a rule that is not Stateful, where no Spread is: for the
// rules above it.
func (c *Correlator) Alerted(a *Alert) {
	c.feed(a)
	c.observeChained()
}

// feed notes what the first revision of an alert says to the rules above.
func (c *Correlator) feed(a *Alert) {
	if len(c.set.downstream[a.Rule]) == 0 || c.dry {
		return
	}
	if c.above == nil {
		c.above = c.set.NewMatcher()
	}
	said := c.above.Chain(a)
	if c.tap != nil {
		c.tap(said)
	}
	c.chained = append(c.chained, said...)
}

func (c *Correlator) observeChained() {
	if c.spread {
		return
	}
	for len(c.chained) > 0 {
		for _, m := range c.Chained() {
			c.Observe(&m)
		}
	}
}

// AdvanceLevel says that no alert before watermark may still come, live, for the rules of
// a level from 1 on.
func (c *Correlator) AdvanceLevel(level int, watermark time.Time) {
	if level > 0 && level <= c.set.levels {
		c.settleLevel(c.lane(""), level, watermark.UnixNano())
	}
}

// passed is the watermark of a level in a lane.
func (l *lane) passed(level int) *int64 {
	if level == 0 {
		return &l.watermark
	}
	return &l.above[level-1]
}

// settle moves a lane's watermark, level by level where nobody shares the work.
func (c *Correlator) settle(l *lane, watermark int64) {
	c.settleLevel(l, 0, watermark)
	for level := 1; level <= c.set.levels && !c.spread; level++ {
		c.observeChained()
		c.settleLevel(l, level, watermark)
	}
}

// settleAll settles all that a lane holds.
func (c *Correlator) settleAll(l *lane) {
	for level := range c.set.levels + 1 {
		c.settleLevel(l, level, forever)
		c.observeChained()
	}
}

// settleLevel moves the watermark of one level.
func (c *Correlator) settleLevel(l *lane, level int, watermark int64) {
	at := l.passed(level)
	if watermark <= *at {
		return
	}
	*at = watermark
	if l.name == "" && level == 0 {
		defer c.forgetSources(watermark)
	}
	for _, b := range l.books {
		if b.rule.level != level {
			continue
		}
		b.settle(c, watermark)
		if watermark == forever {
			b.over(c)
		}
	}
}

// endLevels ends a silent lane level by level, each after one more time of silence: what
// the level below had to say at its end has come by then, from wherever. True: all of it
// has ended.
func (c *Correlator) endLevels(l *lane, silent int64) bool {
	level := 0
	for ; level <= c.set.levels && silent > int64(level+1)*int64(c.set.opt.LaneIdle); level++ {
		c.settleLevel(l, level, forever)
		*l.passed(level) = math.MinInt64 // what may still come begins anew
	}
	return level > c.set.levels
}
