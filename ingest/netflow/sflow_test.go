package netflow

import "testing"

// sflow5 is a datagram of samples, each behind its format.
func sflow5(samples ...packer) []byte {
	p := packer{}.u32(5, 1).addr("192.0.2.77").u32(0, 1, 1000, int64(len(samples)))
	for _, s := range samples {
		p = append(p, s[:4]...)
		p = append(p.u32(int64(len(s)-4)), s[4:]...)
	}
	return p
}

// ipSample are the interfaces and records of a sampled packet.
func ipSample(head packer, more ...packer) packer {
	ip := packer{}.u32(3, 32, 100, 17).addr("198.51.100.7").addr("203.0.113.9").u32(5000, 53, 0, 0)
	head = append(head.u32(int64(1+len(more))), ip...)
	for _, m := range more {
		head = append(head, m...)
	}
	return head
}

// TestSFlowInterfaces: a packet that went to many interfaces or to none has no interface of such a number.
func TestSFlowInterfaces(t *testing.T) {
	r := newReading(t, nil)
	compact := func(in, out int64) packer { return ipSample(packer{}.u32(1, 1, 5, 512, 1000, 0, in, out)) }
	expanded := func(in, format, out int64) packer {
		return ipSample(packer{}.u32(3, 1, 0, 5, 512, 1000, 0, 0, in, format, out))
	}
	r.take(sflow5(compact(7, 8), compact(7, 0x40000000|13), compact(7, 0x80000000|3), compact(7, 0x3fffffff),
		expanded(7, 0, 8), expanded(7, 1, 13), expanded(7, 2, 3), expanded(7, 0, 0x3fffffff)))
	for i := 0; i < 8; i += 4 {
		r.want(i, "netflow.ingress_interface=7", "netflow.egress_interface=8", "netflow.drop_reason=<nil>", "netflow.destination_transport_port=53")
		r.want(i+1, "netflow.ingress_interface=7", "netflow.egress_interface=<nil>", "netflow.drop_reason=13")
		r.want(i+2, "netflow.ingress_interface=7", "netflow.egress_interface=<nil>", "netflow.drop_reason=<nil>")
		r.want(i+3, "netflow.ingress_interface=7", "netflow.egress_interface=<nil>", "netflow.drop_reason=<nil>")
	}
	r.wantDrops(nil)
}

// TestSFlowGoesOn: a sample that nobody here knows, or that is broken, takes none behind it along.
func TestSFlowGoesOn(t *testing.T) {
	r := newReading(t, nil)
	good := ipSample(packer{}.u32(1, 1, 5, 512, 1000, 0, 7, 8))
	r.take(sflow5(packer{}.u32(4300<<12|1002, 1, 2, 3), good)) // metrics, as host-sflow sends them
	r.want(0, "netflow.source_ipv4_address=198.51.100.7")
	r.wantDrops(nil)
	gateway := packer{}.u32(1003, 8, 1, 0x0a000001) // cut short
	r.take(sflow5(ipSample(packer{}.u32(1, 1, 5, 512, 1000, 0, 7, 8), gateway), good))
	r.want(1, "netflow.source_ipv4_address=198.51.100.7", "netflow.sampling_interval=512")
	r.want(2, "netflow.source_ipv4_address=198.51.100.7")
	r.wantDrops(map[string]int{dropMalformed: 1})
	r.take(sflow5(good, good)[:len(sflow5(good))+20]) // cut in the second
	r.want(3, "netflow.source_ipv4_address=198.51.100.7")
	many := packer{}.u32(3, 1, 0, 5, 512, 1000, 0, 0, 7, 0, 8, 1<<31) // room for so many records is not made
	r.take(sflow5(many, good))
	r.want(4, "netflow.source_ipv4_address=198.51.100.7")
	r.wantDrops(map[string]int{dropMalformed: 3})
}
