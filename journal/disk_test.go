package journal_test

import (
	"errors"
	"syscall"
	"testing"

	"sluice/internal/disk/disktest"
	"sluice/journal"
)

func TestSyncErrorStopsForGood(t *testing.T) {
	d := disktest.New()
	j := open(t, d, journal.Options{})
	acked := add(t, j, 10, 1)
	d.Broken = syscall.EIO
	one := journal.Batch{Records: [][]byte{[]byte("x")}}
	if _, err := j.Append(t.Context(), one); !errors.Is(err, journal.ErrFailed) {
		t.Errorf("append on broken disk: %v", err)
	}
	d.Broken = nil // the kernel says ok the second time; it lies
	if _, err := j.Append(t.Context(), one); !errors.Is(err, journal.ErrFailed) {
		t.Errorf("append after fsync error: %v", err)
	}
	check(t, acked, drain(t, j, 1), nil)
	d.Crash()
	check(t, acked, drain(t, open(t, d, journal.Options{}), 1), nil)
}

func TestFullDiskPasses(t *testing.T) {
	for room := -1; room < 400; room++ {
		d := disktest.New()
		j := open(t, d, journal.Options{SegmentBytes: 300, Codec: journal.None})
		acked := add(t, j, 20, 2)
		d.Room = room
		b := journal.Batch{Records: [][]byte{make([]byte, 500)}}
		if _, err := j.Append(t.Context(), b); room != 0 && !errors.Is(err, journal.ErrFull) {
			t.Fatalf("room %d: %v", room, err)
		}
		d.Room = 0
		if room == 0 {
			continue
		}
		for s, r := range add(t, j, 2, 2) {
			acked[s] = r
		}
		d.Crash()
		j = open(t, d, journal.Options{Damaged: func(d journal.Damage) { t.Errorf("room %d: %v", room, d) }})
		check(t, acked, drain(t, j, 1), nil)
	}
}

func TestBound(t *testing.T) {
	j := open(t, disktest.New(), journal.Options{MaxBytes: 10 << 10, SegmentBytes: 1 << 10})
	var err error
	n := 0
	for ; err == nil; n++ {
		_, err = j.Append(t.Context(), journal.Batch{Records: [][]byte{make([]byte, 100)}})
	}
	if !errors.Is(err, journal.ErrFull) || n < 50 {
		t.Fatalf("after %d: %v", n, err)
	}
	j.TrimBefore(j.Stats().Next)
	add(t, j, 10, 1)
}

func TestPowerCutAnywhere(t *testing.T) {
	for seed := range 200 {
		d := disktest.New()
		j := open(t, d, journal.Options{SegmentBytes: 512})
		acked := add(t, j, seed, 3)
		d.Crash()
		j = open(t, d, journal.Options{SegmentBytes: 512})
		check(t, acked, drain(t, j, 1), nil)
		for s, r := range add(t, j, 5, 1) {
			if _, reused := acked[s]; reused {
				t.Fatalf("sequence %d given twice", s)
			}
			acked[s] = r
		}
		check(t, acked, drain(t, j, 1), nil)
	}
}
