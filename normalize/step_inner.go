package normalize

import (
	"slices"

	"sluice/event"
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

func (l *loader) inner(n *strictyaml.Node) step { return &innerStep{l.field(n, n.Value)} }

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

// foreign readies the event for a pack that knows the line inside: its steps read that
// line's text, not what the envelope called message, which is returned for after.
func (w *Worker) foreign(inside *pack) string {
	if s := w.unknown; s != nil && (inside == nil || inside.generic) {
		w.unknown = nil
		s.steps.run(&w.run)
	}
	w.ev.RangeOf(w.engine.vars, func(f event.Field, _ *event.Value) bool { // the envelope's own
		w.ev.Unset(f)
		return true
	})
	message := w.engine.f.message
	if inside == nil || inside.generic || !w.ev.Has(message) {
		return ""
	}
	text := w.ev.Text(message)
	w.ev.Unset(message)
	return text
}

// familiar puts back what foreign took off, where the line inside came without a header
// and its pack says no other message.
func (w *Worker) familiar(text string, h *header.Header) {
	if text != "" && !h.Found() && !w.ev.Has(w.engine.f.message) {
		w.ev.SetText(w.engine.f.message, text)
	}
}

// varsOf are the scratch variables of all packs. What an envelope kept in its own is
// nothing to the pack of the line inside, which may call one of its own so.
func varsOf(schema *event.Schema) event.FieldSet {
	vars := schema.NewFieldSet()
	for f := range event.Field(schema.Len()) {
		own := func(s event.Spec) bool { return s.Name == schema.Spec(f).Name }
		if schema.Spec(f).Hidden && !slices.ContainsFunc(engineVars, own) {
			vars.Add(f)
		}
	}
	return vars
}
