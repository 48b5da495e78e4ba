package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestTroubleIsNoFlood: what fails five times a second is in the log once a minute, with how often it was.
func TestTroubleIsNoFlood(t *testing.T) {
	var log bytes.Buffer
	now := time.Date(2026, 11, 27, 20, 0, 0, 0, time.UTC)
	n := &Node{log: slog.New(slog.NewTextHandler(&log, nil)), now: func() time.Time { return now }}
	tell := n.trouble("kafka")
	for i := range 600 {
		tell(fmt.Errorf("read tcp 127.0.0.1:%d->127.0.0.1:9092: i/o timeout", 40000+i))
		now = now.Add(200 * time.Millisecond)
	}
	tell(errors.New("another"))
	if got := log.String(); strings.Count(got, "\n") != 3 || !strings.Contains(got, "times=300") || !strings.Contains(got, "why=another") {
		t.Errorf("the log has %d lines: %.1000s", strings.Count(got, "\n"), got)
	}
	for i := range 10 * mostTroubles {
		tell(errors.New(strings.Repeat("x", i)))
	}
	if len(n.troubles.all) > mostTroubles {
		t.Errorf("%d troubles are remembered", len(n.troubles.all))
	}
	// One that is remembered stays told once a minute, also while no more can be remembered.
	now = now.Add(troubleEvery)
	tell(errors.New("takes the place of one that is forgotten"))
	log.Reset()
	for range 3 {
		tell(errors.New("another"))
	}
	if got := log.String(); strings.Count(got, "\n") != 1 {
		t.Errorf("the log has %d lines: %s", strings.Count(got, "\n"), got)
	}
}

// TestRestartIsNoFlood: a part that fails whenever it is started is in the log once a minute.
func TestRestartIsNoFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		n := &Node{log: slog.New(slog.NewTextHandler(&log, nil)), now: time.Now}
		n.health = newHealth(n)
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Minute)
		defer stop()
		n.again(ctx, "sluice.process", func() error { return errors.New("read-only file system") })
		if lines := strings.Count(log.String(), "\n"); lines < 5 || lines > 10 {
			t.Errorf("the log has %d lines of ten minutes", lines)
		}
		if len(n.health.failures) != 1 {
			t.Error("readiness does not say it")
		}
	})
}

// TestHeldIsNoFlood: under load the bus is full and is not, every second; the log has that once a
// minute, and readiness each time.
func TestHeldIsNoFlood(t *testing.T) {
	var log bytes.Buffer
	now := time.Date(2026, 11, 27, 20, 0, 0, 0, time.UTC)
	n := &Node{log: slog.New(slog.NewTextHandler(&log, nil)), now: func() time.Time { return now }}
	c := &collector{input: "net", log: n.log, now: n.now, health: newHealth(n)}
	for i := range 90 {
		c.held(fmt.Errorf("bus is full: %d bytes", i))
		c.held(fmt.Errorf("bus is full: %d bytes", i))
		if len(c.health.held) != 1 {
			t.Fatal("readiness does not say it")
		}
		now = now.Add(time.Second)
		c.held(nil)
		if len(c.health.held) != 0 {
			t.Fatal("readiness still says it")
		}
	}
	if got := log.String(); strings.Count(got, "senders wait") != 2 || strings.Count(got, "takes again") != 2 || !strings.Contains(got, "times=60") {
		t.Errorf("the log says\n%s", got)
	}
}
