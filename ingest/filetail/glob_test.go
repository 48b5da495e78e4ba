package filetail

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluice/ingest"
)

// TestCannotOpen: what cannot be opened is counted and in the log once, again if it opened
// meanwhile; and so is a glob that nothing fits.
func TestCannotOpen(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.log")
	var log bytes.Buffer
	in := &input{
		settings: settings(t, filepath.Join(dir, "misspelled", "*.log")), warned: map[string]bool{}, watched: map[string]bool{}, held: map[inode]*candidate{},
		env: ingest.Env{Name: "web", Log: slog.New(slog.NewTextHandler(&log, nil)), Now: time.Now},
	}
	f := func(what string, unreadable, logged int) {
		t.Helper()
		if n := strings.Count(log.String(), "file cannot be opened"); in.unreadable != unreadable || n != logged {
			t.Errorf("%s: %d unreadable, %d times in the log; want %d and %d", what, in.unreadable, n, unreadable, logged)
		}
	}
	in.decide(inode{}, found{path: path}, time.Now())
	in.decide(inode{}, found{path: path}, time.Now())
	f("twice", 2, 1)
	write(t, path, "x\n")
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if in.decide(inodeOf(st), found{path, st}, time.Now()) == nil {
		t.Fatal("it is not read")
	}
	f("it may be read", 2, 1)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	in.decide(inode{}, found{path: path}, time.Now())
	f("and no more", 3, 2)

	in.glob(t.Context())
	in.glob(t.Context())
	if n := strings.Count(log.String(), "no file fits the glob"); n != 1 || !strings.Contains(log.String(), "misspelled") {
		t.Errorf("a glob that nothing fits is in the log %d times, want 1: %s", n, log.String())
	}
}

// TestStopAmidTheLook: a look that a stop cuts short takes no file for gone, and no folder is
// read behind it.
func TestStopAmidTheLook(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a", "x.log")
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, path, "line\n")
	in := &input{
		settings: settings(t, filepath.Join(dir, "**", "*.log")), warned: map[string]bool{}, watched: map[string]bool{}, held: map[inode]*candidate{},
		env: ingest.Env{Name: "web", Log: slog.New(slog.DiscardHandler), Now: time.Now},
	}
	in.scan(t.Context())
	if len(in.files) != 1 {
		t.Fatalf("%d files, want 1", len(in.files))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if all := in.glob(ctx); len(all) != 0 {
		t.Errorf("after the stop %d files were looked for", len(all))
	}
	if in.scan(ctx); len(in.files) != 1 || in.files[0].name != path {
		t.Errorf("after the stop the files are %+v", in.files)
	}
}

// TestLinksInCircles: a folder that links to one above itself, three times over, has more paths
// than anybody will look at; files are read all the same, and under the path that they have.
func TestLinksInCircles(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a/one", "a/two", "b/one"} {
		link := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(link), 0o700), os.Symlink(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "b", "x.log")
	write(t, path, "found\n")
	write(t, filepath.Join(dir, "elsewhere"), "by link\n")
	if err := os.Symlink(filepath.Join(dir, "elsewhere"), filepath.Join(dir, "a", "y.log")); err != nil {
		t.Fatal(err)
	}
	w := start(t, settings(t, filepath.Join(dir, "**", "*.log")))
	for _, r := range w.want(2) {
		if want := "tail:" + path; string(r.Bytes) == "found" && r.Origin != want {
			t.Errorf("the origin is %s, want %s", r.Origin, want)
		}
	}
}
