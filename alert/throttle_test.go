package alert

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sluice/internal/metrics"
)

// TestBudget: of messages that were sent in any order, and told of more than once, the one
// that leaves the window first frees the next.
func TestBudget(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 3, 2, 9, minute, 0, 0, time.UTC) }
	b := NewBudget()
	throttle := Throttle{KeyMessages: 2, KeyEvery: 10 * time.Minute, Messages: 3, Every: 10 * time.Minute}
	f := func(now, key, channel time.Time) {
		t.Helper()
		if got := b.keyFree("k", "high", throttle, now); !got.Equal(key) {
			t.Errorf("the key is free at %s, want %s", got, key)
		}
		if got := b.channelFree(throttle, now); !got.Equal(channel) {
			t.Errorf("the channel is free at %s, want %s", got, channel)
		}
	}
	b.spend("m3", "k", "high", at(3))
	b.spend("m3", "k", "high", at(3)) // restored: it counts once
	f(at(4), at(4), at(4))
	b.spend("m1", "k", "high", at(1)) // another partition's, told of later
	f(at(4), at(11), at(4))
	b.spend("m2", "k", "high", at(2))
	f(at(4), at(12), at(11))
	b.spend("m0", "other", "high", at(0))
	f(at(4), at(12), at(11))
	if got := b.keyFree("k", "critical", throttle, at(4)); !got.Equal(at(4)) {
		t.Errorf("what is more severe than all before may be sent at %s, want at once", got)
	}
	if got := b.keyFree("k", "low", throttle, at(4)); !got.Equal(at(12)) {
		t.Errorf("what is less severe may be sent at %s, want with the others", got)
	}
}

// TestWaitingOfAllTellers: the gauge of a channel has what all its partitions hold back, whichever spoke last.
func TestWaitingOfAllTellers(t *testing.T) {
	budget, policy := NewBudget(), DefaultPolicy()
	policy.Group.Wait, policy.Group.By = time.Hour, []string{"rule"}
	f := func(want string) {
		t.Helper()
		page := httptest.NewRecorder()
		metrics.Handler().ServeHTTP(page, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		if line := `sluice_alert_waiting{channel="all tellers"} ` + want + "\n"; !strings.Contains(page.Body.String(), line) {
			t.Errorf("the page has no line %s", line)
		}
	}
	tellers := make([]*Teller, 3)
	for i := range tellers {
		tellers[i] = NewTeller(Options{Channel: "all tellers", Policy: policy, Notifier: &fake{}, Budget: budget})
	}
	handle := func(i int, alerts ...Alert) {
		t.Helper()
		if _, err := tellers[i].Handle(t.Context(), alerts); err != nil {
			t.Fatal(err)
		}
	}
	handle(0, one("a", 1), one("b", 1))
	handle(1, one("c", 1))
	handle(2)
	f("3")
	tellers[0].Close()
	f("1")
}
