package ingesttest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"sluice/ingest"
)

// endTime is how long an input may take to end once it was told to.
const endTime = 15 * time.Second

// Running runs an input beside a test until stop, or the test's end. It reports an input that ends
// with anything but its context's end, or not at all. stop may be called again.
func Running(t *testing.T, in ingest.Input, emit ingest.Emit) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- in.Run(ctx, emit) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-ended:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("Run ended with %v", err)
			}
		case <-time.After(endTime):
			t.Error("Run did not end")
		}
	})
	t.Cleanup(stop)
	return stop
}
