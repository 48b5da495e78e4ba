package normalize

import (
	"slices"
	"strings"
	"unicode"

	"sluice/event"
)

// tale is what the name of an event tells by a thing and what became of it, where neither is
// a deed that the dictionary knows.
type tale struct {
	of, did  map[string]bool
	category []string
	types    []string
	protocol string
	needs    need
}

// need is what a tale must have beside its name.
type need uint8

const (
	nothingMore need = iota
	somebody         // who did it
	someMAC          // the hardware address that it was given to
	nobodyElse       // neither an alert nor anybody who did it
)

// maxTale is the longest name in which tales are looked for; who writes more writes prose.
const maxTale = 64

// tales are looked through in this order.
var tales = []tale{
	{of: wordSet("dhcpack dhcpoffer dhcprequest dhcpdiscover dhcpnak dhcprelease dhcpdecline dhcpinform"), category: []string{"network"}, types: []string{"connection", "protocol"}, protocol: "dhcp"},
	{of: wordSet("dhcp dhcpv4 dhcpv6"), did: wordSet("ack offer request discover nak release decline inform lease leased assigned renew renewed expired granted"), category: []string{"network"}, types: []string{"connection", "protocol"}, protocol: "dhcp"},
	{of: wordSet("lease"), did: wordSet("granted assigned renewed released expired"), category: []string{"network"}, types: []string{"connection", "protocol"}, protocol: "dhcp", needs: someMAC},
	{of: wordSet("client station sta"), did: wordSet("associated association reassociated roamed joined"), category: []string{"network"}, types: []string{"connection", "start"}, needs: someMAC},
	{of: wordSet("client station sta"), did: wordSet("disassociated disassociation deassociated left"), category: []string{"network"}, types: []string{"connection", "end"}, needs: someMAC},
	{of: wordSet("patch package hotfix"), did: wordSet("installed"), category: []string{"package"}, types: []string{"installation"}, needs: nobodyElse},
	{of: wordSet("endpoint host device machine computer sensor workstation asset agent"), did: wordSet("isolated isolate isolation unisolated unisolate contained containment"), category: []string{"host"}, types: []string{"change"}},
	{of: wordSet("password passwords credential credentials secret secrets"), did: wordSet("retrieve retrieved retrieval checked checkout viewed view revealed reveal shown show copied copy accessed read"), category: []string{"iam"}, types: []string{"info"}, needs: somebody},
	{of: wordSet("config configuration configurations"), did: wordSet("saved save committed commit written restored restore applied backed"), category: []string{"configuration"}, types: []string{"change"}, needs: somebody},
	{of: wordSet("interface link port nic"), did: wordSet("up down"), category: []string{"network"}, types: []string{"change"}},
	{of: wordSet("ha cluster failover node"), did: wordSet("failover switchover takeover"), category: []string{"host"}, types: []string{"change"}},
	{of: wordSet("vulnerability vulnerabilities"), did: wordSet("found detected discovered identified"), category: []string{"vulnerability"}, types: []string{"info"}},
	{of: wordSet("email mail"), did: wordSet("blocked quarantined rejected delivered received sent bounced deferred dropped held"), category: []string{"email"}, types: []string{"info"}},
	{of: wordSet("dns"), did: wordSet("query queries lookup request response resolved"), category: []string{"network"}, types: []string{"protocol"}, protocol: "dns"},
	{of: wordSet("table database schema index view column tablespace"), did: wordSet("drop dropped truncate truncated"), category: []string{"database"}, types: []string{"deletion"}},
	{of: wordSet("sql database"), did: wordSet("query statement"), category: []string{"database"}, types: []string{"access"}},
	{of: wordSet("disk cpu memory fan fans temperature power psu hardware heartbeat battery voltage agent sensor"), did: wordSet("high low full failed failure fault exceeded critical normal lost restored offline online disconnected connected reconnected missing degraded recovered down up"), category: []string{"host"}, types: []string{"info"}, needs: nobodyElse},
	{of: wordSet("asset assets device host endpoint"), did: wordSet("discovered found seen"), category: []string{"host"}, types: []string{"info"}, needs: nobodyElse},
}

// untold are words that make something else of a name: the rule against it, the report of it.
var untold = union(wordSet("policy policies rule rules setting settings report license test scan threat file files not no alert alerts"), wordSet("process command login logon"))

