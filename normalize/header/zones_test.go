package header

import (
	"strconv"
	"testing"
	"time"
)

// TestOffsets: a device that writes its zone as an offset from UTC means it, whatever the
// input's zone.
func TestOffsets(t *testing.T) {
	f := func(stamp, want string) {
		t.Helper()
		for _, zone := range []*time.Location{time.UTC, time.FixedZone("", 5*3600)} {
			h := read("<189>"+stamp+" %SYS-5-CONFIG_I: x", received, zone)
			if got := h.Time.Format(time.RFC3339Nano); !h.HasTime || got != want || h.Host != "" || h.Message != "%SYS-5-CONFIG_I: x" {
				t.Errorf("%q in %v: %s, host %q, message %q; want %s", stamp, zone, got, h.Host, h.Message, want)
			}
		}
	}
	f("45: *Mar  2 2026 09:59:59.250 UTC+01:00:", "2026-03-02T08:59:59.25Z")
	f("45: *Mar  2 09:59:59 UTC+1:", at)
	f("45: Mar  2 03:29:59 UTC-0530:", at)
	f("Mar  2 2026 10:59:59 GMT+02:", at)
	f("Mar  2 2026 10:59:59 +02:00:", at)
	f("Mar  2 2026 10:59:59 +0200:", at)
	f("Mar  2 10:59:59+02:00:", at)
	f(": 2026 Mar  2 10:59:59.000 UTC+02:00:", at)
	f("2 Mar 2026 10:59:59 UTC+2:", at)
	f("Mon Mar  2 10:59:59 UTC+02:00 2026:", at)
	f("Mon Mar  2 10:59:59 +02 2026:", at) // date(1), of a zone without a name
	f("2026-03-02 10:59:59 UTC+02:00:", at)
	f("2026-03-02 10:59:59UTC+02:00:", at)
	f("2026-03-02T08:59:59Z EST:", at) // one that is told already is not told again
	f("2026-03-02T10:59:59+02:00 CET:", at)
	f("29: RP/0/RSP0/CPU0:Mar  2 09:59:59.000 UTC+1:", at)
}

// TestNoOffsets: what only begins like one stays where it is.
func TestNoOffsets(t *testing.T) {
	f := reads(t)
	f("<34>Mar  2 10:59:59 +0200 h su: x", 34, at, "h", "su", "", "x")
	f("<34>Mar  2 10:59:59 UTC+02:00 h su: x", 34, at, "h", "su", "", "x")
	f("<34>Mar  2 08:59:59 UTC-gate su: x", 34, at, "UTC-gate", "su", "", "x")
	f("<34>Mar  2 08:59:59 GMT-5-core su: x", 34, at, "GMT-5-core", "su", "", "x")
	f("<34>Mar  2 08:59:59 h -0500 x", 34, at, "h", "", "", "-0500 x")
	f("<34>Mar  2 08:59:59 -4095 is an error", 34, at, "", "", "", "-4095 is an error")
	f("<34>Mar  2 08:59:59 +5 more", 34, at, "", "", "", "+5 more")
	f("<34>Mar  2 08:59:59 - su: x", 34, at, "", "su", "", "x")
	f("Mon Mar  2 08:59:59 2026 -05:00 LENGTH : x", -1, at, "", "", "", "-05:00 LENGTH : x") // a file, whose pack reads it
}

// TestOwnName: a name that the world has twice means the input's zone where that goes by it.
func TestOwnName(t *testing.T) {
	f := func(zone, stamp, want string) {
		t.Helper()
		in, err := time.LoadLocation(zone)
		if err != nil {
			t.Skip("no time zones here")
		}
		if got := read("<189>45: "+stamp+": %SYS-5-X: y", received, in).Time.Format(time.RFC3339); got != want {
			t.Errorf("%q in %s: %s, want %s", stamp, zone, got, want)
		}
	}
	f("Asia/Shanghai", "Mar  2 2026 16:59:59 CST", at)
	f("America/Chicago", "Mar  2 2026 02:59:59 CST", at)
	f("UTC", "Mar  2 2026 02:59:59 CST", at)
	f("Asia/Kolkata", "Mar  2 2026 14:29:59 IST", at)
	f("Europe/Berlin", "Jul  2 2026 09:59:59 CET", "2026-07-02T08:59:59Z") // a clock that was never put forward
}

// TestZoneOfAColumn: a time whose zone a comma ends is the first column of a file, and its pack's to read.
func TestZoneOfAColumn(t *testing.T) {
	for _, zone := range []string{"CET", "UTC"} {
		line := "2026-03-02 09:59:59.123 " + zone + `,"ann","sales",4711`
		if h := read(line, received, time.UTC); !h.Time.IsZero() || h.Message != line {
			t.Errorf("%q: %v, message %q", line, h.Time, h.Message)
		}
	}
	if h := read(`2026-03-02 08:59:59.123 ANN,"sales",4711`, received, time.UTC); h.Time.IsZero() { // no zone
		t.Error("the time is not read")
	}
}

