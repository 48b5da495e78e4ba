package app

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const manyRules = `id: burst
title: burst
level: high
kind: threshold
when: event.action == "x"
group_by: source.ip
count: 5
window: 10s
---
id: each
title: each
level: low
kind: match
when: event.action == "y"
---
id: over
title: over
level: high
kind: threshold
rules: [each]
group_by: source.ip
count: 5
window: 10s
`

// TestManyMatches: a file may have more matches of one key than may lie within the lateness: what is
// read a day at once was no burst. detect and backtest find the same in it.
func TestManyMatches(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.yml")
	if err := os.WriteFile(path, []byte(manyRules), 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := LoadSet("", path)
	if err != nil {
		t.Fatal(err)
	}
	const bursts, each = 120, 100 // 12,000 matches
	var text strings.Builder
	at := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	for i := range bursts * each {
		stamp := at.Add(time.Duration(i/each)*time.Minute + time.Duration(i%each)*50*time.Millisecond).Format(time.RFC3339Nano)
		for _, action := range []string{"x", "y"} {
			fmt.Fprintf(&text, `{"@timestamp":%q,"event":{"action":%q},"source":{"ip":"192.0.2.1"}}`+"\n", stamp, action)
		}
	}
	want := map[string]int{"burst": bursts, "each": bursts * each, "over": bursts}
	check := func(what string, got map[string]int) {
		t.Helper()
		for rule, n := range want {
			if got[rule] != n {
				t.Errorf("%s: %d alerts of %s, want %d", what, got[rule], rule, n)
			}
		}
	}
	d, got, number := NewDetection(set, Reading{ECS: true}), map[string]int{}, 0
	hit := func(h Hit) error { got[h.Rule]++; return nil }
	if err := (Reading{ECS: true}).Records(strings.NewReader(text.String()), &number, func(r Record) error { return d.Process(r, hit) }); err != nil {
		t.Fatal(err)
	}
	if err := d.End(hit); err != nil {
		t.Fatal(err)
	}
	check("detect", got)
	if what := d.Degraded(); what != nil {
		t.Errorf("detect: %v", what)
	}
	open := func(m Measure) Past {
		return FilesPast(nil, strings.NewReader(text.String()), Reading{ECS: true}, m)
	}
	b, err := RunBacktest(t.Context(), set, open, false, func(int64, int64) {})
	if err != nil {
		t.Fatal(err)
	}
	clear(got)
	for _, r := range b.Rules {
		got[r.Rule] = r.Alerts
	}
	check("backtest", got)
}
