package journal_test

import (
	"encoding/binary"
	"errors"
	"syscall"
	"testing"

	"sluice/internal/disk"
	"sluice/internal/disk/disktest"
	"sluice/journal"
)

// unopened refuses to open files, as long as there is an error to refuse them with.
type unopened struct {
	*disktest.Disk
	err error
}

func (d *unopened) Open(name string) (disk.File, error) {
	if d.err != nil {
		return nil, d.err
	}
	return d.Disk.Open(name)
}

// TestReaderUnopened: a segment that cannot be opened for now, for want of a file descriptor, is not
// taken for a damaged one: its records are read later, and nothing is reported lost.
func TestReaderUnopened(t *testing.T) {
	d := &unopened{Disk: disktest.New()}
	var lost []string
	j := open(t, d, journal.Options{SegmentBytes: 2048, Codec: journal.None, Damaged: func(d journal.Damage) { lost = append(lost, d.String()) }})
	add(t, j, 400, 1)
	d.err = syscall.EMFILE
	r := j.Reader(1, 0)
	defer r.Close()
	if b, ok, err := r.TryNext(); ok || !errors.Is(err, syscall.EMFILE) {
		t.Errorf("%d, %v, %v; want %v", b.First, ok, err, syscall.EMFILE)
	}
	d.err = nil
	if b, ok, err := r.TryNext(); !ok || err != nil || b.First != 1 {
		t.Errorf("%d, %v, %v; want the first record", b.First, ok, err)
	}
	if len(lost) > 0 {
		t.Errorf("reported lost: %q", lost)
	}
}

// TestVerifyTrimmed: what the owner trims while Verify reads is no damage.
func TestVerifyTrimmed(t *testing.T) {
	for _, at := range []int{2, 3} { // of two rounds over the segments: looked at, and read
		d := &trimming{Disk: disktest.New()}
		j := open(t, d, journal.Options{SegmentBytes: 2048, Codec: journal.None})
		add(t, j, 400, 1)
		opens, all := 0, j.Stats().Segments
		d.each = func() {
			if opens++; opens == at*all/2 {
				if err := j.TrimBefore(j.Stats().Next); err != nil {
					t.Error(err)
				}
			}
		}
		var told []string
		if _, err := journal.Verify(d, func(d journal.Damage) { told = append(told, d.String()) }); err != nil || len(told) > 0 {
			t.Errorf("%v, told %q", err, told)
		}
	}
}

// TestSnapshotDamaged: one copy of the snapshot is enough, and without any it is told what is lost.
func TestSnapshotDamaged(t *testing.T) {
	const head, frame = 48, 56
	d := disktest.New()
	j := open(t, d, journal.Options{SegmentBytes: 2048, Codec: journal.None, State: &sum{}})
	add(t, j, 400, 1)
	if err := j.TrimBefore(j.Stats().Next); err != nil {
		t.Fatal(err)
	}
	next := j.Stats().Next
	j.Close()
	name := segments(d)[0]
	f := func(told int, places ...int) {
		t.Helper()
		c := d.Clone()
		for _, at := range places {
			c.Bytes(name)[at] ^= 1
		}
		var lost []string
		note := func(d journal.Damage) { lost = append(lost, d.String()) }
		if _, err := journal.Verify(c, note); err != nil || (len(lost) > 0) != (len(places) > 0) {
			t.Errorf("%v: verify told %q, %v", places, lost, err)
		}
		lost = nil
		s := &sum{}
		j := open(t, c, journal.Options{SegmentBytes: 2048, Codec: journal.None, State: s, Damaged: note})
		if len(lost) != told || told == 0 && s.n != 400 || j.Stats().Next != next {
			t.Errorf("%v: told %q, state of %d records, next %d; want %d", places, lost, s.n, j.Stats().Next, next)
		}
	}
	second := head + frame + int(binary.LittleEndian.Uint32(d.Bytes(name)[head+40:]))
	f(0)
	f(0, head+frame+2)
	f(0, head+2)
	f(0, second+frame+2)
	f(0, second+2)
	f(1, head+frame+2, second+frame+2)
	f(1, head+2, second+frame+2)
	f(1, head+frame+2, second+2)
	f(1, head+2, second+2)
}

