package filetail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sluice/event"
	"sluice/ingest"
	"sluice/ingest/ingesttest"
)

func settings(t testing.TB, paths ...string) *Settings {
	t.Helper()
	s := Defaults().(*Settings)
	s.Paths = paths
	s.Rescan = minRescan
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	return s
}

func write(t testing.TB, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// world runs an input and keeps what it emits; a restart goes on from its checkpoint.
type world struct {
	t    testing.TB
	s    *Settings
	mu   sync.Mutex
	raws []event.Raw
	at   ingest.Checkpoint
	news chan struct{}
	stop func()
}

func start(t testing.TB, s *Settings) *world {
	w := &world{t: t, s: s, news: make(chan struct{}, 1)}
	w.run()
	t.Cleanup(func() { w.stop() })
	return w
}

func (w *world) run() {
	w.t.Helper()
	in, err := w.s.Open(ingest.Env{Name: "tail", From: w.at, Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- in.Run(ctx, w.emit) }()
	w.stop = func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			w.t.Errorf("Run ended with %v", err)
		}
		ended <- context.Canceled
	}
}

func (w *world) restart() {
	w.stop()
	w.run()
}

func (w *world) emit(ctx context.Context, batch []event.Raw, at ingest.Checkpoint) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range batch {
		r.Bytes = slices.Clone(r.Bytes)
		w.raws = append(w.raws, r)
	}
	if at != nil {
		w.at = slices.Clone(at)
	}
	select {
	case w.news <- struct{}{}:
	default:
	}
	return nil
}

func (w *world) lines() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []string
	for _, r := range w.raws {
		all = append(all, string(r.Bytes))
	}
	return all
}

// want waits until n lines came.
func (w *world) want(n int) []event.Raw {
	w.t.Helper()
	return w.until(func(lines []event.Raw) bool { return len(lines) >= n }, fmt.Sprintf("%d lines", n))
}

// until waits until what came is so.
func (w *world) until(so func([]event.Raw) bool, what string) []event.Raw {
	w.t.Helper()
	late := time.After(time.Minute)
	for {
		w.mu.Lock()
		raws := slices.Clone(w.raws)
		w.mu.Unlock()
		if so(raws) {
			return raws
		}
		select {
		case <-w.news:
		case <-late:
			w.t.Fatalf("%d lines came, want %s: %.300q", len(raws), what, w.lines())
		}
	}
}

// exactly checks that each line came once; order within one file is checked elsewhere.
func (w *world) exactly(want ...string) {
	w.t.Helper()
	w.want(len(want))
	got := w.lines()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.t.Errorf("got %.600q\nwant %.600q", got, want)
	}
}

func TestContract(t *testing.T) {
	for _, follow := range []Follow{FollowOwn, FollowTail} {
		t.Run(string(follow), func(t *testing.T) {
			dir := t.TempDir()
			var want []string
			for i := range 30 {
				line := fmt.Sprintf("line %d", i)
				want = append(want, line)
				write(t, filepath.Join(dir, fmt.Sprintf("%d.log", i%3)), line+"\n")
			}
			s := settings(t, filepath.Join(dir, "*.log"))
			s.Follow = follow
			ingesttest.Contract(t, ingesttest.Case{
				Settings: s, Want: append(want, "later 0", "later 1"),
				Start: func(_ ingest.Input, try int) {
					if try == 0 {
						write(t, filepath.Join(dir, "1.log"), "later 0\nlater 1\n")
					}
				},
			})
		})
	}
}

func TestFollows(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "x.log")
	write(t, log, "old\n\n\r\nhalf")
	w := start(t, settings(t, log+"*"))
	raws := w.want(1)
	if r := raws[0]; !r.History || r.Origin != "tail:"+log || r.Listener != log {
		t.Errorf("%+v", r)
	}
	write(t, log, " and half\r\nbad \xff\x00 bytes\n")
	raws = w.want(3)
	if string(raws[1].Bytes) != "half and half" || !raws[1].History || string(raws[2].Bytes) != "bad \xff\x00 bytes" || raws[2].History {
		t.Errorf("%q %v, %q %v", raws[1].Bytes, raws[1].History, raws[2].Bytes, raws[2].History)
	}
	write(t, filepath.Join(dir, "x.log.gz"), "compressed\n")
	write(t, filepath.Join(dir, "x.log2"), "new\n")
	if r := w.want(4)[3]; string(r.Bytes) != "new" || r.History {
		t.Errorf("%q, history %v", r.Bytes, r.History)
	}
}

