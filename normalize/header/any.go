package header

import (
	"strconv"
	"strings"
	"time"
)

// written are the forms of a date that people and programs write, beyond those that
// headers have. Where day and month could be either, the month stands first (but see slashed), as
// in the programs that write 1/2/2006.
var written = []string{
	"1/2/2006 3:04:05 PM", "1/2/2006 15:04:05", "01/02/06 15:04:05", "1/2/2006 3:04 PM", "2006-01-02 15:04:05 MST", "2006-01-02 15:04:05 -0700 MST", "2006-01-02",
	"2006/01/02 15:04:05", "2006/1/2 15:04:05", "2 Jan 2006 15:04:05", "2 Jan 2006 15:04:05 -0700", "2 Jan 2006 15:04:05 MST", "02-Jan-2006 15:04:05", "02-Jan-2006 15:04:05 -0700", "02-Jan-2006 15:04:05 MST", "02-Jan-06 15:04:05", "2/Jan/2006 15:04:05", "2006-1-2 15:04:05", "01/02/2006 - 15:04:05", "2006.01.02 15:04:05", "02.01.2006 15:04:05",
	time.RFC1123, time.RFC1123Z, time.ANSIC, time.UnixDate, "Jan 2, 2006 3:04:05 PM", "Jan 2, 2006, 3:04:05 PM", "Jan 2 2006 15:04:05",
	"Jan 2 2006 15:04:05 GMT-07:00", "Jan 2 2006 15:04:05 -0700", "Jan 2 2006 15:04:05-07:00", "Jan 2 2006 15:04:05 MST", "Jan 2 2006 15:04:05Z07:00", "Jan 2 2006 15:04:05 Z07:00", // CEF's, with and without its zone
	"20060102-15:04:05", "02Jan06 15:04:05", "Mon 02Jan06 15:04:05", "2006-Jan-02 15:04:05", "01-02-2006 15:04:05", "01 02 2006 15:04:05 MST", "Jan 2, 2006 3:04:05 PM MST",
	"January 2, 2006 3:04:05 PM", "January 2, 2006 15:04:05", "January 2, 2006, 3:04:05 PM", "January 2, 2006 3:04 PM", "January 2, 2006", "2 January 2006 15:04:05", "2 Jan 2006, 15:04:05", "2006 Jan 2 15:04:05",
	"Jan 2, 2006 3:04 PM", "Jan 2, 2006, 3:04 PM", "Jan 2, 2006 15:04:05", "Jan 2, 2006, 15:04:05", "Jan 2, 2006 @ 15:04:05", "Jan 2, 2006",
	"1/2/2006, 3:04:05 PM", "1/2/2006, 15:04:05", "1/2/06, 3:04 PM", "1/2/06 3:04 PM", "1/2/2006 15:04", "1/2/2006 3:04:05 PM -07:00", "1/2/2006 15:04:05 -07:00",
	"2006-01-02 3:04:05 PM", "02-Jan-2006 3:04:05 PM", "2006-01-02-15.04.05", "2006-01-02 15:04:05.000 PM", "02.01.2006 15:04", "02.01.06 15:04:05",
	"20060102 15:04:05", "060102 15:04:05", "01/02/06-15:04:05", "02-01-2006 15:04:05", "2006-01-02 15:04:05 (MST)", "2006-01-02 at 15:04:05", "Jan 02 2006 15:04:05 Z", "2006-01-02T15:04:05 MST",
}

