package normalize_test

import "testing"

// TestSessions: what becomes of somebody's session, by the name of the action.
func TestSessions(t *testing.T) {
	f := verbCase(t)
	f(what, `{"event":"SESSION_CREATE","user":"ann","ip":"192.0.2.1"}`, "event.category", "session")
	f(what, `{"event":"SESSION_CREATE","user":"ann","ip":"192.0.2.1"}`, "event.type", "start")
	f(what, `{"event":"user.session.expired","user":"ann"}`, "event.type", "end")
	f(what, `{"event":"session policy created","user":"ann"}`, "event.category", "configuration")
	f(what, `{"event":"SESSION_CREATE","ip":"192.0.2.1"}`, "event.category", "") // whose?
	f(what, `{"event":"session start","user":"ann","src":"192.0.2.1","dst":"192.0.2.2"}`, "event.category", "network")
}

// TestEndings: how it ended, in spellings of all sorts.
func TestEndings(t *testing.T) {
	f := verbCase(t)
	for text, outcome := range map[string]string{
		`"status":"KO"`: "failure", `"status":"NOK"`: "failure", `"authSuccess":false`: "failure", `"authSuccess":1`: "success", `"loginSuccessful":"N"`: "failure", `"loginFailed":true`: "failure", `"loginFailed":false`: "",
		`"resultCode":0`: "success", `"result_code":"0x0"`: "success", `"resultCode":7`: "", `"errorCode":"AccessDenied"`: "failure", `"errorCode":"Throttling"`: "",
		`"success":"Y"`: "success", `"success":"n"`: "failure",
	} {
		f(what, `{"type":"login","user":"ann",`+text+`}`, "event.outcome", outcome)
	}
	f(what, `{"op":"update_policy","user":"ann","errorCode":"UnauthorizedOperation"}`, "event.outcome", "failure")
	f(what, `{"op":"update_policy","user":"ann","resultCode":0}`, "event.outcome", "")
}

// TestTargets: a list of all the things that something was done to.
func TestTargets(t *testing.T) {
	f := verbCase(t)
	added := `{"actor":"ann@example.com","action":"group.member.add","targets":[{"type":"user","name":"bob@example.com"},{"type":"group","name":"admins"}]}`
	f(what, added, "user.target.name", "bob")
	f(what, added, "user.target.email", "bob@example.com")
	f(what, added, "group.name", "admins")
	f(what, added, "user.name", "ann")
	f(what, `{"by":"ann","action":"deleted","objects":[{"type":"file","name":"/srv/q3.xlsx"}]}`, "file.path", "/srv/q3.xlsx")
	f(what, `{"actor":"ann","action":"assigned","resources":[{"resourceType":"User","displayName":"Bob Ray","id":"u-8"}]}`, "user.target.id", "u-8")
	f(what, `{"actor":"ann","action":"assigned","resources":[{"resourceType":"Bucket","name":"b"}]}`, "user.target.name", "")
	f(what, `{"from":"<ann@example.com>","to":"<bob@example.net>,\"Ray, Eve\" <eve@example.net>","subject":"Hi"}`, "email.to.address", "bob@example.net|eve@example.net")
}

// TestCellsOfWeb: more records without names, and sides that stand side by side.
func TestCellsOfWeb(t *testing.T) {
	f := verbCase(t)
	web := "2026-03-02\t08:59:59\t192.0.2.1\tGET\twww.example.com\t/login\t401\t512\tMozilla/5.0"
	f(wide, web, "url.domain", "www.example.com")
	f(wide, web, "url.path", "/login")
	f(wide, web, "http.response.status_code", "401")
	f(wide, "192.0.2.1|GET|/a|HTTP/1.1|200|12", "http.response.status_code", "200")
	f(wide, web, "event.category", "")
	f(wide+"\n- known: {categories: true}", web, "event.category", "web")
	f(wide, "1772441999,drop,udp,192.0.2.1,53124,198.51.100.2,53,eth0", "@timestamp", "2026-03-02T08:59:59.000Z")
	f(wide, "1772441999,drop,udp,192.0.2.1,53124,198.51.100.2,53,eth0", "event.action", "drop")
	f(wide, "2026-03-02 08:59:59|LOGIN|ann|192.0.2.1|FAILURE|bad pin", "event.action", "LOGIN")
	f(wide, "1234567890,2026-03-02 08:59:59,a,b,c,d", "@timestamp", "2026-03-02T08:59:59.000Z")
	f(wide, "1234567890,a,b,c,d", "@timestamp", "2026-03-02T09:00:00.000Z") // a number: when it came
	f(wide, "nat: created tcp 192.0.2.1:40000 198.51.100.2:443 via 203.0.113.1:61000", "destination.port", "443")
	f(wide, "peers 192.0.2.1:40000 198.51.100.2:443", "destination.ip", "") // whose they are nobody says
	f(wide, "proto 17 192.0.2.1.53124 > 198.51.100.2.53 DROP", "source.port", "53124")
	f(wide, "version 1.2.3.4.5 > 1.2.3.4.4x", "source.ip", "")
	f(wide, "192.0.2.1 ann GET http://www.example.com/a 200 512", "user.name", "ann")
	f(wide, "192.0.2.1 - GET http://www.example.com/a 200 512", "user.name", "")
}

