package normalize

import (
	"fmt"
	"regexp"
	"strings"

	"sluice/internal/strictyaml"
)

// grokStep reads the message with the first grok expression that fits, as Logstash
// writes them: %{IP:source.ip} %{NUMBER:_n:int}, also [source][ip]. It is for imported
// expressions; pattern is several times faster. Expressions run in linear time (RE2).
type grokStep struct {
	exprs []grokExpr
	at    string
}

type grokExpr struct {
	re      *regexp.Regexp
	targets []*target // by group
}

func (s *grokStep) apply(r *run) bool {
	if len(r.text) > maxExpression {
		r.miss(s.at, "the text is too long for an expression", 0)
		return false
	}
	for i := range s.exprs {
		e := &s.exprs[i]
		m := e.re.FindStringSubmatchIndex(r.text)
		if m == nil {
			continue
		}
		r.told = true
		ok := true
		for g, t := range e.targets {
			if t == nil || m[2*g] < 0 || m[2*g] == m[2*g+1] {
				continue
			}
			if text := r.text[m[2*g]:m[2*g+1]]; !t.put(r, text) {
				r.bad(s.at, t.name, text)
				ok = false
			}
		}
		return ok
	}
	r.miss(s.at, "no grok expression fits", 0)
	return false
}

// Bounds of an expression: patterns of patterns could be endless.
const (
	maxGrokDepth = 20
	maxGrokBytes = 64 << 10
)

var grokUse = regexp.MustCompile(`%\{(\w+)(?::([^}]+))?\}`)

func (l *loader) grok(n *strictyaml.Node) step {
	s := &grokStep{at: l.place(n)}
	for _, w := range l.Words(n) {
		var names []string
		src, err := l.expandGrok(w.Value, &names, 0)
		if err != nil {
			l.Fail(w, "grok: %v", err)
			continue
		}
		re, err := regexp.Compile(src)
		if err != nil {
			l.Fail(w, "grok: %v", err)
			continue
		}
		e := grokExpr{re: re, targets: make([]*target, re.NumSubexp()+1)}
		for g, name := range re.SubexpNames() {
			var i int
			if _, err := fmt.Sscanf(name, "g%d", &i); err != nil || i >= len(names) {
				continue
			}
			t := l.textTarget(w, grokTarget(names[i]))
			e.targets[g] = &t
		}
		s.exprs = append(s.exprs, e)
	}
	return s
}

// grokTarget turns Logstash's way of naming a field into ours.
func grokTarget(name string) string {
	if strings.HasPrefix(name, "[") {
		name = strings.ReplaceAll(strings.Trim(name, "[]"), "][", ".")
	}
	name = strings.TrimSuffix(name, ":float")
	return strings.TrimSuffix(name, ":long")
}

// expandGrok replaces %{NAME:field} by the pattern of that name; names collects the fields.
func (l *loader) expandGrok(src string, names *[]string, depth int) (string, error) {
	if depth > maxGrokDepth {
		return "", fmt.Errorf("patterns contain each other")
	}
	var fault error
	out := grokUse.ReplaceAllStringFunc(src, func(use string) string {
		m := grokUse.FindStringSubmatch(use)
		body, ok := l.groks[m[1]]
		if !ok {
			body, ok = grokPatterns[m[1]]
		}
		if !ok {
			fault = fmt.Errorf("no pattern is called %s%s", m[1], strictyaml.DidYouMean(m[1], sortedKeys(grokPatterns)))
			return ""
		}
		inner, err := l.expandGrok(body, names, depth+1)
		if err != nil {
			fault = err
		}
		if len(inner) > maxGrokBytes {
			fault = fmt.Errorf("the expression is longer than %d bytes", maxGrokBytes)
			return ""
		}
		if m[2] == "" {
			return "(?:" + inner + ")"
		}
		*names = append(*names, m[2])
		return fmt.Sprintf("(?P<g%d>%s)", len(*names)-1, inner)
	})
	return out, fault
}

