package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Alerts of a rule that fires on everything take their share of the disk and no more: the first ones go,
// and what is no alert stays.
func TestRetentionOfDocuments(t *testing.T) {
	s := open(t, t.TempDir(), options(100))
	defer closeStore(t, s)
	put := func(index string, from, to int) {
		t.Helper()
		var ops []Op
		for i := from; i < to; i++ {
			doc := fmt.Sprintf(`{"@timestamp":"2026-11-23T12:00:00.000Z","n":%d,"message":"%s"}`, i, strings.Repeat("x", 500))
			ops = append(ops, Op{Action: Create, Index: index, ID: fmt.Sprint(i), Source: []byte(doc)})
		}
		if _, err := s.Bulk(t.Context(), ops); err != nil {
			t.Fatal(err)
		}
	}
	put("sluice-reports", 0, 1)
	put("sluice-alerts-default", 0, 5000)
	search := func() int64 {
		t.Helper()
		r, err := s.Search(t.Context(), Request{TrackTotal: -1, Indices: []string{"sluice-alerts-default"}})
		if err != nil {
			t.Fatal(err)
		}
		return r.Total
	}
	if n := search(); n != 5000 { // and its chunks are cached
		t.Fatalf("%d alerts before", n)
	}
	limit := Retention{Bytes: documentShare << 20, Documents: "sluice-alerts-"}
	if err := s.docs.retain(limit); err != nil {
		t.Fatal(err)
	}
	left := search()
	used, _, err := s.docs.size()
	if err != nil || used > 1<<20 || left < 500 || left > 2000 {
		t.Errorf("%d alerts are left in %d bytes, %v", left, used, err)
	}
	if n := s.Stats().Documents; n != left+1 {
		t.Errorf("%d documents are counted, want %d and the report", n, left)
	}
	for id, there := range map[string]bool{"0": false, "4999": true} {
		if _, ok, err := s.Get(t.Context(), "sluice-alerts-default", id); ok != there || err != nil {
			t.Errorf("alert %s: there %v, %v", id, ok, err)
		}
	}
	if _, ok, err := s.Get(t.Context(), "sluice-reports", "0"); !ok || err != nil {
		t.Errorf("what is no alert went: %v", err)
	}
	if n := s.docs.bytes.Load(); n != used {
		t.Errorf("events make room for %d bytes of documents, which are %d", n, used)
	}
}

// A file that grew before there was a bound is made small at the next start, with what is left.
func TestDocumentsShrink(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, options(100))
	var ops []Op
	for i := range 100 {
		doc := fmt.Sprintf(`{"@timestamp":"2026-11-23T12:00:00.000Z","message":"%s"}`, strings.Repeat("x", 1<<20))
		ops = append(ops, Op{Action: Create, Index: "sluice-alerts-default", ID: fmt.Sprint(i), Source: []byte(doc)})
	}
	if _, err := s.Bulk(t.Context(), ops); err != nil {
		t.Fatal(err)
	}
	for i := range ops[1:] {
		ops[i] = Op{Action: Delete, Index: ops[i].Index, ID: ops[i].ID}
	}
	if _, err := s.Bulk(t.Context(), ops[:99]); err != nil {
		t.Fatal(err)
	}
	if _, free, err := s.docs.size(); err != nil || free < muchFree {
		t.Fatalf("%d bytes are free, %v", free, err)
	}
	closeStore(t, s)
	s = open(t, dir, options(100))
	defer closeStore(t, s)
	used, free, err := s.docs.size()
	if err != nil || used < 1<<20 || free > 1<<20 {
		t.Errorf("%d bytes are used, %d free, %v", used, free, err)
	}
	if _, ok, err := s.Get(t.Context(), "sluice-alerts-default", "99"); !ok || err != nil {
		t.Errorf("what was left is gone: %v", err)
	}
}

// A full disk has no room for a file of shared memory, and a start must not need one.
func TestDocumentsNeedNoSharedMemory(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, options(100))
	defer closeStore(t, s)
	if _, err := s.Bulk(t.Context(), []Op{{Action: Create, Index: "sluice-reports", ID: "a", Source: []byte(`{}`)}}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "documents.db-wal")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "documents.db-shm")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("documents.db-shm is there: %v", err)
	}
}
