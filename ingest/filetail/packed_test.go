package filetail

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"sluice/event"
	"sluice/ingest"
)

// pack is what gzip makes of a file: it goes, and the other keeps the time of its last write.
func pack(t *testing.T, path string) {
	t.Helper()
	packAs(t, path, ".gz", func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil })
}

// packZstd is what zstd --rm does.
func packZstd(t *testing.T, path string) {
	t.Helper()
	packAs(t, path, ".zst", func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) })
}

func packAs(t *testing.T, path, end string, by func(io.Writer) (io.WriteCloser, error)) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	z, err := by(&b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+end, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path+end, st.ModTime(), st.ModTime()); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func numberedLines(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, "line %d\n", i)
	}
	return b.String()
}

// wantOnce waits for lines 0 to n-1, and holds that each comes once and under one origin.
func (w *world) wantOnce(n int, origin string) {
	w.t.Helper()
	w.want(n)
	w.mu.Lock()
	defer w.mu.Unlock()
	seen := map[string]int{}
	for _, r := range w.raws {
		seen[string(r.Bytes)]++
		if r.Origin != origin {
			w.t.Errorf("%s came from %s, want %s", r.Bytes, r.Origin, origin)
		}
	}
	for i := range n {
		if line := fmt.Sprint("line ", i); seen[line] != 1 {
			w.t.Errorf("%s came %d times", line, seen[line])
		}
	}
	if len(seen) != n {
		w.t.Errorf("%d lines, want %d", len(seen), n)
	}
}

// TestPackedWhileDown: what was rotated and compressed while nobody looked is read on, and so is what
// was written, rotated and compressed behind it, also where that takes several starts; what was there
// before is not read again.
func TestPackedWhileDown(t *testing.T) {
	f := func(name, glob string, pack func(*testing.T, string), rotate func(path, to string)) {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "x.log")
			write(t, path+".9", "long ago\n")
			pack(t, path+".9")
			write(t, path, numberedLines(0, 100))
			w := start(t, settings(t, filepath.Join(dir, glob)))
			w.want(100)
			w.stop()

			write(t, path, numberedLines(100, 40_000))
			rotate(path, path+".3")
			pack(t, path+".3")
			write(t, path, numberedLines(40_000, 80_000))
			later := time.Now().Add(time.Second)
			if err := os.Chtimes(path, later, later); err != nil {
				t.Fatal(err)
			}
			rotate(path, path+".2")
			if err := os.Chtimes(path+".2", later, later); err != nil {
				t.Fatal(err)
			}
			pack(t, path+".2")
			write(t, path, "line 80000\nline 80001\n")
			for n := 100; n < 80_000; n += 17_000 { // it is ended in the middle
				w.run()
				w.want(n)
				w.stop()
			}
			w.run()
			w.wantOnce(80_002, "tail:"+path)
			w.restart()
			write(t, path, "line 80002\n")
			w.wantOnce(80_003, "tail:"+path)
		})
	}
	f("rename", "x.log", pack, func(path, to string) { rename(t, path, to) })
	f("rename, all names", "x.log*", pack, func(path, to string) { rename(t, path, to) })
	f("rename, zstd", "x.log*", packZstd, func(path, to string) { rename(t, path, to) })
	f("copytruncate", "x.log", pack, func(path, to string) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		write(t, to, string(text))
		if err := os.Truncate(path, 0); err != nil {
			t.Fatal(err)
		}
	})
}

// TestPackedShortBehindLong: of two compressed files the later one is read to its end first, and
// is still known when we come back in the middle of the other.
func TestPackedShortBehindLong(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.log")
	write(t, path, numberedLines(0, 100))
	w := start(t, settings(t, path))
	w.want(100)
	w.stop()
	const long, short = 200_000, 200_003
	for i, lines := range []string{numberedLines(100, long), numberedLines(long, short)} {
		write(t, path, lines)
		old := fmt.Sprintf("%s.%d", path, 3-i)
		rename(t, path, old)
		at := time.Now().Add(time.Duration(i) * time.Second)
		if err := os.Chtimes(old, at, at); err != nil {
			t.Fatal(err)
		}
		pack(t, old)
	}
	write(t, path, "line 200003\n")
	for n := 1_000; n < long; n += 20_000 {
		w.run()
		w.want(n)
		w.stop()
	}
	w.run()
	w.wantOnce(short+1, "tail:"+path)
}

