package normalize

import (
	"strings"

	"sluice/event"
)

// besides says which side an address is that stands behind its name, or behind the name of
// a user: from mail.example.com [192.0.2.1], from user ann 192.0.2.1 port 22.
func besides(ws []word, i int) byte {
	if i < 2 {
		return 0
	}
	before := &ws[i-1]
	switch {
	case (ws[i].open == '[' || ws[i].open == '(' || ws[i].text[0] == '[') && (before.lower == "unknown" || before.lower == "localhost" || strings.IndexByte(before.text, '.') > 0 && isHostName(before.text)):
		return ws[i-2].sense.role
	case ws[i].open == '(' && !isNumber(before.text) && strings.ContainsAny(before.text, "-_0123456789") && isHostName(before.text):
		at := i - 2
		if at > 0 && ws[at].sense.is&wordFiller != 0 && ws[at].sense.role == 0 {
			at-- // to PLC press-7 (192.0.2.1)
		}
		if ws[at].lower == "from" || ws[at].lower == "to" {
			return ws[at].sense.role
		}
	case ws[i-2].sense.is&wordPerson != 0 && isName(before) && i+1 < len(ws) && ws[i+1].lower == "port":
		return 's'
	}
	return 0
}

// roleAt is the side that the word at i says an address behind it is.
func roleAt(ws []word, i int) byte {
	role := ws[i].sense.role
	switch {
	case ws[i].lower == "from" && wasOther(ws, i), ws[i].lower == "to" && i > 1 && ws[i-2].lower == "from" && wasOther(ws, i-2):
		return 0 // NTP server changed from 192.0.2.1 to 192.0.2.2
	case arrows[ws[i].text] && becameOther(ws, i):
		return 0 // changed object srv-web address 192.0.2.1 -> 192.0.2.2
	case ws[i].text == "=>" && i > 0 && isWord(strings.ReplaceAll(ws[i-1].text, "_", "")):
		return 0 // switch_ip => 192.0.2.1 is a pair
	case ws[i].lower == "at" && i > 1 && (ws[i-2].lower == "by" || ws[i-2].lower == "from"):
		return 's' // changed by ann at 192.0.2.1
	case ws[i].lower == "to" && i > 0 && becomes[ws[i-1].lower]:
		return 0 // DNS server set to 192.0.2.1
	case role == 'd' && translates(ws, i):
		return 0 // NAT translation 192.0.2.1 -> 203.0.113.7 created
	case ws[i].lower == "at" && i > 2 && ws[i-3].lower == "by" && ws[i-2].sense.is&wordPerson != 0:
		return 's' // changed by user ann at 192.0.2.1
	case ws[i].lower == "at" && i > 1 && (ws[i-2].lower == "user" || adminWords[ws[i-2].lower]) && isName(&ws[i-1]) && (i == 2 || ws[i-3].mark != 0):
		return 's' // User ann at 192.0.2.1 opened the vault
	case ws[i].lower == "for" && i > 0 && ws[i-1].sense.hint&(saysDenied|saysAllowed) != 0:
		return 's' // http://bad.example blocked for 192.0.2.7
	case ws[i].lower == "on" && i > 1 && ws[i-2].lower == "from" && i+1 < len(ws) && strings.IndexByte(ws[i+1].text, ':') > 0 && strings.IndexByte(ws[i-1].text, '.') > 0:
		return 'd' // accepted connection from 192.0.2.1:50000 on 198.51.100.2:443
	case ws[i].lower == "with" && i > 0 && (ws[i-1].lower == "handshake" || ws[i-1].lower == "connection" || ws[i-1].lower == "session" || ws[i-1].lower == "negotiation" || ws[i-1].lower == "negotiate"):
		return 's'
	case role == 's' && toPeer(ws, i):
		return 'd'
	case ws[i].lower == "server" && i > 0 && (ws[i-1].sense.ports|ws[max(i-2, 0)].sense.ports)&isRogue != 0:
		return 's' // a rogue DHCP server has sent what gave it away
	}
	return role
}

