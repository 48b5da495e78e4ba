package normalize_test

import "testing"

// TestIPv6: addresses of IPv6 where the packs' own lines have others, in brackets or in front of a port.
func TestIPv6(t *testing.T) {
	f := shippedCase(t)
	pg := `2026-03-02 11:58:11.500 UTC,"app","shop",5050,"2001:db8::7:40120",65e30a1b.13ba,4,"SELECT",2026-03-02 11:58:00 UTC,3/17,0,ERROR,42P01,"relation ""x"" does not exist",,,,,,"select * from x",15,,"psql","client backend",,0`
	f(pg, "source.ip", "2001:db8::7")
	mongo := "2026-03-02T11:58:10.111+0000 I ACCESS   [conn2] SCRAM-SHA-1 authentication failed for mallory on admin from client [2001:db8::7]:40004 ; UserNotFound: Could not find user mallory@admin"
	f(mongo, "source.ip", "2001:db8::7")
	f(mongo, "user.name", "mallory")
	f("<6>Mar  2 08:59:08 vpn03 kernel: wireguard: wg0: Peer 5 ([2001:db8::7]:51820) destroyed", "source.ip", "2001:db8::7")
	f("DEBUG [Native-Transport-Requests-1] 2026-03-02 08:00:05,123 ServerConnection.java:140 - Response message failed to authenticate user bob from /[2001:db8::7]:40001", "source.ip", "2001:db8::7")
	queue := "2026-03-02 11:58:03,100 | ERROR | Could not accept connection from tcp://[2001:db8::7]:51235 : User name [mallory] or password is invalid. | org.apache.activemq.broker.TransportConnector | ActiveMQ BrokerService[broker1] Task-3"
	f(queue, "source.ip", "2001:db8::7")
	f(queue, "source.port", "51235")
	f("I261126 10:00:02.000000 1236 8@util/log/event_log.go:32 ⋮ [n1,client=[2001:db8::7]:50000,hostssl,user=root] 14 ={\"EventType\":\"create_role\",\"User\":\"root\"}", "source.port", "50000")
	f("<134>Mar  2 09:00:00 nac1 2026-03-02 09:00:00 INFO 131 sensor1 2001:db8::7 00:00:5e:00:53:01 User authentication succeeded. USERID=ann, METHOD=\"web portal\", NODEID=17", "source.ip", "2001:db8::7")
	f("2026-03-02T09:14:06+01:00 lb-100 l7log: SSL accept on [2001:db8::9]:443 from [2001:db8::7]:51544", "destination.ip", "2001:db8::9")
	f("Mar 02, 2026 08:58:00.123 [0x7f001] DEBUG - Request: [[2001:db8::7]:51234 (WAN)] GET /library/sections (4 live) #1a2 TLS GZIP Signed-in Token (ann) (Chrome)", "source.ip", "2001:db8::7")
	f(`2026-03-02T08:00:03.945958Z classic-lb [2001:db8::7]:2817 [2001:db8::9]:80 0.000073 0.001048 0.000057 200 200 0 29 "GET http://www.example.com:80/ HTTP/1.1" "curl/8.5.0" - -`, "destination.port", "80")
	f(`<134>Mar  2 09:10:01 dd1 ddfs: NOTICE: MSG-DDSH-00009: (tty=pts/0, session=812) ann (limited-admin) from 2001:db8::7: command "net show config" exited with status: 0`, "user.name", "ann")
	unbracketed := "<134>Mar  2 08:00:01 DrayTek: Local User (MAC=00-00-5E-00-53-10): 2001:db8::7:51001 -> 198.51.100.9:443 (TCP)" // no group has five digits
	f(unbracketed, "source.ip", "2001:db8::7")
	f(unbracketed, "source.port", "51001")
}

// TestAddressWithPort: an address in brackets or with its port, where the pack expects a bare one.
func TestAddressWithPort(t *testing.T) {
	f := verbCase(t)
	const pack = `- json: {a: "source:addr"}`
	f(pack, `{"a":"[2001:db8::7]:443"}`, "source.ip", "2001:db8::7")
	f(pack, `{"a":"[2001:db8::7]:443"}`, "source.port", "443")
	f(pack, `{"a":"[2001:db8::7]"}`, "source.address", "2001:db8::7")
	f(pack, `{"a":"192.0.2.7:443"}`, "source.ip", "192.0.2.7")
	f(pack, `{"a":"192.0.2.7:443"}`, "source.domain", "")
	f(`- json: {p: source.port, a: "source:addr"}`, `{"p":80,"a":"192.0.2.7:443"}`, "source.port", "80") // what the port's own key says
	f(pack, `{"a":"db:main"}`, "source.domain", "db:main")
	// F5 writes the port behind a dot
	f(`- pattern: "{source:hostport}"`, "2001:db8::1.443", "source.ip", "2001:db8::1")
	f(`- pattern: "{source:hostport}"`, "2001:db8::1.443", "source.port", "443")
	f(`- pattern: "{source:hostport}"`, "::ffff:192.0.2.1", "source.port", "")
}
