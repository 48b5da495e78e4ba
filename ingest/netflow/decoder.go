package netflow

import (
	"bytes"
	"encoding/binary"
	"log/slog"
	"net/netip"
	"time"

	"github.com/netsampler/goflow2/v2/decoders/netflow"

	"sluice/internal/metrics"
)

const (
	v9Header    = 20
	ipfixHeader = 16
	setHeader   = 4
	// maxRecords of one datagram, or of one set that waited: the shortest record of a real template has 20 bytes.
	maxRecords = 4096
)

// header is what a datagram says of all its records.
type header struct {
	peer      netip.AddrPort
	version   uint16
	domain    uint32
	hasUptime bool
	uptime    uint32 // ms since the exporter booted
	exported  int64  // unix ns
}

// decoder turns datagrams into records. It belongs to one goroutine at a time.
type decoder struct {
	input  string
	memory *memory
	held   held
	order  sequences
	sink   func(kind string, json []byte) // does not keep json
	drop   func(origin, reason string, n int)

	origin  string // of the present datagram
	records int    // made of it
	own     int    // of them, those of its data sets
	unread  bool   // it has data sets whose records are not known
	buf     []byte
	values  record
}

func newDecoder(s *Settings, input string, sink func(string, []byte), drop func(string, string, int)) *decoder {
	return &decoder{
		input: input, memory: newMemory(s, input), held: held{max: s.Hold, waiting: map[awaited]int{}}, sink: sink, drop: drop,
		order: sequences{
			input: input, max: s.MaxExporters, log: slog.New(slog.DiscardHandler),
			all: map[sequenceID]*sequence{}, missed: map[string]int{},
		},
	}
}

// datagram takes one datagram. It never fails: what does not decode is counted.
func (d *decoder) datagram(peer netip.AddrPort, origin string, b []byte, now time.Time) {
	d.origin, d.records, d.own, d.unread = origin, 0, 0, false
	defer func() {
		if recover() != nil {
			d.drop(origin, dropPanic, 1)
		}
	}()
	d.expire(now)
	if len(b) < 4 {
		d.drop(origin, dropMalformed, 1)
		return
	}
	protocol, ok := "", false
	switch binary.BigEndian.Uint16(b) {
	case 5:
		protocol, ok = "v5", d.v5(peer, b, now)
	case 9:
		protocol, ok = "v9", d.v9(peer, b, now)
	case 10:
		protocol, ok = "ipfix", d.ipfix(peer, b, now)
	case 0: // the first half of sFlow's 32 bits
		if binary.BigEndian.Uint32(b) == 5 {
			protocol, ok = "sflow", d.sflow(peer, b, now)
		}
	}
	switch {
	case protocol == "":
		d.drop(origin, dropVersion, 1)
	case !ok:
		d.drop(origin, dropMalformed, 1)
		fallthrough
	default:
		metrics.NetflowDatagrams.WithLabelValues(d.input, protocol).Inc()
	}
}

// end counts what never found its template.
func (d *decoder) end() {
	for _, s := range d.held.sets {
		d.drop(s.origin, dropNoTemplate, 1)
	}
	d.held.clear()
	metrics.NetflowHeld.WithLabelValues(d.input).Set(0)
}

//	 0       2       4         8        12        16        20
//	| 9     | count | uptime  | unix s  | sequence| source  | sets ...
//
// Count is of records; there are never more sets than that, and what follows them in
// a datagram is filling.
func (d *decoder) v9(peer netip.AddrPort, b []byte, now time.Time) bool {
	if len(b) < v9Header {
		return false
	}
	h := header{
		peer: peer, version: 9, domain: binary.BigEndian.Uint32(b[16:]),
		hasUptime: true, uptime: binary.BigEndian.Uint32(b[4:]), exported: int64(binary.BigEndian.Uint32(b[8:])) * 1e9,
	}
	well := d.sets(&h, b[v9Header:], int(binary.BigEndian.Uint16(b[2:])), now)
	d.order.see(numbered{
		id: sequenceID{peer.Addr(), "v9", h.domain}, port: peer.Port(), unit: unitDatagrams,
		number: binary.BigEndian.Uint32(b[12:]), step: 1, other: uint32(d.own),
	}, d.origin, now)
	return well
}

