package pcap

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	"github.com/klauspost/compress/zstd"

	"sluice/capture"
	"sluice/event"
	"sluice/ingest"
	"sluice/ingest/ingesttest"
)

// frames are n UDP packets, each a flow of its own.
func frames(t testing.TB, n int) (out [][]byte) {
	t.Helper()
	for i := range n {
		b := gopacket.NewSerializeBuffer()
		ip := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolUDP, SrcIP: []byte{10, 0, 0, 1}, DstIP: []byte{10, 0, byte(i >> 8), byte(i)}}
		if err := gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true},
			&layers.Ethernet{SrcMAC: make([]byte, 6), DstMAC: make([]byte, 6), EthernetType: layers.EthernetTypeIPv4},
			ip, &layers.UDP{SrcPort: 1000, DstPort: 2000}, gopacket.Payload("hello")); err != nil {
			t.Fatal(err)
		}
		out = append(out, b.Bytes())
	}
	return out
}

func pcapFile(t testing.TB, start time.Time, frames [][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := pcapgo.NewWriter(&b)
	if err := w.WriteFileHeader(65536, layers.LinkTypeEthernet); err != nil {
		t.Fatal(err)
	}
	for i, f := range frames {
		at := start.Add(time.Duration(i) * time.Millisecond)
		if err := w.WritePacket(gopacket.CaptureInfo{Timestamp: at, CaptureLength: len(f), Length: len(f)}, f); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func pcapngFile(t testing.TB, start time.Time, frames [][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := pcapgo.NewNgWriterInterface(&b, pcapgo.NgInterface{Name: "eth7", LinkType: layers.LinkTypeEthernet}, pcapgo.DefaultNgWriterOptions)
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range frames {
		at := start.Add(time.Duration(i) * time.Millisecond)
		if err := w.WritePacket(gopacket.CaptureInfo{Timestamp: at, CaptureLength: len(f), Length: len(f)}, f); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstdOf(t testing.TB, data []byte) []byte {
	t.Helper()
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return z.EncodeAll(data, nil)
}

func write(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func settings(glob string) *Settings {
	s := Defaults().(*Settings)
	s.Files, s.Watch = []string{glob}, false
	return s
}

var when = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// bus keeps what an input emits.
type bus struct {
	mu   sync.Mutex // of a test that looks while the input runs
	raws []event.Raw
	at   ingest.Checkpoint
}

func (b *bus) emit(_ context.Context, batch []event.Raw, at ingest.Checkpoint) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range batch {
		r.Bytes = slices.Clone(r.Bytes)
		b.raws = append(b.raws, r)
	}
	if at != nil {
		b.at = slices.Clone(at)
	}
	return nil
}

func (b *bus) run(t testing.TB, s *Settings, now time.Time) error {
	t.Helper()
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	in, err := s.Open(ingest.Env{
		Name: "tap", Namespace: "default", From: b.at, Log: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return now }, Drop: func(string, string, int) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	return in.Run(t.Context(), b.emit)
}

// TestContract: two files of 1,200 flows come through exactly once, however often the
// bus refuses.
func TestContract(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.pcap"), pcapFile(t, when, frames(t, 1200)))
	write(t, filepath.Join(dir, "b.pcapng.gz"), zipped(t, pcapngFile(t, when.Add(time.Hour), frames(t, 1200))))
	var all bus
	if err := all.run(t, settings(filepath.Join(dir, "*")), when); err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, r := range all.raws {
		want = append(want, string(r.Bytes))
	}
	if len(want) != 2400 {
		t.Fatalf("%d records", len(want))
	}
	ingesttest.Contract(t, ingesttest.Case{Settings: settings(filepath.Join(dir, "*")), Want: want})
}

func TestFormats(t *testing.T) {
	f := func(name string, data []byte, iface string) {
		t.Helper()
		path := filepath.Join(t.TempDir(), name)
		write(t, path, data)
		var b bus
		if err := b.run(t, settings(path), when.Add(time.Second)); err != nil {
			t.Error(err)
		}
		if len(b.raws) != 3 {
			t.Fatalf("%s: %d records", name, len(b.raws))
		}
		r := b.raws[0]
		var rec struct {
			Start     time.Time
			Interface string
		}
		if err := json.Unmarshal(r.Bytes, &rec); err != nil {
			t.Fatal(err)
		}
		if !rec.Start.Equal(when) || rec.Interface != iface {
			t.Errorf("%s: %s", name, r.Bytes)
		}
		if r.Pack != "sluice_flow" || r.Origin != "tap:"+path || r.Listener != path || r.Input != "tap" || r.Namespace != "default" || len(r.ID) == 0 || r.History {
			t.Errorf("%s: %+v", name, r)
		}
	}
	some := frames(t, 3)
	f("x.pcap", pcapFile(t, when, some), "")
	f("x.pcap.gz", zipped(t, pcapFile(t, when, some)), "")
	f("x.pcapng", pcapngFile(t, when, some), "eth7")
	f("x.pcapng.gz", zipped(t, pcapngFile(t, when, some)), "eth7")
}

// TestIDs: a second reading gives the same ids, another file others.
func TestIDs(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	write(t, a, pcapFile(t, when, frames(t, 100)))
	write(t, b, pcapFile(t, when.Add(time.Microsecond), frames(t, 100)))
	ids := func(path string) (out []string) {
		var bus bus
		if err := bus.run(t, settings(path), when); err != nil {
			t.Fatal(err)
		}
		for _, r := range bus.raws {
			out = append(out, r.ID)
		}
		return out
	}
	first, again, other := ids(a), ids(a), ids(b)
	if !slices.Equal(first, again) {
		t.Error("a second reading gave other ids")
	}
	all := append(slices.Clone(first), other...)
	slices.Sort(all)
	if n := len(slices.Compact(all)); n != 200 {
		t.Errorf("%d ids for 200 records", n)
	}
}

func TestReplay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	write(t, path, pcapFile(t, when, frames(t, 1)))
	f := func(replay string, now time.Time, history bool) {
		t.Helper()
		s := settings(path)
		s.Replay = replay
		var b bus
		if err := b.run(t, s, now); err != nil || len(b.raws) != 1 {
			t.Fatal(err, len(b.raws))
		}
		if b.raws[0].History != history || !b.raws[0].Received.Equal(now) {
			t.Errorf("%s at %v: history %v, received %v", replay, now, b.raws[0].History, b.raws[0].Received)
		}
	}
	f(ReplayAuto, when.Add(15*time.Second), false)
	f(ReplayAuto, when.Add(16*time.Second), true)
	f(ReplayAuto, when.Add(-time.Hour), true)
	f(ReplayLive, when.Add(time.Hour), false)
	f(ReplayHistory, when, true)
}

// TestDamaged: what stands before the damage is kept, and the fault names the packet.
func TestDamaged(t *testing.T) {
	f := func(what string, data []byte, records int, word string) {
		t.Helper()
		path := filepath.Join(t.TempDir(), "x")
		write(t, path, data)
		var b bus
		err := b.run(t, settings(path), when)
		if err == nil || !strings.Contains(err.Error(), word) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", what, err)
		}
		if len(b.raws) != records {
			t.Errorf("%s: %d records", what, len(b.raws))
		}
		if records > 0 { // and it is done with
			if err := b.run(t, settings(path), when); err != nil || len(b.raws) != records {
				t.Errorf("%s, again: %v, %d records", what, err, len(b.raws))
			}
		}
	}
	good := pcapFile(t, when, frames(t, 10))
	f("cut", good[:len(good)-5], 9, "behind packet 9")
	huge := slices.Clone(good)
	copy(huge[24+8:], []byte{0xff, 0xff, 0xff, 0x7f})
	f("a length that lies", huge, 0, "behind packet 0")
	f("text", []byte("Mar  2 09:00:00 web1 sshd[1]: hello"), 0, "no capture file")
	f("empty", nil, 0, "no capture file")
	f("gzip of nothing", zipped(t, nil), 0, "no capture file")
	z := zipped(t, good)
	f("cut gzip", z[:len(z)-9], 10, "ends early")
}

// TestPacked: what a capture is packed with does not matter.
func TestPacked(t *testing.T) {
	good := pcapFile(t, when, frames(t, 10))
	for name, data := range map[string][]byte{"gzip": zipped(t, good), "zstd": zstdOf(t, good)} {
		path := filepath.Join(t.TempDir(), "x")
		write(t, path, data)
		var b bus
		if err := b.run(t, settings(path), when); err != nil || len(b.raws) != 10 {
			t.Errorf("%s: %v, %d records", name, err, len(b.raws))
		}
	}
}

// TestWatch: files that come later are read when they are finished, once.
func TestWatch(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := settings(filepath.Join(dir, "**", "*.pcap"))
		s.Watch = true
		var b bus
		in, err := s.Open(ingest.Env{Name: "tap", Log: slog.New(slog.DiscardHandler), Now: time.Now, Drop: func(string, string, int) {}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- in.Run(ctx, b.emit) }()
		f := func(wait time.Duration, records int) {
			t.Helper()
			time.Sleep(wait) // the bubble's clock
			synctest.Wait()
			b.mu.Lock()
			defer b.mu.Unlock()
			if len(b.raws) != records {
				t.Errorf("%d records, want %d", len(b.raws), records)
			}
		}
		f(time.Minute, 0)
		a := filepath.Join(dir, "sub", "a.pcap")
		if err := errors.Join(os.Mkdir(filepath.Dir(a), 0o700), os.Symlink(dir, filepath.Join(dir, "sub", "round.pcap"))); err != nil {
			t.Fatal(err) // a link in a circle, which names every file again and again
		}
		touch := func(path string) {
			if err := os.Chtimes(path, time.Now(), time.Now()); err != nil {
				t.Fatal(err)
			}
		}
		write(t, a, pcapFile(t, time.Now(), frames(t, 5)))
		touch(a)
		f(1500*time.Millisecond, 0) // it may still be written to
		f(2*time.Second, 5)
		f(time.Minute, 5)
		touch(a) // same bytes, new time
		f(time.Minute, 5)
		other := filepath.Join(dir, "b.pcap")
		write(t, other, pcapFile(t, time.Now(), frames(t, 7)))
		touch(other)
		f(time.Minute, 12)
		stop()
		if err := <-ran; err != context.Canceled {
			t.Errorf("Run ended with %v", err)
		}
	})
}

func TestSettings(t *testing.T) {
	if err := settings("/x/*.pcap").Validate(); err != nil {
		t.Error(err)
	}
	f := func(key string, change func(*Settings)) {
		t.Helper()
		s := settings("/x/*.pcap")
		change(s)
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), key+": ") {
			t.Errorf("%s: %v", key, err)
		}
	}
	f("files", func(s *Settings) { s.Files = nil })
	f("files", func(s *Settings) { s.Files = []string{"[a"} })
	f("files", func(s *Settings) { s.Files = []string{""} })
	f("replay", func(s *Settings) { s.Replay = "never" })
	f("rescan", func(s *Settings) { s.Rescan = 0 })
	f("settle", func(s *Settings) { s.Settle = -1 })
	f("max_flows", func(s *Settings) { s.Flows.MaxFlows = 1 })
	if _, err := settings("x").Open(ingest.Env{From: ingest.Checkpoint("{"), Name: "tap"}); err == nil {
		t.Error("a damaged checkpoint was taken")
	}
}

// TestCheckpointIsSmall: the most files that are taken fit into the mark.
func TestCheckpointIsSmall(t *testing.T) {
	var m mark
	for i := range maxFiles {
		m.Done = append(m.Done, print(1<<63+uint64(i)))
	}
	c, err := m.encode()
	if err != nil || len(c) > 1<<20 {
		t.Errorf("%d bytes, %v", len(c), err)
	}
	back, err := parseMark(c)
	if err != nil || !slices.Equal(back.Done, m.Done) {
		t.Error("it does not come back:", err)
	}
}

// FuzzFile: whatever a file holds, reading ends, and each record is JSON.
func FuzzFile(f *testing.F) {
	some := frames(f, 3)
	f.Add(pcapFile(f, when, some))
	f.Add(pcapngFile(f, when, some))
	f.Add(zipped(f, pcapFile(f, when, some)))
	f.Fuzz(func(t *testing.T, data []byte) {
		src, err := newSource(bytes.NewReader(data))
		if err != nil {
			return
		}
		e := capture.New(capture.DefaultLimits(), func(r capture.Record) {
			if !json.Valid(r.JSON) {
				t.Fatalf("%s", r.JSON)
			}
		})
		for n := 0; ; n++ {
			var p capture.Packet
			if err := src.packet(&p); err != nil {
				break
			}
			if n > len(data) && !bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
				t.Fatalf("%d packets out of %d bytes", n, len(data))
			}
			e.Packet(p)
		}
		e.Flush()
		if s := e.Stats(); s.Panics > 0 {
			t.Errorf("%+v", s)
		}
	})
}

// TestPortScans: the scans of the corpus show as many destination ports as they have.
func TestPortScans(t *testing.T) {
	files := captures(t, "behaviour.tar.gz")
	f := func(name string, least int, state string) {
		t.Helper()
		data, ok := files["behaviour/"+name]
		if !ok {
			t.Fatalf("%s is not in the corpus", name)
		}
		records, _, err := play(t, data)
		if err != nil {
			t.Fatal(err)
		}
		ports, states := map[string]map[int]bool{}, map[string]int{}
		for _, r := range records {
			if r.Type != "flow" {
				continue
			}
			k := r.SrcIP + " " + r.DstIP
			if ports[k] == nil {
				ports[k] = map[int]bool{}
			}
			ports[k][r.DstPort] = true
			states[r.State]++
		}
		most := 0
		for _, p := range ports {
			most = max(most, len(p))
		}
		if most < least || states[state] < least {
			t.Errorf("%s: at most %d ports between two hosts; %v", name, most, states)
		}
	}
	f("nmap-ack_scan.pcap", 990, "rejected")
	f("nmap-fin_scan.pcap", 990, "rejected")
	f("nmap-null_scan.pcap", 990, "rejected")
	f("nmap-window_scan.pcap", 990, "rejected")
	f("nmap-udp_scan.pcap", 990, "attempt")
	f("packets-synscan.pcapng", 990, "attempt")
}

func BenchmarkFile(b *testing.B) {
	data := pcapFile(b, when, frames(b, 10_000))
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		e := capture.New(capture.DefaultLimits(), func(capture.Record) {})
		src, err := newSource(bytes.NewReader(data))
		if err != nil {
			b.Fatal(err)
		}
		var p capture.Packet
		for src.packet(&p) == nil {
			e.Packet(p)
		}
		e.Flush()
	}
	b.ReportMetric(float64(b.N)*10_000/b.Elapsed().Seconds(), "packets/s")
}
