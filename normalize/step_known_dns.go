package normalize

import (
	"slices"
	"strings"

	"sluice/event"
)

// asked tells of a question of DNS, and whether it was let through.
func (s *knownStep) asked(ev *event.Event, said deed) {
	ev.Add(s.category, "network")
	if !ev.Has(s.names.protocol) {
		ev.SetText(s.names.protocol, "dns")
	}
	if typ := questionNumbers[ev.Text(s.questionType)]; typ != "" {
		ev.SetText(s.questionType, typ)
	}
	if code := rcodeOf(ev.Text(s.rcode)); code != "" {
		ev.SetText(s.rcode, code)
	}
	if ev.Has(s.kind) {
		return
	}
	ev.Add(s.kind, "protocol")
	s.decided(ev, said)
	if said&(isAllowed|isDenied) == isDenied && !ev.Has(s.what.outcome) {
		ev.SetText(s.what.outcome, "success") // a filter's, which answered in the server's place
	}
	if code := ev.Text(s.rcode); code != "" && said&isDenied == 0 && !ev.Has(s.what.outcome) {
		ev.SetText(s.what.outcome, outcomeOf(code == "NOERROR"))
	}
}

// questionNumbers are the types of questions that are met, by the numbers that IANA gave them; rcodeNames the
// codes of answers, in the order of theirs.
var (
	questionNumbers = map[string]string{"1": "A", "2": "NS", "5": "CNAME", "6": "SOA", "12": "PTR", "15": "MX", "16": "TXT", "28": "AAAA", "33": "SRV", "64": "SVCB", "65": "HTTPS", "255": "ANY"}
	rcodeNames      = strings.Fields("NOERROR FORMERR SERVFAIL NXDOMAIN NOTIMP REFUSED YXDOMAIN YXRRSET NXRRSET NOTAUTH NOTZONE")
	rcodes          = wordSet(strings.Join(rcodeNames, " ") + " BADVERS BADSIG BADKEY BADTIME")
)

// rcodeOf is the name of a code that is given by its number, or by its name in whatever case; "" where it is none.
func rcodeOf(text string) string {
	if n, ok := atoi(text); ok && n < len(rcodeNames) {
		return rcodeNames[n]
	}
	if name := strings.ToUpper(text); rcodes[name] {
		return name
	}
	return ""
}

// named is the question of DNS under a key that says no more than that it is a name, where
// another says that DNS was asked.
func (s *knownStep) named(ev *event.Event, keys []vendorKey) {
	if ev.Has(s.question) {
		return
	}
	name, asked := "", ev.Has(s.questionType)
	for _, k := range keys {
		switch {
		case !own(k.parents):
		case k.name == "name" && name == "" && (asked || ev.Has(s.rcode)) && checks["dns.question.name"](k.text):
			name = k.text
		case k.name == "destination" && ev.Has(s.questionType) && checks["dns.question.name"](k.text) && !isAddress(k.text):
			name = k.text
		case (k.name == "domain" || k.name == "domainname" || k.name == "fqdn") && checks["dns.question.name"](k.text):
			name = k.text
		case k.name == "type" && questionTypes[k.text] && ev.Has(s.rcode):
			asked = true
		case k.name == "action" || k.name == "type" || k.name == "kind" || strings.HasSuffix(k.name, "category") || strings.HasSuffix(k.name, "type"):
			asked = asked || isDNS(k.text)
		}
	}
	if asked || isDNS(ev.Text(s.action)) {
		if name != "" {
			ev.SetText(s.question, name)
			if to := &s.names.sides[1]; ev.Text(to.domain) == name && ev.Text(to.address) == name {
				ev.Unset(to.domain)
				ev.Unset(to.address)
			}
		}
	}
}

// questionKeys say of what type a question of DNS is.
var questionKeys = wordSet("questiontype querytype qtype rrtype dnsquerytype")

// askedName says of a key beside the type of a question that it is what was asked for: it is
// neither the host nor the domain of who asked.
func askedName(key string, keys []vendorKey) bool {
	return (strings.EqualFold(key, "fqdn") || strings.EqualFold(key, "domain")) &&
		slices.ContainsFunc(keys, func(k vendorKey) bool { return questionKeys[k.name] && own(k.parents) })
}

// askedType is the type of a question that stands under a key called type.
func (s *knownStep) askedType(ev *event.Event, keys []vendorKey) {
	for _, k := range keys {
		if k.name == "type" && questionTypes[k.text] && own(k.parents) && ev.Has(s.question) && !ev.Has(s.questionType) {
			ev.SetText(s.questionType, k.text)
		}
	}
}

// isDNS says of a name of an event that it is of DNS: DNS_REQUEST, dns query.
func isDNS(text string) bool {
	return len(text) < 32 && len(text) > 2 && strings.EqualFold(text[:3], "dns") && (len(text) == 3 || strings.IndexByte(" _-.", text[3]) >= 0)
}
