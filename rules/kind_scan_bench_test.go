package rules

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"
)

// TestTarget: the short way reads what the long one does.
func TestTarget(t *testing.T) {
	for _, value := range []string{
		`["10.0.0.1","443"]`, `["10.0.0.1",""]`, `["",""]`, `["a\"b","1"]`, `["a","b","c"]`, `["a"]`, `["a" ,"b"]`, `["a","b"`, `["a","b"]]`, `a","b"]`, `["a\u0041","1"]`, `[]`, ``, `["`, `["]`,
	} {
		var both []string
		if json.Unmarshal([]byte(value), &both) != nil || len(both) != 2 {
			both = []string{"", ""}
		}
		if host, port := target(value); host != both[0] || port != both[1] {
			t.Errorf("%s: %q, %q", value, host, port)
		}
	}
}

// BenchmarkScanBusy is a key that is near the bound and does not scan, such as a proxy.
func BenchmarkScanBusy(b *testing.B) {
	s := load(b, Options{}, "id: s\ntitle: S\nlevel: low\nkind: scan\nwhen: event.category == \"network\"\ngroup_by: source.ip\nwindow: 10m\nports: 200\n")
	c := s.NewCorrelator()
	for i := 0; b.Loop(); i++ {
		m := Match{
			Rule: "s", Hash: s.Rule("s").Hash, Key: `["a"]`, Time: start.Add(time.Duration(i) * 10 * time.Millisecond), ID: fmt.Sprint(i), Fields: "{}",
			Value: fmt.Sprintf(`["10.0.%d.%d","443"]`, i%900/250, i%900%250),
		}
		c.Observe(&m)
		if i%100 == 99 {
			c.Advance("", m.Time)
			c.Drain()
		}
	}
}
