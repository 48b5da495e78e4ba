package filetail

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sluice/event"
	"sluice/ingest"
)

// TestWritesOn: a program that was not told of a rotation writes on under the old file's new name, which no glob fits,
// and pauses. Once that is removed, or there are many, it is let go.
func TestWritesOn(t *testing.T) {
	dir := t.TempDir()
	path, rotated := filepath.Join(dir, "a.log"), filepath.Join(dir, "a.log.1")
	s := settings(t, path)
	in := &input{
		settings: s, buf: make([]byte, tailBytes+max(readBytes, s.MaxLine+slack)), warned: map[string]bool{}, watched: map[string]bool{}, held: map[inode]*candidate{}, first: true,
		env: ingest.Env{Name: "tail", Log: slog.New(slog.DiscardHandler), Now: time.Now},
	}
	defer in.close()
	lines := 0
	look := func(want, files int) {
		t.Helper()
		in.scan(t.Context())
		_, err := in.turn(t.Context(), func(_ context.Context, batch []event.Raw, _ ingest.Checkpoint) error {
			lines += len(batch)
			return nil
		})
		if err != nil || lines != want || len(in.files) != files {
			t.Errorf("%d lines of %d files, want %d of %d; %v", lines, len(in.files), want, files, err)
		}
	}
	silent := func(d time.Duration) {
		for _, f := range in.files {
			f.grown = time.Now().Add(-d)
		}
	}
	write(t, path, "1\n")
	look(1, 1)
	if err := os.Rename(path, rotated); err != nil {
		t.Fatal(err)
	}
	write(t, path, "2\n")
	look(2, 2)
	silent(time.Hour)
	look(2, 2)
	write(t, rotated, "3\n")
	look(3, 2)
	if err := os.Remove(rotated); err != nil {
		t.Fatal(err)
	}
	look(3, 2)
	silent(time.Hour)
	look(3, 1)
	if err := os.Rename(path, rotated); err != nil {
		t.Fatal(err)
	}
	write(t, path, "4\n")
	look(4, 2)
	silent(time.Hour)
	look(4, 2)
	s.MaxFiles = 2
	look(4, 1)
}
