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
func (d *decoder) sflow(peer netip.AddrPort, b []byte, now time.Time) bool {
	if !countsHold(b) {
		return false
	}
	var p sflow.Packet
	// What was decoded before a fault is good.
	err := sflow.DecodeMessageVersion(bytes.NewBuffer(b), &p)
	h := header{peer: peer, version: 5, domain: p.SubAgentId, uptime: p.Uptime}
	agent, _ := netip.AddrFromSlice(p.AgentIP)
	for _, s := range p.Samples {
		switch s := s.(type) {
		case sflow.FlowSample:
			d.sample(&h, agent, s.SamplingRate, s.Input, s.Output, 0, s.Records)
		case sflow.ExpandedFlowSample:
			d.sample(&h, agent, s.SamplingRate, s.InputIfValue, s.OutputIfValue, 0, s.Records)
		case sflow.DropSample:
			d.sample(&h, agent, 0, s.Input, s.Output, s.Reason, s.Records)
		case sflow.CounterSample:
			d.counters(&h, agent, s.Records)
		}
	}
	if agent.IsValid() { // the agent's address stands before the number
		d.order.see(numbered{
			id: sequenceID{agent, "sflow", p.SubAgentId}, port: peer.Port(), unit: unitDatagrams, number: p.SequenceNumber, step: 1,
		}, d.origin, now)
	}
	return err == nil
}

// countsHold keeps the decoder from making room for more records than a sample has
// bytes for: it believes the count of an expanded sample, up to 4 billion.
func countsHold(b []byte) bool {
	at := 28
	if len(b) >= 8 && binary.BigEndian.Uint32(b[4:]) == 2 {
		at = 40
	}
	for at+8 <= len(b) {
		format, length := binary.BigEndian.Uint32(b[at:]), int(binary.BigEndian.Uint32(b[at+4:]))
		at += 8
		if length > len(b)-at {
			return true // the decoder stops here, too
		}
		if s := b[at : at+length]; format == sflow.SAMPLE_FORMAT_EXPANDED_FLOW && len(s) >= 44 && int(binary.BigEndian.Uint32(s[40:])) > len(s)/8 {
			return false
		}
		at += length
	}
	return true
}

func (d *decoder) openSample(typ string, h *header, agent netip.Addr) []byte {
	b := d.open(typ, h)
	if agent.IsValid() {
		b = append(appendKey(b, "agent_address"), '"')
		b = append(agent.AppendTo(b), '"')
	}
	return b
}

// unknownInterface says that there is none, or several (sFlow 5, 5.3).
func unknownInterface(n uint32) bool { return n == 0 || n == 0x3fffffff || n >= 0x80000000 }

func (d *decoder) sample(h *header, agent netip.Addr, rate, in, out, reason uint32, records []sflow.FlowRecord) {
	d.records++
	b := d.openSample("sflow_flow", h, agent)
	if rate > 0 {
		b = appendUint(b, "sampling_interval", uint64(rate))
	}
	if !unknownInterface(in) {
		b = appendUint(b, "ingress_interface", uint64(in))
	}
	if !unknownInterface(out) {
		b = appendUint(b, "egress_interface", uint64(out))
	}
	if reason > 0 {
		b = appendUint(b, "drop_reason", uint64(reason))
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
