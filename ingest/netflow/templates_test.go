package netflow

import "testing"

// TestFieldsOfNoBytes: a template may promise any number of them, and a record of one byte more would be
// as long as all their names.
func TestFieldsOfNoBytes(t *testing.T) {
	r := newReading(t, nil)
	const fields, records = 1000, 1000
	wide := packer{}.u16(256, fields+1, 4, 1)
	for range fields {
		wide = wide.u16(371, 0) // userName
	}
	r.take(v9(2, set(0, wide), set(256, make(packer, records))))
	size := 0
	for _, doc := range r.json {
		size += len(doc)
	}
	if len(r.docs) != records || size > 1000*records {
		t.Errorf("%d bytes of %d records", size, len(r.docs))
	}
	// One of no bytes in front is no scope either.
	r.take(v9(2, set(1, packer{}.u16(257, 8, 4, 4, 0, 2, 4, 34, 4)), set(257, packer{}.u32(3, 1000))))
	r.want(records, "netflow.scope.interface=3", "netflow.options.sampling_interval=1000")
}

// TestSamplingOfPopulation: so many of so many packets, as IPFIX has it (RFC 5476, 6.5.2.3).
func TestSamplingOfPopulation(t *testing.T) {
	r := newReading(t, nil)
	r.take(ipfix(set(3, packer{}.u16(260, 3, 1, 302, 4, 309, 4, 310, 4)), set(260, packer{}.u32(9, 2, 1000)),
		set(2, packer{}.u16(256, 3, 8, 4, 302, 4, 4, 1)), set(256, packer{}.addr("198.51.100.7").u32(9).u8(6))))
	r.want(1, "netflow.source_ipv4_address=198.51.100.7", "netflow.sampling_interval=500")
}
