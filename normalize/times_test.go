package normalize_test

import (
	"testing"
	"time"

	"sluice/event"
	"sluice/normalize"
)

// TestTimes: what @timestamp becomes, and whether it is marked as skewed.
func TestTimes(t *testing.T) {
	packs := open(t, normalize.Shipped())
	w := packs.NewWorker()
	stamp, _ := packs.Schema().Lookup("@timestamp")
	mark, _ := packs.Schema().Lookup("sluice.time")
	f := func(what, zone, received, line, want string, skewed bool) {
		t.Helper()
		now, err := time.Parse(time.RFC3339, received)
		if err != nil {
			t.Fatal(err)
		}
		raw := &event.Raw{ID: "1", Bytes: []byte("<13>" + line + " h app: x"), Received: now, Zone: zone}
		ev, _ := w.Normalize(raw, "", now)
		if got := ev.Get(stamp).Time().Format(time.RFC3339Nano); got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
		if got := ev.Text(mark) == "skewed"; got != skewed {
			t.Errorf("%s: skewed %v, want %v", what, got, skewed)
		}
	}
	f("December's line arrives in January", "", "2026-01-01T00:00:05Z", "Dec 31 23:59:58", "2025-12-31T23:59:58Z", false)
	f("January's line comes in December: the sender's clock is ahead", "", "2025-12-31T23:59:58Z", "Jan  1 00:00:01", "2026-01-01T00:00:01Z", false)
	f("and is marked where it is far ahead", "", "2025-12-31T23:59:00Z", "Jan  1 00:00:01", "2026-01-01T00:00:01Z", true)
	f("New Year in the device's zone, not ours", "Asia/Tokyo", "2025-12-31T15:00:10Z", "Jan  1 00:00:05", "2025-12-31T15:00:05Z", false)
	f("the old year in the device's zone", "America/New_York", "2026-01-01T04:59:59Z", "Dec 31 23:59:57", "2026-01-01T04:59:57Z", false)
	f("a line of last year's spool", "", "2026-01-02T00:00:00Z", "Jul  1 00:00:00", "2025-07-01T00:00:00Z", true)
	f("the leap day, on it", "", "2028-02-29T12:00:01Z", "Feb 29 12:00:00", "2028-02-29T12:00:00Z", false)
	f("the leap day, in another year", "", "2026-03-01T00:00:00Z", "Feb 29 12:00:00", "2024-02-29T12:00:00Z", true)
	f("the leap day, in the night after it", "", "2028-03-01T00:00:02Z", "Feb 29 23:59:59", "2028-02-29T23:59:59Z", false)

	f("a leap second is the next minute's first", "", "2017-01-01T00:00:01Z", "2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z", false)
	f("24 o'clock is midnight", "", "2026-03-02T00:00:01Z", "Mar  1 24:00:00", "2026-03-02T00:00:00Z", false)
	f("an hour that is not there: clocks go forward", "Europe/Berlin", "2026-03-29T01:30:02Z", "Mar 29 02:30:00", "2026-03-29T01:30:00Z", false)
	f("an hour that is there twice: summer's", "Europe/Berlin", "2026-10-25T00:30:02Z", "Oct 25 02:30:00", "2026-10-25T00:30:00Z", false)
	f("an hour that is there twice: winter's", "Europe/Berlin", "2026-10-25T01:30:02Z", "Oct 25 02:30:00", "2026-10-25T01:30:00Z", false)
	f("a zone of the input does not touch a stamp that has one", "Europe/Berlin", "2026-03-02T09:00:00Z", "2026-03-02T08:59:59Z", "2026-03-02T08:59:59Z", false)
	f("nor one with a zone's name", "Europe/Berlin", "2026-03-02T09:00:00Z", "Mar  2 03:59:59 EST", "2026-03-02T08:59:59Z", false)
	f("the input's zone", "Europe/Berlin", "2026-03-02T09:00:00Z", "Mar  2 09:59:59", "2026-03-02T08:59:59Z", false)
	f("twelve hours and the input's zone", "Europe/Berlin", "2026-03-02T09:00:00Z", "Mar  2 2026 09:59:59 AM", "2026-03-02T08:59:59Z", false)
	f("noon", "Europe/Berlin", "2026-03-02T11:30:10Z", "Mar  2 2026 12:30:00 PM", "2026-03-02T11:30:00Z", false)
	f("midnight", "Europe/Berlin", "2026-03-01T23:30:10Z", "Mar  2 2026 12:30:00 AM", "2026-03-01T23:30:00Z", false)
	f("half hours", "Asia/Kolkata", "2026-03-02T09:00:00Z", "Mar  2 14:29:59", "2026-03-02T08:59:59Z", false)

	f("epoch in seconds", "", "2026-03-02T09:00:00Z", "1772441999", "2026-03-02T08:59:59Z", false)
	f("with a fraction", "", "2026-03-02T09:00:00Z", "1772441999.250", "2026-03-02T08:59:59.25Z", false)
	f("epoch in ms", "", "2026-03-02T09:00:00Z", "1772441999250", "2026-03-02T08:59:59.25Z", false)
	f("epoch in us", "", "2026-03-02T09:00:00Z", "1772441999250001", "2026-03-02T08:59:59.250001Z", false)
	f("epoch in ns", "", "2026-03-02T09:00:00Z", "1772441999250001002", "2026-03-02T08:59:59.250001002Z", false)

	const now = "2026-03-02T09:00:00Z"
	f("the year 0", "", now, "0000-01-01T00:00:00Z", now, true)
	f("the year 1", "", now, "0001-01-01T00:00:00Z", now, true)
	f("the year 9999", "", now, "9999-12-31T23:59:59Z", now, true)
	f("a year whose nanoseconds no number holds", "", now, "2554-07-21T23:34:33Z", now, true)
	f("and one that would come around to today", "", now, "2610-09-21T08:34:32Z", now, true)
	f("and another before", "", now, "1441-08-11T09:25:25Z", now, true)
	f("a clock that was never set", "", now, "1970-01-01T00:00:10Z", now, true)
	f("a little late: buffered by a relay", "", now, "2026-03-02T08:59:41Z", "2026-03-02T08:59:41Z", false)
	f("late", "", now, "2026-03-02T08:59:39Z", "2026-03-02T08:59:39Z", true)
	f("early", "", now, "2026-03-02T09:00:06Z", "2026-03-02T09:00:06Z", true)
	f("more than a year ahead", "", now, "2027-03-04T09:00:00Z", now, true)
	f("no time at all", "", now, "no", now, false)

	f("a day that there is not", "", now, "Feb 30 08:59:59", now, true)
	f("of an RFC 5424 header", "", now, "2026-02-30T08:59:59Z", now, true)
	f("of another calendar's month", "", now, "Apr 31 08:59:59", now, true)
	f("the leap day in a year that is told and has none", "", now, "Feb 29 2026 08:59:59", now, true)
	f("NX-OS' form", "", now, "2026 Feb 30 08:59:59", now, true)
	f("day first", "", now, "30 Feb 2026 08:59:59", now, true)
	f("behind the end of a day", "", now, "Mar  1 24:30:00", now, true)
	f("the 31st, in a zone", "Europe/Berlin", now, "Jun 31 08:59:59", now, true)
}

