package app

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestHangingInput: an input that hangs in the system ends with the program's time to stop, and by name.
func TestHangingInput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		work, stopWork := context.WithCancel(t.Context())
		defer stopWork()
		var log bytes.Buffer
		x := newInputs(&Node{log: slog.New(slog.NewTextHandler(&log, nil))}, work)
		x.running["nfs"] = &runningInput{stop: func() {}, done: make(chan struct{})}
		time.AfterFunc(drainTime, stopWork)
		began := time.Now()
		x.stop()
		if took := time.Since(began); took != drainTime+hangs || !strings.Contains(log.String(), "input=nfs") {
			t.Errorf("the stop took %v, and the log says %q", took, log.String())
		}
	})
}
