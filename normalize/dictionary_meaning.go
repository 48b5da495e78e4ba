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
	d.look(m, key)
	// A text's words may be new in each line: then most would be kept in vain.
	if ms.missed++; len(key) <= maxKeptPath && (set[1] == nil || ms.missed%keptOf == 0) {
		own := new(meaning)
		d.look(own, strings.Clone(key)) // the line's key goes with the line
		set[0], set[1] = own, set[0]
	}
	return m
}

// keptOf is how many keys go without a place for one that takes another's.
const keptOf = 16

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
		if object = d.object(plain); object == "" && (up < 0 || !isNeutral(plain)) {
			return nil // of what else stands between, this may be anybody's
		}
		rest = rest[:max(up, 0)]
	}
	name := append(append(buf[:0], object...), '/')
	last := plainKey(buf[len(name):len(name):len(name)+maxKnown], key[dot+1:])
	if len(last) == 0 {
		return nil
	}
	return d.parts[string(buf[:len(name)+len(last)])]
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
var otherStarts = wordSet("nat nated natted translated xlate xlated trans tran proxy outer inner tunnel tunneled next last prev previous old new original orig first mapped virtual other secondary alternate alt related referrer referer non no not is has no_of num number count total unique distinct max min target parent file object group owner creator created modified updated manager assigned assignee reporter author recipient affected deleted added removed db database dest dst destination src source remote local peer")

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
		if plain := plainKey(buf[:0], rest); sure || string(plain) == "username" {
			return d.aliases[string(plain)]
		}
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
