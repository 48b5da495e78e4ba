package normalize_test

import "testing"

// TestObjects: what a key means is told by whose it is.
func TestObjects(t *testing.T) {
	f := verbCase(t)
	json := "- json: {}\n- known: {}"
	f(json, `{"actor":{"name":"Ann Lee","login":"ann","uuid":"u-7"}}`, "user.full_name", "Ann Lee")
	f(json, `{"actor":{"name":"Ann Lee","login":"ann","uuid":"u-7"}}`, "user.name", "ann")
	f(json, `{"actor":{"name":"Ann Lee","login":"ann","uuid":"u-7"}}`, "user.id", "u-7")
	f(json, `{"createdBy":{"name":"ann"}}`, "user.name", "ann")
	f(json, `{"device":{"name":"ws-1","ip":"192.0.2.1","mac":"00:00:5e:00:53:01"}}`, "host.ip", "192.0.2.1")
	f(json, `{"device":{"name":"ws-1","ip":"192.0.2.1","mac":"00:00:5e:00:53:01"}}`, "host.name", "ws-1")
	f(json, `{"policy":{"id":7,"name":"no usb"}}`, "rule.name", "no usb")
	f(json, `{"tenant":{"id":"t-1"}}`, "organization.id", "t-1")
	f(json, `{"request":{"id":"r-1"}}`, "http.request.id", "r-1")
	f(json, `{"parentProcess":{"path":"/bin/sh","pid":7}}`, "process.parent.name", "sh")
	f(json, `{"parentProcess":{"path":"/bin/sh","pid":7}}`, "process.parent.pid", "7")
	f(json, `{"options":{"userID":"far"},"user":{"id":"near"}}`, "user.id", "near")
	f(json, `{"settings":{"userID":"far"},"userId":"near"}`, "user.id", "near")
	f(json, `{"event":"x","settings":{"userID":"far"}}`, "user.id", "far")
	f("- json: {event: {id: event.id}}", `{"event":"login"}`, "sluice.vendor", "event=login")
}

// TestLists: of a list of objects the first says what the event is about.
func TestLists(t *testing.T) {
	f := verbCase(t)
	flow := `{"flows":[{"src":"192.0.2.1:4711","dst":"[2001:db8::1]:443","extra":[1,[2],{"a":"]"}],"proto":6},{"src":"192.0.2.9"}]}`
	f(what, flow, "source.port", "4711")
	f(what, flow, "destination.ip", "2001:db8::1")
	f(what, flow, "network.transport", "tcp")
	f(what, `{"hosts":[{"host":{"name":"a \"b\u0063"}}]}`, "host.name", "")
	f(what, `{"items":[{"device":{"name":"w\u0073-1"}}]}`, "host.name", "ws-1")
}

// TestDeeds: the name of an action tells what was done, to what, and how it ended.
func TestDeeds(t *testing.T) {
	f := verbCase(t)
	deed := func(action, category, typ, outcome string) {
		t.Helper()
		line := `{"action":"` + action + `","actor":"ann"}`
		f(what, line, "event.category", category)
		f(what, line, "event.type", typ)
		f(what, line, "event.outcome", outcome)
	}
	deed("authentication.failed", "authentication", "start", "failure")
	deed("UserLoginFailed", "authentication", "start", "failure")
	deed("user.logged_in", "authentication", "start", "success")
	deed("sign-in succeeded", "authentication", "start", "success")
	deed("Signed out", "authentication", "end", "success")
	deed("USER_LOGIN_FAILED", "authentication", "start", "failure")
	deed("createUserApiKey", "iam", "creation|user", "")
	deed("File deleted", "file", "deletion", "success")
	deed("PIPELINE_UPDATED", "configuration", "change", "success")
	deed("address", "", "", "")
	f(what, `{"category":"LOGIN","subCategory":"LOGIN_SUCCEEDED","action":"perform"}`, "event.outcome", "success")
	f(what, `{"src":"192.0.2.1","dst":"192.0.2.2","action":"Deny"}`, "event.type", "connection|denied")
	f(what, `{"id":"a1","detectedOn":"2026-03-02T08:59:00Z","expiryDate":"2027-01-01T00:00:00Z"}`, "@timestamp", "2026-03-02T08:59:00.000Z")
	f(what, `{"eventId":"0e7f1c9a-4b9e-4d0e-8a53-000000000001"}`, "event.id", "0e7f1c9a-4b9e-4d0e-8a53-000000000001")
	f(what, `{"eventId":4711}`, "event.code", "4711")
	f(what, `{"eventId":"e-1","eventCode":"20401"}`, "event.code", "20401")
	f(what, `{"eventCode":"20401","eventId":"e-1"}`, "event.id", "e-1")
}

