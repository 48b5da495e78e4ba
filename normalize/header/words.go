package header

import (
	"strings"

	"sluice/event"
)

// facilities and severities are the names of RFC 5424, tables 1 and 2: facilities as syslog
// daemons write them, severities with a capital letter, as ECS's own examples are (local7,
// Error) and what Elastic's collectors write.
var (
	facilities = [24]string{
		"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
		"ntp", "security", "console", "solaris-cron", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
	}
	severities = [8]string{"Emergency", "Alert", "Critical", "Error", "Warning", "Notice", "Informational", "Debug"}
)

// Facility names the facility of a priority from 0 to 191.
func Facility(pri int) string { return facilities[pri>>3] }

// Severity names the severity of a priority.
func Severity(pri int) string { return severities[pri&7] }

var programByte, hostByte = byteSet("-_./()@$+#\\"), byteSet("-_.:%/")

// byteSet is letters, digits and more.
func byteSet(more string) (set [256]bool) {
	for c := range 256 {
		set[c] = c-'0' < 10 && c >= '0' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
	}
	for i := range len(more) {
		set[more[i]] = true
	}
	return set
}

// maxHost is the longest name of the DNS.
const maxHost = 255

// isHostName says whether a word may be the name or address of a host. IPv6
// addresses have colons, Cisco's interfaces and NX-OS's slots slashes.
func isHostName(s string) bool {
	if s == "" || len(s) > maxHost || s[0] == '-' {
		return false
	}
	for i := 0; i < len(s); i++ {
		if !hostByte[s[i]] && s[i] < 0x80 {
			return false
		}
	}
	return true
}

// chained is the host of a chain of names, as syslog-ng writes it if told to: the name of what took the
// line, the host and the relays.
func chained(s string) string {
	source, host, ok := strings.Cut(s, "@")
	if !ok || !isHostName(source) {
		return ""
	}
	if host, _, _ = strings.Cut(host, "/"); !isHostName(host) {
		return ""
	}
	return host
}

// namesHost says whether a word with a colon is one that people give hosts rather than programs:
// letters, a hyphen perhaps, and a number of two digits or more ("fw01", "sw-acc-12"), or a name
// of the DNS with three parts. Interfaces and parts of a device are numbered, too.
func namesHost(s string) bool {
	name := strings.TrimRight(s, "0123456789")
	if len(s)-len(name) >= 2 && len(s)-len(name) <= 4 {
		for i := 0; i < len(name); i++ {
			if c := name[i] | 0x20; (c < 'a' || c > 'z') && (name[i] != '-' || i == 0) && (name[i]-'0' > 9 || i == 0) {
				return false
			}
		}
		switch strings.ToLower(strings.TrimRight(name, "-")) {
		case "", "eth", "ens", "enp", "en", "wlan", "vlan", "tun", "tap", "ppp", "br", "bond", "lag", "port", "slot", "unit", "cpu", "disk", "drive", "fan", "psu", "temp", "sensor",
			"rule", "line", "task", "thread", "job", "id", "x", "sha", "md", "utf", "ge", "xe", "gi", "te", "fa", "po":
			return false
		}
		return true
	}
	first, rest, _ := strings.Cut(s, ".")
	switch first {
	case "", "com", "org", "net", "io", "de":
		return false
	}
	top := s[strings.LastIndexByte(s, '.')+1:]
	if len(top) < 2 || len(top) > 8 || strings.IndexByte(rest, '.') < 0 {
		return false
	}
	for i := 0; i < len(top); i++ {
		if c := top[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return isHostName(s) && !strings.ContainsAny(s, ":/%_")
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i]-'0' > 9 {
			return false
		}
	}
	return s != ""
}

