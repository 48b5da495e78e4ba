package header

import "strings"

// facilities and severities are the names of RFC 5424, tables 1 and 2, as syslog
// daemons write them.
var (
	facilities = [24]string{
		"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
		"ntp", "security", "console", "solaris-cron", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
	}
	severities = [8]string{"emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug"}
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

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i]-'0' > 9 {
			return false
		}
	}
	return s != ""
}

// startsWithNumber says whether s begins with digits and a colon.
func startsWithNumber(s string) bool {
	i := 0
	for i < len(s) && s[i]-'0' < 10 {
		i++
	}
	return i > 0 && i < len(s) && s[i] == ':'
}

// isLevel says whether a word is a severity, or facility.severity.
func isLevel(s string) bool {
	switch s[strings.LastIndexByte(s, '.')+1:] {
	case "emerg", "alert", "crit", "err", "error", "warning", "warn", "notice", "info", "debug":
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
