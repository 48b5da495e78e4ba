// Package sinks delivers events to where they are kept.
//
// Batching, retry and the dead-letter topic are written once, in Repeat;
// a sink only says what became of a batch. Each kind is a folder below this one
// (sinks/elasticsearch, sinks/file); sinktest holds every kind to what is said here.
//
// Read on: deliver.go; then internal/app/node.go, where all parts meet.
package sinks

import (
	"context"
	"log/slog"
	"time"

	"sluice/event"
)

// A Sink writes one batch and names the events that it did not take.
// An error stands for all of them: it is not known what was taken, try the batch
// again. An event that is there already, under its ID, counts as taken.
//
// What was taken is durable when Write returns. Write does not keep batch or its
// bytes. A Sink belongs to one goroutine; one that also has a Close(ctx) or Close()
// says so itself.
type Sink interface {
	Write(ctx context.Context, batch []event.Document) ([]Refusal, error)
}

// Refusal is one event that was not taken.
type Refusal struct {
	Index  int // in the batch
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

// Wait is an error that names the least time before the next attempt: what the far
// side asked for, or what a mistake of configuration deserves.
type Wait struct {
	For time.Duration
	Err error
}

func (w Wait) Error() string { return w.Err.Error() }

// Unwrap gives the cause.
func (w Wait) Unwrap() error { return w.Err }
