package header

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestPlain: what plain takes, general reads to the same.
func TestPlain(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	rnd := rand.New(rand.NewPCG(seed, 1))
	pick := func(usual string, odd ...string) string {
		if n := rnd.IntN(3*len(odd)) - 2*len(odd); n >= 0 {
			return odd[n]
		}
		return usual
	}
	word := func() string {
		return pick("web1", "h", "LabSZ", "FW01", "10.0.0.1", "Mar", "EST", "UTC", "GMT-5", "UTC2", "AM-1", "AM.x", "PM", "Am", "AMS-1", "INFO", "info", "user.info", "stdout", "1rXyZa-0001Ab-2C", "slot1/lb1",
			"RP/0/RSP0/CPU0", "sshd", "su", "CRON", "postfix/smtpd", "/usr/sbin/cron", "kernel", "WARN", "err", "prog", "Message", "forwarded", "Login", "-", "2026", "7", "Mon", "Asia/Tokyo", "com.apple.x", "a_b", "EST5", "x:1", "10.0.0.1:5", "%ASA")
	}
	programs := Programs{Unnumbered: map[string]bool{"prog": true}, First: map[string]bool{"Login": true}, Known: map[string]bool{"sshd": true}}
	taken := 0
	for range 300_000 {
		line := pick("", "<", " ", "2026-03-02 ") + pick("Mar  2 08:59:59", "Mar 12 08:59:59", "Feb 30 08:59:59", "Mar 2 08:59:59", "Dec 31 23:59:59", "MAR  2 08:59:59", "2026-03-02T08:59:59Z", "2026-03-02T08:59:59.123456+01:00",
			"2026-03-02T08:59:59", "2026-02-30T08:59:59Z", "2026-03-02 08:59:59", "2026-03-02T08:59", "2026-03-02T08:59:59.1UTC", "2026/03/02T08:59:59Z", "1772441999.123456") +
			pick(" ", "  ", ": ", ".", " 2026 ", " EST ", " PM ") + word() + pick(" ", "  ", " : ", ": ", " <13>") + word() +
			pick("[12]: ", ": ", "[12]:", "[]: ", "[a]: ", "[12] ", " ", "[12]:  ", "[12][3]: ", "", " : ") +
			pick("a longer text of words", "Mar  2 08:59:59 h p[1]: text", "3132779: Jul 14 2023 08:23:43.398 UTC: %SYS-5-X: y", "%SYS-5-X: text", "<13>Mar  2 08:59:59 fw1 su: x and more", "[ID 800047 auth.info] text", "84: 3w4d: %SYS-5-X: y", "{\"a\": 1, \"b\": \"of JSON\"}", "p[7]: more of the text", "1 2026-03-02T08:59:59Z h p - - - x")
		pri, zone := rnd.IntN(2)*14-1, []*time.Location{time.UTC, time.FixedZone("EST", -5*3600)}[rnd.IntN(2)]
		one := reader{h: &Header{Pri: pri}, received: received, zone: zone, programs: &programs, memo: &memo{}}
		message, ok := one.plain(line)
		if !ok {
			continue
		}
		taken++
		other := reader{h: &Header{Pri: pri}, received: received, zone: zone, programs: &programs, memo: &memo{}}
		if want := other.general(line); message != want || *one.h != *other.h || one.received != other.received {
			t.Fatalf("seed %d: %q:\ngot  %q %+v\nwant %q %+v", seed, line, message, *one.h, want, *other.h)
		}
	}
	if taken < 3_000 {
		t.Errorf("only %d lines were plain", taken)
	}
}
