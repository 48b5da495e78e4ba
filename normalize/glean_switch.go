package normalize

import (
	"strings"

	"sluice/event"
)

// gleanSwitch is what glean takes with switch: true, from the words of a switch: the
// station's hardware address, the port, the VLAN, and what happened there, where the
// pack named no action.
type gleanSwitch struct {
	on         bool
	port, vlan event.Field
}

// switchWords are what words say of a switch's ports, of its parts and settings.
var switchWords = map[string]switchWord{
	"violation": isViolation, "violated": isViolation, "intrusion": isViolation, "spoofing": isSpoofed, "spoofed": isSpoofed, "rogue": isRogue, "untrusted": isRogue, "unauthorized": isRogue,
	"loop": isLoop, "loops": isLoop, "looped": isLoop, "loopback": isLoop, "detected": isSeen, "found": isSeen, "occurred": isSeen,
	"link": isLink, "link-state": isLink, "linkstate": isLink, "interface": isLink, "port": isLink, "line-protocol": isLink, "up": isUp, "down": isDown, "on-line": isUp, "off-line": isDown,
	"802.1x": isStation, "802.1x-authentication": isStation, "dot1x": isStation, "8021x": isStation, "supplicant": isStation, "mab": isStation, "mac-auth": isStation, "macauth": isStation, "mac-authentication": isStation, "mac-based": isStation, "eap": isStation,
	"power": isPart, "psu": isPart, "fan": isPart, "fans": isPart, "temperature": isPart, "overheat": isPart, "transceiver": isPart, "thermal": isPart, "supply": isPart, "battery": isPart,
	"configuration": isConfig, "config": isConfig, "running-config": isConfig, "startup-config": isConfig,
	"changed": isSaved, "saved": isSaved, "modified": isSaved, "copied": isSaved, "written": isSaved, "restored": isSaved, "committed": isSaved, "copying": isSaved, "saving": isSaved, "configs": isConfig,
	"security": isSecurity, "port-security": isSecurity, "dhcp": isServer | isSnooped, "arp": isServer | isSnooped, "server": isServer, "ra": isServer | isSnooped, "bpdu": isServer | isSnooped,
	"ap": isRadio, "aps": isRadio, "ssid": isRadio, "access-point": isRadio,
	"neighbor": isPeer, "neighbour": isPeer, "nbr": isPeer, "peer": isPeer, "adjacency": isPeer,
	"bpduguard": isGuard, "bpdu-guard": isGuard, "bpdu-guarded": isGuard, "bpdu-protection": isGuard, "authorization": isRight, "authorisation": isRight,
}

// switchPair is what two words say that say more than each.
func switchPair(first, second string) switchWord {
	switch {
	case first == "link" && second == "on":
		return isUp
	case first == "link" && second == "off":
		return isDown
	case first == "bpdu" && (second == "protection" || second == "guard"):
		return isGuard
	}
	return 0
}

type switchWord uint32

const (
	isViolation switchWord = 1 << iota
	isRogue
	isLoop
	isSeen
	isLink
	isUp
	isDown
	isStation
	isPart
	isConfig
	isSaved
	isSecurity
	isServer
	isPeer
	isGuard
	isRight
	isSnooped // what switches look into, and drop
	isRadio
	isSpoofed
)

// read takes places from the words, and from all of them together what happened.
func (g *gleanSwitch) read(r *run, s *gleanStep, ws []word, said hint) {
	is := switchWord(0)
	for i := range ws {
		g.linked(r.ev, ws, i)
		if i > 0 && ws[i-1].lower == "from" && i+1 < len(ws) && ws[i+1].lower == "to" {
			continue // went from up to down
		}
		if ws[i].lower == "up" && i+1 < len(ws) && ws[i+1].lower == "to" {
			continue // up to date, up to 5 times
		}
		if ws[i].mark != ':' || ws[i].lower != "port" {
			is |= ws[i].sense.ports // "Port: 22" is a pair's
		}
		if i > 0 {
			is |= switchPair(ws[i-1].lower, ws[i].lower)
		}
		if i == 0 {
			continue
		}
		g.station(r, s, ws, i)
		g.place(r.ev, s, ws, i)
	}
	if !r.ev.Has(s.wider.action) && !r.ev.Has(s.result) && !g.account(r, s, ws) {
		g.happened(r.ev, s, is, said)
	}
}

