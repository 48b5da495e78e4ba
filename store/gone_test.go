package store

import (
	"sync"
	"testing"
	"time"
)

// TestSearchWhileSegmentsGo: a search is answered, with a full page, while retention takes away one
// segment after the other.
func TestSearchWhileSegmentsGo(t *testing.T) {
	opt := options(50)
	opt.MemoryBytes = 1 << 20 // which caches little
	s := open(t, t.TempDir(), opt)
	defer closeStore(t, s)
	for i := 0; i < 5000; i += 50 {
		put(t, s, i, i+50)
		settle(s)
	}
	var work sync.WaitGroup
	defer work.Wait()
	ended := make(chan struct{})
	size := s.Stats().Bytes
	work.Go(func() {
		defer close(ended)
		for i := range int64(90) {
			if _, err := s.retain(Retention{Bytes: size - (i+1)*size/100}); err != nil {
				t.Error(err)
			}
			time.Sleep(5 * time.Millisecond)
		}
	})
	for searches := 0; ; searches++ {
		select {
		case <-ended:
			t.Logf("%d searches", searches)
			return
		default:
		}
		// The oldest first: they are on the page, and go.
		r, err := s.Search(t.Context(), Request{Size: 10, Query: Match{Field: "message", Text: "many"}, TrackTotal: -1, Sort: []Sort{{Field: "n"}}})
		if err != nil || len(r.Hits) != 10 || len(r.Failures) > 0 {
			t.Fatalf("after %d searches: %+v, %v", searches, r, err)
		}
	}
}
