package normalize_test

import "testing"

// TestWithheld: what a guard on the machine, of mails or of files kept from happening.
func TestWithheld(t *testing.T) {
	f := verbCase(t)
	// a mail, malware and an intrusion that were found, and stopped
	mail := `{"from":"a@example.net","to":["ann@example.com"],"subject":"Invoice","verdict":"phishing","action":"quarantine"}`
	f(what, mail, "event.type", "denied")
	f(what, mail, "event.outcome", "")
	f(what, `{"from":"a@example.net","to":["ann@example.com"],"subject":"Hi","disposition":"rejected"}`, "event.type", "denied")
	f(what, `{"from":"a@example.net","to":["ann@example.com"],"subject":"Hi","action":"released from quarantine"}`, "event.type", "info")
	f(what, `{"from":"a@example.net","to":["ann@example.com"],"subject":"Hi","action":"delivered"}`, "event.type", "info")
	f(what, `{"malware":"Trojan.Gen","file":"C:\\t\\a.exe","status":"Quarantined"}`, "event.type", "denied")
	f(what, `{"malware":"Trojan.Gen","file":"C:\\t\\a.exe","status":"Quarantined"}`, "event.outcome", "success")
	f(what, `{"malware":"Trojan.Gen","file":"C:\\t\\a.exe","status":"not blocked"}`, "event.type", "info")
	f(what, `{"alertName":"Ransom","eventName":"Content Threat Blocked"}`, "event.type", "denied")
	// what was to be done to a file
	f(what, `{"user":"ann","operation":"Upload","file":"C:\\docs\\plan.xlsx","policy":"Secret","action":"block"}`, "event.type", "denied")
	f(what, `{"user":"ann","operation":"Upload","file":"C:\\docs\\plan.xlsx","policy":"Secret","action":"block"}`, "event.outcome", "success")
	f(what, `{"user":"ann","operation":"Upload","file":"C:\\docs\\plan.xlsx","result":"denied"}`, "event.outcome", "failure")
	f(what, `{"user":"ann","ActionTaken":"Block","FileName":"c.csv"}`, "event.type", "denied")
	f(what, `{"user":"ann","ActionTaken":"Block","FileName":"c.csv"}`, "event.category", "file")
	f(what, `{"message":"Logon denied","user":"ann","machine":"WS042"}`, "event.outcome", "failure")
	// who has an attacker was attacked
	f(what, `{"Attacker":{"IP":"198.51.100.9"},"Victim":{"IP":"192.0.2.80"},"Action":"Blocked"}`, "event.category", "intrusion_detection|network")
	f(what, `{"SignName":"Struts RCE","SrcIp":"198.51.100.9","DstIp":"192.0.2.80"}`, "rule.name", "Struts RCE")
}

// TestSaidAlone: more that the words around a value say of it.
func TestSaidAlone(t *testing.T) {
	f := verbCase(t)
	f(`- glean: {wide: true}
- known: {categories: true}`, "message 1abc-2 from <a@example.net> to <ann@example.com> is spam, quarantined", "event.type", "denied")
	f(what, `{"result":"REJECT","user":"ann"}`, "event.outcome", "failure")
	f(what, `{"msg":"api: user deleted","user":"bob","admin":"ann"}`, "user.name", "ann")
	f(what, `{"msg":"api: user deleted","user":"bob","admin":"ann"}`, "user.target.name", "bob")
	f(what, `{"op":"delete","user":"ann","role":"admin","target":"user:bob"}`, "user.target.name", "bob")
	f(what, `{"query":"bad.example.net","qtype":"A","action":"sinkhole"}`, "event.type", "protocol|denied")
	f(what, `{"program":"C:\\Temp\\a.exe","event":"Process blocked"}`, "event.type", "denied")
	f(what, `{"severity":5,"msg":"SQL injection attempt","src":"198.51.100.9","dst":"192.0.2.80"}`, "event.category", "intrusion_detection|network")
	f(wide, "Login failed for ann IP 192.0.2.44", "user.name", "ann")
	f(wide, "09:10:11.552 192.0.2.44 198.51.100.9 TCP 51222 443 DENY", "destination.port", "443")
	f(wide, "09:10:11.552 192.0.2.44 198.51.100.9 TCP 51222 443 DENY", "source.port", "51222")
	// a number in a sentence numbers no event, and what a certificate is of is no mail's subject
	f("- glean: {wide: true}\n- known: {categories: true}", "DELETE FROM users WHERE id=7", "event.id", "")
	f(wide, "issued certificate subject=www.example.com", "email.subject", "")
	// a list of records is Azure's only where its records are
	shipped := shippedCase(t)
	shipped(`{"records":[{"time":"2026-03-02T08:10:11Z","operation":"login","user":"ann","status":"ok"}]}`, "cloud.provider", "")
	shipped(`{"records":[{"time":"2026-03-02T08:10:11Z","operation":"login","user":"ann","status":"ok"}]}`, "user.name", "ann")
}

