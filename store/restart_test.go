package store

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"sluice/internal/disk/disktest"
)

// TestRestartWithoutRoom: what memory held when the disk took no segment any more it holds behind a restart,
// which waits for none.
func TestRestartWithoutRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		segs, wal := disktest.New(), disktest.New()
		opt := options(40)
		opt.Disk = twoDisks(segs, wal)
		s := open(t, "", opt)
		segs.Break(errors.New("no space"))
		put(t, s, 0, 40)
		put(t, s, 40, 80)
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		if _, err := s.Bulk(ctx, []Op{{Action: Create, Index: stream, ID: "more", Source: []byte(`{}`)}}); err == nil {
			t.Error("there was room for one more")
		}
		closeStore(t, s)
		opened := make(chan *Store)
		go func() { opened <- open(t, "", opt) }()
		select {
		case s = <-opened:
		case <-time.After(time.Minute):
			segs.Break(nil)
			s = <-opened
			t.Error("the start has waited for room")
		}
		segs.Break(nil)
		if n := count(t, s, nil); n != 80 {
			t.Errorf("%d documents, want 80", n)
		}
		closeStore(t, s)
	})
}

// TestOnceInABatch: what one batch writes twice is there once, also where memory becomes a segment between
// the two.
func TestOnceInABatch(t *testing.T) {
	s := open(t, t.TempDir(), options(40))
	defer closeStore(t, s)
	put(t, s, 0, 39)
	res, err := s.Bulk(t.Context(), []Op{
		{Action: Index, Index: stream, ID: "twice", Source: []byte(`{"n":1}`)},
		{Action: Index, Index: stream, ID: "twice", Source: []byte(`{"n":2}`)},
	})
	if err != nil || res[0].Status != 201 || res[1].Status != 200 {
		t.Fatalf("%v %v", res, err)
	}
	if n := count(t, s, nil); n != 40 {
		t.Errorf("%d documents, want 40", n)
	}
}
