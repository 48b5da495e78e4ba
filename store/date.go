package store

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// parseStamp reads 2006-01-02T15:04:05[.fraction]Z, which is how our own documents write
// dates, in a tenth of time.Parse. digits is the length of the fraction, 0 without a dot.
func parseStamp[T string | []byte](s T) (ns int64, digits byte, ok bool) {
	if len(s) < 20 || len(s) > 30 || s[len(s)-1] != 'Z' || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' {
		return 0, 0, false
	}
	num := func(from, to int) int {
		n := 0
		for i := from; i < to; i++ {
			c := s[i] - '0'
			if c > 9 {
				return -1 << 20
			}
			n = n*10 + int(c)
		}
		return n
	}
	y, mo, d, h, mi, sec := num(0, 4), num(5, 7), num(8, 10), num(11, 13), num(14, 16), num(17, 19)
	// Outside 1678 to 2261 nanoseconds do not fit 64 bits.
	if y < 1678 || y > 2261 || mo < 1 || mo > 12 || d < 1 || d > 31 || h < 0 || h > 23 || mi < 0 || mi > 59 || sec < 0 || sec > 59 {
		return 0, 0, false
	}
	frac := 0
	if len(s) > 20 {
		if s[19] != '.' || len(s) == 21 {
			return 0, 0, false
		}
		digits = byte(len(s) - 21)
		if frac = num(20, len(s)-1); frac < 0 {
			return 0, 0, false
		}
		for i := digits; i < 9; i++ {
			frac *= 10
		}
	}
	if d > 28 {
		t := time.Date(y, time.Month(mo), d, 0, 0, 0, 0, time.UTC)
		if t.Day() != d {
			return 0, 0, false
		}
	}
	return (days(y, mo, d)*86400+int64(h*3600+mi*60+sec))*1e9 + int64(frac), digits, true
}

// days since 1970 by the civil calendar (H. Hinnant, chrono-compatible date algorithms).
func days(y, m, d int) int64 {
	if m <= 2 {
		y--
	}
	era := y / 400 // y is never negative here
	yoe := y - era*400
	doy := (153*((m+9)%12)+2)/5 + d - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return int64(era)*146097 + int64(doe) - 719468
}

// appendStamp writes what parseStamp has read.
func appendStamp(dst []byte, ns int64, digits byte) []byte {
	t := time.Unix(0, ns).UTC()
	dst = t.AppendFormat(dst, "2006-01-02T15:04:05")
	if digits > 0 {
		frac := strconv.Itoa(1e9 + t.Nanosecond())
		dst = append(append(dst, '.'), frac[1:1+min(int(digits), 9)]...)
	}
	return append(dst, 'Z')
}

// dateLayouts are strict_date_optional_time: every part behind the year may be missing.
var dateLayouts = []struct {
	layout string
	unit   byte // the last one that is there, for rounding up; 0: a second or its fraction
}{
	{"2006-01-02T15:04:05.999999999Z07:00", 0},
	{"2006-01-02T15:04:05.999999999Z0700", 0},
	{"2006-01-02T15:04:05.999999999", 0},
	{"2006-01-02T15:04Z07:00", 'm'},
	{"2006-01-02T15:04", 'm'},
	{"2006-01-02T15Z07:00", 'h'},
	{"2006-01-02T15", 'h'},
	{"2006-01-02", 'd'},
	{"2006-01", 'd'}, // Elasticsearch's end of a month or year that is written alone is that of its first day
	{"2006", 'd'},
}

