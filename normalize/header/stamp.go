package header

import (
	"strings"
	"time"
)

// stamp reads a time in any form seen in headers, with what devices put around
// it: "*" or "." in front (Cisco: the clock is not set), a zone's name and ":"
// behind. n is the offset behind it; 0: there is none.
//
// What follows a host is looked at twice, to tell a relay's header from a program's
// name: the second time it is known.
func (r *reader) stamp(s string) (t time.Time, n int) {
	if len(s) < 10 {
		return t, 0
	}
	if k := &r.known; k.left != len(s) || k.file != (r.h.Pri < 0) || k.second != r.h.HasTime {
		k.left, k.file, k.second = len(s), r.h.Pri < 0, r.h.HasTime
		k.tab = false
		k.time, k.n = r.readStamp(s)
	}
	return r.known.time, r.known.n
}

// known is the stamp that was read last: how much of the line was left, and what
// numeric and slashes ask about.
type known struct {
	left   int
	file   bool
	second bool // there was a time before
	tab    bool // time stands before a tab: it is the first column of a record, no header
	time   time.Time
	n      int
}

func (r *reader) readStamp(s string) (t time.Time, n int) {
	lead := 0
	if s[0] == '*' || s[0] == '.' {
		lead, s = 1, s[1:]
	}
	switch c := s[0]; {
	case c-'0' < 10:
		t, n = r.numeric(s)
	case c == '@':
		t, n = tai64n(s)
	case c-'A' < 26:
		t, n = r.memo.bsd(s, r.received, r.zone)
		if n == 0 && !r.h.HasTime { // behind a header's time it begins the message: appliances forward the lines of their files
			t, n = weekday(s, r.received, r.zone)
		}
	}
	if n == 0 {
		return t, 0
	}
	stamp := n
	if t, n = r.suffix(s, t, n); r.zone != time.UTC && n == stamp && s[n-1]-'0' < 10 && !Instant(s[:n]) {
		t = r.nearer(t)
	}
	if n < len(s) && s[n] == '\t' {
		r.known.tab = true
		return t, 0
	}
	if n < len(s) && s[n] != ' ' && s[n] != ':' {
		return t, 0 // a longer word that only begins like a time
	}
	return t, n + lead
}

// numeric reads the stamps that begin with a digit.
func (r *reader) numeric(s string) (t time.Time, n int) {
	if t, n = ISO(s, r.zone); n > 0 {
		return t, n
	}
	if len(s) > 5 && s[4] == ' ' && readMonth(s[5:]) > 0 { // 2024 Mar 14 15:09:26 (NX-OS)
		if y, ok := digits(s, 0, 4); ok {
			return yearFirst(s, y, r.zone)
		}
	}
	if t, n = dayFirst(s, r.zone); n > 0 {
		if r.h.HasTime && (s[1] == ' ' || s[2] == ' ') { // as weekday
			return t, 0
		}
		return t, n
	}
	if t, n = r.slashes(s); n > 0 {
		return t, n
	}
	if t, n = r.dashes(s); n > 0 {
		return t, n
	}
	if t, n = colons(s, r.zone); n > 0 {
		return t, n
	}
	for n < len(s) && (s[n]-'0' < 10 || s[n] == '.') {
		n++
	}
	if r.h.Pri < 0 && (n != 17 || s[10] != '.') {
		return t, 0 // without a PRI it is a file, and squid's begin like this; with microseconds it is journalctl -o short-unix
	}
	if n < 10 || n > 20 || strings.IndexByte(s[:n], '.') != 10 && (n-10)%3 != 0 { // seconds, ms, us, ns
		return t, 0
	}
	t, ok := Epoch(s[:n])
	if !ok || numberBehind(s[n:]) {
		return t, 0
	}
	return t, n
}

// numberBehind says whether the word behind a stamp is a number: how long a request took,
// in a proxy's record that a relay put its header in front of. No host is called so.
func numberBehind(s string) bool {
	s = strings.TrimLeft(s, " ")
	end := strings.IndexByte(s, ' ')
	return end > 0 && strings.Trim(s[:end], "0123456789.") == "" && strings.Count(s[:end], ".") < 2
}

