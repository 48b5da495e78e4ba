package header

import "strings"

// tolerant reads all other headers and returns the message.
func (r *reader) tolerant(s string) string {
	if rest, ok := r.plain(s); ok {
		return rest
	}
	return r.general(s)
}

// general reads headers of all forms.
func (r *reader) general(s string) string {
	h := r.h
	body := s
	if h.Pri >= 0 {
		body = colon(body)
		body = strings.TrimPrefix(body, "1 ") // Meraki's version
		if strings.HasPrefix(body, "<") {     // a relay's in front of the device's: "<13><38>Mar  2 ..."
			body, _ = r.innerPri(body)
		}
	} else if strings.HasPrefix(body, "<") {
		body = r.namedPri(body)
	} else {
		body = r.priText(r.kiwi(body))
	}
	r.begin = len(body)
	body = r.prelude(body)
	for range maxRelays {
		if h.Host != "" && h.Relay == "" {
			h.Relay = h.Host
		}
		t, n := r.stamp(body)
		if n == 0 {
			break
		}
		if !h.HasTime || body[0] != '*' { // a Cisco clock that was never set, behind a relay's that was
			h.Time, h.HasTime, h.Yearless = t, true, yearless(body[:n])
		}
		r.received = h.Time // a year that is missing is the relay's
		named := r.named
		r.named = false
		if h.Pri < 0 && h.Host == "" && body[4] == '-' && strings.HasPrefix(body[n:], ": ") && !strings.HasPrefix(body[n:], ": %") {
			return body[n+2:] // a program's own file: "2026-02-25T11:07:18+01:00: text"
		}
		r.file, h.Text = r.fileForm(body), ""
		body = colon(body[n:])
		if _, n := r.stamp(body); n > 0 {
			continue
		}
		if named {
			return r.mnemonic(body)
		}
		if strings.HasPrefix(body, "<") {
			body = r.namedPri(body)
		}
		if rest, ok := r.innerPri(body); ok {
			body = rest
			if h.Version != "" {
				return body
			}
			continue
		}
		if body = r.hostAndProgram(body); h.Program != "" {
			break
		}
		if rest, ok := r.innerPri(body); ok {
			body = rest
			if h.Version != "" {
				return body
			}
		} else if rest, ok := r.undated(body); ok {
			return rest
		}
	}
	if h.Relay == h.Host { // it stood there once, or both say the same
		h.Relay = ""
	}
	switch {
	case h.HasTime:
		if h.Program != "" && h.Host == "" {
			r.hostBehind(body)
		}
	case r.known.tab && r.known.left == len(body): // a record of columns that begins with its time
		h.Time, h.HasTime = r.known.time, true
	case h.Pri >= 0 && h.Host == "":
		body = r.withoutTime(body)
	case h.Pri < 0:
		body = r.journald(body)
	}
	return body
}

// colon takes blanks and one colon off the front. "::1" is a host.
func colon(s string) string {
	s = strings.TrimLeft(s, " ")
	if len(s) > 0 && s[0] == ':' && (len(s) == 1 || s[1] != ':') {
		s = strings.TrimLeft(s[1:], " ")
	}
	return s
}

// prelude reads what Cisco devices put before the time: a sequence number, the host,
// another number ("84: fw1: 6340004: *Mar 14 15:09:26: %SYS-..."), the task of a
// wireless controller ("wlc1: *spamApTask1: Mar 14 ..."), the node of IOS XR
// ("router1 RP/0/RSP0/CPU0:Mar 14 ..."), the uptime instead of a time ("45: 3w4d: %SYS-...").
func (r *reader) prelude(s string) string {
	for at, tries := s, 0; tries < 4; tries++ {
		end := strings.IndexByte(at, ' ')
		if end < 2 {
			return s
		}
		if at[end-1] != ':' { // most lines: a stamp is read once
			if rest := r.task(at); rest != "" {
				return rest
			}
			return r.node(s, at, end)
		}
		if _, n := r.stamp(at); n > 0 {
			return at
		}
		tok := at[:end-1]
		at = strings.TrimLeft(at[end:], " ")
		if allDigits(tok) {
			if tries == 0 && r.h.Pri < 0 && !r.h.HasTime && !r.time(at) {
				return s // the first column of a file
			}
			r.h.Sequence, s = tok, at
			continue
		}
		_, n := r.stamp(at)
		switch {
		case n > 0 && tok[0] == '*', isUptime(tok) && strings.HasPrefix(at, "%"):
			return at
		case r.h.Pri < 0 && !r.h.HasTime && (n == 0 || !strings.HasPrefix(colon(at[n:]), "%")):
			return s
		case n == 0 && !startsWithNumber(at) && !startsWithUptime(at) && !(at != "" && at[0] == '*') || !isHostName(tok):
			return s
		}
		r.h.Host, r.named, s = tok, true, at
	}
	return s
}

