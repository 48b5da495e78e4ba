package normalize

import (
	"math/bits"
	"slices"
	"strings"

	"github.com/valyala/fastjson"
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
func (c *jsonClaim) holds(v *fastjson.Value) bool {
	for _, key := range c.path[1:] {
		if v = v.Get(key); v == nil {
			return false
		}
	}
	if c.how == claimExists {
		return true
	}
	text := v.GetStringBytes()
	if v.Type() == fastjson.TypeNumber || v.Type() == fastjson.TypeTrue || v.Type() == fastjson.TypeFalse {
		text = v.MarshalTo(nil)
	}
	if c.how == claimEqual {
		return string(text) == c.value
	}
	return strings.HasPrefix(string(text), c.value)
}

// maxClaims is how much one rule may say of an object: a bit each.
const maxClaims = 16

// maxAsked bounds the questions about one object: a line may give the key type, of which
// dozens of packs ask, thousands of times.
const maxAsked = 5000

// objects are the rules over JSON objects: each key of the object is looked up once,
// whatever the number of rules.
type objects struct {
	byKey keys[[]objectHit]
	rules []objectRule
}

type objectHit struct {
	rule int
	bit  uint16
	test *jsonClaim // nil: that the key is there is enough
}

type objectRule struct {
	pack *pack
	want uint16
}

// keysSeen is the scratch of one look-up.
type keysSeen struct {
	seen  []uint16 // by rule
	dirty []int
}

func (o *objects) add(p *pack, claims []jsonClaim) {
	id := len(o.rules)
	o.rules = append(o.rules, objectRule{p, 1<<len(claims) - 1})
	for i := range claims {
		c := &claims[i]
		h := objectHit{rule: id, bit: 1 << i}
		if len(c.path) > 1 || c.how != claimExists {
			h.test = c
		}
		o.note(c.path[0], h)
		if len(c.path) > 1 { // a key with dots is a path of its own: "id.orig_h"
			flat := *c
			flat.path = []string{strings.Join(c.path, ".")}
			h.test = &flat
			o.note(flat.path[0], h)
		}
	}
}

func (o *objects) note(key string, h objectHit) {
	hits := o.byKey.at(key)
	*hits = append(*hits, h)
}

// find returns the pack whose rule holds and says most about the object.
func (o *objects) find(obj *fastjson.Object, last *pack, look *look) *pack {
	if len(o.rules) == 0 {
		return nil
	}
	k := &look.keys
	if len(k.seen) < len(o.rules) {
		k.seen = make([]uint16, len(o.rules))
	}
	asked := 0
	obj.Visit(func(key []byte, v *fastjson.Value) {
		hits := o.byKey.get(view(key))
		if hits == nil || asked > maxAsked {
			return
		}
		asked += len(*hits)
		for _, h := range *hits {
			if h.test != nil && !h.test.holds(v) {
				continue
			}
			if k.seen[h.rule] == 0 {
				k.dirty = append(k.dirty, h.rule)
			}
			k.seen[h.rule] |= h.bit
		}
	})
	var best *pack
	most := 0
	for _, d := range k.dirty {
		ru := &o.rules[d]
		if k.seen[d] == ru.want && !slices.Contains(look.tried, ru.pack) {
			n := bits.OnesCount16(ru.want)
			switch {
			case best == nil, best.generic && !ru.pack.generic:
				best, most = ru.pack, n
			case ru.pack.generic != best.generic:
			case n > most, n == most && (ru.pack == last || best != last && ru.pack.order < best.order):
				best, most = ru.pack, n
			}
		}
		k.seen[d] = 0
	}
	k.dirty = k.dirty[:0]
	return best
}
