package header

import "strings"

// columns reads "name,mac,version", by which Ubiquiti's devices call themselves.
func (r *reader) columns(tok string) bool {
	name, rest, _ := strings.Cut(tok, ",")
	mac, _, three := strings.Cut(rest, ",")
	if !three {
		mac = name
	}
	if len(mac) != 12 || !allHex(mac) || !isHostName(name) {
		return false
	}
	r.h.Host = name
	return true
}

// slotless takes the blade off an F5 host: "slot1/lb1".
func slotless(s string) string {
	if len(s) > 6 && s[4]-'0' < 10 && strings.HasPrefix(s, "slot") {
		if i := strings.IndexByte(s, '/'); i > 0 && i+1 < len(s) && allDigits(s[4:i]) {
			return s[i+1:]
		}
	}
	return s
}

// journald reads "host prog[1]: ", which has no time, as journald exports it.
func (r *reader) journald(s string) string {
	i := strings.Index(s[:min(len(s), 128)], "]: ")
	if i < 0 {
		return s
	}
	if strings.HasPrefix(s[i:], "]: ") && strings.IndexByte(s[:i], ' ') < 0 && r.h.program(s[:i+1]) {
		return s[i+3:]
	}
	sp := strings.IndexByte(s[:i], ' ')
	if sp <= 0 || s[sp-1] == ':' || strings.IndexByte(s[sp+1:i], ' ') >= 0 || !allDigits(s[strings.LastIndexByte(s[:i], '[')+1:i]) || !isHostName(s[:sp]) || !r.h.program(s[sp+1:i+1]) {
		return s
	}
	r.h.Host = s[:sp]
	return s[i+3:]
}

// behindCookie takes off the mark that says that an object follows: @cee: {"a":1}.
func behindCookie(s string) string {
	if rest, ok := strings.CutPrefix(strings.TrimLeft(s, " "), "@cee:"); ok {
		if rest = strings.TrimLeft(rest, " "); strings.HasPrefix(rest, "{") {
			return rest
		}
	}
	return s
}

// solaris takes "[ID 800047 auth.info] " off a message: the id of the text, and the
// priority that a file does not have.
func (r *reader) solaris(s string) string {
	if !strings.HasPrefix(s, "[ID ") || r.h.Program == "" {
		return s
	}
	id, rest, ok := strings.Cut(s[4:min(len(s), 64)], " ")
	level, _, end := strings.Cut(rest, "] ")
	if !ok || !end || !allDigits(id) {
		return s
	}
	pri := priNamed(level)
	if pri < 0 {
		return s
	}
	if r.h.Pri < 0 {
		r.h.Pri = pri
	}
	r.h.MsgID = id
	return s[4+len(id)+1+len(level)+2:]
}

// sentBy is firstWord, or what stands before it or behind it where AIX passes a message on: its
// syslogd need not name itself. A chain of names is of syslog-ng.
func (r *reader) sentBy(s string) (rest string, done bool) {
	if tok, rest, _ := strings.Cut(s, " "); tagFollows(rest) && chained(tok) != "" {
		r.h.Host = chained(tok)
		return rest, false
	}
	if rest = r.forwarded(s); len(rest) < len(s) {
		return rest, false
	}
	if rest, done = r.firstWord(s); !done {
		rest = r.forwarded(rest)
	}
	return rest, done
}

// forwarded reads "Message forwarded from host: ", which AIX's syslogd writes behind its own name.
func (r *reader) forwarded(s string) string {
	from, ok := strings.CutPrefix(s, "Message forwarded from ")
	if !ok {
		return s
	}
	host, rest, ok := strings.Cut(from, ": ")
	if !ok || !isHostName(host) {
		return s
	}
	if r.h.Host != host {
		r.h.Relay, r.h.Host = r.h.Host, host
	}
	return rest
}

// kiwi reads the columns that Kiwi Syslog Server writes into its files, "2026-03-02 08:59:59",
// "Auth.Info" and the sender's address, with tabs between them, and returns the text that was sent.
func (r *reader) kiwi(s string) string {
	const date = len("2026-03-02 08:59:59")
	if len(s) <= date || s[date] != '\t' || s[0]-'0' > 9 {
		return s
	}
	level, rest, _ := strings.Cut(s[date+1:], "\t")
	pri := priNamed(level)
	host, rest, ok := strings.Cut(rest, "\t")
	if pri < 0 || !ok || !isHostName(host) {
		return s
	}
	t, n := r.stamp(s[:date])
	if n == 0 {
		return s
	}
	r.h.Pri, r.h.Time, r.h.HasTime, r.h.Host = pri, t, true, host
	if _, n := r.stamp(rest); n > 0 { // the device's own header
		return rest
	}
	return r.hostlessProgram(rest, rest)
}
