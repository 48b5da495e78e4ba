package normalize

import (
	"slices"
	"strings"

	"github.com/valyala/fastjson"

	"sluice/event"
	"sluice/internal/strictyaml"
	"sluice/schemas"
)

// ecsStep reads a JSON object that is an ECS document already, as Beats and Elastic
// Agent send it: a key that ECS or a pack declares is that field, others go under
// sluice.vendor. It may name more:
//
//	ecs: {auditd.sequence: event.sequence}
type ecsStep struct {
	paths   [][]string
	targets [][]target
	kinds   []allowedValues
	at      string
}

// allowedValues are the values that ECS has for a field; older shippers and other
// schemas have more, as event.category network_traffic.
type allowedValues struct {
	field event.Field
	words []string
}

// apply drops what ECS does not know.
func (a *allowedValues) apply(ev *event.Event) {
	v := ev.Get(a.field)
	switch {
	case v == nil:
	case !v.IsList():
		if !slices.Contains(a.words, ev.Text(a.field)) {
			ev.Unset(a.field)
		}
	default:
		given := ev.List(a.field)
		if !slices.ContainsFunc(given, func(w string) bool { return !slices.Contains(a.words, w) }) {
			return
		}
		given = slices.Clone(given)
		ev.Unset(a.field)
		for _, w := range given {
			if w == "network_traffic" { // what Packetbeat calls it
				w = "network"
			}
			if slices.Contains(a.words, w) {
				ev.Add(a.field, w)
			}
		}
	}
}

// notOurs are keys of such documents that the engine fills itself, or nobody wants.
var notOurs = map[string]bool{"@metadata": true, "data_stream": true, "ecs": true, "ecs.version": true, "elastic_agent": true, "input": true, "sluice": true}

func (s *ecsStep) apply(r *run) bool {
	v, err := r.parseJSON(r.text)
	if err != nil || v.Type() != fastjson.TypeObject {
		r.miss(s.at, "no JSON object", 0)
		return false
	}
	d := &r.ecs
	d.ev, d.path = r.ev, d.path[:0]
	v.GetObject().Visit(func(key []byte, v *fastjson.Value) {
		if notOurs[string(key)] {
			return
		}
		d.path = append(d.path[:0], key...)
		if string(key) == "event" && v.Type() == fastjson.TypeObject {
			d.event(v.GetObject())
			return
		}
		d.value(v, 0)
	})
	d.ev = nil
	for i := range s.kinds {
		s.kinds[i].apply(r.ev)
	}
	ok := true
	for i, path := range s.paths {
		got := v.Get(path...)
		if got == nil {
			continue
		}
		for j := range s.targets[i] {
			if t := &s.targets[i][j]; !t.putJSON(r, got) {
				r.bad(s.at, t.name, got.String())
				ok = false
			}
		}
	}
	return ok
}

// event reads the fields of event without those that the engine fills.
func (d *Decoder) event(o *fastjson.Object) {
	at := len(d.path)
	o.Visit(func(key []byte, v *fastjson.Value) {
		switch string(key) {
		case "created", "dataset", "ingested", "original":
			return
		}
		d.path = append(append(d.path[:at], '.'), key...)
		d.value(v, 1)
	})
	d.path = d.path[:at]
}

func (l *loader) ecs(n *strictyaml.Node) step {
	s := &ecsStep{at: l.place(n)}
	for _, name := range []string{"event.kind", "event.category", "event.type", "event.outcome"} {
		if known, ok := schemas.Lookup(name); ok {
			s.kinds = append(s.kinds, allowedValues{l.field(n, name), known.Allowed})
		}
	}
	l.Pairs(n, func(path string, _, v *strictyaml.Node) {
		s.paths, s.targets = append(s.paths, strings.Split(path, ".")), append(s.targets, l.targets(v, false))
	})
	return s
}
