package normalize_test

import "testing"

// TestNotSo: what looks like something else in records of products that no pack knows.
func TestNotSo(t *testing.T) {
	f := verbCase(t)
	what := "- json: {}\n- known: {categories: true}"
	wide := "- glean: {wide: true}"
	ports := "- glean: {wide: true, switch: true}"
	// somebody is told of in prose, and another did it
	told := "- json: {map: {description: message}}\n- known: {categories: true}\n- in: message\n  glean: {}"
	f(told, `{"actorEmail":"ann@example.com","description":"Created user bob@example.net"}`, "user.email", "ann@example.com")
	f(told, `{"actorId":12,"description":"Created user bob"}`, "user.name", "")
	// an account beside who acts is whoever pays for it
	f(what, `{"actor":{"id":4411,"name":"Ann Lee"},"account":{"id":55,"name":"Example Inc"},"action":"AccessGranted"}`, "user.target.id", "")
	f(what, `{"actor":{"id":4411,"name":"Ann Lee"},"account":{"id":55,"name":"Bob Ray"},"action":"account_deleted"}`, "user.target.id", "55")
	// a word of a key says less than the key
	f(wide, "5 | Print Job | Job Name: Q3.pdf | User Name: ann | Accounting User ID: 77", "event.action", "")
	f(wide, "5 | Print Job | Job Name: Q3.pdf | User Name: ann | Accounting User ID: 77", "event.id", "")
	f(wide, "5 | Print Job | Job Name: Q3.pdf | User Name: ann | Accounting User ID: 77", "user.name", "ann")
	f(wide, "type: IPS, vulnerability ID:12010123, src ip:192.0.2.1, dst ip:192.0.2.2", "event.id", "")
	// ports of switches are none of these
	f(ports, "[Event Name] Content Threat Blocked [MAC Address] 00-00-5e-00-53-42 [Server] x", "event.action", "")
	f(ports, "Message from user SYSTEM on NODE1 Security alarm", "observer.ingress.interface.name", "")
	f(ports, "Security violation occurred on port Gi1/0/4 by 00-00-5e-00-53-42", "event.action", "port-security-violation")
	f(ports, "DHCP packet dropped, mac 00-00-5e-00-53-42", "event.action", "port-security-violation")
	// it came to an end, and to a bad one
	f(what, `{"type":"QueryCompleted","user":"ann","queryState":"FAILED"}`, "event.outcome", "failure")
	f(what, `{"type":"QueryCompleted","user":"ann","queryState":"FINISHED"}`, "event.outcome", "success")
	f(what, `{"action":"request completed","user":"ann","verdict":"denied by policy"}`, "event.outcome", "failure")
	f(what, `{"event":"ReportProcessed","user":"ann"}`, "event.category", "")
	f(what, `{"policy":-1}`, "rule.name", "")
	// the machine that was asked for is not the one that tells of it
	f(what, `{"remote_addr":"192.0.2.1","host":"www.example.com","method":"GET","url":"/a","status":403}`, "host.name", "")
	f(what, `{"remote_addr":"192.0.2.1","host":"www.example.com","method":"GET","url":"/a","status":403}`, "url.domain", "www.example.com")
	f(what, `{"remote_addr":"192.0.2.1","host":"web-1","method":"GET","url":"/a","status":403}`, "host.name", "web-1")
	f(what, `{"loggedOnUser":"ann@WS42","action":"x"}`, "user.email", "")
	f(what, `{"loggedOnUser":"ann@WS42","action":"x"}`, "user.name", "ann")
	shipped := shippedCase(t)
	shipped(`<134>1 2026-03-02T08:59:50Z lj-42 printer - - - device_name="LaserJet M608" event_name="Login attempt" user="ann" result="failed" source_IP="192.0.2.44"`, "host.name", "lj-42")
	shipped(`2026-03-02 08:59:50 | LogonAction=Auth Failed | UserName=ann | ErrorCode=8017`, "user.full_name", "")
	shipped(`2026-03-02 08:59:50 | LogonAction=Auth Failed | UserName=ann | ErrorCode=8017`, "user.name", "ann")
}

// TestNamedSo: keys of flow exports, traps, doors and others, by what they are called anywhere.
func TestNamedSo(t *testing.T) {
	f := verbCase(t)
	what := "- json: {}\n- known: {categories: true}"
	flow := `{"sourceIPv4Address":"192.0.2.1","sourceTransportPort":443,"destinationIPv4Address":"192.0.2.2","destinationTransportPort":50122,"protocolIdentifier":6,"octetDeltaCount":6561,"packetDeltaCount":12}`
	f(what, flow, "source.port", "443")
	f(what, flow, "destination.ip", "192.0.2.2")
	f(what, flow, "network.transport", "tcp")
	f(what, flow, "network.bytes", "6561")
	f(what, flow, "event.category", "network")
	f(what, `{"attackerHost":"ws42","attackerIp":"192.0.2.1","decoyIp":"192.0.2.200"}`, "destination.ip", "192.0.2.200")
	f(what, `{"attackerHost":"ws42","attackerIp":"192.0.2.1","decoyIp":"192.0.2.200"}`, "source.domain", "ws42")
	f(what, `{"action":"AccessGranted","cardholder":"Lee, Ann"}`, "user.full_name", "Lee, Ann")
	f(what, `{"action":"AccessGranted","Cardholder":{"email":"ann@example.com"}}`, "user.email", "ann@example.com")
	f(what, `{"event_type":"DOOR_ACCESS","event_info":{"userName":"ann"}}`, "user.name", "ann")
	f(what, `{"securityAction":{"action":"Access Granted"},"actor":{"name":"Ann Lee"}}`, "event.action", "Access Granted")
	f(what, `{"t":"2026-03-02T08:59:50Z","level":"warn"}`, "@timestamp", "2026-03-02T08:59:50.000Z")
	f(what, `{"t":"1500","level":"warn"}`, "@timestamp", "2026-03-02T09:00:00.000Z") // when it came
	f(what, `{"request":"POST","url":"https://box.example.com/a"}`, "http.request.method", "POST")
	f(what, `{"resolved_ips":["192.0.2.8","192.0.2.9"],"query":"www.example.com"}`, "dns.resolved_ip", "192.0.2.8|192.0.2.9")
	f(what, `{"in_iface":"eth0","src_ip":"192.0.2.1","dst_ip":"192.0.2.2"}`, "observer.ingress.interface.name", "eth0")
	shippedCase(t)(`{"time":"2026-03-02T08:59:50Z","method":"GET","scheme":"https","host":"www.example.com","url":"/a?b=1","status":200}`, "url.full", "https://www.example.com/a?b=1")
}