//	0       2       4          8          12         16
//
// | 10    | length| export s | sequence | domain   | sets ...
func (d *decoder) ipfix(peer netip.AddrPort, b []byte, now time.Time) bool {
	if len(b) < ipfixHeader {
		return false
	}
	h := header{
		peer: peer, version: 10, domain: binary.BigEndian.Uint32(b[12:]), exported: int64(binary.BigEndian.Uint32(b[4:])) * 1e9,
	}
	number, length := binary.BigEndian.Uint32(b[8:]), int(binary.BigEndian.Uint16(b[2:]))
	whole := length >= ipfixHeader && length <= len(b)
	if whole {
		b = b[:length]
	}
	well := d.sets(&h, b[ipfixHeader:], maxDatagram, now) && whole
	d.order.see(numbered{
		id: sequenceID{peer.Addr(), "ipfix", h.domain}, port: peer.Port(), unit: unitFlows,
		number: number, step: uint32(d.own), other: 1, open: d.unread || !well,
	}, d.origin, now)
	return well
}

// sets walks the sets of a message; false: one of them does not hold what it promises.
func (d *decoder) sets(h *header, b []byte, most int, now time.Time) bool {
	x := d.memory.exporter(exporterID{h.peer.Addr(), h.version, h.domain})
	well := true
	for i := 0; i < most && len(b) >= setHeader; i++ {
		id, length := binary.BigEndian.Uint16(b), int(binary.BigEndian.Uint16(b[2:]))
		if length < setHeader || length > len(b) {
			return false
		}
		body := b[setHeader:length]
		b = b[length:]
		switch {
		case id >= 256:
			if t := d.memory.get(x, id); t != nil {
				before := d.records
				well = d.data(h, x, t, body) && well
				d.own += d.records - before
			} else {
				d.unread = true
				d.hold(h, id, body, now)
			}
		case h.version == 9 && id == 0, h.version == 10 && id == 2:
			well = d.templates(h, x, body) && well
		case h.version == 9 && id == 1:
			well = d.optionsV9(x, body) && well
		case h.version == 10 && id == 3:
			well = d.optionsIPFIX(x, body) && well
		}
	}
	return well
}

func (d *decoder) templates(h *header, x *exporter, body []byte) bool {
	all, err := netflow.DecodeTemplateSet(h.version, bytes.NewBuffer(body))
	for _, r := range all {
		if len(r.Fields) == 0 { // withdrawn (RFC 7011, 8.1), or filling
			d.memory.remove(x, r.TemplateId)
			continue
		}
		d.learn(x, r.TemplateId, nil, r.Fields, false)
	}
	return err == nil
}

func (d *decoder) optionsV9(x *exporter, body []byte) bool {
	all, err := netflow.DecodeNFv9OptionsTemplateSet(bytes.NewBuffer(body))
	for _, r := range all {
		d.learn(x, r.TemplateId, r.Scopes, r.Options, true)
	}
	return err == nil || len(all) > 0 // up to 3 bytes of filling are read as one more
}

func (d *decoder) optionsIPFIX(x *exporter, body []byte) bool {
	all, err := netflow.DecodeIPFIXOptionsTemplateSet(bytes.NewBuffer(body))
	for _, r := range all {
		d.learn(x, r.TemplateId, r.Scopes, r.Options, true)
	}
	return err == nil || len(all) > 0
}

// learn remembers a template and reads what waited for it.
func (d *decoder) learn(x *exporter, id uint16, scope, fields []netflow.Field, options bool) {
	if id < 256 {
		return // filling
	}
	t := newTemplate(x.id.version, id, scope, fields, options)
	if t == nil {
		d.drop(d.origin, dropTemplate, 1)
		return
	}
	d.memory.put(x, t)
	records := d.records
	for _, s := range d.held.take(awaited{x.id, id}) {
		d.records = 0
		if !d.data(&s.header, x, t, s.body) {
			d.drop(s.origin, dropMalformed, 1)
		}
	}
	d.records = records
	metrics.NetflowHeld.WithLabelValues(d.input).Set(float64(d.held.bytes))
}

// data reads the records of a set. What is left behind the last is filling.
func (d *decoder) data(h *header, x *exporter, t *template, b []byte) bool {
	for len(b) >= t.least {
		n, ok := t.length(b)
		if !ok {
			return allZero(b)
		}
		if d.records >= maxRecords {
			return false
		}
		values, err := netflow.DecodeDataSetUsingFields(h.version, bytes.NewBuffer(b[:n:n]), t.fields)
		if err != nil {
			return false
		}
		b = b[n:]
		d.records++
		if t.options {
			d.options(h, x, t, values)
		} else {
			d.flow(h, x, t, values)
		}
	}
	return true
}

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

func (d *decoder) emit(kind string) {
	d.sink(kind, d.buf)
}
