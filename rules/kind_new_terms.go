package rules

import (
	"math"
	"slices"
	"time"

	"sluice/internal/strictyaml"
)

const (
	maxHistory = 90 * 24 * time.Hour
	// newTermsSuppress makes one alert of what is new on one occasion: an account's first
	// session on a host brings more than one new program.
	newTermsSuppress = time.Hour
)

func (r *reader) newTerms(doc *strictyaml.Node, out *Rule, sp *spec) {
	out.when = r.condition(doc, sp.When, "when")
	if sp.History < time.Minute || sp.History > maxHistory {
		r.failKey(doc, "history", "from 1m to %s", maxHistory)
	}
	if sp.Suppress < 0 || sp.Suppress > maxWindow {
		r.failKey(doc, "suppress", "from 0s to %s", maxWindow)
	}
	if out.Window = sp.History; out.Suppress == 0 {
		out.Suppress = newTermsSuppress
	}
	if sp.Term == nil {
		r.fail(doc, "term is missing: the field whose values are to be new")
		return
	}
	out.value, out.valueOf = sp.Term.Value, r.field(sp.Term, sp.Term.Value)
	out.decides = out.value
}

// judgeNewTerms judges one instant: true where a match brings a term that the key did
// not have in [t-H, t), if the history reaches back to t-H at all. What is kept is the
// last match of each term.
func (k *keyState) judgeNewTerms(c *Correlator, t int64, group []entry) {
	k.expire(t)
	covered := k.lane.book(k.rule).since <= t-int64(k.rule.Window)
	var behind []*entry
	for i := range group {
		e := &group[i]
		at := len(k.kept) - 1
		for at >= 0 && k.kept[at].value != e.value {
			at--
		}
		if covered && (at < 0 || k.kept[at].t == t && slices.ContainsFunc(behind, func(o *entry) bool { return o.value == e.value })) {
			behind = append(behind, e)
		}
		if at >= 0 {
			k.dirtyPane(pane(k.kept[at].t))
			k.kept = slices.Delete(k.kept, at, at+1)
		}
		k.kept = append(k.kept, *e)
	}
	k.keepAtMost(c, "terms")
	if behind != nil {
		k.fire(c, t, behind)
	}
}

// sinceRecord is the part of a book's record key that says since when its history is.
const sinceRecord = "since"

// observed notes where the history of a rule begins in its lane: with the first match of
// any key, which no order of arrival changes once the instant is settled. It is only kept
// for kinds that ask.
func (b *book) observed(c *Correlator, t int64) {
	if b.rule.kind.history && t < b.since {
		b.since = t
		b.touchSince(c)
	}
}

func (b *book) touchSince(c *Correlator) {
	if !slices.Contains(c.begun, b) {
		c.begun = append(c.begun, b)
	}
}

// over forgets the beginning: the lane has ended.
func (b *book) over(c *Correlator) {
	if b.since != math.MaxInt64 {
		b.since = math.MaxInt64
		b.touchSince(c)
	}
}

// sinceRecords are the changelog records of the beginnings that changed.
func (c *Correlator) sinceRecords() (out []StateRecord) {
	for _, b := range c.begun {
		r := StateRecord{Key: []byte(list([]string{b.rule.ID, b.rule.Hash, b.lane, "", "", sinceRecord})), Hash: b.rule.Hash}
		if b.since != math.MaxInt64 {
			w := &wireState{Settled: b.since}
			r.Value = w.encode()
		}
		out = append(out, r)
	}
	c.begun = nil
	return out
}
