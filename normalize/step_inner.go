package normalize

import (
	"sluice/event"
	"sluice/internal/strictyaml"
)

// innerStep says that a field's text is a line of its own, which the pack only wraps:
// inner: FIELD. The line is read when the pack is through.
type innerStep struct{ field event.Field }

func (s *innerStep) apply(r *run) bool {
	r.inner = r.ev.Text(s.field)
	return true
}

func (l *loader) inner(n *strictyaml.Node) step { return &innerStep{l.field(n, n.Value)} }
