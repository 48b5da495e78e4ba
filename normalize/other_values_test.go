package normalize_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"sluice/event"
	"sluice/normalize"
)

// TestOtherNames: a user's name is read whole, whatever characters it has, in every line of every pack
// that names one.
func TestOtherNames(t *testing.T) {
	// names that also stand for something else in their lines, and columns of a fixed width
	const except = "cylance_protect cisco_ucs juniper_netscreen postfix postgresql cellular_routers oracle_sbc ibm_zos manageengine_pam360 sap_netweaver microsoft_sqlserver strongswan"
	packs := open(t, normalize.Shipped())
	w := packs.NewWorker()
	user, _ := packs.Schema().Lookup("user.name")
	read := func(pack, line string) string {
		raw := packs.Sample(pack, line)
		ev, _ := w.Normalize(&event.Raw{Bytes: raw.Bytes, Received: received, Peer: raw.Peer, Pack: raw.Pack}, "", received)
		return strings.Clone(ev.Text(user)) // the next line overwrites it
	}
	common := []string{"root", "system", "admin", "administrator", "user", "none", "guest", "unknown", "internal"}
	for _, pack := range packs.Names() {
		if strings.Contains(" "+except+" ", " "+pack+" ") {
			continue
		}
		for _, line := range sampleLines(t, pack) {
			name := read(pack, line)
			if len(name) < 2 || slices.Contains(common, strings.ToLower(name)) || strings.ContainsAny(line[:1], "{[<") && strings.Contains(line[:min(len(line), 6)], `"`) {
				continue
			}
			whole := regexp.MustCompile(`([^\w@.\\/$-])` + regexp.QuoteMeta(name) + `([^\w@\\/$.-]|\.[^\w]|\.?$)`)
			if found := whole.FindAllString(line, -1); len(found) != 1 || strings.Count(strings.ToLower(line), strings.ToLower(name)) != 1 {
				continue
			}
			for _, other := range []string{"svc_app$", "j.doe-x", "u123456"} {
				changed := whole.ReplaceAllString(line, "${1}"+strings.ReplaceAll(other, "$", "$$")+"${2}")
				if got := read(pack, changed); got != other {
					t.Errorf("%s: user.name = %q, want %q: %s", pack, got, other, changed)
				}
			}
		}
	}
}

// TestBlanksAtTheEnd: what a relay or a device leaves behind its text changes nothing.
func TestBlanksAtTheEnd(t *testing.T) {
	f := shippedCase(t)
	for _, end := range []string{" ", "  ", "\t", " \r\n", "\r"} {
		f("03/02-08:59:58.123456  [**] [1:1000001:3] POLICY example site [**] [Classification: Potential Corporate Privacy Violation] [Priority: 1] {TCP} 10.20.0.5:51514 -> 198.51.100.10:443"+end, "destination.port", "443")
		f(`10.20.0.5 - - [02/Mar/2026:08:59:58 +0000] "GET /index.html HTTP/1.1" 200 612`+end, "http.response.body.bytes", "612")
	}
}

// TestNamesWithin: names of rules and files with what else separates things in their lines.
func TestNamesWithin(t *testing.T) {
	f := shippedCase(t)
	f(`<140>Mar  2 08:59:58 fbx01 80B100AB12CDE (2026-03-02T08:59:58) firewall: msg_id="3000-0148" Allow 1-Trusted 0-External 52 tcp 20 127 10.20.0.5 198.51.100.10 49871 443 offset 8 S 3445112233 win 32 (Allow web (all))`, "rule.name", "Allow web (all)")
	f("<134>Mar  2 08:59:01 gw01 firewall,info DROP: INPUT input: in:ether1 out:(unknown 0), connection-state:new src-mac 00:00:5e:00:53:01, proto TCP (SYN), 198.51.100.77:40222->203.0.113.2:22, len 44", "rule.name", "DROP: INPUT")
	f("<190>Mar  2 2026 10:16:01 fw-edge %%01POLICY/6/POLICYDENY(l):vsys=public, protocol=6, source-ip=198.51.100.77, source-port=41000, destination-ip=192.0.2.1, destination-port=23, time=2026/3/2 10:16:01, source-zone=untrust, destination-zone=trust, rule-name=Allow web (all).", "rule.name", "Allow web (all)")
	f("2026-03-02T08:00:02.000Z [3a5a8c0b1234567a] [ACCEPTED DEPLOY] libs-release-local:docs/a b (1).pdf for client : ci / 192.0.2.6 [token]", "user.name", "ci")
	f("May  1 10:00:00 web1 fapolicyd[311]: rule=9 dec=deny_audit perm=execute auid=1000 pid=4711 exe=/usr/bin/bash : path=/opt/my app/a b ftype=application/x-executable trust=0", "file.path", "/opt/my app/a b")
	f("Nov 27 06:00:01 ns1 dnsmasq-tftp[700]: file /srv/tftp/a b not found for 192.0.2.77", "file.path", "/srv/tftp/a b")
	f("<38>Mar  2 09:00:00 web1 systemd-logind[700]: New session 42 of user j.doe.", "user.name", "j.doe")
	f(`198.51.100.7 - "ann@example.org" [02/Mar/2026:08:15:02 +0000] "CONNECT www.example.com:443 HTTP/1.1" 405 300`, "user.name", "ann")
}

