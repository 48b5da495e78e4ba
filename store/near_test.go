package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sluice/internal/disk"
)

// TestPagesByFirstKey: however rows are passed over by their first key, the pages joined
// are what one page over everything gives.
func TestPagesByFirstKey(t *testing.T) {
	opt := options(100)
	types := opt.Types
	opt.Types = func(f string) (string, bool) {
		if f == "event.created" {
			return "date", true
		}
		return types(f)
	}
	s := open(t, t.TempDir(), opt)
	defer closeStore(t, s)
	rnd := rand.New(rand.NewPCG(1, 2))
	for from := 0; from < 450; from += 50 {
		var ops []Op
		for i := from; i < from+50; i++ {
			var dates []string // none, one or several; many are equal
			for range rnd.IntN(4) {
				dates = append(dates, fmt.Sprintf(`"2026-11-23T00:%02d:00Z"`, rnd.IntN(60)))
			}
			ops = append(ops, Op{Action: Create, Index: stream, ID: fmt.Sprintf("id%06d", i), Source: fmt.Appendf(nil,
				`{"@timestamp":"2026-11-23T00:00:00Z","event":{"created":[%s]},"n":%d}`, strings.Join(dates, ","), i%7)})
		}
		if _, err := s.Bulk(context.Background(), ops); err != nil {
			t.Fatal(err)
		}
		settle(s)
	}
	if n := s.Stats().Segments; n < 3 {
		t.Fatalf("%d segments, want several", n)
	}
	read := func(sort []Sort, size int) (ids []string) {
		var after []any
		for {
			r, err := s.Search(context.Background(), Request{Size: size, Indices: []string{stream}, Sort: sort, After: after})
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range r.Hits {
				ids = append(ids, h.ID)
			}
			if len(r.Hits) < size {
				return ids
			}
			after = r.Hits[size-1].Sort
		}
	}
	for _, first := range []Sort{{Field: "event.created"}, {Field: "_seq_no"}, {Field: "n"}, {Field: "absent"}} {
		for i := range 4 {
			first.Desc, first.MissingFirst = i%2 == 1, i > 1
			sort := []Sort{first, {Field: "_id", Desc: i == 2}}
			whole := read(sort, MaxResult)
			if len(whole) != 450 {
				t.Fatalf("%+v: %d documents in one page, want 450", sort, len(whole))
			}
			for _, size := range []int{1, 7, 100} {
				if got := read(sort, size); !reflect.DeepEqual(got, whole) {
					t.Errorf("%+v in pages of %d: %d documents in another order or number than in one page", sort, size, len(got))
				}
			}
		}
	}
}

// openedDir counts the files that were opened in it.
type openedDir struct {
	disk.FS
	opened atomic.Int64
}

func (d *openedDir) Open(name string) (disk.File, error) {
	d.opened.Add(1)
	return d.FS.Open(name)
}

// TestPagesLeaveSegmentsClosed: whoever reads a long history page by page, in about the order in which it
// was written, opens with each page the few segments that it is of, and gets what one page over
// everything gives.
func TestPagesLeaveSegmentsClosed(t *testing.T) {
	dir, opened := t.TempDir(), &openedDir{}
	opt := options(50)
	opt.Disk = besideSegments(dir, func(fs disk.FS) disk.FS { opened.FS = fs; return opened })
	opt.Types = func(f string) (string, bool) { return "date", f == "event.created" }
	s := open(t, dir, opt)
	defer closeStore(t, s)
	rnd := rand.New(rand.NewPCG(1, 2))
	const docs = 2000
	for from := 0; from < docs; from += 50 {
		var ops []Op
		for i := from; i < from+50; i++ {
			created := ""
			if from%400 != 0 || i%5 != 0 { // some segments have rows without
				created = fmt.Sprintf(`"event":{"created":%q},`, testNow.Add(time.Duration(i+rnd.IntN(30))*time.Second).Format(time.RFC3339))
			}
			ops = append(ops, Op{Action: Create, Index: stream, ID: fmt.Sprintf("id%06d", i), Source: fmt.Appendf(nil,
				`{"@timestamp":"2026-11-23T00:00:00Z",%s"n":%d}`, created, i)})
		}
		if _, err := s.Bulk(t.Context(), ops); err != nil {
			t.Fatal(err)
		}
		settle(s)
	}
	segments := s.Stats().Segments
	for i := range 4 {
		q := Request{Size: docs, Indices: []string{stream}, Sort: []Sort{{Field: "event.created", Desc: i%2 == 1, MissingFirst: i > 1}, {Field: "_id"}}}
		read := func() (ids []string, parts int) {
			for q.After = nil; ; {
				r, err := s.Search(t.Context(), q)
				if err != nil {
					t.Fatal(err)
				}
				parts += r.Parts
				for _, h := range r.Hits {
					ids = append(ids, h.ID)
				}
				if len(r.Hits) < q.Size {
					return ids, parts
				}
				q.After = r.Hits[q.Size-1].Sort
			}
		}
		q.Size = MaxResult
		whole, _ := read()
		if len(whole) != docs {
			t.Fatalf("%d documents in one page, want %d", len(whole), docs)
		}
		q.Size = 40
		if got, _ := read(); !slices.Equal(got, whole) { // which sees the dates of each segment
			t.Errorf("%+v: pages give %d documents in another order or number than one page", q.Sort[0], len(got))
		}
		opened.opened.Store(0)
		got, parts := read()
		if !slices.Equal(got, whole) {
			t.Errorf("%+v: pages by what is remembered give %d documents in another order or number than one page", q.Sort[0], len(got))
		}
		pages := len(got)/q.Size + 1
		if n := int(opened.opened.Load()) - docs; n > pages*segments/4 { // each document is fetched by itself
			t.Errorf("%+v: %d files were opened for %d pages of %d segments", q.Sort[0], n, pages, segments)
		}
		if parts < pages*segments {
			t.Errorf("%+v: %d parts have answered, want %d: one that has nothing has answered too", q.Sort[0], parts, pages*segments)
		}
		q.TrackTotal = -1
		q.After = []any{testNow.Add(docs / 2 * time.Second).UnixMilli(), "id000000"}
		if r, err := s.Search(t.Context(), q); err != nil || r.Total != docs {
			t.Errorf("%+v: counted %+v, %v on a page in the middle, want %d", q.Sort[0], r, err, docs)
		}
	}
}

func BenchmarkPages(b *testing.B) {
	opt := options(20_000)
	s := open(b, b.TempDir(), opt)
	defer closeStore(b, s)
	for i := 0; i < 200_000; i += 5000 {
		put(b, s, i, i+5000)
	}
	settle(s)
	q := Request{Size: 1000, Indices: []string{stream}, Sort: []Sort{{Field: "_seq_no"}}}
	for b.Loop() {
		r, err := s.Search(context.Background(), q)
		if err != nil {
			b.Fatal(err)
		}
		q.After = nil
		if len(r.Hits) == q.Size {
			q.After = r.Hits[q.Size-1].Sort
		}
	}
}
