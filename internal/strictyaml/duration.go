package strictyaml

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// ParseDuration reads a duration as people write it: days and weeks, of 24 hours each and
// whole, may stand before what Go knows, as in 90m, 7d, 2w, 1d12h.
func ParseDuration(text string) (time.Duration, error) {
	rest, negative := strings.CutPrefix(text, "-")
	var sum time.Duration
	for _, unit := range []struct {
		sign byte
		of   time.Duration
	}{{'w', 7 * 24 * time.Hour}, {'d', 24 * time.Hour}} {
		at := strings.IndexByte(rest, unit.sign)
		if at < 0 {
			continue
		}
		n, err := strconv.ParseUint(rest[:at], 10, 32)
		if err != nil || time.Duration(n) > (math.MaxInt64-sum)/unit.of {
			return 0, notDuration(text)
		}
		sum += time.Duration(n) * unit.of
		rest = rest[at+1:]
	}
	if rest != "" || sum == 0 && !strings.ContainsAny(text, "wd") {
		d, err := time.ParseDuration(rest)
		if err != nil || d < 0 || strings.HasPrefix(rest, "+") && sum > 0 || d > math.MaxInt64-sum {
			return 0, notDuration(text)
		}
		sum += d
	}
	if negative {
		sum = -sum
	}
	return sum, nil
}

func notDuration(text string) error {
	return fmt.Errorf("%.60q is not a duration such as 15s, 10m, 24h or 7d", text)
}
