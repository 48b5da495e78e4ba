package pattern_test

import (
	"testing"
	"time"

	"sluice/event"
	"sluice/normalize"
	"sluice/normalize/pattern"
	"sluice/schemas"
)

// TestFrequentLines: what the lines that come most often hold is read in one pass. An expression that must
// go back costs a tenth of a microsecond and more for a byte, and one within a pattern costs all its lines.
func TestFrequentLines(t *testing.T) {
	files := normalize.Shipped()
	declared, err := normalize.Fields(files)
	if err != nil {
		t.Fatal(err)
	}
	schema, err := event.New(append(schemas.ECS(), declared...))
	if err != nil {
		t.Fatal(err)
	}
	packs, err := normalize.Load(schema, files)
	if err != nil {
		t.Fatal(err)
	}
	w := packs.NewWorker()
	const clf = `192.0.2.7 - - [02/Mar/2026:08:00:00 +0000] "GET /a?b=c HTTP/1.1" 200 612`
	const agent = ` "https://example.com/" "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"`
	for _, row := range []struct{ pack, line string }{
		{"nginx_access", "<134>Mar  2 08:00:00 web1 nginx: " + clf + agent},
		{"nginx_access", clf + agent + ` "198.51.100.3"`},
		{"nginx_access", clf + agent + ` "198.51.100.3" "0.184" "TLSv1.3/AES" rt=0.1 uct="0.000" upstream:10.0.0.1 12 HIT`},
		{"nginx_access", `192.0.2.7 - ann [02/Mar/2026:08:00:00 +0000] "GET /a HTTP/2.0" 200 612` + agent},
		{"apache_access", "<134>Mar  2 08:00:00 web1 httpd[7]: " + clf},
		{"linux_auth", "<38>Mar  2 08:00:00 bastion sshd[411]: Failed password for invalid user admin from 203.0.113.9 port 51234 ssh2"},
		{"linux_auth", "<86>Mar  2 08:00:00 bastion sshd[411]: Accepted publickey for ann from 203.0.113.9 port 51234 ssh2: ED25519 SHA256:abc"},
		{"linux_auth", "<86>Mar  2 08:00:00 bastion sudo:      ann : TTY=pts/0 ; PWD=/home/ann ; USER=root ; COMMAND=/usr/bin/id"},
		{"cisco_asa", "<166>Mar 02 2026 08:00:00 fw1 : %ASA-6-302013: Built outbound TCP connection 447235 for outside:203.0.113.9/443 (203.0.113.9/443) to inside:10.0.0.4/51234 (198.51.100.3/51234)"},
		{"cisco_asa", "<166>Mar 02 2026 08:00:00 fw1 : %ASA-6-302014: Teardown TCP connection 447235 for outside:203.0.113.9/443 to inside:10.0.0.4/51234 duration 0:00:30 bytes 4117 TCP FINs"},
		{"cisco_asa", `<164>Mar 02 2026 08:00:00 fw1 : %ASA-4-106023: Deny tcp src outside:203.0.113.9/51234 dst inside:10.0.0.4/22 by access-group "out" [0x0, 0x0]`},
		{"fortinet_fortigate", `<189>date=2026-03-02 time=08:00:00 devname="fw2" devid="FGT60F0000000001" eventtime=1772438400000000000 tz="+0000" logid="0000000013" type="traffic" subtype="forward" level="notice" vd="root" srcip=10.0.0.4 srcport=51234 srcintf="lan" dstip=203.0.113.9 dstport=443 dstintf="wan1" sessionid=71 proto=6 action="close" policyid=3 service="HTTPS" duration=30 sentbyte=411 rcvdbyte=7`},
		{"linux_netfilter", "<4>Mar  2 08:00:00 gw kernel: [UFW BLOCK] IN=eth0 OUT= MAC=00:00:5e:00:53:01:00:00:5e:00:53:02:08:00 SRC=203.0.113.9 DST=10.0.0.4 LEN=60 TOS=0x00 PREC=0x00 TTL=50 ID=7 DF PROTO=TCP SPT=51234 DPT=22 WINDOW=65535 RES=0x00 SYN URGP=0"},
	} {
		now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
		pattern.Observe(func(expression string) { t.Errorf("%s: package regexp reads %s in %s", row.pack, expression, row.line) })
		_, pack := w.Normalize(&event.Raw{ID: "1", Bytes: []byte(row.line), Origin: "web1", Namespace: "default", Received: now}, "", now)
		pattern.Observe(nil)
		if pack != row.pack {
			t.Errorf("%s read %s, want %s", pack, row.line, row.pack)
		}
	}
}
