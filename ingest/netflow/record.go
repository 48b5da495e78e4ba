package netflow

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/netsampler/goflow2/v2/decoders/netflow"

	"sluice/event"
)

// record is what several elements of one record say together.
type record struct {
	start, end         int64 // unix ns; 0: not told
	startUp, endUp     int64 // ms of the exporter's uptime; -1: not told
	boot               int64 // unix ms; 0: not told
	duration           int64 // ns; -1: not told
	ingress, egress    uint64
	hasIn, hasOut      bool
	sampled            bool
	application        string
	interval, selected uint64 // of sampling
	sampler            uint64 // its number; 0: not told
	space              uint64 // packets passed over behind the selected
	name               string // of an interface or an application
	index              uint64
	hasIndex           bool
}

// flow writes the record of one flow:
//
//	{"netflow":{"type":"netflow_flow","exporter":{...},"source_ipv4_address":...},"event":{"start":...}}
func (d *decoder) flow(h *header, x *exporter, t *template, values []netflow.DataField) {
	d.values = record{startUp: -1, endUp: -1, duration: -1}
	if !h.hasUptime { // else the header tells, and the exporter may have booted since
		d.values.boot = x.boot
	}
	b := d.open("netflow_flow", h)
	for i := range values {
		b = d.element(b, h, &t.fields[i], t.elements[i], bytesOf(&values[i]))
	}
	r := &d.values
	if interval := x.interval(r.sampler); interval > 1 && !r.sampled {
		b = appendUint(b, "sampling_interval", interval)
	}
	if name := x.apps[r.application]; name != "" && r.name == "" {
		b = event.AppendString(appendKey(b, "application_name"), name)
	}
	if name := x.interfaces[r.ingress]; r.hasIn && name != "" {
		b = event.AppendString(appendKey(b, "ingress_interface_name"), name)
	}
	if name := x.interfaces[r.egress]; r.hasOut && name != "" {
		b = event.AppendString(appendKey(b, "egress_interface_name"), name)
	}
	d.buf = r.close(append(b, '}'), h)
	d.emit("flow")
}

// options writes a record of options, and learns from it what flows leave out.
func (d *decoder) options(h *header, x *exporter, t *template, values []netflow.DataField) {
	d.values = record{startUp: -1, endUp: -1, duration: -1}
	b := d.open("netflow_options", h)
	b = append(b, `,"scope":{`...)
	from := len(b)
	for i := range values {
		if i == t.scopes {
			b = append(closed(b, from), `,"options":{`...)
			from = len(b)
		}
		v := bytesOf(&values[i])
		if f := &t.fields[i]; i < t.scopes && h.version == 9 && scopes[f.Type] != "" {
			if n, ok := number(v); ok && len(v) > 0 {
				b = appendUint(b, t.elements[i].name, n)
				d.values.index, d.values.hasIndex = n, d.values.hasIndex || f.Type == scopeInterface
			}
			continue
		}
		b = d.element(b, h, &t.fields[i], t.elements[i], v)
	}
	if len(values) == t.scopes {
		b = append(closed(b, from), `,"options":{`...)
		from = len(b)
	}
	d.buf = append(closed(b, from), '}', '}')
	d.learnOptions(x)
	d.emit("options")
}

// closed ends an object whose first member was written with a comma before it.
func closed(b []byte, from int) []byte {
	if len(b) > from {
		b = append(b[:from], b[from+1:]...)
	}
	return append(b, '}')
}

const maxName = 255 // bytes of a name that is remembered

func (d *decoder) learnOptions(x *exporter) {
	r := &d.values
	if r.space > 0 {
		r.interval = r.space + r.selected // out of so many, the selected, whichever stands first
	}
	if r.interval > 0 {
		x.sampling = r.interval
		if r.selected > 1 {
			x.sampling /= r.selected
		}
		x.tellSampler(r.sampler)
	}
	if r.boot > 0 {
		x.boot = r.boot
	}
	if r.name == "" || len(r.name) > maxName {
		return
	}
	if r.hasIndex {
		d.memory.nameInterface(x, r.index, r.name)
	} else if r.application != "" && len(r.application) <= maxName {
		d.memory.nameApp(x, r.application, r.name)
	}
}

