package header

import (
	"strings"
	"time"
)

// plain reads in one pass what most lines begin with: time, host and a program ("Mar  2 08:59:59
// web1 sshd[12]: "), time and host in front of a text that is surely none of these, or PAN-OS's
// time and its record. It takes only what general reads to the same, and leaves all else to it:
// what stands behind the time might be a year, a zone or a level, and behind the host another
// header. General goes through so much code that the first cache of a CPU does not hold it.
func (r *reader) plain(s string) (text string, ok bool) {
	h := r.h
	end := plainStamp(s)
	if end == 0 || h.HasTime || h.Host != "" {
		return s, false
	}
	own := h.Pri < 0 && s[0]-'0' < 10 // perhaps of a program's own file, where no host follows the time
	host, program, pid := "", "", ""
	if text = s[end+1:]; own || !isPANOS(text) {
		host = plainName(text)
		// a word of three letters is a month's, mostly
		if text = text[len(host):]; len(text) < 5 || text[0] != ' ' || text[4] == ' ' && text[3] != ':' || !isPlainHost(host) || saysRepeated(text[1:], host) {
			return s, false
		}
		text = text[1:]
		program = plainName(text)
		switch behind, number, is := plainTag(text[len(program):]); {
		case is && isPlainProgram(program) && (number != "" || !own && !isLoud(program)):
			text, pid = behind, number
		case is || own || !isText(text):
			return s, false
		default:
			program = ""
		}
	}
	var t time.Time
	n := 0
	if s[0]-'0' < 10 {
		t, n = ISO(s, r.zone)
	} else {
		t, n = r.memo.bsd(s, r.received, r.zone)
	}
	if n != end {
		return s, false
	}
	h.Time, h.HasTime, h.Yearless, h.Host, h.Program, h.PID = t, true, s[0]-'0' >= 10, host, program, pid
	r.received = t
	return text, true
}

// saysRepeated says whether what stands in a host's place begins what syslogd says instead of a
// message that came again: it names no host then.
func saysRepeated(text, host string) bool {
	return host == "last" && strings.HasPrefix(text, "message repeated ")
}

// plainStamp is where the blank behind what may be a stamp stands, or 0.
func plainStamp(s string) int {
	const longest = len("2026-03-02T08:59:59.123456789+01:00")
	switch {
	case len(s) <= longest+1:
		return 0
	case s[0]-'A' < 26 && s[stampLen] == ' ':
		return stampLen
	case s[0]-'0' < 10 && s[4] == '-' && s[10] == 'T':
		return max(strings.IndexByte(s[:longest+1], ' '), 0)
	}
	return 0
}

// plainByte is what plain names consist of; programs may have slashes, too.
var plainByte = byteSet("-_./")

// plainName is the name that s begins with.
func plainName(s string) string {
	n := 0
	for n < len(s) && plainByte[s[n]] {
		n++
	}
	return s[:n]
}

// isPlainHost leaves out what may be a zone behind a time, AM or PM, a level, and an F5's blade.
func isPlainHost(s string) bool {
	switch {
	case len(s) < 2, len(s) > maxHost, strings.IndexByte(s, '/') >= 0:
		return false
	case s[0]-'0' < 10:
		return strings.Count(s, ".") == 3 && strings.Trim(s, "0123456789.") == ""
	case s[0]-'A' < 26:
		capitals := 1
		for capitals < len(s) && s[capitals]-'A' < 26 {
			capitals++
		}
		if capitals == len(s) || s[0] == 'U' || s[0] == 'G' || s[1] == 'M' {
			return false
		}
	case s[0]-'a' >= 26:
		return false
	}
	return !isLevel(s) && s != "stdout" && s != "stderr" && s != "Message" // forwarded from
}

// isPlainProgram leaves out paths, and the cards of IOS XR ("RP/0/RSP0/CPU0").
func isPlainProgram(s string) bool {
	return len(s) > 0 && len(s) <= maxProgram && (s[0]|0x20)-'a' < 26 && (len(s) < 3 || s[2] != '/')
}

// plainTag reads ": " or "[12]: " in front of a text.
func plainTag(s string) (text, number string, ok bool) {
	n := 0
	if s != "" && s[0] == '[' {
		for n++; n < len(s) && s[n]-'0' < 10; n++ {
		}
		if number = s[1:n]; number == "" || n == len(s) || s[n] != ']' {
			return s, "", false
		}
		n++
	}
	if n+2 >= len(s) || s[n] != ':' || s[n+1] != ' ' || s[n+2]-'0' < 10 { // numbers may be a Cisco device's
		return s, "", false
	}
	return strings.TrimLeft(s[n+2:], " "), number, true
}

// isText says whether what stands behind a host is surely the message: a Cisco device's mnemonic,
// JSON, CEF, a key and its value, a word of a sentence, or a record of an access log or of PAN-OS.
func isText(s string) bool {
	word, rest, _ := strings.Cut(s, " ")
	if len(word) < 3 || word[len(word)-1] == ':' {
		return false
	}
	c := word[0]
	switch {
	case c == '%' || c == '{' || c == '"':
		return true
	case c-'0' < 10:
		return isAccess(s) || isPANOS(s)
	case (c|0x20)-'a' >= 26 || word[2] == '/' || c-'A' < 26 && len(word) == 3: // a month's
		return false
	}
	name, like := true, false // it may name a host, it looks like one
	for i := range len(word) {
		switch b := word[i]; {
		case b == '[' || b == ']':
			return false
		case !hostByte[b] && b < 0x80:
			name = false
		case b <= ':':
			like = true
		}
	}
	rest = strings.TrimLeft(rest, " ")
	return !(name && (like && !isAccess(rest) || isLoud(word))) && !isLevel(word) && word != "Message" && !strings.HasPrefix(word, "kernel:") &&
		!strings.HasPrefix(rest, ":") && !tagFollows(rest)
}

// isAccess says whether s begins like a record of an access log: with an address and "-", or with a
// list of addresses.
func isAccess(s string) bool {
	word, rest, _ := strings.Cut(s, " ")
	list := strings.TrimSuffix(word, ",")
	return word != "" && word[0]-'0' < 10 && (len(list) < len(word) || strings.HasPrefix(rest, "- ")) && isPlainHost(list)
}

// isPANOS says whether s begins like a record of PAN-OS: "1,2026/03/02 ".
func isPANOS(s string) bool {
	if len(s) < len("1,2026/03/02 ") || s[0] != '1' || s[1] != ',' || s[6] != '/' || s[9] != '/' || s[12] != ' ' {
		return false
	}
	_, ok := digits(s, 2, 4)
	return ok
}
