package normalize

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"sluice/event"
	"sluice/internal/jsontape"
	"sluice/internal/strictyaml"
)

// jsonEach is what a pack wants of a list of objects:
//
//	answers[]: {to: dns.answers, rename: {rrname: name, rdata: data, soa.mname: data}}
//	actors[]: {take: {name: related.user:add}}                    # of every element
//	targets[]:                                                    # of the first that is so
//	- {where: {type: User}, take: {alternateId: user.target.name}}
//	- {where: {type: [App, Client]}, take: {displayName: service.name}}
//	- {where: {type: Role}, every: {displayName: acme.roles:add}}  # of every one that is so
//	Parameters[]: {key: Name, value: [Value, IntValue], map: {UserAgent: user_agent.original}}
//	Data[]: {key: "@Name", value: ["#text"], under: acme.data}   # where the pairs are kept
type jsonEach struct {
	to     event.Field
	rename renamings
	where  []jsonWhere
	take   *jsonNode // with where
	every  bool      // take is of every element that where holds of
	key    string    // each element is a pair
	value  [][]string
	pairs  *jsonNode
	under  string // where pairs go that map does not name; "": below the list's path
}

// renaming is what a key of a field's objects is called there.
type renaming struct {
	name  string    // "": only keys below it have names
	bit   uint64    // its own among those of the list
	below renamings // of the object that it may hold
}

type renamings map[string]renaming

// reads says whether the node is for a value: one that wants pairs alone is not for a
// list of anything else.
func (n *jsonNode) reads(v jsontape.Value) bool {
	if len(n.each) == 0 || n.kids != nil || n.targets != nil {
		return true
	}
	for _, e := range n.each {
		if e.under == "" {
			return true
		}
		if v.Kind() == jsontape.Array && v.First().Get(e.key).OK() {
			return true
		}
	}
	return false
}

// jsonWhere is a condition on an element: the value at path is one of these.
type jsonWhere struct {
	path   []string
	values []string
}

// maxOfList is of how many elements of a list what no field takes is kept.
const maxOfList = 64

// keeping says how what no field takes is kept under sluice.vendor.
type keeping uint8

const (
	keepSet   keeping = iota // in place of what the key had
	keepAdd                  // beside it: the key is one of a further element of a list
	keepAside                // likewise, and of what a field took of another element: nothing for the generic readers
	keepNone                 // it is kept already
)

// array reads a list: its texts, the keys of its objects, and elements by number. Those of taken
// were read before.
func (n *jsonNode) array(r *run, v jsontape.Value, taken uint64, at string) bool {
	ok, was := true, r.keep
	i := 0
	for it := v.First(); it.OK(); it = it.Next() {
		if taken&(1<<i) != 0 && (n.indexed == nil || i > 0) {
			r.keep = keepNone
		} else if i > 0 {
			r.keep = max(was, keepAdd)
		}
		ok = n.at(r, i, it, at) && ok
		r.keep = was
		i++
	}
	return ok
}

// only reads an object that stands where a list may: its one element, which was read before where
// taken says so.
func (n *jsonNode) only(r *run, v jsontape.Value, taken uint64, at string) bool {
	was := r.keep
	if taken != 0 {
		r.keep = keepNone
	}
	ok := n.object(r, v, at)
	r.keep = was
	return ok
}

// at reads the i-th element of a list.
func (n *jsonNode) at(r *run, i int, it jsontape.Value, at string) bool {
	ok, kind := true, it.Kind()
	if kind == jsontape.String || kind == jsontape.Number {
		ok = n.element(r, i, it)
	}
	if n.indexed != nil {
		if kid := n.kids.get(strconv.Itoa(i)); kid != nil {
			return (*kid).walk(r, it, at) && ok
		}
		if n.targets == nil {
			n.indexed.leave(r, i, it)
		}
		return ok
	}
	switch {
	case kind == jsontape.Array && n.each == nil && !n.takesWhole(r): // a list in a list
		n.leave(r, i, it)
	case kind != jsontape.Object:
	case n.kids != nil:
		return n.object(r, it, at) && ok
	case n.each == nil: // where the pack knows texts
		n.leave(r, i, it)
	}
	return ok
}

