package netflow

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/netsampler/goflow2/v2/decoders/sflow"

	"sluice/event"
)

// sflow reads samples of packets and of counters. Their members have the names of the
// same information elements; a packet stands for sampling_interval packets.
//
//	0       4       8               | 24       | 28     | 32     | 36
//	| 5     | kind  | agent, 4 or 16| sub-agent|sequence| uptime | samples: format, length, ...
func (d *decoder) sflow(peer netip.AddrPort, b []byte, now time.Time) bool {
	if len(b) < 8 {
		return false
	}
	size := map[uint32]int{1: 4, 2: 16}[binary.BigEndian.Uint32(b[4:])]
	if size == 0 || len(b) < 8+size+16 {
		return false
	}
	agent, _ := netip.AddrFromSlice(b[8 : 8+size])
	b = b[8+size:]
	number, count := binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[12:])
	h := header{peer: peer, version: 5, domain: binary.BigEndian.Uint32(b), uptime: binary.BigEndian.Uint32(b[8:])}
	well := d.samples(&h, agent, b[16:], count)
	d.order.see(numbered{
		id: sequenceID{agent, "sflow", h.domain}, port: peer.Port(), unit: unitDatagrams, number: number, step: 1,
	}, d.origin, now)
	return well
}

// samples walks the samples of a datagram; false: one does not hold what it promises. What was read of
// it and the others are good.
func (d *decoder) samples(h *header, agent netip.Addr, b []byte, count uint32) bool {
	well := true
	for ; count > 0; count-- {
		if len(b) < 8 {
			return false
		}
		head := sflow.SampleHeader{Format: binary.BigEndian.Uint32(b), Length: binary.BigEndian.Uint32(b[4:])}
		if b = b[8:]; uint64(head.Length) > uint64(len(b)) {
			return false
		}
		body := b[:head.Length]
		b = b[head.Length:]
		switch {
		case head.Format == 0 || head.Format > sflow.SAMPLE_FORMAT_DROP: // of a vendor: its length is there to pass it over
			continue
		case head.Format == sflow.SAMPLE_FORMAT_EXPANDED_FLOW && len(body) >= 44 && uint64(binary.BigEndian.Uint32(body[40:])) > uint64(len(body)/8):
			well = false // the decoder makes room for as many records as are promised, up to 4 billion
			continue
		}
		s, err := sflow.DecodeSample(&head, bytes.NewBuffer(body))
		well = well && err == nil
		switch s := s.(type) {
		case sflow.FlowSample:
			d.sample(h, agent, sampled{s.SamplingRate, 0, compact(s.Input), compact(s.Output)}, s.Records)
		case sflow.ExpandedFlowSample:
			d.sample(h, agent, sampled{s.SamplingRate, 0, port{s.InputIfFormat, s.InputIfValue}, port{s.OutputIfFormat, s.OutputIfValue}}, s.Records)
		case sflow.DropSample:
			d.sample(h, agent, sampled{0, s.Reason, compact(s.Input), compact(s.Output)}, s.Records)
		case sflow.CounterSample:
			d.counters(h, agent, s.Records)
		}
	}
	return well
}

// sampled is what a sample says of its packet's way.
type sampled struct {
	rate, reason uint32
	in, out      port
}

// port is an interface, or why there is none (sFlow 5, 5.3).
type port struct{ format, value uint32 }

// compact is a port in 32 bits, two of them the format.
func compact(n uint32) port { return port{n >> 30, n & 0x3fffffff} }

// index is the number of the one interface; ok: there is one, and it is known.
func (p port) index() (n uint32, ok bool) {
	return p.value, p.format == 0 && p.value != 0 && p.value != 0x3fffffff && p.value < 1<<31
}

func (d *decoder) openSample(typ string, h *header, agent netip.Addr) []byte {
	b := d.open(typ, h)
	if agent.IsValid() {
		b = append(appendKey(b, "agent_address"), '"')
		b = append(agent.AppendTo(b), '"')
	}
	return b
}

