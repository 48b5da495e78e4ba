package normalize_test

import "testing"

// TestWarned: what the name of an event warns of, and what a guard did about it.
func TestWarned(t *testing.T) {
	shipped := shippedCase(t)
	decoy := `CEF:0|Example|Decoys|5.0|12|SMB login to decoy|8|src=192.0.2.1 dst=192.0.2.9 dpt=445 suser=ann act=None`
	shipped(decoy, "event.kind", "alert")
	shipped(decoy, "event.category", "intrusion_detection")
	shipped(decoy, "event.action", "")
	shipped(`CEF:0|Example|Decoys|5.0|13|Decoy policy updated|8|suser=ann`, "event.kind", "event")
	shipped(`CEF:0|Example|Seg|40|Log|Incident|9|src=192.0.2.1 dst=192.0.2.9 act=Alerted`, "event.kind", "alert")
	shipped(`<134>Mar 10 10:00:00 gw1 waf: type=attack name="SQL Injection" action=drop srcip=192.0.2.1 dstip=192.0.2.9 severity=high`, "event.kind", "alert")
	shipped(`<134>Mar 10 10:00:00 gw1 waf: type=attack name="SQL Injection" action=drop srcip=192.0.2.1 dstip=192.0.2.9 severity=high`, "rule.name", "SQL Injection")
	// a guard that blocked did as it should; who was blocked at a log-in was refused
	shipped(`CEF:0|V|P|1|1|Upload|5|suser=ann src=192.0.2.1 outcome=Blocked fname=a.doc`, "event.outcome", "success")
	shipped(`CEF:0|V|P|1|1|Login|5|suser=ann src=192.0.2.1 outcome=blocked`, "event.outcome", "failure")
	shipped("LEEF:1.0|V|P|7|UPLOAD|usrName=ann\tsrc=192.0.2.1\toutcome=blocked\tfileName=a.doc", "event.outcome", "success")
	shipped("LEEF:1.0|V|P|7|LOGIN|usrName=ann\tsrc=192.0.2.1\toutcome=denied", "event.outcome", "failure")
	shipped(`{"event":"dns_query","client_ip":"192.0.2.1","qname":"evil.example.net","result":"blocked"}`, "event.outcome", "success")
	shipped(`{"EventName":"ProcessBlocked","MachineName":"ws17","FilePath":"C:\\tmp\\a.exe","Result":"Blocked"}`, "event.outcome", "success")
	shipped(`{"event":"login","user":"ann","result":"blocked","ip":"192.0.2.1"}`, "event.outcome", "failure")
	shipped(`{"event":"http","user":"ann","method":"GET","url":"http://www.example.com/","outcome":"Blocked"}`, "event.outcome", "")
	shipped(`<134>Mar 10 10:00:00 d filter: client=192.0.2.1 query=evil.example.net type=A result=blocked`, "event.action", "")
}

// TestEntities: the things that an alert lists, each with its sort.
func TestEntities(t *testing.T) {
	f := verbCase(t)
	line := `{"title":"Impossible travel","severity":"high","status":"New","entities":[{"id":"1","type":"user","name":"ann@example.com"},{"type":"IP_Address","value":"192.0.2.7"},{"type":"sha1","value":"3b71f43ff30f4b15b5cd85dd9e95ebc7e84eb5a3"}]}`
	f(what, line, "user.name", "ann")
	f(what, line, "source.ip", "192.0.2.7")
	f(what, line, "file.hash.sha1", "3b71f43ff30f4b15b5cd85dd9e95ebc7e84eb5a3")
	f(what, line, "rule.name", "Impossible travel")
	f(what, line, "event.kind", "alert")
	f(what, line, "event.action", "")
	f(what, `{"entities":[{"type":"widget","name":"ann"},"x"]}`, "user.name", "")
	for range 20 { // one of two keys of a name, and always the same
		f(what, `{"entities":[{"Type":"widget","type":"user","name":"ann"}]}`, "user.name", "ann")
	}
}

