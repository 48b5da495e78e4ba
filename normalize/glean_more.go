package normalize

import (
	"strings"
	"time"

	"sluice/event"
	"sluice/normalize/header"
)

// gleanMore is what glean takes with wide: true.
type gleanMore struct {
	level, method, version, status, direction, at event.Field
	mac                                           target
	macField                                      event.Field
	protocol, agent, email, userID, action        event.Field
	path                                          target
	rule                                          event.Field
	from, to, subject                             event.Field
	bytes                                         [2]event.Field // of the source, the destination
	question                                      [2]event.Field // name, type
	referrer                                      event.Field
	prose                                         gleanProse
}

// levels are words that programs write in front of a message.
var levels = map[string]string{
	"trace": "trace", "debug": "debug", "info": "info", "information": "info", "informational": "info", "notice": "notice", "warn": "warning", "warning": "warning", "error": "error", "err": "error",
	"crit": "critical", "critical": "critical", "fatal": "fatal", "severe": "severe", "emerg": "emergency", "emergency": "emergency", "alert": "alert",
}

// maxLevelWord is how far in front a level stands.
const maxLevelWord = 10

// directions are words for where a connection goes.
var directions = map[string]string{"inbound": "inbound", "incoming": "inbound", "outbound": "outbound", "outgoing": "outbound"}

func (m *gleanMore) read(r *run, s *gleanStep, text string, ws []word) {
	ev := r.ev
	m.mail(ev, text, ws)
	s.columns(r, ws)
	for i := range ws {
		w := &ws[i]
		if l := w.sense.level; l != "" && i < maxLevelWord && !ev.Has(m.level) && (strings.ToUpper(w.text) == w.text || w.open == '<' && w.shut == '>' || w.open == '[' && w.shut == ']') {
			ev.SetText(m.level, w.lower)
		}
		if i < maxChannelWord && !ev.Has(m.level) {
			m.ofChannel(ev, w)
		}
		if d := w.sense.direction; d != "" && !ev.Has(m.direction) && s.source.addr.isSet(ev) && s.target.addr.isSet(ev) {
			ev.SetText(m.direction, d)
		}
		m.prose.read(r, s, ws, i)
		m.request(r, s, ws, i)
		if i == 0 {
			continue
		}
		m.asked(ev, ws, i)
		switch before := ws[i-1].lower; before {
		case "mac", "cli", "sta", "station", "supplicant", "host", "client", "device", "endpoint", "peer", "user":
			if isMAC(w.text) && !ev.Has(m.macField) {
				m.mac.put(r, w.text)
			}
		case "prot", "proto", "protocol":
			if s.proto.suits(w.text) && !s.proto.isSet(ev) {
				s.proto.put(r, w.text)
			}
			m.spoken(ev, w)
		case "via", "over", "using":
			m.spoken(ev, w)
		case "file", "uploaded", "downloaded":
			if isFilePath(w) && !ev.Has(m.method) && !m.path.isSet(ev) {
				m.path.put(r, w.text)
			}
		case "rule", "policy", "signature":
			name := inQuotes(text, &ws[i-1], w)
			if name == "" && i > 1 && ws[i-2].lower == "by" && ws[i-1].mark == 0 && isName(w) && !isNumber(w.text) {
				name = w.text // blocked by rule web-out
			}
			if name != "" && !ev.Has(m.rule) {
				ev.SetText(m.rule, name)
			}
		case "action", "verdict":
			if ws[i-1].mark == ':' && isWord(w.text) && !ev.Has(m.action) {
				ev.SetText(m.action, w.text)
			}
		case "sent", "received":
			if _, isNum := atoi(w.text); isNum && i+1 < len(ws) && ws[i+1].lower == "bytes" && s.source.addr.isSet(ev) && s.target.addr.isSet(ev) {
				if f := m.bytes[index01(before == "received")]; !ev.Has(f) {
					ev.SetText(f, w.text)
				}
			}
		case "get", "post", "put", "head", "delete", "options", "patch", "connect", "propfind", "trace":
			if i+1 < len(ws) && strings.HasPrefix(ws[i+1].text, "HTTP/") && !ev.Has(m.method) && ws[i-1].text != before {
				ev.SetText(m.method, ws[i-1].text)
				ev.SetText(m.version, ws[i+1].text[len("HTTP/"):])
				if !s.url.isSet(ev) && (before != "connect" || !m.prose.connect(ev, w.text)) {
					s.url.put(r, w.text)
				}
				if i+2 < len(ws) && checks["http.response.status_code"](ws[i+2].text) && !ev.Has(m.status) {
					ev.SetText(m.status, ws[i+2].text)
				}
			}
		}
	}
}

