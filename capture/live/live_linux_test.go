package live

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/afpacket"
	"github.com/gopacket/gopacket/layers"
	"go.uber.org/goleak"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"sluice/capture"
	"sluice/event"
	"sluice/ingest"
)

// TestLoopback sees our own datagrams on the loopback interface, each once, with a filter too.
func TestLoopback(t *testing.T) {
	t.Run("all", func(t *testing.T) { loopback(t, nil) })
	t.Run("filtered", func(t *testing.T) { loopback(t, Filter{{Op: 6, K: 0x40000}}) })
}

func loopback(t *testing.T, filter Filter) {
	before := goleak.IgnoreCurrent()
	s := Defaults().(*Settings)
	s.Interface, s.RingMiB, s.Filter, s.Flows.AttemptTimeout = "lo", 32, filter, time.Second
	dropped := 0
	in, err := s.Open(ingest.Env{
		Name: "wire", Namespace: "default", Log: slog.New(slog.DiscardHandler), Now: time.Now,
		Drop: func(_, _ string, n int) { dropped += n },
	})
	if errors.Is(err, unix.EPERM) || err != nil && strings.Contains(err.Error(), "CAP_NET_RAW") {
		t.Skipf("no right to capture here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	sink, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer sink.Close()
	c, err := net.Dial("udp", sink.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 20 {
		if _, err := c.Write([]byte("hello")); err != nil {
			t.Fatal(err)
		}
	}
	port := []byte(`"src_port":` + c.LocalAddr().String()[strings.LastIndexByte(c.LocalAddr().String(), ':')+1:] + ",")
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	var ours []event.Raw
	err = in.Run(ctx, func(_ context.Context, batch []event.Raw, _ ingest.Checkpoint) error {
		for _, r := range batch {
			// A connection of somebody else's may have the same number.
			if bytes.Contains(r.Bytes, port) && bytes.Contains(r.Bytes, []byte(`"proto":"udp"`)) {
				r.Bytes = slices.Clone(r.Bytes)
				ours = append(ours, r)
				stop()
			}
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Run ended with %v", err)
	}
	if len(ours) != 1 || !bytes.Contains(ours[0].Bytes, []byte(`"src_packets":20,`)) {
		t.Errorf("%d records of 20 datagrams: %+v", len(ours), ours)
	} else if r := ours[0]; r.Origin != "wire:lo" || r.Pack != "sluice_flow" || r.ID == "" || r.History || r.Received.IsZero() {
		t.Errorf("%+v", r)
	}
	if dropped > 0 { // the interface is everybody's: another test may have flooded it
		t.Logf("%d packets dropped", dropped)
	}
	if err := goleak.Find(before); err != nil {
		t.Error(err)
	}
}

// openWire opens an input that counts in lost what is not durable.
func openWire(t *testing.T, s *Settings, lost *int) *input {
	t.Helper()
	in, err := s.Open(ingest.Env{Name: "wire", Log: slog.New(slog.DiscardHandler), Now: time.Now, Drop: func(_, reason string, n int) {
		if reason == ingest.NotDurable {
			*lost += n
		}
	}})
	if errors.Is(err, unix.EPERM) || err != nil && strings.Contains(err.Error(), "CAP_NET_RAW") {
		t.Skipf("no right to capture here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return in.(*input)
}

// talk has an input see so many flows begin, of an IPv4 packet each, from another address.
func talk(in *input, flows, from int, at time.Time) {
	for i := from; i < from+flows; i++ {
		frame := append(make([]byte, 12), 8, 0, 0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 198, 18, byte(i>>8), byte(i), 192, 0, 2, 1, 0, 9, 0, 9, 0, 8, 0, 0)
		in.engine.Packet(capture.Packet{Time: at, Link: layers.LinkTypeEthernet, Data: frame, Length: len(frame)})
	}
}

// TestTagTakenOff: the kernel hands a frame over without its VLAN tag, which is part of it all the same.
func TestTagTakenOff(t *testing.T) {
	in := &input{}
	ci := gopacket.CaptureInfo{Length: 60, AncillaryData: []any{afpacket.AncillaryVLAN{VLAN: 7}}}
	if p := in.packet(make([]byte, 60), ci); p.VLAN != 7 || p.Length != 64 {
		t.Errorf("VLAN %d, %d bytes", p.VLAN, p.Length)
	}
	if p := in.packet(make([]byte, 60), gopacket.CaptureInfo{Length: 60}); p.VLAN != 0 || p.Length != 60 {
		t.Errorf("without one: VLAN %d, %d bytes", p.VLAN, p.Length)
	}
}

// TestRefused: where the journal refuses what it is given, the flows that are open by then are lost, too, and counted.
func TestRefused(t *testing.T) {
	s := Defaults().(*Settings)
	s.Interface, s.RingMiB = "lo", 1
	s.Filter = Filter{{Op: 6}} // nothing of others
	lost := 0
	in := openWire(t, s, &lost)
	talk(in, 7, 0, time.Now().Add(-time.Hour)) // ends when the engine is told the time
	talk(in, 5, 100, time.Now())
	refused := errors.New("refused")
	err := in.Run(t.Context(), func(context.Context, []event.Raw, ingest.Checkpoint) error { return refused })
	if !errors.Is(err, refused) || lost != 7+5 {
		t.Errorf("%d of 12 flows are counted as lost; %v", lost, err)
	}
}

// TestEndsAtOnce: flows that end at once are no one batch, and those that the journal does not take at the
// end are counted.
func TestEndsAtOnce(t *testing.T) {
	const flows = 20_000
	f := func(takes bool) {
		t.Helper()
		s := Defaults().(*Settings)
		s.Interface, s.RingMiB = "lo", 1
		lost := 0
		in := openWire(t, s, &lost)
		talk(in, flows, 0, time.Now())
		ctx, stop := context.WithCancel(t.Context())
		stop()
		took := 0
		err := in.Run(ctx, func(_ context.Context, batch []event.Raw, _ ingest.Checkpoint) error {
			if !takes {
				return ingest.ErrClosed
			}
			size := 0
			for _, r := range batch {
				size += len(r.Bytes)
			}
			if took += len(batch); size > 3<<20 {
				t.Errorf("a batch of %d bytes", size)
			}
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Run ended with %v", err)
		}
		if takes && (took != flows || lost > 0) || !takes && lost != flows {
			t.Errorf("takes %v: %d taken, %d lost, of %d", takes, took, lost, flows)
		}
	}
	f(true)
	f(false)
}

func TestSettings(t *testing.T) {
	f := func(key string, change func(*Settings)) {
		t.Helper()
		s := Defaults().(*Settings)
		s.Interface = "eth0"
		change(s)
		if err := s.Validate(); key == "" && err != nil || key != "" && (err == nil || !strings.Contains(err.Error(), key+": ")) {
			t.Errorf("%s: %v", key, err)
		}
	}
	f("", func(*Settings) {})
	f("interface", func(s *Settings) { s.Interface = "" })
	f("interface", func(s *Settings) { s.Interface = "../eth0" })
	f("ring_mib", func(s *Settings) { s.RingMiB = 0 })
	f("max_flows", func(s *Settings) { s.Flows.MaxFlows = 0 })
	s := Defaults().(*Settings)
	s.Interface = "none7"
	if _, err := s.Open(ingest.Env{Name: "wire"}); err == nil || !strings.Contains(err.Error(), "ip link") {
		t.Errorf("an interface that is not there: %v", err)
	}
}

func TestRemedy(t *testing.T) {
	if err := explain(unix.EPERM); !errors.Is(err, unix.EPERM) || !strings.Contains(err.Error(), "CAP_NET_RAW") {
		t.Error(err)
	}
}

func TestFilter(t *testing.T) {
	f := func(text string, want ...bpf.RawInstruction) {
		t.Helper()
		var got Filter
		if err := got.UnmarshalText([]byte(text)); (err == nil) != (want != nil) || !slices.Equal(got, want) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	f("2\n40 0 0 12\n6 0 0 262144\n", bpf.RawInstruction{Op: 40, K: 12}, bpf.RawInstruction{Op: 6, K: 262144})
	f("1,6 0 0 1", bpf.RawInstruction{Op: 6, K: 1})
	f("not port 22")
	f("")
	f("1\n6 0 0")
	f("1\n6 0 0 1 1")
	f("1\n70000 0 0 1")
}
