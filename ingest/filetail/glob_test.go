package filetail

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
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

// TestOwnFiles: what the program writes itself is under no glob, and that is in the log once.
func TestOwnFiles(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	if err := os.MkdirAll(filepath.Join(data, "bus"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(data, "bus", "1.seg"), "x\n")
	write(t, filepath.Join(dir, "data.log"), "x\n")
	var log bytes.Buffer
	in := &input{
		settings: settings(t, filepath.Join(dir, "**")), warned: map[string]bool{}, watched: map[string]bool{}, held: map[inode]*candidate{},
		env: ingest.Env{Name: "web", Log: slog.New(slog.NewTextHandler(&log, nil)), Now: time.Now, Own: []string{data}},
	}
	for range 2 {
		for _, f := range in.glob(t.Context()) {
			if f.path != filepath.Join(dir, "data.log") {
				t.Errorf("%s is read", f.path)
			}
		}
	}
	if n := strings.Count(log.String(), "not read"); n != 1 {
		t.Errorf("it is in the log %d times: %s", n, log.String())
	}
}

// TestMoreThanMaxFiles: files for which there is no place are counted, and readiness is told.
func TestMoreThanMaxFiles(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.log", "b.log", "c.log"} {
		write(t, filepath.Join(dir, name), name+"\n")
	}
	in := &input{
		settings: settings(t, filepath.Join(dir, "*.log")), warned: map[string]bool{}, watched: map[string]bool{}, held: map[inode]*candidate{}, first: true,
		env: ingest.Env{Name: "web", Log: slog.New(slog.DiscardHandler), Now: time.Now},
	}
	for most, want := range map[int]string{1: "2 files", 2: "1 files", 3: ""} {
		in.files, in.settings.MaxFiles = nil, most
		if in.scan(t.Context()); len(in.files) != most || !strings.HasPrefix(in.Warning(), want) || want == "" && in.Warning() != "" {
			t.Errorf("of at most %d files %d are read, warning %q", most, len(in.files), in.Warning())
		}
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

// TestHiddenIsNotGone: a folder that cannot be looked at, and a file for which there is no descriptor,
// are not gone: forgotten, the one would be read again from its start, and the other never.
func TestHiddenIsNotGone(t *testing.T) {
	dir := t.TempDir()
	sub := filepath.Join(dir, "sub")
	if err := os.Mkdir(sub, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"closed.log", "open.log"} {
		write(t, filepath.Join(sub, name), name+"\n")
	}
	s := settings(t, filepath.Join(sub, "*.log"))
	s.MaxOpen = 1
	var log bytes.Buffer
	in := &input{
		settings: s, warned: map[string]bool{}, watched: map[string]bool{}, held: map[inode]*candidate{}, first: true,
		env: ingest.Env{Name: "web", Log: slog.New(slog.NewTextHandler(&log, nil)), Now: time.Now},
	}
	defer in.close()
	in.scan(t.Context())
	numbers := map[string]uint64{}
	for _, f := range in.files {
		numbers[f.path] = f.number
	}
	closed, open := in.files[0], in.files[1]
	if len(numbers) != 2 || !in.openFile(open) {
		t.Fatalf("files %v", numbers)
	}
	f := func(what string) {
		t.Helper()
		closed.dirty, open.dirty = false, false
		open.grown = time.Now().Add(-2 * forgetIdle)
		in.scan(t.Context())
		if len(in.files) != 2 || in.files[0] != closed || in.files[1] != open {
			t.Errorf("%s: %d files are known", what, len(in.files))
		}
	}
	move := func(from, to string) {
		t.Helper()
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	away := filepath.Join(dir, "away")
	move(sub, away)
	if err := os.Symlink(sub, sub); err != nil { // root may read any folder, but not this one
		t.Fatal(err)
	}
	f("hidden")
	f("still hidden")
	if n := strings.Count(log.String(), "cannot be looked at"); n != 1 || !strings.Contains(log.String(), "path="+sub) {
		t.Errorf("the log says %d times: %s", n, log.String())
	}
	if err := os.Remove(sub); err != nil {
		t.Fatal(err)
	}
	move(away, sub)
	f("there again")
	move(sub, away)
	if err := os.Symlink(sub, sub); err != nil {
		t.Fatal(err)
	}
	f("hidden again")
	if n := strings.Count(log.String(), "cannot be looked at"); n != 2 {
		t.Errorf("the log says %d times that it is hidden, twice", n)
	}
	if err := os.Remove(sub); err != nil {
		t.Fatal(err)
	}
	move(away, sub)
	f("there once more")
	open.dirty = true // not one that may be closed
	move(filepath.Join(sub, filepath.Base(closed.path)), filepath.Join(sub, "rotated"))
	in.scan(t.Context())
	f("rotated away, and no descriptor left")
}

// TestNotMounted: files whose file system is not mounted yet, or no more, are read on where they were;
// what was made anew meanwhile is read from its start, also where it is the same, and what is gone
// from among others is forgotten.
func TestNotMounted(t *testing.T) {
	dir := t.TempDir()
	logs, away := filepath.Join(dir, "logs"), filepath.Join(dir, "away")
	in := &input{
		settings: settings(t, filepath.Join(logs, "**", "*.log")), warned: map[string]bool{}, watched: map[string]bool{}, held: map[inode]*candidate{}, first: true,
		env: ingest.Env{Name: "nfs", Log: slog.New(slog.DiscardHandler), Now: time.Now},
	}
	defer in.close()
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	do(os.MkdirAll(filepath.Join(logs, "web"), 0o700))
	paths := []string{filepath.Join(logs, "a.log"), filepath.Join(logs, "web", "b.log")}
	for _, p := range paths {
		write(t, p, "line\n")
		do(os.Chtimes(p, time.Time{}, time.Now().Add(-time.Hour)))
	}
	numbers := func(what string, want ...uint64) []uint64 {
		t.Helper()
		in.scan(t.Context())
		var got []uint64
		for _, f := range in.files {
			f.offset, f.dirty, f.grown = f.size, false, time.Now().Add(-2*forgetIdle)
			if got = append(got, f.number); f.f != nil && what == "not mounted" {
				t.Errorf("%s: %s is open", what, f.path)
			}
		}
		if want != nil && !slices.Equal(got, want) {
			t.Errorf("%s: files %v, want %v", what, got, want)
		}
		return got
	}
	first := numbers("found")
	if len(first) != 2 || !in.openFile(in.files[0]) {
		t.Fatalf("files %v", first)
	}
	do(errors.Join(os.Rename(logs, away), os.Mkdir(logs, 0o700)))
	numbers("just gone", first...)
	numbers("not mounted", first...)
	do(errors.Join(os.Remove(logs), os.Rename(away, logs)))
	numbers("mounted", first...)
	do(errors.Join(os.Rename(logs, away), os.Mkdir(logs, 0o700)))
	numbers("not mounted", first...)
	do(os.Chtimes(filepath.Join(away, "a.log"), time.Time{}, time.Now().Add(time.Second)))
	do(errors.Join(os.Remove(logs), os.Rename(away, logs)))
	if now := numbers("one made anew"); len(now) != 2 || now[0] == first[0] || now[1] != first[1] {
		t.Errorf("files %v, were %v", now, first)
	}
	do(os.Remove(paths[0]))
	numbers("one gone", first[1])
}

// TestNoticesOfAFolderMadeAnew: a folder that takes the place of one that was removed or moved is
// watched as that one was.
func TestNoticesOfAFolderMadeAnew(t *testing.T) {
	dir := t.TempDir()
	sub := filepath.Join(dir, "sub")
	in := &input{
		settings: settings(t, filepath.Join(sub, "*.log")), warned: map[string]bool{}, watched: map[string]bool{}, held: map[inode]*candidate{},
		env: ingest.Env{Name: "web", Log: slog.New(slog.DiscardHandler), Now: time.Now},
	}
	in.watch()
	defer in.close()
	gone := map[string]func() error{
		"removed": func() error { return os.Remove(sub) },
		"moved":   func() error { return os.Rename(sub, filepath.Join(dir, "away")) },
	}
	for what, leave := range gone {
		if err := os.Mkdir(sub, 0o700); err != nil {
			t.Fatal(err)
		}
		if in.scan(t.Context()); !slices.Contains(in.watcher.WatchList(), sub) {
			t.Fatalf("%s: it is not watched", sub)
		}
		if err := leave(); err != nil {
			t.Fatal(err)
		}
		for e := range in.watcher.Events {
			if in.notice(e); e.Name == sub {
				break
			}
		}
		if in.watched[sub] || slices.Contains(in.watcher.WatchList(), sub) {
			t.Errorf("%s: it is still taken for watched", what)
		}
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

// TestHiddenNames: what rsync and editors have in the making begins with a dot, and fits no glob that does not say so.
func TestHiddenNames(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, ".cache"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"x.log", ".x.log.Ab3dEf", ".cache/y.log"} {
		write(t, filepath.Join(dir, name), name+"\n")
	}
	f := func(glob string, want ...string) {
		t.Helper()
		in := &input{settings: settings(t, filepath.Join(dir, glob)), warned: map[string]bool{}, watched: map[string]bool{}}
		var got []string
		for _, m := range in.glob(t.Context()) {
			name, err := filepath.Rel(dir, m.path)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, name)
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", glob, got, want)
		}
	}
	f("*.log*", "x.log")
	f("**", "x.log")
	f("**/*.log*", "x.log")
	f(".*.log*", ".x.log.Ab3dEf")
	f(".cache/*", ".cache/y.log")
	f(".x.log.Ab3dEf", ".x.log.Ab3dEf")
}

// TestOddPaths: a path that names what is no file to follow is told of, once, and readiness as well; what a glob gives
// by the way is not.
func TestOddPaths(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"folder", "folder/below"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"a.log", "old.log.gz", "folder/b.log", "folder/c.log.gz"} {
		write(t, filepath.Join(dir, name), "x\n")
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := func(path, want string, unreadable int) {
		t.Helper()
		var log bytes.Buffer
		in := &input{
			settings: settings(t, filepath.Join(dir, path)), warned: map[string]bool{}, watched: map[string]bool{}, held: map[inode]*candidate{}, first: true,
			env: ingest.Env{Name: "web", Log: slog.New(slog.NewTextHandler(&log, nil)), Now: time.Now},
		}
		in.scan(t.Context())
		in.scan(t.Context())
		if got := log.String(); strings.Count(got, "\n") != min(len(want), 1) || !strings.Contains(got, want) || in.unreadable != unreadable {
			t.Errorf("%s: %d unreadable, the log says\n%s", path, in.unreadable, got)
		}
	}
	f("folder", "write a glob such as "+dir+"/folder/*.log", 1)
	f("old.log.gz", "a compressed file", 1)
	f("fifo", "a pipe", 1)
	f("f*", "a pipe", 0)
	f("a.log", "", 0)
	f("folder/*", "", 0)
}
