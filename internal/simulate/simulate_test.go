package simulate

import (
	"bytes"
	"context"
	"math"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopacket/gopacket/pcapgo"
)

func TestSeedDecidesEverything(t *testing.T) {
	a, b, c := Script(7, 90*time.Second), Script(7, 90*time.Second), Script(8, 90*time.Second)
	if !reflect.DeepEqual(a, b) {
		t.Error("the same seed played two plays")
	}
	if reflect.DeepEqual(a, c) {
		t.Error("two seeds played the same")
	}
	if !reflect.DeepEqual(a[:100], Script(7, 200*time.Second)[:100]) {
		t.Error("a longer script begins otherwise")
	}
	for i := 1; i < len(a); i++ {
		if a[i].After < a[i-1].After {
			t.Fatalf("line %d comes %v before its predecessor", i, a[i-1].After-a[i].After)
		}
	}
}

// TestBenign: at least 95 % is benign, at true pace, and it does not repeat itself.
func TestBenign(t *testing.T) {
	const d = 10 * time.Minute
	for seed := range uint64(3) {
		script := Script(seed, d)
		evil, frames := 0, 0
		different := map[string]bool{}
		for _, l := range script {
			if l.Evil {
				evil++
			}
			if l.Via == Wire {
				frames++
				continue
			}
			different[string(l.Text)] = true
		}
		if 20*evil > len(script) {
			t.Errorf("seed %d: %d of %d lines are attacks", seed, evil, len(script))
		}
		lines := len(script) - frames
		if perSecond := float64(lines) / d.Seconds(); perSecond < 30 || perSecond > 50 {
			t.Errorf("seed %d: %.1f lines a second", seed, perSecond)
		}
		if len(different) < lines*95/100 {
			t.Errorf("seed %d: only %d of %d lines differ", seed, len(different), lines)
		}
	}
}

func TestEveryDeviceSpeaks(t *testing.T) {
	var all bytes.Buffer
	for _, l := range Script(1, 4*time.Minute) {
		if l.Via != Wire {
			all.Write(append(l.Text, '\n'))
		}
	}
	f := func(piece string) {
		t.Helper()
		if !strings.Contains(all.String(), piece) {
			t.Errorf("nobody said %q", piece)
		}
	}
	f("%ASA-6-302013")
	f("%ASA-6-302014")
	f("%ASA-4-106023")
	f("Accepted publickey for")
	f("Failed password for")
	f("NOT in sudoers")
	f("authentication failure; logname=")
	f("CRON")
	f("[UFW BLOCK]")
	f(`"GET / HTTP/1.1" 200`)
	f("etc/passwd")
	f(`"event_type":"alert"`)
	f(`"event_type":"flow"`)
	f("<86>Mar  2 09:0")       // RFC 3164
	f("<86>1 2026-03-02T09:0") // RFC 5424
}

// TestStory: each telling has other actors, and no stranger plays two parts.
func TestStory(t *testing.T) {
	seen := map[string]bool{}
	for n := range uint64(40) {
		a := cast(5, n)
		for _, ip := range []string{a.stranger.String(), a.sprayer.String(), a.scanner.String(), a.flooder.String(), a.master.String()} {
			if seen[ip] {
				t.Errorf("%s comes again in telling %d", ip, n)
			}
			seen[ip] = true
		}
	}
	if first := cycleStart(1, defaultRate); !reflect.DeepEqual(Expect(5, first), Expect(5, first)) {
		t.Error("the same seed expects two things")
	}
	for _, s := range scenes {
		p := newPlay(3, defaultRate)
		p.evil = true
		s.play(p, s.at, cast(3, 0))
		if len(p.queue) == 0 {
			t.Errorf("%s plays nothing", s.name)
		}
		for _, d := range p.queue {
			if d.after < s.at || d.after > s.at+s.lasts {
				t.Errorf("%s plays at %v, outside of %v to %v", s.name, d.after, s.at, s.at+s.lasts)
			}
		}
	}
}

func TestOptions(t *testing.T) {
	f := func(o Options, good bool) {
		t.Helper()
		if _, err := New(o); (err == nil) != good {
			t.Errorf("%+v: %v", o, err)
		}
	}
	f(Options{}, false)
	f(Options{Dir: "x", Rate: -1}, false)
	f(Options{Dir: "x", Rate: math.NaN()}, false)
	f(Options{Dir: "x"}, true)
}

// TestRunFiles plays a minute of synthetic time into a folder.
func TestRunFiles(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		n, err := New(Options{Seed: 3, Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		if err := n.Run(ctx); err != nil {
			t.Fatal(err)
		}
	})
	for _, name := range []string{"eve.json", "nginx-access.log", "apache-access.log"} {
		if text, err := os.ReadFile(filepath.Join(dir, name)); err != nil || bytes.Count(text, []byte("\n")) < 50 {
			t.Errorf("%s has %d lines, %v", name, bytes.Count(text, []byte("\n")), err)
		}
	}
	pcaps, _ := filepath.Glob(filepath.Join(dir, "pcap", "*.pcap"))
	if len(pcaps) < 10 || len(pcaps) > 25 {
		t.Errorf("%d captures in a minute", len(pcaps))
	}
	frames := 0
	for _, path := range pcaps {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		r, err := pcapgo.NewReader(f)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for {
			if _, _, err := r.ReadPacketData(); err != nil {
				break
			}
			frames++
		}
		f.Close()
	}
	if frames < 500 {
		t.Errorf("%d frames", frames)
	}
}

// TestRunNetwork: what a listener gets is lines; a TCP listener that goes away is
// dialled again.
func TestRunNetwork(t *testing.T) {
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	n, err := New(Options{Seed: 3, Rate: 2000, SyslogUDP: udp.LocalAddr().String(), SyslogTCP: tcp.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- n.Run(ctx) }()
	b := make([]byte, 65536)
	size, _, err := udp.ReadFrom(b)
	if err != nil || b[0] != '<' || bytes.IndexByte(b[:size], '\n') >= 0 {
		t.Errorf("datagram %q, %v", b[:size], err)
	}
	for range 2 {
		c, err := tcp.Accept()
		if err != nil {
			t.Fatal(err)
		}
		size, err := c.Read(b)
		if err != nil || !bytes.HasPrefix(b[:size], []byte("<")) {
			t.Errorf("connection says %q, %v", b[:size], err)
		}
		c.Close()
	}
	stop()
	if err := <-ran; err != nil {
		t.Error(err)
	}
}

func BenchmarkPlay(b *testing.B) {
	p := newPlay(1, defaultRate)
	b.ReportAllocs()
	for b.Loop() {
		d := p.next()
		d.line(Epoch.Add(d.after))
	}
}

// TestFilesAreBounded: what plays for weeks fills no disk.
func TestFilesAreBounded(t *testing.T) {
	dir := t.TempDir()
	o, err := open(Options{Dir: dir, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	line := bytes.Repeat([]byte("x"), keepBytes/4)
	for range 11 {
		if err := o.appendTo("a.log", line); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.close(); err != nil {
		t.Error(err)
	}
	sizes := map[string]int64{}
	for _, name := range []string{"a.log", "a.log.1"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil {
			sizes[name] = info.Size()
		}
	}
	if n := int64(len(line) + 1); sizes["a.log"] != 3*n || sizes["a.log.1"] != 4*n {
		t.Errorf("%v", sizes)
	}
}
