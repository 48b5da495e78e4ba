package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sluice/internal/disk"
	"sluice/internal/disk/disktest"
	"sluice/internal/jsontape"
)

var testNow = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func options(rows int) Options {
	return Options{SegmentRows: rows, MemoryBytes: 64 << 20, Now: func() time.Time { return testNow }, Types: func(f string) (string, bool) {
		if f == "source.ip" {
			return "ip", true
		}
		return "", false
	}}
}

// shortLog is options whose log keeps nothing that a segment has.
func shortLog(rows int) Options {
	opt := options(rows)
	opt.logSegment = 1
	return opt
}

// twoDisks has the segments on one disk and the log on another.
func twoDisks(segs, wal disk.FS) func(string) disk.FS {
	return func(name string) disk.FS {
		if name == "wal" {
			return wal
		}
		return segs
	}
}

// besideSegments has all below a directory, and stands something in for that of the segments.
func besideSegments(dir string, segments func(disk.FS) disk.FS) func(string) disk.FS {
	return func(name string) disk.FS {
		fs := disk.Dir(filepath.Join(dir, name))
		if name == "segments" {
			return segments(fs)
		}
		return fs
	}
}

func open(t testing.TB, dir string, opt Options) *Store {
	t.Helper()
	s, err := Open(dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func testDoc(i int) string {
	return fmt.Sprintf(`{"@timestamp":"2026-11-23T%02d:%02d:%02d.000Z","n":%d,"source":{"ip":"10.0.%d.%d"},"event":{"original":"<13>host app: line %d of many"},"message":"line %d of many"}`, i/3600%24, i/60%60, i%60, i, i/256%256, i%256, i, i)
}

const stream = "logs-sluice.test-default"

// put creates documents from..to and fails unless each is new.
func put(t testing.TB, s *Store, from, to int) {
	t.Helper()
	var ops []Op
	for i := from; i < to; i++ {
		ops = append(ops, Op{Action: Create, Index: stream, ID: fmt.Sprintf("id%06d", i), Source: []byte(testDoc(i))})
	}
	res, err := s.Bulk(context.Background(), ops)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range res {
		if r.Status != 201 {
			t.Fatalf("create %d: %d %s", from+i, r.Status, r.Reason)
		}
	}
}

// settle waits until memory has become segments as far as it is full.
func settle(s *Store) {
	for {
		s.mu.RLock()
		done, old := s.done, s.old
		s.mu.RUnlock()
		if old == nil {
			return
		}
		<-done
	}
}

func count(t testing.TB, s *Store, q Query) int64 {
	t.Helper()
	r, err := s.Search(context.Background(), Request{Query: q, TrackTotal: -1, Indices: []string{stream}, AllowAbsent: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Failures) > 0 {
		t.Fatalf("failures %v", r.Failures)
	}
	return r.Total
}

func closeStore(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestRestart(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, options(100))
	for i := 0; i < 1050; i += 50 {
		put(t, s, i, i+50)
		settle(s)
	}
	one := []Op{{Action: Delete, Index: stream, ID: "id000003"}, {Action: Index, Index: stream, ID: "id000004", Source: []byte(`{"n":-4}`)}, {Action: Delete, Index: stream, ID: "id001049"}}
	if _, err := s.Bulk(context.Background(), one); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, options(100)); !errors.Is(err, disk.ErrLocked) {
		t.Errorf("a second Open: %v, want ErrLocked", err)
	}
	for round := range 3 {
		if n := count(t, s, nil); n != 1048 {
			t.Errorf("round %d: %d documents, want 1048", round, n)
		}
		res, err := s.Bulk(context.Background(), []Op{{Action: Create, Index: stream, ID: "id000007", Source: []byte(`{}`)}})
		if err != nil || res[0].Status != 409 {
			t.Errorf("round %d: create again: %v %v", round, res, err)
		}
		d, ok, err := s.Get(context.Background(), stream, "id000004")
		if err != nil || !ok || string(d.Source) != `{"n":-4}` {
			t.Errorf("round %d: replaced document %s %v %v", round, d.Source, ok, err)
		}
		if d, ok, _ := s.Get(context.Background(), stream, "id000500"); !ok || string(d.Source) != testDoc(500) {
			t.Errorf("round %d: document 500 is %s", round, d.Source)
		}
		closeStore(t, s)
		s = open(t, dir, options(100))
	}
	closeStore(t, s)
}

// TestPowerCut stops the disk at every write of a run, in turn, and looks for what was acknowledged.
func TestPowerCut(t *testing.T) {
	segs, wal := disktest.New(), disktest.New()
	opt := options(40)
	opt.Disk = twoDisks(segs, wal)
	done := 0
	for round := range 30 {
		s := open(t, "", opt)
		if n := count(t, s, nil); n != int64(done) {
			t.Fatalf("round %d: %d documents, %d acknowledged", round, n, done)
		}
		for range 1 + round%5 {
			put(t, s, done, done+17)
			done += 17
		}
		if round%2 == 0 {
			settle(s)
		}
		closeStore(t, s) // Close syncs nothing: what Crash takes away was never durable
		segs.Crash()
		wal.Crash()
	}
}

// TestFullDisk refuses while there is no room, and goes on by itself.
func TestFullDisk(t *testing.T) {
	segs, wal := disktest.New(), disktest.New()
	opt := options(40)
	opt.Disk = twoDisks(segs, wal)
	s := open(t, "", opt)
	defer closeStore(t, s)
	put(t, s, 0, 10)
	wal.Room = -1
	if _, err := s.Bulk(context.Background(), []Op{{Action: Create, Index: stream, ID: "full", Source: []byte(`{}`)}}); err == nil {
		t.Error("a full disk has acknowledged")
	}
	wal.Room = 0
	put(t, s, 10, 20)
	if n := count(t, s, nil); n != 20 {
		t.Errorf("%d documents, want 20", n)
	}
}

// A segment that finds no room is told of once, and once it is written.
func TestFullDiskOfSegmentsIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		segs, wal := disktest.New(), disktest.New()
		var log bytes.Buffer
		opt := options(40)
		opt.Log = slog.New(slog.NewTextHandler(&log, nil))
		opt.Disk = twoDisks(segs, wal)
		s := open(t, "", opt)
		segs.Break(errors.New("no space"))
		put(t, s, 0, 40)
		time.Sleep(time.Hour)
		synctest.Wait()
		segs.Break(nil)
		time.Sleep(time.Minute)
		synctest.Wait()
		closeStore(t, s)
		for _, what := range []string{"a segment cannot be written", "the segment is written"} {
			if n := strings.Count(log.String(), what); n != 1 {
				t.Errorf("%q is told %d times, want once", what, n)
			}
		}
	})
}

