package store

import (
	"context"
	"errors"
	"testing"
	"time"
)

// TestSearchTakesTooLong: a search whose time ends amid its aggregations gives what it has, and one that
// found no place among the others is told so.
func TestSearchTakesTooLong(t *testing.T) {
	ctx, cancel := context.WithTimeoutCause(t.Context(), 0, errTimeout)
	defer cancel()
	if _, err := collectPlans(ctx, nil, []*aggPlan{{}}, nil, nil); !errors.Is(err, errTimeout) {
		t.Errorf("aggregations end with %v, which passes for a caller who went away", err)
	}
	s := open(t, t.TempDir(), options(50))
	for range cap(s.slots) {
		s.slots <- struct{}{}
	}
	if _, err := s.Search(t.Context(), Request{Timeout: time.Millisecond}); !errors.Is(err, ErrBusy) {
		t.Error(err)
	}
	for range cap(s.slots) {
		<-s.slots
	}
}

// TestDocumentsTakeTooLong: a search whose time ends amid the documents gives what it has, too.
func TestDocumentsTakeTooLong(t *testing.T) {
	s := open(t, t.TempDir(), options(50))
	defer closeStore(t, s)
	if _, err := s.Bulk(t.Context(), []Op{{Action: Create, Index: "sluice-alerts-default", ID: "1", Source: []byte(`{}`)}}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeoutCause(t.Context(), 0, errTimeout)
	defer cancel()
	if r, _, err := s.search(ctx, &Request{Size: 1}, 0); err != nil || !r.TimedOut {
		t.Errorf("%+v %v", r, err)
	}
}
