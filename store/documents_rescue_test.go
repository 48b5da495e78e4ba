package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// aged is a folder with documents in it, and their file.
func aged(t *testing.T, documents int) (dir, file string) {
	t.Helper()
	dir = t.TempDir()
	s := open(t, dir, options(100))
	putAlerts(t, s, 0, documents)
	if err := s.PutTemplate(t.Context(), "alerts", []byte(`{"index_patterns":["sluice-alerts-*"]}`)); err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
	return dir, filepath.Join(dir, "documents.db")
}

func putAlerts(t *testing.T, s *Store, from, to int) {
	t.Helper()
	var ops []Op
	for i := from; i < to; i++ {
		doc := fmt.Sprintf(`{"n":%d,"message":"%s"}`, i, strings.Repeat("x", 500))
		ops = append(ops, Op{Action: Create, Index: "sluice-alerts-default", ID: fmt.Sprint(i), Source: []byte(doc)})
	}
	res, err := s.Bulk(t.Context(), ops)
	if err != nil || res[0].Status != 201 {
		t.Fatal(err, res[0])
	}
}

func alerts(t *testing.T, s *Store) int64 {
	t.Helper()
	r, err := s.Search(t.Context(), Request{TrackTotal: -1, Indices: []string{"sluice-alerts-default"}, AllowAbsent: true})
	if err != nil {
		t.Fatal(err)
	}
	return r.Total
}

// TestDocumentsDamaged: a damaged file is set aside and told, what still reads is taken over, and the store goes on.
func TestDocumentsDamaged(t *testing.T) {
	const documents, page = 2000, 4096
	f := func(least int64, damage func(b []byte) []byte) {
		t.Helper()
		dir, file := aged(t, documents)
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, damage(b), 0o600); err != nil {
			t.Fatal(err)
		}
		s := open(t, dir, options(100))
		left := alerts(t, s)
		if left < least || left == documents && least < documents {
			t.Errorf("%d of %d documents are left, want at least %d", left, documents, least)
		}
		putAlerts(t, s, documents, documents+10)
		told := 0
		for range 2 { // until somebody removes what was set aside
			told = 0
			if err := s.Verify(func(p Problem) { told++ }); err != nil {
				t.Error(err)
			}
			if told != 1 || len(s.Stats().Problems) != 1 {
				t.Errorf("verify names %d places, the store %v; want what was set aside", told, s.Stats().Problems)
			}
			closeStore(t, s)
			s = open(t, dir, options(100))
		}
		defer closeStore(t, s)
		if n := alerts(t, s); n != left+10 || s.Stats().Documents != n {
			t.Errorf("%d documents, %d counted, want %d", n, s.Stats().Documents, left+10)
		}
	}
	zero := func(from, to int) func(b []byte) []byte {
		return func(b []byte) []byte { clear(b[from*page : to*page]); return b }
	}
	f(0, zero(0, 1)) // no database any more
	f(0, func([]byte) []byte {
		return []byte("no database, but long enough to be looked at as one, in what is its head")
	}) // nothing at all
	f(documents/3, func(b []byte) []byte { return b[:len(b)/2/page*page] })
	f(0, func(b []byte) []byte { return b[:100] })
}

// TestDocumentsDamagedInUse: whichever page is damaged, the store opens, and what finds the damage later has the
// next start take over what still reads, which is all but what stood in the page.
func TestDocumentsDamagedInUse(t *testing.T) {
	const documents, page = 300, 4096
	dir, file := aged(t, documents)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pages, found, most := len(whole)/page, 0, 0
	for p := range pages {
		names, _ := filepath.Glob(file + "*")
		for _, name := range names {
			os.Remove(name)
		}
		b := append([]byte(nil), whole...)
		clear(b[p*page : (p+1)*page])
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			s := open(t, dir, options(100))
			_, err = s.Search(t.Context(), Request{TrackTotal: -1, Indices: []string{"sluice-alerts-default"}, AllowAbsent: true})
			if e := s.Verify(func(Problem) {}); e != nil {
				t.Errorf("page %d: %v", p, e)
			}
			closeStore(t, s)
		}
		if err != nil {
			t.Errorf("page %d: behind two starts %v", p, err)
		}
		s := open(t, dir, options(100))
		if exists(file + ".1" + badSuffix) {
			found++
		}
		if alerts(t, s) >= documents-page/500 {
			most++
		}
		closeStore(t, s)
	}
	if found < pages*9/10 || most < pages*9/10 {
		t.Errorf("of %d pages %d were found damaged, and behind %d nearly all is left", pages, found, most)
	}
}

// TestDocumentsGone: of a file that is gone or empty it is told, once, and a new store has none.
func TestDocumentsGone(t *testing.T) {
	for _, gone := range []func(string) error{os.Remove, func(file string) error { return os.Truncate(file, 0) }} {
		dir, file := aged(t, 3)
		s := open(t, dir, options(100))
		if told := s.Stats().Problems; len(told) > 0 {
			t.Errorf("of a whole one: %v", told)
		}
		put(t, s, 0, 1)
		closeStore(t, s)
		if err := gone(file); err != nil {
			t.Fatal(err)
		}
		s = open(t, dir, options(100))
		if told := s.Stats().Problems; len(told) != 1 || told[0].File != "documents.db" {
			t.Errorf("told %v", told)
		}
		closeStore(t, s)
		s = open(t, dir, options(100))
		if told := s.Stats().Problems; len(told) > 0 {
			t.Errorf("told again: %v", told)
		}
		closeStore(t, s)
	}
}

// TestRescueOfOddRows: a row that reads and holds a number that is none ends nothing: it is left out.
func TestRescueOfOddRows(t *testing.T) {
	dir, file := aged(t, 50)
	db, err := connect(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`UPDATE docs SET seq = 'odd' WHERE row IN (SELECT row FROM docs ORDER BY row LIMIT 3 OFFSET 20); UPDATE docs SET version = x'00' WHERE row = (SELECT max(row) FROM docs)`); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Close(), os.WriteFile(file+damagedSuffix, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir, options(100))
	defer closeStore(t, s)
	if n := alerts(t, s); n != 46 {
		t.Errorf("%d documents, want 46", n)
	}
}
