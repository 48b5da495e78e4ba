package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"sluice/internal/condition"
)

// form is what all values of some fields look like, whatever device they come from: packs see to
// it by their types (TestForms asks every sample of every pack).
type form struct {
	fields []string // by their last parts
	odd    func(op condition.Op, text string) string
}

func (f *form) of(field string) bool {
	return slices.ContainsFunc(f.fields, func(last string) bool { return isPart(field, last) })
}

var forms = []form{
	lowerForm: {[]string{"network.transport", "network.protocol", "network.type"}, oddLower},
	hashForm:  {[]string{"file.hash.md5", "file.hash.sha1", "file.hash.sha256", "process.hash.md5", "process.hash.sha1", "process.hash.sha256", "parent.hash.md5", "parent.hash.sha1", "parent.hash.sha256"}, oddHash},
	{[]string{"geo.country_iso_code"}, oddCountry},
	{[]string{"http.request.method"}, oddMethod},
	{[]string{"url.scheme", "url.extension", "file.extension", "url.top_level_domain", "dns.question.top_level_domain"}, oddBare},
	{[]string{"url.domain", "source.domain", "destination.domain"}, oddDomain},
	{[]string{"url.query"}, oddQuery},
	{[]string{"url.path"}, oddPath},
	{[]string{"process.name", "file.name"}, oddName},
	{[]string{"registered_domain"}, oddRegistered},
	{[]string{"source.mac", "destination.mac", "client.mac", "server.mac"}, oddMAC},
}

const (
	lowerForm = iota
	hashForm
)

// ranges are the numbers that fields have.
var ranges = []struct {
	field       string
	least, most float64
}{
	{"port", 0, 65535}, {"http.response.status_code", 0, 999}, {"log.syslog.facility.code", 0, 23}, {"log.syslog.severity.code", 0, 7}, {"log.syslog.priority", 0, 191}, {"geo.location.lat", -90, 90},
}

func isPart(field, last string) bool {
	return field == last || strings.HasSuffix(field, last) && field[len(field)-len(last)-1] == '.'
}

// oddForm says what is odd about the values that a question compares a field with, as the rule said
// it; "": nothing.
func oddForm(field string, l *condition.Leaf, said string) string {
	for _, s := range ranges {
		if isPart(field, s.field) && l.Beyond(s.least, s.most) {
			return fmt.Sprintf("%s: %s is from %g to %g", said, field, s.least, s.most)
		}
	}
	if !l.OfText() {
		return ""
	}
	if (l.Op == condition.Regex || l.Op == condition.Glob) && l.Capitals() && forms[lowerForm].of(field) {
		return fmt.Sprintf("%s: %s is in small letters", said, field)
	}
	for _, v := range l.Values {
		odd := OddForm(field, l.Op, v)
		if !l.Cased && OddForm(field, l.Op, strings.ToUpper(v)) == "" {
			continue
		}
		if odd != "" {
			return fmt.Sprintf("%s is never %s %q: %s", field, l.Op.Word(), v, odd)
		}
		if l.Op == condition.Equal && l.Cased && forms[hashForm].of(field) && strings.ToLower(v) != strings.ToUpper(v) {
			return fmt.Sprintf("%s: some devices write hashes in capitals, others in small letters: write iequals(%s, %q)", said, field, v)
		}
	}
	return ""
}

// OddForm says why a field never has a text, or begins with, ends with or contains it; "": it may.
func OddForm(field string, op condition.Op, text string) string {
	if text == "" {
		return ""
	}
	for _, f := range forms {
		if f.of(field) {
			return f.odd(op, text)
		}
	}
	return ""
}

func oddLower(op condition.Op, text string) string {
	if text != strings.ToLower(text) {
		return "it is in small letters: " + strings.ToLower(text)
	}
	if op == condition.Equal {
		if meant := swapped(text, protocols); meant != "" {
			return "did you mean " + meant + "?"
		}
	}
	return ""
}

// protocols are names that are often asked for, and so often misspelt.
var protocols = []string{
	"tcp", "udp", "icmp", "sctp", "igmp", "http", "https", "dns", "tls", "ssl", "ssh", "smtp", "ftp", "ftps", "sftp", "rdp", "smb", "ldap", "ldaps", "kerberos", "dhcp", "snmp", "ntp", "imap", "pop3",
	"telnet", "mysql", "quic", "radius", "syslog", "ipv4", "ipv6", "ipsec", "tftp", "mqtt", "modbus", "sip", "netbios", "ipv6-icmp",
}

