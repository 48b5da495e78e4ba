package netflow

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"sluice/ingest"
	"sluice/ingest/ingesttest"
)

var (
	router = netip.MustParseAddrPort("192.0.2.1:50000")
	noon   = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
)

// packer writes big-endian numbers and bytes.
type packer []byte

func (p packer) u8(n ...int) packer {
	for _, n := range n {
		p = append(p, byte(n))
	}
	return p
}

func (p packer) u16(n ...int) packer {
	for _, n := range n {
		p = binary.BigEndian.AppendUint16(p, uint16(n))
	}
	return p
}

func (p packer) u32(n ...int64) packer {
	for _, n := range n {
		p = binary.BigEndian.AppendUint32(p, uint32(n))
	}
	return p
}

func (p packer) u64(n uint64) packer  { return binary.BigEndian.AppendUint64(p, n) }
func (p packer) text(s string) packer { return append(p, s...) }
func (p packer) addr(a string) packer { return append(p, netip.MustParseAddr(a).AsSlice()...) }
func set(id int, body packer) packer  { return append(packer{}.u16(id, len(body)+4), body...) }
func v9(count int, body ...packer) []byte {
	p := packer{}.u16(9, count).u32(600_000, noon.Unix(), 7, 42)
	for _, b := range body {
		p = append(p, b...)
	}
	return p
}

func ipfix(body ...packer) []byte {
	var all packer
	for _, b := range body {
		all = append(all, b...)
	}
	return append(packer{}.u16(10, 16+len(all)).u32(noon.Unix(), 7, 42), all...)
}

// template of a plain IPv4 flow.
func flowTemplate(id int) packer {
	return packer{}.u16(id, 7, 8, 4, 12, 4, 7, 2, 11, 2, 4, 1, 1, 4, 22, 4)
}

func flowData(src, dst string, sport int) packer {
	return packer{}.addr(src).addr(dst).u16(sport, 443).u8(6).u32(1500, 590_000)
}

// reading decodes datagrams and keeps what came of them.
type reading struct {
	t     *testing.T
	d     *decoder
	now   time.Time
	json  []string
	docs  []map[string]any
	drops map[string]int
}

func newReading(t *testing.T, change func(*Settings)) *reading {
	s := Defaults().(*Settings)
	if change != nil {
		change(s)
	}
	r := &reading{t: t, now: noon, drops: map[string]int{}}
	r.d = newDecoder(s, "test", func(_ string, b []byte) {
		var doc map[string]any
		if err := json.Unmarshal(b, &doc); err != nil {
			t.Fatalf("%v in %s", err, b)
		}
		r.docs, r.json = append(r.docs, doc), append(r.json, string(b))
	}, func(_, reason string, n int) { r.drops[reason] += n })
	return r
}

func (r *reading) from(peer string, b []byte) {
	r.d.datagram(netip.MustParseAddrPort(peer), "test:"+peer, b, r.now)
}

func (r *reading) take(b []byte) { r.from(router.String(), b) }

// want holds record i to members, written "a.b=value".
func (r *reading) want(i int, members ...string) {
	r.t.Helper()
	if i >= len(r.docs) {
		r.t.Fatalf("%d records, want one more; drops %v", len(r.docs), r.drops)
	}
	for _, m := range members {
		path, want, _ := strings.Cut(m, "=")
		var at any = r.docs[i]
		for key := range strings.SplitSeq(path, ".") {
			o, _ := at.(map[string]any)
			at = o[key]
		}
		if f, ok := at.(float64); ok {
			at = int64(f)
		}
		if got := fmt.Sprint(at); got != want {
			r.t.Errorf("record %d: %s is %s, want %s", i, path, got, want)
		}
	}
}

func (r *reading) wantDrops(want map[string]int) {
	r.t.Helper()
	if fmt.Sprint(r.drops) != fmt.Sprint(want) {
		r.t.Errorf("drops are %v, want %v", r.drops, want)
	}
}

func v5(src, dst string) []byte {
	p := packer{}.u16(5, 1).u32(600_000, noon.Unix(), 0, 9).u8(1, 2).u16(0x4000 | 100)
	p = p.addr(src).addr(dst).addr("192.0.2.254").u16(3, 4).u32(10, 5000, 540_000, 599_000).u16(51000, 22)
	return p.u8(0, 0x1b, 6, 0).u16(64500, 64501).u8(24, 25).u16(0)
}

