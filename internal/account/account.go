// Package account keeps the running totals that make losses visible: received + split = indexed +
// dead-lettered + dropped(reason) + in flight, per origin.
//
// Totals are absolute and are published on a compacted topic together with the output and the
// commit that they describe, so a repeated record changes nothing and a killed process loses
// none.
package account

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"
)

// The hops that count.
const (
	Collect = "collect" // inputs: received, dropped.<reason>
	Process = "process" // normalizer: events, split, dead, unparsed
	Index   = "index"   // sink: indexed, dead
	Relay   = "relay"   // journal to Kafka: dead
	Letters = "dlq"     // who settles dead letters: dead, which it takes back, dropped.dead_letter, split
)

// The names of counts.
const (
	Received = "received"
	Events   = "events"
	Split    = "split" // events beyond the first of lines that hold several
	Indexed  = "indexed"
	Dead     = "dead"
	Unparsed = "unparsed"
	Dropped  = "dropped." // + reason
)

// maxOrigins bounds the origins counted apart in one ledger; later ones share other.
const maxOrigins = 10_000

// other is the origin under which all origins beyond the bound are counted.
const other = "(other)"

// keepHours is how long hours stand apart before they are folded into the base.
const keepHours = 48

// foldAtOnce is how many origins beside those that speak are looked at for hours to fold in one Drain.
const foldAtOnce = 4

// record is one total: what sluice.account carries. Its key is Key().
type record struct {
	Hop     string           `json:"hop"`
	Part    string           `json:"part"` // who counts: a partition, or a collector's journal
	Origin  string           `json:"origin"`
	Hour    int64            `json:"hour"`              // hours since 1970, of the receive time; 0: the base, all folded hours
	Through int64            `json:"through,omitempty"` // of the base: the last hour that it includes
	Gen     int64            `json:"gen,omitempty"`     // generation of the worker that wrote it
	Offset  int64            `json:"offset,omitempty"`  // of the last input message that it includes, + 1
	Counts  map[string]int64 `json:"counts"`
}

// Key returns the record's key on the compacted topic.
func (r record) Key() string {
	return fmt.Sprintf("%s/%s/%d/%s", r.Hop, r.Part, r.Hour, r.Origin)
}

// Ledger holds the totals of one hop and part. It is not safe for concurrent use.
type Ledger struct {
	hop, part string
	gen, at   int64
	through   int64                        // the greatest offset of records
	base      map[string]*record           // by origin
	hours     map[string]map[int64]*record // by origin; each of base has an entry
	origins   []string                     // of hours
	turn      int                          // among origins, of fold
	touched   map[*record]bool
	dead      []string // keys to delete
}

// NewLedger returns an empty ledger. gen is the generation of the worker that keeps
// it; where two wrote one record, the greater one counts.
func NewLedger(hop, part string, gen int64) *Ledger {
	return &Ledger{hop: hop, part: part, gen: gen, base: map[string]*record{}, hours: map[string]map[int64]*record{}, touched: map[*record]bool{}}
}

// Restore takes one record from the topic, in any order; records of other hops and parts are
// ignored. Call Settle after the last one.
func (l *Ledger) Restore(key string, value []byte) error {
	if !strings.HasPrefix(key, l.hop+"/"+l.part+"/") {
		return nil
	}
	if value == nil {
		l.forget(strings.TrimPrefix(key, l.hop+"/"+l.part+"/"))
		return nil
	}
	r, err := parse(value)
	if err != nil {
		return err
	}
	l.through = max(l.through, r.Offset)
	old := l.base[r.Origin]
	if r.Hour != 0 {
		old = l.of(r.Origin)[r.Hour]
	}
	switch {
	case old != nil && old.Gen > r.Gen: // of a worker that had lost its partition
	case r.Hour == 0:
		l.base[r.Origin] = &r
		l.of(r.Origin)
	default:
		l.of(r.Origin)[r.Hour] = &r
	}
	return nil
}

// forget takes out the record with the rest of a key, hour/origin. A topic that is not
// compacted yet brings one for every folded hour of every origin.
func (l *Ledger) forget(rest string) {
	hour, origin, _ := strings.Cut(rest, "/")
	if h, err := strconv.ParseInt(hour, 10, 64); err == nil {
		delete(l.hours[origin], h)
	}
}

// Settle drops hours that the base already includes, because of a crash between writing the two
// records.
func (l *Ledger) Settle() {
	for origin, base := range l.base {
		for h := range l.hours[origin] {
			if h <= base.Through {
				delete(l.hours[origin], h)
			}
		}
	}
}