// becameOther says of the arrow at i that it stands between what something was and what it was changed to.
func becameOther(ws []word, i int) bool {
	if i == 0 || i+1 == len(ws) || !isAddress(ws[i-1].text) || !isAddress(ws[i+1].text) {
		return false // with ports, these are ends
	}
	for j := i - 2; j >= max(0, i-8) && ws[j].mark == 0; j-- {
		if ws[j].sense.deed&isChange != 0 && isPast(ws[j].lower) {
			return true
		}
	}
	return false
}

// wasOther says whether a value stands behind "from" that something had before.
func wasOther(ws []word, from int) bool {
	if from == 0 {
		return false
	}
	switch ws[from-1].lower {
	case "changed", "modified", "renamed":
		return true
	case "change", "updated", "updating", "switched", "switching":
		return fromTo(ws, from)
	}
	return fromTo(ws, from) && changesAddress(ws, from)
}

// changesAddress says whether what stands in front of "from" is an address that somebody changed: ann changed
// IP address of eth0 from 192.0.2.1 to 192.0.2.2.
func changesAddress(ws []word, from int) bool {
	address := false
	for j := from - 1; j >= max(0, from-7) && ws[j].mark == 0; j-- {
		switch w := ws[j].lower; {
		case w == "address", w == "ip", w == "gateway", w == "server":
			address = true
		case address && (w == "changed" || w == "modified" || w == "updated" || w == "set"):
			return true
		}
	}
	return false
}

// fromTo says whether two bare addresses stand behind "from": from 192.0.2.1 to 192.0.2.2.
func fromTo(ws []word, from int) bool {
	return from+3 < len(ws) && ws[from+2].lower == "to" && isAddress(ws[from+1].text) && isAddress(ws[from+3].text)
}

// becomes are words in front of "to" and the value that something has now.
var becomes = wordSet("set changed switched switching")

// translates says of the arrow, or of "to", at i that behind it stands what the address before is translated to.
func translates(ws []word, i int) bool {
	if i < 2 || ws[i-2].lower != "translation" && ws[i-2].lower != "translated" && ws[i-2].lower != "nat" && ws[i-2].lower != "snat" {
		return false
	}
	_, _, ok := endpoint(ws[i-1].text)
	return ok && ws[i-2].mark == 0
}

// versionWords stand before a version; upgrades tell that one was put in the place of another.
var (
	versionWords = wordSet("version ver firmware software driver revision")
	upgrades     = wordSet("upgrade upgraded upgrading upgrades downgrade downgraded downgrading version firmware software")
)

// isVersion says of what looks like an address at i that it is a version: firmware 9.1.1.3; ap-3 upgraded
// from 9.1.1.3 to 9.1.1.4.
func isVersion(ws []word, i int) bool {
	if i == 0 {
		return false
	}
	if versionWords[ws[i-1].lower] || i > 1 && ws[i-1].lower == "is" && versionWords[ws[i-2].lower] {
		return true
	}
	from := i - 1
	if ws[from].lower == "to" && i > 2 {
		from = i - 3
	}
	if ws[from].lower != "from" || !fromTo(ws, from) {
		return false
	}
	for j := from - 1; j >= max(0, from-5) && ws[j].mark == 0; j-- {
		if upgrades[ws[j].lower] {
			return true
		}
	}
	return false
}

// atHost reads root@192.0.2.1 where a log-in is told of, or where a text begins with who acts:
// "ann@192.0.2.1: ", "[ann@192.0.2.1] ".
func (s *gleanStep) atHost(r *run, text string) bool {
	at := strings.LastIndexByte(text, '@')
	if at < 1 || s.source.addr.isSet(r.ev) {
		return false
	}
	addr, port, ok := endpoint(text[at+1:])
	if !ok || !s.user.suits(text[:at]) {
		return false
	}
	if !s.user.isSet(r.ev) {
		s.user.put(r, text[:at])
	}
	s.side(r, &s.source, addr, port)
	return true
}

