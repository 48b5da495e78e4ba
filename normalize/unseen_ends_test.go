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
