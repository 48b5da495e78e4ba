package alert

import (
	"fmt"
	"testing"
)

// BenchmarkHandleKnown is one revision that is no news, in batches of 100: what a
// channel does most of the time.
func BenchmarkHandleKnown(b *testing.B) {
	f, tab := new(fake), table{}
	tl := tab.open(b, f, loose())
	batch := make([]Alert, 100)
	for i := range batch {
		batch[i] = one(fmt.Sprint("a", i), 1)
	}
	tab.handle(b, tl, batch...)
	b.ReportAllocs()
	for n := 0; n < b.N; n += len(batch) {
		for i := range batch {
			batch[i].Revision++
		}
		if _, err := tl.Handle(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
}
