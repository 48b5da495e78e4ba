package normalize_test

import "testing"

// TestSaidApart: what a record says under other names than most.
func TestSaidApart(t *testing.T) {
	f := verbCase(t)
	// how it ended
	f(what, `{"action":"upload","success":"1","user":"ann"}`, "event.outcome", "success")
	f(what, `{"action":"upload","success":0,"user":"ann"}`, "event.outcome", "failure")
	f(what, `{"op":"DELETE","user":"ann","res":"denied"}`, "event.outcome", "failure")
	f(what, `{"event_type":"door_opened","result":"access_granted"}`, "event.outcome", "success")
	f(what, `{"action":"GetObject","http_status":403,"user":"ann"}`, "event.outcome", "failure")
	f(what, `{"alertId":"a1","action":"x","status":"Failed to mend"}`, "event.outcome", "")
	f(what, `{"method":"GET","url":"http://www.example.com/a","action":"Blocked"}`, "event.type", "access|denied")
	// what was done, with blanks around it, or while it was done
	f(what, `{"action":" user Login","status":"SUCCESS"}`, "event.action", "user Login")
	f(what, `{"type":"admin_audit_logs","user":"ann","audit_log_event":"Login Successful"}`, "event.outcome", "success")
	f(what, `{"Action":"Removing user from group","Username":"ann"}`, "event.category", "iam")
	// what a value stands for
	f(what, `{"type":"login","status":{"label":"Failed","value":false},"user":"ann"}`, "event.outcome", "failure")
	f(what, `{"mfa":{"label":"-","value":2}}`, "event.code", "")
	// who it was
	f(what, `{"Operation":"FileDownloaded","UserId":"ann@example.com"}`, "user.email", "ann@example.com")
	f(what, `{"objectType":"Alert","createdBy":"ann@example.com"}`, "user.email", "ann@example.com")
	f(what, `{"createdBy":"bob","userName":"ann"}`, "user.name", "ann")
	f(what, `{"type":"alert","displayName":"Secret exposed"}`, "user.full_name", "")
	f(what, `{"displayName":"Ann Lee","email":"ann@example.com"}`, "user.full_name", "Ann Lee")
	f(what, `{"login":"root","user":"ann","event":"session.start"}`, "user.name", "ann")
	f(what, `{"action":"USER_DELETED","user":"ann","target":"bob"}`, "user.target.name", "bob")
	f(what, `{"action":"ROLE_DELETED","user":"ann","target":"bob"}`, "user.target.name", "")
	f(what, `{"station":"00:00:5e:00:53:42","event":"deauth"}`, "source.mac", "00-00-5E-00-53-42")
	f(what, `{"station":"Berlin Hbf","event":"deauth"}`, "source.mac", "")
	f(what, `{"sourceDevice":"192.0.2.9","destinationDevice":"plc-7.example.com"}`, "source.ip", "192.0.2.9")
	f(what, `{"sourceDevice":"192.0.2.9","destinationDevice":"plc-7.example.com"}`, "destination.domain", "plc-7.example.com")
	f(what, `{"zone":"Line 1"}`, "cloud.availability_zone", "")
	f(what, `{"zone":"eu-west-1b"}`, "cloud.availability_zone", "eu-west-1b")
	f(what, `{"cloud_provider":"aws","account_name":"prod","severity":"High"}`, "user.name", "")
	f(what, `{"cloud_provider":"aws","account_name":"prod","severity":"High"}`, "cloud.account.name", "prod")
	f(what, `{"account_name":"ann","severity":"High"}`, "user.name", "ann")
	f(what, `{"category":"SignInLogs","userPrincipalName":"ann@example.com","status":{"errorCode":50126}}`, "event.outcome", "failure")
	f(what, `{"category":"SignInLogs","userPrincipalName":"ann@example.com","status":{"errorCode":0}}`, "event.outcome", "success")
	f(what, `{"category":"SignInLogs","location":{"city":"Berlin","countryOrRegion":"DE"}}`, "source.geo.country_iso_code", "DE")
	// whose address it is
	f(what, `{"ip":"192.0.2.70","cve_id":"CVE-2022-0778","netbios":"SRV-1"}`, "host.ip", "192.0.2.70")
	f(what, `{"ip":"192.0.2.70","cve_id":"CVE-2022-0778","netbios":"SRV-1"}`, "source.ip", "")
	f(what, `{"ip":"192.0.2.70","user":"ann","action":"login"}`, "source.ip", "192.0.2.70")
	// what sort of record it is
	f(what, `{"title":"Public bucket","severity":"High","status":"open"}`, "event.kind", "alert")
	f(what, `{"title":"Public bucket","severity":"High","status":"open","cve_id":"CVE-2022-0778"}`, "event.kind", "event")
	f(what, `{"title":"Public bucket","severity":"High","status":"open","action":"viewed"}`, "event.kind", "event")
	f(what, `{"applicationName":"winword.exe","src":"192.0.2.1","dst":"192.0.2.2"}`, "network.application", "")
	f(what, `{"_type":"alert","title":"Phishing mail"}`, "event.kind", "alert")
	f(what, `{"type":"threat","x":1}`, "event.kind", "alert")
	f(what, `{"user":"neo4j","query":"CREATE USER bob","status":"failure"}`, "event.category", "database")
	f(what, `{"user":"ann","query":"Show me the way"}`, "event.category", "")
	f(what, `{"grpc.method":"DeleteToken","grpc.code":"PermissionDenied","peer.address":"192.0.2.42:51515"}`, "event.outcome", "failure")
	f(what, `{"mitre_tactics":["TA0006"],"x":1}`, "threat.tactic.id", "TA0006")
	f(what, `{"technique":"T0885","tactic":"Command and Control"}`, "threat.technique.id", "T0885")
	f(what, `{"sample_sha256hash":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}`, "file.hash.sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
	f(what, `{"reported_on":"2026-03-02T08:11:09Z"}`, "@timestamp", "2026-03-02T08:11:09.000Z")
	f(what, `{"sample_created":"2026-03-02T08:11:09"}`, "@timestamp", "2026-03-02T08:11:09.000Z")
	f(what, `{"email_subject":"Hi","from_address":"evil@example.net"}`, "event.category", "email")
}

// TestOfWhat: levels, systems, the registry and other keys with a place of their own.
func TestOfWhat(t *testing.T) {
	f := verbCase(t)
	f(what, `{"level":"WARN","msg":"x"}`, "log.level", "WARN")
	f(what, `{"alert":{"severity":3,"signature":"ET x"}}`, "event.severity", "3")
	f(what, `{"host":{"os":{"name":"Windows 11 Pro"}}}`, "host.os.type", "windows")
	f(what, `{"operatingSystem":"Mac OS X 10.15"}`, "host.os.type", "macos")
	f(what, `{"deviceOs":"iOS 17.2"}`, "host.os.type", "ios")
	f(what, `{"deviceOs":"IOS XE 17.2"}`, "host.os.type", "")
	f(what, `{"client":{"userAgent":{"os":"Android","browser":"Chrome"}}}`, "user_agent.os.name", "Android")
	f(what, `{"client":{"userAgent":{"os":"Android","browser":"Chrome"}}}`, "user_agent.name", "Chrome")
	f(what, `{"RegistryKey":"HKEY_LOCAL_MACHINE\\Software\\Run","RegistryValueName":"x"}`, "registry.key", `Software\\Run`)
	f(what, `{"RegistryKey":"HKEY_LOCAL_MACHINE\\Software\\Run","RegistryValueName":"x"}`, "registry.value", "x")
	f(what, `{"ipv4SrcAddr":"192.0.2.1","ipv4DstAddr":"192.0.2.2","l4DstPort":53}`, "destination.port", "53")
	f(what, `{"rule":"7","ruleUuid":"50afdf91-0d37-4729-8052-1382912d9895"}`, "rule.uuid", "50afdf91-0d37-4729-8052-1382912d9895")
	f(what, `{"src_ip":"192.0.2.1","dst_ip":"203.0.113.9","dst_port":443,"status":"Deny"}`, "event.type", "connection|denied")
	f(what, `{"src_ip":"192.0.2.1","dst_ip":"203.0.113.9","dst_port":443,"status":"Deny"}`, "event.outcome", "success")
	f(what, `{"EventID":4625,"Account":"ann","Status":"0xC000006D"}`, "event.action", "")
	f(what, `{"name":"Suspicious PowerShell","sev":"High","computer":"PC-3","techniques":["T1059.001"]}`, "event.kind", "alert")
	f(what, `{"event":"role.assigned","actor":"ann","user":"bob","role":"admin"}`, "event.type", "change|user")
	f(what, `{"ruleName":"Impossible travel","sourceIps":["192.0.2.1","192.0.2.2"],"user":"ann"}`, "related.ip", "192.0.2.1|192.0.2.2")
}

// TestNamedQuestion: a domain is what DNS was asked where another key says that it was.
func TestNamedQuestion(t *testing.T) {
	f := verbCase(t)
	f(what, `{"event_type":"DNS_REQUEST","event":{"DOMAIN_NAME":"bad.example.net"}}`, "dns.question.name", "bad.example.net")
	f(what, `{"eventCategory":"dns","domain":"bad.example.net","action":"block"}`, "event.type", "protocol|denied")
	f(what, `{"domain":"bad.example.net","qtype":"A"}`, "dns.question.name", "bad.example.net")
	f(what, `{"kind":"dns","client":"192.0.2.42","name":"bad.example.net","blocked":true}`, "dns.question.name", "bad.example.net")
	f(what, `{"kind":"dns","client":"192.0.2.42","name":"bad.example.net","blocked":true}`, "event.action", "")
	f(what, `{"domain":"bad.example.net","action":"block"}`, "dns.question.name", "")
	f(what, `{"domain":"bad.example.net","category":"dnsomething"}`, "dns.question.name", "")
	f(what, `{"domainName":"bad.example.net"}`, "user.domain", "")
	f(what, `{"domainName":"EXAMPLE","userName":"ann"}`, "user.domain", "EXAMPLE")
}

// TestFiles: what was done to a file, where only its category says that it is one.
func TestFiles(t *testing.T) {
	f := verbCase(t)
	egnyte := `{"category":"FILE","action":"download","username":"ann","object":"/Shared/plan.xlsx"}`
	f(what, egnyte, "event.category", "file")
	f(what, egnyte, "event.type", "access")
	f(what, egnyte, "file.path", "/Shared/plan.xlsx")
	f(what, `{"Operation":"FileDownloaded","ItemName":"plan.xlsx"}`, "file.name", "plan.xlsx")
	f(what, `{"Event":"File copied to removable device","FilePath":"E:\\plan.xlsx"}`, "event.type", "creation")
	f(what, `{"path":"/tmp/x","name":"a.sh","size":7}`, "file.path", "/tmp/x/a.sh")
	f(what, `{"path":"/tmp/x.tmp","name":"a.sh","size":7}`, "file.path", "/tmp/x.tmp")
	f(what, `{"category":"USER","action":"create","username":"ann","object":"b.lee"}`, "file.name", "")
	f(what, `{"category":"profile","action":"download","username":"ann"}`, "event.category", "")
	f(what, `{"alertId":"a1","file_name":"doc.docm","threat_name":"W97M/Downloader"}`, "event.category", "malware")
	found := `{"threat":"EICAR-Test-File","object":"C:\\Temp\\eicar.com","actionTaken":"Deleted","user":"ann","md5":"44d88612fea8a8f36de82e1278abb02f"}`
	f(what, found, "event.category", "malware")
	f(what, found, "event.kind", "alert")
	f(what, found, "file.name", "eicar.com")
	f(what, `{"eventName":"Sensitive file shared","actorEmail":"ann@example.com"}`, "event.type", "change")
	threat := `{"file":{"path":"C:\\Users\\ann\\x.exe"},"threat":{"name":"Trojan.Gen"},"action":"quarantine"}`
	f(what, threat, "event.category", "malware")
	f(what, threat, "file.name", "x.exe")
	f(what, `{"eventType":"RANSOMWARE_DETECTED","time":"2026-03-02T08:11:09Z"}`, "event.kind", "alert")
	f(what, `{"eventType":"malware_scan_completed"}`, "event.kind", "event")
	started := `{"event_type":"NEW_PROCESS","FILE_PATH":"C:\\Windows\\System32\\cmd.exe","COMMAND_LINE":"cmd.exe /c whoami"}`
	f(what, started, "process.executable", `C:\\Windows\\System32\\cmd.exe`)
	f(what, started, "process.name", "cmd.exe")
}

// TestTwoPeople: who did something to whom.
func TestTwoPeople(t *testing.T) {
	f := verbCase(t)
	changed := `{"event":"user.role_changed","actor":{"email":"bob@example.com","id":"u9"},"data":{"user":{"id":"u1","email":"ann@example.com","name":"Ann Lee"}}}`
	f(what, changed, "user.email", "bob@example.com")
	f(what, changed, "user.id", "u9")
	f(what, changed, "user.full_name", "")
	f(what, changed, "user.target.email", "ann@example.com")
	f(what, changed, "user.target.id", "u1")
	f(what, changed, "user.target.full_name", "Ann Lee")
	f(what, `{"action":"member.invited","admin":{"email":"bob@example.com"},"member":{"email":"ann@example.com"}}`, "user.target.email", "ann@example.com")
	same := `{"event":"login","actor":{"id":"u1"},"user":{"id":"u1","email":"ann@example.com"}}`
	f(what, same, "user.email", "ann@example.com")
	f(what, same, "user.target.email", "")
	f(what, `{"actor":{"user":{"id":"u1","email":"ann@example.com"},"id":"k7"}}`, "user.email", "ann@example.com")
}

// TestToldOf: who is told of in the details and in the text of what another did.
func TestToldOf(t *testing.T) {
	f := shippedCase(t)
	invited := `{"actor":{"id":"1","email":"ann@example.com"},"event":"member.invite","ipAddress":"192.0.2.7","data":{"email":"bob@example.com","role":"owner","reason":"new here"}}`
	f(invited, "user.email", "ann@example.com")
	f(invited, "user.roles", "")
	f(invited, "user.target.email", "bob@example.com")
	f(invited, "event.reason", "new here")
	f(`{"payload":{"actor_email":"ann@example.com","action":"added_member","traits":{"email":"bob@example.com","role":"Owner"}}}`, "user.target.email", "bob@example.com")
	f(`{"actor":{"email":"ann@example.com"},"action":"login","data":{"email":"ann@example.com","role":"owner"}}`, "user.roles", "owner")
	f(`{"actionIdentifier":"user.create","actorEmail":"ann@example.com","description":"User bob@example.com was created"}`, "user.email", "ann@example.com")
	f(`{"eventName":"employee.updated","performedBy":{"id":5,"email":"ann@example.com"},"affectedEmployee":{"id":7,"email":"bob@example.com"}}`, "user.target.email", "bob@example.com")
	f(`{"eventName":"employee.updated","performedBy":{"id":5,"email":"ann@example.com"}}`, "event.category", "iam")
	given := `{"actor_email":"ann@example.com","event_type":"role_binding.created","subject":{"type":"USER","email":"bob@example.com"},"role":"ADMIN"}`
	f(given, "user.email", "ann@example.com")
	f(given, "user.target.email", "bob@example.com")
	f(given, "user.roles", "")
	reset := `{"performedByUser":{"id":"1","email":"ann@example.com"},"performedOnUser":{"id":"2","email":"bob@example.com"},"activity":"PASSWORD_RESET"}`
	f(reset, "user.email", "ann@example.com")
	f(reset, "user.target.id", "2")
	// what an actor is, the action is not about
	f(`{"actor":{"type":"user","name":"ci-bot"},"operation":"CreateTopics"}`, "event.category", "configuration")
	f(`{"principal":{"name":"ci-bot"},"operation":"CreateTopics","authorized":false}`, "event.outcome", "failure")
	f(`{"action":"user.signed_in","actor":{"name":"Ann Lee"},"context":{"location":"192.0.2.7"}}`, "source.ip", "192.0.2.7")
	f(`{"action":"user.signed_in","actor":{"name":"Ann Lee"},"location":"Berlin"}`, "source.ip", "")
	f(`{"requestMetadata":{"ip":"192.0.2.7"},"initiator":{"name":"ci"},"operation":"DELETE_CLUSTER"}`, "source.ip", "192.0.2.7")
	f(`{"eventName":"ApiKey.Created","user":"ann@example.com"}`, "event.category", "iam")
	f(`{"eventName":"KeyResult.Created","user":"ann@example.com"}`, "event.category", "configuration")
	f(`{"method":"UpdatePolicy","principal":"ann@example.com","resource":"policies/mfa"}`, "event.action", "UpdatePolicy")
	f(`{"verb":"delete","actor":"ann","object":"repo-1","ip":"192.0.2.1"}`, "event.action", "delete")
	f(`<134>Mar  2 08:00:00 san1 Login: user=admin ip=192.0.2.8 interface=GUI result=OK`, "event.category", "authentication")
	f(`<134>Mar  2 08:00:00 san1 Login: user=admin ip=192.0.2.8 interface=GUI result=OK`, "process.name", "")
	f(`<134>Mar  2 08:00:00 px2 BLOCKED user=ann client=192.0.2.4 url=https://bad.example.net/x category="Phishing"`, "event.action", "BLOCKED")
	f(`<134>Mar  2 08:00:00 vpn1 TunnelTerminated user="ann" remote_ip=192.0.2.1 duration=3600 bytes_in=1 bytes_out=2`, "event.type", "connection")
	f(`{"vuln":{"cve":"CVE-2026-1234","cvss":9.8,"severity":"CRITICAL"},"image":"registry.example.com/app:1"}`, "vulnerability.score.base", "9.8")
	f(`{"vuln":{"cve":"CVE-2026-1234","cvss":9.8,"severity":"CRITICAL"},"image":"registry.example.com/app:1"}`, "vulnerability.severity", "CRITICAL")
	f(`<134>Mar  2 08:00:00 vpn1 TunnelTerminated user="ann" remote_ip=192.0.2.1 duration=3600 bytes_in=1 bytes_out=2`, "event.action", "TunnelTerminated")
	f(`{"ruleName":"Impossible travel","sourceIps":["192.0.2.1"],"user":"ann"}`, "source.ip", "192.0.2.1")
	f(`2026-03-02 07:00:00 192.0.2.1 ann POST /api/login 401 34 "Mozilla/5.0 (X11)" 0.012`, "user.name", "ann")
	f(`Endpoint 00:00:5e:00:53:01 failed posture check "AV up to date" on switch 192.0.2.3 port Gi1/0/12`, "event.action", "")
	f(`{"verb":"delete","actor":"ann","object":"repo-1","ip":"192.0.2.1"}`, "http.request.method", "")
	f(`{"method":"GET","path":"/x","user":"ann"}`, "event.action", "")
	f(`{"userLogin":"ann","eventKey":"USER_ROLE_ADDED","affectedUser":"bob"}`, "event.action", "USER_ROLE_ADDED")
	// whose account it is has no login
	f(`{"initiator":{"name":"Ann Lee"},"actionId":"LOGIN","accountName":"Example","clientIp":"192.0.2.7"}`, "user.name", "Ann Lee")
	f(`{"accountName":"ann","action":"LOGIN","clientIp":"192.0.2.7"}`, "user.name", "ann")
	f(`{"userEmail":"ann@example.com","action":"Download","sourcePath":"/Shared/a.docx"}`, "event.category", "file")
}

// TestWho: who did something, in prose.
func TestWho(t *testing.T) {
	f := verbCase(t)
	f(wide, "User Ann Lee logged in", "user.name", "Ann Lee")
	f(wide, "User Ann logged in", "user.name", "Ann")
	f(wide, "User Manager Service started", "user.name", "")
	f(wide, "audit - ann@example.com [203.0.113.5] purevol destroy vol1", "source.ip", "203.0.113.5")
	f(wide, "audit - ann@example.com [203.0.113.5] purevol destroy vol1", "user.email", "ann@example.com")
	f(wide, `Role "Admin" assigned to user "bob" by "ann" from 192.0.2.42`, "user.target.name", "bob")
	f(wide, `Role "Admin" assigned to user "bob" by "ann" from 192.0.2.42`, "user.name", "ann")
	f(wide, "MFA disabled for bob@example.com by ann@example.com", "user.target.email", "bob@example.com")
	f(wide, "MFA disabled for bob@example.com by ann@example.com", "user.email", "ann@example.com")
	f(wide, `Restore point deleted by EXAMPLE\ann from console 192.0.2.42`, "source.ip", "192.0.2.42")
	f(wide, `Restore point deleted by EXAMPLE\ann from console 192.0.2.42`, "event.category", "configuration")
	f(wide, `too many failed logins for "ann" (203.0.113.5), account locked`, "source.ip", "203.0.113.5")
	f(wide, `too many failed logins for "ann" (203.0.113.5), account locked`, "event.outcome", "failure")
	f("- glean: {wide: true, switch: true}", "blocked by a rule on WS-42", "observer.ingress.interface.name", "")
	f("- glean: {wide: true}\n- known: {categories: true}", "Malware detected: name=Trojan.Gen path=/tmp/x action=quarantined", "event.kind", "alert")
	f(wide, "relayed from ann@example.com [203.0.113.5]", "user.email", "")
}
