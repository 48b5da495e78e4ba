package pcap

import (
	"log/slog"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"sluice/ingest"
)

// counting is an input that counts the files that it refuses.
func counting(t *testing.T, s *Settings, refused *int) *input {
	t.Helper()
	in, err := s.Open(ingest.Env{
		Name: "pc", Log: slog.New(slog.DiscardHandler), Now: time.Now, Drop: func(_, _ string, n int) { *refused += n },
	})
	if err != nil {
		t.Fatal(err)
	}
	return in.(*input)
}

// TestOpenedLater: a file that cannot be opened now, for want of a right or of descriptors, is told of once,
// and read when it can be.
func TestOpenedLater(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.pcap")
	write(t, path, pcapFile(t, when, frames(t, 3)))
	s := settings(path)
	s.Watch, s.Settle = true, 0
	refused := 0
	in, b := counting(t, s, &refused), bus{}
	look := func(want int) {
		t.Helper()
		if faults, err := in.look(t.Context(), b.emit); err != nil || len(faults) != want {
			t.Errorf("%v, %v, want %d faults", faults, err, want)
		}
	}
	var had syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &had); err != nil {
		t.Fatal(err)
	}
	none := had
	none.Cur = 0
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &none); err != nil {
		t.Skip(err)
	}
	look(1)
	look(0)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &had); err != nil {
		t.Fatal(err)
	}
	look(0)
	if len(b.raws) != 3 || refused != 1 {
		t.Errorf("%d flows, want 3; refused %d times", len(b.raws), refused)
	}
}

// TestPipe: a pipe is told of once, and nobody waits for who may write to it.
func TestPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.pcap")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	for _, watch := range []bool{true, false} {
		s := settings(path)
		s.Watch, s.Settle = watch, 0
		refused := 0
		in, b := counting(t, s, &refused), bus{}
		for want := 1; want >= 0; want-- {
			if faults, err := in.look(t.Context(), b.emit); err != nil || len(faults) != want || refused != 1 {
				t.Errorf("%v, %v, want %d faults; refused %d times", faults, err, want, refused)
			}
		}
	}
}
