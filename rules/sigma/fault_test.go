package sigma

import (
	"errors"
	"strings"
	"testing"

	"sluice/internal/strictyaml"
)

// TestAllFaults: a document's faults are told at once, in its order, and count as one rule.
func TestAllFaults(t *testing.T) {
	f := func(text string, reason Reason, count int, want ...string) {
		t.Helper()
		_, _, err := loaded(t, text)
		all := strictyaml.Joined(err)
		var one *Fault
		if len(all) != 1 || !errors.As(all[0], &one) {
			t.Errorf("%d errors: %v", len(all), err)
			return
		}
		if one.Reason != reason {
			t.Errorf("%s, want %s", one.Reason, reason)
		}
		if got := len(strings.Split(err.Error(), "\n")); got != count || len(one.All()) != count {
			t.Errorf("%d faults, want %d:\n%v", got, count, err)
		}
		for _, w := range want {
			if !strings.Contains(err.Error()+"\n", w) {
				t.Errorf("%v\nhas no %s", err, w)
			}
		}
	}
	f(`title: Much is wrong
level: hihg
status: tset
logsource: {product: nowhere}
detection:
  a: {x|containz: 1, y|re: '(?=a)', z|cidr: 10.0.0.0/99}
  b: [{p: {q: r}}, {p|exists: perhaps}]
  condition: a and c
`, Malformed, 9, ":2:8: level:", "did you mean high?", ":3:9: status:", "did you mean test?", ":4:12: no events are known", ":6:7: ", ":6:28: ", ":6:45: ", ":7:11: p has a mapping", ":7:31: exists takes", `:8:20: no selection is named "c"`)
	f(`title: Two that we cannot do
logsource: {product: nowhere}
detection:
  a: {y|re: '(?=a)'}
  condition: a
`, LogSource, 2, ":2:12: ", ":4:13: ")
	f(`title: Correlated
correlation:
  type: event_count
  rules: [nobody, neither]
  timespan: 5x
  groupby: [a]
  condition: {gte: many, lt: few}
`, Malformed, 6, ":4:11: ", ":4:19: ", ":5:13: ", ":6:3: a correlation has no groupby; did you mean group-by?", ":7:20: ", ":7:30: ")
}
