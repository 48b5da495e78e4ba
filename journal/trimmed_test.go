package journal_test

import (
	"testing"
	"time"

	"sluice/internal/disk"
	"sluice/internal/disk/disktest"
	"sluice/journal"
)

// TestTrimmedAhead: a reader behind what TrimBefore took goes on with what is left, and nothing
// is reported lost: who trims says that nobody needs it.
func TestTrimmedAhead(t *testing.T) {
	d := disktest.New()
	var lost []string
	j := open(t, d, journal.Options{SegmentBytes: 2048, Codec: journal.None, Damaged: func(d journal.Damage) { lost = append(lost, d.String()) }})
	add(t, j, 3, 1)
	r := j.Reader(1, 0)
	defer r.Close()
	read := func() (n int, last journal.Seq) {
		t.Helper()
		for {
			b, ok, err := r.TryNext()
			if err != nil {
				t.Fatal(err)
			}
			if !ok {
				return n, last
			}
			n, last = n+len(b.Records), b.First+journal.Seq(len(b.Records))-1
		}
	}
	if n, _ := read(); n != 3 {
		t.Fatalf("%d records, want 3", n)
	}
	add(t, j, 400, 1) // the segment grows, others follow
	next := j.Stats().Next
	if err := j.TrimBefore(next); err != nil {
		t.Fatal(err)
	}
	if n, last := read(); n == 0 || n == 400 || last != next-1 {
		t.Errorf("%d records up to %d, want some of 400, up to %d", n, last, next-1)
	}
	if len(lost) > 0 || j.Stats().Damages > 0 {
		t.Errorf("reported lost: %q", lost)
	}
}

// trimming takes everything away as the reader is about to open a segment.
type trimming struct {
	*disktest.Disk
	trim func()
	each func()
}

func (d *trimming) Open(name string) (disk.File, error) {
	if trim := d.trim; trim != nil {
		d.trim = nil
		trim()
	}
	if d.each != nil {
		d.each()
	}
	return d.Disk.Open(name)
}

// TestTrimmedAtOpen: the same between finding a segment and opening it.
func TestTrimmedAtOpen(t *testing.T) {
	d := &trimming{Disk: disktest.New()}
	var lost []string
	j := open(t, d, journal.Options{SegmentBytes: 2048, Codec: journal.None, Damaged: func(d journal.Damage) { lost = append(lost, d.String()) }})
	add(t, j, 400, 1)
	d.trim = func() {
		if err := j.TrimBefore(j.Stats().Next); err != nil {
			t.Error(err)
		}
	}
	r := j.Reader(1, 0)
	defer r.Close()
	if b, ok, err := r.TryNext(); !ok || err != nil || b.First == 1 {
		t.Errorf("%d, %v, %v; want a later record", b.First, ok, err)
	}
	if len(lost) > 0 {
		t.Errorf("reported lost: %q", lost)
	}
}

// TestDroppableClockAhead: what was appended by a clock that was ahead is no younger than what came behind it.
func TestDroppableClockAhead(t *testing.T) {
	c := newClock()
	j := open(t, disktest.New(), journal.Options{SegmentBytes: 2048, Codec: journal.None, Now: c.now})
	start := c.now()
	c.add(365 * 24 * time.Hour)
	add(t, j, 200, 1)
	keep := journal.Keep{Since: c.now().Add(-time.Hour)}
	if got := j.Droppable(j.Stats().Next, keep); got != 1 {
		t.Errorf("by that clock they are young, and %d is to go", got)
	}
	c.add(start.Sub(c.now()) + time.Hour)
	add(t, j, 1, 1)
	end := j.Stats().Next
	keep.Since = c.now().Add(-time.Minute)
	if got := j.Droppable(end, keep); got != 1 {
		t.Errorf("%d is to go within the time that is kept", got)
	}
	c.add(time.Hour)
	add(t, j, 1, 1)
	keep.Since = c.now().Add(time.Second) // nothing is kept, a second later
	if got, n := j.Droppable(end, keep), j.Stats().Segments; got < 150 {
		t.Errorf("of %d segments only those before %d are to go", n, got)
	}
}
