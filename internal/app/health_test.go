package app

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sluice/bus"
	"sluice/internal/metrics"
)

// TestHeldSendersShow: readiness says that senders wait, without naming files to those who
// are not logged in, and no more when the bus takes again.
func TestHeldSendersShow(t *testing.T) {
	n := &Node{now: time.Now}
	n.settings.Store(&Settings{})
	n.health = newHealth(n)
	f := func(why error, want string) {
		t.Helper()
		n.health.hold("net", why)
		var all strings.Builder
		for _, p := range n.health.Ready(t.Context()) {
			fmt.Fprintf(&all, "%s: %s, %t", p.Part, p.Reason, p.Warning)
		}
		if got := all.String(); !strings.Contains(got, want) || want == "" && got != "" || strings.Contains(got, "/data") {
			t.Errorf("%q, want %q", got, want)
		}
	}
	f(fmt.Errorf("%w: write /data/bus/1.seg: no space left on device", bus.ErrFull), "the bus is full, true")
	f(errors.New("write /data/bus/1.seg: input/output error"), "the log says why, true")
	f(nil, "")
}

// TestStaleConfigurationShows: readiness says that the configuration was not taken over, and
// no more when the next one was; what the file holds is only in the log.
func TestStaleConfigurationShows(t *testing.T) {
	var fault error
	s := &Settings{}
	n := &Node{now: time.Now, log: slog.New(slog.DiscardHandler), stats: newRuleStats(time.Now)}
	n.opt.Settings = func() (*Settings, error) { return s, fault }
	n.settings.Store(s)
	b, err := n.build(s)
	if err != nil {
		t.Fatal(err)
	}
	n.set.Store(b.set)
	n.health = newHealth(n)
	f := func(why error, want string) {
		t.Helper()
		fault = why
		if err := n.Reload(t.Context()); (err == nil) != (why == nil) {
			t.Fatal(err)
		}
		var all strings.Builder
		for _, p := range n.health.Ready(t.Context()) {
			fmt.Fprintf(&all, "%s: %s, %t", p.Part, p.Reason, p.Warning)
		}
		if got := all.String(); !strings.HasPrefix(got, want) || want == "" && got != "" || strings.Contains(got, "hunter2") {
			t.Errorf("%q, want %q", got, want)
		}
		scrape := httptest.NewRecorder()
		metrics.Handler().ServeHTTP(scrape, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		if got := strings.Contains(scrape.Body.String(), "\nsluice_config_stale 1\n"); got != (why != nil) {
			t.Errorf("sluice_config_stale is 1: %t", got)
		}
	}
	f(nil, "")
	f(errors.New("s.yml:3:5: pasword: hunter2"), "configuration: what was read at ")
	f(nil, "")
}
