package normalize

import (
	"slices"
	"strings"
	"time"
)

// when finds the time of an event that no key of the dictionary told: a key that is named
// so and holds a date.
func (s *knownStep) when(r *run) {
	s.dateAndTime(r)
	if r.ev.Has(s.what.at) {
		return
	}
	found := ""
	for key, text := range r.ev.Vendor {
		if len(text) < 9 || len(text) > 40 || !timeKey(key) {
			continue
		}
		if t, ok := r.parseTime(vAny, text); ok && t.Year() > 2000 && t.Before(r.now.Add(48*time.Hour)) && (found == "" || strings.Count(key, ".") < strings.Count(found, ".")) {
			r.ev.SetTime(s.what.at, t)
			found = key
		}
	}
}

// dateAndTime joins a date and the time of day that stands under a key of its own.
func (s *knownStep) dateAndTime(r *run) {
	for key, date := range r.ev.Vendor {
		if len(date) < 8 || len(date) > 11 || strings.IndexByte(date, ':') >= 0 || !strings.HasSuffix(strings.ToLower(key), "date") || !timeKey(key) {
			continue
		}
		stem := key[:len(key)-len("date")]
		for k, clock := range r.ev.Vendor {
			if len(k) != len(key) || !strings.HasPrefix(k, stem) || !strings.EqualFold(k[len(stem):], "time") || len(clock) < 5 || strings.IndexByte(clock, ':') < 1 {
				continue
			}
			day, isDay := r.parseTime(vAny, date)
			if t, ok := r.parseTime(vAny, date+" "+clock); ok && isDay && (!r.ev.Has(s.what.at) || day.UnixNano() == r.ev.Get(s.what.at).Int()) {
				r.ev.SetTime(s.what.at, t)
			}
			return
		}
	}
}

// timeKey says whether a key's name is one of a time, and of none that is to come, or of
// something older than the event.
func timeKey(key string) bool {
	var buf [2 * maxKnown]byte
	name := string(plainKey(buf[:0], key[strings.LastIndexByte(key, '.')+1:]))
	ends := func(w string) bool { return strings.HasSuffix(name, w) }
	holds := func(w string) bool { return strings.Contains(name, w) }
	return (ends("time") || ends("timestamp") || ends("date") || ends("datetime") || ends("timems") || ends("at") && len(name) > 4 && ends("edat") || name == "when") &&
		!slices.ContainsFunc([]string{"expir", "until", "birth", "next", "valid", "install", "boot", "uptime", "runtime", "license", "password", "modif", "update"}, holds)
}
