package normalize

import (
	"slices"
	"time"

	"sluice/event"
	"sluice/internal/jsontape"
	"sluice/internal/strictyaml"
	"sluice/normalize/header"
)

// innerStep says that a field's text is a line of its own, which the pack only wraps:
// inner: FIELD. The line is read when the pack is through.
type innerStep struct{ field event.Field }

func (s *innerStep) apply(r *run) bool {
	r.inner = r.ev.Text(s.field)
	return true
}

// wrappedStep says that the object below one of these keys of the message may be such a line:
//
//	inner: {objects: [event, data]}
//
// It is if a pack knows it by more than that it is an object, and nothing of it is kept of what stands
// around it; else it is part of the message, and what another step found stays. The only key there is may have any name.
type wrappedStep struct{ keys []string }

func (s *wrappedStep) apply(r *run) bool {
	v := r.parseJSON(r.text)
	if v.Kind() != jsontape.Object {
		return true
	}
	for _, key := range s.keys {
		if r.wraps(v.Get(key)) {
			return true
		}
	}
	if v = v.First(); v.OK() && !v.Next().OK() {
		r.wraps(v)
	}
	return true
}

// wraps says whether a value of the message is an object that a pack knows, and has that read it.
func (r *run) wraps(v jsontape.Value) bool {
	if v.Kind() != jsontape.Object || r.cutOff != "" {
		return false
	}
	if r.within == nil {
		r.within = &look{}
	}
	h := header.Header{Message: v.Raw()}
	if p := r.engine.recog.find(&h, v, nil, r.within); p == nil || p.readsAny() {
		return false
	}
	r.inner = h.Message
	r.ev.DropVendor(v.Key() + ".")
	return true
}

func (l *loader) inner(n *strictyaml.Node) step {
	l.body.wraps = true
	if n.Kind == strictyaml.Scalar {
		return &innerStep{l.field(n, n.Value)}
	}
	s := &wrappedStep{}
	l.Pairs(n, func(key string, k, v *strictyaml.Node) {
		if key != "objects" {
			l.Fail(k, "inner knows objects")
			return
		}
		s.keys = strictyaml.Texts(l.Words(v))
	})
	return s
}

// unknownStep are steps for a text inside that no pack knows:
//
//	unknown:
//	- in: message
//	  glean: {}
//
// They wait until it is known whose the line inside is, and run where it is nobody's, or
// where there is none. What the pack reads of the text of a line that has a pack of its
// own would stand in that pack's way.
type unknownStep struct{ steps program }

func (s *unknownStep) apply(r *run) bool {
	if r.inner == "" {
		return s.steps.run(r)
	}
	r.unknown = s
	return true
}

func (l *loader) unknown(n *strictyaml.Node) step {
	return &unknownStep{newProgram(l.blocks(n))}
}

// said is what an envelope said of the whole line, of which the line inside says it better.
type said struct {
	message string
	at      time.Time
}

// foreign readies the event for the pack of the line inside: its time is the device's, and
// the steps of one that knows the device read that line's text, not what the envelope called
// message. Both are returned for after.
func (w *Worker) foreign(inside *pack) (s said) {
	if u := w.unknown; u != nil && (inside == nil || inside.generic) {
		w.unknown = nil
		u.steps.run(&w.run)
	}
	w.ev.RangeOf(w.engine.vars, func(f event.Field, _ *event.Value) bool { // the envelope's own
		w.ev.Unset(f)
		return true
	})
	if inside == nil {
		return s
	}
	f := &w.engine.f
	if v := w.ev.Get(f.timestamp); v != nil {
		s.at = v.Time()
		w.ev.Unset(f.timestamp)
	}
	if !inside.generic {
		s.message = w.ev.Text(f.message)
		w.ev.Unset(f.message)
	}
	return s
}

// familiar puts back what foreign took off, where the line inside does not say it: the
// message only of a line without a header.
func (w *Worker) familiar(s said) {
	f := &w.engine.f
	if s.message != "" && !w.head.Found() && !w.ev.Has(f.message) {
		w.ev.SetText(f.message, s.message)
	}
	if !s.at.IsZero() && !w.ev.Has(f.timestamp) {
		w.ev.SetTime(f.timestamp, s.at)
	}
}

// varsOf are the scratch variables of all packs. What an envelope kept in its own is
// nothing to the pack of the line inside, which may call one of its own so.
func varsOf(schema *event.Schema) event.FieldSet {
	vars := schema.NewFieldSet()
	for f := range event.Field(schema.Len()) {
		if isVar(schema.Spec(f)) {
			vars.Add(f)
		}
	}
	return vars
}

// isVar tells the variable of a pack from one that all share with the engine.
func isVar(s event.Spec) bool {
	return s.Hidden && !slices.ContainsFunc(engineVars, func(e event.Spec) bool { return e.Name == s.Name })
}
