package filetail

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"sluice/event"
	"sluice/ingest"
)

// TestStaleHandle: a file that can no longer be read through what was opened, as behind a restart of an NFS server, is
// opened anew.
func TestStaleHandle(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	s := settings(t, path)
	in := &input{
		settings: s, buf: make([]byte, tailBytes+max(readBytes, s.MaxLine+slack)), warned: map[string]bool{}, watched: map[string]bool{}, held: map[inode]*candidate{}, first: true,
		env: ingest.Env{Name: "nfs", Log: slog.New(slog.DiscardHandler), Now: time.Now},
	}
	defer in.close()
	lines := 0
	look := func(want int) {
		t.Helper()
		in.scan(t.Context())
		_, err := in.turn(t.Context(), func(_ context.Context, batch []event.Raw, _ ingest.Checkpoint) error {
			lines += len(batch)
			return nil
		})
		if err != nil || lines != want {
			t.Errorf("%d lines, want %d; %v", lines, want, err)
		}
	}
	write(t, path, "1\n")
	look(1)
	in.files[0].f.Close() // the handle is stale
	write(t, path, "2\n")
	look(1) // which shows
	write(t, path, "3\n")
	look(3)
	if in.open != 1 {
		t.Errorf("%d files count as open", in.open)
	}
}
