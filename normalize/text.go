package normalize

import (
	"math"
	"strconv"
	"strings"
	"time"

	"sluice/event"
)

func lower(ev *event.Event, text string) string {
	for i := 0; i < len(text); i++ {
		if c := text[i]; c-'A' < 26 || c >= 0x80 {
			return lowered(ev, text)
		}
	}
	return text
}

// lowered is strings.ToLower into the event's own memory where text is short and ASCII,
// as nearly all are: no garbage on the hot path.
func lowered(ev *event.Event, text string) string {
	var buf [64]byte
	if len(text) > len(buf) {
		return ev.Own([]byte(strings.ToLower(text)))
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c >= 0x80:
			return ev.Own([]byte(strings.ToLower(text)))
		case c-'A' < 26:
			c += 'a' - 'A'
		}
		buf[i] = c
	}
	return ev.Own(buf[:len(text)])
}

// mac writes a hardware address the way ECS wants it, 00-00-5E-00-53-23: of six bytes or eight, whatever marks
// stand in it. Solaris and macOS leave out the zeros in front: 0:0:5e:0:53:23. False: it is none.
func mac(ev *event.Event, text string) (string, bool) {
	var out [23]byte
	n, group := 0, 0 // group: digits since the last mark
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c-'0' < 10 || (c|0x20)-'a' < 6:
			if n%3 == 2 && n < len(out) {
				out[n] = '-'
				n++
			}
			if n >= len(out) {
				return "", false
			}
			if c >= 'a' {
				c -= 32
			}
			out[n] = c
			n++
			group++
		case (c == ':' || c == '-') && group == 1 && n < len(out):
			out[n], out[n-1], group = out[n-1], '0', 0
			n++
		case c == ':' || c == '-' || c == '.':
			group = 0
		default:
			return "", false
		}
	}
	if group == 1 && n%3 == 1 {
		out[n], out[n-1] = out[n-1], '0'
		n++
	}
	if n != 17 && n != len(out) {
		return "", false
	}
	return ev.Own(out[:n]), true
}

func (t *target) putMAC(ev *event.Event, text string) bool {
	addr, ok := mac(ev, text)
	if !ok {
		return false
	}
	if ev.Has(t.field) && ev.Schema().Spec(t.field).Array { // each card of a host
		return ev.Add(t.field, addr)
	}
	return ev.SetText(t.field, addr)
}

func atoi(s string) (int, bool) {
	if s == "" || len(s) > 10 {
		return 0, false
	}
	n := 0
	for i := 0; i < len(s); i++ {
		d := s[i] - '0'
		if d > 9 {
			return 0, false
		}
		n = n*10 + int(d)
	}
	return n, true
}

// maxSeconds is how many seconds a number of nanoseconds holds.
const maxSeconds = math.MaxInt64 / int64(time.Second)

// seconds reads a decimal number of seconds as nanoseconds.
func seconds(s string) (int64, bool) {
	whole, frac, _ := strings.Cut(s, ".")
	n, ok := atoi(whole)
	if !ok || int64(n) >= maxSeconds {
		return 0, false
	}
	ns := int64(n) * int64(time.Second)
	unit := int64(time.Second) / 10
	for i := 0; i < len(frac) && unit > 0; i++ {
		d := frac[i] - '0'
		if d > 9 {
			return 0, false
		}
		ns += int64(d) * unit
		unit /= 10
	}
	return ns, true
}

// clock reads 0:01:07, 1h:24m:30s, 1d 2h:03m:04s, 3ms, 1m30s, 2 hours or PT1M30S as nanoseconds.
func clock(s string) (int64, bool) {
	if strings.IndexByte(s, ':') < 0 && strings.ContainsAny(s, "dDhHmMsS") {
		return inUnits(s)
	}
	total, n, digits := int64(0), int64(0), false
	for i := 0; i <= len(s); i++ {
		c := byte(':')
		if i < len(s) {
			c = s[i]
		}
		switch {
		case c-'0' < 10:
			n, digits = n*10+int64(c-'0'), true
		case c == 'd' && digits:
			total, n, digits = n*24, 0, false // the hours follow
		case c == 'h' || c == 'm' || c == 's' || c == ' ':
		case c == ':':
			if !digits {
				return 0, false
			}
			total, n, digits = total+n, 0, false
			if i < len(s) {
				total *= 60
			}
		default:
			return 0, false
		}
		if n > 1e9 || total >= maxSeconds {
			return 0, false
		}
	}
	return total * int64(time.Second), true
}

// units are those of times, as they are written in short and in full.
var units = map[string]time.Duration{
	"ns": time.Nanosecond, "nanosecond": time.Nanosecond, "us": time.Microsecond, "µs": time.Microsecond, "μs": time.Microsecond, "microsecond": time.Microsecond, "usec": time.Microsecond,
	"ms": time.Millisecond, "msec": time.Millisecond, "millisecond": time.Millisecond, "milli": time.Millisecond,
	"s": time.Second, "sec": time.Second, "second": time.Second, "m": time.Minute, "min": time.Minute, "mn": time.Minute, "minute": time.Minute,
	"h": time.Hour, "hr": time.Hour, "hour": time.Hour, "d": 24 * time.Hour, "day": 24 * time.Hour,
}

// inUnits reads numbers, each with its unit behind it: 1m30s, 4 minutes 40 seconds, PT1M30S.
func inUnits(s string) (int64, bool) {
	if len(s) > 64 {
		return 0, false
	}
	s = strings.ToLower(s)
	if iso, ok := strings.CutPrefix(s, "p"); ok {
		s = strings.Replace(iso, "t", "", 1)
	}
	total, least := int64(0), time.Duration(maxSeconds)*time.Second
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimLeft(s, " ,") {
		digits := 0
		for digits < len(s) && (s[digits]-'0' < 10 || s[digits] == '.') {
			digits++
		}
		number := s[:digits]
		s = strings.TrimLeft(s[digits:], " ")
		letters := 0
		for letters < len(s) && (s[letters]-'a' < 26 || s[letters] >= 0x80) {
			letters++
		}
		name := s[:letters]
		unit, ok := units[name]
		if !ok && letters > 2 {
			unit, ok = units[strings.TrimSuffix(name, "s")]
		}
		n, isNum := seconds(number)
		if !ok || !isNum || unit >= least || float64(n)/float64(time.Second)*float64(unit) > float64(maxSeconds)*float64(time.Second)-float64(total) {
			return 0, false // greater units stand in front of smaller ones
		}
		whole := n / int64(time.Second)
		total += whole*int64(unit) + int64(float64(n%int64(time.Second))/float64(time.Second)*float64(unit)+0.5)
		s, least = s[letters:], unit
	}
	return total, least < time.Duration(maxSeconds)*time.Second
}

func appendInt(dst []byte, n int) []byte { return strconv.AppendInt(dst, int64(n), 10) }

// addIP adds an address to a list, or sets a field of which ECS has one, which becomes a list only by the
// second. What is no address is none of the list's.
func (t *target) addIP(ev *event.Event, text string) bool {
	switch _, ok := event.ParseAddr(text); {
	case !ok:
		return true
	case !ev.Has(t.field) && !ev.Schema().Spec(t.field).Array:
		return ev.SetText(t.field, text)
	}
	return ev.Add(t.field, text)
}
