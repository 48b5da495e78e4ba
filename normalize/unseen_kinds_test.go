package normalize_test

import "testing"

// TestNotSo: what looks like something else in records of products that no pack knows.
func TestNotSo(t *testing.T) {
	f := verbCase(t)
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

// TestForms: what values are by how they are written, whatever names them.
func TestForms(t *testing.T) {
	f := verbCase(t)
	print := `2026-03-02 08:59:50,PRINT,EXAMPLE\ann,PRN-2,"Q3 Report.docx",12,192.0.2.44`
	f(wide, print, "user.domain", "EXAMPLE")
	f(wide, print, "user.name", "ann")
	f(wide, print, "source.ip", "192.0.2.44")
	f(wide, `EPS|Virus Protection|WS42|192.0.2.44|EXAMPLE\ann|C:\Users\ann\x.exe|Trojan.Agent|2026-03-02 08:59:50`, "file.path", `C:\\Users\\ann\\x.exe`)
	f(wide, `EPS|Virus Protection|WS42|192.0.2.44|EXAMPLE\ann|C:\Users\ann\x.exe|Trojan.Agent|2026-03-02 08:59:50`, "@timestamp", "2026-03-02T08:59:50.000Z")
	f(wide, `x|ab\cd\ef|y|z|u`, "user.name", "")
	f(wide, `x|HKLM\Software|y|z|u`, "user.name", "")
	f(wide, `x|BUILTIN\Administrators|y|z|u`, "user.name", "")
	f(wide, "MFA challenge failed for user ann from 192.0.2.1", "event.category", "authentication")
	f(wide, "MFA reset failed for user ann", "event.category", "")
	f(wide, `"VPN1","RAS",03/02/2026,08:59:50,4,"ann","192.0.2.1"`, "@timestamp", "2026-03-02T08:59:50.000Z")
	f(wide, `2026-03-02T08:59:50Z,FileUpload,partner1,/Home/partner1/a.csv,203.0.113.7,0,Success`, "file.path", "/Home/partner1/a.csv")
	f(wide, `2026-03-02T08:59:50Z,Request,partner1,/Home/partner1/a.csv,203.0.113.7,0,Success`, "file.path", "")
	const sha = "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f"
	f(what, `{"SHA256HashData":"`+sha+`","x":1}`, "file.hash.sha256", sha)
	f(what, `{"properties":{"sample":{"sha256hex":"`+sha+`"}}}`, "file.hash.sha256", sha)
	f(what, `{"parentFileSha256":"`+sha+`"}`, "process.parent.hash.sha256", sha)
	f(what, `{"processFileHashSha256":"`+sha+`"}`, "process.hash.sha256", sha)
	f(what, `{"certSha256":"`+sha+`"}`, "file.hash.sha256", "")
	f(what, `{"certificate":{"fingerprint_sha256":"`+sha+`"}}`, "file.hash.sha256", "")
	f(what, `{"sha256_of_rule":"x"}`, "file.hash.sha256", "")
	bars := "[2026-03-02 08:59:50,113]  INFO {AUDIT_LOG} -  Initiator : ann@example.com | Action : Change-Password | Target : bob | Result : Success"
	f(wide, bars, "user.name", "ann")
	f(wide, bars, "event.action", "Change-Password")
	f(wide, "user 'ann' connected, remote endpoint 203.0.113.7:50122", "source.port", "50122")
	f(what, `{"user":{"first_name":"Ann","last_name":"Lee","email":"ann@example.com"}}`, "user.full_name", "Ann Lee")
	f(what, `{"firstName":"Ann","lastName":"Lee","action":"x"}`, "user.full_name", "Ann Lee")
	f(what, `{"first_name":"Ann","user":"al","full_name":"Ann B. Lee","last_name":"Lee"}`, "user.full_name", "Ann B. Lee")
	f(what, `{"action_local_ip":"192.0.2.1","action_local_port":50122,"action_remote_ip":"198.51.100.2","action_remote_port":443}`, "destination.port", "443")
	f(what, `{"event_name":"send_mail","subject":"Plan","recipients":["bob@example.net"]}`, "event.category", "email")
	f(what, `{"method":"POST","path":"/api/v2/write","status":204,"remote":"203.0.113.7:50122"}`, "event.category", "web")
	f(what, `{"username":"ann","operation":"downloadfile","notes":"/ann/plan.docx"}`, "event.category", "file")
	f(what, `{"username":"ann","operation":"downloadfile","notes":"/ann/plan.docx"}`, "event.type", "access")
	f(what, `{"username":"ann","operation":"updateprofile"}`, "event.category", "configuration")
	member := `{"Event":"Member added to group","User":"EXAMPLE\\ann","Action":"Add","Severity":"High"}`
	f(what, member, "event.category", "iam")
	f(what, member, "event.type", "change")
	f(what, `{"alertName":"Lateral movement","mitreTechniques":["T1021.002"],"host":"ws42"}`, "event.category", "intrusion_detection")
	f(what, `{"action":"session closed","src_ip":"192.0.2.1","dst_ip":"192.0.2.2"}`, "event.type", "connection|end")
	f(what, `{"action":"conn-open","src_ip":"192.0.2.1","dst_ip":"192.0.2.2"}`, "event.type", "connection|start")
	f(what, `{"action":"close","src_ip":"192.0.2.1","dst_ip":"192.0.2.2"}`, "event.type", "connection|end")
	f(what, `{"action":"started scan","src_ip":"192.0.2.1","dst_ip":"192.0.2.2","verdict":"blocked"}`, "event.type", "connection|denied")
	shipped := shippedCase(t)
	shipped(`2026-03-02 08:59:50,113 INFO [audit.Manager] - <{"who":"ann","action":"AUTHENTICATION_FAILED","clientIpAddress":"203.0.113.7"}>`, "source.ip", "203.0.113.7")
	shipped(`<134>date=2026-03-02 time=08:59:50 tz="+0000" user="ann" operation="add" changes="type=vip,key=t,uuid=c7"`, "@timestamp", "2026-03-02T08:59:50Z")
	shipped("2026-03-02 08:59:50 | LogonAction=Auth Failed | UserName=ann | LogonSource=(TCP/IP) c2b1 192.0.2.44 DBC BTEQ | ErrorCode=8017", "user.full_name", "")
}

// TestOtherwise: more of what looks like something else, or is denied by the word before.
func TestOtherwise(t *testing.T) {
	f := verbCase(t)
	ports := "- glean: {wide: true, switch: true}"
	// not
	f(wide, "Login of user ann from 192.0.2.1 was not successful", "event.outcome", "failure")
	f(wide, "Password not correct for user profile ANN. Remote 192.0.2.1", "event.outcome", "failure")
	f(wide, "user ann not authenticated from 192.0.2.1", "event.outcome", "failure")
	f(what, `{"event":"Login not successful","user":"ann"}`, "event.outcome", "failure")
	f(what, `{"event":"logon","result":"not ok","user":"ann"}`, "event.outcome", "failure")
	f(what, `{"event":"upload","result":"Not blocked","user":"ann"}`, "event.outcome", "")
	// whose
	f(wide, "Updated user Ann Lee; role Admin", "user.name", "")
	f(wide, "Deleted user 'bob'", "user.target.name", "bob")
	f(wide, "System: Admin ann (203.0.113.7) login successful", "user.name", "ann")
	f(what, `{"account_id":"9","user":"ann","action":"login"}`, "cloud.account.id", "")
	f(what, `{"account_id":"123456789012","user":"ann","action":"login"}`, "cloud.account.id", "123456789012")
	f(what, `{"EventName":"UserAuthenticated","UserProperties":{"UserName":"ann"},"EventUserDisplayName":"Ann Lee"}`, "user.name", "ann")
	f(what, `{"uri":"/orders/7","remote-address":"203.0.113.7","local-address":"10.0.0.8","status":401,"user-agent":"curl/8"}`, "source.ip", "203.0.113.7")
	f(what, `{"remote-address":"203.0.113.7","local-address":"10.0.0.8","process":"curl"}`, "source.ip", "10.0.0.8")
	// what it is
	f(ports, "SECURITY VIOLATION: INVALID PASSWORD USERCODE=ANN SOURCE=192.0.2.44", "event.action", "")
	f(ports, "SECURITY VIOLATION: INVALID PASSWORD USERCODE=ANN SOURCE=192.0.2.44", "user.name", "ANN")
	f(wide, "AUDIT: User=admin; Source=203.0.113.7; Event=Web login failure", "event.action", "Web login failure")
	f(what, `{"host":"192.0.2.80","hostname":"srv1","threat":"Medium","cves":["CVE-2011-3389"]}`, "host.name", "srv1")
	f(what, `{"host":"192.0.2.80","hostname":"srv1","threat":"Medium","cves":["CVE-2011-3389"]}`, "host.ip", "192.0.2.80")
	f(what, `{"host":"192.0.2.80","hostname":"srv1","threat":"Medium","cves":["CVE-2011-3389"]}`, "event.kind", "event")
	f(what, `{"path":"/orders/","msg":"invalid key"}`, "file.path", "")
	f(what, `{"sample_filename":"x.exe","verdict":"malicious"}`, "event.kind", "alert")
	f(what, `{"sample_filename":"x.exe","verdict":"malicious"}`, "event.category", "malware")
	f(what, `{"sample_filename":"x.exe","verdict":"not malicious"}`, "event.kind", "event")
	f(what, `{"from":"a@example.org","to":"b@example.com","subject":"x","classification":"Phishing"}`, "event.kind", "alert")
	f(what, `{"from":"a@example.org","to":"b@example.com","subject":"x","mail_classification":"virus"}`, "event.kind", "alert")
	f(what, `{"from":"a@example.org","to":"b@example.com","subject":"x","classification":"clean"}`, "event.kind", "event")
	f(what, `{"attack_sip":"192.0.2.1","alarm_sip":"192.0.2.9","threat_name":"SQL injection"}`, "source.ip", "192.0.2.1")
	f(what, `{"attack_sip":"192.0.2.1","alarm_sip":"192.0.2.9","threat_name":"SQL injection"}`, "destination.ip", "192.0.2.9")
	shipped := shippedCase(t)
	shipped("Fri 2026-03-02 08:59:50.113: 02: [4711] Session 4711; child 0001", "@timestamp", "2026-03-02T08:59:50Z")
	shipped("[W 2026-03-02 08:59:50.113 Hub auth:1144] Failed login for ann", "@timestamp", "2026-03-02T08:59:50Z")
	shipped(`{"ts":"2026-03-02T08:59:50Z","client":"203.0.113.7","host":"www.example.com","req":"GET /admin.php HTTP/1.1","status":404,"ua":"curl/8"}`, "host.name", "")
	shipped("CEF:0|Clearswift|SEG|5.5|MSG|Message Blocked|6|src=203.0.113.7 suser=evil@example.net duser=ann@example.com act=Blocked", "event.category", "email")
}

// TestOutcomes: how things ended, and who did them to whom, under keys and in words of any name.
func TestOutcomes(t *testing.T) {
	f := verbCase(t)
	f(wide, "User ann could not log in from 192.0.2.1: account disabled", "event.outcome", "failure")
	f(wide, "Password for user bob changed by ann", "user.name", "ann")
	f(wide, "Password for user bob changed by ann", "user.target.name", "bob")
	f(wide, "Password for user bob changed by policy", "user.name", "")
	f(wide, "User ann changed the password of user bob", "user.target.name", "bob")
	f(what, `{"event":"login","user":"ann","failed":true}`, "event.outcome", "failure")
	f(what, `{"event":"login","user":"ann","isError":true}`, "event.outcome", "failure")
	f(what, `{"event":"login","user":"ann","authenticated":false}`, "event.outcome", "failure")
	f(what, `{"event":"access","user":"ann","granted":false}`, "event.outcome", "failure")
	f(what, `{"event":"login","user":"ann","error":"bad password"}`, "event.outcome", "failure")
	f(what, `{"event":"report","user":"ann","error":"bad paper"}`, "event.outcome", "")
	f(what, `{"event":"LOGIN_DENIED","user":"ann"}`, "event.outcome", "failure")
	f(what, `{"event":"user_deleted","user":"bob","by":"ann"}`, "user.name", "ann")
	f(what, `{"event":"user_deleted","user":"bob","by":"ann"}`, "user.target.name", "bob")
	f(what, `{"event":"user_login","user":"bob","by":"ann"}`, "user.target.name", "")
	f(what, `{"event":"user_created","account":"acme-corp","actor":"ann"}`, "user.target.name", "")
	f(what, `{"event":"user_updated","admin":"true","user":"bob"}`, "user.name", "bob")
	f(what, `{"event":"job","failed":1,"succeeded":9,"user":"ann"}`, "event.outcome", "")
	f(wide, "user bob was not deleted by ann", "event.type", "")
	updated := `{"type":"user.updated","user":{"id":"7","email":"bob@example.com"},"admin":"ann@example.com"}`
	f(what, updated, "user.email", "ann@example.com")
	f(what, updated, "user.id", "")
	f(what, updated, "user.target.email", "bob@example.com")
	f(what, `{"type":"user.updated","user":{"id":"7","email":"ann@example.com"},"admin":"ann@example.com"}`, "user.id", "7")
	f(what, `{"event":"process_start","process":{"name":"cmd.exe","pid":811}}`, "event.type", "start")
	f(what, `{"event":"process stopped","process":{"name":"cmd.exe","pid":811}}`, "event.type", "end")
	f(what, `{"event":"dns","client_ip":"192.0.2.1","query":"bad.example.net","type":"A","answer":["203.0.113.7"]}`, "dns.resolved_ip", "203.0.113.7")
	f(what, `{"event":"dns","client_ip":"192.0.2.1","query":"bad.example.net","type":"AAAA","answer":["203.0.113.7"]}`, "dns.question.type", "AAAA")
	f(what, `{"op":"delete","user":"ann","object":"/vol1/a.txt"}`, "event.category", "file")
}

// TestOddForms: what relays and people make of formats.
func TestOddForms(t *testing.T) {
	f := verbCase(t)
	leef := "- leef: {map: {devTime: \"@timestamp:anydate\", src: \"source:addr\", usrName: user.name, reason: event.reason}}"
	spaces := "LEEF:1.0|Acme|Auth|1|LoginFailed|devTime=Nov 28 2025 10:00:01 src=192.0.2.1 usrName=ann reason=bad password"
	f(leef, spaces, "source.ip", "192.0.2.1")
	f(leef, spaces, "event.reason", "bad password")
	f(leef, spaces, "@timestamp", "2025-11-28T10:00:01.000Z")
	f(leef, "LEEF:1.0|Acme|Auth|1|X|usrName=Ann Lee", "user.name", "Ann Lee")
	f(leef, "LEEF:1.0|Acme|Auth|1|X|usrName=Ann Lee\treason=a b=c", "event.reason", "a b=c")

	f(what, `{"src":"192.0.2.1","dst":"198.51.100.2","proto":"tcp/https","msg":"Connection closed"}`, "network.transport", "tcp")
	f(what, `{"src":"192.0.2.1","dst":"198.51.100.2","proto":"tcp/https","msg":"Connection closed"}`, "event.type", "connection|end")
	f(what, `{"src":"192.0.2.1","dst":"198.51.100.2","proto":"a/b"}`, "network.transport", "")
	f(what, `{"parent":"winword.exe","process":"x.exe"}`, "process.parent.name", "winword.exe")
	f(what, `{"parent":"17","process":"x.exe"}`, "process.parent.name", "")
	f(what, `{"user":"ann","op":"unlink","path":"/srv/a.txt"}`, "event.type", "deletion")
	f(what, `{"time":"27/02/2026 10:00:01","usuario":"ann","evento":"autenticación","resultado":"fallido"}`, "@timestamp", "2026-02-27T10:00:01.000Z")
	f(what, `{"time":"27/02/2026 10:00:01","usuario":"ann","evento":"autenticación","resultado":"fallido"}`, "event.outcome", "failure")
	f(what, `{"time":"27/02/2026 10:00:01","usuario":"ann","evento":"autenticación","resultado":"fallido"}`, "event.category", "authentication")

	f(wide, "auth failed: user=ann ssid=corp reason=EAP failure", "event.reason", "EAP failure")
	f(wide, "auth failed: user=ann reason=timeout ssid=corp", "event.reason", "timeout")
	f(wide, `The user "ann" from 192.0.2.1 was denied access to "private" via SMB`, "event.outcome", "failure")
}

// TestHostAskedFor: the host beside a method is the one that was asked for, also where the header
// has a host.
func TestHostAskedFor(t *testing.T) {
	pack := "- kv: {}\n- known: {categories: true}"
	f := verbCase(t)
	f(pack, "client=192.0.2.1 method=CONNECT host=www.example.com:443 status=403", "url.domain", "www.example.com")
	f(pack, "client=192.0.2.1 host=ws7.example.com user=ann", "url.domain", "")
}

// TestChildAndFlaw: a program that another started, and a flaw by its number.
func TestChildAndFlaw(t *testing.T) {
	f := shippedCase(t)
	const child = `{"eventType":"childproc","hostName":"WS-1","parent":{"path":"C:\\a.exe","pid":100},"child":{"path":"C:\\b.exe","pid":200}}`
	f(child, "process.executable", `C:\b.exe`)
	f(child, "process.parent.executable", `C:\a.exe`)
	f(child, "event.type", "start")
	f(`{"vulnerability_id":"CVE-2026-1234","package":{"name":"openssl"}}`, "vulnerability.id", "CVE-2026-1234")
	f(`{"vulnerability_id":"17","package":{"name":"openssl"}}`, "vulnerability.id", "")
	f(`{"operation":"read","identity":"svc-app","source_address":"192.0.2.7"}`, "user.name", "svc-app")
}