func TestV5(t *testing.T) {
	r := newReading(t, nil)
	r.take(v5("198.51.100.7", "203.0.113.9"))
	r.want(0, "netflow.type=netflow_flow", "netflow.exporter.version=5", "netflow.exporter.source_id=258", "netflow.source_ipv4_address=198.51.100.7",
		"netflow.destination_transport_port=22", "netflow.tcp_control_bits=27", "netflow.sampling_interval=100", "netflow.octet_delta_count=5000",
		"event.start=2026-03-02T11:59:00Z", "event.end=2026-03-02T11:59:59Z", "event.duration=59000000000")
	r.take(v5("198.51.100.7", "203.0.113.9")[:60])
	r.wantDrops(map[string]int{dropMalformed: 1})
	two := v5("198.51.100.7", "203.0.113.9")
	two = append(two, two[24:60]...) // what is whole of a datagram that is cut off is read
	two[3] = 2
	r.take(two)
	r.want(1, "netflow.source_ipv4_address=198.51.100.7")
	r.wantDrops(map[string]int{dropMalformed: 2})
}

func TestV9(t *testing.T) {
	r := newReading(t, nil)
	r.take(v9(2, set(0, flowTemplate(256)), set(256, append(flowData("198.51.100.7", "203.0.113.9", 1), append(flowData("198.51.100.8", "203.0.113.9", 2), 0, 0)...))))
	r.want(0, "netflow.exporter.address=192.0.2.1:50000", "netflow.exporter.source_id=42", "netflow.source_transport_port=1", "event.start=2026-03-02T11:59:50Z")
	r.want(1, "netflow.source_ipv4_address=198.51.100.8", "netflow.source_transport_port=2")
	r.wantDrops(nil)
}

// TestUptimeWraps: 32 bits of milliseconds are 49.7 days.
func TestUptimeWraps(t *testing.T) {
	r := newReading(t, nil)
	r.take(v9(2, set(0, flowTemplate(256)), set(256, packer{}.addr("198.51.100.7").addr("203.0.113.9").u16(1, 2).u8(6).u32(1, 1<<32-1000))))
	r.want(0, "event.start=2026-03-02T11:49:59Z")
	// IPFIX: of an exporter that booted a hundred days ago, and of one that boots.
	tpl := packer{}.u16(261, 4, 8, 4, 160, 8, 22, 4, 21, 4)
	f := func(up time.Duration) packer {
		return packer{}.addr("198.51.100.7").u64(uint64(noon.Add(-up).UnixMilli())).u32((up-time.Minute).Milliseconds()&(1<<32-1), up.Milliseconds()&(1<<32-1))
	}
	r.take(ipfix(set(2, tpl), set(261, append(f(100*24*time.Hour), append(f(2<<32*time.Millisecond+time.Second), f(time.Minute)...)...))))
	for i := range 3 {
		r.want(1+i, "event.start=2026-03-02T11:59:00Z", "event.end=2026-03-02T12:00:00Z")
	}
}

func TestIPFIX(t *testing.T) {
	r := newReading(t, nil)
	// Variable lengths, an enterprise's field, another direction's, one that nobody knows.
	tpl := packer{}.u16(300, 7, 27, 16, 152, 8, 371, variable, 0x8000|130, variable).u32(5951).u16(0x8000|1, 8).u32(29305).u16(0x8000|9, 2).u32(4242).u16(210, 3)
	long := strings.Repeat("u", 300)
	data := packer{}.addr("2001:db8::7").u64(uint64(noon.UnixMilli())-500).u8(3).text("ann").u8(255).u16(len(long)).text(long).u64(77).u16(513).u8(0, 0, 0)
	r.take(ipfix(set(2, tpl), set(300, data)))
	r.want(0, "netflow.source_ipv6_address=2001:db8::7", "netflow.user_name=ann", "netflow.netscaler_http_req_url="+long,
		"netflow.reverse_octet_delta_count=77", "netflow.enterprise_4242_9=513", "netflow.padding_octets=AAAA", "event.start=2026-03-02T11:59:59.5Z")
	r.take(ipfix(set(2, packer{}.u16(300, 0)))) // withdrawn
	r.take(ipfix(set(300, data)))
	if len(r.docs) != 1 {
		t.Errorf("a withdrawn template reads: %s", r.json)
	}
}

