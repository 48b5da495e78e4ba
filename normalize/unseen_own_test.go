package normalize_test

import "testing"

// TestOwnRecords: whose an id, a name, an address and a page of a record are that no pack knows.
func TestOwnRecords(t *testing.T) {
	f := shippedCase(t)
	f(`{"id":"7e1","action":"FAILED_LOGIN","record_id":"11","user_name":"ann","ip_address":"203.0.113.7"}`, "event.id", "7e1")
	f(`{"item_id":"4","id":"p1","activity":"updated","user":{"email":"ann@example.com"}}`, "event.id", "p1")
	login := `{"id":"991","userId":"771","userEmail":"ann@example.com","action":"LOGIN","resourceType":"User","resourceId":"771"}`
	f(login, "user.id", "771")
	f(login, "user.target.id", "")
	f(`{"user_name":"ann","entity_type":"user","entity_id":"1","operation":"LOGIN","response":"SUCCESS"}`, "user.id", "1")
	f(`{"performer":{"name":"Ann Lee","id":18014,"url":"https://example.com/agents/18014"},"action":"update","object_type":"agent"}`, "url.full", "")
	asked := `{"client_ip":"203.0.113.7","domain":"www.example.com","method":"GET","path":"/x","response_code":200,"username":"ann"}`
	f(asked, "url.domain", "www.example.com")
	f(asked, "user.domain", "")
	f(`{"host":"https://www.example.com","severity":"critical","timestamp":"2026-03-02T08:59:50Z","matched-at":"https://www.example.com/login"}`, "host.name", "")
	// whom an action was done to stands in its arguments
	settings := `{"time":"2026-03-02T08:59:50Z","actor":{"email":"ann@example.com"},"type":"USER_SETTINGS","name":"DELETE_SCRATCH_CODES","parameters":[{"name":"USER_EMAIL","value":"bob@example.com"}]}`
	f(settings, "event.action", "DELETE_SCRATCH_CODES")
	f(settings, "event.category", "iam")
	f(settings, "user.name", "ann")
	f(settings, "user.target.name", "bob")
	suspended := `{"actor":{"email":"ann@example.com"},"action":"user.suspended","details":[{"name":"user_name","value":"bob"},{"name":"reason","value":"left"}]}`
	f(suspended, "user.name", "ann")
	f(suspended, "user.target.name", "bob")
	f(suspended, "event.reason", "left")
	f(`{"actor_email":"ann@example.com","sub_type":"Login","result":"SUCCESS","ip":"203.0.113.7"}`, "event.action", "Login")
	f(`{"eventType":"add_user","isError":false,"userId":5}`, "event.outcome", "success")
	f(`{"EventCompletedSuccessfully":true,"UserName":"ann","EventIdentifier":"e9"}`, "event.outcome", "success")
	f(`{"detection":{"name":"Suspicious PowerShell","severity":"high"},"host":{"hostname":"pc1"}}`, "event.severity", "73")
}

// TestSharedFront: keys that all begin with the device's own word mean what stands behind it.
func TestSharedFront(t *testing.T) {
	f := shippedCase(t)
	front := `{"acme_src_ip":"203.0.113.7","acme_dst_ip":"192.0.2.9","acme_user":"ann","acme_action":"blocked","acme_time":"2026-03-02T08:59:50Z"}`
	f(front, "source.ip", "203.0.113.7")
	f(front, "destination.ip", "192.0.2.9")
	f(front, "event.action", "blocked")
	f(front, "@timestamp", "2026-03-02T08:59:50Z")
	// what is somebody's stays his
	f(`{"parent_ip":"203.0.113.7","parent_user":"ann","parent_action":"blocked","x":"1"}`, "source.ip", "")
}

