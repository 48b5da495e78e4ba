package app

import (
	"net/http/httptest"
	"regexp"
	"slices"
	"testing"
	"time"

	"sluice/bus"
	"sluice/event"
	"sluice/internal/metrics"
	"sluice/rules"
)

// scraped is a metric as /metrics shows it, with its labels; "": it is not there.
func scraped(name string) string {
	w := httptest.NewRecorder()
	metrics.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	m := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + ` (\S+)$`).FindStringSubmatch(w.Body.String())
	if m == nil {
		return ""
	}
	return m[1]
}

// TestExpressionErrors: an expression that fails on an event is no match, and shows in a metric
// at the next tick.
func TestExpressionErrors(t *testing.T) {
	p := newTestProcessor(t)
	set := *p.set.Load()
	var err error
	text := "id: broken\ntitle: T\nkind: match\nlevel: low\nwhen: process.args[100] == \"x\" or int(host.name) == 7\n"
	if set.Rules, err = rules.Load(set.Schema, []rules.File{{Name: "r.yml", Text: []byte(text)}}, rules.Options{}); err != nil {
		t.Fatal(err)
	}
	p.set.Store(&set)
	metrics.RuleErrors.Reset()
	m := rawMessage(&event.Raw{ID: "a", Bytes: []byte("<13>Nov 23 21:00:00 host prog: fine"), Origin: "in:h", Input: "in", Namespace: "default", Received: time.Now()})
	for _, in := range [][]bus.Message{{m}, nil, nil} {
		if _, err := p.Handle(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	if got := scraped("sluice_rules_expression_errors_total"); got != "1" {
		t.Errorf("%q errors, want 1", got)
	}
}

// TestCountsUnderLoad: the events that rules were asked about are told while more come, not only
// when the inputs fall silent.
func TestCountsUnderLoad(t *testing.T) {
	p := newTestProcessor(t)
	p.meter.stats = newRuleStats(time.Now)
	now, offset := time.Now(), int64(0)
	p.now = func() time.Time { return now }
	f := func(after time.Duration, want int64) {
		t.Helper()
		now = now.Add(after)
		m := rawMessage(&event.Raw{ID: now.String(), Bytes: []byte("<13>Nov 23 21:00:00 host prog: fine"), Origin: "in:h", Input: "in", Namespace: "default", Received: now})
		offset++
		m.Offset = offset
		if _, err := p.Handle(t.Context(), []bus.Message{m}); err != nil {
			t.Fatal(err)
		}
		if got := p.meter.stats.events; got != want {
			t.Errorf("%d events, want %d", got, want)
		}
	}
	f(0, 1)
	f(time.Second, 1)
	f(flushEvery, 3)
}

// TestCostsBehindIdleness: a first tick at which no event was measured yet hides nothing of what comes.
func TestCostsBehindIdleness(t *testing.T) {
	p := newTestProcessor(t)
	set := *p.set.Load()
	var err error
	text := "id: r\ntitle: T\nkind: match\nlevel: low\nwhen: host.name == \"host\"\n"
	if set.Rules, err = rules.Load(set.Schema, []rules.File{{Name: "r.yml", Text: []byte(text)}}, rules.Options{}); err != nil {
		t.Fatal(err)
	}
	p.set.Store(&set)
	p.meter.stats = newRuleStats(time.Now)
	now := time.Now()
	p.now = func() time.Time { return now }
	offset := int64(0)
	for _, n := range []int{0, 1, 10 * costSample, 0} {
		var in []bus.Message
		for range n {
			m := rawMessage(&event.Raw{ID: "x", Bytes: []byte("<13>Nov 23 21:00:00 host prog: fine"), Origin: "in:h", Input: "in", Namespace: "default", Received: now})
			offset++
			m.Offset = offset
			in = append(in, m)
		}
		now = now.Add(2 * flushEvery)
		if _, err := p.Handle(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	if got := p.meter.stats.events; got != 10*costSample+1 {
		t.Errorf("%d events", got)
	}
	if got := p.meter.stats.of("r").nanos; got <= 0 {
		t.Errorf("the rule took %d ns", got)
	}
}

// TestSlowRules: few events prove nothing.
func TestSlowRules(t *testing.T) {
	f := func(events int64, us, share float64, want int) {
		t.Helper()
		r := RuleState{PerEvent: us, Share: share}
		if r.judge(events); len(r.Notes) != want {
			t.Errorf("%d events, %v us, %v: %q", events, us, share, r.Notes)
		}
	}
	f(100, 12, 1, 0)
	f(10_000, 12, 1, 1)
	f(10_000, 1, 1, 0)
	f(10_000, 12, 0.01, 0)
}

// TestCountedElsewhere: a process whose rules are asked by others does not claim that they found nothing.
func TestCountedElsewhere(t *testing.T) {
	n := reloadable(t, func() (*Settings, error) { return parse("rules: {library: false}\n") })
	for _, roles := range [][]string{{roleServe}, {roleServe, roleProcess}, {roleServe, roleCorrelate}} {
		n.roles = roles
		got, err := ruleTools{n}.List(t.Context())
		if states := got.(RuleStates); err != nil || states.Since.IsZero() != (len(roles) == 1) {
			t.Errorf("%v: since %v, %v", roles, states.Since, err)
		}
	}
}

// TestRuleIsExplained: what is told of a rule says what it is for and what it leaves out.
func TestRuleIsExplained(t *testing.T) {
	set := *shippedSet(t)
	text := "id: r\ntitle: R\nlevel: low\nkind: match\ndescription: What it is for\nfalsepositives: [A scanner]\nwhen: has(user.name)\nexceptions:\n- {when: 'user.name == \"backup\"', owner: ops, expires: 2099-12-31, reason: until then}\n"
	loaded, err := rules.Load(set.Schema, []rules.File{{Name: "r.yml", Text: []byte(text)}}, rules.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := (*ruleStats)(nil).states(loaded).Rules[0]
	want := RuleException{Owner: "ops", Reason: "until then", Expires: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC), Line: 9}
	if got.Description != "What it is for" || !slices.Equal(got.Positives, []string{"A scanner"}) || len(got.Exceptions) != 1 || got.Exceptions[0] != want {
		t.Errorf("%+v", got)
	}
}