// parseDate reads a date in nanoseconds: strict_date_optional_time or epoch_millis, or what
// format says. With up, parts that are missing are taken at their end, as lte and gt do.
func parseDate(s, format string, zone *time.Location, up bool) (int64, error) {
	if zone == nil {
		zone = time.UTC
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && (len(s) > 4 || strings.HasPrefix(format, "epoch")) {
		unit := time.Millisecond
		if strings.HasPrefix(format, "epoch_second") {
			unit = time.Second
		}
		if n > int64(1<<63-1)/int64(unit) || n < -int64(1<<63-1)/int64(unit) {
			return 0, fmt.Errorf("date %q is out of range", s)
		}
		return n * int64(unit), nil
	}
	for _, l := range dateLayouts {
		t, err := time.ParseInLocation(l.layout, s, zone)
		if err != nil {
			continue
		}
		unit := l.unit
		if unit == 0 && !strings.ContainsAny(s, ".,") {
			unit = 's'
		}
		if up && unit != 0 {
			t = step(t, unit, 1).Add(-time.Millisecond)
		}
		if y := t.Year(); y < 1678 || y > 2261 {
			return 0, fmt.Errorf("date %q is outside the years 1678 to 2261", clip(s))
		}
		return t.UnixNano(), nil
	}
	return 0, fmt.Errorf("failed to parse date field [%s] with format [strict_date_optional_time||epoch_millis]", clip(s))
}

// dateMath reads "now-15m/d", "2026-01-01||+1M/d" and plain dates.
func dateMath(s, format string, zone *time.Location, now time.Time, up bool) (int64, error) {
	if zone == nil {
		zone = time.UTC
	}
	base, math, has := strings.Cut(s, "||")
	t := now.In(zone)
	if rest, ok := strings.CutPrefix(s, "now"); ok {
		math = rest
	} else {
		ns, err := parseDate(base, format, zone, up && !has)
		if err != nil || !has {
			return ns, err
		}
		t = time.Unix(0, ns).In(zone)
	}
	for math != "" {
		sign := math[0]
		math = math[1:]
		n, i := 0, 0
		for i < len(math) && math[i] >= '0' && math[i] <= '9' && i < 7 {
			n = n*10 + int(math[i]-'0')
			i++
		}
		if i == 0 {
			n = 1
		}
		if i >= len(math) || !strings.ContainsRune("yMwdhHms", rune(math[i])) || sign == '/' && i > 0 {
			return 0, fmt.Errorf("failed to parse date math [%s]", clip(s))
		}
		unit := math[i]
		math = math[i+1:]
		switch sign {
		case '+':
			t = step(t, unit, n)
		case '-':
			t = step(t, unit, -n)
		case '/':
			if t = floor(t, unit); up {
				t = step(t, unit, 1).Add(-time.Millisecond)
			}
		default:
			return 0, fmt.Errorf("failed to parse date math [%s]", clip(s))
		}
	}
	if y := t.Year(); y < 1678 || y > 2261 {
		return 0, fmt.Errorf("date math [%s] leaves the years 1678 to 2261", clip(s))
	}
	return t.UnixNano(), nil
}

func step(t time.Time, unit byte, n int) time.Time {
	switch unit {
	case 'y':
		return months(t, 12*n)
	case 'M':
		return months(t, n)
	case 'w':
		return t.AddDate(0, 0, 7*n)
	case 'd':
		return t.AddDate(0, 0, n)
	case 'h', 'H':
		return seconds(t, 3600*int64(n))
	case 'm':
		return seconds(t, 60*int64(n))
	}
	return seconds(t, int64(n))
}

// months goes to the same day of another month, or to its last one: a month before March 31 is
// February 28.
func months(t time.Time, n int) time.Time {
	to := t.AddDate(0, n, 0)
	if to.Day() != t.Day() {
		to = to.AddDate(0, 0, -to.Day())
	}
	return to
}

// seconds adds more of them than fit a time.Duration.
func seconds(t time.Time, n int64) time.Time {
	return time.Unix(t.Unix()+n, int64(t.Nanosecond())).In(t.Location())
}

// floor rounds down to the unit in t's own zone; weeks begin on Monday.
func floor(t time.Time, unit byte) time.Time {
	y, m, d := t.Date()
	switch unit {
	case 'y':
		return time.Date(y, 1, 1, 0, 0, 0, 0, t.Location())
	case 'q':
		return time.Date(y, (m-1)/3*3+1, 1, 0, 0, 0, 0, t.Location())
	case 'M':
		return time.Date(y, m, 1, 0, 0, 0, 0, t.Location())
	case 'w':
		return time.Date(y, m, d-(int(t.Weekday())+6)%7, 0, 0, 0, 0, t.Location())
	case 'd':
		return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
	case 'h', 'H': // not by its number: where a clock is set back there are two of one
		_, z := t.Zone()
		local := t.Unix() + int64(z)
		return t.Add(-time.Duration((local%3600+3600)%3600)*time.Second - time.Duration(t.Nanosecond()))
	case 'm':
		return t.Truncate(time.Minute)
	}
	return t.Truncate(time.Second)
}