// taleOf is the tale that a name tells, nil if none.
func (s *knownStep) taleOf(ev *event.Event, name string) *tale {
	if name == "" || len(name) > maxTale || strings.ContainsAny(name, "=/\\{<\"") {
		return nil
	}
	var buf [2 * maxTale]byte
	var of [9]string
	text, n := lowWords(buf[:0], name), 0
	for word := range strings.FieldsSeq(string(text)) {
		if n == len(of) || untold[word] {
			return nil
		}
		of[n] = word
		n++
	}
	words := of[:n]
	for i := range tales {
		t := &tales[i]
		if slices.ContainsFunc(words, func(w string) bool { return t.of[w] }) && (t.did == nil || slices.ContainsFunc(words, func(w string) bool { return t.did[w] })) && s.hasNeed(ev, t.needs) {
			return t
		}
	}
	return nil
}

// isPlain says of a text that it is a few words, in which nobody and nothing is named that a reader of prose
// would take more of.
func isPlain(text string) bool {
	return text != "" && strings.Count(text, " ") < 5 && strings.IndexFunc(text, func(c rune) bool {
		return c != ' ' && c != '-' && c != '/' && c != ':' && !unicode.IsLetter(c) && !unicode.IsDigit(c)
	}) < 0
}

// lowWords writes the words of a name in lower case, a space between each two: HostIsolated, host_isolated.
func lowWords(dst []byte, name string) []byte {
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case c-'A' < 26:
			if i > 0 && name[i-1]-'a' < 26 {
				dst = append(dst, ' ')
			}
			c |= 0x20
		case c-'a' >= 26 && c-'0' >= 10:
			c = ' '
		}
		dst = append(dst, c)
	}
	return dst
}

func (s *knownStep) hasNeed(ev *event.Event, n need) bool {
	switch n {
	case somebody:
		return slices.ContainsFunc(s.what.actors[:], ev.Has)
	case someMAC:
		return ev.Has(s.owner.mac) || ev.Has(s.owner.station.field)
	case nobodyElse:
		return ev.Text(s.what.kind) != "alert" && !slices.ContainsFunc(s.what.actors[:], ev.Has)
	}
	return true
}

// told tells what a record is about by what its name says in so many words, or its text where that is
// no longer than a name.
func (s *knownStep) told(r *run, keys []vendorKey, said deed) {
	ev := r.ev
	t := s.taleOf(ev, s.nameOf(ev))
	if title := ev.Text(s.what.title); t == nil && s.what.name == event.None && isPlain(title) {
		t = s.taleOf(ev, title)
	}
	if t == nil {
		s.titleSays(r, keys, said)
		return
	}
	for _, c := range t.category {
		ev.Add(s.category, c)
	}
	if t.protocol != "" && !ev.Has(s.what.protocol) {
		ev.SetText(s.what.protocol, t.protocol)
	}
	if ev.Has(s.kind) {
		return
	}
	for _, typ := range t.types {
		ev.Add(s.kind, typ)
	}
}

// titleSays tells what a record is about by what its short text says that somebody did, where the action
// is of what sort it was: cat=Group Management, msg=Member added to group.
func (s *knownStep) titleSays(r *run, keys []vendorKey, said deed) {
	const did, thing = isCreation | isDeletion | isChange, isAccount | isSetting | isFile
	title := r.ev.Text(s.what.title)
	name := s.nameOf(r.ev)
	if name == "" || title == "" || len(title) > 40 || strings.Count(title, " ") > 3 || deedOf(name)&did != 0 || r.ev.Text(s.what.kind) == "alert" {
		return
	}
	is := deedOf(title)
	if is&did == 0 || is&thing == 0 || is&(isLogin|isLogout|isFailed) != 0 {
		return
	}
	if is &= did | thing; joins(title) {
		is = is&thing | isChange
	}
	s.about(r, keys, said|is)
}

// exploited says of a hole that is named that somebody was seen using it: between two ends, of which one has
// the port of a client, as no scanner tells.
func (s *knownStep) exploited(ev *event.Event) bool {
	return ev.Has(s.what.hole) && ev.Has(s.source) && ev.Has(s.target) && ev.Has(s.what.port[0])
}

// isMailbox tells the address of a mailbox from that of a telephone: sip:100@pbx.example.com.
func isMailbox(s string) bool {
	return strings.IndexByte(s, '@') >= 0 && !strings.Contains(s, "sip:") && !strings.Contains(s, "sips:")
}

// observerTypes are what a device may be that watches what others do.
var observerTypes = wordSet("firewall ngfw utm ips ids idps proxy waf router switch gateway")

// isSerial tells the number of a device from a family name, which has the same key in directories, and from
// a counter.
func isSerial(s string) bool {
	return len(s) > 5 && len(s) < 40 && strings.ContainsAny(s, "0123456789") && !strings.ContainsAny(s, " :@") && (len(s) > 9 || !isNumber(s))
}
