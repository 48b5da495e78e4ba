package netflow

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/netsampler/goflow2/v2/decoders/netflowlegacy"
)

// v5 has one fixed record; it is written with the names of the same elements.
func (d *decoder) v5(peer netip.AddrPort, b []byte, now time.Time) bool {
	const headerBytes, recordBytes, most = 24, 48, 30
	if len(b) < headerBytes {
		return false
	}
	count := int(binary.BigEndian.Uint16(b[2:]))
	if count > most {
		return false
	}
	// The decoder believes the count: it is held to what is there.
	there := min(count, (len(b)-headerBytes)/recordBytes)
	binary.BigEndian.PutUint16(b[2:], uint16(there))
	var p netflowlegacy.PacketNetFlowV5
	if err := netflowlegacy.DecodeMessageVersion(bytes.NewBuffer(b), &p); err != nil {
		return false
	}
	h := header{
		peer: peer, version: 5, domain: uint32(p.EngineType)<<8 | uint32(p.EngineId), hasUptime: true,
		uptime: p.SysUptime, exported: int64(p.UnixSecs)*1e9 + int64(min(p.UnixNSecs, 999_999_999)),
	}
	for i := range p.Records {
		d.v5Record(&h, &p, &p.Records[i])
	}
	d.order.see(numbered{
		id: sequenceID{peer.Addr(), "v5", h.domain}, port: peer.Port(), unit: unitFlows,
		number: p.FlowSequence, step: uint32(count), other: 1,
	}, d.origin, now)
	return there == count
}

func (d *decoder) v5Record(h *header, p *netflowlegacy.PacketNetFlowV5, r *netflowlegacy.RecordsNetFlowV5) {
	b := d.open("netflow_flow", h)
	address := func(name string, a netflowlegacy.IPAddress) {
		b = appendValue(appendKey(b, name), kindIPv4, binary.BigEndian.AppendUint32(nil, uint32(a)))
	}
	address("source_ipv4_address", r.SrcAddr)
	address("destination_ipv4_address", r.DstAddr)
	address("ip_next_hop_ipv4_address", r.NextHop)
	for _, f := range [...]struct {
		name string
		n    uint32
	}{
		{"ingress_interface", uint32(r.Input)},
		{"egress_interface", uint32(r.Output)},
		{"packet_delta_count", r.DPkts},
		{"octet_delta_count", r.DOctets},
		{"flow_start_sys_up_time", r.First},
		{"flow_end_sys_up_time", r.Last},
		{"source_transport_port", uint32(r.SrcPort)},
		{"destination_transport_port", uint32(r.DstPort)},
		{"tcp_control_bits", uint32(r.TCPFlags)},
		{"protocol_identifier", uint32(r.Proto)},
		{"ip_class_of_service", uint32(r.Tos)},
		{"bgp_source_as_number", uint32(r.SrcAS)},
		{"bgp_destination_as_number", uint32(r.DstAS)},
		{"source_ipv4_prefix_length", uint32(r.SrcMask)},
		{"destination_ipv4_prefix_length", uint32(r.DstMask)},
		{"engine_type", uint32(p.EngineType)},
		{"engine_id", uint32(p.EngineId)},
		{"sampling_interval", uint32(p.SamplingInterval & 0x3fff)}, // two bits above are the mode
	} {
		b = appendUint(b, f.name, uint64(f.n))
	}
	d.values = record{startUp: int64(r.First), endUp: int64(r.Last), duration: -1}
	d.buf = d.values.close(append(b, '}'), h)
	d.emit("flow")
}
