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

// knownStep fills fields from the keys that the pack left under sluice.vendor, by what
// such keys are commonly called (known.yml). It never changes a field that is set, and
// the key stays where it is. It is written
//
//	known: {}
//
// With categories: true it also tells log-ins and connections where no category is
// set, as the packs of formats want it that know nothing else of the device.
type knownStep struct {
	names      *dictionary
	categories bool
	action     event.Field
	category   event.Field
	kind       event.Field
	source     event.Field
	target     event.Field
	method     event.Field
	code       event.Field
	id         event.Field
	question   event.Field
	what       whatFields
}

func (s *knownStep) apply(r *run) bool {
	for key, text := range r.ev.Vendor {
		s.names.fill(r, key, text)
	}
	s.names.addresses(r.ev)
	if !s.categories {
		return true
	}
	// What may mean much, and means this where nothing else does.
	for key, text := range r.ev.Vendor {
		switch {
		case key == "id" && !r.ev.Has(s.id) && text != "" && !isNothing(text) && len(text) < 128:
			r.ev.SetText(s.id, text)
		case key == "type" && !r.ev.Has(s.action) && text != "" && !isNothing(text) && len(text) < 64 && text[0] > ' ' && text[0] != '[' && text[0] != '{':
			r.ev.SetText(s.action, text)
		}
	}
	if !r.ev.Has(s.category) {
		s.categorize(r.ev)
	}
	s.alert(r.ev)
	return true
}

//go:embed known.yml
var knownKeys []byte

// dictionary maps what keys are called to fields; where a name stands under several,
// the first that takes the value gets it. A key that is ECS's own name of a field
// needs no entry. It is immutable.
type dictionary struct {
	aliases map[string][]*alias
	schema  *event.Schema
	sides   [4]party
}

// party is who takes part in a connection: its address is whatever else is known.
type party struct{ address, ip, domain event.Field }