// TestMailDid: people whom a sentence calls by their address.
func TestMailDid(t *testing.T) {
	f := verbCase(t)
	f(wide, "[INFO] ann@example.com powered off VM 'web01'", "user.email", "ann@example.com")
	f(wide, "Technician ann@example.com started remote session to WS042", "user.name", "ann")
	f(wide, "VM web01 was migrated from host h1 to host h2 by ann@example.com", "user.name", "ann")
	f(wide, "Script 'cleanup.ps1' executed on WS042 by ann@example.com, exit code 0", "user.name", "ann")
	for _, line := range []string{
		"bob@example.com added to list staff", "bob@example.com bounced", "bob@example.com removed because of inactivity",
		"message received by ann@example.com", "message was not delivered: blocked by ann@example.com",
	} {
		f(wide, line, "user.name", "")
	}
	f(wide, "Security violation: user ANN attempted application P0411 from WS042", "event.category", "")
	shipped := shippedCase(t)
	boxes := "<110>Mar  2 08:10:11 h1 audit: Audit Id [42] Severity [High] User [EXAMPLE\\ann] Operation [Delete Backup Set] Reason [No more use]"
	shipped(boxes, "event.action", "Delete Backup Set")
	shipped(boxes, "event.reason", "No more use")
	shipped(boxes, "user.name", "ann")
	// pairs that were read beside all others are not read again by themselves
	shipped("<134>Mar  2 08:10:11 pki1 ca: event=CERT_REVOKED;admin=ann;ca=CA1;serial=0a1b;ip=192.0.2.44", "observer.serial_number", "")
	shipped("<134>Mar  2 08:10:11 pki1 usbd: type=usb action=mounted vendor=Kingston serial=AB12 user=ann", "observer.serial_number", "")
	shipped("<134>Mar  2 08:10:11 mft1 mft: user=ann,ip=192.0.2.44,command=upload,file=/in/a.csv,size=2048,status=successful", "event.action", "upload")
}

// TestSmallThings: kinds below kinds, pages that look like files, and what is plugged into a machine.
func TestSmallThings(t *testing.T) {
	f := verbCase(t)
	locked := `{"EventCategory":"ACCOUNT_MANAGEMENT","EventSubCategory":"USER_LOCKED","Initiator":"SYSTEM","Target":"bob"}`
	f(what, locked, "event.category", "iam")
	f(what, locked, "user.target.name", "bob")
	f(what, `{"event":"csrf_failed","user_id":42,"ip":"192.0.2.44","path":"/settings"}`, "file.path", "")
	f(what, `{"event":"file_deleted","user":"ann","ip":"192.0.2.44","path":"/settings"}`, "file.path", "/settings")
	f(what, `{"event":"sync","ip":"192.0.2.44","path":"/in/a.csv"}`, "file.path", "/in/a.csv")
	f(what, `{"policy":"No USB","device":{"class":"USB","vendor":"Kingston","serial":"AB12"},"action":"blocked"}`, "device.serial_number", "AB12")
	f("- glean: {wide: true}\n- known: {categories: true}", `Attack "SQL Injection" from 198.51.100.9 against 192.0.2.80:80 blocked`, "destination.port", "80")
	f("- glean: {wide: true}\n- known: {categories: true}", `Attack "SQL Injection" from 198.51.100.9 against 192.0.2.80:80 blocked`, "event.type", "connection|denied")
	shippedCase(t)(`<134>Mar  2 08:10:11 av9 scan: Infected file C:\Temp\a.exe (Trojan.Gen) on WS042 deleted`, "observer.vendor", "")
	f(what, `{"class":"com.example.Auth","user":"ann"}`, "event.action", "")
	f(what, `{"class":"com.example.Auth","user":"ann"}`, "event.category", "")
	f(what, `{"event":"otp_validation","username":"ann","status":"FAILED"}`, "event.category", "authentication")
}

