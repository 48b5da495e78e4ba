package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sluice/bus"
	"sluice/bus/embedded"
	"sluice/bus/kafka"
	"sluice/internal/disk"
	"sluice/internal/metrics"
	"sluice/sinks"
	"sluice/sinks/elasticsearch"
)

func TestSumLags(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	messages, oldest := sumLags([]bus.Lag{
		{Messages: 3, Oldest: now.Add(-time.Minute)}, {}, {Messages: 4, Oldest: now.Add(-time.Hour)},
	}, now)
	if messages != 7 || oldest != time.Hour {
		t.Errorf("%d messages, oldest %v, want 7 and 1h", messages, oldest)
	}
}

func TestRefusedSetup(t *testing.T) {
	f := func(err error, want bool) {
		t.Helper()
		if got := refusedSetup(fmt.Errorf("set up: %w", err)); got != want {
			t.Errorf("refusedSetup(%v) = %v", err, got)
		}
	}
	f(errors.New("connection refused"), false)
	f(&elasticsearch.Error{Status: 503}, false)
	f(&elasticsearch.Error{Status: 429}, false)
	f(&elasticsearch.Error{Status: 301}, false)
	f(sinks.Wait{Err: &elasticsearch.Error{Status: 401, Type: "security_exception"}}, false)
	f(sinks.Wait{Err: &elasticsearch.Error{Status: 403, Type: "cluster_block_exception"}}, false)
	f(&elasticsearch.Error{Status: 403}, true)
	f(&elasticsearch.Error{Status: 400, Type: "illegal_argument_exception"}, true)
}

// refusing is the way to a cluster that cannot be taken.
type refusing struct{ attempts int }

func (r *refusing) RoundTrip(*http.Request) (*http.Response, error) {
	r.attempts++
	return nil, errors.New("no route to host")
}

// prepared tries for an hour at most to set up the cluster that to leads to, and gives the context of the hour.
func prepared(t *testing.T, to http.RoundTripper, log slog.Handler) context.Context {
	t.Helper()
	n := &Node{now: time.Now, log: slog.New(log)}
	n.health = newHealth(n)
	s := &Settings{Elasticsearch: &elasticsearch.Settings{Timeout: time.Second}}
	var err error
	if n.index, err = elasticsearch.Open(*s.Elasticsearch, elasticsearch.Options{Transport: to}); err != nil {
		t.Fatal(err)
	}
	s.Elasticsearch.Addresses = []string{"https://index.example:9200"}
	n.settings.Store(s)
	ctx, stop := context.WithTimeout(t.Context(), time.Hour)
	t.Cleanup(stop)
	n.prepareIndex(ctx)
	return ctx
}

// TestPrepareIndexIsNoFlood: a cluster that is away is in the log at once, and then once a minute, whatever
// number of attempts there are.
func TestPrepareIndexIsNoFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		away := &refusing{}
		prepared(t, away, slog.NewTextHandler(&log, nil))
		lines := strings.Count(log.String(), "cannot be set up now")
		if lines < 40 || lines > 61 || away.attempts < 100 || !strings.Contains(log.String(), "times=1 ") || !strings.Contains(log.String(), "times=2 ") {
			t.Errorf("%d lines of %d attempts: %.600s", lines, away.attempts, log.String())
		}
	})
}

// strange is the way to a cluster that does not know us.
type strange struct{ attempts int }

func (r *strange) RoundTrip(*http.Request) (*http.Response, error) {
	r.attempts++
	return &http.Response{
		StatusCode: http.StatusUnauthorized, Header: http.Header{"X-Elastic-Product": {"Elasticsearch"}},
		Body: io.NopCloser(strings.NewReader(`{"error":{"type":"security_exception","reason":"unable to authenticate"}}`)),
	}, nil
}

// TestPrepareIndexWaitsForCredentials: a password that is mended on the cluster is not too late for the templates,
// and what asks meanwhile locks no account.
func TestPrepareIndexWaitsForCredentials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		there := &strange{}
		ctx := prepared(t, there, slog.DiscardHandler)
		if ctx.Err() == nil || there.attempts < 100 || there.attempts > 121 {
			t.Errorf("it ended after %d attempts: %v", there.attempts, ctx.Err())
		}
	})
}

// lagging is a bus whose groups are behind by what behind says.
type lagging struct {
	bus.Bus
	behind atomic.Int64
	old    time.Duration // of the oldest message; 0: 30 s
}

func (b *lagging) Lag(context.Context, bus.Group) ([]bus.Lag, error) {
	behind := b.behind.Load()
	if behind < 0 {
		return nil, errors.New("away")
	}
	return []bus.Lag{{Messages: behind, Oldest: time.Now().Add(-cmp.Or(b.old, 30*time.Second))}}, nil
}

// The gauges follow the bus every 10 s, and stay as they are while it does not answer.
func TestWatchLag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &lagging{}
		b.behind.Store(5)
		n := &Node{bus: b, roles: []string{roleProcess}, now: time.Now, log: slog.New(slog.NewTextHandler(io.Discard, nil))}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go n.watchLag(ctx)
		f := func(want, oldest int) {
			t.Helper()
			synctest.Wait()
			page := httptest.NewRecorder()
			metrics.Handler().ServeHTTP(page, httptest.NewRequest(http.MethodGet, "/metrics", nil))
			labels := `{group="sluice.process",topic="sluice.raw"} `
			for _, line := range []string{fmt.Sprintf("sluice_bus_lag_messages%s%d\n", labels, want), fmt.Sprintf("sluice_bus_lag_oldest_seconds%s%d\n", labels, oldest)} {
				if !strings.Contains(page.Body.String(), line) {
					t.Errorf("the metrics do not have %s", line)
				}
			}
		}
		time.Sleep(time.Second) // off the beat
		f(5, 30)
		b.behind.Store(9)
		time.Sleep(lagEvery)
		f(9, 30)
		b.behind.Store(-1)
		time.Sleep(lagEvery)
		f(9, 30)
	})
}

// TestBehindIsOfKafka: the journal in front of a Kafka that is away for days loses nothing by that, and no process
// of a role makes it go faster.
func TestBehindIsOfKafka(t *testing.T) {
	local, err := embedded.Open(disk.Dir(t.TempDir()), relayTopics(1), embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer local.Close()
	old := time.Now().Add(-5 * 24 * time.Hour)
	if err := local.Produce(t.Context(), []bus.Message{{Topic: bus.TopicRaw, Value: []byte("x"), Time: old}}); err != nil {
		t.Fatal(err)
	}
	away := &lagging{}
	away.behind.Store(0)
	n := &Node{now: time.Now, local: local, kafka: away, bus: away}
	n.settings.Store(&Settings{Kafka: kafka.Defaults()})
	n.health = newHealth(n)
	if p := n.health.behind(t.Context()); len(p) > 0 {
		t.Errorf("of the journal it says %v", p)
	}
	n.roles = []string{roleProcess}
	away.old = 5 * 24 * time.Hour
	if p := n.health.behind(t.Context()); len(p) != 1 || p[0].Part != bus.GroupProcess {
		t.Errorf("of the role it says %v", p)
	}
}