// station reads the hardware address of who is connected.
func (g *gleanSwitch) station(r *run, s *gleanStep, ws []word, i int) {
	if r.ev.Has(s.wider.macField) {
		return
	}
	w, before := &ws[i], ws[i-1].lower
	switch before {
	case "mac", "client", "host", "station", "supplicant", "sta", "by", "for", "from", "source", "src", "macaddress", "mac-address", "device", "request", "reply":
	case "address":
		if i > 1 && ws[i-2].lower == "bridge" {
			return
		}
	default:
		return
	}
	if text, _, _ := strings.Cut(w.text, ","); isMAC(text) { // 005056-aabbcc,192.0.2.3
		s.wider.mac.put(r, text)
	}
}

// stationOf takes the value of mac= for that of who is connected, in what is surely a switch's:
// elsewhere it may be the machine's own.
func (g *gleanSwitch) stationOf(r *run, s *gleanStep, key, value string) bool {
	if !g.on || s.wide || !isMAC(value) {
		return false
	}
	switch lower(r.ev, key) {
	case "mac", "macaddress", "mac-address", "mac_address", "macaddr":
	default:
		return false
	}
	if !r.ev.Has(s.wider.macField) {
		s.wider.mac.put(r, value)
	}
	return true
}

// linked reads a port whose link is spoken of: swp7 link down, eth0: link is up.
func (g *gleanSwitch) linked(ev *event.Event, ws []word, i int) {
	if i+1 < len(ws) && ws[i+1].lower == "link" && ws[i].mark != ',' && !ev.Has(g.port) && isPortName(ws[i].text) {
		ev.SetText(g.port, ws[i].text)
	}
}

// place reads the port and the VLAN.
func (g *gleanSwitch) place(ev *event.Event, s *gleanStep, ws []word, i int) {
	w, before := &ws[i], ws[i-1].lower
	if before == "id" && i > 1 {
		before = ws[i-2].lower
	}
	switch before {
	case "vlan", "vid":
		if n, ok := atoi(w.text); ok && n > 0 && n < 4095 && !ev.Has(g.vlan) {
			ev.SetText(g.vlan, w.text)
		}
	case "up", "down":
		if ws[i-1].mark == ':' && !ev.Has(g.port) && len(w.text) < 20 && (isPortName(w.text) || len(w.text) > 1 && isNumber(w.text[1:])) {
			ev.SetText(g.port, w.text) // Link Down: g7
		}
	case "port", "interface", "intf", "ethernet", "ifname", "ports", "on":
		if ev.Has(g.port) || ws[i-1].mark == ',' {
			return
		}
		name, _, _ := strings.Cut(w.text, ",")
		if front, _, ok := strings.Cut(name, "-"); ok && isNumber(front) {
			name = front // port 7-Excessive broadcasts
		}
		switch {
		case before == "on" && (isDay(name) || !strings.ContainsAny(name, "/:.") && !isPortWord(name)):
			return // WS-42 is a machine, and so is NODE1
		case i+1 < len(ws) && isPortKind(name) && isPortName(ws[i+1].text): // interface ethernet 1/1/7
			ev.SetText(g.port, name+" "+ws[i+1].text)
		case isPortName(name):
			ev.SetText(g.port, name)
		case before == "port" && !s.wide && len(name) < 4 && isNumber(name) && !(i > 1 && strings.ContainsAny(ws[i-2].text, ".:")):
			ev.SetText(g.port, name) // port 7, not the one behind an address
		}
	}
}