// TestBeforeTemplate: data waits for its template, of its exporter and domain only.
func TestBeforeTemplate(t *testing.T) {
	r := newReading(t, nil)
	r.take(v9(1, set(256, flowData("198.51.100.7", "203.0.113.9", 1))))
	r.take(v9(1, set(256, flowData("198.51.100.7", "203.0.113.9", 2))))
	r.from("192.0.2.2:50000", v9(1, set(256, flowData("198.51.100.7", "203.0.113.9", 3))))
	r.now = noon.Add(time.Minute)
	r.take(v9(2, set(0, flowTemplate(256)), set(256, flowData("198.51.100.7", "203.0.113.9", 4))))
	if len(r.docs) != 3 {
		t.Fatalf("%d records, want 3", len(r.docs))
	}
	r.want(0, "netflow.source_transport_port=1")
	r.want(1, "netflow.source_transport_port=2")
	r.want(2, "netflow.source_transport_port=4")
	r.now = noon.Add(time.Hour)
	r.take(v9(0))
	r.wantDrops(map[string]int{dropNoTemplate: 1})
	if n := ingesttest.Metric(t, `sluice_netflow_held_bytes{input="test"}`); n > 0 {
		t.Errorf("%v bytes are said to wait", n)
	}
}

func TestHoldIsBounded(t *testing.T) {
	r := newReading(t, func(s *Settings) { s.Hold = 1000 })
	for i := range 100 {
		r.take(v9(1, set(256, flowData("198.51.100.7", "203.0.113.9", i))))
		if r.d.held.bytes > 1000 {
			t.Fatalf("%d bytes are held", r.d.held.bytes)
		}
	}
	r.take(v9(2, set(0, flowTemplate(256))))
	if n := len(r.docs); n == 0 || n+r.drops[dropNoTemplate] != 100 {
		t.Errorf("%d records and %v, want 100 in all", n, r.drops)
	}
	r.want(len(r.docs)-1, "netflow.source_transport_port=99")
	none := newReading(t, func(s *Settings) { s.Hold = 0 })
	none.take(v9(1, set(256, flowData("198.51.100.7", "203.0.113.9", 1))))
	none.wantDrops(map[string]int{dropNoTemplate: 1})
}

// TestAllThatWaits: a template has all of what waited for it read, however many records that is.
func TestAllThatWaits(t *testing.T) {
	r := newReading(t, nil)
	const sets, each = maxRecords/100 + 2, 100
	for i := range sets {
		var body packer
		for j := range each {
			body = append(body, flowData("198.51.100.7", "203.0.113.9", i*each+j)...)
		}
		r.take(v9(each, set(256, body)))
	}
	r.take(v9(2, set(0, flowTemplate(256)), set(256, flowData("198.51.100.7", "203.0.113.9", 1))))
	if len(r.docs) != sets*each+1 {
		t.Errorf("%d records, want %d", len(r.docs), sets*each+1)
	}
	r.wantDrops(map[string]int{})
}

func TestMemoryIsBounded(t *testing.T) {
	r := newReading(t, func(s *Settings) { s.MaxExporters, s.MaxTemplates = 3, 4 })
	for i := range 20 {
		for id := 256; id < 276; id++ {
			r.from(fmt.Sprintf("192.0.2.%d:1", i+1), v9(1, set(0, flowTemplate(id))))
		}
	}
	m := r.d.memory
	if len(m.exporters) != 3 || m.templates != 12 || m.fields != 12*7 || m.used.Len() != 3 {
		t.Errorf("%d exporters, %d templates, %d fields", len(m.exporters), m.templates, m.fields)
	}
	r.from("192.0.2.20:1", v9(1, set(275, flowData("198.51.100.7", "203.0.113.9", 1)))) // the latest is there
	r.want(0, "netflow.source_transport_port=1")
	r.from("192.0.2.20:1", v9(1, set(256, flowData("198.51.100.7", "203.0.113.9", 1)))) // the first is not
	if len(r.docs) != 1 {
		t.Error("more templates than max_templates")
	}
}

