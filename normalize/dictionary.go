package normalize

import (
	_ "embed"
	"slices"
	"strings"
	"time"

	"sluice/event"
	"sluice/internal/strictyaml"
	"sluice/normalize/header"
	"sluice/schemas"
)

//go:embed known.yml
var knownKeys []byte

// dictionary maps what keys are called to fields; where a name stands under several,
// the first that takes the value gets it. A key that is ECS's own name of a field
// needs no entry. It is immutable.
type dictionary struct {
	aliases     map[string][]*alias
	objects     map[string]string   // what parents are called, and the object of ECS that they are
	parts       map[string][]*alias // keys of such objects, as user/name
	wide        map[string][]*alias // what a key of the event itself means where nothing else of the device is known
	schema      *event.Schema
	sides       [4]party
	method      event.Field
	status      event.Field // http.response.status_code
	user        event.Field // user.name
	full        event.Field // user.full_name
	email       event.Field // user.email
	provider    event.Field // cloud.provider
	domain      event.Field // user.domain
	action      event.Field // event.action
	protocol    event.Field // network.protocol
	size        event.Field // file.size
	application event.Field // network.application
	file        event.Field // file.path
	bytes       event.Field // network.bytes
}

// party is who takes part in a connection: its address is whatever else is known.
type party struct{ address, ip, domain, port event.Field }

// addresses gives the sides that have an ip or a domain their address.
func (d *dictionary) addresses(ev *event.Event) {
	for _, p := range d.sides {
		switch {
		case ev.Has(p.address):
			if text := ev.Text(p.address); !ev.Has(p.ip) && !ev.Has(p.domain) {
				if _, ok := event.ParseAddr(text); ok {
					ev.SetText(p.ip, text) // a shipper that knows ECS, but halfway
				} else if addr, port, ok := endpoint(text); ok && isNumber(port) && !ev.Has(p.port) {
					ev.SetText(p.ip, addr)
					ev.SetText(p.address, addr)
					ev.SetText(p.port, port)
				}
			}
		case ev.Has(p.ip):
			ev.SetText(p.address, ev.Text(p.ip))
		case ev.Has(p.domain):
			ev.SetText(p.address, ev.Text(p.domain))
		}
	}
}

// alias is a field that a name means.
type alias struct {
	target
	object string      // the first part of the field's name
	part   string      // whose key it is, of parts; more than object for some
	ip     bool        // of a side, perhaps with its port
	bare   bool        // a mail address, without the name in front of it
	isName bool        // a name of DNS, perhaps with the root's dot behind it
	isHost bool        // a machine's name, without its domain in front of it
	port   event.Field // of an address
	domain event.Field // the name of whose address it is
	others event.Field // where the addresses of a list go, of which this one holds only one
	check  func(text string) bool
}

// maxKnown is the longest name in the dictionary, without its separators.
const maxKnown = 32

// fillAs stores a usable text where a key of that meaning belongs, if nothing stands there
// yet. False: it is a key of an object that may be somebody else's; those of the event go
// first, and this one is asked again with far.
func (d *dictionary) fillAs(r *run, m *meaning, text string, far bool) bool {
	switch {
	case m.number:
		return true
	case !far && m.ecs != event.None && d.ecs(r.ev, m.ecs, m.key, text):
		return true
	case m.fields == nil, !far && m.later:
		return false
	}
	if m.fields[0].field == r.engine.f.timestamp && !strings.Contains(m.key, "tart") && r.ownYear(text) { // startTime is of what has ended
		return true
	}
	if m.account && r.ev.Has(d.provider) {
		return d.fillOne(r, m.fields[len(m.fields)-1:], text, m.parents, m.vague) // a cloud's account is nobody
	}
	return d.fillOne(r, m.fields, text, m.parents, m.vague)
}

// fillOne stores text in the first of the fields that takes it; true: nothing else may.
func (d *dictionary) fillOne(r *run, as []*alias, text, parents string, vague bool) bool {
	for _, a := range as {
		if vague && !a.under(parents) {
			continue
		}
		if a.isSet(r.ev) && !a.better(r.ev, text) {
			if first := firstOf(text); first != "" && a.suits(first) && (a.check == nil || a.check(first)) {
				return true
			}
			continue
		}
		if a.fill(r, text) {
			return true
		}
	}
	return false
}

