package normalize_test

import "testing"

// TestTales: what became of a thing that no deed is known of, by the name of the event or its text.
func TestTales(t *testing.T) {
	f := verbCase(t)
	for name, want := range map[string][2]string{
		"HostIsolated": {"host", "change"}, "Device released from containment": {"host", "change"},
		"Password retrieved": {"iam", "info"}, "credential_checked_out": {"iam", "info"}, "Configuration saved": {"configuration", "change"},
		"DHCPACK": {"network", "connection|protocol"}, "dhcp.lease.renewed": {"network", "connection|protocol"},
		"Interface eth0 down": {"network", "change"}, "link up": {"network", "change"}, "HA failover": {"host", "change"},
		"Vulnerability found": {"vulnerability", "info"}, "Email quarantined": {"email", "denied"}, "DNS query": {"network", "protocol"},
		"table dropped": {"database", "deletion"}, "Password policy viewed": {"", ""}, "Uplink": {"", ""}, "the link between cause and effect goes up and down again": {"", ""},
	} {
		f(what, `{"event":"`+name+`","user":"ann","src":"192.0.2.1"}`, "event.category", want[0])
		f(what, `{"event":"`+name+`","user":"ann","src":"192.0.2.1"}`, "event.type", want[1])
	}
	f(what, `{"event":"Password retrieved"}`, "event.category", "") // by whom?
	f(what, `{"event":"Asset discovered","src":"192.0.2.1"}`, "event.category", "host")
	f(what, `{"id":4711,"message":"Power supply 2 failed"}`, "event.category", "host")
	f(what, `{"event":"DHCPACK","ip":"192.0.2.1"}`, "network.protocol", "dhcp")
	f(what, `{"action":"Group Management","message":"Member added to group","user":"ann"}`, "event.category", "iam")
	f(what, `{"action":"Group Management","message":"Member added to group","user":"ann"}`, "event.type", "change|group")
}

// TestSeenUsed: a hole that somebody used, and one that was only found; what a guard did with a connection.
func TestSeenUsed(t *testing.T) {
	f := verbCase(t)
	used := `{"src":"192.0.2.1","sport":40000,"dst":"198.51.100.2","dport":8080,"cve":"CVE-2026-1234","action":"drop"}`
	f(what, used, "event.category", "intrusion_detection|network")
	f(what, used, "event.kind", "alert")
	f(what, used, "event.outcome", "success")
	f(what, `{"host":"198.51.100.2","port":8080,"cve":"CVE-2026-1234"}`, "event.category", "vulnerability")
	f(what, `{"src":"192.0.2.1","dst":"198.51.100.2","status":"Deny"}`, "event.outcome", "success")
	f(what, `{"src":"192.0.2.1","dst":"198.51.100.2","action":"allow"}`, "event.outcome", "success")
	f(what, `{"src":"192.0.2.1","dst":"198.51.100.2"}`, "event.outcome", "")
	shipped := shippedCase(t)
	shipped(`<13>Mar  2 08:59:50 scan1 vulnscan: host=192.0.2.9 hostname=db1 cve=CVE-2026-1234 severity=Critical score=9.8`, "host.name", "db1")
	shipped(`<13>Mar  2 08:59:50 scan1 vulnscan: host=192.0.2.9 hostname=db1 cve=CVE-2026-1234 severity=Critical score=9.8`, "host.ip", "192.0.2.9")
}

