package live

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/afpacket"
	"github.com/gopacket/gopacket/layers"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"sluice/capture"
	"sluice/event"
	"sluice/ingest"
)

const (
	blockSize    = 1 << 20
	frameSize    = 64 << 10 // only a hint in version 3; a block takes any frame that fits
	wake         = 50 * time.Millisecond
	batchRecords = 500
	batchBytes   = 2 << 20         // where all open flows end at once: one write of the journal
	lastWords    = 2 * time.Second // to hand over the open flows when the program ends
)

// Open opens the ring.
func (s *Settings) Open(env ingest.Env) (ingest.Input, error) {
	fail := func(err error) (ingest.Input, error) {
		return nil, fmt.Errorf("input %s: capture on %s: %w", env.Name, s.Interface, err)
	}
	if _, err := net.InterfaceByName(s.Interface); err != nil {
		return fail(fmt.Errorf("%w; `ip link` lists the interfaces", err))
	}
	link, loopback, err := linkOf(s.Interface)
	if err != nil {
		return fail(err)
	}
	ring, err := afpacket.NewTPacket(
		afpacket.OptInterface(s.Interface), afpacket.TPacketVersion3, afpacket.SocketRaw,
		afpacket.OptFrameSize(frameSize), afpacket.OptBlockSize(blockSize), afpacket.OptNumBlocks(s.RingMiB),
		afpacket.OptBlockTimeout(wake), afpacket.OptPollTimeout(wake))
	if err != nil {
		return fail(explain(err))
	}
	if err := s.prepare(ring, loopback); err != nil {
		ring.Close()
		return fail(err)
	}
	in := &input{env: env, name: s.Interface, link: link, ring: ring, meter: capture.Meter{Input: env.Name}}
	in.engine = capture.New(s.Flows, in.take)
	return in, nil
}

func (s *Settings) prepare(ring *afpacket.TPacket, loopback bool) error {
	filter := []bpf.RawInstruction(s.Filter)
	if loopback {
		if len(filter) == 0 {
			filter = all
		}
		filter = slices.Concat(incoming, filter)
	}
	if len(filter) > 0 {
		if err := limit(ring, filter); err != nil {
			return fmt.Errorf("filter: %w", err)
		}
	}
	if s.Promiscuous && !loopback {
		if err := ring.SetPromiscuous(true); err != nil {
			return fmt.Errorf("promiscuous: %w", err)
		}
	}
	return ring.InitSocketStats()
}

// limit has the ring take what passes the filter alone. Since it was opened it has taken packets of everybody:
// they go first, and meanwhile it takes none.
func limit(ring *afpacket.TPacket, filter []bpf.RawInstruction) error {
	if err := ring.SetBPF(none); err != nil {
		return err
	}
	for silent := 0; silent < 2; { // a block that is not full is handed out a while later
		switch _, _, err := ring.ZeroCopyReadPacketData(); {
		case errors.Is(err, afpacket.ErrTimeout):
			silent++
		case err != nil && !errors.Is(err, unix.EINTR):
			return err
		}
	}
	return ring.SetBPF(filter)
}

// none passes nothing, all everything.
var (
	none = []bpf.RawInstruction{{Op: 0x06}}             // ret #0
	all  = []bpf.RawInstruction{{Op: 0x06, K: 0x40000}} // ret #262144
)

// incoming is in front of a filter, whose jumps are relative, and passes nothing that is on its way out: on the
// loopback interface each packet is seen twice. The type is at SKF_AD_OFF + SKF_AD_PKTTYPE.
var incoming = []bpf.RawInstruction{
	{Op: 0x28, K: 0xfffff000 + 4},
	{Op: 0x15, Jt: 0, Jf: 1, K: unix.PACKET_OUTGOING},
	{Op: 0x06, K: 0},
}

// explain adds the remedy to what the kernel says.
func explain(err error) error {
	if errors.Is(err, unix.EPERM) || strings.Contains(err.Error(), unix.EPERM.Error()) {
		return fmt.Errorf("%w; it needs CAP_NET_RAW: `setcap cap_net_raw+ep sluice`, AmbientCapabilities=CAP_NET_RAW in the unit, or root", err)
	}
	if errors.Is(err, unix.ENOMEM) {
		return fmt.Errorf("%w; lower ring_mib", err)
	}
	return err
}

// linkOf asks the kernel what frames on an interface begin with (ARPHRD_*).
func linkOf(name string) (link layers.LinkType, loopback bool, err error) {
	text, err := os.ReadFile("/sys/class/net/" + name + "/type")
	if err != nil {
		return layers.LinkTypeEthernet, name == "lo", nil // no sysfs in this container
	}
	typ, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, false, err
	}
	switch typ {
	case unix.ARPHRD_ETHER:
		return layers.LinkTypeEthernet, false, nil
	case unix.ARPHRD_LOOPBACK:
		return layers.LinkTypeEthernet, true, nil
	case unix.ARPHRD_NONE, unix.ARPHRD_PPP, unix.ARPHRD_TUNNEL, unix.ARPHRD_TUNNEL6, unix.ARPHRD_SIT:
		return layers.LinkTypeRaw, false, nil
	}
	return 0, false, fmt.Errorf("its frames are of a kind (ARPHRD %d) that is not read; capture on the Ethernet interface below it", typ)
}

