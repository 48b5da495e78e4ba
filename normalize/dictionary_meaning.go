package normalize

import (
	"bytes"
	"strings"
	"unsafe"

	"sluice/event"
	"sluice/schemas"
)

// meaning is what the dictionary says of a key, whatever its text. A device's next line has
// the same keys, so it is kept.
type meaning struct {
	names   *dictionary
	key     string
	number  bool        // it numbers the objects of a graph that was written as JSON: $id and $ref
	ecs     event.Field // the key is ECS's own name of it
	fields  []*alias    // what the key is commonly called, and below which parents
	parents string
	vague   bool     // it means them only below parents that suit
	later   bool     // it is asked after others
	account bool     // it names an account, which may be a cloud's
	dots    int      // in the key
	part    []*alias // of the object that a parent names
	wide    []*alias // for a key of the event itself, where nothing else of the device is known
}

const meaningBits = 11 // a line of JSON has some 300 keys at most, and sources are mixed

// meanings are those of the keys of lines before.
type meanings struct {
	kept   [1 << meaningBits][2]*meaning // each in one of the two places that its key hashes to
	missed int
	fresh  []meaning // of this line's keys, which were not kept
}

// meaning looks a key up. It stays as it is until the next line.
func (r *run) meaning(d *dictionary, key string) *meaning {
	if r.means == nil {
		r.means = &meanings{}
	}
	ms := r.means
	set := &ms.kept[placeOf(unsafe.Pointer(d), key)>>(64-meaningBits)]
	for _, m := range set {
		if m != nil && m.names == d && m.key == key {
			return m
		}
	}
	ms.fresh = append(ms.fresh, meaning{})
	m := &ms.fresh[len(ms.fresh)-1]
	d.lookTyped(m, key)
	// A text's words may be new in each line: then most would be kept in vain.
	if ms.missed++; len(key) <= maxKeptPath && (set[1] == nil || ms.missed%keptOf == 0) {
		own := new(meaning)
		d.lookTyped(own, strings.Clone(key)) // the line's key goes with the line
		set[0], set[1] = own, set[0]
	}
	return m
}

// keptOf is how many keys go without a place for one that takes another's.
const keptOf = 16

// lookTyped is look for a key that nobody knows but for the letter behind it: custom tables of Azure's
// Log Analytics say what type each column has, client_ip_s.
func (d *dictionary) lookTyped(m *meaning, key string) {
	d.look(m, key)
	if short, ok := untyped(key); ok && m.ecs == event.None && m.fields == nil && m.part == nil && m.wide == nil && !m.number {
		d.look(m, short)
		m.key = key
	}
}

// untyped is a key without the letter behind it that says of what type its value is.
func untyped(key string) (short string, ok bool) {
	n := len(key) - 2
	if n < 3 || key[n] != '_' || strings.IndexByte("sdgbt", key[n+1]) < 0 {
		return key, false
	}
	return key[:n], true
}

// look tells what a key means.
func (d *dictionary) look(m *meaning, key string) {
	*m = meaning{names: d, key: key, ecs: d.ecsField(key), dots: strings.Count(key, "."), part: d.partOf(key)}
	m.number = strings.HasSuffix(key, "$id") || strings.HasSuffix(key, "$ref")
	var buf [maxKnown]byte
	if parents, last := cutKey(key); own(parents) {
		m.wide = d.wide[string(plainKey(buf[:0], last))]
		if m.wide == nil {
			m.wide = d.oneWord(last)
		}
		if m.wide == nil {
			m.wide = d.prefixed(last)
		}
		if m.wide == nil {
			m.wide = d.composed(last)
		}
	}
	for rest := key; ; {
		plain := plainKey(buf[:0], rest)
		if server := serversOwn[rest]; server != "" {
			plain = append(buf[:0], server...)
		}
		m.fields = d.aliases[string(plain)]
		if short, ok := bytes.CutPrefix(plain, eventPrefix); m.fields == nil && ok {
			m.fields = d.aliases[string(short)] // EventUserName
		}
		if m.fields != nil && m.parents != "" && m.part != nil && m.fields[0].object == "host" && m.part[0].object != "host" {
			m.fields = nil // the address of a machine below one of a connection
			return
		}
		if m.fields != nil {
			m.later = secondKeys[string(plain)] || !d.near(m.parents)
			m.vague = vagueKeys[string(plain)] && strings.IndexByte(rest, '.') < 0
			m.account = string(plain) == "accountname"
			return
		}
		dot := strings.IndexByte(rest, '.')
		if dot < 0 {
			d.ofValue(m, key)
			return
		}
		rest = rest[dot+1:]
		m.parents = key[:len(key)-len(rest)]
	}
}