// slashes reads "14/03/2024:15:09:26" and "3/14/2024 3:09:26 PM", and "14.03.2024 15:09:26"
// and "14-03-2024 15:09:26" right behind a PRI. Whether day or month comes first is told by the
// numbers, else by the receive time. The form with a blank begins many files, whose packs
// want it, so it counts only behind a PRI or a time.
func (r *reader) slashes(s string) (t time.Time, n int) {
	a, i := number(s, 0)
	if i == 0 || s[i] != '/' && (s[i] != '.' && s[i] != '-' || r.h.Pri < 0 || len(s) != r.begin) {
		return t, 0
	}
	b, j := number(s, i+1)
	if j == 0 || s[j] != s[i] {
		return t, 0
	}
	y, ok := digits(s, j+1, 4)
	if !ok || j+6 >= len(s) || s[j+5] != ':' && (s[j+5] != ' ' || r.h.Pri < 0 && !r.h.HasTime) {
		return t, 0
	}
	c, n := readClock(s, j+6)
	if n == 0 || a < 1 || b < 1 || a > 31 || b > 31 || a > 12 && b > 12 {
		return t, 0
	}
	c.day, c.month = a, b
	t, end := c.zoned(s, y, n, r.zone)
	if a > 12 {
		return t, end
	}
	c.day, c.month = b, a
	other, end := c.zoned(s, y, n, r.zone)
	if b > 12 || r.received.Sub(other).Abs() < r.received.Sub(t).Abs() {
		return other, end
	}
	return t, end
}

// dashes reads "2026-3-2 08:59:16", as Huawei's older devices write it, behind a PRI.
func (r *reader) dashes(s string) (t time.Time, n int) {
	y, ok := digits(s, 0, 4)
	if !ok || r.h.Pri < 0 || len(s) < 8 || s[4] != '-' {
		return t, 0
	}
	month, i := number(s, 5)
	if i == 0 || s[i] != '-' {
		return t, 0
	}
	day, j := number(s, i+1)
	if j == 0 || s[j] != ' ' || month < 1 || month > 12 || day < 1 || day > 31 {
		return t, 0
	}
	c, n := readClock(s, j+1)
	if n == 0 {
		return t, 0
	}
	c.day, c.month = day, month
	return c.zoned(s, y, n, r.zone)
}

// colons reads "2026:11:28-06:52:05 ", as Sophos UTM writes it. DirectAdmin's file has a colon
// behind it, and a pack that reads it.
func colons(s string, zone *time.Location) (time.Time, int) {
	if len(s) < 19 || s[4] != ':' || s[7] != ':' || s[10] != '-' {
		return time.Time{}, 0
	}
	y, okYear := digits(s, 0, 4)
	month, okMonth := digits(s, 5, 2)
	day, okDay := digits(s, 8, 2)
	if !okYear || !okMonth || !okDay || month < 1 || month > 12 || day < 1 || day > 31 {
		return time.Time{}, 0
	}
	c, n := readClock(s, 11)
	if n == 0 || n < len(s) && s[n] != ' ' {
		return time.Time{}, 0
	}
	c.day, c.month = day, month
	return c.at(y, zone), n
}

// number reads one or two digits that something follows; end 0: there are none.
func number(s string, i int) (n, end int) {
	for end = i; end < len(s) && end < i+2 && s[end]-'0' < 10; end++ {
		n = n*10 + int(s[end]-'0')
	}
	if end == i || end >= len(s) {
		return 0, 0
	}
	return n, end
}

func yearFirst(s string, y int, zone *time.Location) (time.Time, int) {
	c, n := monthDayClock(s[5:])
	if n == 0 {
		return time.Time{}, 0
	}
	return c.at(y, zone), n + 5
}

// dayFirst reads "14 Mar 2024 15:09:26" and "14-Mar-2024 15:09:26".
func dayFirst(s string, zone *time.Location) (time.Time, int) {
	i := 1
	if s[1]-'0' < 10 {
		i = 2
	}
	d, _ := digits(s, 0, i)
	if len(s) < i+10 || s[i] != ' ' && s[i] != '-' || s[i+4] != s[i] {
		return time.Time{}, 0
	}
	mo := readMonth(s[i+1:])
	y, ok := digits(s, i+5, 4)
	if mo == 0 || !ok || d < 1 || d > 31 || i+9 >= len(s) || s[i+9] != ' ' {
		return time.Time{}, 0
	}
	c, n := readClock(s, i+10)
	if n == 0 {
		return time.Time{}, 0
	}
	c.month, c.day = mo, d
	return c.at(y, zone), n
}