// TestKeysOfGuards: keys of firewalls and their logs.
func TestKeysOfGuards(t *testing.T) {
	f := verbCase(t)
	f(what, `{"sn":"C0EAE4AABBCC","src":"192.0.2.1","dst":"198.51.100.2"}`, "observer.serial_number", "C0EAE4AABBCC")
	f(what, `{"sn":"Lovelace","src":"192.0.2.1","dst":"198.51.100.2"}`, "observer.serial_number", "")
	f(what, `{"sn":"17","src":"192.0.2.1","dst":"198.51.100.2"}`, "observer.serial_number", "")
	f(what, `{"device_type":"Firewall","src":"192.0.2.1","dst":"198.51.100.2"}`, "observer.type", "firewall")
	f(what, `{"device_type":"Laptop","src":"192.0.2.1","dst":"198.51.100.2"}`, "host.type", "Laptop")
	f(what, `{"nat_src_addr":"203.0.113.1","src":"192.0.2.1"}`, "source.nat.ip", "203.0.113.1")
	f(what, `{"queue_id":"4XyZ7q","from":"ann@example.com","to":"bob@example.net"}`, "email.local_id", "4XyZ7q")
	f(what, `{"qid":"38173","host":"web1"}`, "email.local_id", "") // a scanner's
	flow := `{"time":"2026-03-02T08:00:00Z","start_time":"2026-03-02T07:59:00Z","end_time":"2026-03-02T07:59:30Z","src":"192.0.2.1"}`
	f(what, flow, "@timestamp", "2026-03-02T08:00:00.000Z")
	f(what, flow, "event.start", "2026-03-02T07:59:00.000Z")
	shipped := shippedCase(t)
	welf := `<134>Mar  2 08:59:50 gw id=firewall time="2026-03-02 08:59:50" fw=192.0.2.254 pri=4 rule=12 proto=tcp src=192.0.2.1 dst=198.51.100.2 op=deny`
	shipped(welf, "log.level", "warning")
	shipped(welf, "observer.type", "firewall")
	shipped(welf, "observer.ip", "192.0.2.254")
	shipped(welf, "event.severity", "4")
	shipped(`<13>Mar  2 08:59:50 app1 app: {user=ann, action=EXPORT, object=report-12, ip=192.0.2.5, success=true}`, "event.outcome", "success")
}

// TestMoreOfUnknown: telephones, stations, and whose address it is.
func TestMoreOfUnknown(t *testing.T) {
	f := verbCase(t)
	f(what, `{"from":"sip:100@pbx.example.com","to":"sip:200@pbx.example.com","src":"192.0.2.1","dst":"192.0.2.2"}`, "event.category", "network")
	f(what, `{"from":"sip:100@pbx.example.com","to":"sip:200@pbx.example.com","src":"192.0.2.1","dst":"192.0.2.2"}`, "email.from.address", "")
	f(what, `{"event":"vpn_login","user":"ann","remote_ip":"198.51.100.3","local_ip":"10.99.0.4"}`, "source.ip", "198.51.100.3")
	f(what, `{"event":"connect","process":"x","remote_ip":"198.51.100.3","local_ip":"10.99.0.4"}`, "source.ip", "10.99.0.4")
	f(what, `{"event":"client_associated","client_mac":"00:00:5e:00:53:01","ap":"AP-12"}`, "event.type", "connection|start")
	f(what, `{"event":"client_associated","ap":"AP-12"}`, "event.category", "")
	f(what, `{"alert_name":"Credential dumping","hostname":"WS-9","ip":"192.0.2.9","process":"C:\\Windows\\rundll32.exe"}`, "host.ip", "192.0.2.9")
	f(what, `{"alert_name":"Brute force","hostname":"WS-9","ip":"192.0.2.9"}`, "source.ip", "192.0.2.9")
	f(what, `{"policy":"PCI cards","user":"ann","file":"C:\\a\\cards.xlsx","action":"Blocked"}`, "event.type", "denied")
	f(what, `{"policy":"PCI cards","user":"ann","file":"C:\\a\\cards.xlsx","action":"Blocked"}`, "event.outcome", "success")
	f(what, `{"policy":"PCI cards","user":"ann","file":"C:\\a\\cards.xlsx","action":"Logged"}`, "event.type", "info")
	f(what, `{"event":"ProcessStart","pid":12,"exe":"/bin/nc"}`, "event.type", "start")
	f("- xml: {}\n- known: {categories: true}", `<Event user="ann" type="Login" result="Failure"/>`, "event.action", "Login")
	f(what, `{"@type":"com.example.Login","user":"ann"}`, "event.action", "")
	f(what, `{"type":"dns_tunnel","domain":"x.example","src":"192.0.2.1"}`, "event.kind", "alert")
}