// isMailID says whether a word is an id that Exim gives a mail, which stands behind the time in its
// log: 1rXyZa-0001Ab-2C, since 4.97 1rXyZa-00000001Abc-2C1x. It begins with the seconds since 1970
// in base 62: with 1 until January 2028, with 2 until 2057.
func isMailID(s string) bool {
	switch len(s) {
	case 16:
		return (s[0] == '1' || s[0] == '2') && s[6] == '-' && s[13] == '-'
	case 23:
		return (s[0] == '1' || s[0] == '2') && s[6] == '-' && s[18] == '-'
	}
	return false
}

// startsWithNumber says whether s begins with digits and a colon.
func startsWithNumber(s string) bool {
	i := 0
	for i < len(s) && s[i]-'0' < 10 {
		i++
	}
	return i > 0 && i < len(s) && s[i] == ':'
}

// isLevel says whether a word is a severity, facility.severity, or AIX's auth|security:info
// and daemon:err|error, where all names of one thing stand.
func isLevel(s string) bool {
	at := len(s)
	for at > 0 && s[at-1] != '.' && s[at-1] != ':' {
		at--
	}
	severity := s[at:]
	if at > 0 {
		severity, _, _ = strings.Cut(severity, "|")
	}
	switch severity {
	case "emerg", "alert", "crit", "err", "error", "warning", "warn", "notice", "info", "debug":
		return true
	}
	return false
}

// isLoud says whether a word is a level as programs write it into files.
func isLoud(s string) bool {
	switch s {
	case "TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "SEVERE", "CRITICAL", "FATAL", "CONFIG", "FINE", "FINER", "FINEST", "ANOMALY",
		"SCHWERWIEGEND", "WARNUNG", "INFORMATION", "FEIN", "GRAVE", "AVERTISSEMENT", "INFOS", "ADVERTENCIA", "INFORMACIÓN", // Java's, in its machine's language
		"严重", "重大", "警告", "信息", "情報",
		"TRC", "DBG", "INF", "WRN", "ERR", "FTL", "PNC": // Go's zerolog and .NET's Serilog
		return true
	}
	return false
}

// programFollows says whether the next word ends like "prog[1]:" or "prog:".
func programFollows(s string) bool {
	for i := 0; i < len(s) && i < maxProgram && s[i] != ' '; i++ {
		if s[i] == ':' {
			return true
		}
	}
	return false
}

// priorities are the names of facility and severity that files, Solaris, AIX and Kiwi have
// instead of the number: "auth.info", "auth|security:info", "Auth.Info".
var (
	facilityNumber = map[string]int{
		"kern": 0, "kernel": 0, "user": 1, "mail": 2, "daemon": 3, "auth": 4, "security": 4, "syslog": 5, "lpr": 6, "news": 7, "uucp": 8, "cron": 9,
		"authpriv": 10, "ftp": 11, "ntp": 12, "local0": 16, "local1": 17, "local2": 18, "local3": 19, "local4": 20, "local5": 21, "local6": 22, "local7": 23,
	}
	severityNumber = map[string]int{
		"emerg": 0, "panic": 0, "alert": 1, "crit": 2, "critical": 2, "err": 3, "error": 3, "warning": 4, "warn": 4, "notice": 5, "info": 6, "debug": 7,
	}
)

// maxPriName is the longest priority by name: "security|authpriv:critical" and such.
const maxPriName = 28

// priNamed is the priority of "auth.info", or -1.
func priNamed(s string) int {
	i := strings.LastIndexAny(s, ".:")
	if i <= 0 || len(s) > maxPriName {
		return -1
	}
	facility, _, _ := strings.Cut(strings.ToLower(s[:i]), "|")
	f, ok1 := facilityNumber[facility]
	severity, _, _ := strings.Cut(strings.ToLower(s[i+1:]), "|")
	v, ok2 := severityNumber[severity]
	if !ok1 || !ok2 {
		return -1
	}
	return f<<3 | v
}

// level takes a word that isLevel says yes to. Where it names the facility too, it is the
// priority that the line does not have as a number.
func (r *reader) level(word string) {
	r.h.Level = word[strings.LastIndexAny(word, ".:")+1:]
	if r.h.Pri >= 0 {
		return
	}
	if pri := priNamed(word); pri >= 0 {
		r.h.Pri = pri
	}
}

