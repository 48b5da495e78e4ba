package normalize_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestNoEnds: what looks like an address, a name or a port and is none, and addresses that are no end of a
// connection.
func TestNoEnds(t *testing.T) {
	f := shippedCase(t)
	at := "<86>Mar  2 08:59:50 h x: "
	for _, line := range []string{
		"ap-3 upgraded from 9.1.1.3 to 9.1.1.4", "image upgrade from 9.1.1.3 to 9.1.1.4 complete", "firmware 9.1.1.3 loaded", "Version is 9.1.1.3", "signature version 9.1.1.3",
	} {
		f(at+line, "source.ip", "")
		f(at+line, "destination.ip", "")
		f(at+line, "related.ip", "")
	}
	f(at+"firmware update from 192.0.2.1 failed", "source.ip", "192.0.2.1")
	f(at+"NTP server switched from 192.0.2.1 to 192.0.2.2", "destination.ip", "")
	f(at+"DNS server set to 192.0.2.1", "destination.ip", "")
	f(at+"nat translation 192.0.2.1 -> 203.0.113.7 created", "destination.ip", "")
	f(at+"nat translation 192.0.2.1 -> 203.0.113.7 created", "source.ip", "192.0.2.1")
	f(at+"User ann at 192.0.2.1 opened the vault", "source.ip", "192.0.2.1")
	f(at+"failed login for ann at server 192.0.2.1", "destination.ip", "192.0.2.1")

	f(at+"User ann changed IP address of eth0 from 192.0.2.1 to 192.0.2.2", "source.ip", "")
	f(at+"User ann changed IP address of eth0 from 192.0.2.1 to 192.0.2.2", "user.name", "ann")
	f(at+"Email address of user ann changed from a@example.com to b@example.com", "email.from.address", "")
	f(at+"Mail from a@example.com to b@example.com rejected", "email.from.address", "a@example.com")
	f(at+"User authenticated via 192.0.2.5 (RADIUS)", "source.ip", "")
	f(at+"User root impersonated by ann", "user.name", "ann")
	f(at+"User root impersonated by ann", "user.target.name", "root")

	for _, line := range []string{
		"Last login: Mon Mar  2 08:58:00 2026 from 192.0.2.9", "Last login: 2026-03-02 08:58:00 from 192.0.2.9", "Login: 08:58:00 from 192.0.2.9", "Last login: never",
		"user login: Yesterday at 10:00 from 192.0.2.9", "user since: Mon Mar 2", "Username: (empty)",
	} {
		f(at+line, "user.name", "")
	}
	f(at+"login: sun from 192.0.2.9", "user.name", "sun")

	f("src=192.0.2.1 sport=123 dst=198.51.100.9 dport=99999 proto=udp", "destination.port", "")
	f("src=192.0.2.1 sport=123 dst=198.51.100.9 dport=99999 proto=udp", "source.port", "123")
	f(`{"src":"192.0.2.1","dst":"198.51.100.9","sport":1,"dport":65536,"proto":"6"}`, "destination.port", "")
	f("srcip=999.1.1.1 dstip=198.51.100.9 action=deny proto=tcp", "source.address", "999.1.1.1")
	f("srcip=999.1.1.1 dstip=198.51.100.9 action=deny proto=tcp", "source.domain", "")
	f("srcip=0x0a010203 dstip=198.51.100.9 action=deny proto=tcp", "source.domain", "")

	f(`{"client":"192.0.2.1","user":"ann","result":"bad password","code":535}`, "http.response.status_code", "") // of SMTP
	f(`{"client":"192.0.2.1","user":"ann","event":"job","status":404}`, "http.response.status_code", "404")
	f(`{"gateway":"192.0.2.1","user":"ann","event":"x"}`, "observer.name", "")
	f(`{"dvc":"192.0.2.1","user":"ann","event":"x"}`, "observer.ip", "192.0.2.1")
	f(`{"dvc":"fw1","user":"ann","event":"x"}`, "observer.name", "fw1")

	dns := `{"query":"www.example.com","qtype":28,"client":"192.0.2.1","rcode":3}`
	f(dns, "dns.question.type", "AAAA")
	f(dns, "dns.response_code", "NXDOMAIN")
	f(dns, "event.outcome", "failure")
}

