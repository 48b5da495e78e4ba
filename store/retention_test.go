package store

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sluice/internal/disk"
)

func TestRetentionAndMerge(t *testing.T) {
	s := open(t, t.TempDir(), options(100))
	defer closeStore(t, s)
	for i := 0; i < 1000; i += 100 {
		put(t, s, i, i+100)
		settle(s)
	}
	put(t, s, 1000, 1001)
	settle(s)
	var ops []Op
	for i := range 400 {
		if i%10 != 0 {
			ops = append(ops, Op{Action: Delete, Index: stream, ID: fmt.Sprintf("id%06d", i)})
		}
	}
	if _, err := s.Bulk(context.Background(), ops); err != nil {
		t.Fatal(err)
	}
	before := s.Stats().Segments
	s.mergeSegments()
	if n := s.Stats().Segments; n >= before {
		t.Errorf("%d segments after the merge of %d", n, before)
	}
	if n := count(t, s, nil); n != 641 {
		t.Errorf("%d documents after the merge, want 641", n)
	}
	if d, ok, err := s.Get(context.Background(), stream, "id000010"); !ok || string(d.Source) != testDoc(10) {
		t.Errorf("document 10 after the merge: %s %v", d.Source, err)
	}
	size := s.Stats().Bytes
	gone, err := s.retain(Retention{Bytes: size / 2})
	if err != nil || gone == 0 {
		t.Fatal(gone, err)
	}
	if n := count(t, s, nil); n != 641-gone || s.Stats().Bytes > size/2 {
		t.Errorf("%d documents, %d went, %d bytes", n, gone, s.Stats().Bytes)
	}
	if _, ok, _ := s.Get(context.Background(), stream, "id000010"); ok {
		t.Error("the oldest is still there")
	}
}

// Segments of long lines have few rows: what a merge may hold in memory bounds them too, and what fills
// memory by itself is not read again with every merge.
func TestMergeOfLongLines(t *testing.T) {
	dir := t.TempDir()
	line := func(s *Store, from, to int) {
		t.Helper()
		for i := from; i < to; i++ {
			doc := fmt.Sprintf(`{"@timestamp":"2026-11-23T12:00:00.000Z","n":%d,"message":"%0300000d"}`, i, i)
			if _, err := s.Bulk(t.Context(), []Op{{Action: Create, Index: stream, ID: fmt.Sprint(i), Source: []byte(doc)}}); err != nil {
				t.Fatal(err)
			}
			settle(s)
		}
	}
	small, large := options(1000), options(1000)
	small.MemoryBytes, large.MemoryBytes = memShare, 1<<20*memShare // one line, four lines
	s := open(t, dir, small)
	line(s, 0, 20)
	closeStore(t, s)
	s = open(t, dir, large)
	defer closeStore(t, s)
	for range 3 {
		s.mergeSegments()
		for _, p := range s.parts {
			if p.sum.rows > 4 {
				t.Errorf("%d lines of 300 KB in one segment, where memory has room for 4", p.sum.rows)
			}
			if p.sum.rows == 4 && !p.full() {
				t.Error("a segment that fills memory is merged again")
			}
		}
	}
	if n := len(s.parts); n != 5 {
		t.Errorf("%d segments, want 5 of 4 lines", n)
	}
	if n := count(t, s, nil); n != 20 {
		t.Errorf("%d documents, want 20", n)
	}
}

// heldDir is a directory in which the first file to be created, once armed, waits for release.
type heldDir struct {
	disk.FS
	armed            atomic.Bool
	reached, release chan struct{}
}

func (d *heldDir) Create(name string) (disk.File, error) {
	if d.armed.CompareAndSwap(true, false) {
		close(d.reached)
		<-d.release
	}
	return d.FS.Create(name)
}

// A batch that waits for room in memory waits for a flush, which waits for the merge under way: the
// merge waits for neither.
func TestMergeWhileMemoryIsFull(t *testing.T) {
	dir := t.TempDir()
	held := &heldDir{reached: make(chan struct{}), release: make(chan struct{})}
	opt := options(50)
	opt.Disk = besideSegments(dir, func(fs disk.FS) disk.FS { held.FS = fs; return held })
	s := open(t, dir, opt)
	defer closeStore(t, s)
	var deletes []Op
	for i := 0; i < 200; i += 50 {
		put(t, s, i, i+50)
		settle(s)
		for j := range 40 {
			deletes = append(deletes, Op{Action: Delete, Index: stream, ID: fmt.Sprintf("id%06d", i+j)})
		}
	}
	if _, err := s.Bulk(t.Context(), deletes); err != nil {
		t.Fatal(err)
	}
	held.armed.Store(true)
	var work sync.WaitGroup
	work.Go(s.mergeSegments)
	<-held.reached
	put(t, s, 200, 250) // to be flushed
	put(t, s, 250, 300) // and no room any more
	work.Go(func() {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // else it would hang
		defer cancel()
		if _, err := s.Bulk(ctx, []Op{{Action: Create, Index: stream, ID: "one", Source: []byte(testDoc(300))}}); err != nil {
			t.Error(err)
		}
	})
	for s.writing.TryLock() { // until that batch has it
		s.writing.Unlock()
		runtime.Gosched()
	}
	close(held.release)
	work.Wait()
	if n := count(t, s, nil); n != 141 {
		t.Errorf("%d documents, want 141", n)
	}
}