// maxChannelWord is how far in front a channel with its level stands: a date, a time and a zone
// are before it.
const maxChannelWord = 4

// ofChannel reads the level behind a logger's channel, as PHP's write it: security.WARNING:.
func (m *gleanMore) ofChannel(ev *event.Event, w *word) {
	dot := strings.LastIndexByte(w.text, '.')
	if dot < 1 || w.mark != ':' {
		return
	}
	level := w.text[dot+1:]
	if levels[w.lower[dot+1:]] != "" && strings.ToUpper(level) == level {
		ev.SetText(m.level, w.lower[dot+1:])
	}
}

// isMAC knows the spellings of a hardware address: one mark between groups of as many digits,
// so that 203.0.113.7:5060 is none.
func isMAC(s string) bool {
	digits, group, mark := 0, 0, byte(0)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c-'0' < 10, (c|0x20)-'a' < 6:
			digits++
		case c == ':', c == '-', c == '.':
			if mark == 0 {
				group, mark = digits, c
			}
			if mark != c || group == 0 || digits%group != 0 || s[i-1] == c {
				return false
			}
		default:
			return false
		}
	}
	return digits == 12 && len(s) > 12
}

// maxFront is how far in front a date stands, and how long one is.
const maxFront = 48

// front reads a date that begins the text, or follows a first word in brackets, where no
// header has one.
func (m *gleanMore) front(r *run, text string) {
	if r.ev.Has(m.at) {
		return
	}
	if i := strings.Index(text, "] "); i > 0 && i < 12 && text[0] == '[' && m.date(r, text[i+2:]) {
		return
	}
	if m.date(r, strings.TrimLeft(text, "[(\"'")) {
		return
	}
	if i := strings.IndexByte(text, '|'); i > 0 && i < 24 && m.date(r, strings.TrimLeft(text[i+1:], " ")) {
		return // AUDIT|2026-03-02T08:59:59Z|
	}
	word, rest, _ := strings.Cut(text, " ")                     // INFO  2026-03-02 08:59:59,123, or Ruby's I, [2026-03-02T08:59:59
	word = strings.TrimLeft(strings.TrimRight(word, ",:"), "[") // and Tornado's [W 2026-03-02 08:59:59
	if levels[lower(r.ev, word)] != "" || len(word) == 1 && strings.IndexByte("DIWEF", word[0]) >= 0 {
		if m.date(r, strings.TrimLeft(rest, " [(")) {
			return
		}
	}
	m.boxed(r, text)
}

// maxBoxed is how far in front a date in brackets stands: behind a client, who it says it is, a
// bucket, or what sort of record it is.
const maxBoxed = 256

// boxed reads a date that stands in brackets behind the first words, as in access logs:
// 192.0.2.1 - ann [02/Mar/2026:08:59:59 +0000], Event [7] [2026-03-02T08:59:59Z].
func (m *gleanMore) boxed(r *run, text string) {
	front := text[:min(len(text), maxBoxed)]
	for at := strings.IndexByte(front, '['); at >= 0; {
		rest := text[at+1:]
		if end := strings.IndexByte(rest, ']'); end > 15 && end < 36 && rest[0]-'0' < 10 {
			if t, n := header.CLF(rest[:end], r.zone); n > 0 {
				r.ev.SetTime(m.at, t)
				return
			}
			if t, n := header.ISO(rest[:end], r.zone); n == end {
				r.ev.SetTime(m.at, t)
				return
			}
		}
		next := strings.IndexByte(front[at+1:], '[')
		if next < 0 {
			return
		}
		at += 1 + next
	}
}

// date sets the time by what text begins with; of the places where it may end the last
// one counts that leaves a date.
func (m *gleanMore) date(r *run, text string) bool {
	text = text[:min(len(text), maxFront)]
	if word, _, _ := strings.Cut(text, " "); len(word) == 16 && word[8] == 'T' || len(word) > 9 && len(word) < 18 && word[0] == '1' && strings.Trim(word, "0123456789.") == "" {
		t, ok := header.Any(word, r.now, r.zone) // 20260302T085959Z, 1772441999.123
		return ok && t.Sub(r.now).Abs() < 365*24*time.Hour && r.ev.SetTime(m.at, t)
	}
	clock := strings.IndexByte(text, ':')
	if clock < 1 || text[clock-1]-'0' > 9 {
		return false
	}
	for end := len(text); end > clock+2; end-- {
		if end < len(text) && strings.IndexByte(" ]|\",;)\t/", text[end]) < 0 {
			continue
		}
		if t, ok := header.Any(strings.TrimRight(text[:end], " -:"), r.now, r.zone); ok {
			return r.ev.SetTime(m.at, t)
		}
	}
	return false
}
