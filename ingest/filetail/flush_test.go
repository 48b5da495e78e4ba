package filetail

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/ingest"
)

// TestFlushOfWhatGrew: a last line without its end is emitted as it is; what was written behind it meanwhile
// has its lines whole, however much it is.
func TestFlushOfWhatGrew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	s := settings(t, path)
	s.PartialAfter = time.Nanosecond
	w := &world{t: t, s: s, news: make(chan struct{}, 1)}
	opened, err := s.Open(ingest.Env{Name: "tail", Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	in := opened.(*input)
	in.buf = make([]byte, tailBytes+max(readBytes, s.MaxLine+slack))
	in.scratch = make([]byte, 0, 2*tailBytes)
	in.warned, in.watched = map[string]bool{}, map[string]bool{}
	step := func() {
		t.Helper()
		if _, err := in.turn(t.Context(), w.emit); err != nil {
			t.Fatal(err)
		}
	}
	write(t, path, "begun")
	in.scan(t.Context())
	step()
	in.scan(t.Context()) // and it is silent
	want := []string{"begun, and ended"}
	for i := range 2 * readBytes / 500 {
		want = append(want, fmt.Sprintf("%0500d", i))
	}
	write(t, path, strings.TrimPrefix(strings.Join(want, "\n"), "begun")+"\n")
	for range 10 {
		step()
		in.scan(t.Context())
	}
	if got := w.lines(); !slices.Equal(got, want) {
		for i := range got {
			if i >= len(want) || got[i] != want[i] {
				t.Fatalf("line %d of %d is %q", i, len(got), got[i])
			}
		}
		t.Errorf("%d lines, want %d", len(got), len(want))
	}
}