func bytesOf(v *netflow.DataField) []byte {
	b, _ := v.Value.([]byte)
	return b
}

// open begins a record.
func (d *decoder) open(typ string, h *header) []byte {
	b := append(d.buf[:0], `{"netflow":{"type":"`...)
	b = append(b, typ...)
	b = append(b, `","exporter":{"address":"`...)
	b = h.peer.AppendTo(b)
	b = append(b, `","source_id":`...)
	b = strconv.AppendUint(b, uint64(h.domain), 10)
	if h.exported > 0 {
		b = appendTime(appendKey(b, "timestamp"), h.exported)
	}
	b = appendUint(b, "uptime_millis", uint64(h.uptime))
	b = appendUint(b, "version", uint64(h.version))
	return append(b, '}')
}

// close adds what the record says of time in other words, and ends it.
func (r *record) close(b []byte, h *header) []byte {
	start, end := r.start, r.end
	if start == 0 && r.startUp >= 0 {
		start = r.at(r.startUp, h)
	}
	if end == 0 && r.endUp >= 0 {
		end = r.at(r.endUp, h)
	}
	if r.duration < 0 && start > 0 && end >= start {
		r.duration = end - start
	}
	b = append(b, `,"event":{`...)
	from := len(b)
	if start > 0 {
		b = appendTime(appendKey(b, "start"), start)
	}
	if end > 0 {
		b = appendTime(appendKey(b, "end"), end)
	}
	if r.duration >= 0 {
		b = appendUint(b, "duration", uint64(r.duration))
	}
	return append(closed(b, from), '}')
}

// at is the time of an uptime; 0: nobody told when the exporter booted.
func (r *record) at(up int64, h *header) int64 {
	switch {
	case r.boot > 0:
		ms := r.boot + up
		if behind := h.exported/1e6 - ms; h.exported > 0 && behind > 0 {
			ms += (behind + 1<<31) >> 32 << 32 // as many times its 32 bits have begun again
		}
		return ms * 1e6
	case !h.hasUptime:
		return 0
	}
	ago := int64(h.uptime) - up
	if ago < -math.MaxInt32 { // its 32 bits have begun again since (after 49.7 days)
		ago += 1 << 32
	}
	return h.exported - ago*1e6
}

// element writes one member, and notes what it means together with others.
func (d *decoder) element(b []byte, h *header, f *netflow.Field, e element, v []byte) []byte {
	if e.kind == kindList || len(v) == 0 && e.kind != kindString {
		return b
	}
	if f.Pen == 0 {
		d.values.note(f.Type, v, h)
	}
	return appendValue(appendKey(b, e.name), e.kind, v)
}

// note keeps what the elements of the registry say of time, sampling and names.
func (r *record) note(id uint16, v []byte, h *header) {
	n, _ := number(v)
	switch id {
	case 10, 252:
		r.ingress, r.hasIn = n, true
		r.index, r.hasIndex = n, true
	case 14, 253:
		r.egress, r.hasOut = n, true
	case 21:
		r.endUp = int64(n)
	case 22:
		r.startUp = int64(n)
	case 34, 50, 305, 306, 309, 310:
		r.sampled = true
		switch {
		case id == 305, id == 309:
			r.selected = n
		case id == 306:
			r.space = n
		default:
			r.interval = n
		}
	case 48, 302:
		r.sampler = n
	case 82:
		r.name = text(v)
	case 95:
		r.application = string(v)
	case 96:
		r.name = text(v)
	case 150, 151, 152, 153, 154, 155, 156, 157:
		ns := instant(v, [...]kind{kindSeconds, kindMillis, kindNTP, kindNTP}[(id-150)/2])
		if id%2 == 0 {
			r.start = ns
		} else {
			r.end = ns
		}
	case 158:
		r.start = h.exported - int64(min(n, math.MaxUint32))*1e3
	case 159:
		r.end = h.exported - int64(min(n, math.MaxUint32))*1e3
	case 160:
		if r.boot = int64(n); n > maxSeconds*1000 {
			r.boot = 0
		}
	case 161:
		r.duration = int64(min(n, math.MaxInt64/1_000_000)) * 1e6
	case 162:
		r.duration = int64(min(n, math.MaxInt64/1_000)) * 1e3
	}
}

