package header

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestPlain: what plain takes, general reads to the same.
func TestPlain(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 1))
	pick := func(usual string, odd ...string) string {
		if n := rnd.IntN(3*len(odd)) - 2*len(odd); n >= 0 {
			return odd[n]
		}
		return usual
	}
	word := func() string {
		return pick("web1", "h", "LabSZ", "FW01", "10.0.0.1", "10.0.0.1,", "10.0.0.1:", "192.0.2.17", "8.8.217.21", "10.10.10.100", "1.2.3", "192.0.2.1,", "::1", "fe80::1", "Mar", "March", "EST", "UTC", "GMT-5", "UTC2", "AM-1", "AM.x", "PM", "Am", "AMS-1", "INFO",
			"info", "user.info", "stdout", "1rXyZa-0001Ab-2C", "slot1/lb1", "RP/0/RSP0/CPU0", "sshd", "su", "CRON", "postfix/smtpd", "/usr/sbin/cron", "kernel", "WARN", "err", "prog", "Message", "forwarded", "Login", "-", "2026", "7",
			"Mon", "Asia/Tokyo", "com.apple.x", "a_b", "EST5", "x:1", "10.0.0.1:5", "%ASA", "kernel:x", "a[1]", "a[1]:b", "CEF:0|V|P|1.0|x|info", "devname=\"fw1\"", "id=1", "{\"a\":1}", "GET", "1,2026/03/02", "1,00005e005301,v", "(x)[1]:", "\"GET")
	}
	taken := 0
	for range 300_000 {
		line := pick("", "<", " ", "2026-03-02 ") + pick("Mar  2 08:59:59", "Mar 12 08:59:59", "Feb 30 08:59:59", "Mar 2 08:59:59", "Dec 31 23:59:59", "MAR  2 08:59:59", "2026-03-02T08:59:59Z", "2026-03-02T08:59:59.123456+01:00",
			"2026-03-02T08:59:59", "2026-02-30T08:59:59Z", "2026-03-02 08:59:59", "2026-03-02T08:59", "2026-03-02T08:59:59.1UTC", "2026/03/02T08:59:59Z", "1772441999.123456") +
			pick(" ", "  ", ": ", ".", " 2026 ", " EST ", " PM ") + word() + pick(" ", "  ", " : ", ": ", " <13>") + word() +
			pick("[12]: ", ": ", "[12]:", "[]: ", "[a]: ", "[12] ", " ", "[12]:  ", "[12][3]: ", "", " : ") +
			pick("a longer text of words", "- - [02/Mar/2026:08:59:59 +0000] x", "2026-03-02 08:59:59 a longer text", "host prog[3]: text and more", ": text and more of it", "08:59:59,0123,THREAT,url and more", "1,2026/03/02 08:59:59,0123,x", "Mar  2 08:59:59 h p[1]: text", "3132779: Jul 14 2023 08:23:43.398 UTC: %SYS-5-X: y", "%SYS-5-X: text", "<13>Mar  2 08:59:59 fw1 su: x and more", "[ID 800047 auth.info] text", "84: 3w4d: %SYS-5-X: y", "{\"a\": 1, \"b\": \"of JSON\"}", "p[7]: more of the text", "1 2026-03-02T08:59:59Z h p - - - x")
		pri, zone := rnd.IntN(2)*14-1, []*time.Location{time.UTC, time.FixedZone("EST", -5*3600)}[rnd.IntN(2)]
		if asGeneral(t, line, pri, zone) {
			taken++
		}
	}
	if taken < 3_000 {
		t.Errorf("only %d lines were plain", taken)
	}
}

func FuzzPlain(f *testing.F) {
	for _, s := range []string{
		"Mar  2 08:59:59 web1 sshd[12]: a longer text", "2026-03-02T08:59:59.123456+01:00 web1 CRON[7]: text", "Mar  2 08:59:59 fw1 %ASA-6-302013: Built", "Mar  2 08:59:59 1,2026/03/02 08:59:59,0123,TRAFFIC",
		"Mar  2 08:59:59 192.0.2.1 CEF:0|V|P|1.0|1|name|5|src=192.0.2.7", "Mar  2 08:59:59 web1 198.51.100.7 - - [02/Mar/2026:08:59:59 +0000]", "Mar  2 08:59:59 fw1 devname=\"fw1\" type=traffic",
	} {
		f.Add(s, 38)
		f.Add(s, -1)
	}
	f.Fuzz(func(t *testing.T, line string, pri int) {
		asGeneral(t, line, max(-1, pri%192), time.UTC)
	})
}

// asGeneral says whether plain takes a line, which general must read to the same then.
func asGeneral(t *testing.T, line string, pri int, zone *time.Location) bool {
	t.Helper()
	programs := Programs{Unnumbered: map[string]bool{"prog": true}, First: map[string]bool{"Login": true}, Known: map[string]bool{"sshd": true}}
	one := reader{h: &Header{Pri: pri}, received: received, zone: zone, programs: &programs, memo: &memo{}}
	message, ok := one.plain(line)
	if !ok {
		return false
	}
	other := reader{h: &Header{Pri: pri}, received: received, zone: zone, programs: &programs, memo: &memo{}}
	if want := other.general(line); message != want || *one.h != *other.h || one.received != other.received {
		t.Fatalf("%q:\ngot  %q %+v\nwant %q %+v", line, message, *one.h, want, *other.h)
	}
	return true
}