// takesWhole says whether a field takes the list as it is.
func (n *jsonNode) takesWhole(r *run) bool {
	return slices.ContainsFunc(n.targets, func(t target) bool { return t.isJSON(r) })
}

// element stores one text of a list: all of them where the target is a list, else the first.
func (n *jsonNode) element(r *run, i int, it jsontape.Value) bool {
	ok, taken, text := true, len(n.targets) == 0, it.Text()
	for j := range n.targets {
		switch t := &n.targets[j]; {
		case text == "" || t.isJSON(r):
			taken = true
		case i == 0 && t.kind == vPlain && !it.Next().OK() && r.ev.Schema().Type(t.field) == event.Long && !r.ev.Has(t.field): // the only one is a number like any
			ok, taken = (r.waits(t, it, false) || t.putJSON(r, it)) && ok, true
		case t.kind == vPlain:
			ok, taken = (r.waits(t, it, true) || r.ev.Add(t.field, text)) && ok, true
		case i == 0, t.several():
			ok, taken = (r.waits(t, it, false) || t.put(r, text)) && ok, true
		case i == 1 && t.kind != vSkip:
			r.left = append(r.left, leftOut{to: t.name})
		}
	}
	if !taken && i < maxOfList {
		r.keepMore(text, true)
	}
	return ok
}

// leave keeps the i-th element of a list, of which no field took anything. What n does not want
// of an element, nobody wants.
func (n *jsonNode) leave(r *run, i int, v jsontape.Value) {
	if i >= maxOfList {
		return
	}
	was := r.keep
	r.keep = max(was, keepAside)
	n.leaveKeys(r, v)
	r.keep = was
}

func (n *jsonNode) leaveKeys(r *run, v jsontape.Value) {
	if v.Kind() != jsontape.Object || n.kids == nil {
		r.unnamed(v, 0)
		return
	}
	at := len(r.path)
	for v = v.First(); v.OK(); v = v.Next() {
		if at > 0 {
			r.path = append(r.path, '.')
		}
		r.path = append(r.path, v.Key()...)
		if kid := n.kid(v.Key()); kid == nil {
			r.unnamed(v, 0)
		} else if !kid.unwanted() {
			kid.leaveKeys(r, v)
		}
		r.path = r.path[:at]
	}
}

// keepMore keeps a text as one more of the path that r holds.
func (r *run) keepMore(text string, aside bool) {
	if r.keep == keepNone || len(r.path) > event.MaxVendorKey {
		return
	}
	k := r.ev.Schema().VendorKey(r.ev.Own(r.path))
	r.ev.AddVendorKey(&k, text, aside)
}

// keepItems keeps the values of a list that stands in a further element of one.
func (r *run) keepItems(list jsontape.Value) {
	for it := list.First(); it.OK(); it = it.Next() {
		if it.Kind() < jsontape.Array {
			r.keepMore(it.Text(), r.keep == keepAside)
			continue
		}
		r.buf = it.Append(r.buf[:0])
		r.keepMore(r.ev.Own(r.buf), r.keep == keepAside)
	}
}

// items are the elements of a list. An object where a list is asked for is one of one.
func items(v jsontape.Value) iter.Seq[jsontape.Value] {
	return func(yield func(jsontape.Value) bool) {
		if v.Kind() == jsontape.Object {
			yield(v)
			return
		}
		for it := v.First(); it.OK() && yield(it); it = it.Next() {
		}
	}
}

// apply reads a list; it marks in taken which elements it took, one by one.
func (e *jsonEach) apply(r *run, list jsontape.Value, taken *uint64, at string) bool {
	ok, i := true, 0
	switch {
	case e.to != event.None:
		e.renamed(r, list)
	case e.take != nil:
		was := r.keep
		for it := range items(list) {
			if it.Kind() == jsontape.Object && e.holds(it) {
				switch bit := uint64(1) << i; { // beyond 63: no bit
				case *taken&bit != 0:
					r.keep = keepNone
				case *taken != 0:
					r.keep = max(was, keepAdd)
				}
				*taken |= 1 << i
				ok = e.take.object(r, it, at) && ok
				r.keep = was
				if !e.every {
					break
				}
			}
			if i++; e.every && i == maxOfList {
				break
			}
		}
	case e.pairs != nil:
		for it := range items(list) {
			ok = e.pair(r, it, at) && ok
		}
	}
	return ok
}

