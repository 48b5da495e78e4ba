package header

import "strings"

// rfc5424 reads TIMESTAMP HOSTNAME APP-NAME PROCID MSGID SD MSG, and what devices
// make of it: fields left out, no structured data, a BSD tag instead of APP-NAME.
func (r *reader) rfc5424(s string) (msg string, ok bool) {
	h := *r.h // kept only if the whole header fits
	stamp, rest, ok := strings.Cut(s, " ")
	if !ok {
		return "", false
	}
	if t, n := ISO(stamp, r.zone); n == len(stamp) && n > 0 {
		h.Time, h.HasTime = t, true
	} else if stamp != "-" {
		return "", false
	}
	h.Host, h.Program, h.PID, h.MsgID = "", "", "", ""
	s = rest
	var behind [5]string // what is left behind each field
	behind[0] = s
	n := 0
	for n < 4 {
		tok, rest, ok := strings.Cut(s, " ")
		if !ok || n > 0 && !isToken(tok) && (n != 1 || !isBracketed(tok, rest)) && (n != 2 || !isErlangPID(tok)) {
			break
		}
		if n == 1 && len(tok) > 1 && tok[len(tok)-1] == ':' { // "host prog[1]: text": the tag of RFC 3164
			if h.program(tok[:len(tok)-1]) {
				h.behind(r.h.Host)
				*r.h = h
				return strings.TrimLeft(rest, " "), true
			}
			break
		}
		if tok != "-" {
			switch n {
			case 0:
				h.Host = tok
			case 1:
				h.Program = tok
			case 2:
				h.PID = tok
			default:
				h.MsgID = tok
			}
		}
		s, n = rest, n+1
		behind[n] = s
	}
	s, sd := structured(s)
	if sd != "" {
		h.StructuredData = sd
	} else if n == 4 && len(s) == len(behind[4]) { // no SD, nor the "-" for none: were there all fields?
		switch {
		case h.PID != "" && !allDigits(h.PID) && !isErlangPID(h.PID):
			h.PID, h.MsgID, s = "", "", behind[2]
		case h.MsgID != "" && !isMsgID(h.MsgID):
			h.MsgID, s = "", behind[3]
		}
	}
	h.behind(r.h.Host)
	*r.h = h
	// All spaces go, as behind a BSD tag: rsyslog keeps the one of a relayed line, and sudo pads.
	return strings.TrimPrefix(strings.TrimLeft(s, " "), "\ufeff"), true
}

// behind notes the host of the header that stands in front; "": there is none.
func (h *Header) behind(relay string) {
	switch {
	case h.Host == "":
		h.Host = relay
	case h.Host != relay && h.Relay == "":
		h.Relay = relay
	}
}

// structured takes structured data, or the "-" for none, off the front.
func structured(s string) (rest, sd string) {
	if strings.HasPrefix(s, "[") {
		if n := sdEnd(s); n > 0 {
			return s[n:], s[:n]
		}
	} else if s == "-" || strings.HasPrefix(s, "- ") {
		return s[1:], ""
	}
	return s, ""
}

// isToken says whether a word may be APP-NAME, PROCID or MSGID: CEF, LEEF, key=value,
// JSON and texts in quotes stand behind headers that end early.
func isToken(s string) bool {
	if s == "" || strings.IndexByte("{[<(", s[0]) >= 0 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if noToken[s[i]] {
			return false
		}
	}
	return true
}

// isBracketed tells a name in brackets, as systemd's (sd-pam) and Squid's (squid-1) have it,
// from the beginning of a text by the PROCID behind it.
func isBracketed(s, rest string) bool {
	pid, _, ok := strings.Cut(rest, " ")
	return ok && (pid == "-" || allDigits(pid)) && len(s) > 2 && s[0] == '(' && s[len(s)-1] == ')' && isToken(s[1:len(s)-1])
}

// isErlangPID tells a process of Erlang's (<0.3011.0>), which RabbitMQ and its like give as
// PROCID, from the beginning of a text.
func isErlangPID(s string) bool {
	if len(s) < 7 || s[0] != '<' || s[len(s)-1] != '>' {
		return false
	}
	dots := 0
	for i := 1; i < len(s)-1; i++ {
		switch {
		case s[i] == '.' && s[i-1] != '.' && i > 1 && i < len(s)-2:
			dots++
		case s[i]-'0' >= 10:
			return false
		}
	}
	return dots == 2
}

var noToken = [256]bool{'|': true, '=': true, ',': true, '"': true}

// isMsgID tells ids (ID47, RT_FLOW, http-access) from the words of a text without
// structured data in front of it.
func isMsgID(s string) bool {
	lower := true
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c-'0' < 10 || c == '_' || c == '-' || c == '/' || c == '@':
			return true
		case c == '.' || c == ':' || c == ';':
			return false
		case c-'A' < 26 && i > 0:
			return true
		case c-'A' < 26:
			lower = false
		}
	}
	return !lower && len(s) == 1
}

// relayed reads a device's own header behind one that names no program: so a relay of RFC
// 5424 writes that did not understand the device's. What begins with a time and names no
// program either may be a record of its own, and stays whole.
func (r *reader) relayed(s string) string {
	h := r.h
	if h.Program != "" || h.PID != "" || h.MsgID != "" || h.StructuredData != "" || len(s) < 16 {
		return s
	}
	was := *h
	if s[0] == '<' || s[0] == '1' && s[1] == ' ' {
		if rest, ok := r.innerPri(s); ok && h.Program != "" {
			return rest
		} else if ok {
			s = rest
		} else if rest, ok := r.undated(s); ok {
			return rest
		}
	}
	if _, n := r.stamp(s); n > 0 && h.Host == was.Host {
		bsd := s[0]-'A' < 26 // "Mar  2 09:00:00 host ..." begins no record of a program's own
		behind := strings.TrimLeft(s[n:], " ")
		if bsd && strings.HasPrefix(behind, ": ") { // a header without a host
			return behind[2:]
		}
		if rest := r.tolerant(s); h.Program != "" || bsd && h.Host != was.Host || strings.HasPrefix(strings.TrimLeft(rest, ": "), "%") {
			return rest
		}
	}
	rest := s
	*h = was
	return rest
}
