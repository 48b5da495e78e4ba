package filetail

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluice/ingest"
)

// BenchmarkRead is one line from the file (in the page cache) to the batch, with its id;
// fingerprints and the checkpoint are shared by the lines of a read.
func BenchmarkRead(b *testing.B) {
	path := filepath.Join(b.TempDir(), "x.log")
	line := strings.Repeat("x", 199) + "\n"
	const lines = 100_000
	if err := os.WriteFile(path, bytes.Repeat([]byte(line), lines), 0o600); err != nil {
		b.Fatal(err)
	}
	s := settings(b, path)
	opened, err := s.Open(ingest.Env{Name: "tail", Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	in := opened.(*input)
	in.warned, in.watched = map[string]bool{}, map[string]bool{}
	in.buf = make([]byte, tailBytes+max(readBytes, s.MaxLine+slack))
	in.scan(b.Context())
	f := in.files[0]
	if !in.openFile(f) {
		b.Fatal("not opened")
	}
	defer in.close()
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if n == len(in.batch.raws) {
			_ = encode(in.files, nil)
			in.batch.reset()
			if f.size-f.offset < int64(len(line)) {
				f.offset, f.tail = 0, markOf(nil)
			}
			if changed, err := in.read(f); changed || err != nil {
				b.Fatal(changed, err)
			}
			n = 0
		}
		n++
	}
}
