package tables

import (
	"net/netip"
	"strings"
	"time"

	"sluice/event"
	"sluice/internal/cidr"
)

// watched are the fields in which indicators are looked for, by what they hold.
var watched = map[indicatorKind][]string{
	isIP: {
		"source.ip", "destination.ip", "client.ip", "server.ip", "source.nat.ip", "destination.nat.ip", "dns.resolved_ip",
	},
	isName: {
		"url.domain", "dns.question.name", "source.domain", "destination.domain", "client.domain", "server.domain", "tls.client.server_name",
	},
	isHash: {
		"file.hash.md5", "file.hash.sha1", "file.hash.sha256", "file.hash.sha512", "process.hash.md5", "process.hash.sha1", "process.hash.sha256",
		"process.hash.sha512", "dll.hash.md5", "dll.hash.sha1", "dll.hash.sha256", "tls.client.ja3", "tls.server.ja3s", "tls.server.hash.sha1",
		"tls.server.hash.sha256", "email.attachments.file.hash.sha256",
	},
	isURL:  {"url.full", "url.original"},
	isMail: {"email.from.address", "email.sender.address", "email.reply_to.address"},
}

// maxMatches bounds what one event is told of.
const maxMatches = 8

type matcher struct {
	*indicators
	mask      event.Mask
	watch     []watch // in the order of mask
	flat      map[string]event.Field
	list      event.Field
	timestamp event.Field
	found     []match
	json      []byte
}

type watch struct {
	field event.Field
	name  string
	kind  indicatorKind
}

type match struct {
	id    int32
	field string
	value string
}

// flatFields are those below threat that the first match fills, for rules.
var flatFields = []string{
	"indicator.type", "indicator.ip", "indicator.name", "indicator.description", "indicator.provider", "indicator.confidence", "indicator.reference",
	"indicator.marking.tlp", "indicator.first_seen", "indicator.last_seen", "indicator.modified_at", "indicator.url.domain", "indicator.url.full", "indicator.email.address",
	"indicator.file.hash.md5", "indicator.file.hash.sha1", "indicator.file.hash.sha256", "indicator.file.hash.sha512", "feed.name",
}

func (t *indicators) bind(look lookup) applier {
	m := &matcher{indicators: t, flat: map[string]event.Field{}, list: look("threat.enrichments"), timestamp: look("@timestamp")}
	var fields []event.Field
	for kind := isIP; kind <= isMail; kind++ {
		names := watched[kind]
		if kind == isIP && t.ips.Size() == 0 || kind == isName && len(t.domains) == 0 || kind > isName && len(t.texts) == 0 {
			continue
		}
		for _, name := range names {
			if f := look(name); f != event.None {
				m.watch, fields = append(m.watch, watch{f, name, kind}), append(fields, f)
			}
		}
	}
	m.mask = event.NewMask(fields)
	for _, name := range flatFields {
		m.flat[name] = look("threat." + name)
	}
	return m
}

func (m *matcher) apply(_ *Worker, ev *event.Event) bool {
	m.found = m.found[:0]
	which := ev.Which(&m.mask)
	for i := 0; which != 0; i, which = i+1, which>>1 {
		if which&1 == 0 {
			continue
		}
		w := &m.watch[i]
		v := ev.Get(w.field)
		if !v.IsList() {
			m.look(ev, w, v, ev.Text(w.field))
			continue
		}
		for _, text := range ev.List(w.field) {
			m.look(ev, w, nil, text)
		}
	}
	if len(m.found) == 0 {
		return false
	}
	return m.tell(ev)
}

// look finds one value. v has the address of one that is no list.
func (m *matcher) look(ev *event.Event, w *watch, v *event.Value, text string) {
	id, ok := int32(0), false
	switch w.kind {
	case isIP:
		var addr netip.Addr
		if v != nil {
			addr = v.Addr()
		} else if a, err := netip.ParseAddr(text); err == nil {
			addr = a
		}
		if addr.IsValid() {
			id, ok = m.address(ev, cidr.Plain(addr))
		}
	case isName:
		id, ok = m.name(ev, text)
	case isURL:
		if strings.Contains(text, "://") {
			id, ok = m.texts[urlKey(text)]
		}
	default:
		id, ok = m.texts[strings.ToLower(text)]
	}
	if ok && len(m.found) < maxMatches && m.valid(ev, id) {
		for _, f := range m.found {
			if f.id == id && f.value == text {
				return
			}
		}
		m.found = append(m.found, match{id, w.name, text})
	}
}

// valid says whether the feed holds an entry valid at the event's time.
func (m *matcher) valid(ev *event.Event, id int32) bool {
	n := m.all[id].note
	if n == nil || n.until.IsZero() {
		return true
	}
	at := ev.Get(m.timestamp)
	return at == nil || !at.Time().After(n.until)
}

