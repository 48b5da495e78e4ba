package header

import (
	"strings"
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
	f("20260302090006.0Z")        // LDAP's generalized time (RFC 4517)
	f("20260302100006+0100")
	f("20260302T090006Z")
	f("134169156060000000")         // Windows' FILETIME
	f("/Date(1772442006000)/")      // .NET
	f("/Date(1772442006000+0100)/") // the count is of UTC
	f("Mon, 2 Mar 2026 09:00:06 GMT")
	f("Monday, March 2, 2026 9:00:06 AM")
	f("March 2, 2026 09:00:06")
	f("2 March 2026 09:00:06")
	f("Mar 2, 2026 @ 09:00:06.000") // Kibana
	f("3/2/2026, 9:00:06 AM")       // JavaScript
	f("02/03/2026 09:00:06")        // the day first, as it is today's only so
	f("2/3/2026, 09:00:06")
	f("Mon Mar 02 2026 10:00:06 GMT+0100 (CET)")
	f("Mon Mar 02 2026 09:00:06 GMT+0000 (Coordinated Universal Time)")
	f("2026-03-02T10:00:06+01:00[Europe/Berlin]") // Java
	f("2026-03-02T09:00:06.000Z[UTC]")
	f("2026-03-02 10:00:06 GMT+1") // which Go takes for UTC
	f("2026-03-02 10:00:06 UTC+01:00")
	f("2026-03-02 9:00:06 AM")
	f("02-Mar-2026 9:00:06 AM")
	f("2026-03-02-09.00.06.000000") // Db2
	f("02.03.26 09:00:06")
	f("3/2/2026 9:00:06 AM +00:00")
	f("2026-03-02 10:00:06 Europe/Berlin")
	f("2026-03-02 04:00:06.000 America/New_York")
	f("2026-03-02T09:00:06Z Europe/Berlin")
	f("Mon Mar  2 10:00:06 CET 2026") // date(1)
	f("03/02-09:00:06.000000")        // Snort, and with its option -y
	f("03/02/26-09:00:06.000000")
	f("260302 09:00:06") // MySQL before 5.7
	f("260302  9:00:06")
	f("Mon, 2 Mar 2026 10:00:06 +0100 (CET)") // a mail's, RFC 5322
	f("2 Mar 2026 10:00:06 +0100 (CET)")
	f("2 Mar 2026 09:00:06")
	f("02 Mar 2026 09:00:06")
	f("2026-03-02 14:30:06.000 +0530 IST m=+12.345") // a Go clock's, printed
}

// TestAnyNone: what looks like a date, and is none.
func TestAnyNone(t *testing.T) {
	f := func(text string) {
		t.Helper()
		if got, ok := Any(text, time.Date(2026, 3, 2, 9, 0, 6, 0, time.UTC), time.UTC); ok {
			t.Errorf("Any(%q) = %v", text, got)
		}
	}
	f("Monday, all day")
	f("/Date()/")
	f("Sun [closed]")
	f("100000000000000000")
	f("some text GMT+")
	f("UTC+01:00 is here")
	began := time.Now() // days and zones without a date were each tried with and without the others: seconds for 70 bytes
	f(strings.Repeat("Mon ", 9) + strings.Repeat(" Z", 17))
	f(strings.Repeat("Mon, ", 7) + "9:00" + strings.Repeat(" CET", 6))
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %v", took)
	}
}

// TestAnySlashes: which of two numbers is the day.
func TestAnySlashes(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		got, _ := Any(text, time.Date(2026, 3, 2, 9, 0, 6, 0, time.UTC), time.UTC)
		if s := got.Format("2006-01-02"); s != want {
			t.Errorf("Any(%q) = %s, want %s", text, s, want)
		}
	}
	f("27/02/2026 09:00:06", "2026-02-27")
	f("02/27/2026 09:00:06", "2026-02-27")
	f("01/02/2026 09:00:06", "2026-01-02") // of neither is it today's
	f("03/02/2026 09:00:06", "2026-03-02")
	f("27/13/2026 09:00:06", "0001-01-01")
	f("31/02/2026 09:00:06", "0001-01-01")
}

// TestOutlines: no form of a date is passed over that Go would read.
func TestOutlines(t *testing.T) {
	for _, at := range []time.Time{time.Date(2026, 3, 2, 8, 9, 5, 0, time.UTC), time.Date(2026, 11, 22, 18, 39, 45, 0, time.FixedZone("CET", 3600))} {
		for i, layout := range written {
			s := at.Format(layout)
			for _, text := range []string{s, strings.ReplaceAll(s, " ", "  "), strings.Replace(s, ":"+at.Format("05"), ":"+at.Format("05")+".123", 1), strings.Replace(s, ":"+at.Format("05"), ":"+at.Format("05")+",5", 1)} {
				if _, err := time.Parse(layout, text); err == nil && !outlines[i].fits(outlineOf(text)) {
					t.Errorf("%q is not taken for one of %q", text, layout)
				}
			}
		}
	}
}