// Any reads a date in any form that is known: ISO 8601, those of headers, a count of
// seconds, milliseconds, microseconds or nanoseconds since 1970, and what programs
// write. False: it is none.
func Any(s string, received time.Time, zone *time.Location) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if t, ok := generalized(s, zone); ok {
		return t, true
	}
	if t, ok := filetime(s); ok {
		return t, true
	}
	if t, ok := Epoch(s); ok && t.Year() >= 1990 && t.Year() < 2100 { // else digits of another form
		return t, true
	}
	if t, n := ISO(s, zone); n > 0 && strings.TrimSpace(s[n:]) == "" {
		return t, true
	}
	if bare, ok := strings.CutSuffix(s, " Z"); ok {
		if t, n := ISO(bare+"Z", zone); n == len(bare)+1 {
			return t, true
		}
	}
	if t, n := CLF(s, zone); n > 0 && strings.Trim(s[n:], "] ") == "" {
		return t, true
	}
	if t, n := BSD(s, received, zone); n > 0 && strings.TrimSpace(s[n:]) == "" {
		return t, true
	}
	if len(s) < 8 || len(s) > maxDate {
		return time.Time{}, false
	}
	if plain := undressed(s); plain != s {
		return Any(plain, received, zone)
	}
	if t, ok := inZone(s, received); ok {
		return t, true
	}
	if t, ok := slashed(s, received, zone); ok {
		return t, true
	}
	if rest, ok := behindDay(s); ok {
		if _, twice := behindDay(rest); !twice { // else each of them would double the work
			return Any(rest, received, zone)
		}
	}
	return time.Time{}, false
}

// behindDay is a date without the day of the week in front.
func behindDay(s string) (string, bool) {
	day, rest, ok := strings.Cut(s, " ")
	return strings.TrimLeft(rest, " "), ok && weekdays[strings.TrimSuffix(day, ",")]
}

// slashed is asWritten for what may begin with day or month: the numbers tell which it is, else
// the month stands first, unless only the other way round the date is one of today.
func slashed(s string, received time.Time, zone *time.Location) (time.Time, bool) {
	a, i := number(s, 0)
	if i == 0 || s[i] != '/' {
		return asWritten(s, zone)
	}
	b, j := number(s, i+1)
	if j > 0 && s[j] == '-' { // Snort's 03/02-08:59:59.123456
		c, n := readClock(s, j+1)
		c.month, c.day = a, b
		if a < 1 || a > 12 || b < 1 || b > 31 || n != len(s) {
			return time.Time{}, false
		}
		t := c.closest(received, zone)
		return t, !t.IsZero()
	}
	if j == 0 || s[j] != '/' || b > 12 {
		return asWritten(s, zone)
	}
	swapped := s[i+1:j] + "/" + s[:i] + s[j:]
	if a > 12 {
		return asWritten(swapped, zone)
	}
	t, ok := asWritten(s, zone)
	if !ok || a == b || received.Sub(t).Abs() < day {
		return t, ok
	}
	if other, ok := asWritten(swapped, zone); ok && received.Sub(other).Abs() < day {
		return other, true
	}
	return t, ok
}

const day = 24 * time.Hour

// asWritten reads the forms of written.
func asWritten(s string, zone *time.Location) (time.Time, bool) {
	is := outlineOf(s)
	for i, layout := range written {
		if !outlines[i].fits(is) {
			continue
		}
		if t, err := time.ParseInLocation(layout, s, zone); err == nil && t.Year() > 0 {
			if name, east := t.Zone(); east == 0 && t.Location() != zone && t.Location() != time.UTC {
				if in, ok := named(t, time.UTC, name); ok {
					return in, true // to Go every name that it does not know is UTC
				}
			}
			return t, true
		}
	}
	return time.Time{}, false
}

// maxDate is longer than any date: JavaScript's with the name of its zone in words has 60.
const maxDate = 72

// generalized reads 14 digits, which no count has, and LDAP's generalized time (RFC 4517, 3.3.13):
// 20260302090006.0Z, or with a T as ISO 8601's basic form has it.
func generalized(s string, zone *time.Location) (time.Time, bool) {
	if len(s) > 14 && s[8] == 'T' {
		s = s[:8] + s[9:]
	}
	if len(s) < 14 || s[:2] != "20" && s[:2] != "19" || strings.TrimLeft(s[2:14], "0123456789") != "" {
		return time.Time{}, false
	}
	layout := "20060102150405"
	if len(s) > len(layout) {
		layout += "Z0700"
	}
	t, err := time.ParseInLocation(layout, s, zone)
	return t, err == nil
}

