package normalize

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"sluice/event"
)

// engineFields are the fields that the engine itself fills.
type engineFields struct {
	timestamp, created, ingested, message, tags  event.Field
	priority, facility, severity                 event.Field
	facilityName, severityName                   event.Field
	sysHost, sysApp, sysProc, sysMsgID, sequence event.Field
	sysVersion, sysSD, sourceAddress, filePath   event.Field
	original, original64, kind, category         event.Field
	ecsVersion, level                            event.Field
	dataset, dsType, dsDataset, dsNamespace      event.Field
	id, pack, input, unparsed, skew, part        event.Field
	line, element, envelope, timezone            event.Field
	communityID, transport, iana, bytes, packets event.Field
	netType, icmpType, icmpCode, relay, address  event.Field
	srcIP, dstIP, srcPort, dstPort               event.Field
	srcBytes, dstBytes, srcPackets, dstPackets   event.Field
	start, end, duration                         event.Field
	nat                                          [4][2]event.Field // translated, original
	header                                       headerFields
}

// names are the engine's fields by name, for lookupFields.
func (f *engineFields) names() map[string]*event.Field {
	return map[string]*event.Field{
		"@timestamp": &f.timestamp, "event.created": &f.created, "event.ingested": &f.ingested, "message": &f.message, "tags": &f.tags,
		"log.syslog.priority": &f.priority, "log.syslog.facility.code": &f.facility, "log.syslog.severity.code": &f.severity,
		"log.syslog.facility.name": &f.facilityName, "log.syslog.severity.name": &f.severityName,
		"log.syslog.hostname": &f.sysHost, "event.sequence": &f.sequence, "log.syslog.appname": &f.sysApp, "log.syslog.procid": &f.sysProc, "log.syslog.msgid": &f.sysMsgID,
		"log.syslog.version": &f.sysVersion, "log.syslog.structured_data": &f.sysSD, "log.source.address": &f.sourceAddress, "log.file.path": &f.filePath,
		"event.original": &f.original, "sluice.original_base64": &f.original64, "event.kind": &f.kind, "event.category": &f.category, "log.level": &f.level, "ecs.version": &f.ecsVersion,
		"event.dataset": &f.dataset, "data_stream.type": &f.dsType, "data_stream.dataset": &f.dsDataset, "data_stream.namespace": &f.dsNamespace,
		"sluice.id": &f.id, "sluice.pack": &f.pack, "sluice.input": &f.input, "sluice.unparsed": &f.unparsed, "sluice.time": &f.skew, "sluice.part": &f.part,
		"sluice.line": &f.line, "sluice.element": &f.element, "sluice.envelope": &f.envelope,
		"network.community_id": &f.communityID, "network.transport": &f.transport, "network.iana_number": &f.iana,
		"network.bytes": &f.bytes, "network.packets": &f.packets, "network.type": &f.netType, "_icmp_type": &f.icmpType, "_icmp_code": &f.icmpCode, "_relay": &f.relay, "_address": &f.address,
		"source.ip": &f.srcIP, "destination.ip": &f.dstIP, "source.port": &f.srcPort, "destination.port": &f.dstPort,
		"source.bytes": &f.srcBytes, "destination.bytes": &f.dstBytes, "source.packets": &f.srcPackets, "destination.packets": &f.dstPackets,
		"event.timezone": &f.timezone, "event.start": &f.start, "event.end": &f.end, "event.duration": &f.duration,
		"source.nat.ip": &f.nat[0][0], "source.nat.port": &f.nat[1][0], "destination.nat.ip": &f.nat[2][0], "destination.nat.port": &f.nat[3][0],
	}
}

// lookupFields finds the engine's fields. The schema must have them all.
func lookupFields(s *event.Schema) (engineFields, error) {
	var f engineFields
	for name, to := range f.names() {
		n, ok := s.Lookup(name)
		if !ok {
			return f, fmt.Errorf("the schema has no field %s: build it from schemas.ECS and normalize.Fields", name)
		}
		*to = n
	}
	f.nat[0][1], f.nat[1][1], f.nat[2][1], f.nat[3][1] = f.srcIP, f.srcPort, f.dstIP, f.dstPort
	f.header = defaultHeader(s)
	return f, nil
}

// derived are the fields that others follow from; natBits are the bits of the first
// four, which may be dropped.
func (f *engineFields) derived() []event.Field {
	return []event.Field{f.nat[0][0], f.nat[1][0], f.nat[2][0], f.nat[3][0], f.srcBytes, f.srcPackets, f.duration, f.start}
}

const natBits = 0b1111

// Texts that many events hold.
var (
	constEvent  = event.NewConst("event")
	constIPv4   = event.NewConst("ipv4")
	constIPv6   = event.NewConst("ipv6")
	constSkewed = event.NewConst("skewed")
)

// ofOurs is how many values finish and tables may set, whatever a line sets: the widest of a device has
// 130 together with them.
const ofOurs = 60