// task returns what follows a wireless controller's task whose name has blanks, if that is a
// time: "*DHCP Socket Task: Mar 14 ...".
func (r *reader) task(s string) string {
	name, rest, ok := strings.Cut(s, ": ")
	if !ok || s[0] != '*' || len(name) > 40 {
		return ""
	}
	if _, n := r.stamp(rest); n == 0 {
		return ""
	}
	return rest
}

// mnemonic is what follows the time of a Cisco device that has named itself before it: the
// message, or in front of it IOS XR's process.
func (r *reader) mnemonic(s string) string {
	var w words
	if w.read(s) && w.isProg && strings.HasSuffix(w.prog, "]") && r.h.program(w.prog) {
		return w.rest
	}
	return s
}

// time says whether a sequence number may stand in front of s.
func (r *reader) time(s string) bool {
	_, n := r.stamp(s)
	return n > 0 || startsWithNumber(s) || strings.HasPrefix(s, "%")
}

// node reads "RP/0/RSP0/CPU0:" in front of a stamp, with or without a host before it.
// s is what is left if at, whose first word ends at end, is none.
func (r *reader) node(s, at string, end int) string {
	if n := nodeEnd(at); n > 0 {
		if _, k := r.stamp(at[n:]); k > 0 {
			return at[n:]
		}
		return s
	}
	rest := strings.TrimLeft(at[end:], " ")
	if n := nodeEnd(rest); n > 0 && isHostName(at[:end]) {
		if _, k := r.stamp(rest[n:]); k > 0 {
			r.h.Host, r.named = at[:end], true
			return rest[n:]
		}
	}
	return s
}

// nodeEnd is the length of "RP/0/RSP0/CPU0:" or "LC/0/1/CPU0:", or 0.
func nodeEnd(s string) int {
	slashes := 0
	for i := 0; i < len(s) && i < 32; i++ {
		switch c := s[i]; {
		case c == '/':
			slashes++
		case c == ':':
			if slashes < 2 {
				return 0
			}
			return i + 1
		case c-'A' >= 26 && c-'0' >= 10:
			return 0
		}
	}
	return 0
}

// isUptime says whether a word is Cisco's uptime: 00:00:46, 1d02h, 3w4d, 1y5w.
func isUptime(s string) bool {
	units := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c-'0' < 10:
		case c == ':' || strings.IndexByte("ywdhms", c) >= 0:
			units++
		default:
			return false
		}
	}
	return units > 0 && s[0]-'0' < 10
}

// startsWithUptime reads "3w4d: %SYS-..." behind the name that a device gave itself.
func startsWithUptime(s string) bool {
	word, rest, ok := strings.Cut(s, ": ")
	return ok && strings.HasPrefix(rest, "%") && isUptime(word)
}

// hostAndProgram reads "host", "host prog[1]:", "prog[1]:", "host level prog[1]:"
// or "host :" off the front.
func (r *reader) hostAndProgram(s string) string {
	if host, text, _ := strings.Cut(s, " "); saysRepeated(text, host) {
		return s
	}
	s, done := r.sentBy(s)
	if !done {
		s = r.shouted(s)
	}
	for word := 1; !done && word < 3; word++ {
		var w words
		if !w.read(s) {
			return s
		}
		switch {
		case w.isProg && r.h.Pri >= 0 && r.h.Host != "" && isLoud(w.prog): // "host WARN: text" names no program
			r.h.Level = w.prog
			return w.rest
		case w.isProg:
			if !r.h.program(w.prog) {
				return s
			}
			return w.rest
		case strings.HasSuffix(w.tok, "]") && r.h.program(w.tok):
			return w.rest
		case word == 1 && isLevel(w.tok) && programFollows(w.rest): // F5: "host err tmm1[38]:"
			r.level(w.tok)
			s = w.rest
		case word == 1 && r.h.Host != "" && tagFollows(w.rest) && isNumeric(w.tok): // NIOS: "host 192.0.2.1 dhcpd[12]:"
			r.h.Address, s = w.tok, w.rest
		case word == 1 && tagFollows(w.rest) && isNumeric(r.h.Host) && isHostName(w.tok) && w.rest[0] != '[' && !r.programs.First[w.tok]: // "192.0.2.1 host sshd[12]:", the address is the relay's note
			r.h.Host, r.h.Relay, s = w.tok, r.h.Host, w.rest
		case word == 1 && r.h.Host != "":
			if i := strings.Index(w.tok, "]:"); i > 0 && r.h.program(w.tok[:i+1]) {
				return s[i+2:]
			}
			return r.sender(s, w.tok, w.rest)
		default:
			return s
		}
	}
	return s
}