// takes says whether all that is wanted of a list are single elements.
func (n *jsonNode) takes() bool {
	return len(n.each) > 0 && !n.whole && n.kids == nil
}

// leaveOthers keeps the elements of a list that none of each took.
func (n *jsonNode) leaveOthers(r *run, list jsontape.Value, taken uint64) {
	i := 0
	for it := range items(list) {
		if i < maxOfList && taken&(1<<i) == 0 && it.Kind() == jsontape.Object {
			n.each[0].take.leave(r, i, it)
		}
		i++
	}
}

// holds says whether an element is one that where asks for.
func (e *jsonEach) holds(it jsontape.Value) bool {
	for i := range e.where {
		w := &e.where[i]
		if v := it.Get(w.path...); !v.OK() || !slices.Contains(w.values, v.Text()) {
			return false
		}
	}
	return true
}

// pair reads an element such as {Name: N, Value: V} as the key N with the value V.
func (e *jsonEach) pair(r *run, it jsontape.Value, at string) bool {
	key := it.Get(e.key).Str()
	if key == "" {
		return true
	}
	for _, path := range e.value {
		v := it.Get(path...)
		if v.Kind() <= jsontape.Null {
			continue
		}
		if kids := e.pairs.kids; kids != nil {
			if kid := kids.get(key); kid != nil {
				return (*kid).walk(r, v, at)
			}
		}
		n := len(r.path)
		if e.under == "" {
			r.path = append(append(r.path, '.'), key...)
			r.unnamed(v, 0)
			r.path = r.path[:n]
			return true
		}
		whole := append(append(r.path, e.under...), key...)
		r.path = whole[n:]
		r.unnamed(v, 0)
		r.path = whole[:n]
		return true
	}
	return true
}

// renamed stores the list with the keys that the field's objects have.
func (e *jsonEach) renamed(r *run, list jsontape.Value) {
	buf := append(r.buf[:0], '[')
	for it := range items(list) {
		if it.Kind() != jsontape.Object {
			continue
		}
		if len(buf) > 1 {
			buf = append(buf, ',')
		}
		buf = append(buf, '{')
		seen := uint64(0) // a key that is given again is not taken
		buf = append(e.rename.of(buf, it, &seen), '}')
	}
	buf = append(buf, ']')
	r.buf = buf
	if len(buf) > 2 {
		r.ev.SetText(e.to, strings.ToValidUTF8(r.ev.Own(buf), "\ufffd"))
	}
}

// of appends the pairs of an object, and of objects in it, that have a name.
func (names renamings) of(buf []byte, object jsontape.Value, seen *uint64) []byte {
	for v := object.First(); v.OK(); v = v.Next() {
		to, ok := names[v.Key()]
		if to.below != nil && v.Kind() == jsontape.Object {
			buf = to.below.of(buf, v, seen)
		}
		if !ok || to.name == "" || *seen&to.bit != 0 {
			continue
		}
		if *seen != 0 {
			buf = append(buf, ',')
		}
		*seen |= to.bit
		buf = append(event.AppendString(buf, to.name), ':')
		buf = v.Append(buf)
	}
	return buf
}

