package strictyaml

import (
	"testing"
	"time"
)

func TestParseDuration(t *testing.T) {
	const day = 24 * time.Hour
	f := func(text string, want time.Duration) {
		t.Helper()
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("%q is %v, %v; want %v", text, got, err, want)
		}
	}
	f("15s", 15*time.Second)
	f("0", 0)
	f("0d", 0)
	f("1.5h", 90*time.Minute)
	f("7d", 7*day)
	f("2w", 14*day)
	f("1w2d3h4m", 9*day+3*time.Hour+4*time.Minute)
	f("-1d", -day)
	f("-90m", -90*time.Minute)
	f("106751d", 106751*day)

	refused := func(text string) {
		t.Helper()
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("%q is %v; want it refused", text, got)
		}
	}
	for _, text := range []string{
		"", "d", "w", "1", "1d1", "1.5d", "1d-1h", "1d+1h", "--1d", "-", "2d1w", "1dd", "1 d", "7D", "1h1d",
		"106752d", "106751d24h", "15251w", "99999999999999999999d", "9999999h",
	} {
		refused(text)
	}
}
