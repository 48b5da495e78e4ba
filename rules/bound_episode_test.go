package rules

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestEpisodeCounts: the long texts that an open alert shows count as memory, also after a restart:
// a million keys of hostile events must not take many times what a partition may.
func TestEpisodeCounts(t *testing.T) {
	s := load(t, Options{}, strings.Replace(bruteForce, "window: 1m", "window: 1h", 1))
	c := s.NewCorrelator()
	for i := range 200 {
		long := strings.Repeat("x", maxShown-8) + strconv.Itoa(i)
		m := Match{
			Rule: "brute", Hash: s.Rule("brute").Hash, Key: `["a"]`, Time: start.Add(time.Duration(i) * time.Second),
			ID: strconv.Itoa(i), Fields: fmt.Sprintf(`{"process.command_line":[%q],"url.original":[%q]}`, long, long),
		}
		c.Observe(&m)
	}
	c.Advance("", start.Add(time.Hour/2))
	const least = 2 * fieldValues * (maxShown - 8)
	if c.Bytes() < least {
		t.Errorf("counted as %d bytes, and it has %d of texts", c.Bytes(), least)
	}
	_, records := c.Drain()
	again := s.NewCorrelator()
	for _, r := range records {
		if err := again.Restore(r.Key, r.Value); r.Value != nil && err != nil {
			t.Fatal(err)
		}
	}
	if again.Bytes() < least {
		t.Errorf("counted as %d bytes after a restart", again.Bytes())
	}
	if again.End(); again.Bytes() != 0 {
		t.Errorf("%d bytes are left", again.Bytes())
	}
}
