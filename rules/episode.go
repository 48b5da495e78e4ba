package rules

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"

	"sluice/event"
)

// entry is one match in a key's state.
type entry struct {
	t      int64 // window time, ns
	id     string
	value  string
	fields string // shared by entries that say the same
	n      uint32 // matches in it that no alert has counted yet
	steps  uint32
}

// before is the order that everything follows: time, then id, then value.
func (e *entry) before(o *entry) bool {
	if e.t != o.t {
		return e.t < o.t
	}
	if e.id != o.id {
		return e.id < o.id
	}
	return e.value < o.value
}

// episode is an alert while it lasts: true instants with gaps of at most S.
type episode struct {
	id       string
	first    int64 // the first true instant
	start    int64 // the earliest match behind it
	last     int64 // the last true instant
	emitted  int64 // the instant of the last revision
	count    int64
	revision int
	events   []string
	values   []string
	hashes   []uint64 // of distinct values, sorted; at most exactValues
	fields   map[string][]string
	number   float64   // what an aggregate came to at last
	figures  []float64 // the kind's figures at last
	tallies  []tally   // what the kind counts for the episode
	degraded string
	many     tally // the distinct values where they are more than hashes holds

	supersedes  []string // what was announced of it
	provisional bool     // it was announced, and is not settled

	texts int64 // bytes of events, values and fields
}

// exactValues is how many distinct values an alert counts one by one.
const exactValues = 1000

// fieldValues bounds the values of one field that an alert shows.
const fieldValues = 100

func newEpisode(id string, t int64) *episode {
	return &episode{id: id, first: t, start: math.MaxInt64, last: t, emitted: t, fields: map[string][]string{}}
}

// add counts a match that no alert has counted; values: its value is one to list.
func (ep *episode) add(e *entry, values bool) {
	if e.n == 0 {
		return
	}
	ep.count += int64(e.n)
	e.n = 0
	ep.start, ep.last = min(ep.start, e.t), max(ep.last, e.t)
	if e.id != "" && len(ep.events) < listed && !slices.Contains(ep.events, e.id) {
		ep.events = append(ep.events, e.id)
		ep.texts += textSize(e.id)
	}
	if values && e.value != "" {
		ep.value(e.value)
	}
	var shown map[string][]string
	if json.Unmarshal([]byte(e.fields), &shown) != nil {
		return
	}
	for name, vs := range shown {
		have := ep.fields[name]
		for _, v := range vs {
			at, ok := slices.BinarySearch(have, v)
			if !ok && len(have) < fieldValues {
				have = slices.Insert(have, at, v)
				ep.texts += textSize(v)
			}
		}
		ep.fields[name] = have
	}
}

// value counts a distinct value.
func (ep *episode) value(v string) {
	h := hash64(v)
	at := sort.Search(len(ep.hashes), func(i int) bool { return ep.hashes[i] >= h })
	if at < len(ep.hashes) && ep.hashes[at] == h {
		return
	}
	if len(ep.hashes) >= exactValues {
		if ep.many == nil {
			for _, h := range ep.hashes {
				ep.many.put(mixed(h))
			}
		}
		ep.many.add(v)
		return
	}
	ep.hashes = slices.Insert(ep.hashes, at, h)
	if len(ep.values) < listed {
		ep.values = append(ep.values, v)
		ep.texts += textSize(v)
	}
}

func textSize(s string) int64 { return int64(24 + len(s)) } // the text, and where it stands

// weigh counts the texts of an episode that was restored.
func (ep *episode) weigh() {
	ep.texts = 0
	for _, vs := range ep.fields {
		for _, v := range vs {
			ep.texts += textSize(v)
		}
	}
	for _, v := range slices.Concat(ep.events, ep.values) {
		ep.texts += textSize(v)
	}
}

// size is about how many bytes an episode takes; a field of hostile events may be 100 KB.
func (ep *episode) size() int64 {
	if ep == nil {
		return 0
	}
	n := 400 + ep.texts + int64(8*len(ep.hashes)+cap(ep.many))
	for _, s := range ep.tallies {
		n += int64(cap(s))
	}
	return n
}

// distinct is the number of distinct values as people read it.
func (ep *episode) distinct() string {
	if ep.many != nil {
		return fmt.Sprintf("about %.0f", ep.many.count())
	}
	return strconv.Itoa(len(ep.hashes))
}

// hash64 is FNV-1a: it stands in state records, so it may never change.
func hash64(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// figure is one of the kind's figures as people read it.
func (ep *episode) figure(r *Rule, name string) string {
	if i := slices.Index(r.kind.figures, name); i < len(ep.figures) {
		return strconv.FormatFloat(ep.figures[i], 'f', -1, 64)
	}
	return "(unknown)"
}

// shownValues are the kind's figures and the values that were counted, as a JSON object.
func (ep *episode) shownValues(r *Rule) string {
	b := []byte{'{'}
	name := func(s string) {
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(event.AppendString(b, s), ':')
	}
	for i, x := range ep.figures[:min(len(ep.figures), len(r.kind.figures))] {
		name(r.kind.figures[i])
		b = strconv.AppendFloat(b, x, 'g', -1, 64)
	}
	if len(ep.values) > 0 {
		name(r.value)
		b = append(b, list(ep.values)...)
	}
	return string(append(b, '}'))
}