// TestWide: what is read of lines of which nothing is known but that they are text.
func TestWide(t *testing.T) {
	f := verbCase(t)
	quoted := `srcIp:"192.0.2.125" srcPort:"51515" rule:"r \"7\"" action=drop`
	f(wide, quoted, "source.port", "51515")
	f(wide, quoted, "event.action", "drop")
	f(wide, "time: 08:59, src_ip: 192.0.2.126, dst_port: 443, user: EXAMPLE\\ann", "user.domain", "EXAMPLE")
	f(wide, "dst: 8, x, a: 1", "destination.address", "")
	f(wide, `msg="Login of a user" user=ann`, "message", "Login of a user")
	f(wide, "[Block] 192.0.2.85:51515->198.51.100.11:53][UDP]", "source.port", "51515")
	f(wide, "[Block] 192.0.2.85:51515->198.51.100.11:53][UDP]", "event.type", "connection|denied")
	f(wide, "session from [2001:db8::77]:51515(TCP)", "source.port", "51515")
	f(wide, "access denied -- client [192.0.2.85]: wrong password", "source.ip", "192.0.2.85")
	f(wide, "client [2001:db8::77]: hello", "source.ip", "2001:db8::77")
	f(wide, "session from ::ffff:192.0.2.7", "source.ip", "192.0.2.7")
	f(wide, "User ann logged in on port 7", "event.outcome", "success")
	f(wide, "[2026-03-02 08:59:58,001]  WARN {AUDIT} - x", "log.level", "warn")
	f(wide, "[2026-03-02 08:59:58,001]  WARN {AUDIT} - x", "@timestamp", "2026-03-02T08:59:58.001Z")
	f(wide, "we warn you of an error", "log.level", "")
	f(wide, `"GET /a.js HTTP/1.1" 304 0`, "http.response.status_code", "304")
	f(wide, "sta 0000.5e00.530a joined", "source.mac", "00-00-5E-00-53-0A")
	f(wide, "at 12:30 a job began", "@timestamp", "2026-03-02T09:00:00.000Z")
	f("- glean: {}", `a "GET /a.js HTTP/1.1" 304 0`, "http.response.status_code", "")
}

// TestSecond: what says it better goes first, wherever it stands.
func TestSecond(t *testing.T) {
	f := verbCase(t)
	f(what, `{"eventType":"UPDATE","actionId":"CHANGE_USER"}`, "event.action", "CHANGE_USER")
	f(what, `{"eventType":"UPDATE"}`, "event.action", "UPDATE")
	f(what, `{"uri":"/a","url":"https://example.com:8443/a"}`, "url.port", "8443")
	f(what, `{"method":"GET","path":"/a"}`, "url.path", "/a")
	f(what, `{"path":"/etc/passwd"}`, "file.name", "passwd")
	f(what, `{"request":{"headers":[{"key":"User-Agent","value":"curl/8"},{"key":"Host","value":"x"}],"hostname":"www.example.com"}}`, "user_agent.original", "curl/8")
	f(what, `{"request":{"headers":[{"key":"User-Agent","value":"curl/8"},{"key":"Host","value":"x"}],"hostname":"www.example.com"}}`, "url.domain", "www.example.com")
	f(what, `{"src":"192.0.2.1","dst":"192.0.2.2","status":"Deny"}`, "event.type", "connection|denied")
	f(what, `{"incident_report":{"subject":"x"}}`, "event.kind", "alert")
	f(what, `{"Severity":"High","Tactic":"Execution","Status":"new","DetectId":"ldt:a:1"}`, "event.kind", "alert")
	named := "- cef: {name: rule.name, map: {src: \"source:addr\"}}\n- known: {categories: true, name: rule.name}"
	f(named, "CEF:0|A|B|1|7|Login Failed|5|src=192.0.2.1", "event.outcome", "failure")
	f("- glean: {wide: true}", "SrcIP(1003)=192.0.2.1;DstPort(1008)=443;", "source.ip", "192.0.2.1")
	f("- glean: {wide: true}", `192.0.2.120 - ann "GET /a HTTP/1.1" 200`, "source.ip", "192.0.2.120")
}

