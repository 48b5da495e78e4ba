package app

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluice/store"
)

// TestVerifyKeepsTypes: what the store reads again from its log while it is verified has the types of its fields.
func TestVerifyKeepsTypes(t *testing.T) {
	dir := t.TempDir()
	path, data := filepath.Join(dir, "sluice.yml"), filepath.Join(dir, "data")
	if err := os.WriteFile(path, []byte("data: "+data+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := openDataDir(data)
	if err != nil {
		t.Fatal(err)
	}
	d.needsStore()
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	opt := store.Options{SegmentRows: 10, Types: fieldType, Log: quiet}
	open := func() *store.Store {
		t.Helper()
		s, err := store.Open(filepath.Join(data, "store"), opt)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := open()
	for i := range 40 {
		op := store.Op{Action: store.Create, Index: "logs-sluice.x-default", ID: fmt.Sprint(i), Source: fmt.Appendf(nil, `{"source":{"ip":"10.0.0.%d"}}`, i)}
		if _, err := s.Bulk(t.Context(), []store.Op{op}); err != nil {
			t.Fatal(err)
		}
	}
	segments := func() []string {
		files, err := filepath.Glob(filepath.Join(data, "store", "segments", "*.seg"))
		if err != nil {
			t.Fatal(err)
		}
		return files
	}
	until(t, "segments", func() bool { return len(segments()) >= 3 })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(segments()[1]); err != nil {
		t.Fatal(err)
	}
	if err := Verify(t.Context(), path, func(what string) {
		if strings.HasPrefix(what, "store") { // there is no bus
			t.Error(what)
		}
	}); err != nil {
		t.Fatal(err)
	}
	s = open()
	defer s.Close()
	r, err := s.Search(t.Context(), store.Request{TrackTotal: -1, Query: store.Terms{Field: "source.ip", Values: []string{"10.0.0.0/27"}}})
	if err != nil || r.Total != 32 {
		t.Errorf("%d events, want 32: %v", r.Total, err)
	}
}
