package store

import (
	"os"
	"path/filepath"
	"testing"
)

// TestReadAgainFromTheLog: what the log has of segments that are gone or damaged is read from it again, as it is
// now, with what was deleted or replaced since.
func TestReadAgainFromTheLog(t *testing.T) {
	for what, harm := range map[string]func(file string) error{
		"removed": os.Remove,
		"damaged": func(file string) error { return os.WriteFile(file, []byte("no segment"), 0o600) },
	} {
		t.Run(what, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir, options(50))
			for i := 0; i < 300; i += 50 {
				put(t, s, i, i+50)
				settle(s)
			}
			ops := []Op{
				{Action: Delete, Index: stream, ID: "id000101"},
				{Action: Index, Index: stream, ID: "id000102", Source: []byte(`{"new":true}`)},
				{Action: Delete, Index: stream, ID: "id000160"},
			}
			if _, err := s.Bulk(t.Context(), ops); err != nil {
				t.Fatal(err)
			}
			put(t, s, 300, 400)
			settle(s)
			closeStore(t, s)
			for _, file := range segmentFiles(t, dir)[2:4] {
				if err := harm(file); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 {
				s = open(t, dir, options(30)) // smaller segments than those that are gone
				if n := count(t, s, nil); n != 398 {
					t.Errorf("%d events, want 398", n)
				}
				for id, want := range map[string]string{"id000100": testDoc(100), "id000102": `{"new":true}`, "id000199": testDoc(199)} {
					if d, ok, err := s.Get(t.Context(), stream, id); !ok || string(d.Source) != want {
						t.Errorf("%s is %s %v", id, d.Source, err)
					}
				}
				if res, err := s.Bulk(t.Context(), []Op{{Action: Create, Index: stream, ID: "id000150", Source: []byte(`{}`)}}); err != nil || res[0].Status != 409 {
					t.Errorf("created again: %v %v", res, err)
				}
				if g := s.gaps(); len(g) > 0 || len(s.missing(nil)) > 0 {
					t.Errorf("missed: %v %v", g, s.missing(nil))
				}
				closeStore(t, s)
			}
		})
	}
}

// TestReadAgainInPart: of what is gone the log may have the end alone; the rest is missed.
func TestReadAgainInPart(t *testing.T) {
	dir := t.TempDir()
	opt := options(50)
	opt.logSegment = 32 << 10
	s := open(t, dir, opt)
	for i := range 250 { // each by itself, so that the log has many segments
		put(t, s, i, i+1)
		settle(s)
	}
	kept := int64(s.wal.Stats().First)
	closeStore(t, s)
	if kept <= 100 || kept > 200 {
		t.Fatalf("the log begins at %d", kept)
	}
	var first, last int64
	for _, file := range segmentFiles(t, dir) {
		if first, last, _ = parseSegmentName(filepath.Base(file)); first < kept && kept <= last {
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	want := segmentName(first, kept-1)
	for range 2 {
		if gone := missedFiles(t, dir); gone != want {
			t.Errorf("%q are missed, want %q", gone, want)
		}
	}
	s = open(t, dir, opt)
	defer closeStore(t, s)
	if n := count(t, s, nil); n != 250-(kept-first) {
		t.Errorf("%d events, want %d", n, 250-(kept-first))
	}
}
