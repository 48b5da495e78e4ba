package filetail

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sluice/ingest"
)

// TestAlike: a new file that begins as one that was read whole. What is longer than the other is
// no copy of it, and is read at once, however busy it is; what is equal to it is a copy only
// where its name is one that rotation gives.
func TestAlike(t *testing.T) {
	const head = "time,user,action\n"
	f := func(old, name, text string, at time.Duration, offset int64) {
		t.Helper()
		dir := t.TempDir()
		old, name = filepath.Join(dir, old), filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(old), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, old, head)
		in := &input{
			settings: settings(t, filepath.Join(dir, "**")), held: map[inode]*candidate{}, warned: map[string]bool{},
			env: ingest.Env{Log: slog.New(slog.DiscardHandler)},
		}
		r, err := os.Open(old)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		known := newFile(inode{}, old)
		known.f, known.offset, known.head, known.tail = r, int64(len(head)), markOf([]byte(head)), markBefore(r, int64(len(head)))
		in.files = []*file{known}

		write(t, name, text)
		st, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		now := time.Now()
		got := in.decide(inodeOf(st), found{name, st}, now)
		if at > 0 {
			if got != nil {
				t.Fatalf("%s beside %s is decided about at once", name, old)
			}
			got = in.decide(inodeOf(st), found{name, st}, now.Add(at))
		}
		if got == nil || got.offset != offset {
			t.Errorf("%q in %s beside %s is read as %+v, want from %d", text, name, old, got, offset)
		}
	}
	whole := int64(len(head))
	f("a.log", "b.log", head+"1,anna,login\n", 0, 0)
	f("a.log", "a.log.1", head+"1,anna,login\n", 0, 0)
	f("a.log", "b.log", head, settle, 0)
	f("host1/x.log", "host2/x.log", head, settle, 0)
	f("a.log", "a.log.1", head, settle, whole)
	f("a.log", "a-20261127.log", head, settle, whole)
	f("a.log", "old/a.log.2", head, settle, whole)
}

func TestRotatedName(t *testing.T) {
	f := func(name, original string, want bool) {
		t.Helper()
		if got := rotatedName(name, original); got != want {
			t.Errorf("%s of %s: %v", name, original, got)
		}
	}
	for _, name := range []string{
		"x.log.1", "x.log-20261127", "x-20261127.log", "x_2026-11-27T10.00.00.log", "x.1.log", "x.log.old", "x.log~", "x.log.bak",
		"20261127-x.log", "old.x.log", "x.log.2026-11-27-1764230400", "x (copy).log",
	} {
		f(name, "x.log", true)
	}
	for _, name := range []string{"x.log", "y.log", "xy.log", "x-db.log", "log", "x.log.json"} {
		f(name, "x.log", false)
	}
	f("messages.1", "messages", true)
	f("messages", "messages", false)
	f("web12.log", "web1.log", false)
}
