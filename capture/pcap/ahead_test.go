package pcap

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sluice/ingest"
)

// TestClockAhead: where the clock of the file's machine is ahead of ours, a file that is being written is
// none to read either; it is once it has been the same for long enough.
func TestClockAhead(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.pcap")
	s := settings(filepath.Join(dir, "*.pcap"))
	s.Watch = true
	now := when
	open, err := s.Open(ingest.Env{Name: "pc", Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	in, b := open.(*input), bus{}
	look := func(after time.Duration, want int) {
		t.Helper()
		now = now.Add(after)
		if faults, err := in.look(t.Context(), b.emit); err != nil || len(faults) > 0 || len(b.raws) != want {
			t.Errorf("%d flows, want %d; %v, %v", len(b.raws), want, faults, err)
		}
	}
	grows := func(packets int) {
		write(t, path, pcapFile(t, when, frames(t, packets)))
		at := now.Add(time.Hour)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	grows(3)
	look(0, 0)
	look(s.Settle-1, 0)
	grows(5)
	look(s.Settle-1, 0)
	look(s.Settle-1, 0)
	look(1, 5)
	look(time.Minute, 5)
	if len(in.ahead) > 0 {
		t.Errorf("%d files wait", len(in.ahead))
	}
}