// TestEnds: a machine's own end of a connection and the other, and what tells why.
func TestEnds(t *testing.T) {
	f := verbCase(t)
	ends := `"localIp":"192.0.2.80","localPort":51000,"remoteIp":"198.51.100.80","remotePort":443}`
	f(what, `{"direction":"out",`+ends, "source.port", "51000")
	f(what, `{"direction":"out",`+ends, "destination.ip", "198.51.100.80")
	f(what, `{"direction":"Inbound",`+ends, "source.ip", "198.51.100.80")
	f(what, `{`+ends, "source.ip", "192.0.2.80")
	f(what, `{"remoteIp":"198.51.100.80"}`, "source.ip", "198.51.100.80")
	f(what, `{"process":{"md5":"d41d8cd98f00b204e9800998ecf8427e"}}`, "process.hash.md5", "d41d8cd98f00b204e9800998ecf8427e")
	f(what, `{"description":"too many"}`, "event.reason", "too many")
	f(what, `{"reason":"x","description":"too many"}`, "event.reason", "x")
	f(what, `{"email":"ann@example.com","username":"lee"}`, "user.name", "lee")
	f(what, `{"username":"lee@corp.example","email":"ann@example.com"}`, "user.email", "lee@corp.example")
	f(what, `{"email":"ann@example.com","username":"lee@corp.example"}`, "user.email", "ann@example.com")
	f(what, `{"performer":{"meta":{"name":"Ann Lee"},"ip_address":"192.0.2.1"}}`, "user.full_name", "Ann Lee")
	f(what, `{"source":{"address":"192.0.2.1"}}`, "source.ip", "192.0.2.1")
	f(what, `{"filePath":"C:/Users/ann/","fileName":"plan.xlsx"}`, "file.name", "plan.xlsx")
	f("- glean: {wide: true}", "query from 192.0.2.148#53211: www.example.com IN A", "source.port", "53211")
	f("- glean: {wide: true}", "BLOCK in on em0: UDP 203.0.113.88:5353 > 192.0.2.88:53", "destination.port", "53")
	f("- glean: {wide: true}\n- known: {categories: true}", "user ann logged out from 192.0.2.85", "event.type", "end")
}

