// Package sinks delivers events to where they are kept.
//
// Batching, retry and the dead-letter topic are written once, in Deliver;
// a sink only says what became of a batch.
package sinks

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"sluice/event"
)

// A Sink writes one batch and names the events that it did not take.
// An error stands for all of them: it is not known what was taken, try the batch
// again. An event that is there already, under its ID, counts as taken.
type Sink interface {
	Write(ctx context.Context, batch []event.Document) ([]Refusal, error)
}

// Refusal is one event that was not taken.
type Refusal struct {
	Index  int
	Reason error
	Final  bool // no retry will help
}

// Settings are one sink's decoded configuration: its value is the factory.
type Settings interface {
	Validate() error // no I/O
	Open(env Env) (Sink, error)
}

// Env is what the program lends every sink.
type Env struct {
	Name string
	Log  *slog.Logger
}

// Deliver writes batch until every event is taken or dead, or ctx ends.
// dead is called for what no retry will help; its error ends Deliver. trouble is
// told of every failed attempt and may be nil.
func Deliver(ctx context.Context, s Sink, batch []event.Document, dead func(event.Document, error) error, trouble func(error)) error {
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 30*time.Second) {
		refused, err := s.Write(ctx, batch)
		if err == nil {
			if batch, err = settle(batch, refused, dead); err != nil || len(batch) == 0 {
				return err
			}
			err = fmt.Errorf("%d events refused for now: %w", len(refused), refused[0].Reason)
		}
		if trouble != nil {
			trouble(err)
		}
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-time.After(wait):
		}
	}
}

// settle buries what is final and returns what is worth another try.
func settle(batch []event.Document, refused []Refusal, dead func(event.Document, error) error) ([]event.Document, error) {
	var again []event.Document
	for _, r := range refused {
		e := batch[r.Index]
		if !r.Final {
			again = append(again, e)
			continue
		}
		if err := dead(e, r.Reason); err != nil {
			return nil, fmt.Errorf("dead-letter %s: %w", e.ID, err)
		}
	}
	return again, nil
}