// lone is the address of a text that says of none which side it is: of a log-in it is
// the client's, where there is only one.
type lone struct {
	addr, port string
	on, onPort string // where it happened: the other end, if it is told who came from where
	several    bool
	named      bool // it is called the address, as of a user who is named too
}

// roles say which side an address behind this word is.
var roles = map[string]byte{
	"from": 's', "src": 's', "source": 's', "client": 's', "by": 's', "peer": 's', "rhost": 's', "saddr": 's', "srcip": 's', "remote": 's', "attacker": 's', "clientip": 's', "client_ip": 's', "client-ip": 's', "remote_ip": 's', "remoteip": 's', "source_ip": 's', "sourceip": 's', "source-ip": 's', "src_ip": 's', "userip": 's', "user_ip": 's',
	"destination_ip": 'd', "destinationip": 'd', "dest_ip": 'd', "dst_ip": 'd', "server_ip": 'd', "serverip": 'd',
	"to": 'd', "dst": 'd', "dest": 'd', "destination": 'd', "server": 'd', "daddr": 'd', "dstip": 'd', "->": 'd', "=>": 'd', "towards": 'd', "against": 'd', "at": 'd', "target": 'd', "-->": 'd',
}

// arrows stand between the two sides.
var arrows = map[string]bool{"->": true, "=>": true, "-->": true, "==>": true}

// fillers may stand between the word that tells the side and the address.
var fillers = map[string]bool{"ip": true, "network": true, "address": true, "addr": true, "host": true, "is": true, "the": true, "client": true, "remote": true, "user": true, "peer": true, "at": true, "outside": true, "inside": true, "backend": true, "upstream": true, "node": true, "gateway": true, "machine": true, "device": true, "unknown": true, "unauthorized": true, "untrusted": true, "console": true, "terminal": true, "workstation": true, "station": true, "endpoint": true, "plc": true, "rtu": true, "outstation": true, "hmi": true, "controller": true}

// address reads the word at i as an address, perhaps with a port or interface.
func (s *gleanStep) address(r *run, ws []word, i int, alone *lone) {
	text := strings.TrimLeft(ws[i].text, "/@") // Java writes /192.0.2.1:443, and ann @192.0.2.1 is a log-in's
	if len(text) > 7 && strings.EqualFold(text[:7], "::ffff:") && strings.IndexByte(text, '.') > 0 {
		text = text[7:] // IPv4 in IPv6's clothes
	}
	rest, told := prefixedEnd(text)
	if told == 's' && localOpened(r.text) {
		rest, told = text, 0
	}
	addr, port, ok := endpoint(rest)
	if !ok {
		s.personAt(r, ws, i, text)
		s.namedEnd(r, ws, i, text)
	}
	if !ok || isUnspecified(addr) || port == "" && isVersion(ws, i) {
		return
	}
	if i > 0 && (ws[i-1].lower == "assigned" || ws[i-1].lower == "allocated") && s.wide && !s.ports.on {
		r.ev.Add(s.ips, addr) // to whom, other words say
		return
	}
	if i > 0 && ws[i-1].lower == "nas" {
		return // the switch that asked for whoever logs in
	}
	if at := strings.LastIndexByte(text, '/'); at > 0 && transports[lower(r.ev, text[at+1:])] && !s.proto.isSet(r.ev) {
		s.proto.put(r, text[at+1:]) // 192.0.2.1:80/tcp
	}
	role := told
	if role == 0 {
		role = s.sideOf(r, ws, i, port)
	}
	next := i + 1
	if next < len(ws) && port == "" && (ws[i].shut == '(' && ws[next].shut == ')' || ws[i].shut == '[' && ws[next].shut == ']') && isNumber(ws[next].text) {
		port = ws[next].text // 192.0.2.1(2241) -> 192.0.2.2(80), from 192.0.2.1[500]
		next++
	}
	to := &s.source
	switch {
	case role == 'd':
		to = &s.target
	case role == 0 && s.wide && next > i+1 && isArrow(ws, pastBrackets(ws, next)): // tcp 192.0.2.1(40001)(GigabitEthernet0/0 0000.5e00.5301) -> 192.0.2.2(22)
	case role == 0 && (isArrow(ws, next) && !becameOther(ws, next) || s.wide && (betweenTwo(ws, i) || connects(ws, next))):
	case role == 0:
		if s.wide && happenedOn(ws, i) && alone.on == "" {
			alone.on, alone.onPort = addr, port
		}
		r.ev.Add(s.ips, addr) // whose it is nobody says
		if i > 0 && ws[i-1].lower == "via" {
			return // User ann authenticated via 192.0.2.5: it let him in
		}
		alone.several = alone.several || alone.addr != "" && alone.addr != addr
		alone.addr, alone.port = addr, port
		alone.named = strings.HasPrefix(ws[i].lower, "address:") || strings.HasPrefix(ws[i].lower, "ip:") || i > 0 && (ws[i-1].mark == ':' || i > 1 && ws[i-1].mark == 0 && ws[i-2].lower == "with") && (ws[i-1].lower == "address" || ws[i-1].lower == "ip" || ws[i-1].lower == "addr")
		return
	}
	if to.addr.isSet(r.ev) {
		return
	}
	if port == "" && i+2 < len(ws) && ws[i+1].lower == "port" {
		port = ws[i+2].text
	}
	if port == "" && s.opposite(to).addr.holds(r.ev, addr) && !toItself(ws, i) {
		return // a peer that the pack has told already
	}
	s.side(r, to, addr, port)
}

