// Package sinktest checks a sink against the contract of sinks.Sink.
package sinktest

import (
	"context"
	"fmt"
	"testing"

	"sluice/event"
	"sluice/sinks"
)

// Kind is one sort of sink under test.
type Kind struct {
	// Open makes a sink on the same place each time: a second one is a restart.
	Open func(t *testing.T) sinks.Sink
	// Count is how often the place holds a document with that id and JSON.
	Count func(t *testing.T, d event.Document) int
	// Once says that the place keeps an id once, however often it is written. A
	// sink that only appends cannot.
	Once bool
}

// Documents are n documents whose ids begin with prefix.
func Documents(prefix string, n int) []event.Document {
	out := make([]event.Document, n)
	for i := range out {
		id := fmt.Sprintf("%s-%06d", prefix, i)
		out[i] = event.Document{ID: id, Stream: "logs-sluice.test-contract", JSON: fmt.Appendf(nil, `{"@timestamp":"2026-01-02T03:04:05.000Z","message":%q}`, id)}
	}
	return out
}

// Contract runs the suite.
func Contract(t *testing.T, k Kind) {
	t.Helper()
	write := func(t *testing.T, s sinks.Sink, docs []event.Document) {
		t.Helper()
		if refused, err := s.Write(t.Context(), docs); err != nil || len(refused) != 0 {
			t.Fatalf("refused %v, %v", refused, err)
		}
	}
	there := func(t *testing.T, docs []event.Document, want int) {
		t.Helper()
		for _, d := range []event.Document{docs[0], docs[len(docs)/2], docs[len(docs)-1]} {
			if n := k.Count(t, d); n != want {
				t.Errorf("%s is there %d times, want %d", d.ID, n, want)
			}
		}
	}
	t.Run("takes a batch", func(t *testing.T) {
		docs := Documents("batch", 500)
		write(t, k.Open(t), docs)
		there(t, docs, 1)
	})
	t.Run("takes nothing", func(t *testing.T) { write(t, k.Open(t), nil) })
	t.Run("goes on after a restart", func(t *testing.T) {
		a, b := Documents("before", 10), Documents("after", 10)
		write(t, k.Open(t), a)
		write(t, k.Open(t), b)
		there(t, a, 1)
		there(t, b, 1)
	})
	if k.Once { // a sink that appends promises no such thing
		t.Run("once under its id", func(t *testing.T) {
			docs := Documents("once", 20)
			s := k.Open(t)
			write(t, s, docs)
			write(t, s, docs)
			write(t, k.Open(t), docs)
			there(t, docs, 1)
		})
	}
	t.Run("a bad document does not stop its neighbours", func(t *testing.T) {
		docs := Documents("bad", 3)
		docs[1].JSON = []byte("{}\n{}")
		refused, err := k.Open(t).Write(t.Context(), docs)
		if err != nil || len(refused) != 1 || refused[0].Index != 1 || !refused[0].Final {
			t.Fatalf("refused %v, %v", refused, err)
		}
		if k.Count(t, docs[0]) != 1 || k.Count(t, docs[2]) != 1 {
			t.Error("a neighbour is missing")
		}
	})
	t.Run("does not keep the batch", func(t *testing.T) {
		docs := Documents("kept", 5)
		want := Documents("kept", 5)
		write(t, k.Open(t), docs)
		for i := range docs {
			clear(docs[i].JSON)
		}
		there(t, want, 1)
	})
	t.Run("ends with its context", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := k.Open(t).Write(ctx, Documents("ended", 1)); err == nil {
			t.Error("it wrote although its context had ended")
		}
	})
}
