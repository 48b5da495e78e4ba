package store

import (
	"testing"
	"time"
)

func TestDateMath(t *testing.T) {
	f := func(now, text string, want string) {
		t.Helper()
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		got, err := dateMath(text, "", nil, at, false)
		if err != nil {
			t.Fatal(err)
		}
		if s := time.Unix(0, got).UTC().Format(time.RFC3339); s != want {
			t.Errorf("%s at %s = %s, want %s", text, now, s, want)
		}
	}
	f("2026-03-31T12:00:00Z", "now-1M", "2026-02-28T12:00:00Z")
	f("2026-03-31T12:00:00Z", "now-1M-1M", "2026-01-28T12:00:00Z")
	f("2026-01-31T12:00:00Z", "now+1M", "2026-02-28T12:00:00Z")
	f("2024-02-29T12:00:00Z", "now-1y", "2023-02-28T12:00:00Z")
	f("2026-03-31T12:00:00Z", "now-13M", "2025-02-28T12:00:00Z")
	f("2026-12-31T12:00:00Z", "now+2M", "2027-02-28T12:00:00Z")
	f("2026-03-31T12:00:00Z", "now-3000000h", "1684-01-03T12:00:00Z")
}

// A day has 23 hours or 25 where clocks are set: each instant has one bucket all the same.
func TestFloorWhereClocksAreSet(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	f := func(a Agg, at, want string) {
		t.Helper()
		ms, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		a.Zone = zone
		p := &aggPlan{Agg: &a}
		if got := time.UnixMilli(p.floor()(ms.UnixMilli())).UTC().Format(time.RFC3339); got != want {
			t.Errorf("%s %s of %s = %s, want %s", a.Calendar, a.Interval, at, got, want)
		}
	}
	hour := Agg{Kind: "date_histogram", Calendar: "hour"}
	f(hour, "2026-10-25T00:30:00Z", "2026-10-25T00:00:00Z")
	f(hour, "2026-10-25T01:30:00Z", "2026-10-25T01:00:00Z")
	f(hour, "2026-10-25T02:30:00Z", "2026-10-25T02:00:00Z")
	day := Agg{Kind: "date_histogram", Interval: 24 * time.Hour}
	f(day, "2026-10-24T23:30:00Z", "2026-10-24T22:00:00Z") // summer time still
	f(day, "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z")
	f(day, "2026-10-25T22:30:00Z", "2026-10-24T22:00:00Z")
	f(day, "2026-10-25T23:30:00Z", "2026-10-25T23:00:00Z")
	f(day, "2026-03-29T00:30:00Z", "2026-03-28T23:00:00Z")
	f(day, "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z")
	f(day, "2026-03-29T22:30:00Z", "2026-03-29T22:00:00Z")
	short := Agg{Kind: "date_histogram", Interval: 15 * time.Minute}
	f(short, "2026-10-25T00:50:00Z", "2026-10-25T00:45:00Z")
	f(short, "2026-10-25T01:05:00Z", "2026-10-25T01:00:00Z")
	f(short, "2026-03-29T01:05:00Z", "2026-03-29T01:00:00Z")
}