// number reads a whole number of up to 8 bytes: exporters may send fewer than the
// element has (RFC 7011, 6.2).
func number(v []byte) (n uint64, ok bool) {
	if len(v) > 8 {
		return 0, false
	}
	for _, c := range v {
		n = n<<8 | uint64(c)
	}
	return n, true
}

const (
	// maxSeconds is the end of the year 2261, where nanoseconds since 1970 end.
	maxSeconds = 9_214_646_399
	ntpToUnix  = 2_208_988_800 // seconds from 1900 to 1970
)

// instant is a time in unix ns; 0: none.
func instant(v []byte, k kind) int64 {
	n, ok := number(v)
	switch {
	case !ok:
	case k == kindSeconds && n <= maxSeconds:
		return int64(n) * 1e9
	case k == kindMillis && n <= maxSeconds*1000:
		return int64(n) * 1e6
	case k == kindNTP && len(v) == 8 && n>>32 >= ntpToUnix:
		return int64(n>>32-ntpToUnix)*1e9 + int64(n&math.MaxUint32*1e9>>32)
	}
	return 0
}

func appendValue(b []byte, k kind, v []byte) []byte {
	switch k {
	case kindString:
		return event.AppendString(b, text(v))
	case kindIPv4, kindIPv6:
		if a, ok := netip.AddrFromSlice(v); ok {
			b = append(b, '"')
			b = a.AppendTo(b)
			return append(b, '"')
		}
	case kindMAC:
		if len(v) == 6 {
			return appendMAC(b, v)
		}
	case kindACL:
		if len(v) == 12 {
			return append(b, `"`+hex.EncodeToString(v[:4])+"-"+hex.EncodeToString(v[4:8])+"-"+hex.EncodeToString(v[8:])+`"`...)
		}
	case kindSeconds, kindMillis, kindNTP:
		if ns := instant(v, k); ns != 0 {
			return appendTime(b, ns)
		}
	case kindFloat:
		if f, ok := float(v); ok {
			return strconv.AppendFloat(b, f, 'g', -1, 64)
		}
	case kindBool: // 1 is true and 2 is false (RFC 7011, 6.1.5)
		if len(v) == 1 && v[0] <= 2 {
			return strconv.AppendBool(b, v[0] == 1)
		}
	case kindInt:
		if n, ok := number(v); ok {
			shift := 64 - 8*len(v)
			return strconv.AppendInt(b, int64(n<<shift)>>shift, 10)
		}
	case kindUint, kindUnknown:
		if n, ok := number(v); ok {
			return strconv.AppendUint(b, n, 10)
		}
		if s := text(v); k == kindUnknown && printable(s) {
			return event.AppendString(b, s)
		}
	}
	b = append(b, '"')
	b = base64.StdEncoding.AppendEncode(b, v)
	return append(b, '"')
}

// text is a text without the zeros that fill its field.
func text(v []byte) string {
	return strings.ToValidUTF8(strings.TrimRight(string(v), "\x00"), string(utf8.RuneError))
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return s != ""
}

func float(v []byte) (f float64, ok bool) {
	switch len(v) {
	case 4:
		f = float64(math.Float32frombits(binary.BigEndian.Uint32(v)))
	case 8:
		f = math.Float64frombits(binary.BigEndian.Uint64(v))
	default:
		return 0, false
	}
	return f, !math.IsNaN(f) && !math.IsInf(f, 0)
}

func appendKey(b []byte, name string) []byte {
	b = append(b, ',', '"')
	b = append(b, name...)
	return append(b, '"', ':')
}

func appendUint(b []byte, name string, n uint64) []byte {
	return strconv.AppendUint(appendKey(b, name), n, 10)
}

func appendTime(b []byte, ns int64) []byte {
	b = append(b, '"')
	b = time.Unix(0, ns).UTC().AppendFormat(b, time.RFC3339Nano)
	return append(b, '"')
}

func appendMAC(b, mac []byte) []byte {
	const digits = "0123456789abcdef"
	b = append(b, '"')
	for i, c := range mac {
		if i > 0 {
			b = append(b, ':')
		}
		b = append(b, digits[c>>4], digits[c&15])
	}
	return append(b, '"')
}