// jsonEach reads what stands under "path[]": one of the forms above, or a list of them.
func (l *loader) jsonEach(at *jsonNode, n *strictyaml.Node) {
	if n = strictyaml.Follow(n); n.Kind == strictyaml.Sequence {
		for _, it := range n.Content {
			l.jsonEach(at, it)
		}
		return
	}
	e := &jsonEach{rename: renamings{}}
	var take *strictyaml.Node
	l.Pairs(n, func(key string, k, v *strictyaml.Node) {
		switch key {
		case "to":
			e.to = l.field(v, v.Value)
			if e.to != event.None && l.schema.Spec(e.to).Type != event.JSON {
				l.Fail(v, "%s holds no list of objects", v.Value)
			}
		case "rename":
			l.jsonRename(e, v)
		case "take", "every":
			take, e.every = v, key == "every"
		case "where":
			l.Pairs(v, func(path string, _, v *strictyaml.Node) {
				e.where = append(e.where, jsonWhere{wherePath(path), strictyaml.Texts(l.Words(v))})
			})
		case "key":
			e.key = v.Value
		case "value":
			for _, w := range l.Words(v) {
				e.value = append(e.value, wherePath(w.Value))
			}
		case "under":
			e.under = strings.TrimSuffix(v.Value, ".") + "."
		case "map":
			e.pairs = &jsonNode{}
			l.jsonPairs(e.pairs, v)
		default:
			l.Fail(k, "[] knows to and rename, where, take and every, key, value, under and map, not %s", key)
		}
	})
	l.checkEach(n, e, take)
	switch {
	case e.key != "" || e.value != nil:
		if e.key == "" || e.value == nil {
			l.Fail(n, "a list of pairs needs key and value")
		}
		if e.pairs == nil {
			e.pairs = &jsonNode{}
		}
	case take != nil && e.where == nil: // of every element
		l.jsonPaths(at, take)
		if e.every {
			l.Fail(n, "without where, take is of every element")
		}
		if e.to == event.None {
			return
		}
	case take != nil:
		e.take = &jsonNode{}
		l.jsonPaths(e.take, take)
	}
	at.each = append(at.each, e)
	at.whole = at.whole || e.take == nil
}

// checkEach refuses a form of a list's that reads nothing.
func (l *loader) checkEach(n *strictyaml.Node, e *jsonEach, take *strictyaml.Node) {
	switch {
	case (e.to == event.None) != (len(e.rename) == 0):
		l.Fail(n, "to and rename belong together: the field, and what of the elements it takes")
	case e.where != nil && take == nil:
		l.Fail(n, "where needs take or every: what is read of the elements")
	case e.to == event.None && take == nil && e.key == "" && e.value == nil:
		l.Fail(n, "[] needs to and rename, take, where with take or every, or key and value")
	}
}

// wherePath is where a value of an element stands: a name of OData's own has a dot in it
// and is one key (@odata.type).
func wherePath(path string) []string {
	if strings.HasPrefix(path, "@") {
		return []string{path}
	}
	return strings.Split(path, ".")
}

// jsonPairs reads the map of a list of pairs: its keys are whole, also with dots.
func (l *loader) jsonPairs(at *jsonNode, n *strictyaml.Node) {
	l.Pairs(n, func(key string, _, v *strictyaml.Node) {
		kid := at.kidOf(key)
		if v.Kind == strictyaml.Mapping {
			l.jsonPaths(kid, v)
		} else {
			kid.targets = l.targets(v, true)
		}
	})
}

func (l *loader) jsonRename(e *jsonEach, n *strictyaml.Node) {
	used := map[string]bool{}
	bit := uint64(1)
	l.Pairs(n, func(from string, k, v *strictyaml.Node) {
		if used[v.Value] {
			l.Fail(k, "two keys cannot both become %s", v.Value)
		}
		used[v.Value] = true
		if bit == 0 {
			l.Fail(k, "more than 64 keys are too many")
		}
		names := e.rename
		names.set(from, v.Value, bit)
		for key, rest, ok := strings.Cut(from, "."); ok; key, rest, ok = strings.Cut(rest, ".") { // or one key with a dot in it
			names = names.under(key)
			names.set(rest, v.Value, bit)
		}
		bit <<= 1
	})
}

// set names a key.
func (names renamings) set(key, name string, bit uint64) {
	to := names[key]
	to.name, to.bit = name, bit
	names[key] = to
}

// under are the names of what stands below a key.
func (names renamings) under(key string) renamings {
	to := names[key]
	if to.below == nil {
		to.below = renamings{}
		names[key] = to
	}
	return to.below
}
