package normalize

import (
	"slices"
	"strings"

	"sluice/event"
)

// settle takes back what a key is commonly called but does not mean here, as its neighbours show.
func (s *knownStep) settle(r *run, keys []vendorKey) {
	s.system(r.ev)
	if !s.categories {
		return
	}
	s.splitRegistry(r.ev)
	s.stationMAC(r, keys)
	s.callerHost(r, keys)
	s.socketPort(r.ev, keys)
	s.whoseNumber(r.ev, keys)
	s.idNotName(r.ev, keys)
}

// splitRegistry parts a registry's key from its hive, as ECS has them: HKLM\Software\Run.
func (s *knownStep) splitRegistry(ev *event.Event) {
	key := ev.Text(s.registry[0])
	if key == "" || ev.Has(s.registry[2]) {
		return
	}
	path := shortHive(ev, key)
	hive, rest, deep := strings.Cut(path, `\`)
	if !deep || rest == "" || len(hive) > 4 || !strings.HasPrefix(hive, "HK") {
		return
	}
	ev.SetText(s.registry[2], hive)
	ev.SetText(s.registry[0], rest)
	if ev.Has(s.registry[1]) {
		return
	}
	if value := ev.Text(s.registry[3]); value != "" && strings.IndexByte(value, '\\') < 0 {
		path = ev.Own([]byte(path + `\` + value))
	}
	ev.SetText(s.registry[1], path)
}

// bareMACs are keys of a hardware address that do not say whose it is.
var bareMACs = wordSet("mac macaddress macaddr hwaddr hardwareaddress")

// stationMAC gives the hardware address that no key calls the sender's own to who is told of: what a
// header's host writes about is some other machine.
func (s *knownStep) stationMAC(r *run, keys []vendorKey) {
	sender := r.ev.Text(s.owner.sender)
	if sender == "" || r.ev.Text(s.owner.host) != sender || !r.ev.Has(s.owner.mac) {
		return
	}
	for _, k := range keys {
		if !bareMACs[k.name] || !own(k.parents) || !s.owner.station.suits(k.text) {
			continue
		}
		r.ev.Unset(s.owner.mac)
		if !s.owner.station.isSet(r.ev) {
			s.owner.station.put(r, k.text)
		}
		return
	}
}

// databaseKeys name the database that somebody wants to use.
var databaseKeys = wordSet("database db dbname databasename")

// callerHost takes the address that a server calls a host for where somebody came from, who logs in or
// uses a database: no machine is called by its address where it tells of itself.
func (s *knownStep) callerHost(r *run, keys []vendorKey) {
	ev := r.ev
	addr := ev.Text(s.owner.host)
	if ev.Has(s.owner.sender) || ev.Has(s.source) || !isAddress(addr) || !slices.ContainsFunc(s.what.actors[:], ev.Has) {
		return
	}
	ofDB := slices.ContainsFunc(keys, func(k vendorKey) bool { return databaseKeys[k.name] && own(k.parents) && usable(k.text) })
	if !ofDB && ev.Text(s.category) != "authentication" || r.text == "" || strings.IndexByte("{<", r.text[0]) >= 0 {
		return
	}
	if !slices.ContainsFunc(keys, func(k vendorKey) bool { return k.key == "host" && k.text == addr }) {
		return
	}
	ev.Unset(s.owner.host)
	ev.Unset(s.owner.hostname)
	s.what.addr[0].put(r, addr)
	for _, k := range keys {
		if n, ok := atoi(k.text); k.key == "port" && ok && n > 10000 && ev.Text(s.what.port[1]) == k.text && !ev.Has(s.what.port[0]) {
			ev.Unset(s.what.port[1])
			ev.SetText(s.what.port[0], k.text)
		}
	}
}

// socketWords are in the names of events that tell of a switch's sockets.
var socketWords = wordSet("port ports switch link interface poe lldp stp")

// socketPort takes no number of a switch's socket for a port of TCP: alert.switch.port.down.
func (s *knownStep) socketPort(ev *event.Event, keys []vendorKey) {
	if !ev.Has(s.what.port[1]) || ev.Has(s.source) || ev.Has(s.target) || ev.Has(s.what.port[0]) {
		return
	}
	found := false
	for word := range strings.FieldsFuncSeq(ev.Text(s.action), betweenWords) {
		if word = lower(ev, word); word == "scan" {
			return
		}
		found = found || socketWords[word]
	}
	if found && slices.ContainsFunc(keys, func(k vendorKey) bool { return k.name == "port" && own(k.parents) && k.text == ev.Text(s.what.port[1]) }) {
		ev.Unset(s.what.port[1])
	}
}

// namedHole takes the number of a hole that stands where an event's name does for what it is.
func (s *knownStep) namedHole(ev *event.Event) {
	name := ev.Text(s.action)
	if len(name) < len("CVE-2026-1") || len(name) > 24 || !strings.EqualFold(name[:4], "CVE-") || strings.Trim(name[4:], "-0123456789") != "" {
		return
	}
	if !ev.Has(s.what.hole) {
		ev.Add(s.what.hole, name)
	}
}

// whoseNumber gives a bare uid to whom something was done, where another did it: name=bob, uid=1007, by=ann.
func (s *knownStep) whoseNumber(ev *event.Event, keys []vendorKey) {
	id := ev.Text(s.what.actors[2])
	if id == "" || !ev.Has(s.object.userName) || ev.Has(s.object.id) {
		return
	}
	uid := slices.ContainsFunc(keys, func(k vendorKey) bool { return k.key == "uid" && k.text == id })
	if uid && slices.ContainsFunc(keys, func(k vendorKey) bool { return k.key == "by" && k.text == ev.Text(s.what.actors[0]) }) {
		ev.Unset(s.what.actors[2])
		ev.SetText(s.object.id, id)
	}
}

// idNotName takes what names a user only for machines, a SID or a GUID, for the user's id, and nobody
// by the number of an account.
func (s *knownStep) idNotName(ev *event.Event, keys []vendorKey) {
	name := ev.Text(s.what.actors[0])
	number := len(name) > 7 && isNumber(name)
	if !number && !isGUID(name) && !isSID(name) {
		return
	}
	i := slices.IndexFunc(keys, func(k vendorKey) bool { return k.text == name })
	if i < 0 || number && keys[i].name != "account" {
		return // a pack has it from elsewhere, or it is how people are called there
	}
	ev.Unset(s.what.actors[0])
	if number {
		return
	}
	if !ev.Has(s.what.actors[2]) {
		ev.SetText(s.what.actors[2], name)
	}
	ev.Add(s.related[2], name) // ECS lists other identifiers of users there, too
}

// isSID says whether a text is written as Windows writes security identifiers: S-1-5-18.
func isSID(text string) bool {
	return len(text) > len("S-1-5-") && strings.HasPrefix(text, "S-1-") && strings.Trim(text[len("S-1-"):], "-0123456789") == ""
}

// isMediaType says whether a text names the format of a content, RFC 6838: application/json.
func isMediaType(text string) bool {
	kind, form, ok := strings.Cut(text, "/")
	return ok && form != "" && mediaTypes[kind]
}

var mediaTypes = wordSet("application audio image multipart text video")