// priText reads what stands in front of a time where a template writes the priority in words, as
// rsyslog's pri-text does ("auth.info ", "auth.info<38> "). Other lines are left as they are.
func (r *reader) priText(s string) string {
	end := 0
	for end < len(s) && end < maxPriName && s[end] != ' ' && s[end] != '\t' && s[end] != '<' {
		end++
	}
	if end < 8 || end == len(s) || end == maxPriName || s[0]-'0' < 10 || strings.IndexByte(s[:end], '.') < 0 {
		return s
	}
	pri := priNamed(s[:end])
	if pri < 0 {
		return s
	}
	rest := s[end:]
	if s[end] == '<' {
		was := r.h.Pri
		rest, _ = r.pri(rest)
		r.h.Pri = was
	}
	rest = strings.TrimLeft(rest, " \t")
	if _, n := r.stamp(rest); n == 0 {
		return s
	}
	r.h.Pri = pri
	return rest
}

// namedPri reads "<local0.info>".
func (r *reader) namedPri(s string) string {
	end := strings.IndexByte(s[:min(len(s), 24)], '>')
	if end < 0 {
		return s
	}
	pri := priNamed(s[1:end])
	if pri < 0 {
		return s
	}
	if r.h.Pri < 0 {
		r.h.Pri = pri
	}
	return strings.TrimLeft(s[end+1:], " ")
}

func allHex(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i] | 0x20; s[i]-'0' > 9 && c-'a' > 5 {
			return false
		}
	}
	return s != ""
}

// isAddr says whether a word is an address in brackets.
func isAddr(s string) bool {
	if len(s) < 4 || s[0] != '[' || s[len(s)-1] != ']' {
		return false
	}
	points := 0
	for i := 1; i < len(s)-1; i++ {
		switch c := s[i]; {
		case c == '.' || c == ':':
			points++
		case c-'0' >= 10 && c|0x20-'a' >= 6:
			return false
		}
	}
	return points > 1
}

// isPPE tells Citrix's packet engines, which stand like a program: "0-PPE-1 : ".
func isPPE(s string) bool { return len(s) < 12 && s[0]-'0' < 10 && strings.Contains(s, "-PPE-") }

// isNumeric says whether a word is an IP address.
func isNumeric(s string) bool {
	_, ok := event.ParseAddr(s)
	return ok
}

// tagFollows says whether s begins like "prog[1]: ".
func tagFollows(s string) bool {
	for i := 0; i < len(s) && i < maxProgram; i++ {
		switch {
		case s[i] == '[':
			end := strings.IndexByte(s[i:], ']')
			return end > 1 && allDigits(s[i+1:i+end]) && strings.HasPrefix(s[i+end+1:], ":")
		case !programByte[s[i]]:
			return false
		}
	}
	return false
}

// fileForm says how a line without a priority writes its time: a date and a time apart, as
// programs do in files of their own; digits without a blank, as syslog daemons do, too; or 0.
func (r *reader) fileForm(s string) byte {
	switch {
	case r.h.Pri >= 0 || s[0]-'0' > 9:
		return 0
	case len(s) > 10 && s[10] == ' ':
		return ' '
	}
	return 'T'
}

// beginsText tells the first word of a text in a program's own file from a host: "2026-03-02
// 08:59:59 Login failed: user=ann", "2026-03-02 08:59:59 192.0.2.1:1194 TLS error". A host is what
// a tag with a number follows, or what is written as one.
func (r *reader) beginsText(w *words) bool {
	switch {
	case hasPort(w.tok), r.file == ' ' && (strings.Count(w.tok, ":") == 1 || strings.IndexByte(w.tok, '%') > 0):
		return true
	case r.file == 0 || tagFollows(w.rest):
		return false
	case r.file == 'T':
		return w.tok[0]-'A' < 26 && strings.Trim(w.tok[1:], "abcdefghijklmnopqrstuvwxyz") == ""
	case programFollows(w.rest):
		return !strings.ContainsAny(w.tok, "-.0123456789")
	}
	return !strings.ContainsAny(w.tok, "0123456789") || strings.Trim(w.tok, "0123456789.:") == "" || strings.IndexByte(w.tok, '/') >= 0
}