var hashLengths = map[int]string{32: "md5", 40: "sha1", 64: "sha256", 96: "sha384", 128: "sha512"}

var hexText = regexp.MustCompile(`^[0-9A-Fa-f]+$`)

func oddHash(op condition.Op, text string) string {
	switch {
	case !hexText.MatchString(text):
		return "it is a text of hexadecimal digits"
	case op == condition.Equal && len(text) > 24 && strings.Trim(text, "0") != "" && hashLengths[len(text)] == "":
		return fmt.Sprintf("it has %d digits, which no such hash has", len(text))
	}
	return ""
}

var methods = []string{"GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE", "PROPFIND", "PROPPATCH", "MKCOL", "MOVE", "COPY", "SEARCH", "TRACK", "DEBUG", "LOCK", "UNLOCK", "REPORT"}

func oddMethod(op condition.Op, text string) string {
	if op != condition.Equal || slices.Contains(methods, strings.ToUpper(text)) {
		return ""
	}
	if meant := swapped(text, methods); meant != "" {
		return "did you mean " + meant + "?"
	}
	return ""
}

// swapped is the name of which a text that is none has the same letters in another order.
func swapped(text string, names []string) string {
	sorted := func(s string) string { b := []byte(strings.ToUpper(s)); slices.Sort(b); return string(b) }
	for _, n := range names {
		if sorted(n) == sorted(text) && !slices.Contains(names, text) {
			return n
		}
	}
	return ""
}

func oddBare(op condition.Op, text string) string {
	if (op == condition.Equal || op == condition.Prefix) && text[0] == '.' || op == condition.Equal && strings.ContainsAny(text, ":/") {
		return "it has no dot in front, nor :// behind"
	}
	return ""
}

func oddDomain(op condition.Op, text string) string {
	switch {
	case strings.ContainsAny(text, "/?"):
		return "it is the name of a host alone, without scheme and path (see url.original, url.path)"
	case (op == condition.Equal || op == condition.Suffix) && len(text) > 1 && strings.HasSuffix(text, "."):
		return "it has no dot at its end"
	}
	return ""
}

func oddQuery(op condition.Op, text string) string {
	if (op == condition.Equal || op == condition.Prefix) && text[0] == '?' {
		return "it begins behind the ?"
	}
	return ""
}

func oddPath(op condition.Op, text string) string {
	switch {
	case strings.Contains(text, "?"):
		return "it ends before the ? (see url.query, url.original)"
	case strings.HasPrefix(text, "http://"), strings.HasPrefix(text, "https://"):
		return "it begins behind the host (see url.original, url.domain)"
	case (op == condition.Equal || op == condition.Prefix) && text[0] >= 'a' && text[0] <= 'z' && strings.Contains(text, "/") && !strings.HasPrefix(text, "http/"):
		return "it begins with /"
	}
	return ""
}

var drive = regexp.MustCompile(`^[A-Za-z]:\\`)

func oddName(op condition.Op, text string) string {
	if (op == condition.Equal || op == condition.Prefix) && drive.MatchString(text) {
		return "it is the name alone (see process.executable, file.path)"
	}
	return ""
}

func oddRegistered(op condition.Op, text string) string {
	if op == condition.Equal && strings.HasPrefix(text, "www.") {
		return "it is the part that somebody registered: " + text[4:]
	}
	return ""
}

var macText = regexp.MustCompile(`^[0-9A-F-]+$`)

func oddMAC(_ condition.Op, text string) string {
	if macText.MatchString(strings.ToUpper(text)) && text != strings.ToUpper(text) {
		return "it is in capitals: " + strings.ToUpper(text)
	}
	if !macText.MatchString(strings.ToUpper(text)) {
		return "it is written 00-00-5E-00-53-01"
	}
	return ""
}

// countries are the codes of ISO 3166-1, XK, which databases of addresses have for Kosovo, and ZZ for
// what is not known.
const countries = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ " +
	"CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR " +
	"GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP " +
	"KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ " +
	"NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW " +
	"SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ " +
	"UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW ZZ"

func oddCountry(op condition.Op, text string) string {
	up := strings.ToUpper(text)
	known := len(up) == 2 && slices.Contains(strings.Fields(countries), up)
	switch {
	case op != condition.Equal:
		return ""
	case known && text == up:
		return ""
	case known:
		return "it is in capitals: " + up
	case up == "UK":
		return "it is a code of ISO 3166-1, two letters: GB"
	}
	return "it is a code of ISO 3166-1, two letters such as DE"
}