// words is the first word of a text, and what is behind it. prog is the word without
// the colon at its end: "prog[1]: ", or "prog : ".
type words struct {
	tok, prog, rest string
	isProg          bool
}

// read takes the first word apart. False: it can be neither host nor program.
func (w *words) read(s string) bool {
	end := strings.IndexByte(s, ' ')
	if end < 0 {
		end = len(s)
	}
	w.tok, w.rest = s[:end], strings.TrimLeft(s[end:], " ")
	if strings.HasPrefix(w.tok, "(") {
		w.prog, w.isProg = forked(w.tok)
		return w.isProg
	}
	if w.tok == "" || strings.IndexByte("%{\"[<", w.tok[0]) >= 0 {
		return false
	}
	if i := behindTag(w.tok); i > 0 && i < len(w.tok) {
		w.prog, w.isProg, w.rest = w.tok[:i-1], true, s[i:]
		return true
	}
	w.prog, w.isProg = strings.CutSuffix(w.tok, ":")
	if !w.isProg && strings.HasPrefix(w.rest, ": ") {
		if isPPE(w.tok) {
			return false
		}
		w.rest, w.isProg = strings.TrimLeft(w.rest[1:], " "), true
	}
	return true
}

// behindTag is where the text begins of one that no blank separates from its tag, as templates of
// rsyslog write it: "sshd[12]:Failed password", "kernel:[1.2] text"; 0 where there is no such tag.
func behindTag(tok string) int {
	if strings.HasPrefix(tok, "kernel:") {
		return len("kernel:")
	}
	open, end := strings.IndexByte(tok, '['), strings.Index(tok, "]:")
	if open < 1 || end <= open+1 || !allDigits(tok[open+1:end]) {
		return 0
	}
	return end + len("]:")
}

// forked reads "(systemd)[12]:", the name of a process of systemd's until it runs its program,
// and without the parentheses it is "systemd[12]".
func forked(tok string) (prog string, ok bool) {
	name, pid, _ := strings.Cut(tok[1:], ")[")
	pid, ok = strings.CutSuffix(pid, "]:")
	if !ok || name == "" || !allDigits(pid) {
		return "", false
	}
	return name + "[" + pid + "]", true
}

// firstWord reads the word behind a time: a host, or a program where there is none.
// done: what is left is the message.
func (r *reader) firstWord(s string) (rest string, done bool) {
	h := r.h
	var w words
	if !w.read(s) {
		if isAddr(w.tok) && !hasPort(w.tok[1:len(w.tok)-1]) { // with a port it is the other end of what is told
			h.Host = w.tok[1 : len(w.tok)-1]
			return w.rest, false
		}
		return s, true
	}
	switch {
	case w.isProg && strings.HasPrefix(w.rest, "%"): // "dev01: %FTD-..."; IOS XR: "SSHD_[65]: %SECURITY-..."
		if isHostName(w.prog) {
			h.Host = w.prog
		} else if !strings.HasSuffix(w.prog, "]") || !h.program(w.prog) {
			return s, true
		}
		return w.rest, true
	case w.isProg && w.prog == w.tok && isHostName(w.prog) && r.nexusFollows(w.rest): // "nx1 : 2026 Mar  2 08:59:59 UTC: %ETHPORT-..."
		h.Host = w.prog
		return r.headerBehind(w.rest)
	case w.isProg && tagFollows(w.rest) && isHostName(w.prog): // "dev01: prog[1]: "
		h.Host = w.prog
		return w.rest, false
	case w.isProg && (w.prog == w.tok || h.Pri >= 0) && isNumeric(w.prog): // "192.0.2.1 : text", "192.0.2.1: text"
		h.Host = w.prog
		return w.rest, true
	case w.isProg && h.Pri >= 0 && w.prog == strings.TrimSuffix(w.tok, ":") && namesHost(w.prog) && !r.programs.Known[w.prog]: // "fw01: text"
		h.Host = w.prog
		var next words
		return w.rest, !next.read(w.rest) || !next.isProg || !r.programs.Known[next.prog] && next.prog != "kernel"
	case w.isProg:
		if strings.IndexByte(w.prog, ',') > 0 {
			break
		}
		if !h.program(w.prog) {
			return s, true
		}
		return w.rest, true
	case strings.HasSuffix(w.tok, "]") && h.program(w.tok):
		return w.rest, true
	case w.tok == "stdout", w.tok == "stderr": // a container's, by CRI: "stdout F text"
		return s, true
	case w.tok == "-": // nobody's name
		return w.rest, false
	case isLoud(w.tok): // a file's, or "INFO  uvm[0]: "
		if programFollows(w.rest) {
			return r.hostlessProgram(s, w.rest), true
		}
		return s, true
	case isLevel(w.tok) && strings.IndexByte(w.tok, '.') > 0: // "user.info host prog: "
		var next words
		if next.read(w.rest) && isLevel(next.tok) {
			return s, true
		}
		r.level(w.tok)
		return r.firstWord(w.rest)
	case isHostName(w.tok):
		if h.Pri < 0 && (allDigits(w.tok) || isMailID(w.tok)) {
			return s, true // a file's column
		}
		if h.Pri < 0 && r.beginsText(&w) {
			if h.Text = s; hasPort(w.tok) {
				return s, true // whose connection it was is the text's
			}
		}
		h.Host = slotless(w.tok)
		return r.headerBehind(w.rest)
	}
	if i := strings.Index(w.tok, "]:"); i > 0 && h.program(w.tok[:i+1]) {
		return s[i+2:], true
	}
	if r.columns(w.prog) { // "U7PG2,788a2056b182,v4.0: prog: "
		return w.rest, false
	}
	return r.keys(s, w.tok), true // the message itself: key=value, CSV, CEF
}

