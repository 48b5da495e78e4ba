package pcap

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"sluice/ingest"
)

// TestForgets: of many files those that are gone are forgotten, and none that the look has not come to.
func TestForgets(t *testing.T) {
	dir := t.TempDir()
	old, fresh := filepath.Join(dir, "b.pcap"), filepath.Join(dir, "a.pcap")
	s := settings(filepath.Join(dir, "*.pcap"))
	var b bus
	write(t, old, pcapFile(t, when, frames(t, 3)))
	if err := b.run(t, s, when); err != nil {
		t.Fatal(err)
	}
	m, err := parseMark(b.at)
	if err != nil {
		t.Fatal(err)
	}
	for i := range maxFiles / 2 {
		m.Done = append(m.Done, print(1<<63+uint64(i)))
	}
	if b.at, err = m.encode(); err != nil {
		t.Fatal(err)
	}
	for n, want := range []int{3 + 5, 3 + 5 + 7} { // what is forgotten is so in the mark of the next file
		write(t, fresh, pcapFile(t, when, frames(t, want-len(b.raws))))
		if err := b.run(t, s, when); err != nil || len(b.raws) != want {
			t.Errorf("%d: %d flows, want %d; %v", n, len(b.raws), want, err)
		}
	}
}

// TestEmptyFile: a file that its writer has only made is none to complain of.
func TestEmptyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.pcap")
	write(t, path, nil)
	s := settings(path)
	s.Watch, s.Settle = true, 0
	open, err := s.Open(ingest.Env{Name: "pc", Log: slog.New(slog.DiscardHandler), Now: time.Now, Drop: func(string, string, int) { t.Error("it is refused") }})
	if err != nil {
		t.Fatal(err)
	}
	in, b := open.(*input), bus{}
	for _, data := range [][]byte{nil, pcapFile(t, when, frames(t, 3))} {
		write(t, path, data)
		if faults, err := in.look(t.Context(), b.emit); err != nil || len(faults) > 0 {
			t.Error(faults, err)
		}
	}
	if len(b.raws) != 3 {
		t.Errorf("%d flows", len(b.raws))
	}
}
