package header

import (
	"testing"
	"time"
)

// Dates that CEF allows, as managers of endpoints write them.
func TestAnyZones(t *testing.T) {
	f := func(text string) {
		t.Helper()
		want := time.Date(2026, 3, 2, 9, 0, 6, 0, time.UTC)
		if got, ok := Any(text, want, time.UTC); !ok || !got.Equal(want) {
			t.Errorf("Any(%q) = %v, %v, want %v", text, got, ok, want)
		}
	}
	f("Mar 02 2026 09:00:06Z")
	f("Mar 02 2026 09:00:06 Z")
	f("Mar 02 2026 10:00:06+01:00")
	f("02 Mar 2026 09:00:06 UTC")
	f("2026-03-02 09:00:06 +0000 UTC") // as Go writes times
	f("2026-03-02 10:00:06.000 CET")   // a name that Go takes for UTC
	f("02 Mar 2026 11:00:06 EET")
	f("2026-03-02T09:00:06Z CET") // its own zone goes before
}
