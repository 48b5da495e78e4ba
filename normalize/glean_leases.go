package normalize

import "strings"

// leaseWords are what a server of addresses does, by the message of DHCP that tells of it.
var leaseWords = map[string]string{
	"discover": "discover", "dhcpdiscover": "discover", "offer": "offer", "offered": "offer", "dhcpoffer": "offer", "request": "request", "requested": "request", "dhcprequest": "request",
	"ack": "ack", "dhcpack": "ack", "leased": "ack", "assigned": "ack", "granted": "ack", "renewed": "ack", "allocated": "ack", "nak": "nak", "nack": "nak", "dhcpnak": "nak", "dhcpnack": "nak",
	"decline": "decline", "declined": "decline", "dhcpdecline": "decline", "release": "release", "released": "release", "dhcprelease": "release", "inform": "inform", "dhcpinform": "inform",
	"expired": "expire",
}

// lease reads what a server of addresses says of a station: Sending OFFER of 192.0.2.7 to
// 00:00:5e:00:53:07; dhcp: client 00:00:5e:00:53:07 released 192.0.2.7. The station is the client,
// whatever stands before its address.
func (s *gleanStep) lease(r *run, ws []word, program string) bool {
	if r.ev.Has(s.cat) || r.ev.Has(s.wider.action) || r.ev.Has(s.wider.method) {
		return false
	}
	dhcp, lease, what := strings.Contains(lower(r.ev, program), "dhcp"), false, ""
	for i := range ws {
		w := ws[i].lower
		if strings.HasPrefix(w, "dhcp") {
			dhcp = true
		}
		lease = lease || w == "lease"
		if w == "snooping" || w == "server" && i > 0 && ws[i-1].sense.ports&isRogue != 0 {
			return false // a switch that guards
		}
		if is := ws[i].sense.lease; is != "" && (what == "" || strings.HasPrefix(w, "dhcp")) {
			what = is
		}
	}
	if !dhcp && !lease || what == "" {
		return false
	}
	mac, addr := "", ""
	for i := range ws {
		value := ws[i].text[strings.IndexByte(ws[i].text, '=')+1:]
		switch {
		case isMAC(value) && mac == "":
			mac = value
		case addr == "" && isAddress(value) && (i == 0 || ws[i-1].lower != "server" && ws[i-1].lower != "gateway" && ws[i-1].lower != "relay" && ws[i-1].lower != "via"):
			addr = value
		}
	}
	if mac == "" || !dhcp && addr == "" {
		return false
	}
	s.leased(r, what, mac, addr)
	return true
}

func (s *gleanStep) leased(r *run, what, mac, addr string) {
	ev := r.ev
	s.is(r, "network", "protocol")
	ev.SetText(s.wider.action, "dhcp"+what)
	if !ev.Has(s.wider.protocol) {
		ev.SetText(s.wider.protocol, "dhcp")
	}
	if !ev.Has(s.wider.macField) {
		s.wider.mac.put(r, mac)
	}
	switch what {
	case "ack", "release", "request", "offer", "decline", "nak", "expire":
		if addr == ev.Text(s.wider.prose.target) {
			for _, f := range s.target.addr.kids {
				ev.Unset(f) // to 192.0.2.7: the station's own
			}
		}
		if addr != "" && !s.source.addr.isSet(ev) {
			s.side(r, &s.source, addr, "")
		}
	}
	if result := map[string]string{"ack": "success", "nak": "failure"}[what]; result != "" && !ev.Has(s.result) {
		ev.SetText(s.result, result)
	}
}