// finish fills what follows from other fields, for all packs alike.
func (w *Worker) finish(raw *event.Raw, p *pack, now time.Time) {
	ev, f := w.ev, &w.engine.f
	if ev.Release() {
		w.reason("more values than an event holds", "partly_parsed")
	}
	if ev.Doubted() { // the data said so, or a pack let it through
		var literal []event.Field
		if p != nil {
			literal = p.literal
		}
		ev.Enforce(literal, func(f event.Field, text string) {
			w.bad("ECS", ev.Schema().Spec(f).Name, text)
		})
	}
	if p != nil && !w.head.HasTime {
		w.front(w.head.Message) // the pack knew the words behind the date, which no header has
	}
	w.inOwnZone()
	w.stamps(raw, now)
	w.identify(raw, p)
	w.keepBytes()
	if !ev.Has(f.message) && (p == nil || !p.silent) {
		ev.SetText(f.message, cmp.Or(w.rows.of, w.asSent()))
	}
	if !ev.Has(f.kind) {
		ev.SetConst(f.kind, constEvent)
	}
	if v := ev.Get(f.srcIP); v != nil && !ev.Has(f.netType) {
		text := constIPv4
		if v.Addr().Unmap().Is6() {
			text = constIPv6
		}
		ev.SetConst(f.netType, text)
	}
	if derive := ev.Which(&w.engine.derive); derive != 0 {
		if p != nil && p.nat != natKeep && derive&natBits != 0 {
			w.untranslated(p.nat == natParts)
		}
		w.sums()
	}
	if !ev.Has(f.communityID) {
		w.community(p != nil && p.natIDs)
	}
	if p == nil {
		w.engine.related.apply(ev, false, 0)
		return
	}
	w.engine.related.apply(ev, p.byName, p.hidden)
}

// identify sets what tells events apart: ids, pack, data stream, sender. They
// overwrite what the data claims.
func (w *Worker) identify(raw *event.Raw, p *pack) {
	ev, f := w.ev, &w.engine.f
	ev.SetBatch(w.named(raw.Namespace, p))
	if raw.ID != "" {
		ev.SetText(f.id, raw.ID)
	}
	if raw.Input != "" {
		ev.SetText(f.input, raw.Input)
	}
	if raw.Peer != "" {
		ev.SetText(f.sourceAddress, raw.Peer)
	} else if strings.HasPrefix(raw.Listener, "/") && !ev.Has(f.filePath) { // a shipper's record says where the line was at first
		ev.SetText(f.filePath, raw.Listener)
	}
	if raw.Part > 0 {
		ev.SetInt(f.part, int64(raw.Part))
	}
	if raw.Element > 0 {
		ev.SetText(f.line, raw.Line)
		ev.SetInt(f.element, int64(raw.Element))
	}
	if raw.Envelope != "" {
		ev.SetText(f.envelope, strings.ToValidUTF8(raw.Envelope, "\ufffd"))
	}
}

// What a source says of time is nonsense before 1981 (a clock that was never set says 1970 or 1980)
// and more than a year ahead; the receive time then stands in.
var earliest = time.Date(1981, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano()

const latest = 366 * 24 * time.Hour

// maxSkew is how far outside its window an event's time may lie unmarked.
const maxSkew = 5 * time.Second

// stamps sets the three times of an event, and marks it where the source's is
// far from ours. History is never skewed: it is correlated by its own time.
func (w *Worker) stamps(raw *event.Raw, now time.Time) {
	ev, f := w.ev, &w.engine.f
	ev.SetTime(f.created, w.now)
	ev.SetTime(f.ingested, now)
	v := ev.Get(f.timestamp)
	rest := raw.Part > 1 // of a line that was cut: what looks like a time there is none of its own
	if v == nil || rest {
		ev.SetTime(f.timestamp, w.now)
		if w.head.HasTime && !rest { // the year 0, or 9999
			ev.SetConst(f.skew, constSkewed)
		}
		return
	}
	t := v.Int()
	ahead := time.Duration(t - w.now.UnixNano())
	if t < earliest || ahead > latest {
		ev.SetTime(f.timestamp, w.now)
		ev.SetConst(f.skew, constSkewed)
		return
	}
	if !raw.History && (ahead > maxSkew || -ahead > w.engine.lateness+maxSkew) {
		ev.SetConst(f.skew, constSkewed)
	}
}

// untranslated drops nat fields that repeat the address itself: firewalls log
// both even where nothing was translated.
func (w *Worker) untranslated(parts bool) {
	nat := &w.engine.f.nat
	for side := 0; side < 4; side += 2 {
		ip, port := w.repeats(nat[side]), w.repeats(nat[side+1])
		if ip && (parts || port || !w.ev.Has(nat[side+1][0])) {
			w.ev.Unset(nat[side][0])
		}
		if port && (parts || ip) {
			w.ev.Unset(nat[side+1][0])
		}
	}
}

func (w *Worker) repeats(pair [2]event.Field) bool {
	a, b := w.ev.Get(pair[0]), w.ev.Get(pair[1])
	return a != nil && b != nil && a.Addr() == b.Addr() && a.Int() == b.Int()
}

// sums fills network.bytes and .packets from both sides, and of event.start, .end
// and .duration the one that is missing.
func (w *Worker) sums() {
	ev, f := w.ev, &w.engine.f
	for _, s := range [2][3]event.Field{{f.bytes, f.srcBytes, f.dstBytes}, {f.packets, f.srcPackets, f.dstPackets}} {
		a, b := ev.Get(s[1]), ev.Get(s[2])
		if a == nil || b == nil || ev.Has(s[0]) {
			continue
		}
		// A counter near 2^63, or below 0, is a fault of the device: no sum is better than a wrong one.
		if n := a.Int() + b.Int(); a.Int() >= 0 && b.Int() >= 0 && n >= 0 {
			ev.SetInt(s[0], n)
		}
	}
	start, end, d := ev.Get(f.start), ev.Get(f.end), ev.Get(f.duration)
	if d == nil && start != nil && end != nil && !end.Time().Before(start.Time()) {
		ev.SetInt(f.duration, int64(end.Time().Sub(start.Time())))
	}
	if d != nil && d.Int() >= 0 {
		switch took := time.Duration(d.Int()); {
		case start == nil && end != nil:
			if from := end.Time().Add(-took); from.UnixNano() >= earliest { // else the counter has run over
				ev.SetTime(f.start, from)
			}
		case end == nil && start != nil:
			ev.SetTime(f.end, start.Time().Add(took))
		}
	}
}
