// Package sinks delivers events to where they are stored.
//
// Batching, retries and dead letters are implemented once, in Repeat; a sink only reports what
// became of a batch. Each kind is a folder below this one (sinks/elasticsearch, sinks/file), and
// package sinktest checks every kind against the contract given here.
//
// Read on: deliver.go; then internal/app/node.go, where all parts meet.
package sinks

import (
	"context"
	"log/slog"
	"time"

	"sluice/event"
)

// A Sink writes a batch and reports the events that it did not accept. An error means that it is
// unknown which events were accepted, and that the whole batch should be retried. An event that
// already exists under its ID counts as accepted.
//
// Accepted events are durable when Write returns. Write does not retain batch or its bytes. A
// Sink is used by one goroutine at a time. A Sink may also have a method Close(ctx) or Close().
type Sink interface {
	Write(ctx context.Context, batch []event.Document) ([]Refusal, error)
}

// Refusal is one event that was not accepted.
type Refusal struct {
	Index  int // in the batch
	Reason error
	Final  bool // no retry will help
}

// Settings are the decoded configuration of one sink, and its factory.
type Settings interface {
	Validate() error // no I/O
	Open(env Env) (Sink, error)
}

// Env is what the program provides to every sink.
type Env struct {
	Name string
	Log  *slog.Logger
}

// Wait is an error that carries the minimum delay before the next attempt: what the remote side
// asked for, or what a configuration mistake deserves.
type Wait struct {
	For time.Duration
	Err error
}

func (w Wait) Error() string { return w.Err.Error() }

// Unwrap gives the cause.
func (w Wait) Unwrap() error { return w.Err }
