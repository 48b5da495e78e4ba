package normalize_test

import "testing"

// TestGleanSwitch: what switches say of their ports, in whatever sentence.
func TestGleanSwitch(t *testing.T) {
	f := verbCase(t)
	sw := "- set: {event.category: [network], event.type: [info]}\n- glean: {logins: true, switch: true}"
	violated := "Port security violation on interface ethernet 1/1/9 by MAC address 0000.5e00.5311"
	f(sw, violated, "event.action", "port-security-violation")
	f(sw, violated, "event.category", "network|intrusion_detection")
	f(sw, violated, "event.type", "denied")
	f(sw, violated, "source.mac", "00-00-5E-00-53-11")
	f(sw, violated, "observer.ingress.interface.name", "ethernet 1/1/9")
	failed := "Client 00:00:5e:00:53:11 failed to authenticate on port Gi1/0/7 vlan 20"
	f(sw, failed, "event.outcome", "failure")
	f(sw, failed, "event.category", "authentication|network")
	f(sw, failed, "observer.ingress.interface.name", "Gi1/0/7")
	f(sw, failed, "network.vlan.id", "20")
	f(sw, "802.1X authentication succeeded for ann on port1.0.7", "event.outcome", "success")
	f(sw, "Untrusted DHCP server 192.0.2.66 detected on port 1:7", "event.action", "rogue-server-detected")
	f(sw, "Deny ARP Request 00005e-005311,192.0.2.66 port 9, vlan 1", "event.action", "port-security-violation")
	f(sw, "DHCP OFFER from untrusted server 192.0.2.66 on Ethernet9 dropped", "event.action", "rogue-server-detected")
	f(sw, "DHCP OFFER from untrusted server 192.0.2.66 on Ethernet9 dropped", "source.ip", "192.0.2.66")
	f(sw, "Untrusted DHCP server 192.0.2.66 detected on port 1:7", "source.ip", "192.0.2.66")
	f(sw, "unauthorized request to server 192.0.2.50", "destination.ip", "192.0.2.50")
	f(sw, "BPDU protection activated on port 9; port disabled", "event.action", "bpdu-guard-violation")
	f(sw, "BPDU received on BPDU-guarded interface Ethernet9. Disabling.", "observer.ingress.interface.name", "Ethernet9")
	f(sw, "User bob failed authorization to execute command 'reload'", "event.outcome", "failure")
	f(sw, "Access-Reject received for user bob from server 192.0.2.50", "event.action", "logon-failed")
	f(sw, "Port 7 link off", "event.action", "interface-down")
	f(sw, "Loop detected on interface 1/1/9, port disabled", "event.action", "loop-detected")
	f(sw, "port 7-Excessive broadcasts. See help.", "observer.ingress.interface.name", "7")
	f(sw, "Link Down: g7", "observer.ingress.interface.name", "g7")
	f(sw, "Link Down: g7", "event.action", "interface-down")
	f(sw, "sync_port.c:3310 swp7 link down", "observer.ingress.interface.name", "swp7")
	f(sw, "eth0: link is up", "observer.ingress.interface.name", "eth0")
	f(sw, "the link is up", "observer.ingress.interface.name", "")
	f(sw, "Port Ethernet48 oper state set from up to down", "event.action", "interface-down")
	f(sw, "Port Ethernet48 set from down to up", "event.action", "interface-up")
	f(sw, "port 7 -ARP Request from unknown host 192.0.2.66 dropped", "source.ip", "192.0.2.66")
	f(sw, "DHCP violation: Vlan=20 Port=9 MAC=00:00:5e:00:53:19 IP=192.0.2.99", "source.mac", "00-00-5E-00-53-19")
	f(sw, "DHCP violation: Vlan=20 Port=9 MAC=00:00:5e:00:53:19 IP=192.0.2.99", "host.mac", "")
	f(sw, "Neighbor 192.0.2.33 on port 1:9 went down", "event.action", "neighbor-down")
	f(sw, "link is up, peer link is down", "event.action", "")
	f(sw, "running-config was changed from ssh by ann", "event.category", "configuration")
	f(sw, "configuration change failed", "event.action", "")
	f(sw, "Power supply 2 has failed", "event.category", "host")
	f(sw, "User bob was added by user ann", "user.name", "ann")
	f(sw, "User bob was added by user ann", "user.target.name", "bob")
	f(sw, "User bob was added by user ann", "event.type", "user|creation")
	f(sw, "recv user auth fail, mac 00:00:5e:00:53:11, ip 192.0.2.46, user bob", "user.name", "bob")
	f(sw, "Failed User Login: Unit: 1 User ID: root", "user.name", "root")
	f(sw, "User[00:00:5e:00:53:11] fails authentication on port 7", "user.name", "")
	f(sw, "MAC=00:00:5e:00:53:11 User entry deleted: reason=idle", "user.name", "")
	// what is no port, and no station
	f(sw, "connected from 192.0.2.1 port 22", "observer.ingress.interface.name", "")
	f(sw, "heard on 192.0.2.1, new root bridge mac address is 00:00:5e:00:53:11", "source.mac", "")
	f(sw, "heard on 192.0.2.1, done", "observer.ingress.interface.name", "")
	f("- glean: {wide: true, switch: true}", "User ann logged in on serial port 7", "observer.ingress.interface.name", "")
	// a pack that knows more is not overruled
	f("- set: {event.type: [end]}\n- glean: {switch: true}", "port 24 is now off-line", "event.type", "end")
	f("- set: {event.action: odd}\n- glean: {switch: true}", "port 24 is now off-line", "event.action", "odd")
}
