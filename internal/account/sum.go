package account

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Book adds up records of all hops and parts, as `sluice account` prints them. Where
// a key comes more than once the last one counts.
type Book struct{ records map[string]record }

// Put takes one record; a nil value deletes it.
func (b *Book) Put(key string, value []byte) error {
	if b.records == nil {
		b.records = map[string]record{}
	}
	if value == nil {
		delete(b.records, key)
		return nil
	}
	r, err := parse(value)
	if err != nil {
		return err
	}
	if b.records[key].Gen <= r.Gen {
		b.records[key] = r
	}
	return nil
}

// Line is the account of one origin, or of all.
type Line struct {
	Origin     string           `json:"origin"`
	Received   int64            `json:"received"`
	Split      int64            `json:"split,omitempty"` // events beyond the first of lines that hold several
	Normalized int64            `json:"normalized"`
	Unparsed   int64            `json:"unparsed"`
	Indexed    int64            `json:"indexed"`
	Dead       int64            `json:"dead_lettered"`
	Dropped    map[string]int64 `json:"dropped,omitempty"`
	// Heard is the hour in which something was received last: a device that fell silent
	// is found by it. Zero where nothing was.
	Heard time.Time `json:"heard,omitzero"`
}

// Open is what has been received and has not come to an end yet: in flight, or missing.
func (l Line) Open() int64 {
	open := l.Received + l.Split - l.Indexed - l.Dead
	for _, n := range l.Dropped {
		open -= n
	}
	return open
}

// Lines is the account by origin, in the order of names, and the sum of all. What was received
// later than now, by a clock that was ahead, says nothing of when an origin was heard.
func (b *Book) Lines(now time.Time) (lines []Line, sum Line) {
	through := map[string]int64{} // by hop/part/origin
	for _, r := range b.records {
		if r.Hour == 0 {
			through[r.Hop+"/"+r.Part+"/"+r.Origin] = r.Through
		}
	}
	by := map[string]*Line{}
	lines = []Line{}
	sum.Origin = "all"
	for _, r := range b.records {
		if r.Hour != 0 && r.Hour <= through[r.Hop+"/"+r.Part+"/"+r.Origin] {
			continue // folded already; its deletion was cut off by a crash
		}
		l := by[r.Origin]
		if l == nil {
			l = &Line{Origin: r.Origin}
			by[r.Origin] = l
		}
		l.add(r, now)
		sum.add(r, now)
	}
	for _, l := range by {
		lines = append(lines, *l)
	}
	slices.SortFunc(lines, func(a, b Line) int { return cmp.Compare(a.Origin, b.Origin) })
	return lines, sum
}

func (l *Line) add(r record, now time.Time) {
	for c, n := range r.Counts {
		switch {
		case r.Hop == Collect && c == Received:
			l.Received += n
			at := time.Unix(max(r.Hour, r.Through)*3600, 0).UTC()
			if at.After(now) && !at.After(now.Add(time.Hour)) { // its hour was folded, so it counts as the next
				at = now.UTC().Truncate(time.Hour)
			}
			if at.After(l.Heard) && !at.After(now) {
				l.Heard = at
			}
		case r.Hop == Process && c == Events:
			l.Normalized += n
		case (r.Hop == Process || r.Hop == Letters) && c == Split:
			l.Split += n
		case r.Hop == Process && c == Unparsed:
			l.Unparsed += n
		case r.Hop == Index && c == Indexed:
			l.Indexed += n
		case c == Dead:
			l.Dead += n
		case strings.HasPrefix(c, Dropped):
			if l.Dropped == nil {
				l.Dropped = map[string]int64{}
			}
			l.Dropped[strings.TrimPrefix(c, Dropped)] += n
		}
	}
}