// serversOwn are the names that W3C's extended logs have for the server's end, which without their
// dashes look like the source's of others.
var serversOwn = map[string]string{"s-ip": "serverip", "s-port": "serverport", "r-ip": "serverip", "r-port": "serverport"}

// valueKeys hold what stands for the object itself: status.label is the status.
var valueKeys = wordSet("label value displayvalue")

// ofValue looks up the object of which a key is the value, as if it were a text.
func (d *dictionary) ofValue(m *meaning, key string) {
	parents, last := cutKey(key)
	var buf [maxKnown]byte
	if parents == "" || m.part != nil || !valueKeys[string(plainKey(buf[:0], last))] {
		return
	}
	above, name := cutKey(parents[:len(parents)-1])
	plain := plainKey(buf[:0], name)
	if m.fields = d.aliases[string(plain)]; m.fields != nil {
		m.parents, m.vague = above, vagueKeys[string(plain)]
		m.later = secondKeys[string(plain)] || !d.near(above)
	}
	if own(above) {
		m.wide = d.wide[string(plain)]
	}
}

// eventPrefix is what some put in front of all the keys of an event.
var eventPrefix = []byte("event")

// ecsField is the field whose name in ECS a key is, if data may set it.
func (d *dictionary) ecsField(key string) event.Field {
	f, ok := d.schema.Lookup(key)
	if !ok || strings.IndexByte(key, '.') < 0 || strings.HasPrefix(key, "sluice.") {
		return event.None
	}
	if _, isECS := schemas.Lookup(key); !isECS {
		return event.None
	}
	if sp := d.schema.Spec(f); sp.Vendor || sp.Hidden || sp.Type == event.JSON {
		return event.None
	}
	return f
}

// partOf are the fields of the object that a key's parent names: actor.name, device.ip.
func (d *dictionary) partOf(key string) []*alias {
	dot := strings.LastIndexByte(key, '.')
	if dot < 0 {
		return nil
	}
	var buf [2 * maxKnown]byte
	object := ""
	for rest := key[:dot]; object == ""; {
		up := strings.LastIndexByte(rest, '.')
		plain := plainKey(buf[:0:maxKnown], rest[up+1:])
		if object = d.object(plain); object == "" && (up < 0 || !isNeutral(plain) && !addressWords[string(plain)]) {
			return nil // of what else stands between, this may be anybody's
		}
		rest = rest[:max(up, 0)]
	}
	switch object {
	case "host":
		object = d.endOf(key[:dot+1], key[dot+1:])
	case "file":
		object = d.programOf(key[:dot])
	case "user":
		object = d.otherUser(key[:dot])
	}
	name := append(append(buf[:0], object...), '/')
	last := plainKey(buf[len(name):len(name):len(name)+maxKnown], key[dot+1:])
	if len(last) == 0 {
		return nil
	}
	return d.parts[string(buf[:len(name)+len(last)])]
}

// endOf is the side that a machine is which stands below one of a connection, or below who acts: of
// initiator.host.address nothing else is told than from where he came. Else it is host.
func (d *dictionary) endOf(parents, last string) string {
	var buf [maxKnown]byte
	plain := plainKey(buf[:0], last)
	if !addressWords[string(plain)] && string(plain) != "port" && string(plain) != "mac" {
		return "host"
	}
	for parent := range strings.SplitSeq(strings.TrimSuffix(parents, "."), ".") {
		plain := plainKey(buf[:0], parent)
		if o := d.object(plain); o == "source" || o == "destination" {
			return o
		}
		if actorObjects[string(plain)] {
			return "source"
		}
	}
	return "host"
}

// programOf is the program whose file stands below it, as OCSF has it: process.file.path. Else it is a file.
func (d *dictionary) programOf(parents string) string {
	dot := strings.LastIndexByte(parents, '.')
	if dot < 0 {
		return "file"
	}
	var buf [maxKnown]byte
	if o := d.object(plainKey(buf[:0], parents[strings.LastIndexByte(parents[:dot], '.')+1:dot])); o == "process" || o == "process.parent" {
		return o
	}
	return "file"
}

// otherUser is the person below whom something was done to: target.user.login. Else it is the user.
func (d *dictionary) otherUser(parents string) string {
	dot := strings.LastIndexByte(parents, '.')
	if dot < 0 {
		return "user"
	}
	var buf [2 * maxKnown]byte
	if d.object(plainKey(buf[:0], parents[strings.LastIndexByte(parents[:dot], '.')+1:])) == "user.target" {
		return "user.target"
	}
	return "user"
}

