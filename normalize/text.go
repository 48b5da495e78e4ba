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

// mac writes a MAC address the way ECS wants it: 00-00-5E-00-53-23.
func mac(ev *event.Event, text string) string {
	var out [17]byte
	n := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c-'0' < 10 || (c|0x20)-'a' < 6:
			if n%3 == 2 && n < 17 {
				out[n] = '-'
				n++
			}
			if n >= 17 {
				return text
			}
			if c >= 'a' {
				c -= 32
			}
			out[n] = c
			n++
		case c != ':' && c != '-' && c != '.':
			return text
		}
	}
	if n != 17 {
		return text
	}
	return ev.Own(out[:])
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

// clock reads 0:01:07, 1h:24m:30s, 1d 2h:03m:04s or 3ms as nanoseconds.
func clock(s string) (int64, bool) {
	if n := len(s); n > 2 && s[n-1] == 's' && (s[n-2]-'0' >= 10 || strings.IndexByte(s, '.') > 0) && strings.IndexByte(s, ':') < 0 {
		d, err := time.ParseDuration(strings.ReplaceAll(s, " ", "")) // 3ms, 1.25s
		return int64(d), err == nil && d >= 0
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

func appendInt(dst []byte, n int) []byte { return strconv.AppendInt(dst, int64(n), 10) }
