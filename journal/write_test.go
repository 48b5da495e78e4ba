package journal_test

import (
	"bytes"
	"errors"
	"slices"
	"syscall"
	"testing"

	"sluice/internal/disk"
	"sluice/internal/disk/disktest"
	"sluice/journal"
)

// badWrites is a disk on which a write fails although its bytes are there.
type badWrites struct {
	*disktest.Disk
	fails bool
}

type badFile struct {
	disk.File
	d *badWrites
}

func (d *badWrites) Create(name string) (disk.File, error) {
	f, err := d.Disk.Create(name)
	return badFile{f, d}, err
}

func (d *badWrites) Open(name string) (disk.File, error) {
	f, err := d.Disk.Open(name)
	return badFile{f, d}, err
}

func (f badFile) WriteAt(b []byte, off int64) (int, error) {
	n, err := f.File.WriteAt(b, off)
	if f.d.fails {
		err = syscall.EIO
	}
	return n, err
}

// TestWriteErrorStops: what a failed write left behind the end is no part of the journal, whatever is appended after
// it.
func TestWriteErrorStops(t *testing.T) {
	d := &badWrites{Disk: disktest.New()}
	j := open(t, d, journal.Options{Codec: journal.None})
	acked := add(t, j, 10, 1)
	d.fails = true
	refused := []journal.Batch{{Records: [][]byte{bytes.Repeat([]byte("x"), 500)}}, {Records: [][]byte{[]byte("never acknowledged")}}}
	if _, err := j.Append(t.Context(), refused...); !errors.Is(err, journal.ErrFailed) {
		t.Errorf("append on a disk that does not write: %v", err)
	}
	d.fails = false
	if err := j.Reopen(); err != nil {
		t.Fatal(err)
	}
	for s, r := range add(t, j, 1, 1) {
		acked[s] = r
	}
	again := open(t, d.Clone(), journal.Options{Damaged: func(d journal.Damage) { t.Error(d) }})
	check(t, acked, drain(t, again, 1), nil)
}

// TestTrimTriesAgain: a segment that cannot be removed still counts, until it can; one that somebody else has removed
// is no error.
func TestTrimTriesAgain(t *testing.T) {
	d := &disktest.Keeping{Disk: disktest.New()}
	j := open(t, d, journal.Options{SegmentBytes: 300})
	add(t, j, 50, 1)
	before := j.Stats()
	d.Keeps = true
	for range 2 {
		if err := j.TrimBefore(before.Next); !errors.Is(err, syscall.EIO) {
			t.Errorf("trim: %v", err)
		}
		if now := j.Stats(); now.Bytes != before.Bytes || now.First != before.First {
			t.Errorf("%d bytes from %d on, want %d from %d", now.Bytes, now.First, before.Bytes, before.First)
		}
	}
	d.Keeps = false
	names, err := d.List()
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	if err := d.Remove(names[0]); err != nil {
		t.Fatal(err)
	}
	if err := j.TrimBefore(before.Next); err != nil {
		t.Error(err)
	}
	if n := j.Stats().Segments; n != 1 {
		t.Errorf("%d segments are left, want the last", n)
	}
}
