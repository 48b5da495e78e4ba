package normalize

import (
	"slices"
	"strings"

	"sluice/internal/jsontape"
)

// jsonClaim is one thing that a rule says of a JSON object: the path is there, and
// perhaps its value is a text, or starts with one.
type jsonClaim struct {
	path   []string
	value  string
	how    claimKind
	source string // as the pack writes it
}

type claimKind uint8

const (
	claimExists claimKind = iota
	claimEqual
	claimPrefix
)

// claim reads "path", "path=value" or "path=start*".
func claim(text string) jsonClaim {
	path, value, has := strings.Cut(text, "=")
	c := jsonClaim{path: strings.Split(path, "."), value: value, source: text}
	if has {
		c.how = claimEqual
		if v, ok := strings.CutSuffix(value, "*"); ok {
			c.value, c.how = v, claimPrefix
		}
	}
	return c
}

// holds asks a value whose key was the first of the path.
func (c *jsonClaim) holds(v jsontape.Value) bool {
	if v = v.Get(c.path[1:]...); !v.OK() {
		return false
	}
	if c.how == claimExists {
		return true
	}
	text := ""
	if kind := v.Kind(); kind > jsontape.Null && kind < jsontape.Array {
		text = v.Text()
	}
	if c.how == claimEqual {
		return text == c.value
	}
	return strings.HasPrefix(text, c.value)
}

// maxClaims is how much one rule may say of an object.
const maxClaims = 16

// objects are the rules over JSON objects. Each key of an object is looked up once,
// whatever the number of rules, and a rule is asked where the one of its keys is there
// that fewest rules want.
type objects struct {
	ids   keys[int] // of the keys that rules want
	rules []objectRule
	asked [][]int // by id: the rules that are asked where the key is there
}

type objectRule struct {
	pack   *pack
	claims []wanted
}

// wanted is a claim, by the id of its key; one with dots may also stand in the object as
// a key of its own: "id.orig_h".
type wanted struct {
	id, flat         int // flat: -1: none
	test, ofFlatTest *jsonClaim
}

// keysSeen is the scratch of one look-up.
type keysSeen struct {
	values []jsontape.Value // by id
	have   []int            // ids that have one
}

func (o *objects) id(key string) int {
	if id := o.ids.get(key); id != nil {
		return *id
	}
	n := len(o.ids.list)
	o.ids.set(key, n)
	return n
}

func (o *objects) add(p *pack, claims []jsonClaim) {
	ru := objectRule{pack: p}
	for i := range claims {
		c := &claims[i]
		w := wanted{id: o.id(c.path[0]), flat: -1}
		if len(c.path) > 1 || c.how != claimExists {
			w.test = c
		}
		if len(c.path) > 1 {
			flat := *c
			flat.path = []string{strings.Join(c.path, ".")}
			w.flat, w.ofFlatTest = o.id(flat.path[0]), &flat
		}
		ru.claims = append(ru.claims, w)
	}
	o.rules = append(o.rules, ru)
}

// build chooses the key that each rule is asked at.
func (o *objects) build() {
	uses := make([]int, len(o.ids.list))
	for _, ru := range o.rules {
		for _, w := range ru.claims {
			uses[w.id]++
		}
	}
	o.asked = make([][]int, len(uses))
	for id, ru := range o.rules {
		best := slices.MinFunc(ru.claims, func(a, b wanted) int { return uses[a.id] - uses[b.id] })
		o.asked[best.id] = append(o.asked[best.id], id)
		if best.flat >= 0 {
			o.asked[best.flat] = append(o.asked[best.flat], id)
		}
	}
}

// holds says whether all of the rule's keys are there.
func (ru *objectRule) holds(values []jsontape.Value) bool {
	for i := range ru.claims {
		w := &ru.claims[i]
		v := values[w.id]
		if v.OK() && (w.test == nil || w.test.holds(v)) {
			continue
		}
		if w.flat < 0 || !values[w.flat].OK() || !w.ofFlatTest.holds(values[w.flat]) {
			return false
		}
	}
	return true
}

// find returns the pack whose rule holds and says most about the object.
func (o *objects) find(obj jsontape.Value, last *pack, look *look) *pack {
	if len(o.rules) == 0 {
		return nil
	}
	k := &look.keys
	if k.values == nil {
		k.values = make([]jsontape.Value, len(o.ids.list))
	}
	look.nests = false
	for v := obj.First(); v.OK(); v = v.Next() {
		if v.Kind() == jsontape.Object && v.First().OK() {
			look.nests = true
		}
		if id := o.ids.get(v.Key()); id != nil {
			if !k.values[*id].OK() {
				k.have = append(k.have, *id)
			}
			k.values[*id] = v
		}
	}
	var best *pack
	most := 0
	for _, id := range k.have {
		for _, n := range o.asked[id] {
			ru := &o.rules[n]
			if !ru.holds(k.values) || slices.Contains(look.tried, ru.pack) {
				continue
			}
			switch n := len(ru.claims); {
			case best == nil, best.generic && !ru.pack.generic:
				best, most = ru.pack, n
			case ru.pack.generic != best.generic:
			case n > most, n == most && (ru.pack == last || best != last && ru.pack.order < best.order):
				best, most = ru.pack, n
			}
		}
	}
	for _, id := range k.have {
		k.values[id] = jsontape.Value{}
	}
	k.have = k.have[:0]
	return best
}