func TestStartEnd(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "x.log")
	write(t, log, "old\nhalf")
	s := settings(t, log)
	s.Start = StartEnd
	w := start(t, s)
	w.waitScan()
	write(t, log, " line\n")
	w.exactly("half line")
}

// waitScan waits until the first state is durable.
func (w *world) waitScan() {
	<-w.news
}

func TestRename(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "x.log")
	write(t, log, "1\n2\n")
	w := start(t, settings(t, log)) // the rotated name is not under the glob
	w.want(2)
	if err := os.Rename(log, log+".1"); err != nil {
		t.Fatal(err)
	}
	write(t, log+".1", "3\n") // the writer was not told yet
	write(t, log, "4\n")
	w.exactly("1", "2", "3", "4")
	w.restart()
	write(t, log, "5\n")
	w.exactly("1", "2", "3", "4", "5")
}

// TestRenameWhileDown: the rest of a file is found under a name that no glob names.
func TestRenameWhileDown(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "x.log")
	write(t, log, "1\n")
	w := start(t, settings(t, log))
	w.want(1)
	w.stop()
	write(t, log, "2\n")
	if err := os.Rename(log, log+".1"); err != nil {
		t.Fatal(err)
	}
	write(t, log, "3\n")
	w.run()
	w.exactly("1", "2", "3")
}

func TestTruncate(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "x.log")
	write(t, log, "first\nsecond\n")
	w := start(t, settings(t, log))
	w.want(2)
	if err := os.Truncate(log, 0); err != nil {
		t.Fatal(err)
	}
	write(t, log, "a\n")
	w.exactly("first", "second", "a")
}

