// Package ingest runs the configured inputs and hands what they read to the bus.
//
// An input is a folder below this one (ingest/syslog, ingest/filetail) or capture;
// it is named in one table, internal/app/kinds.go. ingesttest holds every kind to
// what is said here.
//
// Read on: supervise.go, and an input, syslog/input.go; then pipeline/pipeline.go, what
// becomes of a raw.
package ingest

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strconv"
	"time"

	"sluice/event"
)

// Checkpoint says how far an input has read. Only that input understands it.
type Checkpoint []byte

// Emit takes a batch over from an input. A nil error means that the batch and the
// checkpoint are durable, in one frame: only then may the input answer its sender.
// A nil checkpoint leaves the last one. Emit waits while the disk is full; it fails
// only when ctx ends or the journal must be reopened. It is safe for concurrent use,
// but raws of one origin must come from one goroutine at a time. It does not keep
// batch or the raws' bytes.
type Emit func(ctx context.Context, batch []event.Raw, at Checkpoint) error

// ErrClosed is what Emit answers when it will take nothing any more: the program ends
// now, and repeating the batch is of no use.
var ErrClosed = errors.New("nothing is taken any more")

// An Input reads until ctx ends or it can read no more.
// It starts no goroutine that outlives Run, and it does not retry: Supervise does.
type Input interface {
	Run(ctx context.Context, emit Emit) error
}

// Settings are one input's decoded configuration: its value is the factory.
type Settings interface {
	// Validate does no I/O and reports every fault (errors.Join), each naming its key.
	Validate() error
	// Open may bind a port or open a file.
	Open(env Env) (Input, error)
}

// Listens are settings that say which addresses an input binds, so that two that would take
// the same one are found before they run.
type Listens interface {
	Listens() (tcp, udp []string)
}

// Env is what the program lends every input.
type Env struct {
	Name      string
	Namespace string
	From      Checkpoint // of its last durable batch; nil: there is none
	Log       *slog.Logger
	Now       func() time.Time
	// Drop counts bytes or lines that could not become an event. reason is one of a
	// few constants of the input (a metric label): "rate_limit", "kernel", "strict".
	Drop func(origin, reason string, n int)

	// Load, if set, is asked for the last durable checkpoint before each restart: a
	// batch whose Emit failed may have become durable all the same. Nil: Supervise
	// goes on from what Emit confirmed.
	Load func(ctx context.Context) (Checkpoint, error)
	// Status, if set, is told each change: (in, nil) the input is open and runs,
	// (nil, err) it failed and will be opened again. It must not block.
	Status func(in Input, err error)
}

// Origin names where a raw came from: the input and the device, file or interface.
// Input names have no colon, so the first one divides the two.
func Origin(input, where string) string { return input + ":" + where }

// A Listening input tells where it listens, once it is open.
type Listening interface {
	// Addrs are the bound addresses, in the order of the settings.
	Addrs() []net.Addr
}

// ValidPort tells whether a listener's port can be one: a number up to 65535, or the name
// of a service, which only the system knows.
func ValidPort(port string) bool {
	n, err := strconv.Atoi(port)
	return port != "" && (err != nil || n >= 0 && n <= 65535)
}
