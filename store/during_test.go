package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"sluice/internal/disk"
	"sluice/internal/disk/disktest"
)

// meanwhileDir does something once, when a file is read.
type meanwhileDir struct {
	disk.FS
	do func()
}

type meanwhileFile struct {
	disk.File
	d *meanwhileDir
}

func (d *meanwhileDir) Open(name string) (disk.File, error) {
	f, err := d.FS.Open(name)
	return meanwhileFile{f, d}, err
}

func (f meanwhileFile) ReadAt(p []byte, off int64) (int, error) {
	if do := f.d.do; do != nil {
		f.d.do = nil
		do()
	}
	return f.File.ReadAt(p, off)
}

// TestDocumentWrittenAnewDuringSearch: a search finds a document that is replaced while it runs, as it was.
func TestDocumentWrittenAnewDuringSearch(t *testing.T) {
	dir, d := t.TempDir(), &meanwhileDir{}
	opt := options(40)
	opt.Disk = besideSegments(dir, func(fs disk.FS) disk.FS { d.FS = fs; return d })
	s := open(t, dir, opt)
	defer closeStore(t, s)
	put(t, s, 0, 40)
	settle(s)
	for _, q := range []Query{Exists{Field: "@timestamp"}, IDs{Values: []string{"id000005"}}} {
		id := "id000004"
		if x, ok := q.(IDs); ok {
			id = x.Values[0]
		}
		want := count(t, s, q)
		s.cache.drop(s.parts[0])
		d.do = func() {
			if _, err := s.Bulk(context.Background(), []Op{{Action: Index, Index: stream, ID: id, Source: []byte(`{"@timestamp":"2026-11-23T00:00:00Z","n":-4}`)}}); err != nil {
				t.Error(err)
			}
		}
		if n := count(t, s, q); n != want {
			t.Errorf("%v finds %d documents while one of them is written anew, want %d", q, n, want)
		}
		if n := count(t, s, q); n != want {
			t.Errorf("%v finds %d documents, want %d", q, n, want)
		}
	}
}

// TestCloseWhileDiskIsFull: a batch that waits for room does not hold up the end.
func TestCloseWhileDiskIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		segs, wal := disktest.New(), disktest.New()
		opt := options(40)
		opt.Disk = twoDisks(segs, wal)
		s := open(t, "", opt)
		segs.Break(errors.New("no space"))
		put(t, s, 0, 40)
		put(t, s, 40, 80)
		waits := make(chan error, 1)
		go func() {
			_, err := s.Bulk(context.Background(), []Op{{Action: Create, Index: stream, ID: "x", Source: []byte(`{}`)}})
			waits <- err
		}()
		synctest.Wait()
		closed := make(chan error, 1)
		go func() { closed <- s.Close() }()
		select {
		case err := <-closed:
			if err != nil {
				t.Error(err)
			}
			if err := <-waits; !errors.Is(err, ErrClosed) {
				t.Errorf("the batch that waited ends with %v", err)
			}
		case <-time.After(time.Hour):
			t.Error("Close waits for a disk that is full")
			segs.Break(nil)
			<-closed
			<-waits
		}
	})
}

// TestAggregationsKeepToMemory: what buckets below buckets take is bounded, and so is an answer.
func TestAggregationsKeepToMemory(t *testing.T) {
	opt := options(1000)
	opt.MemoryBytes = 12 << 20
	s := open(t, t.TempDir(), opt)
	defer closeStore(t, s)
	for from := 0; from < 16000; from += 1000 {
		var ops []Op
		for i := from; i < from+1000; i++ {
			ops = append(ops, Op{Action: Create, Index: stream, ID: fmt.Sprint(i), Source: fmt.Appendf(nil, `{"@timestamp":%q,"a":"a%d","b":"b%d","few":"x"}`,
				testNow.Add(time.Duration(i)*time.Minute).Format(time.RFC3339), i, i)})
		}
		if _, err := s.Bulk(t.Context(), ops); err != nil {
			t.Fatal(err)
		}
	}
	f := func(a Agg, want error) {
		t.Helper()
		if _, err := s.Search(t.Context(), Request{Aggs: []Agg{a}, Timeout: time.Minute}); !errors.Is(err, want) {
			t.Errorf("%s of %s: %v", a.Kind, a.Field, err)
		}
	}
	terms := func(field string, sub ...Agg) Agg { return Agg{Name: field, Kind: "terms", Field: field, Aggs: sub} }
	minutes := Agg{Name: "h", Kind: "date_histogram", Field: "@timestamp", Interval: 10 * time.Second}
	f(terms("a"), nil)
	f(terms("few", terms("a")), nil)
	f(terms("a", terms("b", terms("few"))), errTooManyBuckets)
	f(minutes, errTooManyBuckets) // of 96,000 buckets, most are empty
	minutes.Interval = time.Minute
	f(minutes, nil)
	f(Agg{Name: "two", Kind: "filters", Filters: []NamedQuery{{"x", All{}}, {"y", All{}}, {"z", All{}}, {"u", All{}}, {"v", All{}}}, Aggs: []Agg{minutes}}, errTooManyBuckets)
}

// TestStatsWhileADocumentIsWritten: who asks how much there is may wait for a document that is being
// written, and holds up nobody else meanwhile.
func TestStatsWhileADocumentIsWritten(t *testing.T) {
	s := open(t, t.TempDir(), options(50))
	defer closeStore(t, s)
	s.docs.mu.Lock()
	done := make(chan bool)
	go func() {
		s.Stats()
		close(done)
	}()
	for range 100000 {
		if runtime.Gosched(); !s.mu.TryLock() {
			t.Error("the store is locked for a document")
			break
		}
		s.mu.Unlock()
	}
	s.docs.mu.Unlock()
	<-done
}
