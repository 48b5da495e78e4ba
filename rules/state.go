package rules

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// StateRecord is one record of the changelog; a nil Value deletes its Key.
type StateRecord struct {
	Key   []byte
	Value []byte
	Hash  string // the rule's
}

// A key has one main record (what is settled, and its open episode) and one record for
// each second of pending matches. Their keys are JSON lists: rule, hash, lane,
// namespace, key, and "main" or the second.
const mainRecord = "main"

func (k *keyState) recordKey(part string) []byte {
	return []byte(list([]string{k.rule.ID, k.rule.Hash, k.lane.name, k.ns, k.key, part}))
}

// The records' values. Texts that entries share stand once.
type (
	wireEntry struct {
		T int64  `json:"t"`
		I string `json:"i"`
		V string `json:"v,omitempty"`
		F int    `json:"f"` // in Texts
		N uint32 `json:"n,omitempty"`
		S uint32 `json:"s,omitempty"`
	}
	wireState struct {
		Version  int             `json:"version"`
		Texts    []string        `json:"texts,omitempty"`
		Entries  []wireEntry     `json:"entries,omitempty"`
		Settled  int64           `json:"settled,omitempty"`
		Counted  int64           `json:"counted,omitempty"`
		Degraded string          `json:"degraded,omitempty"`
		Chains   [][][]wireEntry `json:"chains,omitempty"`
		Until    int64           `json:"until,omitempty"`
		Packed   []byte          `json:"packed,omitempty"`
		Episode  *wireEpisode    `json:"episode,omitempty"`
		Early    *wireEpisode    `json:"early,omitempty"`
	}
	wireEpisode struct {
		ID       string              `json:"id"`
		First    int64               `json:"first"`
		Start    int64               `json:"start"`
		Last     int64               `json:"last"`
		Emitted  int64               `json:"emitted"`
		Count    int64               `json:"count"`
		Revision int                 `json:"revision"`
		Events   []string            `json:"events"`
		Values   []string            `json:"values,omitempty"`
		Hashes   []uint64            `json:"hashes,omitempty"`
		Fields   map[string][]string `json:"fields,omitempty"`
		Number   float64             `json:"number,omitempty"`
		Figures  []float64           `json:"figures,omitempty"`
		Tallies  []tally             `json:"tallies,omitempty"`
		Degraded string              `json:"degraded,omitempty"`

		Supersedes  []string `json:"supersedes,omitempty"`
		Provisional bool     `json:"provisional,omitempty"`
		Many        tally    `json:"many,omitempty"`
	}
)

// stateVersion is the form of the values; a reader drops what it does not know.
const stateVersion = 1

func (w *wireState) entries(es []entry) []wireEntry {
	out := make([]wireEntry, len(es))
	for i, e := range es {
		at := slices.Index(w.Texts, e.fields)
		if at < 0 {
			at = len(w.Texts)
			w.Texts = append(w.Texts, e.fields)
		}
		out[i] = wireEntry{e.t, e.id, e.value, at, e.n, e.steps}
	}
	return out
}

func (w *wireState) read(es []wireEntry) ([]entry, error) {
	out := make([]entry, len(es))
	for i, e := range es {
		if e.F < 0 || e.F >= len(w.Texts) {
			return nil, fmt.Errorf("entry %d names text %d of %d", i, e.F, len(w.Texts))
		}
		out[i] = entry{e.T, e.I, e.V, w.Texts[e.F], e.N, e.S}
	}
	return out, nil
}

func (w *wireState) encode() []byte {
	w.Version = stateVersion
	b, err := json.Marshal(w)
	if err != nil {
		panic("BUG: rules: encode state: " + err.Error()) // only texts and numbers
	}
	return b
}

// records are the changelog records of what was touched.
func (c *Correlator) records() []StateRecord {
	out := append(c.sinceRecords(), c.sourceRecords()...)
	for _, k := range c.dirty {
		k.queued = false
		for p, st := range k.panes {
			if st&paneDirty != 0 {
				out = k.paneRecord(out, p, st)
			}
		}
		out = k.tallyRecords(out)
		if len(k.panes) == 0 {
			k.panes = nil // an empty map takes as much as a match
		}
		switch {
		case len(k.kept) == 0 && len(k.packed) == 0 && k.chains.empty() && k.ep == nil && k.early == nil:
			if k.stored {
				out = append(out, StateRecord{Key: k.recordKey(mainRecord), Hash: k.rule.Hash})
			}
			k.stored = false
		case k.main:
			out = append(out, StateRecord{k.recordKey(mainRecord), k.mainValue(), k.rule.Hash})
			k.stored = true
		}
		k.main = false
	}
	clear(c.dirty)
	c.dirty = c.dirty[:0]
	return out
}

