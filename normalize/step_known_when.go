package normalize

import (
	"slices"
	"strings"
	"time"
)

// when finds the time of an event that no key of the dictionary told: a key that is named
// so and holds a date.
func (s *knownStep) when(r *run, keys []vendorKey) {
	s.dateAndTime(r, keys)
	s.since(r, keys)
	if r.ev.Has(s.what.at) {
		return
	}
	found := ""
	for _, k := range keys {
		if len(k.text) < 9 || len(k.text) > 72 || !isTime(k.name) && !(secondsOf[k.name] && isTime(lastParent(k.parents))) {
			continue
		}
		if t, ok := r.parseTime(vAny, k.text); ok && t.Year() > 2000 && t.Before(r.now.Add(48*time.Hour)) && (found == "" || strings.Count(k.key, ".") < strings.Count(found, ".")) {
			r.putTime(s.what.at, vAny, "", k.text, t)
			found = k.key
		}
	}
}

// starts are what the time is called that something began at, of which an event is told when it ends.
var starts = wordSet("starttime startedat starteddatetime")

// since tells when that began of which it is known when it ended, and another time is the event's.
func (s *knownStep) since(r *run, keys []vendorKey) {
	if r.ev.Has(s.what.began[0]) || !r.ev.Has(s.what.began[1]) {
		return
	}
	for _, k := range keys {
		if !starts[k.name] || !own(k.parents) || len(k.text) > 72 {
			continue
		}
		if t, ok := r.parseTime(vAny, k.text); ok && !t.After(r.ev.Get(s.what.began[1]).Time()) {
			r.putTime(s.what.began[0], vAny, "", k.text, t)
			return
		}
	}
}

// secondsOf are the keys below a time that is an object: Protobuf's {"seconds":1,"nanos":0},
// Firestore's _seconds, MongoDB's {"$date":{"$numberLong":"1"}}.
var secondsOf = wordSet("seconds epochsecond date numberlong")

// dateAndTime joins a date and the time of day that stands under a key of its own.
func (s *knownStep) dateAndTime(r *run, keys []vendorKey) {
	for _, date := range keys {
		if len(date.text) < 8 || len(date.text) > 11 || strings.IndexByte(date.text, ':') >= 0 || !strings.HasSuffix(strings.ToLower(date.key), "date") || !isTime(date.name) {
			continue
		}
		stem := date.key[:len(date.key)-len("date")]
		for _, clock := range keys {
			if len(clock.key) != len(date.key) || !strings.HasPrefix(clock.key, stem) || !strings.EqualFold(clock.key[len(stem):], "time") || len(clock.text) < 5 || strings.IndexByte(clock.text, ':') < 1 {
				continue
			}
			day, isDay := r.parseTime(vAny, date.text)
			both := r.ev.Own([]byte(date.text + " " + clock.text))
			if t, ok := r.parseTime(vAny, both); ok && isDay && (!r.ev.Has(s.what.at) || day.UnixNano() == r.ev.Get(s.what.at).Int()) {
				r.putTime(s.what.at, vAny, "", both, t)
			}
			return
		}
	}
}

// isTime says whether a key's name is one of a time, and of none that is to come, or of
// something older than the event.
func isTime(name string) bool {
	ends := func(w string) bool { return strings.HasSuffix(name, w) }
	holds := func(w string) bool { return strings.Contains(name, w) }
	return (ends("time") || ends("timestamp") || ends("date") || ends("datetime") || ends("timems") || ends("edat") && len(name) > 4 || ends("edon") || ends("created") || name == "when") &&
		!slices.ContainsFunc([]string{"expir", "until", "birth", "next", "valid", "install", "boot", "uptime", "runtime", "license", "password", "modif", "update", "account", "publish"}, holds)
}

// holeKeys name a weakness that anybody may have.
var holeKeys = wordSet("cve cves cveid cveids cvename cvenumber vulnerability vulnerabilityid vulnerabilityname vulnid")

// ofHole says of a record that it tells of a weakness which has a number that all call it by.
func ofHole(keys []vendorKey) bool {
	return slices.ContainsFunc(keys, func(k vendorKey) bool {
		return holeKeys[k.name] && (strings.Contains(k.text, "CVE-") || strings.Contains(k.text, "GHSA-"))
	})
}

// isPublished says of a key of such a record that it tells when the weakness became known to all,
// and not when it was found here.
func isPublished(key string) bool {
	_, last := cutKey(key)
	const published = "published"
	return len(last) >= len(published) && strings.EqualFold(last[:len(published)], published)
}