// weekday reads "Wed Mar 14 15:09:26 2024" and "Wed, 14 Mar 2024 15:09:26" (RFC 5322).
func weekday(s string, received time.Time, zone *time.Location) (time.Time, int) {
	if len(s) < 5 || s[3] != ' ' && s[3] != ',' || strings.Index("MonTueWedThuFriSatSun", s[:3])%3 != 0 {
		return time.Time{}, 0
	}
	skip := 4
	if s[3] == ',' {
		skip = 5
	}
	t, n := BSD(s[skip:], received, zone)
	if n == 0 && skip == 4 { // journalctl -o short-full: "Mon 2026-03-02 08:59:59 UTC"
		if t, n = ISO(s[skip:], zone); n > 0 {
			n += skip
		}
		return t, n
	}
	if n == 0 {
		if t, n = dayFirst(s[skip:], zone); n > 0 {
			n += skip
		}
		return t, n
	}
	n += skip
	if n+1 >= len(s) || s[n] != ' ' {
		return t, n
	}
	word, rest, _ := strings.Cut(s[n+1:], " ") // date(1): "Thu Mar 14 15:09:26 UTC 2024", or +03 where a zone has no name
	y, ok := digits(rest, 0, 4)
	if !ok || word == "" || len(word) > 9 || strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ+-:0123456789") != "" {
		return t, n
	}
	c, _ := monthDayClock(s[skip:])
	end := n + 1 + len(word) + 5
	if east, known, k := readZone(word, 0); known && k == len(word) {
		return c.at(y, time.UTC).Add(-time.Duration(east) * time.Second), end
	}
	if word[0]-'A' < 26 && len(word) <= 5 {
		t, _ := named(c.at(y, zone), zone, word)
		return t, end
	}
	return t, n
}

// suffix reads "." (Cisco), " PM", a fraction behind that, and a zone's name.
func (r *reader) suffix(s string, t time.Time, n int) (time.Time, int) {
	if n < len(s) && s[n] == '.' {
		n++
	}
	if n+2 < len(s) && s[n] == ' ' && (s[n+1] == 'A' || s[n+1] == 'P') && s[n+2] == 'M' && !wordGoesOn(s[n+3:]) {
		switch hour := t.In(r.zone).Hour(); {
		case s[n+1] == 'P' && hour < 12:
			t = t.Add(12 * time.Hour)
		case s[n+1] == 'A' && hour == 12:
			t = t.Add(-12 * time.Hour)
		}
		nano, end := fraction(s, n+3)
		t, n = t.Add(time.Duration(nano)), end
	}
	if in, end := offset(s, t, n, r.zone); end > 0 {
		if r.h.Pri < 0 && s[n] == ' ' && s[n+1] != 'U' && s[n+1] != 'G' && !strings.HasPrefix(s[end:], ":") {
			return t, n // a file, whose pack reads it
		}
		if utc := wall(t, r.zone); s[0]-'A' < 26 && s[n] != ' ' && r.now(utc) && !r.now(in) {
			return utc, end // Huawei's VRP: UTC, and behind it the zone that its clock is in, unless told local-time
		}
		return in, end
	}
	if n+3 >= len(s) || s[n] != ' ' {
		return t, n
	}
	if s[n+1]-'A' >= 26 {
		return r.quietZone(s, t, n)
	}
	if word, _, ok := strings.Cut(s[n+1:], " "); ok {
		if in := place(strings.TrimSuffix(word, ":")); in != nil && !Instant(s[:n]) {
			return clockIn(t, r.zone, in), n + 1 + len(word)
		}
	}
	end := n + 1
	for end < len(s) && end-n <= 6 && s[end]-'A' < 26 {
		end++
	}
	if end >= len(s) || s[end] != ':' && s[end] != ' ' && (s[end] != ',' || r.h.Pri >= 0) { // which ends a file's first column
		return t, n
	}
	in, ok := named(t, r.zone, s[n+1:end])
	ok = ok || s[end] == ' ' && ambiguous(s[n+1:end]) && hostAndTag(s[end+1:])
	switch {
	case ok && Instant(s[:n]):
		return t, end
	case ok:
		return in, end
	case s[end] == ':' && end-n <= 5 && (end+1 == len(s) || s[end+1]-'0' >= 10): // CEF:0, LEEF:1.0 are none
		return t, end // a zone nobody knows: the time counts as the input's zone
	}
	return t, n
}

// wordGoesOn says whether what is in front of s is only the beginning of a word: hosts in
// Amsterdam are called AMS-1.
func wordGoesOn(s string) bool {
	return s != "" && (s[0]-'0' < 10 || (s[0]|0x20)-'a' < 26 || s[0] == '-' || s[0] == '_')
}

// now says whether a time is about that at which the line came.
func (r *reader) now(t time.Time) bool { return r.received.Sub(t).Abs() < time.Hour/4 }

// quietZone reads "mdt: %", a zone as somebody typed it into a Cisco device.
func (r *reader) quietZone(s string, t time.Time, n int) (time.Time, int) {
	end := n + 1
	for end < len(s) && end-n <= 6 && s[end]-'a' < 26 {
		end++
	}
	if end == n+1 || !strings.HasPrefix(s[end:], ": %") {
		return t, n
	}
	if in, ok := named(t, r.zone, strings.ToUpper(s[n+1:end])); ok {
		return in, end
	}
	return t, n // a host
}