type input struct {
	env    ingest.Env
	name   string
	link   layers.LinkType
	ring   *afpacket.TPacket
	engine *capture.Engine
	meter  capture.Meter

	batch   []event.Raw
	arena   []byte
	since   time.Time    // when the first of the batch was put there
	emit    func() error // makes the batch durable
	refused error        // what emit said; nothing more is taken then
	number  uint64
	drops   uint
	told    bool
}

// Run captures until ctx ends or the interface fails; what is open then is reported as far as it came. What
// the journal did not take is counted.
func (in *input) Run(ctx context.Context, emit ingest.Emit) error {
	defer in.ring.Close()
	in.emit = func() error { return emit(ctx, in.batch, nil) }
	err := in.capture(ctx)
	if ctx.Err() != nil {
		last, stop := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
		defer stop()
		in.emit, in.refused = func() error { return emit(last, in.batch, nil) }, nil
		err = ctx.Err()
	}
	in.engine.Flush()
	if in.refused == nil {
		in.flush()
	}
	in.lose(len(in.batch))
	in.meter.Update(in.engine)
	in.countDrops()
	return err
}

// capture takes packets until ctx ends, or the journal is no more.
func (in *input) capture(ctx context.Context) error {
	next := in.env.Now().Add(time.Second)
	for ctx.Err() == nil {
		if err := in.some(); errors.Is(err, afpacket.ErrPoll) {
			return fmt.Errorf("capture on %s: %w; the interface is down or gone", in.name, err)
		} else if err != nil {
			return fmt.Errorf("capture on %s: %w", in.name, err)
		}
		now := in.env.Now()
		in.engine.Present(now)
		if len(in.batch) >= batchRecords || now.Sub(in.since) >= wake {
			in.flush()
		}
		if in.refused != nil {
			return in.refused
		}
		if now.After(next) {
			next = now.Add(time.Second)
			in.meter.Update(in.engine)
			in.countDrops()
		}
	}
	return nil
}

// some takes what is there, at most a few hundred packets.
func (in *input) some() error {
	for range 256 {
		data, ci, err := in.ring.ZeroCopyReadPacketData()
		if errors.Is(err, afpacket.ErrTimeout) || errors.Is(err, unix.EINTR) {
			return nil
		}
		if err != nil {
			return err
		}
		in.number++
		p := in.packet(data, ci)
		if in.engine.Packet(p); len(in.batch) >= batchRecords || in.refused != nil {
			return nil
		}
	}
	return nil
}

// tagBytes are those of a VLAN tag that the kernel took off a frame; it does not count them.
const tagBytes = 4

// packet is a frame as it was on the wire.
func (in *input) packet(data []byte, ci gopacket.CaptureInfo) capture.Packet {
	p := capture.Packet{
		Number: in.number, Time: ci.Timestamp, Link: in.link, Interface: in.name,
		Data: data, Length: ci.Length,
	}
	if len(ci.AncillaryData) > 0 {
		if v, ok := ci.AncillaryData[0].(afpacket.AncillaryVLAN); ok {
			p.VLAN = uint16(v.VLAN & 0xfff)
			p.Length += tagBytes
		}
	}
	return p
}

// take copies a record into the batch, and hands on a full one: all flows that are open may end at once.
func (in *input) take(rec capture.Record) {
	if in.refused != nil {
		in.lose(1)
		return
	}
	now := in.env.Now()
	if len(in.batch) == 0 {
		in.since = now
	}
	from := len(in.arena)
	in.arena = append(in.arena, rec.JSON...)
	raw := in.arena[from:len(in.arena):len(in.arena)]
	in.batch = append(in.batch, event.Raw{
		ID:        ingest.LiveID(now, raw),
		Bytes:     raw,
		Origin:    in.origin(),
		Input:     in.env.Name,
		Listener:  in.name,
		Namespace: in.env.Namespace,
		Received:  now,
		Pack:      rec.Pack,
	})
	if len(in.arena) >= batchBytes {
		in.flush()
	}
}

func (in *input) origin() string { return in.env.Name + ":" + in.name }

// lose counts records that the journal did not take.
func (in *input) lose(n int) {
	if n > 0 {
		in.env.Drop(in.origin(), ingest.NotDurable, n)
	}
}

// flush makes the batch durable.
func (in *input) flush() {
	if len(in.batch) == 0 {
		return
	}
	if in.refused = in.emit(); in.refused != nil {
		return
	}
	clear(in.batch)
	in.batch, in.arena = in.batch[:0], in.arena[:0]
}

// countDrops asks the kernel how many packets found the ring full.
func (in *input) countDrops() {
	_, s, err := in.ring.SocketStats()
	if err != nil {
		return
	}
	if n := s.Drops(); n > in.drops {
		in.env.Drop(in.origin(), "kernel", int(n-in.drops))
		in.drops = n
		if !in.told {
			in.told = true
			in.env.Log.Warn("packets were dropped because the ring was full; raise ring_mib or set a filter", "input", in.env.Name)
		}
	}
}