// TestFailedSync acknowledges nothing until the log was opened again.
func TestFailedSync(t *testing.T) {
	segs, wal := disktest.New(), disktest.New()
	opt := options(40)
	now := testNow
	opt.Now = func() time.Time { return now }
	opt.Disk = twoDisks(segs, wal)
	s := open(t, "", opt)
	defer closeStore(t, s)
	put(t, s, 0, 10)
	wal.Broken = errors.New("input/output error")
	op := []Op{{Action: Create, Index: stream, ID: "x", Source: []byte(`{"n":1}`)}}
	for range 3 {
		if _, err := s.Bulk(context.Background(), op); err == nil {
			t.Fatal("acknowledged after a failed fsync")
		}
	}
	wal.Broken = nil
	now = now.Add(2 * reopenAfter)
	res, err := s.Bulk(context.Background(), op)
	if err != nil || res[0].Status != 201 && res[0].Status != 409 {
		t.Fatalf("after reopening: %v %v", res, err)
	}
	if n := count(t, s, nil); n != 11 {
		t.Errorf("%d documents, want 11", n)
	}
}

// TestDamage flips a bit at many places of a segment: no panic, no wrong document, a name.
func TestDamage(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, options(200))
	for i := 0; i < 600; i += 200 {
		put(t, s, i, i+200)
		settle(s)
	}
	put(t, s, 600, 610)
	settle(s)
	closeStore(t, s)
	files, err := filepath.Glob(filepath.Join(dir, "segments", "*.seg"))
	if err != nil || len(files) < 3 {
		t.Fatal(files, err)
	}
	good, err := os.ReadFile(files[1])
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, b []byte) {
		t.Helper()
		if err := os.WriteFile(files[1], b, 0o600); err != nil {
			t.Fatal(err)
		}
		s := open(t, dir, options(200))
		defer closeStore(t, s)
		named := 0
		if err := s.Verify(func(p Problem) {
			if strings.Contains(p.File, filepath.Base(files[1])) {
				named++
			}
		}); err != nil {
			t.Fatal(err)
		}
		if named == 0 {
			t.Errorf("%s: Verify names nothing", what)
		}
		r, err := s.Search(context.Background(), Request{Size: 1000, Indices: []string{stream}})
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if len(r.Hits) < 410 {
			t.Errorf("%s: %d documents are left of 410 intact ones", what, len(r.Hits))
		}
		if n := countPages(t, s, 50); n != len(r.Hits) {
			t.Errorf("%s: by pages %d documents, at once %d", what, n, len(r.Hits))
		}
		for _, h := range r.Hits {
			var i int
			if _, err := fmt.Sscanf(h.ID, "id%d", &i); err != nil || string(h.Source) != testDoc(i) {
				t.Fatalf("%s: wrong document %s: %s", what, h.ID, h.Source)
			}
		}
		if _, err := os.Stat(files[1] + ".bad"); err == nil {
			if err := os.Rename(files[1]+".bad", files[1]); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range 40 {
		b := append([]byte(nil), good...)
		at := len(segMagic) + (i*7919)%(len(b)-len(segMagic))
		b[at] ^= 1 << (i % 8)
		check(fmt.Sprintf("bit at %d", at), b)
	}
	for _, n := range []int{1, 10, 24, 100, len(good) / 2, len(good)} {
		check(fmt.Sprintf("cut by %d", n), good[:len(good)-n])
	}
}

// countPages pages through a stream as clients do: a page that is not full is the last.
func countPages(t *testing.T, s *Store, size int) (n int) {
	t.Helper()
	var after []any
	for {
		r, err := s.Search(context.Background(), Request{Size: size, Indices: []string{stream}, Sort: []Sort{{Field: "_id"}}, After: after})
		if err != nil {
			t.Fatal(err)
		}
		if n += len(r.Hits); len(r.Hits) < size {
			return n
		}
		after = r.Hits[size-1].Sort
	}
}

// TestConcurrent writes, searches, merges and retains at once; run it with -race.
func TestConcurrent(t *testing.T) {
	s := open(t, t.TempDir(), options(64))
	defer closeStore(t, s)
	var acked atomic.Int64
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				least := acked.Load()
				if n := count(t, s, Match{Field: "message", Text: "many"}); n < least {
					t.Errorf("%d found, %d were acknowledged before", n, least)
				}
				if _, err := s.Search(context.Background(), Request{Size: 20, Aggs: []Agg{{Name: "x", Kind: "terms", Field: "source.ip"}}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	var writers sync.WaitGroup
	for w := range 2 {
		writers.Go(func() {
			for i := range 20 {
				from := w*1000 + i*25
				put(t, s, from, from+25)
				acked.Add(25)
				s.Stats()
			}
		})
	}
	writers.Wait()
	s.mergeSegments()
	close(stop)
	wg.Wait()
	if n := count(t, s, nil); n != 1000 {
		t.Errorf("%d documents, want 1000", n)
	}
}

// TestKill runs this test's binary as a writer and kills it; all that it has reported is there.
func TestKill(t *testing.T) {
	if dir := os.Getenv("SLUICE_STORE_KILL"); dir != "" {
		writeForever(t, dir)
		return
	}
	if testing.Short() {
		t.Skip("starts processes")
	}
	dir := t.TempDir()
	for round := range 6 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKill$")
		cmd.Env = append(os.Environ(), "SLUICE_STORE_KILL="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		last := -1
		for i := 0; i < 5+round*9; i++ { // acknowledgements, then the kill, wherever that is
			if _, err := fmt.Fscanln(out, &last); err != nil {
				t.Fatal(err)
			}
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for {
			var n int
			if _, err := fmt.Fscanln(out, &n); err != nil {
				break
			}
			last = n
		}
		_ = cmd.Wait() // it was killed
		s := open(t, dir, options(150))
		n := count(t, s, nil)
		if n < int64(last) {
			t.Fatalf("round %d: %d documents, %d acknowledged", round, n, last)
		}
		seen := map[string]bool{}
		for _, id := range []int{0, last / 2, last - 1} {
			d, ok, err := s.Get(context.Background(), stream, fmt.Sprintf("id%06d", id))
			if !ok || string(d.Source) != testDoc(id) {
				t.Errorf("round %d: document %d: %s %v", round, id, d.Source, err)
			}
			seen[d.ID] = true
		}
		closeStore(t, s)
	}
}

func writeForever(t *testing.T, dir string) {
	s := open(t, dir, options(150))
	for at := int(count(t, s, nil)); ; at += 10 {
		put(t, s, at, at+10)
		fmt.Println(at + 10)
	}
}

func FuzzSegment(f *testing.F) {
	fs := newFields(func(string) (string, bool) { return "", false })
	m := newMem(fs)
	p := parsers.Get().(*jsontape.Doc)
	for i := range 40 {
		r := row{index: stream, id: fmt.Sprint(i), seq: int64(i + 1)}
		if err := r.parse(p, fs, []byte(testDoc(i))); err != nil {
			f.Fatal(err)
		}
		m.add(&r)
	}
	good, _ := encodeSegment(m, nil)
	f.Add(good, uint(100), byte(1))
	f.Fuzz(func(t *testing.T, b []byte, at uint, with byte) {
		// Checksums are not what is tried here: the reader must hold without them.
		if len(b) > 0 {
			b[at%uint(len(b))] ^= with
		}
		sum := summary{}
		_ = sum.decode(b, int64(len(b)))
		_, _ = decodeMeta(b, &summary{rows: 40})
		_, _ = undelta(b, 100)
		_ = eachText(b, func(textRecord) bool { return true })
		rb := rebuilder{text: b, key: func(int) (string, bool) { return "k", true }, column: func(int) (*column, error) { return nil, nil }}
		_, _ = rb.run(string(b))
		(&segment{sum: summary{rows: 40}}).decodeTombs(b)
	})
}