// hasPort says whether a word is an address with its port, perhaps behind a name: whose
// connection it was.
func hasPort(s string) bool {
	dot := strings.IndexByte(s, '.')
	colon := strings.LastIndexByte(s, ':')
	return dot > 0 && colon > dot && allDigits(s[colon+1:])
}

// maxProgram is generous: RFC 5424 allows an APP-NAME of 48 bytes.
const maxProgram = 64

// program takes "prog", "prog[12]" or "su(pam_unix)[12]". False: it is none.
func (h *Header) program(tok string) bool {
	pid := ""
	if i := strings.IndexByte(tok, '['); i > 0 && tok[len(tok)-1] == ']' {
		tok, pid = tok[:i], tok[i+1:len(tok)-1]
	}
	tok = strings.TrimSuffix(tok, "]")                                        // "gdm-password][12]": the end of a name in brackets, of which syslog() keeps what is behind the slash
	if tok == "" || len(tok) > maxProgram || tok[0] == '%' || tok[0] == '#' { // a mnemonic of Cisco's, of AireOS with #
		return false
	}
	letter := false
	for i := 0; i < len(tok); i++ {
		if !programByte[tok[i]] && (tok[i] != '=' || strings.IndexByte(tok[:i], '(') < 0) { // polkitd(authority=local)
			return false
		}
		letter = letter || tok[i] > '9'
	}
	if !letter {
		return false
	}
	if tok[0] == '/' {
		tok = h.base(tok)
	}
	h.Program, h.PID = tok, pid
	return true
}

// base is the name of a program that is called by its path, as FreeBSD's cron calls itself.
func (h *Header) base(path string) string {
	i := strings.LastIndexByte(path, '/')
	if i < 1 || i+1 == len(path) {
		return path // OpenBSD's kernel is /bsd
	}
	h.Path = path
	return path[i+1:]
}

// keyFollows says whether s begins like "key=".
func keyFollows(s string) bool {
	i := 0
	for i < len(s) && (s[i] == '_' || s[i]|0x20-'a' < 26 || s[i]-'0' < 10) {
		i++
	}
	return i > 0 && i < len(s) && s[i] == '='
}

// shouted takes a level as programs write it off the front, in brackets or without, where a
// program's name follows that is surely one: "INFO app[312]: ", "[ERROR] app: "; Axis cameras
// pad it: "[ INFO    ] httpd[1250]: ".
func (r *reader) shouted(s string) string {
	tok, rest, _ := strings.Cut(s, " ")
	level, boxed := strings.CutPrefix(tok, "[")
	if boxed {
		end := strings.IndexByte(s[:min(len(s), 16)], ']')
		if end < 0 {
			return s
		}
		level, rest = strings.TrimSpace(s[1:end]), s[end+1:]
	}
	rest = strings.TrimLeft(rest, " ")
	if r.h.Host == "" || level == "" || !isLoud(level) && !isLevel(level) || strings.IndexByte(level, '.') >= 0 {
		return s
	}
	if tagFollows(rest) || rest != "" && rest[0]-'a' < 26 && programFollows(rest) && (r.unnumbered(rest) || r.h.Pri >= 0 && boxed) {
		r.level(level)
		return rest
	}
	return s
}

// unnumbered reads a program that surely is one and logs without its number: "sudo: ", one that a pack
// names; "swss#orchagent: ", one of a container.
func (r *reader) unnumbered(s string) bool {
	switch prog, _, _ := strings.Cut(s, ": "); prog {
	case "kernel", "su", "sudo":
		return true
	default:
		return r.programs.Unnumbered[prog] || strings.IndexByte(prog, '#') > 0 && strings.IndexByte(prog, ' ') < 0
	}
}
