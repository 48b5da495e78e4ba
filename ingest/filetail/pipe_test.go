package filetail

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"sluice/ingest"
)

// TestPipes: a pipe in a file's place, or under the name of a compressed one, is no file, and nobody waits for who
// may write to it.
func TestPipes(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.log")
	in := &input{
		settings: settings(t, filepath.Join(dir, "*.log*")), warned: map[string]bool{}, watched: map[string]bool{}, held: map[inode]*candidate{}, first: true,
		env: ingest.Env{Name: "tail", Log: slog.New(slog.DiscardHandler), Now: time.Now},
	}
	defer in.close()
	write(t, path, "line\n")
	in.scan(t.Context())
	if len(in.files) != 1 {
		t.Fatalf("files %v", in.files)
	}
	f := in.files[0]
	f.offset = f.size
	if err := errors.Join(os.Remove(path), syscall.Mkfifo(path, 0o600), syscall.Mkfifo(path+".1.gz", 0o600)); err != nil {
		t.Skip(err)
	}
	if in.openFile(f) {
		t.Error("the pipe is read")
	}
	if in.unpack(f) {
		t.Error("the file was compressed into a pipe")
	}
	if got := in.decide(inode{}, found{path: path}, time.Now()); got != nil {
		t.Error("the pipe is a file")
	}
}