// TestPairsInText: a quote in a value that is escaped is one of its bytes, and what a database was asked for
// is no pair of the event's.
func TestPairsInText(t *testing.T) {
	f := shippedCase(t)
	at := "<86>Mar  2 08:59:50 h x: "
	f(at+`denied: user="a\"b" src=192.0.2.1`, "user.name", `a"b`)
	f(at+`denied: user="a\"b" src=192.0.2.1`, "user.domain", "")
	f(at+"AUDIT: SELECT * FROM users WHERE name='bob' AND ip='192.0.2.9'", "source.ip", "")
	f(at+"AUDIT: SELECT * FROM users WHERE host='web1'", "host.name", "h")
	f(at+"AUDIT: UPDATE t SET x='a', ip='192.0.2.9' WHERE user='bob'", "user.name", "")
	f(at+"AUDIT: UPDATE t SET x='a', ip='192.0.2.9' WHERE user='bob'", "source.ip", "")
	f(at+"denied, user=ann and ip=192.0.2.9", "source.ip", "192.0.2.9")
}

// TestCommunityOfLists: the id is that of the first address and port where a pack keeps two; and there is
// none where a port is no port.
func TestCommunityOfLists(t *testing.T) {
	f := verbCase(t)
	steps := "- kv: {map: {s: \"source:addr\", d: \"destination:addr\", sp: source.port, dp: destination.port, s2: \"source.ip:add\", sp2: \"source.port:add\", p: \"network:proto\"}}"
	id := "1:LQU9qZlK+B5F3KDmev6m5PMibrg=" // of the specification's first example
	f(steps, "s=128.232.110.120 d=66.35.250.204 sp=34855 dp=80 p=tcp", "network.community_id", id)
	f(steps, "s=128.232.110.120 d=66.35.250.204 sp=34855 dp=80 p=tcp s2=192.0.2.1 sp2=7", "network.community_id", id)
	f(steps, "s=128.232.110.120 d=66.35.250.204 sp=100391 dp=80 p=tcp", "network.community_id", "")
}

// TestHostsOfURLs: half an address and a port that is none are no part of a host's name.
func TestHostsOfURLs(t *testing.T) {
	f := verbCase(t)
	for _, c := range []struct{ url, domain, port string }{
		{"http://[::1/x", "", ""},
		{"http://[2001:db8::1]/x", "[2001:db8::1]", "80"},
		{"http://[2001:db8::1]:8080/x", "[2001:db8::1]", "8080"},
		{"http://example.com:/x", "example.com", "80"},
		{"https://example.com:8443/x", "example.com", "8443"},
	} {
		f(`- pattern: "get {url:url}"`, "get "+c.url, "url.domain", c.domain)
		f(`- pattern: "get {url:url}"`, "get "+c.url, "url.port", c.port)
	}
}

// TestManyKids: kids of one key are a list in the place of the first, however many others there are.
func TestManyKids(t *testing.T) {
	f := verbCase(t)
	steps := "- xml: {a.0: user.name, a.1: user.id, a.2: user.email, b: user.domain, \"@a\": user.full_name}"
	for _, others := range []int{0, 100} {
		var kids strings.Builder
		for i := range others {
			fmt.Fprintf(&kids, "<k%d/>", i)
		}
		line := "<e a='0'><a>1</a>" + kids.String() + "<a>2</a><b>x</b>" + kids.String() + "<Data Name='a'>3</Data></e>"
		f(steps, line, "user.name", "1")
		f(steps, line, "user.id", "2")
		f(steps, line, "user.email", "3")
		f(steps, line, "user.domain", "x")
		f(steps, line, "user.full_name", "0")
	}
}