// isPortKind tells the kind of a port that stands apart from its number.
func isPortKind(s string) bool {
	switch s {
	case "ethernet", "Ethernet", "gigabitethernet", "GigabitEthernet", "Te", "Gi", "Fa", "Fo", "Hu", "gi", "te", "lag", "LAG", "management", "vlan", "Vlan":
		return true
	}
	return false
}

// portKinds begin the names of ports that have but a number behind them.
var portKinds = []string{"eth", "port", "vlan", "lag", "gi", "te", "fa", "po", "ge", "xe", "et-", "trunk", "bond", "wan", "lan", "ae", "hu", "fo", "tw", "swp", "mgmt", "management", "bridge-aggregation"}

// isPortWord says whether a name begins as those of ports do.
func isPortWord(name string) bool {
	for _, kind := range portKinds {
		if len(name) > len(kind) && strings.EqualFold(name[:len(kind)], kind) && strings.IndexByte("0123456789-", name[len(kind)]) >= 0 || strings.HasSuffix(kind, "-") && strings.HasPrefix(name, kind) {
			return true
		}
	}
	return len(name) > 8 && (strings.EqualFold(name[:8], "ethernet") || strings.HasPrefix(strings.ToLower(name), "gigabitethernet") || strings.HasPrefix(strings.ToLower(name), "tengig"))
}

// isPortName tells 1/0/7, Gi1/0/7, ge-0/0/7.0, 1:3, port1.0.7 and Ethernet7 from words
// and addresses.
func isPortName(s string) bool {
	digits, letters, marks := 0, 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c-'0' < 10:
			digits++
		case (c|0x20)-'a' < 26:
			if digits > 0 && marks == 0 {
				return false // 3rd
			}
			letters++
		case c == '/' || c == ':' || c == '.':
			if digits == 0 {
				return false
			}
			marks++
		case c == '-' && digits == 0:
		default:
			return false
		}
	}
	if digits == 0 || len(s) > 40 || s[len(s)-1]-'0' > 9 || isMAC(s) || strings.Contains(s, "::") || strings.Count(s, ":") > 3 {
		return false
	}
	return marks > 0 && (strings.IndexByte(s, '.') < 0 || letters > 0 || strings.IndexByte(s, '/') > 0) || letters > 1 && (s[0]&0x20 == 0 || strings.HasPrefix(s, "port") || strings.HasPrefix(s, "eth") || strings.HasPrefix(s, "vlan") || strings.HasPrefix(s, "swp") || strings.HasPrefix(s, "lag"))
}

// isDay tells 11/30/26 and 2026/11/30 from the ports of switches: those have no module beyond the fourth,
// and no leading zeros.
func isDay(s string) bool {
	first, rest, _ := strings.Cut(s, "/")
	second, third, ok := strings.Cut(rest, "/")
	if !ok || !isNumber(first) || !isNumber(second) || !isNumber(third) {
		return false
	}
	return len(first) == 4 || len(third) == 4 || first[0] == '0' && len(first) == 2 || second[0] == '0' && len(second) == 2 ||
		len(third) == 2 && len(second) <= 2 && (second > "4" || len(second) == 2)
}

// account reads who made, changed or removed an account: User ann added by admin.
func (g *gleanSwitch) account(r *run, s *gleanStep, ws []word) bool {
	for i := 2; i+2 < len(ws); i++ {
		who := i + 2
		before := i - 1
		for before > 1 && (ws[before].lower == "was" || ws[before].lower == "has" || ws[before].lower == "been") {
			before--
		}
		if ws[i+1].lower != "by" || !accountDone[ws[i].lower] || !namesAccount(ws, before-1) {
			continue
		}
		if ws[who].lower == "user" && who+1 < len(ws) {
			who++
		}
		if !isName(&ws[who]) || s.user.isSet(r.ev) && r.ev.Text(s.user.kids[0]) != ws[before].text {
			return false
		}
		r.ev.Unset(s.user.kids[0])
		s.whom.put(r, ws[before].text)
		s.user.put(r, ws[who].text)
		r.ev.SetList(s.cat, []string{"iam"})
		r.ev.SetList(s.typ, []string{"user", doneType(ws[i].sense.deed)})
		return true
	}
	return false
}

