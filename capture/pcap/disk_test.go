package pcap

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"sluice/ingest"
)

// TestDiskFails: a file that the disk gives in part is no damaged one: it is read again, and nothing of it
// twice.
func TestDiskFails(t *testing.T) {
	const flows = 2500 // of a packet each, 1 ms apart
	data := pcapFile(t, when, frames(t, flows))
	path := filepath.Join(t.TempDir(), "a.pcap")
	write(t, path, data)
	s := settings(path)
	s.Watch, s.Flows.AttemptTimeout = true, time.Second
	now := when
	open, err := s.Open(ingest.Env{Name: "pc", Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return now }, Drop: func(string, string, int) { t.Error("it is refused") }})
	if err != nil {
		t.Fatal(err)
	}
	in, b := open.(*input), bus{}
	for _, size := range []int{0, 100, len(data) / 2, len(data) - 50} {
		from := io.MultiReader(bytes.NewReader(data[:size]), iotest.ErrReader(syscall.EIO))
		fault, err := in.read(t.Context(), path, from, 7, true, b.emit)
		if err != nil || !errors.Is(fault, syscall.EIO) || !strings.Contains(fault.Error(), "again") || len(in.mark.Done) > 0 {
			t.Errorf("%d bytes: %v, %v; %d files are done", size, fault, err, len(in.mark.Done))
		}
	}
	some := len(b.raws)
	if fault, err := in.read(t.Context(), path, bytes.NewReader(data), 7, true, b.emit); err != nil || fault != nil || len(in.mark.Done) != 1 {
		t.Error(fault, err)
	}
	if some == 0 || len(b.raws) != flows {
		t.Errorf("%d flows before the end was read and %d in all, of %d", some, len(b.raws), flows)
	}
	// It is tried again after a while.
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	in.seen[path] = looked{size: st.Size(), at: st.ModTime(), shut: true, tries: 1, next: now.Add(tryAgain)}
	for _, want := range []int{1, 2} {
		if faults, err := in.look(t.Context(), b.emit); err != nil || len(faults) > 0 || len(in.mark.Done) != want {
			t.Error(faults, err, len(in.mark.Done))
		}
		now = st.ModTime().Add(time.Hour)
	}
	// The last time it counts as damaged.
	from := io.MultiReader(bytes.NewReader(data[:len(data)/2]), iotest.ErrReader(syscall.EIO))
	if fault, err := in.read(t.Context(), path, from, 8, false, b.emit); err != nil || !errors.Is(fault, syscall.EIO) || len(in.mark.Done) != 3 {
		t.Error(fault, err)
	}
}
