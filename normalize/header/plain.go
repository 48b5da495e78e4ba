package header

import (
	"strings"
	"time"
)

// plain reads what most lines of Unix hosts begin with, "Mar  2 08:59:59 web1 sshd[12]: ", also
// with the stamp of RFC 3339 or without the number, in one pass. It takes only what general reads
// to the same, and leaves all else to it: what stands behind the time might be a year, a zone or a
// level, and behind the program another header.
func (r *reader) plain(s string) (rest string, ok bool) {
	h := r.h
	end := plainStamp(s)
	if end == 0 || h.HasTime || h.Host != "" {
		return s, false
	}
	host := plainName(s, end+1)
	at := end + 1 + len(host)
	if at+2 >= len(s) || s[at] != ' ' {
		return s, false
	}
	program := plainName(s, at+1)
	at += 1 + len(program)
	if at == len(s) || s[at] != ':' && s[at] != '[' || !isPlainHost(host) || !isPlainProgram(program) {
		return s, false
	}
	pid := plainNumber(s[at:])
	if pid != "" {
		at += len(pid) + len("[]")
	} else if isLoud(program) || s[0]-'0' < 10 && h.Pri < 0 { // a level; a word of a program's own file
		return s, false
	}
	if at+2 >= len(s) || s[at] != ':' || s[at+1] != ' ' || s[at+2]-'0' < 10 {
		return s, false
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
	h.Time, h.HasTime, h.Host, h.Program, h.PID = t, true, host, program, pid
	r.received = t
	return strings.TrimLeft(s[at+2:], " "), true
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

func plainName(s string, from int) string {
	at := from
	for at < len(s) && plainByte[s[at]] {
		at++
	}
	return s[from:at]
}

// isPlainHost leaves out what may be a zone behind a time, AM or PM, a level, or an F5's blade.
func isPlainHost(s string) bool {
	if len(s) < 2 || len(s) > maxHost || (s[0]|0x20)-'a' >= 26 || s[0]-'A' < 26 && (s[0] == 'U' || s[0] == 'G' || s[1] == 'M') || strings.IndexByte(s, '/') >= 0 {
		return false
	}
	for i := range len(s) {
		if s[i]-'A' >= 26 {
			return !isLevel(s) && s != "stdout" && s != "stderr"
		}
	}
	return false
}

// isPlainProgram leaves out paths, and the cards of IOS XR ("RP/0/RSP0/CPU0").
func isPlainProgram(s string) bool {
	return len(s) > 0 && len(s) <= maxProgram && (s[0]|0x20)-'a' < 26 && (len(s) < 3 || s[2] != '/')
}

// plainNumber is N of "[N]".
func plainNumber(s string) string {
	if len(s) < 3 || s[0] != '[' {
		return ""
	}
	n := 1
	for n < len(s) && s[n]-'0' < 10 {
		n++
	}
	if n == len(s) || s[n] != ']' {
		return ""
	}
	return s[1:n]
}
