package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
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
