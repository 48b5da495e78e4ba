package file

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluice/event"
	"sluice/internal/disk"
	"sluice/internal/disk/disktest"
	"sluice/sinks"
	"sluice/sinks/sinktest"
)

func read(t *testing.T, dir string) []byte {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, n := range names {
		text, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text...)
	}
	return all
}

func TestContract(t *testing.T) {
	s := &Settings{Path: filepath.Join(t.TempDir(), "archive"), MaxBytes: 1 << 20}
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	sinktest.Contract(t, sinktest.Kind{
		Open: func(t *testing.T) sinks.Sink {
			k, err := s.Open(sinks.Env{Name: "archive"})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = k.(*Archive).Close() })
			return k
		},
		Count: func(t *testing.T, d event.Document) int {
			return bytes.Count(read(t, s.Path), append(bytes.Clone(d.JSON), '\n'))
		},
	})
}

func TestFaults(t *testing.T) {
	f := func(want string, s Settings) {
		t.Helper()
		if err := s.Validate(); err == nil || err.Error() != want {
			t.Errorf("%+v: %v, want %q", s, err, want)
		}
	}
	f("path: the directory of the archive is missing", Settings{MaxBytes: 1 << 20})
	f("max_bytes: 1048575 is below 1048576", Settings{Path: "x", MaxBytes: 1<<20 - 1})
}

func TestRotates(t *testing.T) {
	s := &Settings{Path: t.TempDir(), MaxBytes: 1 << 20}
	k, err := s.Open(sinks.Env{Name: "archive"})
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if _, err := k.Write(t.Context(), []event.Document{{ID: "x", JSON: []byte(`{"m":"` + strings.Repeat("x", 400<<10) + `"}`)}}); err != nil {
			t.Fatal(err)
		}
	}
	names, err := os.ReadDir(s.Path)
	if err != nil || len(names) != 3 {
		t.Errorf("%d files, want 3 (%v)", len(names), err)
	}
	for _, n := range names {
		if info, err := n.Info(); err != nil || info.Size() > s.MaxBytes || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v", n.Name(), info)
		}
	}
	if err := k.(*Archive).Close(); err != nil {
		t.Error(err)
	}
}

// TestFailedSync: what a failed fsync left is not believed; the batch goes into another
// file, and goes on when the disk is well again.
func TestFailedSync(t *testing.T) {
	d := disktest.New()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	a := newArchive(d, 1<<20, "archive", func() time.Time { at = at.Add(time.Second); return at })
	docs := sinktest.Documents("x", 3)
	write := func() error { _, err := a.Write(t.Context(), docs); return err }
	if err := write(); err != nil {
		t.Fatal(err)
	}
	d.Broken = errors.New("EIO")
	if err := write(); !errors.Is(err, d.Broken) {
		t.Errorf("err %v", err)
	}
	if err := write(); !errors.Is(err, d.Broken) {
		t.Errorf("err %v", err)
	}
	d.Broken = nil
	if err := write(); err != nil {
		t.Fatal(err)
	}
	if names, err := d.List(); err != nil || len(names) != 3 {
		t.Errorf("files %v, %v; want the first, the broken one and another", names, err)
	}
}

// TestFullDisk: what a full disk took of a batch is given back, so that no attempt takes the room that the
// others need, nor leaves a file; the batch is there once when there is room.
func TestFullDisk(t *testing.T) {
	d := disktest.New()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	a := newArchive(d, 1<<20, "archive", func() time.Time { at = at.Add(time.Second); return at })
	docs := sinktest.Documents("x", 100)
	size := func(n int) (sum int) {
		for i := range n {
			sum += len(docs[i].JSON) + 1
		}
		return sum
	}
	for _, before := range []int{0, 10} {
		if _, err := a.Write(t.Context(), docs[:before]); err != nil {
			t.Fatal(err)
		}
		d.Resize(size(50))
		for range 5 {
			if _, err := a.Write(t.Context(), docs[before:]); !disk.NoSpace(err) {
				t.Fatalf("a full disk: %v", err)
			}
		}
		names, err := d.List()
		if err != nil || len(names) != 1 {
			t.Fatalf("files %v, %v", names, err)
		}
		if got := len(d.Bytes(names[0])); got != size(before) {
			t.Errorf("%d bytes are there, want %d", got, size(before))
		}
		d.Resize(0)
	}
	if _, err := a.Write(t.Context(), docs[10:]); err != nil {
		t.Fatal(err)
	}
	names, err := d.List()
	if err != nil || len(names) != 1 || len(d.Bytes(names[0])) != size(100) {
		t.Errorf("files %v, %v", names, err)
	}
}