// TestHostileTemplates: a record of no bytes would never end.
func TestHostileTemplates(t *testing.T) {
	r := newReading(t, nil)
	r.take(v9(2, set(0, packer{}.u16(256, 1, 8, 0)), set(256, packer{}.u32(0, 0))))
	r.take(v9(1, set(1, packer{}.u16(257, 0, 0))))
	wide := packer{}.u16(258, maxFields+1)
	for range maxFields + 1 {
		wide = wide.u16(1, 1)
	}
	r.take(v9(1, set(0, wide)))
	r.take(v9(1, set(0, packer{}.u16(259, 5, 8, 4)))) // more fields than there are
	r.take(v9(1, packer{}.u16(256, 200)))             // a longer set than there is
	r.take(v9(2, set(0, packer{}.u16(260, 1, 4, 1)), set(260, make(packer, 5000))))
	r.wantDrops(map[string]int{dropTemplate: 3, dropMalformed: 3})
	if len(r.docs) > maxRecords {
		t.Errorf("%d records of one datagram", len(r.docs))
	}
}

func TestOptions(t *testing.T) {
	r := newReading(t, nil)
	// v9: one of 1000 packets; interface 3 has a name.
	r.take(v9(4, set(1, packer{}.u16(257, 4, 4, 1, 4, 34, 4)), set(257, packer{}.u32(1, 1000)),
		set(1, packer{}.u16(258, 4, 4, 2, 4, 82, 6)), set(258, packer{}.u32(3).text("ge-0\x00\x00"))))
	r.want(0, "netflow.type=netflow_options", "netflow.scope.system=1", "netflow.options.sampling_interval=1000")
	r.want(1, "netflow.scope.interface=3", "netflow.options.interface_name=ge-0")
	tpl := packer{}.u16(256, 3, 8, 4, 10, 2, 95, 4)
	r.take(v9(2, set(0, tpl), set(256, packer{}.addr("198.51.100.7").u16(3).u32(0x0d000001))))
	r.want(2, "netflow.sampling_interval=1000", "netflow.ingress_interface_name=ge-0", "netflow.application_name=<nil>")
	// IPFIX: the application's name, and when the exporter booted.
	r.take(ipfix(set(3, packer{}.u16(260, 2, 1, 95, 4, 96, 4)), set(260, packer{}.u32(0x0d000001).text("http")),
		set(3, packer{}.u16(261, 2, 1, 149, 4, 160, 8)), set(261, packer{}.u32(42).u64(uint64(noon.UnixMilli())-60_000))))
	r.want(3, "netflow.scope.application_id=DQAAAQ==", "netflow.options.application_name=http")
	r.take(ipfix(set(2, packer{}.u16(262, 3, 8, 4, 95, 4, 21, 4)), set(262, packer{}.addr("198.51.100.7").u32(0x0d000001, 59_000))))
	r.want(5, "netflow.application_name=http", "event.end=2026-03-02T11:59:59Z")
	r.wantDrops(nil)
}

// TestBootedAnew: the uptime of a v9 header counts from the last boot, whatever options said of one before.
func TestBootedAnew(t *testing.T) {
	r := newReading(t, nil)
	r.take(v9(2, set(1, packer{}.u16(257, 4, 4, 1, 4, 160, 8)), set(257, packer{}.u32(1).u64(uint64(noon.Add(-100*time.Hour).UnixMilli())))))
	r.take(v9(2, set(0, flowTemplate(256)), set(256, flowData("198.51.100.7", "203.0.113.9", 1)))) // up for ten minutes
	r.want(1, "event.start=2026-03-02T11:59:50Z")
}

// TestSamplers: a flow has the interval of its sampler, not of the one that was told of last.
func TestSamplers(t *testing.T) {
	r := newReading(t, nil)
	r.take(v9(4, set(1, packer{}.u16(257, 4, 8, 1, 4, 48, 2, 50, 4)), set(257, packer{}.u32(1).u16(1).u32(100).u32(1).u16(2).u32(1000)),
		set(0, packer{}.u16(256, 2, 8, 4, 48, 2)), set(256, packer{}.addr("198.51.100.7").u16(1).addr("198.51.100.7").u16(2).addr("198.51.100.7").u16(3))))
	for i, want := range []string{"100", "1000", "1000"} { // the third is not known
		r.want(2+i, "netflow.sampling_interval="+want)
	}
}

