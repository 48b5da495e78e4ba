package header

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

var received = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// read is what a Reader that has read nothing makes of a line.
func read(line string, received time.Time, zone *time.Location) (h Header) {
	r := Reader{Programs: Programs{Unnumbered: map[string]bool{"hostcfgd": true}, First: map[string]bool{"Oracle": true}}}
	r.Read(&h, line, received, zone)
	return h
}

func TestRead(t *testing.T) {
	f := reads(t)
	// RFC 3164 and what is near it
	f("<34>Mar  2 08:59:59 h su: failed", 34, at, "h", "su", "", "failed")
	f("<34>Mar  2 08:59:59 h su[12]: failed\r\n", 34, at, "h", "su", "12", "failed")
	f("<34>Mar 2 08:59:59 h su(pam_unix)[12]: x", 34, at, "h", "su(pam_unix)", "12", "x")
	f("Mar  2 08:59:59 h su: failed", -1, at, "h", "su", "", "failed")
	f("Mar  2 08:59:59 h gdm-password][12]: x", -1, at, "h", "gdm-password", "12", "x")
	f("Mar  2 08:59:59 h (systemd)[12]: x", -1, at, "h", "systemd", "12", "x")
	f("<86>Mar  2 08:59:59 (udev-worker)[12]: x", 86, at, "", "udev-worker", "12", "x")
	f("Mar  2 08:59:59 h (systemd) said: x", -1, at, "h", "", "", "(systemd) said: x")
	f("Mar  2 08:59:59 h polkitd(authority=local)[12]: x", -1, at, "h", "polkitd(authority=local)", "12", "x")
	f("Mar  2 08:59:59 192.0.2.1 h su[12]: x", -1, at, "h", "su", "12", "x")
	f("<34>Mar  2 08:59:59 h postfix/smtpd[9]: x", 34, at, "h", "postfix/smtpd", "9", "x")
	f("<34>Mar  2 08:59:59 2001:db8::1 su: x", 34, at, "2001:db8::1", "su", "", "x")
	f("<34>Mar  2 08:59:59 192.0.2.7 su: x", 34, at, "192.0.2.7", "su", "", "x")
	f("<34>Mar  2 08:59:59 su: x", 34, at, "", "su", "", "x")
	f("<34>Mar  2 08:59:59 h", 34, at, "h", "", "", "")
	f("<34>Mar  2 08:59:59", 34, at, "", "", "", "")
	f("<34>Mar  2 08:59:59 ", 34, at, "", "", "", "")
	f("<34>Mar  2 08:59:59 h word more", 34, at, "h", "", "", "word more")
	f("<34>Mar  2 08:59:59 h a=b c=d", 34, at, "h", "", "", "a=b c=d")
	f("<34>Mar  2 08:59:59 a=b c=d", 34, at, "", "", "", "a=b c=d")
	f("<34>Mar  2 08:59:59 h CEF:0|a|b|c|d|e|5|x=y", 34, at, "h", "", "", "CEF:0|a|b|c|d|e|5|x=y")
	f("<34>Mar  2 08:59:59 CEF:0|a|b|c|d|e|5|x=y", 34, at, "", "", "", "CEF:0|a|b|c|d|e|5|x=y")
	f("<34>2026-03-02T08:59:59Z LEEF:1.0|a|b|c|d|x=y", 34, at, "", "", "", "LEEF:1.0|a|b|c|d|x=y")
	f("<34>Mar  2 08:59:59 h {\"a\": 1}", 34, at, "h", "", "", "{\"a\": 1}")
	f("<34>Mar  2 08:59:59 h -- MARK --", 34, at, "h", "", "", "-- MARK --")
	f("<34>Mar  2 08:59:59 h err tmm1[38]: x", 34, at, "h", "tmm1", "38", "x")
	f("<34>Mar  2 08:59:59 h user.info kernel: x", 34, at, "h", "kernel", "", "x")
	// a device's own behind a relay's of RFC 5424 that names no program
	f("<13>1 2026-03-02T09:00:00Z relay - - - - Mar  2 08:59:59 h su[7]: failed", 13, at, "h", "su", "7", "failed")
	f("<13>1 2026-03-02T09:00:00Z relay - - - - <34>Mar  2 08:59:59 h su: failed", 34, at, "h", "su", "", "failed")
	f("<13>1 2026-03-02T09:00:00Z relay - - - - Mar  2 08:59:59 h firewall,info x", 13, at, "h", "", "", "firewall,info x")
	f("<13>1 2026-03-02T08:59:59Z h - - - - 2026-03-02 08:59:58 INFO started", 13, at, "h", "", "", "2026-03-02 08:59:58 INFO started")
	f("<6>kernel: sd 2:0", 6, "", "", "kernel", "", "sd 2:0")
	f("<6>host prog[7]: x", 6, "", "host", "prog", "7", "x")
	f("host prog[7]: x", -1, "", "host", "prog", "7", "x")
	// dates
	for _, d := range []string{
		"Mar  2 08:59:59", "Mar 02 08:59:59", "Mar  2 2026 08:59:59", "Mar  2 08:59:59 2026", "2026 Mar  2 08:59:59", "2 Mar 2026 08:59:59",
		"02-Mar-2026 08:59:59", "Mon Mar  2 08:59:59 2026", "2026-03-02T08:59:59Z", "2026-03-02T09:59:59+01:00", "2026-03-02T08:59:59.000000-0000",
		"2026-03-02 08:59:59", "2026/03/02 08:59:59", "1772441999", "1772441999.000", "Mar  2 08:59:59.000", "Mar  2 09:59:59 CET:", "Mar  2 03:59:59 EST",
		"*Mar  2 08:59:59.000 UTC:", ".Mar  2 08:59:59:", "Mar  2 08:59:59 XYZ:", "Mar  2 2026 08:59:59 AM",
	} {
		f("<34>"+d+" h su: x", 34, at, "h", "su", "", "x")
	}
	f("<34>Mar  2 2026 08:59:59 PM h su: x", 34, "2026-03-02T20:59:59Z", "h", "su", "", "x")
	f("<34>Mar  2 08:59:59.123456 h su: x", 34, "2026-03-02T08:59:59.123456Z", "h", "su", "", "x")
	f("1772441999.535 374 10.0.0.1 TCP_MISS/200", -1, "", "", "", "", "1772441999.535 374 10.0.0.1 TCP_MISS/200")
	f("<13>Mar  2 08:59:59 h 1772441999.535    374 192.0.2.9 TCP_MISS/200", 13, at, "h", "", "", "1772441999.535    374 192.0.2.9 TCP_MISS/200")
	f("<13>Mar  2 08:59:59 h 1772441999.535 374.156 - 192.0.2.9 TCP_MISS/200", 13, at, "h", "", "", "1772441999.535 374.156 - 192.0.2.9 TCP_MISS/200")
	f("<190>Mar  2 08:59:58 192.0.2.7 sw01: 3132779: Mar  2 2026 08:59:59 UTC: %SYS-5-X: y", 190, at, "sw01", "", "", "%SYS-5-X: y")
	f("<190>Mar  2 08:59:59 192.0.2.7 prog: 12: text", 190, at, "192.0.2.7", "prog", "", "12: text")
	f("<38>Mar  2 08:59:59 h auth|security:info sshd[12]: x", 38, at, "h", "sshd", "12", "x")
	f("<27>Mar  2 08:59:59 h daemon:err|error inetd[12]: x", 27, at, "h", "inetd", "12", "x")
	f("<38>Mar  2 08:59:59 h Message forwarded from h: sshd[12]: x", 38, at, "h", "sshd", "12", "x")
	f("<38>Mar  2 08:59:59 r Message forwarded from h: sshd[12]: x", 38, at, "h", "sshd", "12", "x")
	// Cisco
	f("<189>84: fw1: 6340004: *Mar  2 08:59:59: %SYS-5-X: y", 189, at, "fw1", "", "", "%SYS-5-X: y")
	f("<189>84: Mar  2 08:59:59.000 UTC: %SYS-5-X: y", 189, at, "", "", "", "%SYS-5-X: y")
	f("<189>fw1: Mar  2 08:59:59: %SYS-5-X: y", 189, at, "fw1", "", "", "%SYS-5-X: y")
	f("<189>: 2026 Mar  2 08:59:59 GMT: %DAEMON-3-X: y", 189, at, "", "", "", "%DAEMON-3-X: y")
	f("<166>Mar  2 2026 08:59:59 fw01 : %ASA-6-1: x", 166, at, "fw01", "", "", "%ASA-6-1: x")
	f("<166>Mar  2 2026 08:59:59: %ASA-6-1: x", 166, at, "", "", "", "%ASA-6-1: x")
	f("<166>:Mar  2 08:59:59 UTC: %ASA-6-1: x", 166, at, "", "", "", "%ASA-6-1: x")
	f("<166>%ASA-6-1: x", 166, "", "", "", "", "%ASA-6-1: x")
	f("<166>fw01 %ASA-6-1: x", 166, "", "fw01", "", "", "%ASA-6-1: x")
	f("%ASA-6-1: x", -1, "", "", "", "", "%ASA-6-1: x")
	// relays
	f("<13>Mar  2 08:59:00 relay Mar  2 08:59:59 fw01 : %ASA-6-1: x", 13, at, "fw01", "", "", "%ASA-6-1: x")
	f("<13>Mar  2 08:59:00 relay <166>Mar  2 08:59:59 fw01 su: x", 166, at, "fw01", "su", "", "x")
	f("<13>Mar  2 08:59:00 relay Mar  2 08:59:59 %ASA-6-1: x", 13, at, "relay", "", "", "%ASA-6-1: x")
	// RFC 5424
	f("<34>1 2026-03-02T08:59:59Z h app 12 ID7 - msg", 34, at, "h", "app", "12", "msg")
	f("<34>1 2026-03-02T08:59:59Z h app 12 ID7 -", 34, at, "h", "app", "12", "")
	f("<34>1 - - - - - -", 34, "", "", "", "", "")
	f("<34>1 2026-03-02T08:59:59Z h app - - [a@1 b=\"c\\]\"] \ufeffmsg", 34, at, "h", "app", "", "msg")
	f("<34>1 2026-03-02T08:59:59Z h app - - [not sd] msg", 34, at, "h", "app", "", "[not sd] msg")
	f("<34>1 2026-03-02T08:59:59Z h LEEF:2.0|a|b|c|d|x=y z", 34, at, "h", "", "", "LEEF:2.0|a|b|c|d|x=y z")
	f("<34>1 2026-03-02T08:59:59Z h (squid-1) 12 - - msg", 34, at, "h", "(squid-1)", "12", "msg")
	f("<34>1 2026-03-02T08:59:59Z h (no name) of a program", 34, at, "h", "", "", "(no name) of a program")
	f("<34>1 2026-03-02T08:59:59Z h (unnamed) 12 more", 34, at, "h", "(unnamed)", "12", "more")
	f("<34>1 2026-03-02T08:59:59Z h rabbitmq <0.3011.0> - - msg", 34, at, "h", "rabbitmq", "<0.3011.0>", "msg")
	f("<34>1 2026-03-02T08:59:59Z h rabbitmq <0.3011.0> msg of it", 34, at, "h", "rabbitmq", "<0.3011.0>", "msg of it")
	f("<34>1 2026-03-02T08:59:59Z h app <0.30> - - msg", 34, at, "h", "app", "", "<0.30> - - msg")
	f("<134>1 1772441999.000 ap flows src=1", 134, at, "ap", "", "", "flows src=1")
	// no header
	f("", -1, "", "", "", "", "")
	f("hello", -1, "", "", "", "", "hello")
	f("<192>x", -1, "", "", "", "", "<192>x")
	f("<>x", -1, "", "", "", "", "<>x")
	f("<1", -1, "", "", "", "", "<1")
	f("::1 - - [02/Mar", -1, "", "", "", "", "::1 - - [02/Mar")
	f("{\"time\":\"Mar  2 08:59:59\"}", -1, "", "", "", "", "{\"time\":\"Mar  2 08:59:59\"}")
	f("March madness begins", -1, "", "", "", "", "March madness begins")
	f("\x00\xff\xfe", -1, "", "", "", "", "\x00\xff\xfe")
}

