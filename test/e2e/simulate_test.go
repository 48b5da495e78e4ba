package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/capture"
	"sluice/event"
	"sluice/internal/simulate"
	"sluice/normalize"
	"sluice/pipeline"
	detection "sluice/rules"
)

// TestStoryRaisesItsAlerts: what the invented network plays, taken through capture,
// packs and shipped rules, raises the alerts that stand beside its story: none is
// missing, none is more.
func TestStoryRaisesItsAlerts(t *testing.T) {
	set, err := pipeline.Build(pipeline.Sources{Packs: normalize.Shipped(), Rules: detection.Library()})
	if err != nil {
		t.Fatal(err)
	}
	const play = 15 * time.Minute // two whole tellings
	for _, seed := range []uint64{1, 2, 3} {
		want := simulate.Expect(seed, play)
		if len(want) < 20 {
			t.Fatalf("seed %d: the story expects only %d alerts", seed, len(want))
		}
		got := raised(t, set, simulate.Script(seed, play))
		for _, w := range want {
			if !slices.ContainsFunc(got, func(a detection.Alert) bool { return about(t, &a, w) }) {
				t.Errorf("seed %d: %s of %v is missing", seed, w.Rule, w.Key)
			}
		}
		ids := map[string]bool{}
		for _, a := range got {
			ids[a.ID] = true
		}
		for _, a := range got {
			if set.Rules.Rule(a.Rule).Kind == detection.KindRisk { // where scenes meet on one host by chance
				if slices.ContainsFunc(a.Events, func(id string) bool { return !ids[id] }) {
					t.Errorf("seed %d: the incident %s lists an alert that is none: %s", seed, a.Title, a.Events)
				}
				continue
			}
			if !slices.ContainsFunc(want, func(w simulate.Expected) bool { return about(t, &a, w) }) {
				t.Errorf("seed %d: nobody expects %s (%s) %s at %v", seed, a.Rule, a.Title, a.Key, a.First)
			}
		}
		t.Logf("seed %d: %d alerts expected, %d raised", seed, len(want), len(got))
	}
}

// about says whether a is the alert that is expected: of its rule, with its values.
func about(t *testing.T, a *detection.Alert, want simulate.Expected) bool {
	if a.Rule != want.Rule {
		return false
	}
	var doc any
	if err := json.Unmarshal(a.Doc, &doc); err != nil {
		t.Fatal(err)
	}
	var key []string // where a rule groups by rule.name, the document's own is the rule's
	if err := json.Unmarshal([]byte(a.Key), &key); err != nil {
		t.Fatal(err)
	}
	for field, value := range want.Key {
		if !slices.Contains(key, value) && !carries(doc, strings.Split(field, "."), value) {
			return false
		}
	}
	return true
}

func carries(v any, path []string, want string) bool {
	switch v := v.(type) {
	case map[string]any:
		return len(path) > 0 && carries(v[path[0]], path[1:], want)
	case []any:
		return slices.ContainsFunc(v, func(v any) bool { return carries(v, path, want) })
	}
	return len(path) == 0 && fmt.Sprint(v) == want
}

// raised takes lines the whole way in one process and gives the last revision of each alert.
func raised(t *testing.T, set *pipeline.Set, lines []simulate.Line) []detection.Alert {
	worker, core := set.NewWorker(), set.Rules.NewCorrelator()
	packs, n, now := map[string]string{}, 0, simulate.Epoch
	var got []detection.Alert
	take := func(raw event.Raw) {
		n++
		raw.ID, raw.Input, raw.Namespace, raw.Received = fmt.Sprint(n), "play", "default", now
		r := worker.Process(pipeline.Input{Raw: &raw, Last: packs[raw.Origin], Now: now, OneLane: true})
		if r.Unparsed {
			t.Errorf("unparsed: %s", raw.Bytes)
		}
		packs[raw.Origin] = r.Pack
		for i := range r.Matches {
			if m := &r.Matches[i]; set.Rules.Rule(m.Rule).Stateful() {
				core.Observe(m)
			} else {
				a := set.Rules.Alert(m)
				core.Alerted(&a)
				got = append(got, a)
			}
		}
	}
	tap := capture.New(capture.DefaultLimits(), func(r capture.Record) {
		take(event.Raw{Bytes: slices.Clone(r.JSON), Origin: "tap", Pack: r.Pack})
	})
	packets := uint64(0)
	for _, l := range lines {
		now = simulate.Epoch.Add(l.After)
		tap.Advance(now)
		switch l.Via {
		case simulate.Wire:
			packets++
			tap.Packet(capture.Packet{Number: packets, Time: now, Link: 1, Data: l.Text, Length: len(l.Text)})
		case simulate.File:
			take(event.Raw{Bytes: l.Text, Origin: l.File})
		case simulate.UDP, simulate.TCP:
			take(event.Raw{Bytes: l.Text, Origin: "syslog"})
		}
	}
	tap.Flush()
	core.End()
	alerts, _ := core.Drain()
	return append(got, alerts...)
}
