package normalize

import (
	"strings"

	"sluice/event"
)

// gleanWide is what glean takes with wide: true.
type gleanWide struct {
	level, method, version, status, direction, at event.Field
	mac                                           target
	macField                                      event.Field
	protocol, agent, email, userID, action        event.Field
	path                                          target
	rule                                          event.Field
	from, to, subject                             event.Field
	bytes                                         [2]event.Field // of the source, the destination
	question                                      [3]event.Field // name, type, and the code of the answer
	referrer                                      event.Field
	hash                                          target // of a file
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

func (m *gleanWide) read(r *run, s *gleanStep, text string, ws []word) {
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
		m.digest(ev, s, ws, i)
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
		case "in":
			if isFilePath(w) && hasExtension(w.text) && ev.Text(m.prose.kind) == "alert" && !m.path.isSet(ev) {
				m.path.put(r, w.text) // threat found: x in C:\x.exe
			}
		case "file", "uploaded", "downloaded":
			if isFilePath(w) && !ev.Has(m.method) && !m.path.isSet(ev) {
				m.path.put(r, w.text)
			} else if before == "file" && !s.name.isSet(ev) && !m.path.isSet(ev) && isFileName(w) {
				s.name.put(r, w.text)
			}
		case "rule", "policy", "signature":
			name := inQuotes(text, &ws[i-1], w)
			if name == "" && i > 1 && ws[i-2].lower == "by" && ws[i-1].mark == 0 && isName(w) && !isNumber(w.text) {
				name = w.text // blocked by rule web-out
			}
			if name == "" && isNumber(w.text) && i+1 < len(ws) && !ev.Has(m.rule) {
				if name = inQuotes(text, w, &ws[i+1]); name != "" && !s.ruleID.isSet(ev) {
					s.ruleID.put(r, w.text) // signature 40012 "SQL injection"
				}
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

// ofChannel reads the level behind a part of a program: security.WARNING: as PHP's loggers write it, [core:error] as Apache does.
func (m *gleanWide) ofChannel(ev *event.Event, w *word) {
	if part, level, ok := strings.Cut(w.text, ":"); ok && w.open == '[' && w.shut == ']' && isWord(part) { // [core:error]
		if low := lower(ev, level); levels[low] != "" {
			ev.SetText(m.level, low)
		}
		return
	}
	dot := strings.LastIndexByte(w.text, '.')
	if dot < 1 || w.mark != ':' {
		return
	}
	level := w.text[dot+1:]
	if low := lower(ev, level); levels[low] != "" && strings.ToUpper(level) == level {
		ev.SetText(m.level, low)
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
