package header

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// clock is a time of day, and its day when known.
type clock struct{ month, day, hour, min, sec, nano int }

// at is the instant in a year and zone. A leap second is the next minute's first. Of a day
// that there is not, such as February 30, it is the zero time, which no field holds: the
// stamp is one, and tells nothing.
func (c clock) at(year int, zone *time.Location) time.Time {
	if !c.possible(year) {
		return time.Time{}
	}
	if zone == time.UTC && year > 0 { // most stamps, and four times as fast as time.Date
		s := (firstDay(year, c.month)+int64(c.day-1))*86400 + int64(c.hour*3600+c.min*60+c.sec)
		return time.Unix(s, int64(c.nano)).UTC()
	}
	return time.Date(year, time.Month(c.month), c.day, c.hour, c.min, c.sec, c.nano, zone).UTC()
}

// possible says whether the year has the day, and the day the time: 24:00 ends it.
func (c clock) possible(year int) bool {
	if c.hour == 24 && c.min+c.sec+c.nano > 0 || c.day < 1 {
		return false
	}
	return c.day <= 28 || int64(c.day) <= firstDay(year, c.month+1)-firstDay(year, c.month)
}

// firstDay is the first day of a month of the Gregorian calendar from the year 1 on, in days since 1970.
// Years begin with March here, so that the leap day is the last.
func firstDay(year, month int) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	y := int64(year)
	return 365*y + y/4 - y/100 + y/400 + int64((153*(month-3)+2)/5) - 719468
}