// isPlain says whether the pack told no more of the event than that there was one.
func (g *gleanSwitch) isPlain(ev *event.Event, s *gleanStep) bool {
	for _, t := range ev.List(s.typ) {
		if t != "info" && t != "connection" {
			return false
		}
	}
	return true
}

// happened tells what it was, of what switches say most: somebody who must not be at a
// port, a loop, a station that logs in, a port that goes up or down, settings that were
// saved, a part that fails.
func (g *gleanSwitch) happened(ev *event.Event, s *gleanStep, is switchWord, said hint) {
	has := func(all switchWord) bool { return is&all == all }
	plain := g.isPlain(ev, s)
	tell := func(action string, types []string, categories ...string) {
		if plain {
			ev.SetList(s.cat, categories)
			ev.SetList(s.typ, types)
		}
		if action != "" {
			ev.SetText(s.wider.action, action)
		}
	}
	failed, fine := said&saysFailed != 0, said&saysFine != 0
	station := ev.Has(s.wider.macField) && said&saysLogin != 0 || has(isStation)
	stopped := []string{"info"} // seen is not stopped
	if said&saysDenied != 0 {
		stopped = []string{"denied"}
	}
	switch {
	case has(isViolation) && (is&(isLink|isServer) != 0 || has(isSecurity) && !s.user.isSet(ev) && (ev.Has(g.port) || ev.Has(s.wider.macField) || said&(saysSecret|saysLogin) == 0)):
		tell("port-security-violation", []string{"denied"}, "network", "intrusion_detection")
	case has(isSnooped) && said&saysDenied != 0 && ev.Has(s.wider.macField) && said&saysLogin == 0: // what snooping drops
		tell("port-security-violation", []string{"denied"}, "network", "intrusion_detection")
	case has(isSpoofed) && is&(isLink|isServer) != 0:
		tell("spoofing-detected", stopped, "network", "intrusion_detection")
	case has(isRogue|isServer) && (is&isLink != 0 || ev.Has(g.port)) && !station:
		tell("rogue-server-detected", stopped, "network", "intrusion_detection")
	case has(isRogue) && has(isRadio) && has(isSeen):
		tell("rogue-access-point-detected", []string{"info"}, "network", "intrusion_detection")
	case has(isGuard):
		tell("bpdu-guard-violation", []string{"denied"}, "network")
	case has(isRight) && failed && !fine: // he is who he says, and may not
		tell("authorization-denied", []string{"info"}, "authentication")
		ev.SetText(s.result, "failure")
	case has(isLoop|isSeen) && said&saysFine == 0:
		tell("loop-detected", []string{"info"}, "network")
	case station && failed != fine && (said&saysLogin != 0 || ev.Has(s.wider.macField)):
		action, result := "authenticated", "success"
		if failed {
			action, result = "authentication-failed", "failure"
		}
		tell(action, []string{"start"}, "authentication", "network")
		ev.SetText(s.result, result)
	case has(isConfig|isSaved) && !failed:
		tell("configuration-changed", []string{"change"}, "configuration")
	case has(isPart) && is&(isUp|isLink) == 0 && said&saysLogin == 0:
		tell("", []string{"info"}, "host")
	case is&(isLink|isPeer) != 0 && is&(isUp|isDown) != 0 && is&(isUp|isDown) != isUp|isDown && is&isPart == 0:
		what, became := "interface-", "up"
		if has(isPeer) {
			what = "neighbor-"
		}
		if has(isDown) {
			became = "down"
		}
		tell(what+became, []string{"info", "change"}, "network")
	}
}