// TestRetentionByAge: what is too old goes, but not by a clock that has just jumped ahead.
func TestRetentionByAge(t *testing.T) {
	var now time.Time
	opt := options(100)
	opt.Now = func() time.Time { return now }
	dir := t.TempDir()
	s := open(t, dir, opt)
	for i := 0; i < 300; i += 100 {
		put(t, s, i, i+100)
		settle(s)
	}
	closeStore(t, s) // each flush asks for the time behind its segment
	s = open(t, dir, opt)
	defer closeStore(t, s)
	up := time.Duration(0)
	now = time.Unix(0, s.parts[0].sum.maxTime)
	s.uptime, s.clock = func() time.Duration { return up }, now
	f := func(what string, goes bool) {
		t.Helper()
		gone, err := s.retain(Retention{Age: 24 * time.Hour})
		if err != nil || (gone > 0) != goes {
			t.Errorf("%s: %d events went, %v", what, gone, err)
		}
	}
	pass := func(d time.Duration) { now, up = now.Add(d), up+d }
	pass(2 * time.Hour)
	f("of today", false)
	now = now.AddDate(1, 0, 0)
	f("a year ahead at once", false)
	pass(50 * time.Minute)
	f("and for less than an hour", false)
	now = now.AddDate(-1, 0, 0)
	f("right again", false)
	pass(48 * time.Hour)
	f("two days later", true)
}

// One device whose clock is ahead must not keep everybody's events beyond their age; nor does what it
// claims remove anything early.
func TestRetentionByAgeOfAClockAhead(t *testing.T) {
	now := testNow
	opt := options(10)
	opt.Now = func() time.Time { return now }
	opt.Types = func(f string) (string, bool) { return "date", f == "event.ingested" }
	dir := t.TempDir()
	s := open(t, dir, opt)
	for day := range 3 {
		var ops []Op
		for i := range 10 {
			at := testNow.AddDate(0, 0, day)
			claims := at
			if i == 5 {
				claims = at.AddDate(0, 10, 0)
			}
			doc := fmt.Sprintf(`{"@timestamp":%q,"event":{"ingested":%q}}`, claims.Format(time.RFC3339), at.Format(time.RFC3339))
			ops = append(ops, Op{Action: Create, Index: stream, ID: fmt.Sprint(day, i), Source: []byte(doc)})
		}
		if _, err := s.Bulk(t.Context(), ops); err != nil {
			t.Fatal(err)
		}
		settle(s)
	}
	closeStore(t, s) // each flush asks for the time behind its segment
	s = open(t, dir, opt)
	defer closeStore(t, s)
	up := time.Duration(0)
	s.uptime, s.clock = func() time.Duration { return up }, now
	for _, c := range []struct {
		hours int
		gone  int64
	}{{2, 0}, {22, 0}, {1, 10}, {24, 10}, {24, 0}} { // the newest segment always stays
		now, up = now.Add(time.Duration(c.hours)*time.Hour), up+time.Duration(c.hours)*time.Hour
		gone, err := s.retain(Retention{Age: 24 * time.Hour})
		if err != nil || gone != c.gone {
			t.Errorf("%s: %d events went, want %d, %v", now, gone, c.gone, err)
		}
	}
}

// Events without a time are not of 1970: they go by when they came, or by size alone.
func TestRetentionByAgeWithoutTime(t *testing.T) {
	now := testNow
	opt := options(10)
	opt.Now = func() time.Time { return now }
	opt.Types = func(f string) (string, bool) { return "date", f == "event.ingested" }
	s := open(t, t.TempDir(), opt)
	defer closeStore(t, s)
	for i, doc := range []string{`{"event":{"ingested":"2026-11-23T00:00:00Z"}}`, `{"a":1}`, `{"a":2}`} {
		var ops []Op
		for k := range 10 {
			ops = append(ops, Op{Action: Create, Index: stream, ID: fmt.Sprint(i, k), Source: []byte(doc)})
		}
		if _, err := s.Bulk(t.Context(), ops); err != nil {
			t.Fatal(err)
		}
		settle(s)
	}
	up := time.Duration(0)
	s.uptime, s.clock = func() time.Duration { return up }, now
	for _, c := range []struct {
		hours int
		gone  int64
	}{{2, 0}, {48, 10}, {480, 0}} {
		now, up = now.Add(time.Duration(c.hours)*time.Hour), up+time.Duration(c.hours)*time.Hour
		if gone, err := s.retain(Retention{Age: 24 * time.Hour}); err != nil || gone != c.gone {
			t.Errorf("%s: %d events went, want %d, %v", now, gone, c.gone, err)
		}
	}
}
