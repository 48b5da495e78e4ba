package zone_test

import (
	"strings"
	"testing"
	"time"

	"sluice/internal/zone"
)

func TestLoad(t *testing.T) {
	at := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	for name, want := range map[string]string{
		"": "12:00 +0000", "UTC": "12:00 +0000", "Europe/Berlin": "13:00 +0100", "+05:30": "17:30 +0530", "-0700": "05:00 -0700",
		"+02": "14:00 +0200", "+05:45": "17:45 +0545", "-00:30": "11:30 -0030",
	} {
		z, err := zone.Load(name)
		if err != nil {
			t.Errorf("%q: %v", name, err)
		} else if got := at.In(z).Format("15:04 -0700"); got != want {
			t.Errorf("%q: noon in UTC is %s there, want %s", name, got, want)
		}
	}
	for name, want := range map[string]string{
		"Mars/Olympus": "neither an IANA time zone", "+5:30": "no offset", "+99:00": "no offset", "../../etc/passwd": "neither", "+": "no offset",
	} {
		if _, err := zone.Load(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", name, err, want)
		}
	}
}