// TestKeyed: pairs whose names stand in brackets.
func TestKeyed(t *testing.T) {
	shipped := shippedCase(t)
	line := `<134>Mar 10 10:00:00 fw1 fwlog: [Event]=DROP [SrcIP]=192.0.2.1 [SrcPort]=51000 [DstIP]=192.0.2.9 [Proto]=TCP`
	shipped(line, "source.ip", "192.0.2.1")
	shipped(line, "source.port", "51000")
	shipped(line, "event.action", "DROP")
	shipped(`<134>Mar 10 10:00:00 fw1 fwlog: Firewall: [Action]: drop, [Source]: 192.0.2.1, [User]: ann`, "user.name", "ann")
}

// TestWhoFrom: an address beside the name of who did it.
func TestWhoFrom(t *testing.T) {
	f := verbCase(t)
	f(wide, `User "ann" (192.0.2.1) deleted user "bob"`, "user.target.name", "bob")
	f(wide, `User "ann" (192.0.2.1) deleted user "bob"`, "event.type", "user|deletion")
	f(wide, `User ann from 192.0.2.1 created account bob`, "user.target.name", "bob")
	f(what, `{"event":"user.role.changed","actor":"ann@example.com","target":"bob@example.com"}`, "user.target.email", "bob@example.com")
	f(what, `{"door":"Server room","holder":"Ann Lee","result":"access denied"}`, "user.full_name", "Ann Lee")
}

// TestThings: what other keys tell of a log-in, of a device that was plugged in, of a scan.
func TestThings(t *testing.T) {
	f := verbCase(t)
	f(what, `{"event":{"type":"mfa.challenge.denied"},"subject":{"email":"ann@example.com"}}`, "event.outcome", "failure")
	f(what, `{"event":{"type":"mfa.challenge.denied"},"subject":{"email":"ann@example.com"}}`, "event.category", "authentication")
	usb := `{"ComputerName":"ws17","EventType":"USB Blocked","VendorId":"0781","ProductId":"5567","SerialNumber":"4C53","Action":"Blocked"}`
	f(what, usb, "device.serial_number", "4C53")
	f(what, usb, "observer.serial_number", "")
	f(what, usb, "event.category", "host")
	stick := `{"event":"usb storage attached","hostname":"pc1","vendor":"SanDisk","product":"Ultra","serial":"4C53"}`
	f(what, stick, "device.manufacturer", "SanDisk")
	f(what, stick, "device.model.name", "Ultra")
	f(what, stick, "device.serial_number", "4C53")
	f(what, stick, "observer.vendor", "")
	f(what, stick, "observer.serial_number", "")
	f(what, stick, "event.category", "host")
	f(what, `{"event":"usb storage attached","usb":{"vendor":"SanDisk","serial":"4C53"}}`, "device.manufacturer", "SanDisk")
	f(what, `{"event":"fan failed","vendor":"Acme","product":"Gate","serial":"S1"}`, "observer.vendor", "Acme")
	f(what, `{"event":"usbmuxd started","vendor":"Acme","serial":"S1"}`, "observer.serial_number", "S1")
	f(what, `{"event":"file opened","dvchost":"gw1","host_name":"pc3"}`, "host.name", "pc3")
	f(what, `{"userid":"ann","action":"LOGIN"}`, "user.name", "ann")
	f(what, `{"userid":"u-1f9","action":"LOGIN"}`, "user.name", "")
	f(what, `{"virus":"Trojan.X","path":"/tmp/a.exe"}`, "threat.software.name", "Trojan.X")
	f(what, `{"virus":"no","path":"/tmp/a.exe"}`, "threat.software.name", "")
	ips := `{"EventName":"SQL Injection found","Action":"block","srcip":"192.0.2.1","dstip":"192.0.2.2","risk":"high"}`
	f(what, ips, "event.action", "block")
	f(what, ips, "event.kind", "alert")
	f(what, ips, "rule.name", "SQL Injection found")
	f(what, ips, "log.level", "high")
	f(what, `{"event_type":"ips","sip":"192.0.2.1","dip":"192.0.2.2","acted_action":"block"}`, "event.kind", "alert")
	f(what, `{"event_type":"ips","sip":"192.0.2.1","dip":"192.0.2.2","acted_action":"block"}`, "event.action", "block")
	f(what, `{"user":"ann","method":"LDAP","result":"failed login"}`, "event.action", "")
	f(wide, "User 'ann' MAC 00:00:5e:00:53:01 IP 192.0.2.1 authenticated on switch 192.0.2.250", "source.ip", "192.0.2.1")
	f(wide, "Access-Reject for user ann, NAS 192.0.2.250, reason: invalid password", "source.ip", "")
	shipped := shippedCase(t)
	shipped(`<134>Mar 10 10:00:00 av1 v3: Computer=ws17|IP=192.0.2.1|Virus=Trojan/Win.X|FilePath=C:\a.exe|Action=Cured`, "source.ip", "")
}

