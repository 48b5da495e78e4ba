package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"
)

// benchDoc is an event as the normalizer writes it: some 900 bytes, a third of the values new.
func benchDoc(dst []byte, r *rand.Rand, i int) []byte {
	at := testNow.Add(time.Duration(i) * 10 * time.Millisecond)
	src := fmt.Sprintf("%d.%d.%d.%d", 11+r.IntN(20), r.IntN(40), r.IntN(50), 1+r.IntN(250))
	if r.IntN(400) == 0 {
		src = fmt.Sprintf("203.0.113.%d", 1+r.IntN(250))
	}
	dst4 := fmt.Sprintf("10.%d.%d.%d", r.IntN(8), r.IntN(30), 1+r.IntN(200))
	sp, dp, conn, size := 1024+r.IntN(64000), []int{22, 53, 80, 443, 445, 3389}[r.IntN(6)], r.IntN(2e9), r.IntN(100000)
	act := []string{"flow-creation", "flow-expiration", "denied"}[r.IntN(3)]
	msg := fmt.Sprintf("Teardown TCP connection %d for outside:%s/%d to inside:%s/%d duration 0:%02d:%02d bytes %d TCP FINs", conn, src, sp, dst4, dp, r.IntN(60), r.IntN(60), size)
	stamp := at.Format("2006-01-02T15:04:05.000Z")
	return fmt.Appendf(dst, `{"@timestamp":"%s","data_stream":{"dataset":"sluice.cisco_asa","namespace":"default","type":"logs"},"destination":{"address":"%s","ip":"%s","port":%d},"ecs":{"version":"8.17.0"},"event":{"action":"%s","category":["network"],"code":"302014","created":"%s","dataset":"sluice.cisco_asa","ingested":"%s","kind":"event","module":"cisco","original":"<166>%s fw-edge-%02d : %%ASA-6-302014: %s","outcome":"success","severity":6,"type":["connection","end"]},"log":{"level":"informational","syslog":{"facility":{"code":20},"priority":166,"severity":{"code":6}}},"message":"%s","network":{"bytes":%d,"iana_number":"6","transport":"tcp","type":"ipv4"},"observer":{"hostname":"fw-edge-%02d","product":"asa","type":"firewall","vendor":"Cisco"},"related":{"hosts":["fw-edge-%02d"],"ip":["%s","%s"]},"sluice":{"id":"%016x","pack":"cisco_asa"},"source":{"address":"%s","ip":"%s","port":%d}}`,
		stamp, dst4, dst4, dp, act, at.Add(time.Duration(r.IntN(900))*time.Millisecond).Format("2006-01-02T15:04:05.000Z"), at.Add(time.Duration(900+r.IntN(100))*time.Millisecond).Format("2006-01-02T15:04:05.000Z"), at.Format("Jan 02 15:04:05"), i%6, msg, msg, size, i%6, i%6, src, dst4, i, src, src, sp)
}

var benchTypes = map[string]string{"source.ip": "ip", "destination.ip": "ip", "related.ip": "ip", "source.port": "long", "destination.port": "long", "network.bytes": "long", "event.created": "date", "event.ingested": "date", "event.severity": "long"}

func benchOptions() Options {
	return Options{Now: func() time.Time { return testNow }, Types: func(f string) (string, bool) { t, ok := benchTypes[f]; return t, ok }}
}

func cpuSeconds() float64 {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}

// benchFill indexes n events in batches of 1,000, each acknowledged after an fsync. The events
// are made first: only the store's own time is counted.
func benchFill(b *testing.B, s *Store, from, n int) (cpu float64, bytes int64) {
	b.Helper()
	r := rand.New(rand.NewPCG(1, uint64(from)))
	for done := 0; done < n; {
		ops := make([]Op, min(1000, n-done))
		for i := range ops {
			src := benchDoc(nil, r, from+done+i)
			bytes += int64(len(src))
			ops[i] = Op{Action: Create, Index: "logs-sluice.cisco_asa-default", ID: fmt.Sprintf("%016x%08x", from+done+i, r.Uint32()), Source: src}
		}
		start := cpuSeconds()
		if _, err := s.Bulk(context.Background(), ops); err != nil {
			b.Fatal(err)
		}
		cpu += cpuSeconds() - start
		done += len(ops)
	}
	start := cpuSeconds()
	settle(s)
	return cpu + cpuSeconds() - start, bytes
}

// BenchmarkIndex gives CPU microseconds and stored bytes per event; flushes that run while
// the events of the next batch are made count only in part, so take cpu-all for the upper bound.
func BenchmarkIndex(b *testing.B) {
	s := open(b, b.TempDir(), benchOptions())
	defer closeStore(b, s)
	b.ReportAllocs()
	n := max(b.N, 1000)
	all := cpuSeconds()
	cpu, raw := benchFill(b, s, 0, n)
	all = cpuSeconds() - all
	st := s.Stats()
	b.ReportMetric(cpu*1e6/float64(n), "cpu-us/event")
	b.ReportMetric(all*1e6/float64(n), "cpu-all-us/event")
	b.ReportMetric(float64(raw)/float64(n), "raw-B/event")
	if rows := st.Events - int64(st.MemoryRows); rows > 0 {
		b.ReportMetric(float64(st.Bytes)/float64(rows), "stored-B/event")
	}
}

func BenchmarkSearch(b *testing.B) {
	if testing.Short() {
		b.Skip("fills a store with 500,000 events")
	}
	s := open(b, b.TempDir(), benchOptions())
	defer closeStore(b, s)
	for i := 0; i < 500000; i += 50000 {
		benchFill(b, s, i, 50000)
	}
	f := func(name string, q Request) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				q.TrackTotal = -1
				r, err := s.Search(context.Background(), q)
				if err != nil || r.Total == 0 {
					b.Fatal(r, err)
				}
			}
		})
	}
	f("latest", Request{Size: 100})
	f("term", Request{Size: 100, Query: Terms{Field: "event.action", Values: []string{"denied"}}})
	f("range", Request{Size: 100, Query: Range{Field: "network.bytes", From: "99000"}})
	f("cidr", Request{Size: 100, Query: Terms{Field: "source.ip", Values: []string{"203.0.113.0/24"}}})
	f("word", Request{Size: 100, Query: Match{Field: "message", Text: "teardown"}})
	f("phrase", Request{Size: 100, Query: Phrase{Field: "message", Text: "203.0.113.77"}})
	f("histogram", Request{Aggs: []Agg{{Name: "h", Kind: "date_histogram", Field: "@timestamp", Interval: time.Minute}}})
	f("terms", Request{Aggs: []Agg{{Name: "t", Kind: "terms", Field: "source.ip"}}})
}