// grokPatterns are the names that grok expressions commonly use, in RE2's syntax.
var grokPatterns = map[string]string{
	"USERNAME": `[a-zA-Z0-9._-]+`, "USER": `%{USERNAME}`, "EMAILADDRESS": `[a-zA-Z0-9!#$%&'*+/=?^_{|}~.-]+@%{HOSTNAME}`,
	"INT": `[+-]?[0-9]+`, "BASE10NUM": `[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)`, "NUMBER": `%{BASE10NUM}`, "BASE16NUM": `(?:0[xX])?[0-9a-fA-F]+`,
	"POSINT": `[1-9][0-9]*`, "NONNEGINT": `[0-9]+`, "WORD": `\b\w+\b`, "NOTSPACE": `\S+`, "SPACE": `\s*`, "DATA": `.*?`, "GREEDYDATA": `.*`,
	"QUOTEDSTRING": `(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')`, "QS": `%{QUOTEDSTRING}`, "UUID": `[A-Fa-f0-9]{8}-(?:[A-Fa-f0-9]{4}-){3}[A-Fa-f0-9]{12}`,
	"MAC":  `(?:(?:[A-Fa-f0-9]{4}\.){2}[A-Fa-f0-9]{4}|(?:[A-Fa-f0-9]{2}[:-]){5}[A-Fa-f0-9]{2})`,
	"IPV4": `(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])`,
	"IPV6": `(?:[0-9A-Fa-f]{0,4}:){2,7}(?:[0-9A-Fa-f]{0,4}|%{IPV4})(?:%\w+)?`, "IP": `(?:%{IPV4}|%{IPV6})`,
	"HOSTNAME": `[0-9A-Za-z][0-9A-Za-z_-]{0,62}(?:\.[0-9A-Za-z][0-9A-Za-z_-]{0,62})*\.?`, "IPORHOST": `(?:%{IP}|%{HOSTNAME})`, "HOSTPORT": `%{IPORHOST}:%{POSINT}`,
	"PATH": `(?:%{UNIXPATH}|%{WINPATH})`, "UNIXPATH": `(?:/[\w%!$@:.,+~-]*)+`, "WINPATH": `(?:[A-Za-z]+:|\\)(?:\\[^\\?*]*)+`,
	"URIPROTO": `[A-Za-z](?:[A-Za-z0-9+.-]+)+`, "URIHOST": `%{IPORHOST}(?::%{POSINT})?`, "URIPATH": `(?:/[A-Za-z0-9$.+!*'(){},~:;=@#%&_-]*)+`,
	"URIPARAM": `\?[A-Za-z0-9$.+!*'|(){},~@#%&/=:;_?\[\]<>-]*`, "URIPATHPARAM": `%{URIPATH}(?:%{URIPARAM})?`, "URI": `%{URIPROTO}://(?:%{USER}(?::[^@]*)?@)?(?:%{URIHOST})?(?:%{URIPATHPARAM})?`,
	"MONTH":    `\b(?:[Jj]an(?:uary)?|[Ff]eb(?:ruary)?|[Mm]ar(?:ch)?|[Aa]pr(?:il)?|[Mm]ay|[Jj]un(?:e)?|[Jj]ul(?:y)?|[Aa]ug(?:ust)?|[Ss]ep(?:tember)?|[Oo]ct(?:ober)?|[Nn]ov(?:ember)?|[Dd]ec(?:ember)?)\b`,
	"MONTHNUM": `(?:0?[1-9]|1[0-2])`, "MONTHDAY": `(?:0[1-9]|[12][0-9]|3[01]|[1-9])`, "DAY": `(?:Mon(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Fri(?:day)?|Sat(?:urday)?|Sun(?:day)?)`,
	"YEAR": `(?:\d\d){1,2}`, "HOUR": `(?:2[0123]|[01]?[0-9])`, "MINUTE": `[0-5][0-9]`, "SECOND": `(?:[0-5]?[0-9]|60)(?:[:.,][0-9]+)?`, "TIME": `%{HOUR}:%{MINUTE}(?::%{SECOND})`,
	"DATE_US": `%{MONTHNUM}[/-]%{MONTHDAY}[/-]%{YEAR}`, "DATE_EU": `%{MONTHDAY}[./-]%{MONTHNUM}[./-]%{YEAR}`, "ISO8601_TIMEZONE": `(?:Z|[+-]%{HOUR}(?::?%{MINUTE}))`,
	"TIMESTAMP_ISO8601": `%{YEAR}-%{MONTHNUM}-%{MONTHDAY}[T ]%{HOUR}:?%{MINUTE}(?::?%{SECOND})?%{ISO8601_TIMEZONE}?`, "DATE": `(?:%{DATE_US}|%{DATE_EU})`, "DATESTAMP": `%{DATE}[- ]%{TIME}`,
	"TZ": `(?:[A-Z]{3,4})`, "SYSLOGTIMESTAMP": `%{MONTH} +%{MONTHDAY} %{TIME}`, "HTTPDATE": `%{MONTHDAY}/%{MONTH}/%{YEAR}:%{TIME} %{INT}`,
	"PROG": `[\x21-\x5a\x5c\x5e-\x7e]+`, "SYSLOGPROG": `%{PROG}(?:\[%{POSINT}\])?`, "SYSLOGHOST": `%{IPORHOST}`, "LOGLEVEL": `(?i:alert|trace|debug|notice|info(?:rmation)?|warn(?:ing)?|err(?:or)?|crit(?:ical)?|fatal|severe|emerg(?:ency)?)`,
}