// TestWhatOf: what a record is about by the thing that its keys name.
func TestWhatOf(t *testing.T) {
	f := verbCase(t)
	f(what, `{"event":"network_connection","image":"C:\\Temp\\a.exe","destination_address":"198.51.100.9","destination_port":4444}`, "event.category", "network")
	f(what, `{"event":"command_executed","user":"ann","target_ip":"192.0.2.50","command":"cat /etc/shadow","client_ip":"192.0.2.44"}`, "event.category", "process")
	f(what, `{"event":"radius","type":"Access-Reject","username":"ann"}`, "event.outcome", "failure")
	f(what, `{"event":"radius","type":"Access-Accept","username":"ann"}`, "event.category", "authentication")
	f(what, `{"destination":"games.example.com","queryType":"A","action":"Blocked"}`, "dns.question.name", "games.example.com")
	f(what, `{"destination":"games.example.com","queryType":"A","action":"Blocked"}`, "destination.domain", "")
	f(what, `{"type":"BRUTE_FORCE","ip":"198.51.100.9"}`, "event.category", "intrusion_detection")
	f(what, `{"tool":"backup","bytes":1200,"status":"completed"}`, "network.bytes", "")
	f(what, `{"src":"192.0.2.1","dst":"192.0.2.2","bytes":1200}`, "network.bytes", "1200")
	f(what, `{"user":"ann","change":"Firewall rule 'x' created"}`, "event.category", "configuration")
	f(what, `{"user":"ann","change":"+3%"}`, "event.action", "")
	f(what, `{"user":"ann","author":"bob","action":"file renamed","oldPath":"/a/x.doc"}`, "user.name", "ann")
	f(what, `{"user":"ann","author":"bob","action":"file renamed","oldPath":"/a/x.doc"}`, "file.path", "/a/x.doc")
}

// TestNotSaid: words and keys that look as if they told more.
func TestNotSaid(t *testing.T) {
	f := verbCase(t)
	// who uses a machine does not log in
	line := `Event type: Malicious file prevented, File path: C:\Temp\a.exe, Hostname: WS042, Logged in user: EXAMPLE\ann, Threat type: Ransomware`
	f(wide, line, "event.category", "")
	f(wide, line, "user.name", "ann")
	f(wide, "Logged in user ann from 192.0.2.7", "event.category", "authentication")
	// a command of SQL is no program's, and a shell's no database's
	f(what, `{"user":"ann","command":"DROP TABLE x","database":"hr"}`, "process.command_line", "")
	f(what, `{"user":"ann","command":"DROP TABLE x","database":"hr"}`, "event.category", "database")
	f(what, `{"user":"ann","command":"update the index from /var/x"}`, "process.command_line", "update the index from /var/x")
	// a disk that is plugged in is no machine, and its number not the reporter's
	f(what, `{"DeviceType":"USB","host":"ws042"}`, "host.type", "")
	f(what, `{"device_type":"server","host":"ws042"}`, "host.type", "server")
	usb := `{"type":"usb","action":"mounted","vendor":"Kingston","product":"DataTraveler","serial":"AB12","user":"ann"}`
	f(what, usb, "observer.serial_number", "")
	f(what, usb, "device.serial_number", "AB12")
	f(what, usb, "device.model.name", "DataTraveler")
	f(what, `{"type":"traffic","vendor":"Acme","serial":"AB12"}`, "observer.serial_number", "AB12")
	// a word for a deed that is a method of HTTP too
	f(what, `{"subject":{"login":"ann"},"verb":"delete","object":{"type":"repository","name":"core"}}`, "http.request.method", "")
	f(what, `{"subject":{"login":"ann"},"verb":"delete","object":{"type":"repository","name":"core"}}`, "event.type", "deletion")
	f(what, `{"method":"delete","url":"/v1/x","status":200}`, "http.request.method", "DELETE")
	// the domain that a filter sorted is no user's
	f(what, `{"user":"ann","domain":"games.example.com","category":"games"}`, "user.domain", "")
	f(what, `{"user":"ann","domain":"games.example.com","category":"games"}`, "url.domain", "games.example.com")
	f(what, `{"user":"ann","domain":"corp.example.com"}`, "user.domain", "corp.example.com")
	f(what, `{"user":"ann","domain":"corp.example.com","category":"auth","action":"login"}`, "user.domain", "corp.example.com")
	f(wide, "Access granted for cardholder 'Ada Lovelace' at door 'Main'", "user.name", "Ada Lovelace")
}