// TestPairMarks: pairs between brackets and braces, and behind =>.
func TestPairMarks(t *testing.T) {
	f := shippedCase(t)
	boxed := "0.http-bio-8443-exec-2 - [02/Mar/2026:08:59:50 UTC] [14] [6] [AuditEvent=AUTH][SubjectID=ann][Outcome=Failure][AttemptedCred=ann] authentication failure"
	f(boxed, "event.action", "AUTH")
	f(boxed, "event.outcome", "failure")
	braces := "2026-03-02 08:59:50 INFO audit - {user=ann, action=LOGIN, result=FAILURE, ip=203.0.113.7}"
	f(braces, "source.ip", "203.0.113.7")
	f(braces, "source.domain", "")
	radius := `<30>Mar  2 08:59:50 pf1 packetfence: INFO: handling request: from switch_ip => (192.0.2.3), mac => [00:11:22:33:44:55], username => "ann", ssid => corp`
	f(radius, "destination.ip", "")
	f(radius, "user.name", "ann")
	f(radius, "source.mac", "00-11-22-33-44-55")
	ruby := `I, [2026-03-02T08:59:50.123456 #2211]  INFO -- : login failed {:user=>"ann", :ip=>"203.0.113.7", :reason=>"bad password"}`
	f(ruby, "source.ip", "203.0.113.7")
	f(ruby, "destination.ip", "")
	f(ruby, "event.reason", "bad password")
	f(`[2026-03-02 08:59:50] production.WARNING: Failed login attempt {"email":"ann@example.com","ip":"203.0.113.7"}`, "user.email", "ann@example.com")
	f("<30>Mar  2 08:59:50 a b: 192.0.2.1:2241 => 192.0.2.2:80", "destination.ip", "192.0.2.2")
	f("<134>Mar  2 08:59:50 nac1 nac: Endpoint 00-11-22-33-44-55 with IP 192.0.2.77 was authorized in VLAN 20 on sw1 port Gi1/0/3", "source.ip", "192.0.2.77")
	f("<130>Mar  2 08:59:50 pam1 x: User: ann, Transaction: violation, Device Name: srv1, Port: 22, Details: Unauthorized word typed.", "event.action", "")
	wso2 := `TID: [-1234] [] [2026-03-02 08:59:50,123] INFO {AUDIT_LOG} - Initiator : ann@example.com | Action : Login | Target : ann | Data : { "ip":"203.0.113.7" } | Result : Success`
	f(wso2, "user.name", "ann")
	f(wso2, "event.action", "Login")
	hole := `{"VulnerabilityID":"CVE-2024-3094","PkgName":"xz-utils","InstalledVersion":"5.6.0","Severity":"CRITICAL","Title":"xz: malicious code"}`
	f(hole, "package.name", "xz-utils")
	f(hole, "package.version", "5.6.0")
	f(hole, "vulnerability.severity", "CRITICAL")
}

// TestNamedOnce: who did it, where prose names them in one place only.
func TestNamedOnce(t *testing.T) {
	f := shippedCase(t)
	const head = "<134>Nov 29 10:11:12 gw2 gated[221]: "
	f(head+"Login failed for ann, too many attempts", "user.name", "ann")
	f(head+"Login failed for timeout", "user.name", "")
	f(head+"Login failed for 192.0.2.7, too many attempts", "user.name", "")
	f(head+"user 'Ann Lee' logged in from 192.0.2.7 port 51233", "user.name", "Ann Lee")
	f(head+"user=ann@192.0.2.7 db=ORCL action=query status=0", "source.ip", "192.0.2.7")
	f(head+"mail=ann@192.0.2.7 db=ORCL action=query status=0", "source.ip", "")
	f(head+"5 failed logins for ann within 60s from 192.0.2.7; account locked", "user.name", "ann")
	f(head+"bind as uid=ann,ou=people,dc=example,dc=com from 192.0.2.7 failed: invalid credentials", "user.name", "ann")
	f(head+"session for uid=ann closed", "user.name", "")
	// beside where he sits
	object := head + `admin ann (https, 192.0.2.9) changed object "srv-web" address 192.0.2.80 -> 192.0.2.81`
	f(object, "user.name", "ann")
	f(object, "source.ip", "192.0.2.9")
	f(object, "destination.ip", "")
	f(object, "event.category", "configuration")
	f(head+"ann (192.0.2.10) renamed /finance/a.xlsx to /finance/b.xlsx", "user.name", "ann")
	f(head+"ann (192.0.2.10) renamed /finance/a.xlsx to /finance/b.xlsx", "source.ip", "192.0.2.10")
	// what a sensor's signature is called
	f(head+`connection from 192.0.2.9 to 192.0.2.80 blocked by rule "17" at once`, "rule.name", "17")
	f(head+`Signature 40012 "HTTP SQL Injection" triggered by 192.0.2.9:41002 against 192.0.2.80:80`, "rule.name", "HTTP SQL Injection")
	f(head+`Signature 40012 "HTTP SQL Injection" triggered by 192.0.2.9:41002 against 192.0.2.80:80`, "rule.id", "40012")
	f(head+"Rogue AP 00:00:5e:00:53:01 detected on channel 6, SSID guests", "event.action", "rogue-access-point-detected")
	// what a proxy was asked to connect to
	denied := head + "CONNECT www.example.com:443 by bob from 192.0.2.8 denied by policy Social-Media"
	f(denied, "url.domain", "www.example.com")
	f(denied, "user.name", "bob")
	f(denied, "event.type", "access")
	f(denied, "event.outcome", "success")
	f(head+"CONNECT 192.0.2.9:1883 keepalive=60", "http.request.method", "")
}