// filetime reads Windows' count of tenths of microseconds since 1601, which has 18 digits.
func filetime(s string) (time.Time, bool) {
	if len(s) != 18 || s[0] != '1' || s[1]-'2' > 1 {
		return time.Time{}, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	const since1970 = 116444736000000000
	return time.Unix(0, (n-since1970)*100).UTC(), err == nil && n > since1970
}

// undressed is a date without what languages put around it: /Date(1772441999000)/, a zone
// told twice, as in +01:00[Europe/Berlin], GMT+0100 (CET) and, in the header of a mail, +0100 (CET).
func undressed(s string) string {
	if count, ok := strings.CutPrefix(s, "/Date("); ok {
		if end := strings.IndexAny(count, "+-)"); end > 0 {
			return count[:end]
		}
	}
	if at := strings.IndexByte(s, '['); at > 8 && s[len(s)-1] == ']' {
		s = s[:at]
	}
	if at := strings.Index(s, " ("); at > 8 && s[len(s)-1] == ')' && (strings.Contains(s[:at], "GMT") || s[at-len("+0100")] == '+' || s[at-len("+0100")] == '-') {
		s = s[:at]
	}
	if at := strings.Index(s, " m="); at > 8 { // how Go prints what it read of a clock
		s = s[:at]
	}
	for _, name := range [...]string{"GMT", "UTC"} {
		at := strings.Index(s, name)
		if at < 8 || at+5 > len(s) || s[at+3] != '+' && s[at+3] != '-' {
			continue
		}
		offset := s[at+3:]
		if len(offset) == 2 { // GMT+1
			offset = offset[:1] + "0" + offset[1:]
		}
		if len(offset) == 3 {
			offset += "00"
		}
		s = strings.TrimRight(s[:at], " ") + " " + strings.Replace(offset, ":", "", 1)
	}
	return s
}

// weekdays in full, and as three letters.
var weekdays = func() map[string]bool {
	names := map[string]bool{}
	for d := time.Sunday; d <= time.Saturday; d++ {
		names[d.String()], names[d.String()[:3]] = true, true
	}
	return names
}()

// inZone reads a date with the name of a zone behind it, such as CEST, which counts
// where the date has none itself.
func inZone(s string, received time.Time) (time.Time, bool) {
	date, name, ok := cutZone(s)
	if !ok {
		return time.Time{}, false
	}
	if _, _, twice := cutZone(strings.TrimRight(date, " ")); twice { // as behindDay
		return time.Time{}, false
	}
	t, ok := Any(date, received, time.UTC)
	if !ok || Instant(date) {
		return t, ok
	}
	return named(t, time.UTC, name)
}

// cutZone parts a date from the name of a zone behind it.
func cutZone(s string) (date, name string, ok bool) {
	i := strings.LastIndexByte(s, ' ')
	if i < 8 || s[i+1:] == "AM" || s[i+1:] == "PM" {
		return s, "", false
	}
	date, name = s[:i], s[i+1:]
	if _, ok = zoneHours(name); !ok {
		ok = place(name) != nil
	}
	return date, name, ok
}

// outline is how a date looks: its first marks, 0 where there are no more, and whether a letter
// begins the words in front of them. By it most forms are told without trying them: that costs a
// microsecond each, and a line may hold thousands of texts that claim to be dates.
type outline struct {
	letters [3]bool
	marks   [3]byte
}

// outlines are those of written.
var outlines = func() []outline {
	out := make([]outline, len(written))
	for i, layout := range written {
		out[i] = outlineOf(strings.ReplaceAll(layout, "_", "")) // Go's for a blank before a digit
	}
	return out
}()

// outlineOf looks at a date or at a layout. Blanks that follow each other are one, as to Go.
func outlineOf(s string) outline {
	var o outline
	n, word := 0, true // the next byte begins a word
	for i := 0; i < len(s) && n < len(o.marks); i++ {
		switch c := s[i]; {
		case c-'0' < 10:
			word = false
		case (c|0x20)-'a' < 26:
			o.letters[n] = o.letters[n] || word
			word = false
		case c == ' ' && i > 0 && s[i-1] == ' ':
		default:
			o.marks[n] = c
			n++
			word = true
		}
	}
	return o
}

// fits says whether a date that looks like is may be of a layout that looks like o. A fraction
// may stand behind the seconds of any.
func (o outline) fits(is outline) bool {
	for i, m := range o.marks {
		if o.letters[i] != is.letters[i] {
			return false
		}
		if m != is.marks[i] {
			return m == 0 && (is.marks[i] == '.' || is.marks[i] == ',')
		}
	}
	return true
}
