package normalize_test

import "testing"

// TestDoers: who did it, where the text says it last or beside a log-in.
func TestDoers(t *testing.T) {
	f := shippedCase(t)
	at := "<14>Mar  2 08:59:50 h x[1]: "
	f(at+"Logout by alice from 198.51.100.7", "user.name", "alice")
	f(at+"Credential Validator ldap: Login by 'ann' succeeded", "user.name", "ann")
	f(at+"login by default is disabled", "user.name", "")
	f(at+"Modify rule was done by admin.", "user.name", "admin")
	f(at+"Event log cleared by: ann.", "user.name", "ann")
	f(at+"Server power on time cleared by ann - 192.0.2.7(ws17.example.com).", "user.name", "ann")
	f(at+"Configured from console by vty1", "user.name", "")
	f(at+"Reload requested by software", "user.name", "")
	f(at+"Update initiated by the scheduler", "user.name", "")
	f(at+"digest: auth failed for bob: wrong password, IP: 203.0.113.9", "user.name", "bob")
	f(at+"Login attempt failed for bob.", "user.name", "bob")
	f(at+"802.1X authentication failed for jdoe interface ge-0/0/5.0", "user.name", "jdoe")
	f(at+"Login failed for SSH: 203.0.113.9", "user.name", "")
	f(at+"user authenticated: alice from 198.51.100.7", "user.name", "alice")
	f(at+"login failure: bob 192.0.2.2 tty4", "user.name", "bob")
	f(at+"Login failed: the password of root on web (203.0.113.9) is wrong.", "user.name", "root")
	f(at+"Invalid login ID or password. Userid: root using CLI from SSH at IP address 203.0.113.9", "user.name", "root")
	f(at+"The session for root from 192.0.2.7 using GUI is logged off", "user.name", "root")
	f(at+"Failed authentication attempt (not-authorized) from IP: 203.0.113.66", "user.name", "")
	f(at+"Image user should not be 'root'", "user.name", "")
	f(at+"user delete failed", "user.name", "")
	f(at+`conn=1 op=4 DEL dn="uid=bob,ou=people,dc=example,dc=com"`, "user.name", "")
	f(at+`conn=1 op=4 BIND dn="uid=bob,ou=people,dc=example,dc=com" method=128`, "user.name", "bob")
}

// TestFromWhere: the address beside who is named, and behind the interface that a list names.
func TestFromWhere(t *testing.T) {
	f := shippedCase(t)
	at := "<14>Mar  2 08:59:50 h x[1]: "
	f(at+"CLI log, user ann, ip 192.0.2.9, cmd: vlan 10 admin-state enable", "source.ip", "192.0.2.9")
	f(at+"link lost, ip 192.0.2.9, retrying", "source.ip", "")
	f(at+"User logout. User: Admin. Session: SSH (192.0.2.44)", "source.ip", "192.0.2.44")
	f(at+"probe of ssh (192.0.2.44) timed out", "source.ip", "")
	acl := at + "list OUTSIDE_IN denied tcp 198.51.100.9(40001) (GigabitEthernet0/0 0000.5e00.5301) -> 192.0.2.1(22), 1 packet"
	f(acl, "source.ip", "198.51.100.9")
	f(acl, "source.port", "40001")
	f(acl, "destination.ip", "192.0.2.1")
	f(at+"IKEv2 SA UP. Local:192.0.2.1:500 Remote:198.51.100.7:500 Username:tg1", "source.ip", "198.51.100.7")
	f(at+"tunnel is established. local:192.0.2.1 remote:198.51.100.7 role:initiator", "source.ip", "")
}

// TestDeniedByGuards: what a filter of names and a guard of web servers denied is their success.
func TestDeniedByGuards(t *testing.T) {
	f := shippedCase(t)
	dns := `{"clientIp":"192.0.2.55","responseType":"Blocked","rcode":"NXDOMAIN","questionName":"bad.example.org","questionType":"A"}`
	f(dns, "event.outcome", "success")
	f(dns, "event.category", "network")
	f(`{"clientIp":"192.0.2.55","rcode":"NXDOMAIN","questionName":"bad.example.org","questionType":"A"}`, "event.outcome", "failure")
	waf := `{"request_ip":"203.0.113.9","request_method":"GET","request_uri":"/a?b=1","status":403,"blocked":true,"rule_name":"SQLi","waf_action":"block"}`
	f(waf, "event.outcome", "success")
	f(`{"request_ip":"203.0.113.9","request_method":"GET","request_uri":"/a?b=1","status":403,"decision":"deny","user":"ann"}`, "event.outcome", "failure")
	f(`{"src":"192.0.2.1","dst":"192.0.2.2","dport":443,"appliedAction":"deny"}`, "event.outcome", "success")
}

// TestNoPerson: what stands under a key that may name somebody, and is nobody.
func TestNoPerson(t *testing.T) {
	f := shippedCase(t)
	f(`{"alert":"cpu","criteria":{"operator":"GreaterThan","threshold":90},"operator":"GreaterThan"}`, "user.name", "")
	f(`{"event":"login","operator":"ann"}`, "user.name", "ann")
	f(`{"flow":"x","identity":4567}`, "user.name", "")
}

// TestAlarmEnds: keys that only findings have, behind a word of their vendor.
func TestAlarmEnds(t *testing.T) {
	f := shippedCase(t)
	f(`{"dos_attack_name":"ICMPv4 flood","action":"Drop","source_ip":"203.0.113.9","dest_ip":"192.0.2.1"}`, "event.kind", "alert")
	f(`{"event":"x","related_alert_id":"a1"}`, "event.kind", "event")
	f(`{"event":"x","dos_attack_name":"none"}`, "event.kind", "event")
	f(`{"type":"rogue_ap_detected","severity":"critical","ssid":"corp"}`, "event.kind", "alert")
	f(`{"type":"rogue_policy_updated","name":"x"}`, "event.kind", "event") // no severity
	f(`{"signature":"SQL injection attempt","severity":"2","source_ip":"203.0.113.9","destination_ip":"10.0.0.5"}`, "event.kind", "alert")
	f(`{"signature":"9f86d081884c7d65","severity":"2"}`, "event.kind", "event")
}

// TestFileOfProgram: a program's file is the program, as OCSF has it.
func TestFileOfProgram(t *testing.T) {
	f := shippedCase(t)
	line := `{"activity":"launch","actor":{"process":{"file":{"path":"C:\\Windows\\cmd.exe","name":"cmd.exe"}}},"severity":"low"}`
	f(line, "process.executable", `C:\Windows\cmd.exe`)
	f(line, "process.name", "cmd.exe")
	f(line, "file.path", "")
	f(`{"activity":"launch","actor":{"file":{"path":"C:\\Windows\\cmd.exe"}}}`, "process.executable", "")
}