func (d *decoder) sample(h *header, agent netip.Addr, s sampled, records []sflow.FlowRecord) {
	d.records++
	b := d.openSample("sflow_flow", h, agent)
	if s.rate > 0 {
		b = appendUint(b, "sampling_interval", uint64(s.rate))
	}
	if n, ok := s.in.index(); ok {
		b = appendUint(b, "ingress_interface", uint64(n))
	}
	if n, ok := s.out.index(); ok {
		b = appendUint(b, "egress_interface", uint64(n))
	}
	const discarded = 1 // the format of a port whose value is the reason
	if s.reason == 0 && s.out.format == discarded {
		s.reason = s.out.value
	}
	if s.reason > 0 {
		b = appendUint(b, "drop_reason", uint64(s.reason))
	}
	var f frame
	for _, r := range records {
		b = f.add(b, r.Data)
	}
	d.buf = append(f.write(b), '}', '}')
	d.emit("sample")
}

// add notes what a record says of the sampled packet, or writes what it says of its way.
func (f *frame) add(b []byte, data any) []byte {
	switch r := data.(type) {
	case sflow.SampledHeader:
		f.length = r.FrameLength
		switch r.Protocol {
		case 1:
			f.ethernet(r.HeaderData)
		case 11:
			f.ip(r.HeaderData, 4)
		case 12:
			f.ip(r.HeaderData, 6)
		}
	case sflow.SampledEthernet:
		if f.srcMAC == nil {
			f.srcMAC, f.dstMAC, f.etherType = r.SrcMac, r.DstMac, uint16(r.EthType)
		}
		f.length = max(f.length, r.Length)
	case sflow.SampledIPv4:
		f.base(&r.SampledIPBase)
		f.tos = uint8(r.Tos)
	case sflow.SampledIPv6:
		f.base(&r.SampledIPBase)
	case sflow.ExtendedSwitch:
		if f.vlan == 0 {
			f.vlan = uint16(r.SrcVlan & 0xfff)
		}
		if r.DstVlan&0xfff != 0 {
			b = appendUint(b, "post_vlan_id", uint64(r.DstVlan&0xfff))
		}
	case sflow.ExtendedRouter:
		if a, ok := netip.AddrFromSlice(r.NextHop); ok {
			b = appendAddr(b, "ip_next_hop", a)
		}
		b = appendUint(b, "source_prefix_length", uint64(r.SrcMaskLen))
		b = appendUint(b, "destination_prefix_length", uint64(r.DstMaskLen))
	case sflow.ExtendedGateway:
		b = appendUint(b, "bgp_source_as_number", uint64(r.SrcAS))
		if n := len(r.ASPath); n > 0 {
			b = appendUint(b, "bgp_destination_as_number", uint64(r.ASPath[n-1]))
		}
	case sflow.ExtendedACL:
		b = event.AppendString(appendKey(b, "acl_name"), text([]byte(r.Name)))
	case sflow.ExtendedFunction:
		b = event.AppendString(appendKey(b, "drop_function"), text([]byte(r.Symbol)))
	}
	return b
}

// counters writes what an agent counted on one interface.
func (d *decoder) counters(h *header, agent netip.Addr, records []sflow.CounterRecord) {
	for _, r := range records {
		c, ok := r.Data.(sflow.IfCounters)
		if !ok {
			continue
		}
		d.records++
		b := d.openSample("sflow_counters", h, agent)
		for _, f := range [...]struct {
			name string
			n    uint64
		}{
			{"if_index", uint64(c.IfIndex)},
			{"if_type", uint64(c.IfType)},
			{"if_speed", c.IfSpeed},
			{"if_direction", uint64(c.IfDirection)},
			{"if_status", uint64(c.IfStatus)},
			{"if_in_octets", c.IfInOctets},
			{"if_in_ucast_pkts", uint64(c.IfInUcastPkts)},
			{"if_in_multicast_pkts", uint64(c.IfInMulticastPkts)},
			{"if_in_broadcast_pkts", uint64(c.IfInBroadcastPkts)},
			{"if_in_discards", uint64(c.IfInDiscards)},
			{"if_in_errors", uint64(c.IfInErrors)},
			{"if_in_unknown_protos", uint64(c.IfInUnknownProtos)},
			{"if_out_octets", c.IfOutOctets},
			{"if_out_ucast_pkts", uint64(c.IfOutUcastPkts)},
			{"if_out_multicast_pkts", uint64(c.IfOutMulticastPkts)},
			{"if_out_broadcast_pkts", uint64(c.IfOutBroadcastPkts)},
			{"if_out_discards", uint64(c.IfOutDiscards)},
			{"if_out_errors", uint64(c.IfOutErrors)},
			{"if_promiscuous_mode", uint64(c.IfPromiscuousMode)},
		} {
			b = appendUint(b, f.name, f.n)
		}
		d.buf = append(b, '}', '}')
		d.emit("counters")
	}
}
