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
		s.happened(r, keys)
		return
	}
	found, late := "", false
	for _, k := range keys {
		if len(k.text) < 9 || len(k.text) > 72 || !isTime(k.name) && !(secondsOf[k.name] && isTime(lastParent(k.parents))) {
			continue
		}
		deeper := strings.Count(k.key, ".") - strings.Count(found, ".")
		if found != "" && (deeper > 0 || deeper == 0 && (!late || isLate(k.name))) {
			continue
		}
		if t, ok := r.parseTime(vAny, k.text); ok && t.Year() > 2000 && t.Before(r.now.Add(48*time.Hour)) {
			r.putTime(s.what.at, vAny, "", k.text, t)
			found, late = k.key, isLate(k.name)
		}
	}
}

// isLate says of a key of a time that it is of when an event ended, or came to who collects it, which
// others may tell better.
func isLate(name string) bool {
	return slices.ContainsFunc([]string{"end", "receiv", "server", "ingest", "persist"}, func(w string) bool { return strings.Contains(name, w) })
}

// happenedKeys are what the time is called at which something happened, as nobody calls the time at
// which it was shipped.
var happenedKeys = wordSet("timestamp eventtime eventtimestamp eventdate eventcreatedate eventdatetime eventutctime alerttime utctime timegenerated occurredat")

// happened takes the time that an object has of its own for the one at which it happened, where what is
// @timestamp, or the time of the envelope around it, is when it was shipped, not long behind it.
func (s *knownStep) happened(r *run, keys []vendorKey) {
	const longest = time.Hour
	at := r.ev.Get(s.what.at).Time()
	var own time.Time
	text := ""
	for _, k := range keys {
		if !happenedKeys[k.name] || len(k.text) < 10 || len(k.text) > 72 || !isOwnRecord(k.parents) {
			continue
		}
		t, ok := r.parseTime(vAny, k.text)
		switch {
		case !ok || !inZone(k.text):
		case t.Equal(at):
			return // it is told so, and not by who shipped it
		case text == "" && t.Before(at) && at.Sub(t) < longest && (t.Nanosecond() != 0 || at.Sub(t) >= time.Second):
			own, text = t, k.text
		}
	}
	if text != "" {
		r.putTime(s.what.at, vAny, "", text, own)
	}
}

// isOwnRecord says of parents that what stands below them is the record itself, or all that an envelope
// is around.
func isOwnRecord(parents string) bool {
	return parents == "" || parents == "properties." || parents == "data."
}

// inZone says of a text of a time that it is the same for all: a number, or with a zone.
func inZone(text string) bool {
	if text[len(text)-1]|0x20 == 'z' || strings.Trim(text, "0123456789.") == "" {
		return true
	}
	at := strings.LastIndexAny(text, "+-")
	return at > 10 && at+5 <= len(text)
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
	return (ends("time") || ends("timestamp") || ends("date") || ends("datetime") || ends("timems") || ends("timeutc") || ends("reported") || ends("edat") && len(name) > 4 || ends("edon") || ends("created") || name == "when" || name == "received" || name == "lastactivity") &&
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
