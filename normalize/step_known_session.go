package normalize

import (
	"strings"

	"sluice/event"
)

// tunnels are what the action of a gateway says of a connection to it, alone or behind one of
// tunnelNames.
var tunnels = map[string]string{"connect": "start", "connected": "start", "disconnect": "end", "disconnected": "end"}

// tunnelNames begin such an action; behind all but the last stand phases too: tunnelTerminated.
var tunnelNames = [...]string{"tunnel", "session", "vpn", "client"}

// tunnelOf says whether an action, without what is between its words, is the start or the end of a
// connection to a gateway; "" if neither.
func tunnelOf(action string) string {
	for _, name := range tunnelNames {
		is, ok := strings.CutPrefix(action, name)
		switch {
		case !ok:
		case name == "client" || tunnels[is] != "":
			return tunnels[is]
		case is == "up":
			return "start"
		case is == "down":
			return "end"
		default:
			return phases[is]
		}
	}
	return tunnels[action]
}

// tunnel tells that somebody connected to a gateway, or left it.
func (s *knownStep) tunnel(ev *event.Event, keys []vendorKey) bool {
	var buf [maxKnown]byte
	plain := string(plainKey(buf[:0], ev.Text(s.action)))
	typ := tunnelOf(plain)
	for i := 0; i < len(keys) && typ == "" && (plain == "vpn" || plain == "sslvpn" || plain == "tunnel"); i++ {
		if k := &keys[i]; (k.name == "status" || k.name == "state") && own(k.parents) && len(k.text) < 16 {
			typ = tunnels[strings.ToLower(k.text)] // "type":"vpn","status":"connected"
		}
	}
	if typ == "" {
		return false
	}
	ev.Add(s.category, "network")
	if !ev.Has(s.kind) {
		ev.Add(s.kind, "connection")
		ev.Add(s.kind, typ)
	}
	return true
}

// sessionOf is what becomes of somebody's session by the name of the action, which says nothing
// else: session.expired, SESSION_CREATE, "" if nothing.
func sessionOf(action string) (is string) {
	if len(action) > 40 {
		return ""
	}
	of := false
	for word := range strings.FieldsFuncSeq(action, betweenWords) {
		switch word = strings.ToLower(word); {
		case word == "session" || word == "sessions":
			of = true
		case sessionWords[word] != "":
			is = sessionWords[word]
		case word != "user" && word != "web" && word != "admin" && word != "out":
			return ""
		}
	}
	if !of {
		return ""
	}
	return is
}

// session is sessionOf for a record, whose text says it where no key names what happened.
func (s *knownStep) session(ev *event.Event) string {
	if name := s.nameOf(ev); name != "" {
		return sessionOf(name)
	}
	return sessionOf(ev.Text(s.what.title))
}

// sessionWords say what becomes of a session.
var sessionWords = map[string]string{
	"create": "start", "created": "start", "start": "start", "started": "start", "open": "start", "opened": "start", "begin": "start", "established": "start",
	"delete": "end", "deleted": "end", "end": "end", "ended": "end", "close": "end", "closed": "end", "expire": "end", "expired": "end", "terminate": "end", "terminated": "end", "destroy": "end", "destroyed": "end",
	"timeout": "end", "timed": "end", "revoke": "end", "revoked": "end", "logout": "end", "stop": "end", "stopped": "end", "kill": "end", "killed": "end",
}

// phases are words for what becomes of a connection.
var phases = map[string]string{
	"start": "start", "started": "start", "open": "start", "opened": "start", "built": "start", "established": "start", "begin": "start", "setup": "start", "new": "start", "init": "start",
	"end": "end", "ended": "end", "close": "end", "closed": "end", "teardown": "end", "terminated": "end", "finish": "end", "finished": "end", "timeout": "end", "torn": "end", "expired": "end", "stop": "end", "stopped": "end", "exit": "end", "exited": "end",
}

// flowWords name a connection.
var flowWords = wordSet("session connection conn flow tunnel traffic tcp udp circuit link")

// betweenWords tells what stands between the words of an action.
func betweenWords(c rune) bool { return c == ' ' || c == '-' || c == '_' || c == '.' || c == ':' }

// phaseOf is the first of phases that an action tells: process_start, Process stopped.
func phaseOf(action string) string {
	if len(action) >= 40 {
		return ""
	}
	var buf [80]byte
	action = string(lowWords(buf[:0], action)) // ProcessStart
	for word := range strings.FieldsFuncSeq(action, betweenWords) {
		if p := phases[word]; p != "" {
			return p
		}
	}
	return ""
}

// phase is what becomes of a connection by the name of the action, which says nothing else:
// close, session-end, TCP connection opened; "" if nothing.
func phase(action string) (is string) {
	if len(action) > 40 {
		return ""
	}
	for word := range strings.FieldsFuncSeq(action, betweenWords) {
		word = strings.ToLower(word)
		if p := phases[word]; p != "" && is == "" {
			is = p
		} else if !flowWords[word] {
			return ""
		}
	}
	return is
}