// TestPackedWhileRunning: what was read is not read again once it is compressed.
func TestPackedWhileRunning(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.log")
	write(t, path, numberedLines(0, 10))
	s := settings(t, filepath.Join(dir, "x.log*"))
	s.MaxOpen = 3 // most files that are read are closed
	w := start(t, s)
	n := 10
	for i := range 5 {
		w.want(n)
		if i > 0 {
			rename(t, path+".1", fmt.Sprintf("%s.%d", path, 20-i))
			pack(t, fmt.Sprintf("%s.%d", path, 20-i))
		}
		rename(t, path, path+".1")
		write(t, path, numberedLines(n, n+10))
		n += 10
		if i%2 == 0 {
			w.restart()
		}
	}
	w.wantOnce(n, "tail:"+path)
}

// TestPackedDamaged: of a compressed file that is cut off all is read up to there.
func TestPackedDamaged(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.log")
	write(t, path, numberedLines(0, 10))
	w := start(t, settings(t, path))
	w.want(10)
	w.stop()
	write(t, path, numberedLines(10, 20_000))
	rename(t, path, path+".1")
	pack(t, path+".1")
	st, err := os.Stat(path + ".1.gz")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path+".1.gz", st.Size()/2); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path + ".1.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err == nil {
		t.Fatal("the file is whole")
	}
	want := append(strings.Split(string(text), "\n"), "new", "newer")
	write(t, path, "new\n")
	w.run()
	w.until(func(raws []event.Raw) bool { return len(raws) > 5000 }, "half of it")
	w.restart()
	write(t, path, "newer\n")
	w.exactly(want...)
	w.restart()
	write(t, path, "newest\n")
	w.exactly(append(want, "newest")...)
}

// TestGone: a file that vanished while nobody looked, of which there may be more than was read, is told
// of; one that rotation deleted for its age is not.
func TestGone(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.log")
	write(t, path+".1", "old\n")
	write(t, path, "one\n")
	two, three := filepath.Join(dir, "two"), filepath.Join(dir, "three") // with inodes of their own
	write(t, two, "two\n")
	write(t, three, "three\n")
	w := start(t, settings(t, path+"*"))
	w.want(2)
	w.stop()
	f := func(want bool, change func()) {
		t.Helper()
		change()
		in, log := w.opened()
		in.scan(t.Context())
		if told := strings.Contains(log.String(), "file is gone, and neither"); told != want {
			t.Errorf("told %v, want %v: %s", told, want, log)
		}
		in.close()
	}
	f(false, func() {})
	f(false, func() { // the oldest is deleted, and its successor has its name
		if err := os.Remove(path + ".1"); err != nil {
			t.Fatal(err)
		}
		rename(t, path, path+".1")
		rename(t, two, path)
	})
	f(true, func() { // and now both are
		if err := os.Remove(path + ".1"); err != nil {
			t.Fatal(err)
		}
		rename(t, three, path)
	})
}

// opened is the input as it goes on from the checkpoint, with its log.
func (w *world) opened() (*input, *bytes.Buffer) {
	w.t.Helper()
	log := &bytes.Buffer{}
	in, err := w.s.Open(ingest.Env{Name: "tail", From: w.at, Log: slog.New(slog.NewTextHandler(log, nil)), Now: time.Now})
	if err != nil {
		w.t.Fatal(err)
	}
	own := in.(*input)
	own.warned, own.watched = map[string]bool{}, map[string]bool{}
	return own, log
}
