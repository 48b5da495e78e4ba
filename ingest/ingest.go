// Package ingest runs the configured inputs and hands what they read to the bus.
//
// Each kind of input is a folder below this one (ingest/syslog, ingest/filetail) or below
// capture, and is listed in internal/app/kinds.go. Package ingesttest checks every kind against
// the contract given here.
//
// Read on: supervise.go and one input, syslog/input.go; then pipeline/pipeline.go, which parses
// what was read.
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

// Checkpoint says how far an input has read. Its content is private to the input.
type Checkpoint []byte

// Emit accepts a batch from an input. A nil error means that the batch and the checkpoint are
// durable, in a single write; only then may the input acknowledge to its sender. A nil checkpoint
// keeps the previous one. Emit blocks while the disk is full, and fails only when ctx ends or the
// journal has to be reopened. It is safe for concurrent use, but raws of one origin must come
// from one goroutine at a time. It retains neither batch nor the raws' bytes.
type Emit func(ctx context.Context, batch []event.Raw, at Checkpoint) error

// ErrClosed is returned by Emit once the program is shutting down; retrying is pointless.
var ErrClosed = errors.New("nothing is taken any more")

// An Input reads until ctx ends or there is nothing left to read. It must not leave a goroutine
// behind when Run returns, and it does not retry: Supervise does that.
type Input interface {
	Run(ctx context.Context, emit Emit) error
}

// Settings are the decoded configuration of one input, and its factory.
type Settings interface {
	// Validate does no I/O. It reports every fault (errors.Join), each naming its key.
	Validate() error
	// Open may bind a port or open a file.
	Open(env Env) (Input, error)
}

// Listens is implemented by settings of inputs that bind addresses or paths, so that conflicts are found
// before anything is opened.
type Listens interface {
	Listens() (tcp, udp, unix []string)
}

// Reads is implemented by settings of inputs that may say how all their lines are read.
type Reads interface {
	// Reading is the pack, "" if each line is recognized, and the zone of stamps without one.
	Reading() (pack, zone string)
}

// NotDurable is the reason of Env.Drop for what was read, and refused because the program ended
// before the journal took it.
const NotDurable = "not_durable"

// Env is what the program provides to every input.
type Env struct {
	Name      string
	Namespace string
	From      Checkpoint // of its last durable batch; nil: there is none
	Log       *slog.Logger
	Now       func() time.Time
	// Drop counts bytes or lines that could not become an event. reason is a metric label and one
	// of a few constants per input: "rate_limit", "kernel", "strict".
	Drop func(origin, reason string, n int)

	// Own are the folders that this program writes to. Nothing below them is read: each line would make
	// another.
	Own []string

	// Load, if set, is called before each restart to read the last durable checkpoint: a batch
	// whose Emit failed may have become durable nevertheless. If nil, Supervise continues from
	// what Emit confirmed.
	Load func(ctx context.Context) (Checkpoint, error)
	// Status, if set, is called on every change: with (in, nil) when the input is open and
	// running, with (nil, err) when it failed and will be reopened. It must not block.
	Status func(in Input, err error)
}

// Origin names the source of a raw: the input, and the device, file or interface. Input names
// contain no colon, so the first one separates the two.
func Origin(input, where string) string { return input + ":" + where }

// Listening is implemented by inputs that listen on addresses, once they are open.
type Listening interface {
	// Addrs returns the bound addresses, in the order of the settings.
	Addrs() []net.Addr
}

// Warning is implemented by inputs that may run and not read all that they are to read.
type Warning interface {
	// Warning says what is not read, and "" while all is. It names nothing that only who has a
	// token may know.
	Warning() string
}

// ValidateAddrs tells bad of each address that no listener can have. A port is a number up to
// 65535, or a service name, which only the system can resolve.
func ValidateAddrs(bad func(format string, args ...any), key string, addrs []string) {
	for _, a := range addrs {
		_, port, err := net.SplitHostPort(a)
		n, notNumber := strconv.Atoi(port)
		switch {
		case err != nil || port == "":
			bad(`%s: %q is no address; write host:port or ":port"`, key, a)
		case notNumber == nil && (n < 0 || n > 65535):
			bad("%s: %q: a port is a number from 0 to 65535", key, a)
		}
	}
}