// TestHeadGone: a journal whose last segment has lost its head, or all it had, opens, says so, and
// gives no number twice.
func TestHeadGone(t *testing.T) {
	f := func(damage func(d *disktest.Disk, last string), state journal.State, segmentBytes int64) {
		t.Helper()
		d := disktest.New()
		j := open(t, d, journal.Options{State: state, SegmentBytes: segmentBytes, Codec: journal.None})
		add(t, j, 400, 1)
		next := j.Stats().Next
		j.Close()
		names := segments(d)
		damage(d, names[len(names)-1])
		var lost []string
		if _, err := journal.Verify(d, func(d journal.Damage) {
			if !d.Torn {
				lost = append(lost, d.String())
			}
		}); err != nil || len(lost) != 1 {
			t.Errorf("verify told %q, %v", lost, err)
		}
		lost = nil
		j, err := journal.Open(d, journal.Options{State: state, Damaged: func(d journal.Damage) { lost = append(lost, d.String()) }})
		if err != nil {
			t.Fatal(err)
		}
		if len(lost) != 1 || j.Stats().Next < next {
			t.Errorf("told %q, next %d of %d", lost, j.Stats().Next, next)
		}
		acked := add(t, j, 3, 1)
		got := drain(t, j, 1)
		for seq, r := range acked {
			if got[seq] != r {
				t.Errorf("%d is %q, want %q", seq, got[seq], r)
			}
		}
	}
	noHead := func(d *disktest.Disk, last string) { clear(d.Bytes(last)[:48]) }
	empty := func(d *disktest.Disk, last string) { d.Cut(last, len(d.Bytes(last))) }
	f(noHead, nil, 1<<20)
	f(noHead, &sum{}, 1<<20)
	f(noHead, nil, 2048)
	f(noHead, &sum{}, 2048)
	f(empty, nil, 2048)
	f(empty, &sum{}, 2048)
}

// TestAfter: a log that ends before what its owner has of it says so once, and goes on behind that.
func TestAfter(t *testing.T) {
	for _, records := range []int{0, 3, 400} {
		d := disktest.New()
		j := open(t, d, journal.Options{SegmentBytes: 2048})
		acked := add(t, j, records, 1)
		j.Close()
		var lost []string
		opt := journal.Options{SegmentBytes: 2048, After: 1000, State: &sum{}, Damaged: func(d journal.Damage) { lost = append(lost, d.String()) }}
		j = open(t, d, opt)
		if len(lost) != 1 {
			t.Errorf("%d records: told %q", records, lost)
		}
		for seq, r := range add(t, j, 3, 1) {
			if acked[seq] = r; seq <= opt.After {
				t.Errorf("%d records: %d is given again", records, seq)
			}
		}
		j.Close()
		lost = nil
		opt.State = &sum{}
		j = open(t, d, opt)
		if len(lost) > 0 {
			t.Errorf("%d records: told again: %q", records, lost)
		}
		if got := drain(t, j, 1); len(got) != len(acked) {
			t.Errorf("%d records: %d of %d are there", records, len(got), len(acked))
		}
	}
}

// TestVerifyEmptied: the only segment of a journal that had a name is no unfinished one.
func TestVerifyEmptied(t *testing.T) {
	d := disktest.New()
	add(t, open(t, d, journal.Options{}), 3, 1)
	name := segments(d)[0]
	d.Cut(name, len(d.Bytes(name)))
	var told []journal.Damage
	r, err := journal.Verify(d, func(d journal.Damage) { told = append(told, d) })
	if err != nil || r.Damages != 1 || len(told) != 1 || !told[0].Gone {
		t.Errorf("%d damages, told %v, %v", r.Damages, told, err)
	}
}