func (k *keyState) paneRecord(out []StateRecord, p int64, st paneState) []StateRecord {
	es := inPane(k.pending, p)
	if k.rule.kind.panes {
		es = slices.Concat(inPane(k.kept, p), es)
	}
	key := k.recordKey(strconv.FormatInt(p, 10))
	if len(es) == 0 {
		delete(k.panes, p)
		if st&paneStored != 0 {
			out = append(out, StateRecord{Key: key, Hash: k.rule.Hash})
		}
		return out
	}
	k.panes[p] = paneStored
	w := &wireState{}
	w.Entries = w.entries(es)
	return append(out, StateRecord{key, w.encode(), k.rule.Hash})
}

// inPane are the entries of one second.
func inPane(es []entry, p int64) []entry {
	from, _ := slices.BinarySearchFunc(es, p, func(e entry, p int64) int { return cmp.Compare(pane(e.t), p) })
	to := from
	for to < len(es) && pane(es[to].t) == p {
		to++
	}
	return es[from:to]
}

func (k *keyState) mainValue() []byte {
	w := &wireState{Settled: k.settled, Counted: k.countedTo, Degraded: k.degraded, Packed: k.packed}
	if !k.rule.kind.panes {
		w.Entries = w.entries(k.kept)
	}
	if k.chains != nil {
		w.Until = k.chains.until
		for _, ch := range k.chains.byStep {
			var out [][]wireEntry // the form has room for several
			if ch != nil {
				out = append(out, w.entries(ch))
			}
			w.Chains = append(w.Chains, out)
		}
	}
	if ep := k.ep; ep != nil {
		w.Episode = ep.wire()
	}
	if k.early != nil {
		w.Early = k.early.wire()
	}
	return w.encode()
}

func (ep *episode) wire() *wireEpisode {
	return &wireEpisode{
		ep.id, ep.first, ep.start, ep.last, ep.emitted, ep.count, ep.revision, ep.events, ep.values, ep.hashes, ep.fields, ep.number, ep.figures, ep.tallies, ep.degraded,
		ep.supersedes, ep.provisional, ep.many,
	}
}

func (ep *wireEpisode) episode() *episode {
	out := &episode{
		ep.ID, ep.First, ep.Start, ep.Last, ep.Emitted, ep.Count, ep.Revision, ep.Events, ep.Values, ep.Hashes, ep.Fields, ep.Number, ep.Figures, ep.Tallies,
		ep.Degraded, ep.Many, ep.Supersedes, ep.Provisional, 0,
	}
	if out.fields == nil {
		out.fields = map[string][]string{}
	}
	if !out.many.whole() {
		out.many = nil
	}
	out.weigh()
	return out
}

// How long records of state that no loaded rule takes back are kept: other processes may still run the
// rule as it was, and one that is left out for a fault comes back.
const (
	keptChanged = 24 * time.Hour
	keptGone    = maxHistory + maxWindow
)

// Stale says whether a record of state that was written so long ago is of no use to anyone: its rule
// has changed, or is gone. What says since when a rule knows is written once, and stays with the gone.
func (s *Set) Stale(key []byte, age time.Duration) bool {
	var parts []string
	if json.Unmarshal(key, &parts) != nil || len(parts) != 6 || parts[0] == "" {
		return false
	}
	switch r := s.byID[parts[0]]; {
	case r == nil:
		return age > keptGone && parts[5] != sinceRecord && parts[5] != answersRecord
	case r.Hash != parts[1]:
		return age > keptChanged
	}
	return false
}

