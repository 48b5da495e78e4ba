package normalize_test

import "testing"

// TestLeases: what servers of addresses and of names say in prose.
func TestLeases(t *testing.T) {
	f := verbCase(t)
	for line, action := range map[string]string{
		"dhcp: sending OFFER of 192.0.2.7 to 00:00:5e:00:53:07":      "dhcpoffer",
		"DHCP: client 00:00:5e:00:53:07 released 192.0.2.7":          "dhcprelease",
		"DHCP lease assigned: ip=192.0.2.7 mac=00:00:5e:00:53:07":    "dhcpack",
		"DHCPACK to 192.0.2.7 (00-00-5e-00-53-07) from server":       "dhcpack",
		"DHCP server 192.0.2.254 leased 192.0.2.7 0000.5e00.5307":    "dhcpack",
		"dhcp lease of 192.0.2.7 expired (station 0000.5e00.5307)":   "dhcpexpire",
		"DHCPNAK 192.0.2.7 00:00:5e:00:53:07 wrong network via eth1": "dhcpnak",
	} {
		f(wide, line, "event.action", action)
		f(wide, line, "source.ip", "192.0.2.7")
		f(wide, line, "source.mac", "00-00-5E-00-53-07")
		f(wide, line, "network.protocol", "dhcp")
		f(wide, line, "event.type", "protocol")
	}
	f(wide, "00:00:5e:00:53:07 released 192.0.2.7", "event.action", "") // by whatever
	f(wide, "DHCP snooping: ACK from 00:00:5e:00:53:07 192.0.2.7 on port 7", "network.protocol", "")
	f(wide, "DHCPNAK 192.0.2.7 00:00:5e:00:53:07", "event.outcome", "failure")

	known := wide + "\n- known: {categories: true}"
	f(known, "query from 192.0.2.1#5353: www.example.org IN TXT -> SERVFAIL (2ms)", "dns.question.name", "www.example.org")
	f(known, "192.0.2.1 asked for mail.example.com MX, answered REFUSED", "event.outcome", "failure")
	f(known, "192.0.2.1 asked for mail.example.com MX, answered NOERROR", "event.outcome", "success")
	f(known, "asked for ann@example.com ANY", "dns.question.name", "")
	f(what, `{"client":"192.0.2.1","qname":"www.example.com","qtype":"A","rcode":"NXDOMAIN"}`, "event.outcome", "failure")
	f(what, `{"client":"192.0.2.1","qname":"www.example.com","qtype":"A","rcode":"NoError"}`, "event.outcome", "success")
	f(what, `{"client":"192.0.2.1","qname":"www.example.com","qtype":"A","rcode":"nxdomain"}`, "dns.response_code", "NXDOMAIN")
	f(what, `{"client":"192.0.2.1","qname":"www.example.com","qtype":"A","rcode":9}`, "dns.response_code", "NOTAUTH")
	f(what, `{"client":"192.0.2.1","qname":"www.example.com","action":"blocked","rcode":"NXDOMAIN"}`, "event.outcome", "success") // as it should be
}