// addresses gives the sides that have an ip or a domain their address.
func (d *dictionary) addresses(ev *event.Event) {
	for _, p := range d.sides {
		switch {
		case ev.Has(p.address):
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
	bare   bool        // a mail address, without the name in front of it
	port   event.Field // of an address
	check  func(text string) bool
}

// maxKnown is the longest name in the dictionary, without its separators.
const maxKnown = 32

// fill stores text where a key of that name belongs, if nothing stands there yet.
func (d *dictionary) fill(r *run, key, text string) {
	if text == "" || len(text) > 1024 || isNothing(text) || strings.HasSuffix(key, "$id") || strings.HasSuffix(key, "$ref") {
		return // $id and $ref number the objects of a graph that was written as JSON
	}
	if d.ecs(r.ev, key, text) {
		return
	}
	var buf [maxKnown]byte
	parents := ""
	for rest := key; ; {
		plain := plainKey(buf[:0], rest)
		if as := d.aliases[string(plain)]; as != nil {
			vague := vagueKeys[string(plain)] && strings.IndexByte(rest, '.') < 0
			for _, a := range as {
				if vague && !a.under(parents) {
					continue
				}
				if a.isSet(r.ev) {
					if a.check == nil || a.check(firstOf(text)) {
						return
					}
					continue
				}
				if a.fill(r, text) {
					return
				}
			}
			return
		}
		dot := strings.IndexByte(rest, '.')
		if dot < 0 {
			return
		}
		rest = rest[dot+1:]
		parents = key[:len(key)-len(rest)]
	}
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
		if addr, port, ok := endpoint(text); ok && port != "" {
			if n, isNum := atoi(port); !isNum || n == 0 || n > 65535 || !a.put(r, addr) {
				return false
			}
			if a.port != event.None && !r.ev.Has(a.port) {
				r.ev.SetText(a.port, port)
			}
			return true
		}
	}
	if a.bare && strings.HasSuffix(text, ">") {
		if _, addr, ok := strings.Cut(text, "<"); ok && len(addr) > 1 {
			text = addr[:len(addr)-1] // "Ada <ada@example.com>"
		}
	}
	return a.suits(text) && (a.check == nil || a.check(text)) && a.put(r, text) && (a.isSet(r.ev) || a.several())
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
	if !a.several() {
		return false
	}
	done := false
	for _, part := range strings.Split(inner, `","`) {
		if part != "" && strings.IndexByte(part, '"') < 0 && a.fill(r, part) {
			done = true
		}
	}
	return done
}

// vagueKeys are names that mean something only where nobody else's are meant: the pid
// of a model is no process.
var vagueKeys = wordSet(`account accountname action activity application cipher cmd code command company created createdat date datetime description dest destination details
	direction email emailaddress error file filename fname group groupname guid hash hashes host hostname ip ipaddr ipaddress level login mac macaddress md5 message method msg name operation
	org organization os path pid policy proc process product protocol proto published query reason recipient recipients region result rule sender sensor serial serialnumber service
	severity sha1 sha256 status subject success summary tenant text time timestamp transport ts type uid upn uri url user username usr uuid vendor verb version vlan
	country city receiver receivers begin executor requestor cvss appliance urgency disposition subjectline instanceid projectid justification`)

// neutralParents hold what happened, or who did it; theirs are the event's own.
var neutralParents = wordSet(`alert alerts attributes attrs audit auditevent auditlog body content context data columns dataset detail details detection d decorations entry event eventdata evt extra extradata fields
	finding incident info item json jsonpayload log logdata logentry logs message meta metadata msg object objects params parameters payload properties props raw record records request requestinfo result
	activity action operation session connection conn http flow response properties resultinfo actor user subject principal initiator initiatedby caller identity
	accessdevice account login auth authentication authinfo attacker requester performedby createdby by`)

// clientParents are who opened a connection.
var clientParents = wordSet("source src client remote peer")

// parentsOf are other words for the objects of ECS.
var parentsOf = map[string]string{
	"device": "host", "computer": "host", "endpoint": "host", "machine": "host", "agent": "host", "workstation": "host", "asset": "host", "node": "host",
	"proc": "process", "image": "process", "attachment": "file", "signature": "rule", "policy": "rule", "mail": "email", "destination": "destination", "target": "destination",
	"dst": "destination", "dest": "destination", "server": "destination", "victim": "destination", "tenant": "organization", "org": "organization", "company": "organization", "customer": "organization",
	"app": "service", "appliance": "observer", "sensor": "observer", "question": "dns", "query": "dns", "os": "host", "request": "http", "response": "http", "ssl": "tls",
}

func wordSet(text string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(text) {
		set[w] = true
	}
	return set
}

// under says whether a vague key below these parents, as in data.device., means the
// alias' field.
func (a *alias) under(parents string) bool {
	var buf [maxKnown]byte
	for parents != "" {
		dot := strings.IndexByte(parents, '.')
		p := string(plainKey(buf[:0], parents[:dot]))
		switch {
		case neutralParents[p], p == a.object, parentsOf[p] == a.object:
		case clientParents[p] && (a.object == "source" || a.object == "user" || a.object == "user_agent"):
		default:
			return false
		}
		parents = parents[dot+1:]
	}
	return true
}

// ecs sets a field whose name the key is, as shippers that know ECS write it.
func (d *dictionary) ecs(ev *event.Event, key, text string) bool {
	f, ok := d.schema.Lookup(key)
	if !ok || strings.IndexByte(key, '.') < 0 || strings.HasPrefix(key, "sluice.") || ev.Has(f) {
		return false
	}
	sp := d.schema.Spec(f)
	if sp.Vendor || sp.Hidden || sp.Type == event.JSON {
		return false
	}
	if text[0] == '[' {
		return sp.Array && d.ecsList(ev, f, key, text)
	}
	known, isECS := schemas.Lookup(key)
	if !isECS || known.Allowed != nil && !slices.Contains(known.Allowed, text) {
		return false
	}
	if sp.Type == event.Date {
		t, ok := header.Any(text, time.Time{}, time.UTC)
		return ok && ev.SetTime(f, t)
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

// isNothing knows how sources write that a value is missing.
func isNothing(text string) bool {
	switch text {
	case "-", "--", "N/A", "n/a", "NA", "null", "NULL", "None", "none", "nil", "unknown", "Unknown", "undefined", "(null)", "<null>", "[]", "{}":
		return true
	}
	return false
}

// plainKey is a key without case and separators; empty where it is too long to be known.
func plainKey(dst []byte, key string) []byte {
	for i := 0; i < len(key); i++ {
		c := key[i]
		switch {
		case c-'A' < 26:
			c |= 0x20
		case c == '_', c == '-', c == '.', c == ' ', c == '@', c == '$', c == '[', c == ']':
			continue
		}
		if len(dst) == cap(dst) {
			return nil
		}
		dst = append(dst, c)
	}
	return dst
}

// isSet says whether the target's field, or the first of its fields, is set.
func (t *target) isSet(ev *event.Event) bool {
	if t.kind == vAdd || t.kind == vIPs || t.kind == vHash {
		return false // there may be several
	}
	if t.field != event.None {
		return ev.Has(t.field)
	}
	if t.kind == vExe || t.kind == vPath || t.kind == vCmd {
		return ev.Has(t.kids[0]) // the name alone does not say where it lies
	}
	for _, f := range t.kids {
		if f != event.None && ev.Has(f) {
			return true
		}
	}
	return false
}

// several says that the target's field holds a list.
func (t *target) several() bool {
	return t.kind == vAdd || t.kind == vIPs || t.kind == vHash || t.kind == vList
}

// suits keeps from the dictionary's fields what a key of that name may hold elsewhere:
// an object as text, prose where a name belongs.
func (t *target) suits(text string) bool {
	if c := text[0]; c == '{' || c == '[' {
		return false
	}
	if t.kind != vTable && (strings.EqualFold(text, "true") || strings.EqualFold(text, "false")) {
		return false // "admin": false is nobody's name
	}
	switch t.kind {
	case vAddr:
		if _, _, ok := endpoint(text); ok {
			return true
		}
		_, isNum := atoi(text)
		return len(text) < 256 && !isNum && !strings.ContainsAny(text, ` /\=,:"'()`)
	case vUser:
		_, _, isAddr := endpoint(text)
		return !isAddr && len(text) < 128 && !strings.ContainsAny(text, "\t\n{}=()<>") && strings.Count(text, " ") < 4
	case vProto:
		n, isNum := atoi(text)
		return isNum && n < 256 || transports[strings.ToLower(text)]
	case vHash:
		return len(text) >= 32
	case vExe, vPath:
		return len(text) < 512 && strings.ContainsAny(text, `/\`)
	case vCmd:
		return strings.ContainsAny(text, ` /\.-`)
	case vLower:
		return len(text) < 40 && strings.IndexByte(text, '/') < 0
	}
	return true
}

var transports = wordSet("tcp udp icmp icmpv6 icmp6 ipv6-icmp igmp sctp gre esp ah ospf pim vrrp ipip l2tp udplite dccp eigrp")

// checks are what texts of fields must be like that keys of other meanings would fill.
var checks = map[string]func(text string) bool{
	"dns.question.name":         func(s string) bool { return len(s) < 254 && !strings.ContainsAny(s, " /=?&'\"(){}*,;") },
	"email.from.address":        func(s string) bool { return strings.IndexByte(s, '@') >= 0 },
	"email.to.address":          func(s string) bool { return strings.IndexByte(s, '@') >= 0 },
	"email.message_id":          func(s string) bool { return strings.IndexByte(s, '@') > 0 },
	"event.code":                func(s string) bool { return !strings.ContainsAny(s, "@ ") },
	"host.name":                 func(s string) bool { return len(s) < 254 && !strings.ContainsAny(s, "/{}=\"") },
	"http.response.status_code": func(s string) bool { return len(s) == 3 && s[0] >= '1' && s[0] <= '5' },
	"log.level":                 func(s string) bool { return s[0]-'0' > 9 },
	"process.name":              func(s string) bool { return !strings.ContainsAny(s, ":=/\\") },
	"network.protocol":          func(s string) bool { return s[0]-'0' > 9 && !strings.ContainsAny(s, " ,;") },
	"destination.domain":        isHostName,
	"source.domain":             isHostName,
	"url": func(s string) bool {
		slash := strings.IndexByte(s, '/')
		return slash == 0 || slash > 0 && strings.IndexByte(s[:slash], '.') > 0 || strings.Contains(s, "://")
	},
	"threat.technique.id":         func(s string) bool { return len(s) > 4 && s[0] == 'T' && s[1]-'0' < 10 },
	"threat.technique.name":       func(s string) bool { return len(s) < 2 || s[0] != 'T' || s[1]-'0' > 9 },
	"threat.tactic.id":            func(s string) bool { return strings.HasPrefix(s, "TA0") },
	"threat.tactic.name":          func(s string) bool { return !strings.HasPrefix(s, "TA0") },
	"source.geo.country_iso_code": isCountryCode, "destination.geo.country_iso_code": isCountryCode,
	"source.geo.country_name": isPlaceName, "destination.geo.country_name": isPlaceName, "source.geo.city_name": isPlaceName,
	"user.email": func(s string) bool { return strings.IndexByte(s, '@') >= 0 && strings.IndexByte(s, ' ') < 0 },
}

func isCountryCode(s string) bool { return len(s) == 2 && s[0]-'A' < 26 && s[1]-'A' < 26 }

func isPlaceName(s string) bool {
	return len(s) > 2 && len(s) < 64 && !strings.ContainsAny(s, "0123456789/:@=_{}[]\"<>") && s[0] > ' '
}

func isHostName(s string) bool {
	_, _, isAddr := endpoint(s)
	return !isAddr && len(s) < 254 && s[0] > ' ' && !strings.ContainsAny(s, " /\\=,;:\"'()[]{}@")
}

// loadDictionary reads known.yml; a fault in it is a bug, which its test finds.
func loadDictionary(schema *event.Schema) *dictionary {
	const name = "normalize/known.yml"
	dict := &dictionary{aliases: map[string][]*alias{}, schema: schema}
	for i, side := range [...]string{"source", "destination", "client", "server"} {
		for name, to := range map[string]*event.Field{"address": &dict.sides[i].address, "ip": &dict.sides[i].ip, "domain": &dict.sides[i].domain} {
			*to, _ = schema.Lookup(side + "." + name)
		}
	}
	root, err := strictyaml.Parse(name, knownKeys)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	own := &loader{Source: &strictyaml.Source{Name: name}, schema: schema, tables: map[string]*table{}, trial: event.NewEvent(schema)}
	own.Pairs(root, func(key string, k, v *strictyaml.Node) {
		switch key {
		case "tables":
			own.Pairs(v, func(name string, _, v *strictyaml.Node) { own.tables[name] = own.table(v) })
		case "fields":
			own.Pairs(v, func(field string, k, v *strictyaml.Node) {
				plain, _, _ := strings.Cut(field, ":")
				a := &alias{target: own.target(k, field), check: checks[plain]}
				a.object, _, _ = strings.Cut(plain, ".")
				a.bare = a.object == "email" && strings.HasSuffix(plain, ".address")
				if a.kind == vAddr {
					a.port, _ = schema.Lookup(plain + ".port")
				}
				for _, w := range own.Words(v) {
					dict.aliases[w.Value] = append(dict.aliases[w.Value], a)
				}
			})
		default:
			own.Fail(k, "known.yml has tables and fields")
		}
	})
	if err := own.Err(); err != nil {
		panic("BUG: " + err.Error())
	}
	return dict
}

func (l *loader) known(n *strictyaml.Node) step {
	s := &knownStep{names: l.names()}
	l.Pairs(n, func(key string, k, v *strictyaml.Node) {
		if key != "categories" {
			l.Fail(k, "known takes nothing, or categories: true")
			return
		}
		s.categories = l.flag(v)
	})
	for name, f := range map[string]*event.Field{
		"event.action": &s.action, "event.category": &s.category, "event.type": &s.kind, "source.ip": &s.source, "destination.ip": &s.target,
		"http.request.method": &s.method, "http.response.status_code": &s.code, "event.id": &s.id, "dns.question.name": &s.question,
		"event.kind": &s.what.kind, "user.name": &s.what.actors[0], "user.email": &s.what.actors[1], "user.id": &s.what.actors[2], "user.full_name": &s.what.actors[3],
		"email.from.address": &s.what.from, "email.to.address": &s.what.to, "vulnerability.id": &s.what.hole,
	} {
		*f = l.field(n, name)
	}
	return s
}
