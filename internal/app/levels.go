package app

import (
	"fmt"
	"time"

	"sluice/bus"
	"sluice/internal/metrics"
	"sluice/rules"
)

// levels is how far the rules over alerts can be judged. What an alert says to them goes
// back onto sluice.matches, to the partition of its own key; so a level is settled up to
// where every partition has told what the level below had to say.
type levels struct {
	heard   map[int]map[int]time.Time // by level and partition: when it last spoke
	done    []time.Time               // by level of rules: settled by a Handle that was committed
	sent    []time.Time               // as last told to the level above
	at      time.Time                 // when
	ordinal int64
}

// advance settles the rules over alerts, level by level, after those over events up to w.
func (c *correlator) advance(w time.Time) {
	done := []time.Time{w}
	for level := 1; level <= c.have.Rules.Levels(); level++ {
		if said := c.said(level); said.Before(w) {
			w = said
		}
		if !w.IsZero() {
			c.core.AdvanceLevel(level, w)
		}
		done = append(done, w)
	}
	c.levels.done = done
}

// said is up to where all partitions have told the rules of a level what there was to
// tell; zero while one has not spoken yet. One that is silent for long is passed over.
func (c *correlator) said(level int) (least time.Time) {
	heard, now := c.levels.heard[level], c.now()
	if heard == nil {
		heard = map[int]time.Time{}
		c.levels.heard[level] = heard
	}
	for part := range c.a.Partitions {
		if heard[part].IsZero() {
			heard[part] = now
		}
		w, ok := c.meta.Levels[level][part]
		silent := now.Sub(heard[part]) >= silence
		switch {
		case silent:
		case !ok:
			return time.Time{}
		case least.IsZero() || w.Time.Before(least):
			least = w.Time
		}
	}
	return least
}

// hear notes what another partition has told.
func (c *correlator) hear(w watermark) {
	if c.meta.Levels == nil {
		c.meta.Levels = map[int]map[int]watermark{}
	}
	if c.meta.Levels[w.Level] == nil {
		c.meta.Levels[w.Level] = map[int]watermark{}
	}
	old := c.meta.Levels[w.Level][w.Raw]
	if w.Generation < old.Generation {
		return
	}
	if w.Lane = ""; !c.wentBack(old, w) {
		w.Time = later(w.Time, old.Time)
	}
	c.meta.Levels[w.Level][w.Raw] = w
	if c.levels.heard[w.Level] == nil {
		c.levels.heard[w.Level] = map[int]time.Time{}
	}
	c.levels.heard[w.Level][w.Raw] = c.now()
}

// chained appends what the alerts of this Handle say to the rules above them, and, where
// those of the Handles before are durable, that this is all there is.
func (c *correlator) chained(out []bus.Message, before []time.Time) []bus.Message {
	now := c.now()
	for _, m := range c.core.Chained() {
		c.levels.ordinal++
		metrics.RuleMatches.WithLabelValues(m.Rule).Inc()
		pos := bus.Position{Producer: fmt.Sprintf("correlate/%d/%d", c.a.Partition, c.a.Generation), Raw: c.a.Partition, Sequence: c.levels.ordinal}
		out = append(out, matchMessage(&m, m.AppendJSON(nil), now, pos))
	}
	if c.have.Rules.Levels() == 0 || now.Sub(c.levels.at) < watermarkEvery {
		return out
	}
	for below, w := range before {
		if below >= c.have.Rules.Levels() || w.IsZero() || below < len(c.levels.sent) && !w.After(c.levels.sent[below]) {
			continue
		}
		out = append(out, broadcast(watermark{Raw: c.a.Partition, Generation: c.a.Generation, Level: below + 1, Lane: laneOfLevels, Time: w}, c.a.Partitions, now)...)
	}
	c.levels.sent, c.levels.at = before, now
	return out
}

// laneOfLevels keeps a correlator that knows of no levels from taking the message for a
// watermark: it is of a lane that it does not have.
const laneOfLevels = "\x00level"

// spread makes a new correlator out of a Set.
func (c *correlator) spread() *rules.Correlator {
	c.levels = levels{heard: map[int]map[int]time.Time{}, ordinal: c.levels.ordinal}
	core := c.have.Rules.NewCorrelator()
	core.Spread()
	core.Announce()
	return core
}
