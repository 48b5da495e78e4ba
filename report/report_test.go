package report

import (
	"strings"
	"testing"
	"time"
)

func at(t *testing.T, s string) time.Time {
	t.Helper()
	out, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestDue(t *testing.T) {
	f := func(s Settings, since, now, due, from string) {
		t.Helper()
		s.Channels = []string{"soc"}
		if err := s.Validate(); err != nil {
			t.Fatal(err)
		}
		gotDue, gotFrom, ok := s.Due(at(t, since), at(t, now))
		if ok != (due != "") {
			t.Fatalf("%s since %s at %s: due %v, %v", s.Schedule, since, now, ok, gotDue)
		}
		if ok && (!gotDue.Equal(at(t, due)) || !gotFrom.Equal(at(t, from))) {
			t.Errorf("%s since %s at %s: due %v from %v", s.Schedule, since, now, gotDue, gotFrom)
		}
	}
	monday := Settings{Schedule: "0 7 * * 1"} // 2 and 9 March 2026 are Mondays
	f(monday, "2026-03-02T07:00:00Z", "2026-03-09T06:59:59Z", "", "")
	f(monday, "2026-03-02T07:00:00Z", "2026-03-09T07:00:00Z", "2026-03-09T07:00:00Z", "2026-03-02T07:00:00Z")
	f(monday, "2026-03-09T07:00:00Z", "2026-03-09T07:00:30Z", "", "")
	// First seen in the middle of a week: the report is about all of the week.
	f(monday, "2026-03-04T12:00:00Z", "2026-03-09T07:00:30Z", "2026-03-09T07:00:00Z", "2026-03-02T07:00:00Z")
	// Nothing ran for three weeks: one report, about all of them.
	f(monday, "2026-03-02T07:00:00Z", "2026-03-24T10:00:00Z", "2026-03-23T07:00:00Z", "2026-03-02T07:00:00Z")
	f(Settings{Schedule: "0 7 * * 1", Last: 24 * time.Hour}, "2026-03-02T07:00:00Z", "2026-03-09T08:00:00Z", "2026-03-09T07:00:00Z", "2026-03-08T07:00:00Z")
	f(Settings{Schedule: "@monthly"}, "2026-02-01T00:00:00Z", "2026-03-01T00:00:01Z", "2026-03-01T00:00:00Z", "2026-02-01T00:00:00Z")

	// Both changes of the clock: the day has 23 and 25 hours, and one report.
	berlin := Settings{Schedule: "0 7 * * *", Zone: "Europe/Berlin"}
	f(berlin, "2026-03-28T06:00:00Z", "2026-03-29T05:00:00Z", "2026-03-29T05:00:00Z", "2026-03-28T06:00:00Z")
	f(berlin, "2026-10-24T05:00:00Z", "2026-10-25T06:00:00Z", "2026-10-25T06:00:00Z", "2026-10-24T05:00:00Z")
	night := Settings{Schedule: "30 2 * * *", Zone: "Europe/Berlin"} // there is no 02:30 on 29 March, and two on 25 October
	f(night, "2026-03-28T01:30:00Z", "2026-03-29T01:29:59Z", "", "")
	f(night, "2026-03-28T01:30:00Z", "2026-03-29T23:00:00Z", "2026-03-29T01:30:00Z", "2026-03-28T01:30:00Z")
	f(night, "2026-03-29T01:10:00Z", "2026-03-29T23:00:00Z", "2026-03-29T01:30:00Z", "2026-03-28T01:30:00Z")
	f(night, "2026-03-29T01:30:00Z", "2026-03-29T23:00:00Z", "", "")
	f(night, "2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z", "2026-03-30T00:30:00Z", "2026-03-29T01:30:00Z")
	f(night, "2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-24T00:30:00Z")
	f(night, "2026-10-25T00:30:00Z", "2026-10-25T02:00:00Z", "", "")
	f(night, "2026-10-25T01:15:00Z", "2026-10-25T02:00:00Z", "", "")
	f(Settings{Schedule: "0 7 * * *", Zone: "+05:30"}, "2026-03-07T07:30:00Z", "2026-03-08T12:00:00Z", "2026-03-08T01:30:00Z", "2026-03-07T01:30:00Z")
	f(Settings{Schedule: "30 2 * * *", Zone: "America/New_York"}, "2026-03-07T07:30:00Z", "2026-03-08T12:00:00Z", "2026-03-08T07:30:00Z", "2026-03-07T07:30:00Z")
	// Of two instants that fall together one report is made.
	hourly := Settings{Schedule: "30 * * * *", Zone: "Europe/Berlin"}
	f(hourly, "2026-03-29T00:30:00Z", "2026-03-29T02:00:00Z", "2026-03-29T01:30:00Z", "2026-03-29T00:30:00Z")
	f(hourly, "2026-03-29T01:30:00Z", "2026-03-29T02:29:59Z", "", "")

	// A leap day: no year without one has it, and the report is about the most that one looks back.
	leap := Settings{Schedule: "0 7 29 2 *"}
	f(leap, "2024-02-29T07:00:00Z", "2027-12-31T00:00:00Z", "", "")
	f(leap, "2024-02-29T07:00:00Z", "2028-02-29T07:00:00Z", "2028-02-29T07:00:00Z", "2027-02-28T07:00:00Z")
	f(Settings{Schedule: "0 7 * * *"}, "2028-02-28T07:00:00Z", "2028-02-29T07:00:00Z", "2028-02-29T07:00:00Z", "2028-02-28T07:00:00Z")
	// A pause of ten minutes in which it was due.
	f(monday, "2026-03-02T07:00:00Z", "2026-03-09T07:05:00Z", "2026-03-09T07:00:00Z", "2026-03-02T07:00:00Z")
	f(monday, "2026-03-09T07:00:00Z", "2026-03-09T07:05:01Z", "", "")
}

func TestValidate(t *testing.T) {
	f := func(s Settings, want string) {
		t.Helper()
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", s, err, want)
		}
	}
	soc := []string{"soc"}
	f(Settings{Channels: soc}, "schedule: it is missing")
	f(Settings{Channels: soc, Schedule: "monday"}, "schedule: ")
	f(Settings{Channels: soc, Schedule: "99 7 * * 1"}, "above maximum")
	f(Settings{Channels: soc, Schedule: "@every 1h"}, "@every")
	f(Settings{Channels: soc, Schedule: "CRON_TZ=UTC 0 7 * * *"}, "the zone has a key of its own")
	f(Settings{Channels: soc, Schedule: "*/5 * * * *"}, "more than once in 1h0m0s")
	f(Settings{Channels: soc, Schedule: "30 7 31 2 *"}, "never comes")
	f(Settings{Channels: soc, Schedule: "99 7 * * 1", Zone: "Mars/Olympus"}, "above maximum")
	f(Settings{Channels: soc, Schedule: "@daily", Zone: "Mars/Olympus"}, "zone: ")
	f(Settings{Channels: soc, Schedule: "@daily", Last: -time.Hour}, "last: ")
	f(Settings{Schedule: "@daily"}, "channels: ")
	if err := (&Settings{Channels: soc, Schedule: "0 * * * *", Zone: "Asia/Kolkata"}).Validate(); err != nil {
		t.Error(err)
	}
}