// digits reads exactly k digits at s[i:].
func digits(s string, i, k int) (int, bool) {
	if i < 0 || i+k > len(s) {
		return 0, false
	}
	n := 0
	for _, c := range []byte(s[i : i+k]) {
		if c-'0' > 9 {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// readClock reads 15:04, 15:04:05 or 5:04:05, with a fraction, at s[i:]; n is the
// offset behind it.
func readClock(s string, i int) (c clock, n int) {
	h, ok := digits(s, i, 2)
	if !ok {
		if h, ok = digits(s, i, 1); !ok {
			return c, 0
		}
		i--
	}
	m, ok := digits(s, i+3, 2)
	if !ok || s[i+2] != ':' || h > 24 || m > 59 {
		return c, 0
	}
	c.hour, c.min = h, m
	n = i + 5
	if n < len(s) && s[n] == ':' {
		if c.sec, ok = digits(s, n+1, 2); !ok || c.sec > 60 {
			return c, 0
		}
		n += 3
	}
	c.nano, n = fraction(s, n)
	return c, n
}

// fraction reads .123 or ,123 at s[n:] as nanoseconds.
func fraction(s string, n int) (nano, end int) {
	if n+1 >= len(s) || s[n] != '.' && s[n] != ',' || s[n+1]-'0' > 9 {
		return 0, n
	}
	unit := int(time.Second) / 10
	for n++; n < len(s) && s[n]-'0' < 10; n++ {
		nano += int(s[n]-'0') * unit
		unit /= 10
	}
	return nano, n
}

// readZone reads Z, +0200, +02:00, +02, UTC, GMT, UTC+02:00 or UTC+2 at s[i:] as seconds east.
func readZone(s string, i int) (offset int, known bool, n int) {
	if i < len(s) && s[i] == 'Z' {
		return 0, true, i + 1
	}
	named := strings.HasPrefix(s[i:], "UTC") || strings.HasPrefix(s[i:], "GMT")
	if named {
		i += 3
	}
	if i >= len(s) || s[i] != '+' && s[i] != '-' {
		return 0, named, i
	}
	h, ok := digits(s, i+1, 2)
	j := i + 3
	if !ok && named {
		h, ok = digits(s, i+1, 1)
		j--
	}
	if !ok {
		return 0, named, i
	}
	k := j
	if k < len(s) && s[k] == ':' {
		k++
	}
	m, ok := digits(s, k, 2)
	if ok {
		j = k + 2
	}
	if h > int(farthest/time.Hour) || m > 59 { // a number: "08:59:59 -20"
		return 0, named, i
	}
	offset = h*3600 + m*60
	if s[i] == '-' {
		offset = -offset
	}
	return offset, true, j
}

// ISO reads 2006-01-02T15:04:05.999Z and its cousins with / or a space, at the
// start of s. n is the offset behind it; 0: it is none. zone is that of a date
// without one.
func ISO(s string, zone *time.Location) (t time.Time, n int) {
	if len(s) < 16 || s[4] != '-' && s[4] != '/' || s[4] != s[7] {
		return t, 0
	}
	y, ok1 := digits(s, 0, 4)
	mo, ok2 := digits(s, 5, 2)
	d, ok3 := digits(s, 8, 2)
	if !ok1 || !ok2 || !ok3 || mo < 1 || mo > 12 || d < 1 || d > 31 {
		return t, 0
	}
	c, n := readClock(s, 11)
	if n == 0 {
		return t, 0
	}
	c.month, c.day = mo, d
	return c.zoned(s, y, n, zone)
}

// zoned reads the offset that may stand at s[n:], behind a space or not.
func (c clock) zoned(s string, year, n int, zone *time.Location) (time.Time, int) {
	z := n
	if z+1 < len(s) && s[z] == ' ' && (s[z+1] == '+' || s[z+1] == '-') {
		z++
	}
	if off, known, end := readZone(s, z); known {
		return c.at(year, time.UTC).Add(-time.Duration(off) * time.Second), end
	}
	return c.at(year, zone), n
}

// readMonth reads an English month's three letters.
func readMonth(s string) int {
	if len(s) < 3 {
		return 0
	}
	switch uint32(s[0])<<16 | uint32(s[1])<<8 | uint32(s[2]) {
	case 'J'<<16 | 'a'<<8 | 'n':
		return 1
	case 'F'<<16 | 'e'<<8 | 'b':
		return 2
	case 'M'<<16 | 'a'<<8 | 'r':
		return 3
	case 'A'<<16 | 'p'<<8 | 'r':
		return 4
	case 'M'<<16 | 'a'<<8 | 'y':
		return 5
	case 'J'<<16 | 'u'<<8 | 'n':
		return 6
	case 'J'<<16 | 'u'<<8 | 'l':
		return 7
	case 'A'<<16 | 'u'<<8 | 'g':
		return 8
	case 'S'<<16 | 'e'<<8 | 'p':
		return 9
	case 'O'<<16 | 'c'<<8 | 't':
		return 10
	case 'N'<<16 | 'o'<<8 | 'v':
		return 11
	case 'D'<<16 | 'e'<<8 | 'c':
		return 12
	}
	return 0
}

// BSD reads "Jan _2 15:04:05", with the year before or behind the clock or not at
// all, and with a fraction, at the start of s. A date without a year gets it from
// received, see closest.
func BSD(s string, received time.Time, zone *time.Location) (t time.Time, n int) {
	c, n := monthDayClock(s)
	if n > 0 {
		y, year := yearBehind(s, n)
		end := n
		if year {
			end = n + 5
		}
		t = c.closest(received, zone)
		if year {
			t = c.at(y, zone)
		}
		return lastZone(s, t, end, zone)
	}
	i, ok := monthDay(s, &c)
	if !ok || i >= len(s) {
		return t, 0
	}
	y, ok := digits(s, i, 4)
	if !ok || i+5 >= len(s) || s[i+4] != ' ' {
		return t, 0
	}
	day := c
	if c, n = readClock(s, i+5); n == 0 {
		return t, 0
	}
	c.month, c.day = day.month, day.day
	return lastZone(s, c.at(y, zone), n, zone)
}

// lastZone reads " EST" or "+02:00" at s[n:], if nothing else is behind the time.
func lastZone(s string, t time.Time, n int, zone *time.Location) (time.Time, int) {
	if in, end := offset(s, t, n, zone); end == len(s) {
		return in, end
	}
	if n+3 <= len(s) && n+6 >= len(s) && s[n] == ' ' {
		if in, ok := named(t, zone, s[n+1:]); ok {
			return in, len(s)
		}
	}
	return t, n
}

// yearBehind reads " 2006" at s[n:]. A host such as 2001:db8::1 is no year.
func yearBehind(s string, n int) (int, bool) {
	y, ok := digits(s, n+1, 4)
	if !ok || s[n] != ' ' || y < 1970 || y > 2100 {
		return 0, false
	}
	rest := s[n+5:]
	return y, rest == "" || rest[0] == ' ' || rest == ":" || strings.HasPrefix(rest, ": ")
}

// yearless says of a stamp that it has no year: all that have one write it in four digits, but
// for a count of seconds.
func yearless(stamp string) bool {
	run := 0
	for i := 0; i < len(stamp) && run < 4; i++ {
		if run++; stamp[i]-'0' > 9 {
			run = 0
		}
	}
	return run < 4
}

// monthDay reads "Jan _2 " and returns the offset behind it; Dell's and Netgear's
// switches write "JAN _2 ". Oracle's listener writes 27-NOV-2026, which is no header.
func monthDay(s string, c *clock) (int, bool) {
	c.month = readMonth(s)
	if c.month == 0 && len(s) > 3 && s[3] == ' ' {
		small := [3]byte{s[0], s[1] | 0x20, s[2] | 0x20}
		c.month = readMonth(string(small[:]))
	}
	if c.month == 0 || len(s) < 8 || s[3] != ' ' {
		return 0, false
	}
	i := 4
	for i < 6 && s[i] == ' ' {
		i++
	}
	d, ok := digits(s, i, 2)
	if ok {
		i += 2
	} else if d, ok = digits(s, i, 1); ok {
		i++
	}
	if !ok || i >= len(s) || s[i] != ' ' || d < 1 || d > 31 {
		return 0, false
	}
	c.day = d
	return i + 1, true
}

func monthDayClock(s string) (clock, int) {
	var day clock
	i, ok := monthDay(s, &day)
	if !ok {
		return day, 0
	}
	c, n := readClock(s, i)
	c.month, c.day = day.month, day.day
	return c, n
}

// ahead is how far a sender's clock may run before us and a date without a year
// still count as this year's.
const ahead = 36 * time.Hour

// Closest gives a date that was read without a year, as time.Parse does, the one that a stamp of a
// header would have. It is the zero time where there is no such day.
func Closest(t, received time.Time) time.Time {
	c := clock{int(t.Month()), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond()}
	return c.closest(received, t.Location())
}

// closest gives a date its year: December's lines arrive in January, and a clock
// that runs ahead sends January's in December. February 29 takes a leap year.
func (c clock) closest(received time.Time, zone *time.Location) time.Time {
	y := received.In(zone).Year()
	if !c.possible(y) && (c.month != 2 || c.day != 29) {
		return time.Time{}
	}
	t := c.at(y, zone)
	switch {
	case t.After(received.Add(ahead)):
		y--
	case received.Sub(t) > 365*24*time.Hour-ahead && !c.at(y+1, zone).After(received.Add(ahead)):
		y++
	}
	for c.month == 2 && c.day == 29 && !leap(y) {
		y--
	}
	t = c.at(y, zone)
	if other, twice := again(t, zone); twice && received.Sub(other).Abs() < received.Sub(t).Abs() {
		return other
	}
	return t
}

// again is the other instant at which a zone's clocks show the same time, in the hour
// that is there twice when they go back.
func again(t time.Time, zone *time.Location) (time.Time, bool) {
	if zone == time.UTC {
		return t, false
	}
	_, here := t.In(zone).Zone()
	for _, far := range [2]time.Duration{-3 * time.Hour, 3 * time.Hour} { // no clock went back by more
		_, there := t.Add(far).In(zone).Zone()
		other := t.Add(time.Duration(here-there) * time.Second)
		if _, is := other.In(zone).Zone(); is == there && here != there {
			return other, true
		}
	}
	return t, false
}

// nearer is a time that names no zone, or the other one at which the clocks show the same, if that is when the line came.
func (r *reader) nearer(t time.Time) time.Time {
	if far := r.received.Sub(t).Abs(); far > time.Hour/4 && far < 4*time.Hour {
		if other, twice := again(t, r.zone); twice && r.received.Sub(other).Abs() < far {
			return other
		}
	}
	return t
}

func leap(y int) bool { return y%4 == 0 && (y%100 != 0 || y%400 == 0) }

// CLF reads 02/Jan/2006:15:04:05 -0700, the stamp of web servers; Python's write a blank before
// the time, and no zone.
func CLF(s string, zone *time.Location) (t time.Time, n int) {
	w := 2 // a few write 1/Jan/2006
	if len(s) > 1 && s[1] == '/' {
		w = 1
	}
	if len(s) < 18+w || s[w] != '/' || s[w+4] != '/' || s[w+9] != ':' && s[w+9] != ' ' {
		return t, 0
	}
	d, ok1 := digits(s, 0, w)
	mo := readMonth(s[w+1:])
	y, ok2 := digits(s, w+5, 4)
	c, n := readClock(s, w+10)
	if !ok1 || !ok2 || mo == 0 || n == 0 {
		return t, 0
	}
	c.month, c.day = mo, d
	return c.zoned(s, y, n, zone)
}

// Epoch reads seconds since 1970 with a fraction, or ms, us, ns by the number of digits. It refuses
// what nanoseconds in 64 bits cannot hold, from April 2262 on.
func Epoch(s string) (time.Time, bool) {
	const most = (math.MaxInt64 - 9) / 10 // that takes one more digit
	var n int64
	count, point := 0, -1
	for i := 0; i < len(s); i++ {
		if s[i] == '.' && point < 0 {
			point = count
			continue
		}
		d := s[i] - '0'
		if d > 9 || count >= 19 || n > most {
			return time.Time{}, false
		}
		n = n*10 + int64(d)
		count++
	}
	if point < 0 {
		point = count
	}
	for point > 11 { // 12 to 14 digits: ms; up to 17: us; else ns
		point -= 3
	}
	for scale := count - point; scale != 9; {
		switch {
		case scale > 9:
			n, scale = n/10, scale-1
		case n > most:
			return time.Time{}, false
		default:
			n, scale = n*10, scale+1
		}
	}
	return time.Unix(0, n).UTC(), count > 0
}

// tai64n reads the label of daemontools' multilog, @ and 24 hex digits, at the start of
// s: seconds since 1970 in atomic time, 10 ahead of the epoch's, and nanoseconds.
func tai64n(s string) (t time.Time, n int) {
	const size = 25
	if len(s) < size || s[0] != '@' || s[1] != '4' {
		return t, 0
	}
	secs, err := strconv.ParseUint(s[1:17], 16, 64)
	nano, err2 := strconv.ParseUint(s[17:size], 16, 32)
	if err != nil || err2 != nil || nano >= uint64(time.Second) || secs-1<<62 > 1<<34 {
		return t, 0
	}
	return time.Unix(int64(secs-1<<62)-10, int64(nano)).UTC(), size
}
