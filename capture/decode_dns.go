package capture

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/miekg/dns"

	"sluice/event"
)

const (
	dnsPort       = 53
	dnsStreamMax  = 16 << 10 // bytes read of each direction of a TCP connection; zone transfers are longer and not wanted whole
	dnsPendingMax = 8        // segments kept that came too early
	dnsAnswersMax = 64       // answers in a record; answers_total says how many there were
	dnsDataMax    = 1024     // bytes of one answer's data in a record, so that no message makes a record over 256 KiB
)

var _ = register(decoder{
	name:   "dns",
	wants:  func(v *view) bool { return v.sport == dnsPort || v.dport == dnsPort },
	decode: decodeDNS,
})

func decodeDNS(e *Engine, f *flow, from int, v *view) {
	switch {
	case v.proto == protoUDP && len(v.payload) > 0:
		e.dnsMessage(v, v.payload)
	case v.proto == protoTCP:
		s, _ := f.app.(*[2]dnsStream)
		if s == nil {
			s = new([2]dnsStream)
			f.app = s
		}
		s[from].take(v, func(message []byte) { e.dnsMessage(v, message) })
		if e.keep(f, int64(s[0].size()+s[1].size())); e.table.kept > maxKept { // it is read no more
			e.stats.BadMessages++
			s[0], s[1] = dnsStream{done: true, started: true}, dnsStream{done: true, started: true}
			e.keep(f, 0)
		}
	}
}

// dnsStream puts one direction of a TCP connection in order and cuts it into
// messages by their two-byte length (RFC 1035 section 4.2.2).
type dnsStream struct {
	next    uint32 // sequence number that is awaited
	started bool
	done    bool // enough was read, or it is no DNS
	taken   int
	buf     []byte
	pending []dnsSegment
}

type dnsSegment struct {
	seq  uint32
	data []byte
}

func (s *dnsStream) size() int {
	n := cap(s.buf)
	for i := range s.pending {
		n += len(s.pending[i].data)
	}
	return n
}

func (s *dnsStream) take(v *view, message func([]byte)) {
	seq := v.seq
	if v.flags&tcpSYN != 0 {
		seq++ // of the first byte, which may come with it (RFC 7413)
		if repeat := s.started && s.next-seq == uint32(s.taken); !repeat {
			*s = dnsStream{next: seq, started: true}
		}
	}
	switch {
	case s.done || len(v.payload) == 0:
		return
	case !s.started:
		s.next, s.started = seq, true
	}
	if ahead := int32(seq - s.next); ahead > 0 {
		if len(s.pending) < dnsPendingMax && ahead < dnsStreamMax {
			s.pending = append(s.pending, dnsSegment{seq, append([]byte(nil), v.payload...)})
		}
		return
	}
	s.add(seq, v.payload)
	for moved := true; moved; {
		moved = false
		for i, p := range s.pending {
			if int32(p.seq-s.next) <= 0 {
				s.pending = append(s.pending[:i], s.pending[i+1:]...)
				s.add(p.seq, p.data)
				moved = true
				break
			}
		}
	}
	s.cut(message)
	if s.taken >= dnsStreamMax {
		*s = dnsStream{done: true, started: true}
	}
}

// add takes the part of a segment that is new.
func (s *dnsStream) add(seq uint32, data []byte) {
	skip := int(int32(s.next - seq))
	if skip < 0 || skip >= len(data) {
		return
	}
	data = data[skip:]
	s.next += uint32(len(data))
	s.taken += len(data)
	s.buf = append(s.buf, data...)
}

func (s *dnsStream) cut(message func([]byte)) {
	for len(s.buf) >= 2 {
		n := int(binary.BigEndian.Uint16(s.buf))
		if n < 12 { // a header alone is 12: this is no DNS
			*s = dnsStream{done: true, started: true}
			return
		}
		if len(s.buf) < 2+n {
			return
		}
		message(s.buf[2 : 2+n])
		s.buf = s.buf[2+n:]
	}
}