// sequenceBehind says whether a name with a colon, a sequence number with one and a time begin a
// text: "sw01: 3132779: Jul 14 2023 08:23:43.398 UTC: %SYS-...", a Cisco device's own header.
func (r *reader) sequenceBehind(s string) bool {
	i := strings.IndexByte(s[:min(len(s), maxProgram)], ' ')
	if i < 2 || s[i-1] != ':' || !startsWithNumber(s[i+1:]) {
		return false
	}
	_, n := r.stamp(colon(strings.TrimLeft(s[i+1:], "0123456789")))
	return n > 0
}

// nexusFollows says whether a time and a mnemonic begin a text, as syslog daemons write down what
// an NX-OS device sent: it has a colon where others have the program.
func (r *reader) nexusFollows(s string) bool {
	_, n := r.stamp(s)
	return n > 0 && strings.HasPrefix(colon(strings.TrimLeft(s[n:], " ")), "%")
}

// sender reads the address that Kiwi puts behind the relay's name. Any other second
// word without a colon is the message.
func (r *reader) sender(s, tok, rest string) string {
	if isHostName(tok) && strings.ContainsAny(tok, ".:-0123456789") {
		if _, n := r.stamp(rest); n > 0 {
			r.h.Host = tok
			return rest
		}
	}
	return s
}

// hostlessProgram reads "prog[1]: " behind what has taken the host's place; s is the message where it is none.
func (r *reader) hostlessProgram(s, rest string) string {
	var w words
	if w.read(rest) && w.isProg && r.h.program(w.prog) {
		return w.rest
	}
	return s
}

// keys reads "host,key=value,...": F5's iRules write so. Anything else is the message.
func (r *reader) keys(s, tok string) string {
	i := strings.IndexByte(tok, ',')
	if i <= 0 || !keyFollows(tok[i+1:]) || !isHostName(tok[:i]) {
		return s
	}
	r.h.Host = tok[:i]
	return s[i+1:]
}

// hostBehind reads the host of "prog: host <time> ...", which Citrix's SVM writes.
func (r *reader) hostBehind(s string) {
	end := strings.IndexByte(s, ' ')
	if end <= 0 || !isHostName(s[:end]) {
		return
	}
	at := strings.TrimLeft(s[end:], " ")
	if at == "" || at[0]-'0' >= 10 {
		return
	}
	if _, n := r.stamp(at); n > 0 {
		r.h.Host = s[:end]
	}
}

// withoutTime reads "<166>fw1 %ASA-...", "<6>kernel: ..." and "<13>host prog[1]: ...".
func (r *reader) withoutTime(s string) string {
	tok, rest, ok := strings.Cut(s, " ")
	if !ok || tok == "" {
		return s
	}
	rest = strings.TrimLeft(rest, " ")
	if strings.HasPrefix(rest, "%") && tok[0] != '%' {
		if host := strings.TrimSuffix(tok, ":"); isHostName(host) {
			r.h.Host = host
			return rest
		}
	}
	if prog, ok := strings.CutSuffix(tok, ":"); ok && r.h.program(prog) {
		return rest
	}
	return r.journald(s)
}
