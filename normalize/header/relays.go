package header

import "strings"

// innerPri reads a second <PRI>, in front of a second time or of a header of RFC 5424;
// that one may also have lost its PRI on the way, or come with its octet count.
func (r *reader) innerPri(s string) (string, bool) {
	if len(s) > 0 && s[0]-'0' < 10 {
		s = front(s)
	}
	if len(s) < 3 || s[0] != '<' {
		if len(s) > 24 && s[0] == '1' && s[1] == ' ' && s[2]-'0' < 10 {
			return r.version(s)
		}
		return s, false
	}
	was := r.h.Pri
	rest, ok := r.pri(s)
	if ok {
		if rest, ok := r.version(rest); ok {
			return rest, true
		}
		rest = strings.TrimPrefix(r.prelude(colon(rest)), "1 ") // Meraki's version
		if _, n := r.stamp(rest); n > 0 {
			return rest, true
		}
	}
	r.h.Pri = was
	return s, false
}

// undated reads the device's own header behind a relay's where it has no time that stamp knows, or none
// at all: "<132>DefensePro: 02-03-2026 10:15:01 WARNING ...". What names no program is the message.
func (r *reader) undated(s string) (rest string, ok bool) {
	if r.inner || len(s) < 3 || s[0] != '<' {
		return s, false
	}
	was := *r.h
	*r.h, r.inner = Header{Pri: -1}, true
	if rest, ok = r.pri(s); ok {
		rest = r.tolerant(rest)
	}
	if !ok || r.h.Program == "" {
		*r.h = was
		return s, false
	}
	switch {
	case r.h.Host == "":
		r.h.Host, r.h.Relay = was.Host, was.Relay
	case r.h.Host != was.Host:
		r.h.Relay = was.Host
	}
	if !r.h.HasTime {
		r.h.Time, r.h.HasTime, r.h.Yearless = was.Time, was.HasTime, was.Yearless
	}
	return rest, true
}

// headerBehind says whether another header begins behind a host: then that was a
// relay, and the device's own follows.
func (r *reader) headerBehind(s string) (string, bool) {
	if _, n := r.stamp(s); n > 0 {
		return s, true
	}
	if len(s) > 2 && (s[0]-'0' < 10 || s[0] == '*' || s[0]-'A' < 26 && s[2] == '/' || r.sequenceBehind(s)) {
		relay := r.h.Host
		if at := r.prelude(s); len(at) != len(s) {
			if r.h.Host != relay && r.h.Relay == "" {
				r.h.Relay = relay
			}
			return at, true
		}
		return s, s[0] == '1' && s[1] == ' ' // a header of RFC 5424 that lost its PRI
	}
	return s, false
}