// TestYear: a date without a year gets the one that brings it closest.
func TestYear(t *testing.T) {
	f := func(received, stamp, want string) {
		t.Helper()
		now, err := time.Parse(time.RFC3339, received)
		if err != nil {
			t.Fatal(err)
		}
		h := read("<13>"+stamp+" h p: x", now, time.UTC)
		if got := h.Time.Format(time.RFC3339); got != want {
			t.Errorf("%s received %s is %s, want %s", stamp, received, got, want)
		}
	}
	f("2026-01-01T00:00:05Z", "Dec 31 23:59:59", "2025-12-31T23:59:59Z")
	f("2025-12-31T23:59:58Z", "Jan  1 00:00:00", "2026-01-01T00:00:00Z")
	f("2026-01-01T00:00:05Z", "Jan  1 00:00:04", "2026-01-01T00:00:04Z")
	f("2025-12-31T23:59:58Z", "Dec 31 23:59:57", "2025-12-31T23:59:57Z")
	f("2026-01-02T00:00:00Z", "Jan  3 11:00:00", "2026-01-03T11:00:00Z")
	f("2025-12-31T23:00:00Z", "Jan  2 10:00:00", "2026-01-02T10:00:00Z")
	f("2025-12-31T23:00:00Z", "Jan  2 12:00:00", "2025-01-02T12:00:00Z")
	f("2026-03-02T00:00:00Z", "Mar  5 00:00:00", "2025-03-05T00:00:00Z")
	f("2026-03-02T00:00:00Z", "Feb 29 00:00:00", "2024-02-29T00:00:00Z")
	f("2028-03-01T00:00:00Z", "Feb 29 23:59:60", "2028-03-01T00:00:00Z")
}