// TestMadeUpPlaces: names of zones that nobody knows do not take the place of those that are.
func TestMadeUpPlaces(t *testing.T) {
	for i := range 2 * maxPlaces {
		if in := place("Asia/X" + strconv.Itoa(i)); in != nil {
			t.Fatal(in)
		}
	}
	if len(places.known) > maxPlaces {
		t.Errorf("%d are kept", len(places.known))
	}
	if place("Pacific/Chatham") == nil {
		t.Error("a zone is not found")
	}
}

// TestHuawei: VRP sends UTC and behind it the zone that its clock is in, unless told local-time.
func TestHuawei(t *testing.T) {
	f := func(stamp, want string) {
		t.Helper()
		h := read("<189>"+stamp+" sw1 %%01SHELL/5/LOGIN(s)[12]:VTY login", received, time.UTC)
		if got := h.Time.Format(time.RFC3339); got != want || h.Host != "sw1" {
			t.Errorf("%q: %s, host %q; want %s", stamp, got, h.Host, want)
		}
	}
	f("Mar  2 2026 08:59:59+08:00", at)
	f("Mar  2 2026 16:59:59+08:00", at)
	f("Mar  2 2026 04:59:59-04:00", at)
	f("Feb  2 2026 08:59:59+08:00", "2026-02-02T00:59:59Z") // of long ago: as written
}

// TestAmbiguousZones: a name that several zones have is no host where one stands behind it.
func TestAmbiguousZones(t *testing.T) {
	f := func(line, host, program, message string) {
		t.Helper()
		h := read(line, received, time.UTC)
		if !h.HasTime || h.Host != host || h.Program != program || h.Message != message {
			t.Errorf("%q: %+v", line, h)
		}
	}
	f("Mar  2 08:59:59 IST gate sshd[12]: text", "gate", "sshd", "text")
	f("<38>Mar  2 08:59:59 IST gate su: text", "gate", "su", "text")
	f("<38>Mar  2 2026 08:59:59 IST 192.0.2.1 su: text", "192.0.2.1", "su", "text")
	f("<38>Mar  2 08:59:59 IST su: text here", "IST", "su", "text here")
	f("<38>Mar  2 08:59:59 IST sshd[12]: some text: here", "IST", "sshd", "some text: here")
	kolkata := time.FixedZone("IST", 5*3600+1800)
	if h := read("Mar  2 14:29:59 IST gate sshd[12]: text", received, kolkata); h.Host != "gate" || h.Time.Format(time.RFC3339) != at {
		t.Errorf("%+v", h)
	}
}

// TestHourTwice: in the hour that is there twice when clocks go back, a time is the one at which the line came,
// with a year or without.
func TestHourTwice(t *testing.T) {
	f := func(zone, line, received, want string) {
		t.Helper()
		in, err := time.LoadLocation(zone)
		if err != nil {
			t.Skip(err)
		}
		came, err := time.Parse(time.RFC3339, received)
		if err != nil {
			t.Fatal(err)
		}
		if h := read(line, came, in); h.Host != "gate" || h.Time.UTC().Format(time.RFC3339) != want {
			t.Errorf("%q at %s: %s, host %q; want %s", line, received, h.Time.UTC().Format(time.RFC3339), h.Host, want)
		}
	}
	for _, stamp := range []string{"Oct 25 02:30:00", "Oct 25 2026 02:30:00", "2026-10-25T02:30:00", "2026-10-25 02:30:00.000"} {
		f("Europe/Berlin", "<38>"+stamp+" gate su: text", "2026-10-25T00:30:01Z", "2026-10-25T00:30:00Z")
		f("Europe/Berlin", "<38>"+stamp+" gate su: text", "2026-10-25T01:30:01Z", "2026-10-25T01:30:00Z")
	}
	for _, stamp := range []string{"Nov  1 01:30:00", "Nov  1 2026 01:30:00", "2026-11-01T01:30:00"} {
		f("America/New_York", "<38>"+stamp+" gate su: text", "2026-11-01T05:30:01Z", "2026-11-01T05:30:00Z")
		f("America/New_York", "<38>"+stamp+" gate su: text", "2026-11-01T06:30:01Z", "2026-11-01T06:30:00Z")
	}
	f("Europe/Berlin", "<38>2026-10-25T02:30:00+01:00 gate su: text", "2026-10-25T00:30:01Z", "2026-10-25T01:30:00Z")
	f("Europe/Berlin", "<38>2026-10-25 02:30:00 CET gate su: text", "2026-10-25T00:30:01Z", "2026-10-25T01:30:00Z")
}