// TestSampledSpace: of a packet and the 99 behind it that are passed over, whichever is told first, one
// in 100 is seen (RFC 5477).
func TestSampledSpace(t *testing.T) {
	for name, options := range map[string][]byte{
		"interval first": append(set(3, packer{}.u16(260, 3, 1, 149, 4, 305, 4, 306, 4)), set(260, packer{}.u32(42, 1, 99))...),
		"space first":    append(set(3, packer{}.u16(260, 3, 1, 149, 4, 306, 4, 305, 4)), set(260, packer{}.u32(42, 99, 1))...),
	} {
		t.Run(name, func(t *testing.T) {
			r := newReading(t, nil)
			r.take(ipfix(options))
			r.take(ipfix(set(2, packer{}.u16(262, 1, 8, 4)), set(262, packer{}.addr("198.51.100.7"))))
			r.want(1, "netflow.sampling_interval=100")
		})
	}
}

func TestSFlow(t *testing.T) {
	r := newReading(t, nil)
	frame := packer{}.u8(2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2).u16(0x8100, 20, 0x0800)
	frame = frame.u8(0x45, 0).u16(40, 1, 0).u8(64, 6).u16(0).addr("198.51.100.7").addr("203.0.113.9")
	frame = frame.u16(51000, 22).u32(1, 0).u8(0x50, 2).u16(1024, 0, 0)
	for len(frame)%4 != 0 {
		frame = append(frame, 0)
	}
	header := packer{}.u32(1, 1500, 4, int64(len(frame)))
	raw := append(packer{}.u32(1, int64(len(header)+len(frame))), append(header, frame...)...)
	sample := append(packer{}.u32(1, 5, 512, 1000, 0, 7, 0x3fffffff, 1), raw...)
	counters := packer{}.u32(2, 5, 1, 1, 88, 7, 6).u64(1e9).u32(1, 3).u64(123).u32(1, 2, 3, 4, 5, 6).u64(456).u32(1, 2, 3, 4, 5, 0)
	p := packer{}.u32(5, 1).addr("192.0.2.77").u32(0, 1, 1000, 2)
	p = append(p.u32(1, int64(len(sample))), sample...)
	p = append(p.u32(2, int64(len(counters))), counters...)
	r.take(p)
	r.want(0, "netflow.type=sflow_flow", "netflow.agent_address=192.0.2.77", "netflow.sampling_interval=512", "netflow.ingress_interface=7", "netflow.egress_interface=<nil>",
		"netflow.source_ipv4_address=198.51.100.7", "netflow.destination_transport_port=22", "netflow.tcp_control_bits=2", "netflow.vlan_id=20",
		"netflow.octet_delta_count=1500", "netflow.source_mac_address=02:00:00:00:00:02")
	r.want(1, "netflow.type=sflow_counters", "netflow.if_index=7", "netflow.if_in_octets=123", "netflow.if_out_octets=456")
	r.wantDrops(nil)
}

func TestNeither(t *testing.T) {
	r := newReading(t, nil)
	r.take([]byte("GET / HTTP/1.1\r\n"))
	r.take(packer{}.u16(8, 1, 2, 3))
	r.take([]byte{5})
	r.wantDrops(map[string]int{dropVersion: 2, dropMalformed: 1})
}

