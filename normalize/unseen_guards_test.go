package normalize_test

import "testing"

// TestGuards: what guards, gateways and sensors that no pack knows say of who was let through.
func TestGuards(t *testing.T) {
	f := verbCase(t)
	// a question of DNS in prose, and that nobody answered it
	for _, line := range []string{"query ads.example.net type A from 192.0.2.33 blocked by policy", "Blocked DNS lookup ads.example.net type A, client 192.0.2.33"} {
		f(wide, line, "dns.question.name", "ads.example.net")
		f(wide, line, "event.type", "protocol|denied")
		f(wide, line, "network.protocol", "dns")
		f(wide, line, "source.ip", "192.0.2.33")
	}
	f(wide, "query ads.example.net type A from 192.0.2.33 refused", "event.type", "")
	f(wide, "record of the blood type A for unit.example", "dns.question.name", "")
	// who came and went
	f(wide, "User bob connected from 192.0.2.33", "event.category", "session|network")
	f(wide, "User bob connected from 192.0.2.33", "event.type", "connection|start")
	f(wide, `User EXAMPLE\bob has disconnected from 192.0.2.33`, "event.type", "connection|end")
	f(wide, "User bob connected a printer", "event.category", "")
	f(wide, "User bob: disk not connected", "event.category", "")
	// what a guard on the machine kept from being opened
	f(wide, `Blocked outbound connection to 198.51.100.9:443`, "event.type", "connection|denied")
	f(wide, `connection to 198.51.100.9:443 refused`, "event.type", "connection|info")
	// what was asked for, and the verdict in capitals behind it
	f(wide, "192.0.2.4 ann GET http://www.example.com/ BLOCKED Gambling", "event.type", "access|denied")
	f(wide, "192.0.2.4 ann GET http://www.example.com/ Blocked drains", "event.type", "")
	// both ends by what they are
	f(wide, "Write command from 192.0.2.5 to PLC 192.0.2.77 detected", "destination.ip", "192.0.2.77")
	f(wide, "Modbus write command from HMI-1 (192.0.2.5) to PLC press-7 (192.0.2.77:502)", "source.ip", "192.0.2.5")
	f(wide, "Modbus write command from HMI-1 (192.0.2.5) to PLC press-7 (192.0.2.77:502)", "destination.port", "502")
	f(wide, "connection from mx.example.org [192.0.2.5]:33620 to port 783", "source.ip", "192.0.2.5")
	f(what, `{"source_entity":{"ipv4":"192.0.2.5","mac":"00:00:5e:00:53:01"},"destination_entity":{"ipv4":"192.0.2.77"},"dst_port":502}`, "destination.ip", "192.0.2.77")
	f(wide, "PLC press-7 mode changed from RUN to STOP by user eng1 at 192.0.2.9", "source.ip", "192.0.2.9")
	// what no policy's name tells of, and who is blocked by nobody's
	f(what, `{"PolicyName":"No USB","user":"ann","Action":"Blocked"}`, "event.type", "denied")
	f(what, `{"PolicyName":"No USB","user":"ann","Action":"Blocked"}`, "event.outcome", "success")
	f(what, `{"user":"ann","Action":"Blocked"}`, "event.type", "")
	// words behind "user" that name nobody
	for _, line := range []string{"Bypass of User Account Control via shell open registry", "User Datagram Protocol flood from 192.0.2.1", "user defaults saved", "username field missing", "user process died", "user certificates expiring"} {
		f(wide, line, "user.name", "")
	}
	f(wide, "Access denied for user 'ann'@'192.0.2.66' (using password: YES)", "user.name", "ann")
	f(wide, "Access denied for user 'ann'@'192.0.2.66' (using password: YES)", "source.ip", "192.0.2.66")
	for _, line := range []string{"Detected an unauthorized user attempting to access the Web interface", "The user chose Y", "Failed to start user scope", "Blocked user enumeration attempt from 192.0.2.67", "User de-authenticated: cause=timeout"} {
		f(wide, line, "user.name", "")
	}
	f(what, `{"user":"???","action":"logout"}`, "user.name", "")
	f(what, `{"user":"4.32%","system":"0.6%"}`, "user.name", "")
	// an account that the machine came with
	f(wide, `[AUDIT] admin(192.0.2.9) CHANGE_POLICY`, "user.name", "admin")
	f(wide, `srv1(192.0.2.9) is down`, "user.name", "")
}

// TestNoHost: what is called a device and is none, a number with a fraction that is none, and a
// date that is not the event's.
func TestNoHost(t *testing.T) {
	f := verbCase(t)
	f(what, `{"deviceName":"Chrome","userEmail":"ann@example.com"}`, "host.name", "")
	f(what, `{"deviceName":"chrome","userEmail":"ann@example.com"}`, "host.name", "chrome")
	f(what, `{"severity":4.0,"title":"Odd traffic"}`, "event.severity", "4")
	f(what, `{"severity":6.5,"title":"Odd traffic"}`, "event.severity", "")
	f(what, `{"caller":"ann@example.com","operation":"Delete Virtual Machine"}`, "user.email", "ann@example.com")
	f(what, `{"caller":"+4930123456","operation":"Dial"}`, "user.email", "")
	f(what, `{"user":"ann","addr":"192.0.2.9","event":"login failed"}`, "source.ip", "192.0.2.9")
	const hole = `{"cve":"CVE-2026-1234","publishedDate":"2026-01-02T00:00:00Z","published":"2026-01-02T00:00:00Z"}`
	f(what, hole, "@timestamp", "2026-03-02T09:00:00.000Z") // when it came
	f(what, hole, "vulnerability.id", "CVE-2026-1234")
	f(what, `{"action":"login","published":"2026-01-02T00:00:00Z"}`, "@timestamp", "2026-01-02T00:00:00.000Z")
	f(what, `{"action":"role.changed","by":{"name":"ann","email":"ann@example.com"},"user":{"name":"bob","email":"bob@example.com"}}`, "user.name", "ann")
	f(what, `{"action":"role.changed","by":{"name":"ann","email":"ann@example.com"},"user":{"name":"bob","email":"bob@example.com"}}`, "user.target.name", "bob")
}
