package ingest

import "bytes"

// maxHost is the longest name that DNS allows.
const maxHost = 255

// headerHost is the host that a relay's header names, or "" where the header is none
// that a relay writes. It reads no further than that: the header as such is read by
// normalize/header.
//
//	<34>1 2026-10-11T22:14:15Z host ...     RFC 5424
//	<34>Oct 11 22:14:15 host ...            RFC 3164
//	<34>2026-10-11T22:14:15+02:00 host ...  rsyslog's forward format
func headerHost(line []byte) string {
	if !Priority(line) {
		return ""
	}
	_, rest, ok := bytes.Cut(line[:min(len(line), 512)], []byte(">"))
	if !ok {
		return ""
	}
	word, rest := cutWord(rest)
	timeless := false
	if string(word) == "1" {
		word, rest = cutWord(rest)
		timeless = string(word) == "-" // as RFC 5424 allows
	}
	switch {
	case timeless:
	case len(word) == 3: // month, then day and time
		_, rest = cutWord(bytes.TrimLeft(rest, " "))
		clock, after := cutWord(rest)
		if len(clock) < 8 || clock[2] != ':' {
			return ""
		}
		rest = after
	case len(word) >= 19 && word[4] == '-' && word[10] == 'T':
	default:
		return ""
	}
	host, _ := cutWord(rest)
	if !validHost(host) {
		return ""
	}
	return string(host)
}

func cutWord(b []byte) (word, rest []byte) {
	word, rest, _ = bytes.Cut(b, []byte(" "))
	return word, rest
}

// validHost holds the name to what hosts are called: it becomes part of keys and of what
// people read. A lone "-" is RFC 5424's word for none, and "prog:" is a program.
func validHost(b []byte) bool {
	if len(b) == 0 || len(b) > maxHost || string(b) == "-" || b[len(b)-1] == ':' && bytes.Count(b, []byte(":")) == 1 {
		return false
	}
	for _, c := range b {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '-', c == '_', c == ':':
		default:
			return false
		}
	}
	return true
}