// TestQuotesWithin: a quote is part of a value where more of it stands behind.
func TestQuotesWithin(t *testing.T) {
	f := verbCase(t)
	pairs := `- kv: {quote: "'", map: {a: user.name, b: process.name}}`
	for line, want := range map[string]string{
		"a='x 'y' z' b=1":     "x 'y' z",
		"a='x 'y'' b=1":       "x 'y'",
		"a=''x'' b='1'":       "'x'",
		"a='x' y b='1'":       "x", // words that are nobody's
		"a='x'b='1'":          "x",
		"a='x', b='1'":        "x",
		"b='1' a='x 'y' z'":   "x 'y' z",
		"b='1' a='x'":         "x",
		"a='x ''y'' z' b='1'": "x ''y'' z",
	} {
		f(pairs, line, "user.name", want)
		f(pairs, line, "process.name", "1")
	}
	f(`- kv: {pair: "|", map: {a: user.name, b: process.name}}`, "a=x | y|b=1", "user.name", "x | y")
	f(`- kv: {pair: ",", map: {a: user.name, b: process.name}}`, "a=x, y,b=1", "user.name", "x, y")
	f(`- kv: {pair: ",", map: {a: user.name, b: process.name}}`, "a=x,y,b=1", "user.name", "x")
	f(`- kv: {pair: ", ", map: {a: user.name, b: process.name}}`, "a=x, y, b=1", "user.name", "x, y")
}

// TestNamesOfMany: programs that several vendors have are told by what they write.
func TestNamesOfMany(t *testing.T) {
	f := shippedCase(t)
	f("<30>Mar  2 09:00:00 sw1 lacpd[1234]: LACPD_TIMEOUT: xe-0/0/1: lacp current while timer expired current Receive State: CURRENT", "sluice.pack", "juniper_junos")
	f("<29>1 2026-03-02T09:00:00.000Z sw1 lacpd 1234 LACPD_TIMEOUT - xe-0/0/1: lacp current while timer expired current Receive State: CURRENT", "sluice.pack", "juniper_junos")
	f("<189>Mar  2 09:00:00 bigip1 notice lacpd[5678]: 01160010:5: Link 1.1 added to aggregation", "sluice.pack", "f5_bigip")
}

// TestTagWithoutBlank: what a template of rsyslog writes right behind the tag.
func TestTagWithoutBlank(t *testing.T) {
	f := shippedCase(t)
	line := "<38>Mar  2 08:59:58 web1 sshd[1201]:Failed password for root from 203.0.113.9 port 50111 ssh2"
	f(line, "event.outcome", "failure")
	f(line, "process.pid", "1201")
	f("<6>Mar  2 08:59:01 gw1 kernel:[12345.678901] [UFW BLOCK] IN=eth0 OUT= SRC=198.51.100.77 DST=203.0.113.8 LEN=40 PROTO=TCP SPT=40111 DPT=23", "source.port", "40111")
}

// TestPairsBetweenTabs: a value of pairs that stand between tabs may hold blanks, be there two pairs or many.
func TestPairsBetweenTabs(t *testing.T) {
	f := shippedCase(t)
	many := "acmed: user=Ann Lee\tsrc_ip=192.0.2.1\taction=Log in\tpolicy=Allow all web"
	f(many, "user.name", "Ann Lee")
	f(many, "rule.name", "Allow all web")
	two := "<134>Mar  2 08:00:00 gw acmed[7]: Access denied\tuser=Ann Lee\trule=Block all"
	f(two, "user.name", "Ann Lee")
	f(two, "rule.name", "Block all")
	f("<134>Mar  2 08:00:00 gw acmed[7]: denied\tuser=ann src=192.0.2.1\tdst=192.0.2.2", "user.name", "ann")
	f("<134>Mar  2 08:00:00 gw acmed[7]: denied\tuser=ann src=192.0.2.1\tdst=192.0.2.2", "source.ip", "192.0.2.1")
}
