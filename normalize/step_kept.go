package normalize

import (
	"strings"

	"sluice/event"
	"sluice/internal/strictyaml"
)

// keptStep reads keys that stand under sluice.vendor already and leaves them there:
// what rules ask for by the vendor's own name gets its field besides.
//
//	kept: {under: [winlog.event_data], empty: ["-"], map: {TargetUserName: user.name}}
//
// It takes the keys right below each of under; without it those of the map as they are.
type keptStep struct {
	under   []string // with their dot
	empty   voids
	targets keys[[]target]
	names   event.KeySet // the keys of targets, behind each of under
	at      string
}

func (s *keptStep) apply(r *run) bool {
	ok := true
	r.ev.VendorOf(&s.names, func(key, text string) {
		targets := s.targets.get(s.name(key))
		if targets != nil && !s.empty.has(text) {
			ok = r.putAll(*targets, text, s.at) && ok
		}
	})
	return ok
}

// name is the key without what it stands under; "" where it stands elsewhere.
func (s *keptStep) name(key string) string {
	if s.under == nil {
		return key
	}
	for _, u := range s.under {
		if len(key) > len(u) && key[:len(u)] == u {
			return key[len(u):]
		}
	}
	return ""
}

func (l *loader) kept(n *strictyaml.Node) step {
	s := &keptStep{at: l.place(n)}
	l.Pairs(n, func(key string, k, v *strictyaml.Node) {
		switch key {
		case "under":
			for _, w := range l.Words(v) {
				s.under = append(s.under, strings.TrimSuffix(w.Value, ".")+".")
			}
		case "empty":
			s.empty = newVoids(strictyaml.Texts(l.Words(v)))
		case "map":
			l.Pairs(v, func(key string, _, v *strictyaml.Node) {
				if v.Kind == strictyaml.Mapping { // an anchor that several steps share
					l.Fail(v, "a key goes to a field or a list of fields")
					return
				}
				s.targets.set(key, l.targets(v, false))
			})
		default:
			l.Fail(k, "kept knows under, empty and map, not %s", key)
		}
	})
	if len(s.targets.list) == 0 {
		l.Fail(n, "kept needs a map")
	}
	for _, t := range s.targets.list {
		if s.under == nil && t.key != "" {
			s.names.Add(t.key)
		}
		for _, u := range s.under {
			s.names.Add(u + t.key)
		}
	}
	return s
}
