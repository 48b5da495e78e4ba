package rules_test

import (
	"testing"
	"time"

	"sluice/event"
	"sluice/rules"
)

// BenchmarkLibrary is what all shipped rules cost for one event, by what it is.
func BenchmarkLibrary(b *testing.B) {
	set, packs := engine(b, rules.Library())
	f := func(name, line string) {
		b.Run(name, func(b *testing.B) {
			now := time.Date(2026, 3, 2, 8, 0, 10, 0, time.UTC)
			ev, _ := packs.NewWorker().Normalize(&event.Raw{Bytes: []byte(line), Received: now}, "", now)
			m := set.NewMatcher()
			at := rules.Instant{Time: now, ID: "1", Namespace: "default"}
			b.ReportAllocs()
			for b.Loop() {
				m.Match(ev, at)
			}
		})
	}
	f("asa", `<166>Mar 02 2026 08:00:09 fw1 : %ASA-6-302013: Built outbound TCP connection 1 for outside:203.0.113.9/443 (203.0.113.9/443) to inside:10.0.0.5/41000 (198.51.100.2/41000)`)
	f("ssh_failure", `<38>Mar  2 08:00:01 web1 sshd[811]: Failed password for root from 203.0.113.9 port 51122 ssh2`)
	f("web", `203.0.113.9 - - [02/Mar/2026:08:00:09 +0000] "GET /shop/item?id=1 HTTP/1.1" 200 162 "-" "Mozilla/5.0 (X11; Linux x86_64)"`)
	f("flow", `{"type":"flow","start":"2026-03-02T08:00:00Z","end":"2026-03-02T08:00:01Z","proto":"tcp","iana":6,"src_ip":"10.0.0.5","src_port":40001,"dst_ip":"10.0.0.9","dst_port":443,"src_bytes":600,"dst_bytes":5400,"src_packets":3,"dst_packets":5,"state":"closed","end_reason":"fin"}`)
	f("dns", `{"type":"dns","time":"2026-03-02T08:00:00Z","proto":"udp","src_ip":"10.0.0.5","src_port":40001,"dst_ip":"10.0.0.1","dst_port":53,"id":7,"op":"QUERY","qr":"query","question":{"name":"www.example.com","type":"A","class":"IN"},"flags":["RD"],"answers":[]}`)
}
