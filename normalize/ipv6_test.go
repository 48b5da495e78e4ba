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
}