func TestZone(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no time zones here")
	}
	h := read("<13>Mar  2 09:59:59 h p: x", received, berlin)
	if want := time.Date(2026, 3, 2, 8, 59, 59, 0, time.UTC); !h.Time.Equal(want) {
		t.Errorf("%v, want %v", h.Time, want)
	}
}

func TestDates(t *testing.T) {
	f := func(got time.Time, n int, want string) {
		t.Helper()
		s := ""
		if n > 0 {
			s = got.Format(time.RFC3339Nano)
		}
		if s != want {
			t.Errorf("%s, want %s", s, want)
		}
	}
	clf := func(s, want string) { t.Helper(); at, n := CLF(s, time.UTC); f(at, n, want) }
	clf("02/Mar/2026:08:59:59 +0100", "2026-03-02T07:59:59Z")
	clf("02/Mar/2026:08:59:59", "2026-03-02T08:59:59Z")
	clf("2/Mar/2026:08:59:59 +0100", "2026-03-02T07:59:59Z")
	clf("02/Foo/2026:08:59:59 +0100", "")
	clf("29/Feb/2028:08:59:59", "2028-02-29T08:59:59Z")
	clf("30/Feb/2028:08:59:59", "0001-01-01T00:00:00Z") // a stamp that tells no time
	clf("31/Dec/2026:08:59:59", "2026-12-31T08:59:59Z")
	tai := func(s, want string) { t.Helper(); at, n := tai64n(s); f(at, n, want) }
	tai("@4000000069a551991dcd6500 sshd: x", "2026-03-02T08:59:59.5Z")
	tai("@4000000069a55199ffffffff", "")
	tai("@4000", "")
	iso := func(s, want string) { t.Helper(); at, n := ISO(s, time.UTC); f(at, n, want) }
	iso("2026-03-02T08:59", "2026-03-02T08:59:00Z")
	iso("2026-13-02T08:59:00Z", "")
	iso("2026-03-02", "")
	iso("2026-03-02 08:59:59 +14:00", "2026-03-01T18:59:59Z")
	iso("2026-03-02 08:59:59 -20", "2026-03-02T08:59:59Z") // a number, for no zone is so far
	iso("2026-03-02T08:59:59+05:99", "2026-03-02T08:59:59Z")
	iso("0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z")
	epoch := func(s, want string) {
		t.Helper()
		at, ok := Epoch(s)
		n := 0
		if ok {
			n = 1
		}
		f(at, n, want)
	}
	epoch("1772441999", "2026-03-02T08:59:59Z")
	epoch("1772441999.5", "2026-03-02T08:59:59.5Z")
	epoch("1772441999500", "2026-03-02T08:59:59.5Z")
	epoch("1772441999500000", "2026-03-02T08:59:59.5Z")
	epoch("1772441999500000000", "2026-03-02T08:59:59.5Z")
	epoch("", "")
	epoch("12x", "")
	epoch("20000000000", "") // a size, or the year 2603: read as seconds it once came out as 2019
	epoch("9999999999999999999", "")
}