// address finds an address or the smallest range around it that is listed and valid.
func (m *matcher) address(ev *event.Event, addr netip.Addr) (int32, bool) {
	id, ok := m.ips.Lookup(addr)
	if !ok || m.valid(ev, id) {
		return id, ok
	}
	for _, id := range m.ips.Supernets(netip.PrefixFrom(addr, addr.BitLen())) { // from the smallest on
		if m.valid(ev, id) {
			return id, true
		}
	}
	return 0, false
}

// name finds a domain or, unless it must be exact, the nearest above it that is listed and valid.
func (m *matcher) name(ev *event.Event, text string) (int32, bool) {
	s := strings.TrimSuffix(ascii(text), ".")
	for {
		if id, ok := m.domains[s]; ok && m.valid(ev, id) {
			return id, true
		}
		i := strings.IndexByte(s, '.')
		if i < 0 || m.s.Exact {
			return 0, false
		}
		s = s[i+1:]
	}
}

// tell writes what was found: every match in threat.enrichments, the first one in
// threat.indicator too.
func (m *matcher) tell(ev *event.Event) bool {
	b := append(m.json[:0], '[')
	if had := ev.Text(m.list); len(had) > 2 && had[0] == '[' {
		b = append(append(b, had[1:len(had)-1]...), ',')
	}
	for i, f := range m.found {
		in := &m.all[f.id]
		if i > 0 {
			b = append(b, ',')
		}
		b = m.enrichment(b, in, f)
		if i == 0 && !ev.Has(m.flat["indicator.type"]) {
			m.indicator(ev, in)
		}
	}
	m.json = append(b, ']')
	return ev.SetText(m.list, ev.Own(m.json))
}

// typ is the kind by its STIX name, as ECS has it.
func (in *indicator) typ() string {
	switch in.kind {
	case isName:
		return "domain-name"
	case isHash:
		return "file"
	case isURL:
		return "url"
	case isMail:
		return "email-addr"
	}
	if strings.Contains(in.value, ":") {
		return "ipv6-addr"
	}
	return "ipv4-addr"
}

// place is the field below threat.indicator that holds the value; a range has none.
func (in *indicator) place() string {
	switch in.kind {
	case isIP:
		return "ip"
	case isName:
		return "url.domain"
	case isURL:
		return "url.full"
	case isMail:
		return "email.address"
	case isHash:
		switch len(in.value) {
		case 32:
			return "file.hash.md5"
		case 40:
			return "file.hash.sha1"
		case 64:
			return "file.hash.sha256"
		case 128:
			return "file.hash.sha512"
		}
	}
	return ""
}

// enrichment appends one element of threat.enrichments.
func (m *matcher) enrichment(b []byte, in *indicator, f match) []byte {
	b = append(b, `{"indicator":{"type":"`...)
	b = append(append(b, in.typ()...), '"')
	put := func(key, text string) {
		if text == "" {
			return
		}
		b = append(b, `,"`...)
		depth := strings.Count(key, ".")
		for part := range strings.SplitSeq(key, ".") {
			b = append(append(b, part...), `":{"`...)
		}
		b = event.AppendString(b[:len(b)-2], text)
		for range depth {
			b = append(b, '}')
		}
	}
	if at := in.place(); at != "" {
		put(at, in.value)
	}
	n := in.note
	if n == nil {
		n = &note{}
	}
	name := n.name
	if in.kind == isRange && name == "" {
		name = in.value
	}
	put("name", name)
	put("description", n.description)
	put("provider", n.provider)
	put("confidence", n.confidence)
	put("reference", n.reference)
	put("marking.tlp", n.tlp)
	put("first_seen", stamp(n.first))
	put("last_seen", stamp(n.last))
	put("modified_at", stamp(n.changed))
	b = append(b, '}')
	if n.feed != "" {
		b = event.AppendString(append(b, `,"feed":{"name":`...), n.feed)
		b = append(b, '}')
	}
	b = event.AppendString(append(b, `,"matched":{"atomic":`...), f.value)
	b = event.AppendString(append(b, `,"field":`...), f.field)
	return append(b, `,"type":"indicator_match_rule"}}`...)
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

// indicator sets threat.indicator.*.
func (m *matcher) indicator(ev *event.Event, in *indicator) {
	put := func(name, text string) {
		if f := m.flat[name]; text != "" && f != event.None {
			ev.SetText(f, text)
		}
	}
	put("indicator.type", in.typ())
	if at := in.place(); at != "" {
		put("indicator."+at, in.value)
	}
	n := in.note
	if n == nil {
		return
	}
	put("indicator.name", n.name)
	put("indicator.description", n.description)
	put("indicator.provider", n.provider)
	put("indicator.confidence", n.confidence)
	put("indicator.reference", n.reference)
	put("indicator.marking.tlp", n.tlp)
	put("feed.name", n.feed)
	if !n.first.IsZero() {
		ev.SetTime(m.flat["indicator.first_seen"], n.first)
	}
	if !n.last.IsZero() {
		ev.SetTime(m.flat["indicator.last_seen"], n.last)
	}
	if !n.changed.IsZero() {
		ev.SetTime(m.flat["indicator.modified_at"], n.changed)
	}
}
