package filetail

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluice/ingest"
)

// A file that appears while the original is truncated is not taken for a new one: it may
// be the copy, of which the size was looked at before it was whole.
func TestTruncatedAmidTheLook(t *testing.T) {
	dir := t.TempDir()
	path, copied := filepath.Join(dir, "x.log"), filepath.Join(dir, "x.log.1")
	text := strings.Repeat("a line of a device\n", 100)
	write(t, path, text)
	in := &input{settings: settings(t, path+"*"), held: map[inode]*candidate{}, warned: map[string]bool{}, env: ingest.Env{Log: slog.New(slog.DiscardHandler)}}
	look := func(name string) (*os.File, inode, found) {
		r, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { r.Close() })
		st, err := r.Stat()
		if err != nil {
			t.Fatal(err)
		}
		return r, inodeOf(st), found{name, st}
	}
	r, id, _ := look(path)
	f := newFile(id, path)
	f.f, f.offset, f.head, f.tail = r, int64(len(text)), markOf([]byte(text[:headBytes])), markBefore(r, int64(len(text)))
	in.files = []*file{f}

	write(t, copied, text[:len(text)/2]) // what the look at its size found of it
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	_, id, m := look(copied)
	if got := in.decide(id, m, time.Now()); got != nil {
		t.Fatalf("the copy is file %x of its own, read from %d", got.number, got.offset)
	}
	write(t, copied, text[len(text)/2:])
	in.retire(f)
	_, id, m = look(copied)
	if got := in.decide(id, m, time.Now()); got == nil || got.offset != int64(len(text)) {
		t.Fatalf("the copy goes on as %+v", got)
	}
}

func TestBegins(t *testing.T) {
	for _, c := range []struct {
		offset     int64
		head, data string
		want       bool
	}{
		{0, "new line", "old line", false},
		{0, "one\ntwo\n", "one\n", true}, // it grew since
		{0, "", "old line", false},
		{0, "", "", true},
		{4, "one\ntwo\n", "two\n", true},
		{4, "one\nnew\n", "two\n", false},
		{4, "on", "two\n", false},
		{headBytes, "whatever", "data", true},
	} {
		f := &file{offset: c.offset}
		if got := f.begins([]byte(c.head), []byte(c.data)); got != c.want {
			t.Errorf("%q at %d of a file that begins with %q: %v", c.data, c.offset, c.head, got)
		}
	}
	long := strings.Repeat("x", 3*headBytes)
	if f := (&file{offset: 10}); !f.begins([]byte(long[:headBytes]), []byte(long)) {
		t.Error("more data than is compared of a file does not fit it")
	}
}
