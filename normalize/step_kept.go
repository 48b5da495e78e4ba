package normalize

import (
	"cmp"
	"slices"
	"strings"

	"sluice/event"
	"sluice/internal/strictyaml"
)

// keptStep reads keys that stand under sluice.vendor already and leaves them there:
// what rules ask for by the vendor's own name gets its field besides.
//
//	kept: {under: [winlog.event_data], empty: ["-"], map: {TargetUserName: user.name}}
//
// It takes the keys right below each of under; without it those of the map as they are. Of several keys
// for one field the one that the map names last counts, whatever order the device writes them in.
type keptStep struct {
	under   []string // with their dot
	empty   voids
	targets keys[keptKey]
	rivals  bool         // several keys set one field
	names   event.KeySet // the keys of targets, behind each of under
	at      string
}

// keptKey is what a key of the map sets.
type keptKey struct {
	targets []target
	rank    int
}

// keptText waits until all keys are found that set the same fields.
type keptText struct {
	of   *keptKey
	text string
	rank int // of the key, and of what it stands under
}

func (s *keptStep) apply(r *run) bool {
	ok := true
	r.waiting = r.waiting[:0]
	r.ev.VendorOf(&s.names, func(key, text string) {
		name, under := s.name(key)
		of := s.targets.get(name)
		switch {
		case of == nil || s.empty.has(text):
		case s.rivals:
			r.waiting = append(r.waiting, keptText{of, text, of.rank*len(s.under) + under})
		default:
			ok = r.putAll(of.targets, text, s.at) && ok
		}
	})
	if len(r.waiting) > 1 {
		slices.SortStableFunc(r.waiting, func(a, b keptText) int { return cmp.Compare(a.rank, b.rank) })
	}
	for _, w := range r.waiting {
		ok = r.putAll(w.of.targets, w.text, s.at) && ok
	}
	return ok
}

// name is the key without what it stands under, and which of under that is; "" where it stands elsewhere.
func (s *keptStep) name(key string) (name string, under int) {
	for i, u := range s.under {
		if len(key) > len(u) && key[:len(u)] == u {
			return key[len(u):], i
		}
	}
	return "", 0
}

func (l *loader) kept(n *strictyaml.Node) step {
	s := &keptStep{at: l.place(n)}
	l.Pairs(n, func(key string, k, v *strictyaml.Node) {
		switch key {
		case "under":
			for _, w := range l.Words(v) {
				u := strings.TrimSuffix(w.Value, ".")
				if u != "" {
					u += "."
				}
				s.under = append(s.under, u) // "": the keys as they are
			}
		case "empty":
			s.empty = newVoids(strictyaml.Texts(l.Words(v)))
		case "map":
			l.Pairs(v, func(key string, _, v *strictyaml.Node) {
				if v.Kind == strictyaml.Mapping { // an anchor that several steps share
					l.Fail(v, "a key goes to a field or a list of fields")
					return
				}
				s.targets.set(key, keptKey{l.targets(v, false), len(s.targets.list)})
			})
		default:
			l.Fail(k, "kept knows under, empty and map, not %s", key)
		}
	})
	if len(s.targets.list) == 0 {
		l.Fail(n, "kept needs a map")
	}
	if s.under == nil {
		s.under = []string{""}
	}
	set := map[event.Field]bool{}
	for _, t := range s.targets.list {
		for _, u := range s.under {
			if u+t.key != "" {
				s.names.Add(u + t.key)
			}
			for i := range t.of.targets {
				for _, f := range t.of.targets[i].sets() {
					s.rivals = s.rivals || set[f]
					set[f] = true
				}
			}
		}
	}
	return s
}
