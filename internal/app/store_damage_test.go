package app

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sluice/event"
	"sluice/sinks/elasticsearch"
	"sluice/store"
	"sluice/store/esapi"
)

// TestDamageHoldsUpNoWriting: behind a restart the indexer asks which events are there. A segment that does
// not read any more has no answer, and never will: what is new is written all the same.
func TestDamageHoldsUpNoWriting(t *testing.T) {
	dir := t.TempDir()
	var s *store.Store
	writer := func() *elasticsearch.Writer {
		t.Helper()
		var err error
		if s, err = store.Open(dir, store.Options{SegmentRows: 50, Types: fieldType, Log: quiet}); err != nil {
			t.Fatal(err)
		}
		c, err := elasticsearch.Open(*elasticsearch.Defaults().(*elasticsearch.Settings), elasticsearch.Options{Transport: esapi.New(s)})
		if err != nil {
			t.Fatal(err)
		}
		return c.Writer()
	}
	write := func(w *elasticsearch.Writer, from, to int) {
		t.Helper()
		var docs []event.Document
		for i := from; i < to; i++ {
			docs = append(docs, event.Document{ID: fmt.Sprintf("id%04d", i), Stream: "logs-sluice.x-default", JSON: fmt.Appendf(nil, `{"@timestamp":"2026-01-02T03:04:05.000Z","n":%d}`, i)})
		}
		if refused, err := w.Write(t.Context(), docs); err != nil || len(refused) > 0 {
			t.Fatalf("%d to %d: refused %v, %v", from, to, refused, err)
		}
	}
	write(writer(), 0, 50)
	var files []string
	for end := time.Now().Add(10 * time.Second); len(files) == 0 && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		files, _ = filepath.Glob(filepath.Join(dir, "segments", "*.seg"))
	}
	if len(files) != 1 {
		t.Fatal(files)
	}
	whole, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for k := 8; k < len(whole)/2; k += 16 { // all of its first blocks
		whole[k] ^= 1
	}
	if err := os.WriteFile(files[0], whole, 0o600); err != nil {
		t.Fatal(err)
	}
	write(writer(), 1, 100) // some of what the segment has comes again
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
