package condition

import "sluice/event"

// Plan is a condition laid out for the processor: its questions one behind the other, so that
// what decides thousands of rules is read from little memory. A rule's tree, which people are
// shown, is spread over ten times as much.
type Plan int32

// Ends of a plan, and none.
const (
	holds  Plan = -1
	fails  Plan = -2
	NoPlan Plan = -3
)

// step is one question of a plan, and where its answers lead.
type step struct {
	leaf    int32
	yes, no Plan
}

// sources are the fields of which a leaf reads the first that is set: where none is, it says no.
type sources struct {
	fields [3]event.Field
	n      uint8 // 0: it must be asked
}

func sourcesOf(l *Leaf) (s sources) {
	if l.Op == Program || l.Field == Any || len(l.Also)+1 > len(s.fields) {
		return s
	}
	s.fields[0] = l.Field
	s.n = uint8(1 + copy(s.fields[1:], l.Also))
	return s
}

// unset says whether the leaf says no, since nothing is set that it reads.
func (s *sources) unset(ev *event.Event) bool {
	for i := range s.n {
		if ev.Has(s.fields[i]) {
			return false
		}
	}
	return s.n > 0
}

// Guards are a field without which the condition cannot hold, and one with which it cannot;
// None: there is no such field. Asking for them is cheaper than asking the condition.
func (ls *Leaves) Guards(n *Node) (needs, lacks event.Field) {
	switch n.Kind {
	case Ask:
		if s := &ls.reads[n.Leaf]; s.n == 1 {
			return s.fields[0], event.None
		}
	case Not:
		if k := n.Kids[0]; k.Kind == Ask && ls.all[k.Leaf].Op == Exists {
			lacks, _ = ls.Guards(k)
			return event.None, lacks
		}
	case And:
		for _, k := range n.Kids {
			with, without := ls.Guards(k)
			if needs == event.None {
				needs = with
			}
			if lacks == event.None {
				lacks = without
			}
		}
		return needs, lacks
	case Or:
		for i, k := range n.Kids {
			with, without := ls.Guards(k)
			if i == 0 {
				needs, lacks = with, without
			}
			if with != needs {
				needs = event.None
			}
			if without != lacks {
				lacks = event.None
			}
		}
		return needs, lacks
	case Const:
	}
	return event.None, event.None
}

// Plan lays out a condition that changes no more. It is for the goroutine that adds leaves.
func (ls *Leaves) Plan(n *Node) Plan { return ls.lay(n, holds, fails) }

// lay adds the steps of n, from the last to the first: where each leads is known then.
func (ls *Leaves) lay(n *Node, yes, no Plan) Plan {
	switch n.Kind {
	case Ask:
		ls.steps = append(ls.steps, step{n.Leaf, yes, no})
		return Plan(len(ls.steps) - 1)
	case And:
		at := yes
		for i := len(n.Kids) - 1; i >= 0; i-- {
			at = ls.lay(n.Kids[i], at, no)
		}
		return at
	case Or:
		at := no
		for i := len(n.Kids) - 1; i >= 0; i-- {
			at = ls.lay(n.Kids[i], yes, at)
		}
		return at
	case Not:
		return ls.lay(n.Kids[0], no, yes)
	case Const:
	}
	if n.Value {
		return yes
	}
	return no
}

// Holds decides a plan for the event of Begin, as Eval decides the condition.
func (m *Machine) Holds(p Plan) bool {
	for p >= 0 {
		s := &m.leaves.steps[p]
		if m.ask(s.leaf) {
			p = s.yes
		} else {
			p = s.no
		}
	}
	return p == holds
}
