package store

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

// TestSetAside: what was set aside is missing from every answer, and each says so, until
// the file is back, is gone, or is older than what is kept.
func TestSetAside(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, shortLog(50))
	for i := 0; i < 300; i += 50 {
		put(t, s, i, i+50)
		settle(s)
	}
	put(t, s, 300, 310)
	settle(s)
	closeStore(t, s)
	files, err := filepath.Glob(filepath.Join(dir, "segments", "*.seg"))
	if err != nil || len(files) < 5 {
		t.Fatal(files, err)
	}
	damage := func(file string) (good []byte) {
		t.Helper()
		good, err := os.ReadFile(file)
		if err == nil {
			err = os.WriteFile(file, good[:len(good)-20], 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		return good
	}
	check := func(what string, s *Store, total int64, failures int, targets ...string) {
		t.Helper()
		r, err := s.Search(context.Background(), Request{Size: 10, TrackTotal: -1, Indices: targets})
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if r.Total != total || len(r.Failures) != failures {
			t.Errorf("%s: %d events, failures %v; want %d and %d", what, r.Total, r.Failures, total, failures)
		}
	}
	good := damage(files[2])
	s = open(t, dir, options(1000)) // one segment would take all of it
	check("at once", s, 260, 1)
	check("of the stream", s, 260, 1, stream)
	check("of a pattern", s, 260, 1, "logs-*")
	check("documents only", s, 0, 0, "sluice-alerts-*")
	s.mergeSegments()
	check("after a merge", s, 260, 1)
	closeStore(t, s)

	s = open(t, dir, options(1000))
	check("at the next start", s, 260, 1)
	closeStore(t, s)
	if err := os.WriteFile(files[2], good, 0o600); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, options(1000))
	check("a copy is back", s, 310, 0)
	if err := os.Remove(files[2] + badSuffix); err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
	s = open(t, dir, options(50))
	put(t, s, 310, 360)
	settle(s)
	closeStore(t, s)

	newest, err := filepath.Glob(filepath.Join(dir, "segments", "*.seg"))
	if err != nil || len(newest) == 0 {
		t.Fatal(newest, err)
	}
	damage(newest[len(newest)-1])
	s = open(t, dir, options(50))
	check("the log has it still", s, 360, 0)
	settle(s)
	closeStore(t, s)
	s = open(t, dir, options(50))
	check("and at the next start", s, 360, 0)
	closeStore(t, s)
}

// TestSetAsideEnds: retention removes what was set aside with its neighbours, and a file
// that somebody has removed is not asked for any more.
func TestSetAsideEnds(t *testing.T) {
	f := func(what string, wait func(t *testing.T, s *Store, bad string)) {
		t.Run(what, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir, shortLog(50))
			for i := 0; i < 300; i += 50 {
				put(t, s, i, i+50)
				settle(s)
			}
			closeStore(t, s)
			files, err := filepath.Glob(filepath.Join(dir, "segments", "*.seg"))
			if err != nil || len(files) < 4 {
				t.Fatal(files, err)
			}
			if err := os.WriteFile(files[1], []byte("no segment"), 0o600); err != nil {
				t.Fatal(err)
			}
			s = open(t, dir, options(50))
			defer closeStore(t, s)
			if n := len(s.missing(nil)); n != 1 {
				t.Fatalf("%d segments are set aside, want 1", n)
			}
			wait(t, s, files[1]+badSuffix)
			if n := len(s.missing(nil)); n != 0 {
				t.Errorf("%d segments are set aside, want none", n)
			}
			if _, err := os.Stat(files[1] + badSuffix); !os.IsNotExist(err) {
				t.Errorf("the file is still there: %v", err)
			}
		})
	}
	f("retention", func(t *testing.T, s *Store, _ string) {
		if _, err := s.retain(Retention{Bytes: 1}); err != nil {
			t.Error(err)
		}
	})
	f("removed", func(t *testing.T, s *Store, bad string) {
		if err := os.Remove(bad); err != nil {
			t.Error(err)
		}
		if _, err := s.retain(Retention{}); err != nil {
			t.Error(err)
		}
	})
}
