package rules

import (
	"maps"
	"slices"
	"time"
)

// heard is what is known of the sources of events, for rules that ask whether silence
// means something: an origin that says nothing at all has not said that nothing happened.
type heard struct {
	spoke   map[string]int64                  // by origin: the greatest live window time
	news    map[string]bool                   // origins to be written
	swept   int64                             // the live watermark when old ones were last dropped
	waiting map[string]map[*keyState]struct{} // keys by the source that they wait for

	answered []*book // whose new answers have to be written
}

func newHeard() heard {
	return heard{spoke: map[string]int64{}, news: map[string]bool{}, waiting: map[string]map[*keyState]struct{}{}}
}

// What a key waits for: one origin, or any that is known to answer the rule.
const (
	waitOrigin = "origin "
	waitAnswer = "rule "
)

// maxAnswers bounds the origins of answers that are known of one rule.
const maxAnswers = 1000

// maxSpoke bounds the origins that have spoken: who may send datagrams may send them from
// any number of addresses.
const maxSpoke = 100_000

// Hears says whether a rule asks for the progress of origins.
func (s *Set) Hears() bool { return len(s.hears) > 0 }

// Progress says that an origin has spoken at t, live: any event, of interest to a rule or
// not. It is for the sets that ask (Set.Hears), behind the matches of that origin.
func (c *Correlator) Progress(origin string, t time.Time) {
	if c.set.Hears() {
		c.progress(origin, t.UnixNano())
	}
}

func (c *Correlator) progress(origin string, t int64) {
	old, ok := c.spoke[origin]
	if ok && old >= t {
		return
	}
	c.spoke[origin], c.news[origin] = t, true
	if len(c.spoke) > maxSpoke {
		c.forgetQuiet()
	}
	c.wake(waitOrigin + origin)
	for _, r := range c.set.hears {
		if name := waitAnswer + r.ID; c.waiting[name] != nil {
			if _, known := c.lane("").book(r).answers[origin]; known {
				c.wake(name)
			}
		}
	}
}

// forgetQuiet drops the half of the origins that spoke the longest ago. One that a question
// is about is heard again when it speaks again.
func (c *Correlator) forgetQuiet() {
	times := slices.Sorted(maps.Values(c.spoke))
	drop, until := len(times)/2, times[len(times)/2]
	for _, origin := range slices.Sorted(maps.Keys(c.spoke)) { // the same ones of equal age after a restart
		if drop > 0 && c.spoke[origin] <= until {
			delete(c.spoke, origin)
			c.news[origin] = true
			drop--
		}
	}
}

// wake lets the keys that wait for a source be decided again.
func (c *Correlator) wake(name string) {
	for _, k := range slices.Collect(maps.Keys(c.waiting[name])) {
		c.unhold(k)
		b := k.lane.book(k.rule)
		b.fix(c, k)
		b.settle(c, k.lane.watermark)
	}
}

// hold makes a key wait for a source.
func (c *Correlator) hold(k *keyState, name string) {
	if c.waiting[name] == nil {
		c.waiting[name] = map[*keyState]struct{}{}
	}
	c.waiting[name][k] = struct{}{}
	k.waits = name
}

func (c *Correlator) unhold(k *keyState) {
	if k.waits == "" {
		return
	}
	delete(c.waiting[k.waits], k)
	if len(c.waiting[k.waits]) == 0 {
		delete(c.waiting, k.waits)
	}
	k.waits = ""
}

// silent is the source for which a decision at due has to wait, "" if for none: the
// origin of what happened, and, once it is known who tells of what ought to follow, any of
// those. A lane has one origin; while it moves, that speaks.
func (c *Correlator) silent(k *keyState, group []entry, due int64) string {
	if k.lane.name != "" {
		if k.lane.watermark == forever && k.lane.seen < due {
			return waitOrigin
		}
		return ""
	}
	for i := range group {
		if origin := group[i].value; !c.hasSpoken(origin, due) {
			return waitOrigin + origin
		}
	}
	source := ""
	for origin, first := range k.lane.book(k.rule).answers {
		if first > due {
			continue
		}
		if c.hasSpoken(origin, due) {
			return ""
		}
		source = waitAnswer + k.rule.ID
	}
	return source
}

func (c *Correlator) hasSpoken(origin string, due int64) bool {
	t, ok := c.spoke[origin]
	return ok && t >= due
}

// source notes who a match comes from.
func (c *Correlator) source(b *book, m *Match, t int64) {
	if b.lane != "" || b.rule.Kind != KindAbsence {
		return
	}
	if first, ok := b.answers[m.Origin]; m.Steps&absenceWithout != 0 && (ok || len(b.answers) < maxAnswers) && (!ok || t < first) {
		if b.answers == nil {
			b.answers = map[string]int64{}
		}
		b.answers[m.Origin] = t
		b.newAnswers = append(b.newAnswers, m.Origin)
		if !slices.Contains(c.answered, b) {
			c.answered = append(c.answered, b)
		}
	}
	c.progress(m.Origin, t)
}

// forgetSources drops what no open question can ask for: once in a minute, and all of it
// when everything is settled.
func (c *Correlator) forgetSources(watermark int64) {
	if watermark != forever && watermark-c.swept < int64(time.Minute) {
		return
	}
	c.swept = watermark
	for origin, t := range c.spoke {
		if watermark == forever || watermark-t > int64(maxHold+maxWindow) {
			delete(c.spoke, origin)
			c.news[origin] = true
		}
	}
	if watermark != forever {
		return
	}
	for _, b := range c.lane("").books {
		if len(b.answers) > 0 {
			b.newAnswers = slices.Collect(maps.Keys(b.answers))
			b.answers = nil
			if !slices.Contains(c.answered, b) {
				c.answered = append(c.answered, b)
			}
		}
	}
}

// The last part of the keys of records about sources; the fifth is the origin.
const (
	answersRecord = "answers"
	spokeRecord   = "spoke"
)

// sourceRecords are the changelog records of the sources.
func (c *Correlator) sourceRecords() (out []StateRecord) {
	record := func(rule, hash, origin, part string, t int64, there bool) {
		r := StateRecord{Key: []byte(list([]string{rule, hash, "", "", origin, part})), Hash: hash}
		if there {
			w := &wireState{Settled: t}
			r.Value = w.encode()
		}
		out = append(out, r)
	}
	for _, origin := range slices.Sorted(maps.Keys(c.news)) {
		t, ok := c.spoke[origin]
		record("", "", origin, spokeRecord, t, ok)
	}
	clear(c.news)
	for _, b := range c.answered {
		for _, origin := range b.newAnswers {
			t, ok := b.answers[origin]
			record(b.rule.ID, b.rule.Hash, origin, answersRecord, t, ok)
		}
		b.newAnswers = nil
	}
	c.answered = nil
	return out
}

// restoreTime takes what a record says of one origin.
func restoreTime(into *map[string]int64, origin string, w *wireState, there bool) {
	if delete(*into, origin); !there {
		return
	}
	if *into == nil {
		*into = map[string]int64{}
	}
	(*into)[origin] = w.Settled
}
