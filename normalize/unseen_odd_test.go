package normalize_test

import "testing"

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

	what := "- json: {}\n- known: {categories: true}"
	f(what, `{"src":"192.0.2.1","dst":"198.51.100.2","proto":"tcp/https","msg":"Connection closed"}`, "network.transport", "tcp")
	f(what, `{"src":"192.0.2.1","dst":"198.51.100.2","proto":"tcp/https","msg":"Connection closed"}`, "event.type", "connection|end")
	f(what, `{"src":"192.0.2.1","dst":"198.51.100.2","proto":"a/b"}`, "network.transport", "")
	f(what, `{"parent":"winword.exe","process":"x.exe"}`, "process.parent.name", "winword.exe")
	f(what, `{"parent":"17","process":"x.exe"}`, "process.parent.name", "")
	f(what, `{"user":"ann","op":"unlink","path":"/srv/a.txt"}`, "event.type", "deletion")
	f(what, `{"time":"27/02/2026 10:00:01","usuario":"ann","evento":"autenticación","resultado":"fallido"}`, "@timestamp", "2026-02-27T10:00:01.000Z")
	f(what, `{"time":"27/02/2026 10:00:01","usuario":"ann","evento":"autenticación","resultado":"fallido"}`, "event.outcome", "failure")
	f(what, `{"time":"27/02/2026 10:00:01","usuario":"ann","evento":"autenticación","resultado":"fallido"}`, "event.category", "authentication")

	wide := "- glean: {wide: true}"
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