// better says of a text that it is the address of a side of which only the name is known.
func (a *alias) better(ev *event.Event, text string) bool {
	if a.kind != vAddr || ev.Has(a.kids[1]) || !ev.Has(a.kids[2]) {
		return false
	}
	addr, _, ok := endpoint(text)
	return ok && !isUnspecified(addr)
}

// firstOf is the first text of a JSON list, or text itself.
func firstOf(text string) string {
	if first, ok := strings.CutPrefix(text, `["`); ok {
		first, _, _ = strings.Cut(first, `"`)
		return first
	}
	return text
}

// fill stores text, or the elements of a list of texts; false, if it does not suit.
func (a *alias) fill(r *run, text string) bool {
	if strings.HasPrefix(text, `["`) {
		return a.fillList(r, text)
	}
	if a.kind == vAddr {
		if addr, port, ok := endpoint(text); ok && addr != text {
			n, isNum := atoi(port)
			if port != "" && !isNum || n > 65535 || !a.put(r, addr) {
				return false
			}
			if n > 0 && a.port != event.None && !r.ev.Has(a.port) {
				r.ev.SetText(a.port, port)
			}
			return true
		}
	}
	if a.ip || a.kind == vAddr {
		if name, addr := nameAndAddress(text); addr != "" {
			if name != "" && a.domain != event.None && !r.ev.Has(a.domain) {
				r.ev.SetText(a.domain, name)
			}
			text = addr
		}
	}
	if a.isName && len(text) > 1 {
		text = strings.TrimSuffix(text, ".") // as DNS itself writes names
	}
	if n := len(text); n > 2 && text[0] == '\'' && text[n-1] == '\'' {
		text = text[1 : n-1]
	}
	if a.kind == vAny {
		text = strings.Trim(text, "[]") // Apache's [02/Mar/2026:08:00:00 +0000]
	}
	if a.bare {
		text = strings.TrimRight(text, ";,")
	}
	if a.kind == vUser {
		if text, _ = cutUser(strings.Trim(text, `"':`)); text == "" {
			return false
		}
	}
	if a.isHost && strings.Count(text, `\`) == 1 {
		_, text, _ = strings.Cut(text, `\`) // EXAMPLE\WS7
	}
	if a.bare && strings.HasSuffix(text, ">") {
		if strings.Count(text, "<") > 1 {
			return a.fillBoxes(r, text)
		}
		if _, addr, ok := strings.Cut(text, "<"); ok && len(addr) > 1 {
			text = addr[:len(addr)-1] // "Ada <ada@example.com>"
		}
	}
	if a.ip {
		if addr, port, ok := endpoint(text); ok && port != "" {
			n, isNum := atoi(port)
			if !isNum || a.object == "source" && n < 10000 {
				return false // a peer's own service, and no client
			}
			if n < 1<<16 && !r.ev.Has(a.port) {
				r.ev.SetText(a.port, port)
			}
			text = addr
		}
	}
	if a.kind == vUser && strings.IndexByte(text, '@') > 0 && strings.IndexByte(text, ' ') > 0 {
		if text = mailBesideName(text); text == "" {
			return false
		}
	}
	if !a.suits(text) || a.check != nil && !a.check(text) {
		return false
	}
	email := ""
	if a.kind == vUser {
		email = r.ev.Text(a.kids[2])
	}
	if !a.put(r, text) {
		return false
	}
	if email != "" {
		r.ev.SetText(a.kids[2], email) // the key of its own knows it better
	} else if a.kind == vUser && !isMail(r.ev.Text(a.kids[2])) {
		r.ev.Unset(a.kids[2]) // ann@WS42 has no mailbox
	}
	return a.isSet(r.ev) || a.several()
}

// fillBoxes stores several addresses in brackets: <ann@example.com>,<bob@example.com>.
func (a *alias) fillBoxes(r *run, text string) (took bool) {
	for one := range strings.SplitAfterSeq(text, ">") {
		if strings.Count(one, "<") > 1 {
			continue // <<>: none, and fill would ask for it here again
		}
		took = one != "" && a.fill(r, strings.TrimLeft(one, " ,;")) || took
	}
	return took
}

// mailBesideName is the address in Ada Lovelace ada@example.com, Ada Lovelace ( ada@example.com )
// and ada@example.com (Ada Lovelace).
func mailBesideName(text string) string {
	words := strings.Fields(text)
	last := len(words) - 1
	for words[last] == ")" && last > 0 {
		last--
	}
	for _, at := range [...]int{last, 0} {
		if mail := strings.Trim(words[at], "<>()"); isMail(mail) {
			return mail
		}
	}
	return ""
}

// fillList takes a JSON list of texts: all of them, where the field holds several, or
// the only one.
func (a *alias) fillList(r *run, text string) bool {
	inner, ok := strings.CutPrefix(text, `["`)
	if ok {
		inner, ok = strings.CutSuffix(inner, `"]`)
	}
	if !ok || strings.ContainsAny(inner, `\{}[]`) {
		return false
	}
	if strings.IndexByte(inner, '"') < 0 {
		return inner != "" && !isNothing(inner) && a.fill(r, inner)
	}
	parts := strings.Split(inner, `","`)
	if !a.several() {
		return a.others != event.None && a.related(r, parts)
	}
	done := false
	for _, part := range parts {
		if part != "" && strings.IndexByte(part, '"') < 0 && a.fill(r, part) {
			done = true
		}
	}
	return done
}

// nameAndAddress cuts the address in brackets from the name in front of it: mail.example.com[192.0.2.25],
// ws-7 (192.0.2.1). Empty: there is none.
func nameAndAddress(text string) (name, addr string) {
	n := len(text)
	if n < 6 || n > 300 || text[n-1] != ']' && text[n-1] != ')' {
		return "", ""
	}
	open := byte('(')
	if text[n-1] == ']' {
		open = '['
	}
	at := strings.IndexByte(text, open)
	if at < 1 {
		return "", ""
	}
	if addr = text[at+1 : n-1]; !isAddress(addr) {
		return "", ""
	}
	if name = strings.TrimRight(text[:at], " "); !isHostName(name) || isNothing(name) {
		name = ""
	}
	return name, addr
}

// cutUser is a name without the word that Kafka and others put in front of it: User:ann. False: there
// is none.
func cutUser(text string) (name string, ok bool) {
	const tag = "user:"
	if len(text) <= len(tag) || !strings.EqualFold(text[:len(tag)], tag) {
		return text, false
	}
	return text[len(tag):], true
}

// related takes several addresses of what holds one: whose each is nobody says.
func (a *alias) related(r *run, parts []string) bool {
	for _, part := range parts {
		if !isAddress(part) {
			return false
		}
	}
	for _, part := range parts {
		r.ev.Add(a.others, part)
	}
	return true
}

// ecs sets a field whose name the key is, as shippers that know ECS write it.
func (d *dictionary) ecs(ev *event.Event, f event.Field, key, text string) bool {
	if ev.Has(f) {
		return false
	}
	if f == d.user && strings.Count(text, `\`) == 1 {
		return false // EXAMPLE\ann is two fields; it is asked for as a key again
	}
	if f == d.user && isFullName(text) {
		f = d.full
		if ev.Has(f) {
			return false
		}
	}
	if f == d.protocol && transports[strings.ToLower(text)] {
		return false // it is asked for as a key again
	}
	sp := d.schema.Spec(f)
	if text[0] == '[' {
		return sp.Array && d.ecsList(ev, f, key, text)
	}
	known, _ := schemas.Lookup(key)
	if known.Allowed != nil && !slices.Contains(known.Allowed, text) {
		return false
	}
	if sp.Type == event.Date {
		t, ok := header.Any(text, time.Time{}, time.UTC)
		return ok && ev.SetTime(f, t)
	}
	if strings.HasSuffix(key, ".mac") && isMAC(text) {
		text, _ = mac(ev, text)
	}
	if sp.Array {
		return ev.Add(f, text)
	}
	return ev.SetText(f, text)
}

// ecsList sets a field to the texts of a JSON list.
func (d *dictionary) ecsList(ev *event.Event, f event.Field, key, text string) bool {
	inner, ok := strings.CutPrefix(text, `["`)
	if ok {
		inner, ok = strings.CutSuffix(inner, `"]`)
	}
	known, isECS := schemas.Lookup(key)
	if !ok || !isECS || strings.IndexByte(inner, '\\') >= 0 {
		return false
	}
	for _, w := range strings.Split(inner, `","`) {
		if w != "" && (known.Allowed == nil || slices.Contains(known.Allowed, w)) {
			ev.Add(f, w)
		}
	}
	return ev.Has(f)
}

// loadDictionary reads known.yml; a fault in it is a bug, which its test finds.
func loadDictionary(schema *event.Schema) *dictionary {
	const name = "normalize/known.yml"
	dict := &dictionary{aliases: map[string][]*alias{}, objects: map[string]string{}, parts: map[string][]*alias{}, wide: map[string][]*alias{}, schema: schema}
	for i, side := range [...]string{"source", "destination", "client", "server"} {
		for name, to := range map[string]*event.Field{"address": &dict.sides[i].address, "ip": &dict.sides[i].ip, "domain": &dict.sides[i].domain, "port": &dict.sides[i].port} {
			*to, _ = schema.Lookup(side + "." + name)
		}
	}
	for name, to := range map[string]*event.Field{"http.request.method": &dict.method, "http.response.status_code": &dict.status, "user.name": &dict.user, "user.full_name": &dict.full, "user.email": &dict.email, "cloud.provider": &dict.provider, "user.domain": &dict.domain, "event.action": &dict.action, "network.protocol": &dict.protocol, "network.application": &dict.application, "file.size": &dict.size, "file.path": &dict.file, "network.bytes": &dict.bytes} {
		*to, _ = schema.Lookup(name)
	}
	root, err := strictyaml.Parse(name, knownKeys)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	own := &loader{Source: &strictyaml.Source{Name: name}, schema: schema, tables: map[string]*table{}}
	own.Pairs(root, func(key string, k, v *strictyaml.Node) {
		switch key {
		case "tables":
			own.Pairs(v, func(name string, _, v *strictyaml.Node) { own.tables[name] = own.table(v) })
		case "objects":
			own.Pairs(v, func(object string, _, v *strictyaml.Node) {
				for _, w := range own.Words(v) {
					dict.objects[w.Value] = object
				}
			})
		case "fields", "parts", "wide":
			to := map[string]map[string][]*alias{"fields": dict.aliases, "parts": dict.parts, "wide": dict.wide}[key]
			own.Pairs(v, func(field string, k, v *strictyaml.Node) {
				a := own.alias(k, field)
				prefix := ""
				if key == "parts" {
					prefix = a.part + "/"
				}
				for _, w := range own.Words(v) {
					to[prefix+w.Value] = append(to[prefix+w.Value], a)
				}
			})
		default:
			own.Fail(k, "known.yml has tables, fields, objects, parts and wide")
		}
	})
	if err := own.Err(); err != nil {
		panic("BUG: " + err.Error())
	}
	return dict
}

// alias reads a field of known.yml with its type.
func (l *loader) alias(n *strictyaml.Node, field string) *alias {
	whole := field
	field, of, isOf := strings.Cut(field, " of ") // url.domain of http.request
	plain, _, _ := strings.Cut(field, ":")
	a := &alias{target: l.target(n, field), check: checks[plain]}
	for _, name := range [...]string{field, whole} {
		if check := checks[name]; check != nil {
			a.check = check
		}
	}
	if strings.HasSuffix(plain, ".port") && a.check == nil {
		a.check = func(s string) bool { n, ok := atoi(s); return !ok || n < 1<<16 }
	}
	a.object, _, _ = strings.Cut(plain, ".")
	a.part = a.object
	for _, long := range longObjects {
		if plain == long || strings.HasPrefix(plain, long+".") {
			a.part = long
		}
	}
	if isOf {
		a.part = of
	}
	a.isHost, a.isName = plain == "host.name", plain == "dns.question.name"
	a.bare = a.object == "email" && strings.HasSuffix(plain, ".address")
	if a.ip = plain == "source.ip" || plain == "destination.ip"; a.ip {
		a.port, _ = l.schema.Lookup(a.object + ".port")
	}
	if a.kind == vAddr {
		a.port, _ = l.schema.Lookup(plain + ".port")
	}
	if a.ip || a.kind == vAddr {
		a.domain, _ = l.schema.Lookup(a.object + ".domain")
		a.others, _ = l.schema.Lookup("related.ip")
	}
	return a
}
