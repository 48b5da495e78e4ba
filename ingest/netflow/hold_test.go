package netflow

import (
	"testing"
	"time"
)

// TestTakeAfterDiscard: what is left of a template's sets is taken, and what waits is known as long as
// something does.
func TestTakeAfterDiscard(t *testing.T) {
	d, h := fullHold(4 * heldOverhead)
	a := awaited{exporterID{h.peer.Addr(), h.version, h.domain}, 256}
	n := len(d.held.sets)
	d.discard()
	if got := d.held.take(awaited{a.exporter, 257}); got != nil {
		t.Errorf("%d sets of another template", len(got))
	}
	if got := len(d.held.take(a)); n < 2 || got != n-1 || d.held.bytes != 0 || len(d.held.waiting) != 0 {
		t.Errorf("took %d of %d; left: %d bytes, %v", got, n-1, d.held.bytes, d.held.waiting)
	}
	d.hold(&h, 256, nil, time.Now())
	d.discard()
	if len(d.held.sets)+len(d.held.waiting) != 0 {
		t.Errorf("left: %d sets, %v", len(d.held.sets), d.held.waiting)
	}
}