// namedEnd reads a name and its port behind an arrow that an address stands in front of: 192.0.2.1 ->
// www.example.com:443.
func (s *gleanStep) namedEnd(r *run, ws []word, i int, text string) {
	if !s.wide || i < 2 || !arrows[ws[i-1].text] || s.target.addr.isSet(r.ev) || !s.source.addr.isSet(r.ev) {
		return
	}
	host, port, ok := strings.Cut(text, ":")
	if ok && isPort(port) && strings.IndexByte(host, '.') > 0 && isHostName(host) {
		s.side(r, &s.target, host, port)
	}
}

// sideOf is the side that the words around the address at i say it is: 's' the source, 'd' the
// destination, 0 nobody says.
func (s *gleanStep) sideOf(r *run, ws []word, i int, port string) byte {
	for j := i - 1; j >= 0 && j >= i-4; j-- {
		if role := roleAt(ws, j); role != 0 {
			return role
		}
		if ws[j].sense.is&wordFiller == 0 {
			break
		}
	}
	if i == 0 {
		if !s.wide {
			return 0
		}
		if role := roles[lower(r.ev, r.ev.Text(s.wider.prose.program))]; role != 0 {
			return role // SRC: 192.0.2.1, which looks like a program's name
		}
		if port != "" && len(ws) > 1 && ws[0].mark == 0 && !arrows[ws[1].lower] {
			return 's' // 192.0.2.1:53211 TLS handshake failed
		}
		if len(ws) > 1 && (strings.HasPrefix(ws[1].lower, "user=") || strings.HasPrefix(ws[1].lower, "username=") || ws[1].mark == '=' && ws[1].sense.is&wordPerson != 0) {
			return 's' // 192.0.2.1 user=ann
		}
		return 0
	}
	before, inBrackets := &ws[i-1], ws[i].open == '('
	switch {
	case before.lower == "ip" && before.open == '[' && before.shut == ' ' && ws[i].shut == ']' && s.wide: // [ip 192.0.2.1]
		return 's'
	case before.lower == "ip" && before.mark == 0 && i > 1 && ws[i-2].mark == ',' && s.wide && s.user.isSet(r.ev), // user ann, IP 192.0.2.1
		s.wide && s.byWay(r, ws, i): // user ann through ssh (192.0.2.1)
		return 's'
	case before.lower == "ip" && before.mark == ':' && (i == 1 || ws[i-2].mark == ','), // ..., IP: 192.0.2.1
		before.lower == "connection" && before.mark == ':' && port != "",                                                                                          // New connection: 192.0.2.1:53211
		before.lower == "ip" && i > 1 && isMAC(ws[i-2].text),                                                                                                      // MAC 00:00:5e:00:53:01 IP 192.0.2.1
		inBrackets && isMAC(before.text),                                                                                                                          // the station 00:00:5e:00:53:01 (192.0.2.1)
		ws[i].shut == ')' && i > 2 && ws[i-1].open == '(' && ws[i-3].sense.is&wordPerson != 0 && isName(&ws[i-2]),                                                 // admin ann (https, 192.0.2.1)
		inBrackets && i == 1 && i+1 < len(ws) && isName(before) && ws[i+1].sense.deed != 0 && isPast(ws[i+1].lower),                                               // ann (192.0.2.1) renamed
		inBrackets && i > 1 && (ws[i-2].sense.is&wordPerson != 0 || ws[i-2].lower == "by" || ws[i-2].lower == "for") && isName(before) && !isAddress(before.text), // user ann (192.0.2.1)
		s.wide && s.onTerminal(r, ws, i):
		return 's'
	}
	return besides(ws, i)
}

