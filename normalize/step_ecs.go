package normalize

import (
	"strings"

	"github.com/valyala/fastjson"

	"sluice/internal/strictyaml"
)

// ecsStep reads a JSON object that is an ECS document already, as Beats and Elastic
// Agent send it: a key that ECS or a pack declares is that field, others go under
// sluice.vendor. It may name more:
//
//	ecs: {auditd.sequence: event.sequence}
type ecsStep struct {
	paths   [][]string
	targets [][]target
	at      string
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
	l.Pairs(n, func(path string, _, v *strictyaml.Node) {
		s.paths, s.targets = append(s.paths, strings.Split(path, ".")), append(s.targets, l.targets(v, false))
	})
	return s
}