func TestBSDZone(t *testing.T) {
	berlin := time.FixedZone("", 3600)
	f := func(s, want string) {
		t.Helper()
		at, n := BSD(s, received, berlin)
		if got := at.Format(time.RFC3339Nano); n != len(s) || got != want {
			t.Errorf("%s: %s behind %d, want %s", s, got, n, want)
		}
	}
	f("Mar  2 09:59:59", "2026-03-02T08:59:59Z")
	f("Mar  2 08:59:59 UTC", "2026-03-02T08:59:59Z")
	f("Mar  2 2026 03:59:59.250 EST", "2026-03-02T08:59:59.25Z")
	f("Mar  2 03:59:59 2026 EST", "2026-03-02T08:59:59Z")
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{
		"<34>Mar  2 08:59:59 h su[1]: x", "<34>1 2026-03-02T08:59:59Z h a p m [x@1 a=\"b\\\"\" a=\"c\"][y] z", "<189>84: fw1: 6: *Mar 2 08:59:59.1 EST: %A-1-B: c",
		"<13>Mar  2 08:59:00 r <1>Mar  2 08:59:59 PM f a: b", "2 Mar 2026 08:59:59", "<1>1772441999.5 a", "Mon, Mar 2 08:59", "*", "<1>:: : :", "<1>Mar  2 08:59:59 : %", "12 <1>1 - - - - - -",
		"<166>29: r RP/0/RSP0/CPU0:Mar  2 08:59:59.000 UTC: i[1]: %P-3-X : y", "<1>02/03/2026:08:59:59 GMT a 0-PPE-0 : x", "<1>Mar  2 08:59:59 a,00005e005301,v: b", "Mar  2 08:59:59 a b[1]: [ID 8 auth.info] c",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		h := read(line, received, time.UTC)
		if !strings.Contains(line, h.Message) || !strings.Contains(line, h.Host) || !strings.Contains(line, h.Program) {
			t.Errorf("%q: a part stands nowhere in the line: %+v", line, h)
		}
		if sd := AppendSD(nil, h.StructuredData); !json.Valid(sd) {
			t.Errorf("%q: no JSON: %s", h.StructuredData, sd)
		}
		if h.Pri > 191 {
			t.Errorf("priority %d", h.Pri)
		}
	})
}

