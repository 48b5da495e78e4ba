package app

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sluice/ingest"
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

// warned is an input that does not read all.
type warned struct{ ingest.Input }

func (warned) Warning() string { return "3 files are not read" }

// TestInputWarns: readiness says what an input that runs does not read.
func TestInputWarns(t *testing.T) {
	n := &Node{now: time.Now}
	n.settings.Store(&Settings{})
	n.health, n.inputs = newHealth(n), newInputs(n, t.Context())
	r := &runningInput{}
	n.inputs.running["web"] = r
	r.status(warned{}, nil)
	got := n.health.Ready(t.Context())
	if len(got) != 1 || got[0].Part != "input web" || got[0].Reason != "3 files are not read" || !got[0].Warning {
		t.Errorf("%+v", got)
	}
	if r.status(nil, nil); len(n.inputs.warnings()) != 0 {
		t.Error("an input that does not run warns of what it reads")
	}
}