// TestLeads: what stands in front, and who is where.
func TestLeads(t *testing.T) {
	shipped := shippedCase(t)
	av := `<134>Mar 10 10:00:00 h1 av: Threat Detected | Name: EICAR | Path: C:\Temp\e.com | Host: ws17 | User: EXAMPLE\ann | Action: Deleted`
	shipped(av, "event.kind", "alert")
	shipped(av, "event.category", "malware")
	shipped(`"2026-03-10T10:00:00Z","ws17","EXAMPLE\ann","Malware blocked","C:\Temp\a.exe","Trojan.X"`, "event.kind", "alert")
	f := verbCase(t)
	f(wide, "configuration saved by admin@192.0.2.1", "source.ip", "192.0.2.1")
	f(wide, "session opened by ann to root@192.0.2.9", "source.ip", "")
	f(what, `{"net":{"src":"192.0.2.1","dst":"192.0.2.2","proto":"tcp"}}`, "network.transport", "tcp")
	dlp := `{"@type":"PolicyViolation","subject":"ann@example.com","recipients":["bob@example.net"],"policyName":"PCI"}`
	f(what, dlp, "event.kind", "alert")
	f(what, dlp, "user.email", "ann@example.com")
	f(what, dlp, "email.subject", "")
	f(what, `{"eventType":"PROCESS_TERMINATED","device":"WS-17","process":{"name":"a.exe"}}`, "host.name", "WS-17")
	f(what, `{"eventType":"LOGIN","device":"iPhone","user":"ann"}`, "host.name", "")
	f(what, `{"alert_type":"C2 Communication","src":"192.0.2.1","dst":"192.0.2.2"}`, "rule.name", "C2 Communication")
	f(what, `{"ruleName":"Odd login","riskScore":80,"username":"ann","status":"OPEN"}`, "event.kind", "alert")
}

// TestWarnsOfMachines: an alert about the state of a machine is no intrusion.
func TestWarnsOfMachines(t *testing.T) {
	f := shippedCase(t)
	for _, line := range []string{
		`{"type":"alert","id":7,"message":"disk full on db1","time":"2026-03-02T08:59:59Z"}`,
		`{"kind":"alert","id":"x","name":"CPU usage above 90 %","host":"db1","time":"2026-03-02T08:59:59Z"}`,
	} {
		f(line, "event.kind", "alert")
		f(line, "event.category", "")
	}
	f(`{"type":"alert","id":7,"message":"suspicious memory injection","time":"2026-03-02T08:59:59Z"}`, "event.category", "intrusion_detection")
	f(`{"type":"alert","id":7,"message":"disk usage report opened","user":"ann","time":"2026-03-02T08:59:59Z"}`, "event.category", "intrusion_detection")
}