// TestUnknownDevices: what records of devices that nobody knows say of themselves.
func TestUnknownDevices(t *testing.T) {
	f := verbCase(t)
	asked := `{"query":"www.example.com.","response_code":"NXDOMAIN","blocked":true,"src_ip":"192.0.2.1","dst_ip":"192.0.2.53"}`
	f(what, asked, "dns.question.name", "www.example.com")
	f(what, asked, "dns.response_code", "NXDOMAIN")
	f(what, asked, "event.type", "protocol|denied")
	f(what, `{"responseCode":"REJECTED","query":"a.example"}`, "dns.response_code", "")
	f(what, `{"rcode":3,"rcode_name":"NXDOMAIN","query":"a.example"}`, "dns.response_code", "NXDOMAIN")
	f(what, `{"actor":{"id":"u1"},"target":{"displayName":"Payroll"}}`, "user.full_name", "")
	f(what, `{"actor":{"displayName":"Ann Lee"}}`, "user.full_name", "Ann Lee")
	f(what, `{"action":"user_added_to_group","actor":"ann","group":{"name":"g"}}`, "event.type", "change|group")
	f(what, `{"action":"group_created","actor":"ann"}`, "event.type", "creation|group")
	f(what, `{"clientIp":"192.0.2.1","serverIp":"192.0.2.2","sql":"select 1 from t"}`, "event.category", "database")
	f(what, `{"clientIp":"192.0.2.1","serverIp":"192.0.2.2","statement":"all is well"}`, "event.category", "network")
	f(what, `{"action":"Password retrieved","user":"ann","src":"192.0.2.1","dst":"192.0.2.2"}`, "event.category", "iam")
	f(what, `{"event":"disconnected","user":"ann","remoteIp":"192.0.2.1"}`, "event.type", "connection|end")
	f(what, `{"evt":"proc_create","exe":"/bin/nc"}`, "event.type", "start")
	f(what, `{"src":"192.0.2.1","dst":"192.0.2.2","sent":120,"rcvd":7}`, "destination.bytes", "7")
	f(what, `{"src":"192.0.2.1","sent":"Mon, 2 Mar"}`, "source.bytes", "")
	f(what, `{"src":"192.0.2.1","dst":"192.0.2.2","sent":120,"received":7}`, "destination.bytes", "7")
	f(what, `{"src":"192.0.2.1","dst":"192.0.2.2","sent":"Mon, 2 Mar","received":1772269953}`, "destination.bytes", "")
	f(what, `{"size":7}`, "file.size", "")
	f(what, `{"path":"/a/b","size":7}`, "file.size", "7")
	f(what, `{"action":"reject","verdict":"SPAM"}`, "event.action", "reject")
	f(what, `{"ProcessGuid":"{0e7f1c9a-4b9e-4d0e-8a53-000000000001}"}`, "process.entity_id", "{0e7f1c9a-4b9e-4d0e-8a53-000000000001}")
	f(what, `{"dlp_incident":{"id":"55","action":"block","file_name":"a.csv"}}`, "event.kind", "alert")
	f(what, `{"dlp_incident":{"id":"55","action":"block","file_name":"a.csv"}}`, "file.name", "a.csv")
	f(what, `{"lastEvent":{"ip":"192.0.2.9"}}`, "source.ip", "")
	f(what, `{"eventType":"ROLE_GRANTED","actorPrincipal":{"name":"ann"},"targetPrincipal":{"name":"bob"}}`, "user.target.name", "bob")
	f(what, `{"eventType":"ROLE_GRANTED","actorPrincipal":{"name":"ann"}}`, "event.category", "iam")
	f(what, `{"request":"GET /a?b=1 HTTP/1.1","status":200}`, "url.path", "/a")
	f(what, `{"request":"GET /a?b=1 HTTP/1.1","status":200}`, "http.version", "1.1")
	f(what, `{"method":"GET","url":"/a","protocol":"HTTP/1.1","status":200}`, "http.version", "1.1")
	f(what, `{"method":"GET","url":"/a","protocol":"HTTP/1.1","status":200}`, "network.protocol", "http")
	f(what, `{"method":"GET","url":"/a","http_version":"HTTP/2.0","status":200}`, "http.version", "2.0")
	f(what, `{"time":"[02/Mar/2026:08:00:00 +0000]"}`, "@timestamp", "2026-03-02T08:00:00.000Z")
	f(what, `{"src":"192.0.2.1","dst":"192.0.2.2","service":"HTTPS","proto":6}`, "network.protocol", "https")
	f(what, `{"src":"192.0.2.1","dst":"192.0.2.2","service":"HTTPS","proto":6}`, "network.transport", "tcp")
	f(what, `{"service":"billing"}`, "service.name", "billing")
	f(what, `{"app":"ssl"}`, "network.application", "")
	f(what, `{"operation":{"name":"vm.delete","state":"FAILED"},"user":"ann"}`, "event.outcome", "failure")
	f(what, `{"threatName":"Eicar","filePath":"/tmp/e","user":"ann"}`, "event.category", "malware")
	f("- glean: {wide: true}", "Login failure: user=admin, ip=203.0.113.9, reason=wrong password", "event.reason", "wrong password")
	f("- glean: {wide: true}", `192.0.2.9 ann CONNECT www.example.com:443 200 ALLOW`, "url.domain", "www.example.com")
}
