package console

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"sluice/internal/strictyaml"
)

// How other query languages, and people, write what is written otherwise here. Each asks a query
// whose quoted parts are blank.
var (
	compared   = regexp.MustCompile(`([\w@][\w@.-]*)\s*(==|!=|<>|=~|=)\s*([^\s()=]+)`)
	ordered    = regexp.MustCompile(`([\w@][\w@.-]*)\s*(<=|>=|<|>)\s*([^\s()=]+)`)
	smallWord  = regexp.MustCompile(`(?:^|[\s)])(and|And|or|Or|not|Not)[\s(]`)
	inList     = regexp.MustCompile(`(?i)([\w@][\w@.-]*)\s+in\s*[(\[]`)
	asksHas    = regexp.MustCompile(`\b(?:has|exists|isnotnull)\(([\w@][\w@.-]*)\)`)
	drive      = regexp.MustCompile(`(?:^|\s)[A-Za-z]:\\+\S*`)
	scheme     = regexp.MustCompile(`[a-z][a-z0-9+]*://\S*`)
	valued     = regexp.MustCompile(`([\w@][\w@.-]*):("[^"*?]*[A-Za-z][^"*?]*"|[^\s"*?/()\[\]{}<>]*[A-Za-z][^\s"*?/()\[\]{}<>]*)(?:[\s)]|$)`)
	phrase     = regexp.MustCompile(`(:"(?:\\.|[^"\\])*")|"(?:\\.|[^"\\])*"`) // the first part: a field's value
	apostrophe = regexp.MustCompile(`([\w@][\w@.-]*):'([^']*)'`)
	curly      = regexp.MustCompile(`[“”„‟«»]`)
)

// elsewhere are what Splunk's Common Information Model, Microsoft's ASIM and many devices call a field
// of ECS, in small letters.
var elsewhere = map[string]string{
	"src": "source.ip", "src_ip": "source.ip", "srcip": "source.ip", "sourceip": "source.ip", "srcipaddr": "source.ip", "clientip": "source.ip", "client_ip": "source.ip", "remote_addr": "source.ip",
	"dst": "destination.ip", "dest": "destination.ip", "dst_ip": "destination.ip", "dest_ip": "destination.ip", "dstip": "destination.ip", "destip": "destination.ip", "dstipaddr": "destination.ip",
	"src_port": "source.port", "srcport": "source.port", "spt": "source.port", "dst_port": "destination.port", "dest_port": "destination.port", "dstport": "destination.port", "dpt": "destination.port",
	"user": "user.name", "username": "user.name", "account": "user.name", "host": "host.name", "hostname": "host.name", "computer": "host.name", "action": "event.action", "outcome": "event.outcome", "result": "event.outcome",
	"eventid": "event.code", "event_id": "event.code", "signature": "rule.name", "rule": "rule.name", "proto": "network.transport", "protocol": "network.protocol", "process": "process.name", "image": "process.executable", "commandline": "process.command_line",
	"url": "url.full", "uri": "url.original", "domain": "url.domain", "query": "dns.question.name", "status": "http.response.status_code", "level": "log.level", "severity": "event.severity", "sourcetype": "event.dataset", "index": "event.dataset", "time": "@timestamp", "timestamp": "@timestamp",
}

// habit is how to write what a query that found nothing has from elsewhere; "": nothing strikes.
// known are the fields that events may have.
func habit(query string, known []string) string {
	bare := quoted.ReplaceAllStringFunc(query, func(s string) string { return strings.Repeat("\x01", len(s)) }) // of the same length
	field := func(name string) bool { return strings.Contains(name, ".") || slices.Contains(known, name) }
	if m := meant(compared, bare, query); m != nil && field(m[1]) {
		if m[2][0] == '!' || m[2] == "<>" {
			return "a field stands before a colon: NOT " + m[1] + ":" + m[3]
		}
		return "a field stands before a colon: " + m[1] + ":" + m[3]
	}
	if m := meant(ordered, bare, query); m != nil && field(m[1]) {
		return "an order is written with a colon: " + m[1] + ":" + m[2] + m[3]
	}
	if m := inList.FindStringSubmatch(bare); m != nil && field(m[1]) {
		return "several values are written " + m[1] + ":(a OR b)"
	}
	if m := asksHas.FindStringSubmatch(bare); m != nil {
		return "events that have a field are found by _exists_:" + m[1]
	}
	switch m := smallWord.FindStringSubmatch(bare); {
	case m != nil && strings.EqualFold(m[1], "not"):
		return m[1] + " is searched for as a word; in front of what is to be left out it is written NOT"
	case m != nil:
		return m[1] + " is searched for as a word; between conditions it is written " + strings.ToUpper(m[1])
	case strings.Contains(strings.ReplaceAll(bare, "||", ""), "|"):
		return "nothing can follow behind | here"
	}
	if m := curly.FindString(bare); m != "" {
		return "quotes are written \" here, not " + m + ", as mails and documents have them"
	}
	if m := apostrophe.FindStringSubmatch(bare); m != nil {
		return `quotes are written " here: ` + m[1] + `:"` + m[2] + `"`
	}
	for _, form := range []*regexp.Regexp{drive, scheme} { // two slashes would be a regular expression
		if text := strings.TrimSpace(form.FindString(phrase.ReplaceAllString(query, "$1"))); text != "" {
			return `quote what has colons or backslashes: "` + strings.ReplaceAll(text, `\`, `\\`) + `"`
		}
	}
	return ""
}

// meant are the parts of a form in a query, as they stand there; bare is the query with its quoted parts blank.
func meant(form *regexp.Regexp, bare, query string) (parts []string) {
	at := form.FindStringSubmatchIndex(bare)
	for i := 0; i+1 < len(at); i += 2 {
		parts = append(parts, query[at[i]:at[i+1]])
	}
	return parts
}

// exact says how values of fields are compared, where a query has one that could be part of a longer one,
// or one that its field never has: values are the only ones of a field, nil: any.
func exact(query string, values func(field string) []string) string {
	for _, m := range valued.FindAllStringSubmatch(phrase.ReplaceAllString(query, "$1"), -1) {
		text := strings.Trim(m[2], `"`)
		if _, err := netip.ParseAddr(text); err == nil { // an address is no text that has parts
			continue
		}
		if m[1] != "message" && m[1] != "_exists_" && !strings.HasSuffix(m[1], ".text") && !strings.HasPrefix(m[1], "@") {
			if only := values(m[1]); only != nil && !slices.Contains(only, text) {
				return m[1] + " never has the value " + text + strictyaml.DidYouMean(strings.ToLower(text), only)
			}
			text = strings.ReplaceAll(text, " ", `\ `)
			how := "the value of a field counts whole and with its case; " + m[1] + ":*" + text + "* finds it as a part"
			if small := strings.ToLower(text); small != text {
				how += ", " + m[1] + ":" + small + " in small letters"
			}
			return how
		}
	}
	return ""
}