// TestReplacedByLonger: another file under the same inode, longer than the offset, is
// told by its bytes; the same holds for an inode that is used again.
func TestReplacedByLonger(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "x.log")
	write(t, log, "first\nsecond\n")
	w := start(t, settings(t, log))
	ids := w.want(2)
	w.stop()
	if err := os.WriteFile(log, []byte("other\nsecond\nthird\nfourth\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.run()
	w.exactly("first", "second", "other", "second", "third", "fourth")
	if again := w.want(6); again[3].ID == ids[1].ID {
		t.Error("one id for lines of two files")
	}
}

// TestCopyTruncate: the copy under the same glob goes on where the original was read
// to; so what was written before the copy and never read is not lost.
func TestCopyTruncate(t *testing.T) {
	f := func(name string, down bool) {
		t.Helper()
		dir := t.TempDir()
		log := filepath.Join(dir, "x.log")
		write(t, log, "1 a line\n2 a line\n")
		w := start(t, settings(t, log+"*"))
		first := w.want(2)
		if down {
			w.stop()
		}
		write(t, log, "3 a line\n")
		text, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		write(t, log+".1", string(text))
		if err := os.Truncate(log, 0); err != nil {
			t.Fatal(err)
		}
		write(t, log, "4 a line\n")
		if down {
			w.run()
		}
		w.exactly("1 a line", "2 a line", "3 a line", "4 a line")
		for _, r := range w.want(4) {
			if r.Origin != first[0].Origin {
				t.Errorf("%s: %q comes from %s, want the original's origin", name, r.Bytes, r.Origin)
			}
		}
	}
	f("running", false)
	f("down", true)
}

// TestCopyEndsEarlier: we read on in the original between copy and truncation; the copy,
// shorter than our offset then, is known all the same and not read again.
func TestCopyEndsEarlier(t *testing.T) {
	dir := t.TempDir()
	log, aside := filepath.Join(dir, "x.log"), filepath.Join(dir, "aside")
	write(t, log, "1 a line\n")
	w := start(t, settings(t, log+"*"))
	w.want(1)
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	write(t, aside, string(text))
	write(t, log, "2 a line\n")
	w.want(2)
	if err := os.Truncate(log, 0); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(aside, log+".1"); err != nil {
		t.Fatal(err)
	}
	write(t, log, "3 a line\n")
	w.exactly("1 a line", "2 a line", "3 a line")
	write(t, log, "4 a line\n")
	w.exactly("1 a line", "2 a line", "3 a line", "4 a line")
}

// TestNumberFirst: a file's number is durable before its first line.
func TestNumberFirst(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "x.log")
	write(t, log, "1\n")
	w := &world{t: t, s: settings(t, log), news: make(chan struct{}, 1)}
	in, err := w.s.Open(ingest.Env{Name: "tail", Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var number uint64
	err = in.Run(ctx, func(_ context.Context, batch []event.Raw, at ingest.Checkpoint) error {
		files, _, err := decode(at)
		if err != nil || len(files) != 1 {
			t.Fatalf("%d files, %v", len(files), err)
		}
		switch {
		case number == 0 && len(batch) > 0:
			t.Error("a line came before the file's number")
		case number == 0:
			number = files[0].number
			return nil
		case batch[0].ID != ingest.PlaceID(0, number, []byte("1")):
			t.Errorf("the id %s is not of the number that was durable", batch[0].ID)
		}
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestPartialAfter(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "x.log")
	write(t, log, "1\nno end")
	s := settings(t, log)
	s.PartialAfter = 200 * time.Millisecond
	w := start(t, s)
	w.exactly("1", "no end")
}

// TestBlankUTF16: a line's end in UTF-16 has a half that stands in the next line.
func TestBlankUTF16(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "x.log")
	write(t, log, "a\x00\r\x00\n\x00\r\x00\n\x00b\x00\n\x00\x00\x00\x00\x00\n\x00")
	s := settings(t, log)
	s.PartialAfter = 200 * time.Millisecond
	w := start(t, s)
	w.exactly("a\x00\r\x00", "\x00b\x00", "\x00\x00\x00\x00\x00")
}

func TestLongLine(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "x.log")
	long := strings.Repeat("é", 1<<19) // 1 MiB
	write(t, log, long+"\nshort\n"+long[:480]+"\n"+long[:481]+"\n")
	s := settings(t, log)
	s.MaxLine = 480
	w := start(t, s)
	n := (len(long) + 479) / 480
	raws := w.want(n + 4)
	all := ""
	for i, r := range raws[:n] {
		if r.Part != i+1 {
			t.Fatalf("part %d is numbered %d", i+1, r.Part)
		}
		all += string(r.Bytes)
	}
	if all != long || raws[n].Part != 0 || raws[n+1].Part != 0 || raws[n+2].Part != 1 || raws[n+3].Part != 2 {
		t.Errorf("%d bytes in parts, want %d; then parts %d %d %d %d", len(all), len(long), raws[n].Part, raws[n+1].Part, raws[n+2].Part, raws[n+3].Part)
	}
}

func TestMaxOpen(t *testing.T) {
	dir := t.TempDir()
	var want []string
	for i := range 20 {
		want = append(want, fmt.Sprint("a", i), fmt.Sprint("b", i))
		write(t, filepath.Join(dir, fmt.Sprint(i)), fmt.Sprintf("a%d\n", i))
	}
	s := settings(t, filepath.Join(dir, "*"))
	s.MaxOpen = 3
	w := start(t, s)
	w.want(20)
	for i := range 20 {
		write(t, filepath.Join(dir, fmt.Sprint(i)), fmt.Sprintf("b%d\n", i))
	}
	w.exactly(want...)
}

func TestValidate(t *testing.T) {
	f := func(want string, change func(*Settings)) {
		t.Helper()
		s := Defaults().(*Settings)
		s.Paths = []string{"/var/log/*.log"}
		change(s)
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	f("paths: names no file", func(s *Settings) { s.Paths = nil })
	f("not absolute", func(s *Settings) { s.Paths = []string{"x.log"} })
	f("is no glob", func(s *Settings) { s.Paths = []string{"/x[.log"} })
	f("is no glob", func(s *Settings) { s.Exclude = []string{"/x[.log"} })
	f("start:", func(s *Settings) { s.Start = "middle" })
	f("follow:", func(s *Settings) { s.Follow = "" })
	f("max_line:", func(s *Settings) { s.MaxLine = 1 })
	f("partial_after:", func(s *Settings) { s.PartialAfter = -1 })
	f("rescan:", func(s *Settings) { s.Rescan = 0 })
	f("max_files:", func(s *Settings) { s.MaxFiles = 0 })
	f("max_open:", func(s *Settings) { s.MaxOpen = 0 })
	f("zone:", func(s *Settings) { s.Zone = "Mars" })
}