// TestPrefixedKeys: keys in front of which a vendor put a word of its own.
func TestPrefixedKeys(t *testing.T) {
	f := shippedCase(t)
	f(`{"ts":"2026-03-02T08:59:50Z","IPSourceAddress":"192.0.2.7","IPDestinationAddress":"198.51.100.9"}`, "source.ip", "192.0.2.7")
	f(`{"ts":"2026-03-02T08:59:50Z","IPSourceAddress":"192.0.2.7","IPDestinationAddress":"198.51.100.9"}`, "destination.ip", "198.51.100.9")
	f(`{"ts":"2026-03-02T08:59:50Z","sender_client_ip":"192.0.2.7","meta_username":"ann"}`, "source.ip", "192.0.2.7")
	f(`{"ts":"2026-03-02T08:59:50Z","sender_client_ip":"192.0.2.7","meta_username":"ann"}`, "user.name", "ann")
	f(`{"ts":"2026-03-02T08:59:50Z","srcV6":"2001:db8::1","dstV6":"2001:db8::2"}`, "destination.ip", "2001:db8::2")
	f(`CEF:0|Acme|Box|1|1|Alert|5|AcmeSourceIp=192.0.2.7 AcmeSourceMac=00:00:5e:00:53:01`, "source.mac", "00-00-5E-00-53-01")
	for _, other := range []string{"nat_source_addr", "previous_src_addr", "no_of_src_ip", "NewSourceAddr", "target_client_ip"} {
		f(`{"ts":"2026-03-02T08:59:50Z","`+other+`":"192.0.2.7"}`, "source.ip", "")
	}
	for _, other := range []string{"owner_username", "NewUsername", "created_username", "manager_user_name"} {
		f(`{"ts":"2026-03-02T08:59:50Z","`+other+`":"ann"}`, "user.name", "")
	}
}

// TestMoreEnds: ends of connections and people in further words.
func TestMoreEnds(t *testing.T) {
	f := shippedCase(t)
	at := "<86>Mar  2 08:59:50 h x: "
	f(at+"sending packet: from 192.0.2.7[500] to 192.0.2.7[4500] (464 bytes)", "destination.port", "4500")
	f(at+"sending packet: from 192.0.2.7[500] to 192.0.2.7[4500] (464 bytes)", "source.port", "500")
	f(at+"{ICMP} 192.0.2.7 -> 192.0.2.7", "destination.ip", "192.0.2.7")
	f(at+"Built connection 89 for out:192.0.2.7/443 (203.0.113.9/443) to in:198.51.100.7/1772 (198.51.100.7/1772)", "source.ip", "192.0.2.7")
	f(at+"Built connection 89 for out:192.0.2.7/443 (203.0.113.9/443) to in:198.51.100.7/1772 (198.51.100.7/1772)", "destination.ip", "198.51.100.7")
	f(at+"Configured from vty by ann on 192.0.2.7@pts/0", "source.ip", "192.0.2.7")
	f(at+"Configured from vty by ann on 192.0.2.7@pts/0", "user.name", "ann")
	f(at+"Reload by SSH from console as ann on vty0 (192.0.2.7)", "user.name", "ann")
	f(at+"Unable to negotiate with 192.0.2.7 port 2782: no matching cipher", "source.port", "2782")
	f(at+"Authentication is rejected for ann (client ip : 192.0.2.7 , vserver ip: 198.51.100.7)", "user.name", "ann")
	f(at+"authenticate with 'ann' successful", "user.name", "ann")
	f(at+"authenticate with 'ssh-rsa' keys", "user.name", "")
	f(at+"Users: ann, Source IP: 192.0.2.7, Action: Login OK", "user.name", "ann")
	f(at+"Users: ann, bob, carol", "user.name", "")
	f(at+`Session count for user [after add]: CORP.LOCAL\ann is 3`, "user.name", "")
	f(at+`[vim.event] [info] [CORP.LOCAL\ann] [dc1] [Reconfigured vm-name]`, "user.name", "ann")
	f(at+`[C:\temp] [bin\run.exe] done`, "user.name", "")
	f(at+`[App\Models] [HKLM\SOFTWARE] done`, "user.name", "")
	f(at+`type="LOGIN", ipAddress=\"192.0.2.7\", username=\"ann lee\", auth_method=\"token\"`, "source.ip", "192.0.2.7")
	f(at+`type="LOGIN", ipAddress=\"192.0.2.7\", username=\"annlee\", auth_method=\"token\"`, "user.name", "annlee")
}