// TestOwnYear: a message's own date gives the year, and the zone, that its header lacks, if both
// tell the same time.
func TestOwnYear(t *testing.T) {
	packs := open(t, normalize.Shipped())
	w := packs.NewWorker()
	stamp, _ := packs.Schema().Lookup("@timestamp")
	f := func(line, want string) {
		t.Helper()
		now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		ev, _ := w.Normalize(&event.Raw{ID: "1", Bytes: []byte(line), Received: now}, "", now)
		if got := ev.Get(stamp).Time().Format(time.RFC3339Nano); got != want {
			t.Errorf("%s\n%s, want %s", line, got, want)
		}
	}
	f("<13>May 24 13:09:53 h app: 2023-05-24T13:09:53.477Z user ann logged in", "2023-05-24T13:09:53.477Z")
	f("<13>May 24 15:09:53 h app: 2023-05-24T13:09:53.477Z user ann logged in", "2023-05-24T13:09:53.477Z") // UTC behind local time
	f("<13>Dec 31 23:59:58 h app: [2024-01-01T00:00:01Z] user ann logged in", "2024-01-01T00:00:01Z")
	f(`<13>May 24 13:09:53 h app: {"time":"2023-05-24 13:09:52","user":"ann","op":"login"}`, "2023-05-24T13:09:52Z")
	f("<13>May 24 13:09:53 h 7,2023/05/24 13:09:52,0123,FOO,start", "2023-05-24T13:09:52Z")
	// another time, or another zone that is not told
	f("<13>May 24 13:09:53 h app: 2023-05-20T13:09:53Z was the last time", "2025-05-24T13:09:53Z")
	f("<13>May 24 13:09:53 h app: 2023-05-24T11:09:53 user ann logged in", "2025-05-24T13:09:53Z")
	f(`<13>May 24 13:09:53 h app: {"start_time":"2023-05-24T13:09:51Z","user":"ann","op":"session end"}`, "2025-05-24T13:09:53Z")
	f(`<13>May 24 13:09:53 h app: {"created":"2023-05-24T12:43:17Z","user":"ann","op":"login"}`, "2025-05-24T13:09:53Z")
	f(`<13>May 24 13:09:53 h app: {"date":"2023-05-24","user":"ann","op":"login"}`, "2025-05-24T13:09:53Z")
	// a header that has its year
	f("<13>2025-05-24T13:09:53Z h app: 2023-05-24T13:09:53.477Z user ann logged in", "2025-05-24T13:09:53Z")
}