func (l *Ledger) of(origin string) map[int64]*record {
	m := l.hours[origin]
	if m == nil {
		m = map[int64]*record{}
		l.hours[origin] = m
		l.origins = append(l.origins, origin)
	}
	return m
}

// At sets the input message that the next Adds are about: a record that already includes its
// offset, from before a crash, does not count it again.
func (l *Ledger) At(offset int64) {
	l.at = offset + 1
	l.through = max(l.through, l.at)
}

// Through is how far the input is counted, at least in part: an offset, + 1.
func (l *Ledger) Through() int64 { return l.through }

// Anew is told that the offsets of the input have begun again: those of the records tell nothing of what
// comes now.
func (l *Ledger) Anew() {
	l.at, l.through = 0, 0
	for _, r := range l.base {
		r.Offset = 0
	}
	for _, hours := range l.hours {
		for _, r := range hours {
			r.Offset = 0
		}
	}
}

// Add adds n to a count of what was received from origin at t.
func (l *Ledger) Add(origin string, t time.Time, count string, n int64) {
	if _, ok := l.hours[origin]; !ok && len(l.hours) >= maxOrigins {
		origin = other
	}
	hour := t.Unix() / 3600
	if b := l.base[origin]; b != nil && hour <= b.Through {
		hour = b.Through + 1 // a late one: its hour is folded
	}
	hours := l.of(origin)
	r := hours[hour]
	if r == nil {
		r = &record{Hop: l.hop, Part: l.part, Origin: origin, Hour: hour, Counts: map[string]int64{}}
		if b := l.base[origin]; b != nil {
			r.Offset = b.Offset
		}
		hours[hour] = r
	}
	if l.at > 0 && r.Offset >= l.at && !l.touched[r] {
		return
	}
	r.Counts[count] += n
	l.touched[r] = true
}

// Change is one record to be written; a nil Value deletes Key.
type Change struct{ Key, Value []byte }

// Drain returns the records that changed since the last call, after folding old hours into the
// base.
func (l *Ledger) Drain(now time.Time) []Change {
	if len(l.touched) == 0 {
		return nil
	}
	l.fold(now.Unix()/3600 - keepHours)
	var out []Change
	for r := range l.touched {
		r.Gen, r.Offset = l.gen, max(r.Offset, l.at)
		b, err := json.Marshal(r)
		if err != nil {
			panic("BUG: marshal account record: " + err.Error())
		}
		out = append(out, Change{[]byte(r.Key()), b})
	}
	for _, k := range l.dead { // behind the base that includes them
		out = append(out, Change{Key: []byte(k)})
	}
	clear(l.touched)
	l.dead = l.dead[:0]
	return out
}

// Again has the next Drain return changes that an earlier one returned, with what their records hold by
// then: they were not written.
func (l *Ledger) Again(changes []Change) {
	for _, c := range changes {
		r, err := parse(c.Value)
		if err != nil { // a deletion
			l.dead = append(l.dead, string(c.Key))
			continue
		}
		now := l.base[r.Origin]
		if r.Hour != 0 {
			now = l.hours[r.Origin][r.Hour]
		}
		if now != nil { // else it was folded since
			l.touched[now] = true
		}
	}
}

// fold moves the hours up to last into the base of origins that are being written, and of a few others in
// turn: files and devices come and go, and the hours of one that fell silent would stand apart for ever.
func (l *Ledger) fold(last int64) {
	for r := range maps.Clone(l.touched) {
		l.foldOrigin(r.Origin, last)
	}
	for range min(foldAtOnce, len(l.origins)) {
		l.turn = (l.turn + 1) % len(l.origins)
		l.foldOrigin(l.origins[l.turn], last)
	}
}

func (l *Ledger) foldOrigin(origin string, last int64) {
	hours := l.hours[origin]
	for h, old := range hours {
		if h > last {
			continue
		}
		base := l.base[origin]
		if base == nil {
			base = &record{Hop: l.hop, Part: l.part, Origin: origin, Counts: map[string]int64{}}
			l.base[origin] = base
		}
		for c, n := range old.Counts {
			base.Counts[c] += n
		}
		base.Through, base.Offset = max(base.Through, h), max(base.Offset, old.Offset)
		delete(hours, h)
		delete(l.touched, old)
		l.touched[base] = true
		l.dead = append(l.dead, old.Key())
	}
}

// parse parses the value of one record.
func parse(value []byte) (record, error) {
	var r record
	if err := json.Unmarshal(value, &r); err != nil {
		return r, fmt.Errorf("account record: %w", err)
	}
	return r, nil
}