// Restore takes back one record of Drain, when the partition is assigned: before the
// first Observe, older records of a key before newer ones. The error says why a record
// was dropped: its rule is gone or has changed, or it cannot be read.
func (c *Correlator) Restore(key, value []byte) error {
	var parts []string
	if err := json.Unmarshal(key, &parts); err != nil || len(parts) != 6 {
		return fmt.Errorf("restore state %q: the key is no list of six texts", key)
	}
	r := c.set.byID[parts[0]]
	spoke := parts[0] == "" && parts[5] == spokeRecord && c.set.Hears()
	if !spoke && (r == nil || r.Hash != parts[1] || !r.Stateful()) {
		return fmt.Errorf("restore state of rule %s: %w", parts[0], errUnknown)
	}
	w := &wireState{}
	if value != nil {
		if err := json.Unmarshal(value, w); err != nil {
			return fmt.Errorf("restore state of rule %s: %w", parts[0], err)
		}
		if w.Version != stateVersion {
			return fmt.Errorf("restore state of rule %s: version %d is not ours (%d)", parts[0], w.Version, stateVersion)
		}
	}
	if spoke {
		restoreTime(&c.spoke, parts[4], w, value != nil)
		return nil
	}
	l := c.lane(parts[2])
	b := l.book(r)
	switch parts[5] {
	case sinceRecord:
		if b.since = math.MaxInt64; value != nil {
			b.since = w.Settled
		}
		return nil
	case answersRecord:
		restoreTime(&b.answers, parts[4], w, value != nil)
		return nil
	}
	k := b.keys[bookKey(parts[3], parts[4])]
	if k == nil {
		if value == nil {
			return nil
		}
		k = &keyState{rule: r, lane: l, ns: parts[3], key: parts[4], pos: -1, settled: math.MinInt64}
		b.keys[bookKey(k.ns, k.key)] = k
	}
	err := k.restore(parts[5], w, value != nil)
	b.fix(c, k)
	if at := l.passed(r.level); true {
		*at = max(*at, k.settled+1)
	}
	if l.seen = max(l.seen, k.settled); len(k.pending) > 0 {
		l.seen = max(l.seen, k.pending[len(k.pending)-1].t)
	}
	return err
}

// restore sets one record's part of the state.
func (k *keyState) restore(part string, w *wireState, there bool) error {
	es, err := w.read(w.Entries)
	if err != nil {
		return fmt.Errorf("restore state of rule %s: %w", k.rule.ID, err)
	}
	if rest, ok := strings.CutPrefix(part, distinctRecord); ok {
		if err := k.restoreTally(rest, w, there); err != nil {
			return fmt.Errorf("restore state of rule %s: %q is no part of a key's state: %w", k.rule.ID, part, err)
		}
		return nil
	}
	if part != mainRecord {
		p, err := strconv.ParseInt(part, 10, 64)
		if err != nil {
			return fmt.Errorf("restore state of rule %s: %q is no part of a key's state", k.rule.ID, part)
		}
		k.restorePane(p, es)
		if there {
			k.dirtyPane(p)
			k.panes[p] = paneStored
		}
		return nil
	}
	if !k.rule.kind.panes {
		k.kept = es
	}
	k.chains, k.ep, k.packed, k.stored = nil, nil, w.Packed, there
	if there {
		k.settled, k.countedTo, k.degraded = w.Settled, w.Counted, w.Degraded
		k.partial = k.rule.kind.panes
		k.divide()
	}
	return k.restoreParts(w)
}

// restorePane takes the entries of one second instead of those that are there.
func (k *keyState) restorePane(p int64, es []entry) {
	of := func(e entry) bool { return pane(e.t) == p }
	k.pending = append(slices.DeleteFunc(k.pending, of), es...)
	if k.rule.kind.panes {
		k.kept = slices.DeleteFunc(k.kept, of)
	}
	slices.SortFunc(k.pending, func(a, b entry) int {
		if a.before(&b) {
			return -1
		}
		return 1
	})
	delete(k.panes, p)
	k.divide()
}

// divide moves what came back by the second, and is settled, to what is kept: main
// records and those of seconds come back in any order.
func (k *keyState) divide() {
	n := 0
	for k.rule.kind.panes && n < len(k.pending) && k.pending[n].t <= k.settled {
		e := k.pending[n]
		if e.n = 1; e.t <= k.countedTo {
			e.n = 0
		}
		at, _ := slices.BinarySearchFunc(k.kept, &e, func(a entry, b *entry) int {
			if a.before(b) {
				return -1
			}
			return 1
		})
		k.kept = slices.Insert(k.kept, at, e)
		n++
	}
	k.pending = k.pending[n:]
}

func (k *keyState) restoreParts(w *wireState) error {
	if k.rule.Kind == KindSequence && len(w.Chains) == len(k.rule.steps)-1 {
		k.chains = &chains{byStep: make([]chain, len(w.Chains)), until: w.Until}
		for i, step := range w.Chains {
			if len(step) == 0 {
				continue
			}
			es, err := w.read(step[0]) // the latest, where there are several
			if err != nil || len(es) == 0 {
				return fmt.Errorf("restore state of rule %s: a chain that cannot be read", k.rule.ID)
			}
			k.chains.byStep[i] = es
		}
	}
	if ep := w.Episode; ep != nil {
		k.ep = ep.episode()
	}
	if k.early = nil; w.Early != nil {
		k.early = w.Early.episode()
	}
	return nil
}