// TestTextAlone: an object whose text alone says what happened.
func TestTextAlone(t *testing.T) {
	f := shippedCase(t)
	group := `{"level":"INFO","timestamp":"2026-03-02T08:10:11Z","message":"User bob was added to group admins by ann from 192.0.2.44"}`
	f(group, "user.name", "ann")
	f(group, "user.target.name", "bob")
	f(group, "group.name", "admins")
	f(`{"message":"User bob was deleted","time":"2026-03-02T08:10:11Z"}`, "user.name", "")
	f(`{"message":"User bob was deleted","time":"2026-03-02T08:10:11Z"}`, "user.target.name", "bob")
	f(`{"msg":"connection from 192.0.2.44:51222 closed by peer","ts":1772438400}`, "event.type", "connection")
	f(`{"msg":"GET /index.html 200 12ms","ts":1772438400}`, "event.category", "web")
	f(`{"msg":"user deleted","actor":"ann","target":"bob","ts":1772438400}`, "user.target.name", "bob")
	f(`{"msg":"user deleted","actor":"ann","target":"bob","ts":1772438400}`, "event.category", "iam")
	f(`{"message":"Deleted user bob","actor":{"name":"ann"},"time":"2026-03-02T08:10:11Z"}`, "user.target.name", "bob")
	f(`{"message":"Deleted user bob","actor":{"name":"ann"},"time":"2026-03-02T08:10:11Z"}`, "user.name", "ann")
	f(`{"message":"Deleted user bob","actor":{"name":"ann"},"time":"2026-03-02T08:10:11Z"}`, "event.category", "iam")
	f(`{"message":"sending mail from noreply@example.com to ann@example.com: ok","time":"2026-03-02T08:10:11Z"}`, "event.category", "email")
	f(`{"msg":"session opened","user":"ann","ts":1772438400}`, "event.category", "session")
	f(`{"client":{"mac":"00:00:5e:00:53:0a","ip":"192.0.2.44"},"ts":1772438400}`, "client.mac", "00-00-5E-00-53-0A")
}

// TestJavaAddress: how Java writes an address, and records without names of what files and names of
// machines were asked for.
func TestJavaAddress(t *testing.T) {
	f := verbCase(t)
	f(what, `{"remoteAddress":"/192.0.2.44:51222"}`, "source.port", "51222")
	f(what, `{"remoteAddress":"db01.example.com/192.0.2.44:51222"}`, "source.ip", "192.0.2.44")
	f(what, `{"principal":"User:ann"}`, "user.name", "ann")
	f(wide, `peer "ann-mac" (192.0.2.5) connected to "db01" (192.0.2.9) port 5432/tcp`, "source.ip", "192.0.2.5")
	f(wide, "|2026-03-02 08:59:59|WRITE|ann|192.0.2.44|/cloudfs/a.txt|SUCCESS", "file.path", "/cloudfs/a.txt")
}