func FuzzSD(f *testing.F) {
	f.Add(`[a b="c"][d e="f\]" e="\\"]`)
	f.Fuzz(func(t *testing.T, sd string) {
		if out := AppendSD(nil, sd); !json.Valid(out) {
			t.Errorf("%q: no JSON: %s", sd, out)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	for name, line := range map[string]string{
		"rfc3164": "<34>Mar  2 08:59:59 web1 sshd[3007]: Accepted publickey for alice from 192.0.2.7 port 52059 ssh2",
		"rfc5424": `<165>1 2026-03-02T08:59:59.003Z app1.example.org billing 8710 ID47 [meta@32473 iut="3"] invoice 12 written`,
		"cisco":   "<166>Mar  2 2026 08:59:59 fw01 : %ASA-6-302013: Built outbound TCP connection",
		"relayed": "<13>Mar  2 08:59:59 relay1 <189>84: fw1: 6340004: *Mar  2 08:59:59.123 UTC: %SYS-5-CONFIG_I: Configured from console",
		"xr":      "<166>290692: router1 RP/0/RSP0/CPU0:Mar  2 08:59:59.123 UTC: SSHD_[65935]: %SECURITY-SSHD-6-INFO_USER_LOGOUT : User 'x'",
		"none":    `198.51.100.77 - - [02/Mar/2026:08:59:58 +0000] "GET / HTTP/1.1" 200 5 "-" "-"`,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(line)))
			var r Reader
			var h Header
			for b.Loop() {
				r.Read(&h, line, received, time.UTC)
			}
		})
	}
}