// dnsMessage writes the record of one message.
func (e *Engine) dnsMessage(v *view, wire []byte) {
	var m dns.Msg
	if err := m.Unpack(wire); err != nil {
		e.stats.BadMessages++
		return
	}
	client := netip.AddrPortFrom(netip.AddrFrom16(v.src).Unmap(), v.sport)
	server := netip.AddrPortFrom(netip.AddrFrom16(v.dst).Unmap(), v.dport)
	kind := "query"
	if m.Response {
		client, server, kind = server, client, "answer"
	}
	b := append(e.buf[:0], `{"type":"dns"`...)
	b = appendTime(b, "time", v.time)
	b = appendProtocol(b, v.proto)
	b = appendEnd(b, "src", client, true)
	b = appendEnd(b, "dst", server, true)
	b = appendUint(b, "id", uint64(m.Id))
	b = appendString(b, "op", name(dns.OpcodeToString, m.Opcode))
	b = appendString(b, "qr", kind)
	if len(m.Question) > 0 {
		q := m.Question[0]
		b = append(b, `,"question":{"name":`...)
		b = event.AppendString(b, domain(q.Name))
		b = appendString(b, "type", dns.Type(q.Qtype).String())
		b = appendString(b, "class", dns.Class(q.Qclass).String())
		b = append(b, '}')
	}
	if m.Response {
		b = appendString(b, "rcode", name(dns.RcodeToString, m.Rcode))
	}
	b = appendDNSFlags(b, &m)
	if len(m.Answer) > 0 {
		b = appendAnswers(b, m.Answer)
	}
	if v.iface != "" {
		b = appendString(b, "interface", v.iface)
	}
	e.buf = append(b, '}')
	e.message("sluice_dns", v)
}

func appendDNSFlags(b []byte, m *dns.Msg) []byte {
	b = append(b, `,"flags":[`...)
	n := len(b)
	for _, f := range [...]struct {
		on   bool
		name string
	}{
		{m.Authoritative, `"AA"`},
		{m.Truncated, `"TC"`},
		{m.RecursionDesired, `"RD"`},
		{m.RecursionAvailable, `"RA"`},
		{m.AuthenticatedData, `"AD"`},
		{m.CheckingDisabled, `"CD"`},
	} {
		if !f.on {
			continue
		}
		if len(b) > n {
			b = append(b, ',')
		}
		b = append(b, f.name...)
	}
	return append(b, ']')
}

func appendAnswers(b []byte, answers []dns.RR) []byte {
	b = append(b, `,"answers":[`...)
	for i, rr := range answers {
		if i == dnsAnswersMax {
			break
		}
		if i > 0 {
			b = append(b, ',')
		}
		h := rr.Header()
		b = append(b, `{"name":`...)
		b = event.AppendString(b, domain(h.Name))
		b = appendString(b, "type", dns.Type(h.Rrtype).String())
		b = appendString(b, "class", dns.Class(h.Class).String())
		b = appendUint(b, "ttl", uint64(h.Ttl))
		b = append(appendString(b, "data", answerData(rr)), '}')
	}
	b = append(b, ']')
	if len(answers) > dnsAnswersMax {
		b = appendUint(b, "answers_total", uint64(len(answers)))
	}
	return b
}

// answerData is what the answer says, in the words of a zone file.
func answerData(rr dns.RR) string {
	if rr.Header().Rdlength == 0 { // an update says so what is to go (RFC 2136, 2.5)
		return ""
	}
	var s string
	switch rr := rr.(type) {
	case *dns.A:
		return rr.A.String()
	case *dns.AAAA:
		return rr.AAAA.String()
	case *dns.CNAME:
		return domain(rr.Target)
	case *dns.NS:
		return domain(rr.Ns)
	case *dns.PTR:
		return domain(rr.Ptr)
	case *dns.MX:
		return strconv.Itoa(int(rr.Preference)) + " " + domain(rr.Mx)
	case *dns.TXT:
		s = strings.Join(rr.Txt, "")
	case *dns.NULL:
		s = fmt.Sprintf(`\# %d %x`, len(rr.Data), rr.Data)
	case *dns.RFC3597: // of a type without a name
		s = fmt.Sprintf(`\# %d %s`, len(rr.Rdata)/2, rr.Rdata)
	default:
		s = strings.TrimPrefix(rr.String(), rr.Header().String())
	}
	if len(s) > dnsDataMax {
		s = s[:dnsDataMax]
	}
	return s
}

// domain drops the root's dot, as ECS writes names.
func domain(s string) string {
	if len(s) > 1 {
		return strings.TrimSuffix(s, ".")
	}
	return s
}

func name(names map[int]string, n int) string {
	if s, ok := names[n]; ok {
		return s
	}
	return strconv.Itoa(n)
}
