package normalize

import (
	"sluice/event"
	"sluice/internal/strictyaml"
)

// caseStep goes on with the steps for one value of a field.
type caseStep struct {
	field event.Field
	of    keys[step]
	other step
}

func (s *caseStep) apply(r *run) bool {
	if next := s.of.get(r.textOf(s.field)); next != nil {
		return (*next).apply(r)
	}
	if s.other != nil {
		return s.other.apply(r)
	}
	return true
}

func (l *loader) caseOf(n *strictyaml.Node) step {
	s := &caseStep{}
	l.Pairs(n, func(key string, k, v *strictyaml.Node) {
		if s.field == event.None {
			s.field = l.field(k, key)
		}
		l.Pairs(v, func(key string, k, v *strictyaml.Node) {
			var body step = &block{steps: newProgram(l.blocks(v))}
			if key == "default" {
				s.other = body
				return
			}
			for _, one := range l.keyTexts(k, key) {
				of := s.of.at(one)
				if *of != nil {
					l.Fail(k, "%s is given twice", one)
				}
				*of = body
				l.body.patterns++
			}
		})
	})
	return s
}
