package netflow

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"sluice/event"
	"sluice/ingest"
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

// TestWaitsAsBatches: what waited for a template is many times its bytes as records; no batch is more than
// one write of the journal holds.
func TestWaitsAsBatches(t *testing.T) {
	const fields, sets = 1000, 200
	in := newInput(Defaults().(*Settings), ingest.Env{
		Name: "flows", Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return noon },
		Drop: func(_, reason string, n int) { t.Errorf("%d dropped: %s", n, reason) },
	}, nil)
	records, most := 0, 0
	emit := func(_ context.Context, batch []event.Raw, _ ingest.Checkpoint) error {
		size := 0
		for _, r := range batch {
			size += len(r.Bytes)
		}
		records, most = records+len(batch), max(most, size)
		return nil
	}
	take := func(b []byte) {
		t.Helper()
		if err := in.take(t.Context(), router, "udp", b, emit); err != nil {
			t.Fatal(err)
		}
	}
	for range sets {
		take(v9(1, set(256, make(packer, fields))))
	}
	wide := packer{}.u16(256, fields)
	for range fields {
		wide = wide.u16(1, 1)
	}
	take(v9(1, set(0, wide)))
	if err := in.flush(t.Context(), emit); err != nil {
		t.Fatal(err)
	}
	if records != sets || most > 3<<20 {
		t.Errorf("%d records of %d, and a batch of %d bytes", records, sets, most)
	}
}