// TestLayoutYear: a date that a pack's layout reads without its year gets it as the stamp of a header does.
func TestLayoutYear(t *testing.T) {
	packs := open(t, []normalize.File{{Name: "p.yml", Text: []byte("pack: a_b\nrecognize: [\"at \"]\nsteps:\n- pattern: \"at {@timestamp:date(01-02 15:04:05)}\"\n")}})
	w := packs.NewWorker()
	stamp, _ := packs.Schema().Lookup("@timestamp")
	for _, c := range []struct{ what, zone, received, text, want string }{
		{"usual", "", "2026-03-02T09:00:00Z", "03-02 08:59:59", "2026-03-02T08:59:59Z"},
		{"last year's", "", "2026-01-01T00:00:05Z", "12-31 23:59:59", "2025-12-31T23:59:59Z"},
		{"a clock ahead", "", "2025-12-31T23:59:58Z", "01-01 00:00:01", "2026-01-01T00:00:01Z"},
		{"New Year in its zone", "Asia/Tokyo", "2025-12-31T15:00:10Z", "01-01 00:00:05", "2025-12-31T15:00:05Z"},
		{"the leap day, in another year", "", "2026-03-01T00:00:00Z", "02-29 12:00:00", "2024-02-29T12:00:00Z"},
		{"an hour that is there twice", "Europe/Berlin", "2026-10-25T01:30:02Z", "10-25 02:30:00", "2026-10-25T01:30:00Z"},
	} {
		now, err := time.Parse(time.RFC3339, c.received)
		if err != nil {
			t.Fatal(err)
		}
		ev, _ := w.Normalize(&event.Raw{ID: "1", Bytes: []byte("at " + c.text), Received: now, Zone: c.zone}, "", now)
		if got := ev.Get(stamp).Time().Format(time.RFC3339Nano); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
}
