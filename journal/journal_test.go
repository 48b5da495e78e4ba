package journal_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sluice/internal/disk"
	"sluice/internal/disk/disktest"
	"sluice/journal"
)

func open(t *testing.T, fs disk.FS, opt journal.Options) *journal.Journal {
	t.Helper()
	j, err := journal.Open(fs, opt)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// add appends n records in batches of size per and returns what is acknowledged.
func add(t *testing.T, j *journal.Journal, n, per int) map[journal.Seq]string {
	t.Helper()
	acked := map[journal.Seq]string{}
	for i := 0; i < n; i += per {
		var b journal.Batch
		for k := range per {
			b.Records = append(b.Records, fmt.Appendf(nil, "record %d %x", i+k, rand.Uint64()))
		}
		first, err := j.Append(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		for k, r := range b.Records {
			acked[first+journal.Seq(k)] = string(r)
		}
	}
	return acked
}

func drain(t *testing.T, j *journal.Journal, from journal.Seq) map[journal.Seq]string {
	t.Helper()
	r := j.Reader(from, 0)
	defer r.Close()
	got := map[journal.Seq]string{}
	for {
		b, ok, err := r.TryNext()
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return got
		}
		for k, rec := range b.Records {
			s := b.First + journal.Seq(k)
			if _, twice := got[s]; twice {
				t.Fatalf("record %d read twice", s)
			}
			got[s] = string(rec)
		}
	}
}

// check: every acknowledged record reads back, or is inside a reported damage.
func check(t *testing.T, acked, got map[journal.Seq]string, damages []journal.Damage) (lost int) {
	t.Helper()
	for s, want := range acked {
		if g, ok := got[s]; ok {
			if g != want {
				t.Errorf("record %d = %q, want %q", s, g, want)
			}
			continue
		}
		lost++
		told := false
		for _, d := range damages {
			told = told || s >= d.First && (s <= d.Last || d.Last == 0)
		}
		if !told {
			t.Errorf("record %d is missing and nobody was told", s)
		}
	}
	for s := range got {
		if _, ok := acked[s]; !ok {
			t.Errorf("record %d was never written", s)
		}
	}
	return lost
}

func TestReopenReadsEverything(t *testing.T) {
	for _, c := range []journal.Codec{journal.None, journal.S2, journal.Zstd} {
		fs := disk.Dir(t.TempDir() + "/j")
		opt := journal.Options{SegmentBytes: 4096, Codec: c}
		j := open(t, fs, opt)
		acked := add(t, j, 1000, 7)
		if _, err := journal.Open(fs, opt); !errors.Is(err, disk.ErrLocked) {
			t.Errorf("second open: %v, want ErrLocked", err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		j = open(t, fs, opt)
		check(t, acked, drain(t, j, 1), nil)
		if err := j.TrimBefore(500); err != nil {
			t.Fatal(err)
		}
		st := j.Stats()
		if st.First > 500 || st.First < 300 {
			t.Errorf("first after trim = %d", st.First)
		}
		for s := range drain(t, j, 1) {
			delete(acked, s)
		}
		if len(acked) != int(st.First-1) {
			t.Errorf("%d records gone, want %d", len(acked), st.First-1)
		}
		if _, _, err := j.Reader(st.Next+1, 0).TryNext(); !errors.Is(err, journal.ErrAhead) {
			t.Errorf("reader past the end: %v", err)
		}
		j.Close()
	}
}

// slowDisk takes its time for each sync, as a disk does; one in memory may be done before others come.
type slowDisk struct{ disk.FS }

type slowFile struct{ disk.File }

func (f slowFile) Sync() error {
	time.Sleep(2 * time.Millisecond)
	return f.File.Sync()
}

func (d slowDisk) Create(name string) (disk.File, error) {
	f, err := d.FS.Create(name)
	return slowFile{f}, err
}

func (d slowDisk) Open(name string) (disk.File, error) {
	f, err := d.FS.Open(name)
	return slowFile{f}, err
}

func TestAppendersShareSyncs(t *testing.T) {
	j := open(t, slowDisk{disktest.New()}, journal.Options{})
	defer j.Close()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { add(t, j, 100, 1) })
	}
	wg.Wait()
	if st := j.Stats(); st.Appends != 800 || st.Syncs > 400 || st.Next != 801 {
		t.Errorf("%+v", st)
	}
}

func TestReaderWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := open(t, disktest.New(), journal.Options{})
		got := make(chan error, 2)
		go func() {
			r := j.Reader(1, 2)
			b, err := r.Next(t.Context())
			if err == nil && string(b.Records[0]) != "labelled" {
				err = fmt.Errorf("got %q", b.Records)
			}
			got <- err
			_, err = r.Next(t.Context())
			got <- err
		}()
		synctest.Wait()
		j.Append(t.Context(), journal.Batch{Labels: 1, Records: [][]byte{[]byte("other")}})
		j.Append(t.Context(), journal.Batch{Labels: 2, Records: [][]byte{[]byte("labelled")}})
		if err := <-got; err != nil {
			t.Error(err)
		}
		j.Close()
		if err := <-got; !errors.Is(err, journal.ErrClosed) {
			t.Errorf("after close: %v", err)
		}
	})
}

// sum is a State whose fold anybody can check.
type sum struct{ n, seq uint64 }

func (s *sum) Restore(b []byte) error {
	*s = sum{}
	if b != nil {
		s.n, s.seq = binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
	}
	return nil
}
func (s *sum) Apply(b journal.Batch) { s.n += uint64(len(b.Records)); s.seq += uint64(b.First) }
func (s *sum) Snapshot() []byte {
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, s.n), s.seq)
}

func TestStateFollowsTheLog(t *testing.T) {
	d := disktest.New()
	live := &sum{}
	j := open(t, d, journal.Options{SegmentBytes: 2048, State: live})
	add(t, j, 900, 3)
	j.TrimBefore(800)
	d.Crash()
	again := &sum{}
	j = open(t, d, journal.Options{SegmentBytes: 2048, State: again})
	if *again != *live || live.n != 900 {
		t.Errorf("after replay %+v, live %+v", *again, *live)
	}
	if n := j.Stats().ReplayedRecords; n > 120 {
		t.Errorf("replayed %d records, want those of one segment", n)
	}
}

func TestCancelledAppend(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := open(t, disktest.New(), journal.Options{}).Append(ctx, journal.Batch{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