func TestSettings(t *testing.T) {
	f := func(want string, change func(*Settings)) {
		t.Helper()
		s := Defaults().(*Settings)
		change(s)
		if err := s.Validate(); fmt.Sprint(err) != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	f("<nil>", func(*Settings) {})
	f(`udp: none is set; name at least one address, such as udp: ":2055"`, func(s *Settings) { s.UDP = nil })
	f(`udp: "2055" is no address; write host:port or ":port"`, func(s *Settings) { s.UDP = []string{"2055"} })
	f(`allow: "x" is no address and no CIDR range`, func(s *Settings) { s.Allow = []string{"x"} })
	f("max_exporters: 0 is not between 1 and 65536\nmax_templates: 0 is not between 1 and 65536", func(s *Settings) { s.MaxExporters, s.MaxTemplates = 0, 0 })
	f("hold: -1 is not between 0 and 1073741824 bytes\nreceive_buffer: must not be negative", func(s *Settings) { s.Hold, s.ReceiveBuffer = -1, -1 })
}

// TestContract: four exporters' flows on two sockets.
func TestContract(t *testing.T) {
	s := Defaults().(*Settings)
	s.UDP = []string{"127.0.0.1:0", "127.0.0.1:0"}
	s.Allow = []string{"127.0.0.0/8"}
	// The exporter's address holds the port that the kernel gives: it is chosen here.
	free, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	local := free.LocalAddr().(*net.UDPAddr)
	free.Close()
	datagrams := [][]byte{v9(1, set(0, flowTemplate(256)))}
	for i := range 100 {
		datagrams = append(datagrams, v9(1, set(256, flowData("198.51.100.7", "203.0.113.9", i))), v5("198.51.100.7", fmt.Sprintf("203.0.113.%d", i)))
	}
	var want []string
	d := newDecoder(s, "x", func(_ string, b []byte) { want = append(want, string(b)) }, func(string, string, int) {})
	for _, b := range datagrams {
		d.datagram(netip.MustParseAddrPort(local.String()), "x", b, noon)
	}
	ingesttest.Contract(t, ingesttest.Case{Settings: s, Want: want, Start: func(in ingest.Input, try int) {
		if try > 0 {
			return
		}
		c, err := net.ListenUDP("udp4", local)
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		to := in.(ingest.Listening).Addrs()
		for i, b := range datagrams {
			if _, err := c.WriteTo(b, to[i%2]); err != nil {
				t.Error(err)
			}
		}
	}})
}

// FuzzDatagram: whatever comes, what comes out is JSON, and what is kept has its bounds.
func FuzzDatagram(f *testing.F) {
	f.Add(v5("198.51.100.7", "203.0.113.9"), []byte{})
	f.Add(v9(2, set(0, flowTemplate(256)), set(256, flowData("198.51.100.7", "203.0.113.9", 1))), v9(1, set(256, flowData("198.51.100.7", "203.0.113.9", 1))))
	f.Add(v9(4, set(1, packer{}.u16(257, 4, 4, 1, 4, 34, 4)), set(257, packer{}.u32(1, 1000))), v9(1, set(256, flowData("198.51.100.7", "203.0.113.9", 1))))
	f.Add(ipfix(set(2, packer{}.u16(300, 3, 27, 16, 371, variable, 0x8000|130, variable).u32(5951))), ipfix(set(300, packer{}.addr("2001:db8::7").u8(3).text("ann").u8(0))))
	f.Add(ipfix(set(3, packer{}.u16(260, 2, 1, 95, 4, 96, 4)), set(260, packer{}.u32(0x0d000001).text("http"))), []byte{})
	f.Add([]byte(packer{}.u32(5, 1).addr("192.0.2.77").u32(0, 1, 1000, 1, 3, 44, 1, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0x7fffffff)), []byte{})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		s := Defaults().(*Settings)
		s.MaxTemplates, s.Hold = 3, 4096
		n := 0
		d := newDecoder(s, "fuzz", func(_ string, j []byte) {
			if n++; !json.Valid(j) {
				t.Fatalf("no JSON: %s", j)
			}
		}, func(_, reason string, _ int) {
			if reason == dropPanic {
				t.Fatal("a decoder panicked")
			}
		})
		for _, b := range [][]byte{a, b, a} {
			d.datagram(router, "x", b, noon)
		}
		if d.held.bytes > 4096 || d.memory.templates > 3*len(d.memory.exporters) || n > 3*(maxRecords+1000) {
			t.Fatalf("%d bytes held, %d templates, %d records", d.held.bytes, d.memory.templates, n)
		}
	})
}

// A loop is one datagram of 30 flows.
func BenchmarkV9(b *testing.B) {
	s := Defaults().(*Settings)
	d := newDecoder(s, "bench", func(string, []byte) {}, func(string, string, int) {})
	var body packer
	for i := range 30 {
		body = append(body, flowData("198.51.100.7", "203.0.113.9", i)...)
	}
	d.datagram(router, "x", v9(1, set(0, flowTemplate(256))), noon)
	data := v9(30, set(256, body))
	b.ReportAllocs()
	for b.Loop() {
		d.datagram(router, "x", data, noon)
	}
}
