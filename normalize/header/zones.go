package header

import (
	"strings"
	"sync"
	"time"
)

// Zone reads a zone that stands alone, +0200, UTC+02:00, GMT-5 or the name that a device
// prints, as seconds east of UTC.
func Zone(s string) (east int, ok bool) {
	if hours, ok := zoneHours(s); ok {
		return hours * 3600, true
	}
	if s == "" || strings.IndexByte("+-UG", s[0]) < 0 {
		return 0, false
	}
	east, known, end := readZone(s, 0)
	return east, known && end == len(s) && time.Duration(east)*time.Second <= farthest && east >= -int(farthest/time.Second)
}

// wall is what a zone's clocks show at t, as if that were UTC.
func wall(t time.Time, zone *time.Location) time.Time {
	if zone == time.UTC {
		return t
	}
	_, east := t.In(zone).Zone()
	return t.Add(time.Duration(east) * time.Second)
}

// named is t, which was read as in zone, as in the zone of that name. False: nobody knows
// the zone. A name that the world has twice (CST, IST) is the zone's own where that goes by it.
func named(t time.Time, zone *time.Location, name string) (time.Time, bool) {
	if own, _ := t.In(zone).Zone(); own == name {
		return t, true
	}
	if hours, ok := zoneHours(name); ok {
		return wall(t, zone).Add(-time.Duration(hours) * time.Hour), true
	}
	if in := place(name); in != nil {
		return clockIn(t, zone, in), true
	}
	if len(name) == 2 && name[1] == 'T' && strings.IndexByte("ECMP", name[0]) >= 0 { // NX-OS: "ET", summer or winter
		t = wall(t, zone)
		hours := 5 + strings.IndexByte("ECMP", name[0])
		if summer(t) {
			hours--
		}
		return t.Add(time.Duration(hours) * time.Hour), true
	}
	return t, false
}

// clockIn is when a clock in a place showed what was read as if it were in zone.
func clockIn(t time.Time, zone, in *time.Location) time.Time {
	w := wall(t, zone)
	return time.Date(w.Year(), w.Month(), w.Day(), w.Hour(), w.Minute(), w.Second(), w.Nanosecond(), in).UTC()
}

// regions begin the names of zones in the IANA database.
var regions = map[string]bool{"Africa": true, "America": true, "Antarctica": true, "Asia": true, "Atlantic": true, "Australia": true, "Europe": true, "Indian": true, "Pacific": true, "Etc": true, "US": true}

// places are the zones that were asked for by such a name; nil: this machine knows none of that name.
var places struct {
	sync.Mutex
	known map[string]*time.Location
}

// maxPlaces bounds what is kept: the database has some 600 names. Made-up ones, which a device can send without
// end, take nobody's place for long: all are forgotten then.
const maxPlaces = 1000

// place is the zone that a date names as the IANA database does, Europe/Berlin.
func place(name string) *time.Location {
	region, _, ok := strings.Cut(name, "/")
	if !ok || !regions[region] || len(name) > len("America/Argentina/ComodRivadavia") || strings.Trim(name[len(name)-1:], "/.") == "" {
		return nil
	}
	places.Lock()
	defer places.Unlock()
	in, asked := places.known[name]
	if asked {
		return in
	}
	in, err := time.LoadLocation(name)
	if err != nil {
		in = nil
	}
	if places.known == nil || len(places.known) == maxPlaces {
		places.known = map[string]*time.Location{}
	}
	places.known[strings.Clone(name)] = in
	return in
}

// offset reads "+02:00", "UTC+02:00" or "GMT-5" at s[n:], behind a blank or not, where t, read
// as in zone, stands in front. end 0: there is none.
func offset(s string, t time.Time, n int, zone *time.Location) (in time.Time, end int) {
	i := n
	if i < len(s) && s[i] == ' ' {
		i++
	}
	if i >= len(s) || strings.IndexByte("+-UG", s[i]) < 0 {
		return t, 0
	}
	bare := s[i] == '+' || s[i] == '-'
	east, known, end := readZone(s, i)
	off := time.Duration(east) * time.Second
	switch {
	case !known, bare && end < i+len("+0200"), end < len(s) && s[end] != ' ' && s[end] != ':':
		return t, 0 // a word that only begins so
	case off.Abs() > farthest, Instant(s[:n]):
		return t, 0
	}
	return wall(t, zone).Add(-off), end
}

// farthest is Kiribati, half a day and two hours ahead of UTC.
const farthest = 14 * time.Hour

// Instant says whether a stamp tells its instant already: by an offset of its own, or as
// seconds of the epoch.
func Instant(stamp string) bool {
	return stamp[len(stamp)-1] == 'Z' || strings.IndexByte(stamp, ':') < 0 || strings.ContainsAny(stamp[max(0, len(stamp)-6):], "+-")
}

// summer says whether a local time of the United States is daylight time: from the
// second Sunday of March to the first of November, at two o'clock.
func summer(t time.Time) bool {
	first := func(m time.Month, week int) time.Time {
		d := time.Date(t.Year(), m, 1, 2, 0, 0, 0, time.UTC)
		return d.AddDate(0, 0, (7-int(d.Weekday()))%7+7*week)
	}
	return !t.Before(first(time.March, 1)) && t.Before(first(time.November, 0))
}

// ambiguous says whether a name is that of several zones: IST is India's, Israel's and Ireland's, AST
// Arabia's and the Atlantic's. A time in one counts as the input's zone, and the word is no host.
func ambiguous(name string) bool {
	return name == "IST" || name == "AST" || name == "GST" || name == "ACST"
}

// hostAndTag says whether s is "host sshd[12]: text" or "host su: text": a word in front of it is none of them.
func hostAndTag(s string) bool {
	host, rest, _ := strings.Cut(s, " ")
	tag, _, _ := strings.Cut(rest, " ")
	return host != "" && strings.IndexByte(":]", host[len(host)-1]) < 0 && len(tag) > 1 && tag[len(tag)-1] == ':'
}

// zoneHours knows the zone names that network devices print. Names are ambiguous
// the world over (CST, IST, BST); these are the ones of Cisco's documentation,
// and those that mean two things half an hour or more apart in it are left out.
func zoneHours(name string) (int, bool) {
	switch name {
	case "UTC", "GMT", "WET", "Z":
		return 0, true
	case "CET", "BST", "WEST", "MET":
		return 1, true
	case "CEST", "EET", "MEST", "SAST":
		return 2, true
	case "EEST", "MSK":
		return 3, true
	case "SGT", "AWST", "HKT":
		return 8, true
	case "JST", "KST":
		return 9, true
	case "AEST":
		return 10, true
	case "AEDT":
		return 11, true
	case "NZST":
		return 12, true
	case "NZDT":
		return 13, true
	case "ADT":
		return -3, true
	case "EDT":
		return -4, true
	case "EST", "CDT":
		return -5, true
	case "CST", "MDT":
		return -6, true
	case "MST", "PDT":
		return -7, true
	case "PST", "AKDT":
		return -8, true
	case "AKST":
		return -9, true
	case "HST":
		return -10, true
	}
	return 0, false
}