func (s *gleanStep) opposite(to *side) *side {
	if to == &s.source {
		return &s.target
	}
	return &s.source
}

func (s *gleanStep) side(r *run, to *side, addr, port string) {
	to.addr.put(r, addr)
	if isPort(port) && !r.ev.Has(to.port) {
		r.ev.SetText(to.port, port)
	}
}

// endpoint reads 192.0.2.1, [192.0.2.1], 192.0.2.1:443, 192.0.2.1/443, [2001:db8::1]:443, inside:192.0.2.1/443.
func endpoint(s string) (addr, port string, ok bool) {
	if len(s) < 3 || len(s) > 120 || strings.IndexByte(s, '.') < 0 && strings.IndexByte(s, ':') < 0 {
		return "", "", false
	}
	if s[0] == '[' && s[len(s)-1] == ']' {
		s = s[1 : len(s)-1]
	}
	if s[0] == '/' && strings.IndexByte(s[1:], '/') < 0 {
		s = s[1:] // Java's /192.0.2.1:443
	}
	if _, ok := event.ParseAddr(s); ok {
		return s, "", true
	}
	if i := strings.IndexAny(s, "#,"); i > 0 { // BIND's 192.0.2.1#53211; 192.0.2.1,53211
		if _, ok := event.ParseAddr(s[:i]); ok {
			if _, isNum := atoi(s[i+1:]); isNum {
				return s[:i], s[i+1:], true
			}
		}
	}
	if i := strings.LastIndexByte(s, '/'); i > 0 {
		if strings.IndexByte(s[i+1:], '.') > 0 && isAddress(s[i+1:]) && isWord(s[:i]) {
			return s[i+1:], "", true // inside/192.0.2.1
		}
		if at := i + 1 + strings.IndexByte(s[i+1:], ':'); at > i && strings.IndexByte(s[:i], '.') > 0 && isAddress(s[i+1:at]) && isNumber(s[at+1:]) {
			return s[i+1 : at], s[at+1:], true // Java's db.example.com/192.0.2.1:443
		}
		s, port = s[:i], s[i+1:]
		if strings.IndexByte(port, '.') >= 0 {
			return "", "", false
		}
	}
	if _, ok := event.ParseAddr(s); ok {
		if n, isNum := atoi(port); isNum && n > 128 || port == "" {
			return s, port, true
		}
		return s, port, port != "24" && port != "16" && port != "8" && port != "32" // a network is no host
	}
	if host, rest, ok := strings.Cut(s, ":"); ok && strings.IndexByte(host, '.') > 0 { // 192.0.2.1:443:X1
		if num, _, more := strings.Cut(rest, ":"); more && isAddress(host) && (num == "" || isNumber(num)) {
			return host, num, true
		}
	}
	if i := strings.LastIndexByte(s, ':'); i > 0 {
		host, rest := strings.Trim(s[:i], "[]"), s[i+1:]
		if _, ok := event.ParseAddr(host); ok {
			return host, rest, true
		}
		if _, ok := event.ParseAddr(rest); ok { // an interface stands in front
			return rest, port, true
		}
	}
	return "", "", false
}