// oneWord is partOf for a key that names the object itself: deviceOwner, attacker_port. Of the
// places where it may be cut the last one counts that makes an object and a key of it.
func (d *dictionary) oneWord(last string) []*alias {
	var buf [2 * maxKnown]byte
	for i := len(last) - 1; i > 1; i-- {
		if !startsWord(last, i) {
			continue
		}
		object := d.object(plainKey(buf[:0:maxKnown], last[:i]))
		if object == "" {
			continue
		}
		name := append(append(buf[:0], object...), '/')
		part := plainKey(buf[len(name):len(name):len(name)+maxKnown], last[i:])
		if len(part) == 0 || string(part) == "id" && strings.HasPrefix(object, "process") {
			continue // the id of a parent is not always a process's
		}
		if as := d.parts[string(buf[:len(name)+len(part)])]; as != nil {
			return as
		}
	}
	return nil
}

// sureEnds begin what the end of a key may be called that says whose it is, whatever a vendor puts in
// front of it: acme_src_ip, AcmeSourcePort, IPSourceAddress.
var sureEnds = wordSet("src source client attacker dst dest destination victim")

// otherStarts make something else of such an end.
var otherStarts = wordSet("nat nated natted translated xlate xlated trans tran proxy outer inner tunnel tunneled next last prev previous old new original orig first mapped virtual other secondary alternate alt related referrer referer non no not is has no_of num number count total unique distinct max min target parent file object group owner creator created modified updated manager assigned assignee reporter author recipient affected deleted added removed approver reviewer invitee invited impersonated effective notified notify billing db database dest dst destination src source remote local peer")

// personEnds are ends that say it of a person, if no word in front makes him another.
var personEnds = wordSet("username useremail useremailaddress userprincipalname userupn")

// prefixed looks up the end of a key in front of which stands a word that says nothing of whose it is.
func (d *dictionary) prefixed(last string) []*alias {
	var buf [maxKnown]byte
	for i := 2; i < len(last)-2; i++ {
		if !startsWord(last, i) {
			continue
		}
		if otherStarts[string(plainKey(buf[:0], last[:i]))] {
			return nil
		}
		rest := last[i:]
		end := 1
		for end < len(rest) && !startsWord(rest, end) {
			end++
		}
		sure := end < len(rest) && sureEnds[string(plainKey(buf[:0], rest[:end]))]
		if plain := plainKey(buf[:0], rest); sure || personEnds[string(plain)] {
			return d.aliases[string(plain)]
		}
	}
	return nil
}

// addressWords end the name of a key that holds an address.
var addressWords = wordSet("ip ips addr addrs address addresses ipaddress ipaddr ip4 ip6 ipv4 ipv6")

// endWords say in a key of several words whose address it is; weakEnds say so where no other does, and
// neutralEnds nothing.
var (
	endWords    = map[string]byte{}
	weakEnds    = wordSet("user access")
	neutralEnds = union(addressWords, wordSet("public private external internal side endpoint host machine audit request event connection conn tcp udp real true network net v4 v6 port"))
)

func init() {
	for _, w := range strings.Fields("src source client remote peer initiator actor caller requester requestor attacker offender acting sender sending login logon signin signon session originating visitor invoking") {
		endWords[w] = 's'
	}
	for _, w := range strings.Fields("dst dest destination server target victim responder listener") {
		endWords[w] = 'd'
	}
}

// composed is what a key means that calls an address or a port by several words each of which is
// plain: actingUserIpAddress, source_endpoint_address_ip4, remoteClientPort.
func (d *dictionary) composed(last string) []*alias {
	var buf [maxKnown]byte
	side, words, end := byte(0), 0, ""
	weak := false
	for i := 0; i < len(last); words++ {
		to := i + 1
		for to < len(last) && !startsWord(last, to) {
			to++
		}
		plain := string(plainKey(buf[:0], last[i:to]))
		switch role := endWords[plain]; {
		case role != 0 && side != 0 && side != role:
			return nil // remoteServerAddress
		case role != 0:
			side = role
		case weakEnds[plain]:
			weak = true
		case !neutralEnds[plain] || words > 6:
			return nil
		}
		end, i = plain, to
	}
	if side == 0 && weak {
		side = 's'
	}
	switch {
	case side == 0 || words < 2:
		return nil
	case end == "port":
		return d.aliases[map[byte]string{'s': "srcport", 'd': "dstport"}[side]]
	case addressWords[end] && end != "ips" && end != "addrs" && end != "addresses":
		return d.aliases[map[byte]string{'s': "srcip", 'd': "dstip"}[side]]
	}
	return nil
}

// startsWord says whether a word of a key begins at i: with a capital, or behind a mark.
func startsWord(key string, i int) bool {
	c := key[i]
	if c-'A' < 26 {
		return key[i-1]-'A' >= 26 || i+1 < len(key) && key[i+1]-'a' < 26
	}
	return (c-'a' < 26) && (key[i-1] == '_' || key[i-1] == '-' || key[i-1] == ' ')
}
