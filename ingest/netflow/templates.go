package netflow

import (
	"container/list"
	"net/netip"
	"slices"
	"strconv"

	"github.com/netsampler/goflow2/v2/decoders/netflow"

	"sluice/internal/metrics"
)

const (
	// maxFields of a template: the widest seen have 60; a datagram could promise 16,000.
	maxFields = 1024
	// maxAllFields bounds the fields of all templates of all exporters: some 60 MB.
	maxAllFields = 1 << 20
	// maxNames bounds the names that exporters told of their interfaces and
	// applications; of one, and of all.
	maxNames    = 4096
	maxAllNames = 1 << 17
	maxSamplers = 64 // of one exporter
)

// exporterID names who counts its templates by itself. The port is not part of it:
// some exporters send from a new one after each restart, or templates from another.
type exporterID struct {
	addr    netip.Addr
	version uint16
	domain  uint32
}

// exporter is what is remembered of one.
type exporter struct {
	id        exporterID
	place     *list.Element
	templates map[uint16]*template
	used      *list.List // of template ids, the latest first
	fields    int

	sampling   uint64            // packets to one; 0: not told
	samplers   map[uint64]uint64 // the same by the number of the sampler, where an exporter has several
	boot       int64             // systemInitTimeMilliseconds, if it was told
	interfaces map[uint64]string
	apps       map[string]string
}

// tellSampler keeps the interval that was told last as that of a sampler, while there is room.
func (x *exporter) tellSampler(number uint64) {
	if x.samplers == nil {
		x.samplers = map[uint64]uint64{}
	}
	if _, had := x.samplers[number]; had || number > 0 && len(x.samplers) < maxSamplers {
		x.samplers[number] = x.sampling
	}
}

// interval is that of a sampler; of one that is not known, what the exporter told last.
func (x *exporter) interval(sampler uint64) uint64 {
	if n, ok := x.samplers[sampler]; ok {
		return n
	}
	return x.sampling
}

// template is a template as its records are read.
type template struct {
	id       uint16
	place    *list.Element
	fields   []netflow.Field
	elements []element
	scopes   int // of the fields, the first are a scope
	options  bool
	least    int // bytes of the shortest record
}

// memory is what is known of all exporters.
type memory struct {
	input                      string
	maxExporters, maxTemplates int

	exporters map[exporterID]*exporter
	used      *list.List // of *exporter, the latest first
	templates int
	fields    int
	names     int
}

func newMemory(s *Settings, input string) *memory {
	return &memory{
		input: input, maxExporters: s.MaxExporters, maxTemplates: s.MaxTemplates,
		exporters: map[exporterID]*exporter{}, used: list.New(),
	}
}

// exporter finds one, or makes it.
func (m *memory) exporter(id exporterID) *exporter {
	if x := m.exporters[id]; x != nil {
		m.used.MoveToFront(x.place)
		return x
	}
	if len(m.exporters) >= m.maxExporters {
		m.evict()
	}
	x := &exporter{id: id, templates: map[uint16]*template{}, used: list.New()}
	x.place = m.used.PushFront(x)
	m.exporters[id] = x
	m.tell()
	return x
}

// evict forgets the exporter that was silent for longest.
func (m *memory) evict() {
	x := m.used.Remove(m.used.Back()).(*exporter)
	delete(m.exporters, x.id)
	m.templates -= len(x.templates)
	m.fields -= x.fields
	m.names -= len(x.interfaces) + len(x.apps)
	metrics.NetflowEvicted.WithLabelValues(m.input, "exporter").Inc()
}

// put remembers a template, in place of the one that had its number.
func (m *memory) put(x *exporter, t *template) {
	m.remove(x, t.id)
	if len(x.templates) >= m.maxTemplates {
		m.remove(x, x.used.Back().Value.(uint16))
		metrics.NetflowEvicted.WithLabelValues(m.input, "template").Inc()
	}
	for m.fields+len(t.fields) > maxAllFields && m.used.Back() != x.place {
		m.evict()
	}
	t.place = x.used.PushFront(t.id)
	x.templates[t.id] = t
	x.fields += len(t.fields)
	m.fields += len(t.fields)
	m.templates++
	m.tell()
}

func (m *memory) get(x *exporter, id uint16) *template {
	t := x.templates[id]
	if t != nil {
		x.used.MoveToFront(t.place)
	}
	return t
}

func (m *memory) remove(x *exporter, id uint16) {
	t := x.templates[id]
	if t == nil {
		return
	}
	x.used.Remove(t.place)
	delete(x.templates, id)
	x.fields -= len(t.fields)
	m.fields -= len(t.fields)
	m.templates--
}

func (m *memory) tell() {
	metrics.NetflowExporters.WithLabelValues(m.input).Set(float64(len(m.exporters)))
	metrics.NetflowTemplates.WithLabelValues(m.input).Set(float64(m.templates))
}

// nameInterface and nameApp keep what an exporter told of its numbers, while there is room.
func (m *memory) nameInterface(x *exporter, index uint64, name string) {
	if x.interfaces == nil {
		x.interfaces = map[uint64]string{}
	}
	if _, had := x.interfaces[index]; had || m.room(x) {
		x.interfaces[index] = name
	}
}

func (m *memory) nameApp(x *exporter, id, name string) {
	if x.apps == nil {
		x.apps = map[string]string{}
	}
	if _, had := x.apps[id]; had || m.room(x) {
		x.apps[id] = name
	}
}

func (m *memory) room(x *exporter) bool {
	if len(x.interfaces)+len(x.apps) >= maxNames || m.names >= maxAllNames {
		return false
	}
	m.names++
	return true
}

// newTemplate makes a template of its fields; nil: nobody can mean it. A record of no
// bytes would never end.
func newTemplate(version, id uint16, scope, fields []netflow.Field, options bool) *template {
	t := &template{id: id, options: options}
	if len(scope)+len(fields) > maxFields {
		return nil
	}
	seen := map[string]int{}
	for i, f := range slices.Concat(scope, fields) {
		if f.Length == 0 { // they say nothing, and any number of them would be read of each record
			continue
		}
		if f.PenProvided {
			f.Type &= 0x7fff // the decoder leaves the bit in options
		}
		e := lookup(version, f.Pen, f.Type)
		key := e.name
		if i < len(scope) {
			t.scopes++
			e = lookupScope(version, f.Pen, f.Type)
			key = "scope." + e.name
		}
		if seen[key]++; seen[key] > 1 { // keys of an object are told apart
			e.name += "_" + strconv.Itoa(seen[key])
		}
		t.fields = append(t.fields, f)
		t.elements = append(t.elements, e)
		if f.Length == variable {
			t.least++
		} else {
			t.least += int(f.Length)
		}
	}
	if t.least == 0 {
		return nil
	}
	return t
}

// variable is the length of fields that carry their own (RFC 7011, 7).
const variable = 0xffff

// length of the record that b begins with; false: it is cut off.
func (t *template) length(b []byte) (n int, ok bool) {
	for i := range t.fields {
		l := int(t.fields[i].Length)
		if l == variable {
			if n >= len(b) {
				return 0, false
			}
			l = int(b[n])
			n++
			if l == 255 {
				if n+2 > len(b) {
					return 0, false
				}
				l = int(b[n])<<8 | int(b[n+1])
				n += 2
			}
		}
		if n += l; n > len(b) {
			return 0, false
		}
	}
	return n, true
}
