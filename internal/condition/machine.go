package condition

import (
	"strconv"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/expr-lang/expr/vm"

	"sluice/event"
)

// Machine decides conditions on one event after another. It belongs to one goroutine.
// The answer of a leaf that several rules ask, and the folded form of a value, are kept
// for the event.
type Machine struct {
	leaves *Leaves
	memo   []uint32 // by leaf: gen<<1 | answer
	gen    uint32
	ev     *event.Event
	folded []foldedField // by field
	every  everything
	arena  []byte
	vm     vm.VM
	errors *atomic.Int64
}

// foldedField is the folded form of a field's values, made when it is first asked for.
type foldedField struct {
	gen  uint32 // of the event that it belongs to
	text string
	list []string
}

// NewMachine makes a machine over ls, to which nothing may be added any more.
func NewMachine(ls *Leaves) *Machine {
	m := &Machine{leaves: ls, memo: make([]uint32, len(ls.all)), errors: &ls.errors}
	m.vm.MemoryBudget = memoryBudget
	return m
}

// Begin starts the next event.
func (m *Machine) Begin(ev *event.Event) {
	m.ev = ev
	if n := ev.Schema().Len(); len(m.folded) < n {
		m.folded = make([]foldedField, n)
	}
	if m.arena = m.arena[:0]; cap(m.arena) > keptArena {
		m.arena = nil
	}
	m.gen++
	if m.gen == 1<<31 {
		clear(m.memo)
		clear(m.folded)
		m.every.textsOf, m.every.joinedOf, m.gen = 0, 0, 1
	}
}

// hasAny says whether one of the fields is set.
func (m *Machine) hasAny(fields []event.Field) bool {
	for _, f := range fields {
		if m.ev.Has(f) {
			return true
		}
	}
	return false
}

// Eval decides a condition for the event of Begin.
func (m *Machine) Eval(n *Node) bool {
	switch n.Kind {
	case Ask:
		return m.ask(n.Leaf)
	case And:
		for _, k := range n.Kids {
			if !m.Eval(k) {
				return false
			}
		}
		return true
	case Or:
		for _, k := range n.Kids {
			if m.Eval(k) {
				return true
			}
		}
		return false
	case Not:
		return !m.Eval(n.Kids[0])
	case Const:
	}
	return n.Value
}

func (m *Machine) ask(i int32) bool {
	if c := m.memo[i]; c>>1 == m.gen {
		return c&1 != 0
	}
	ok := !m.leaves.reads[i].unset(m.ev) && m.leaves.all[i].test(m)
	c := m.gen << 1
	if ok {
		c |= 1
	}
	m.memo[i] = c
	return ok
}

// own keeps b until the next event.
func (m *Machine) own(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	at := m.room(len(b))
	m.arena = append(m.arena, b...)
	return unsafe.String(&m.arena[at], len(b))
}

// keptArena is how much memory for texts is kept from event to event.
const keptArena = 1 << 20

// ownFolded is the folded form of a text, kept until the next event.
func (m *Machine) ownFolded(s string) string {
	at := m.room(len(s) + len(s)/2) // few runes grow by it, and those by half
	m.arena = appendFold(m.arena, s)
	return unsafe.String(&m.arena[at], len(m.arena)-at)
}

// room makes room for n more bytes in the arena, and says where they begin.
func (m *Machine) room(n int) int {
	if cap(m.arena)-len(m.arena) < n { // old texts keep the old block alive
		m.arena = make([]byte, 0, max(4096, 2*cap(m.arena), n))
	}
	return len(m.arena)
}

// text is a value as text, whatever its type.
func (m *Machine) text(v *event.Value) string {
	if t := v.Text(); t != "" {
		return t
	}
	var buf [64]byte
	switch v.Type() {
	case event.Long:
		return m.own(strconv.AppendInt(buf[:0], v.Int(), 10))
	case event.Double:
		return m.own(strconv.AppendFloat(buf[:0], v.Float(), 'g', -1, 64))
	case event.IP:
		return m.own(v.Addr().AppendTo(buf[:0]))
	case event.Date:
		return m.own(v.Time().AppendFormat(buf[:0], time.RFC3339Nano))
	case event.Keyword, event.Bool, event.JSON:
	}
	return ""
}

// texts are all texts of a value, folded unless cased.
func (m *Machine) texts(f event.Field, v *event.Value, cased bool) []string {
	if v.IsList() {
		out := m.ev.List(f)
		if !cased {
			out = m.folds(f, out)
		}
		return out
	}
	text := m.text(v)
	if !cased {
		text = m.fold(f, text)
	}
	return []string{text}
}

// fold is the folded form of a field's only text.
func (m *Machine) fold(f event.Field, text string) string {
	if lowerPrefix(text) == len(text) {
		return text
	}
	kept := &m.folded[f]
	if kept.gen != m.gen {
		*kept = foldedField{m.gen, m.ownFolded(text), nil}
	}
	return kept.text
}

// folds are the folded forms of a list.
func (m *Machine) folds(f event.Field, items []string) []string {
	kept := &m.folded[f]
	if kept.gen == m.gen && len(kept.list) == len(items) {
		return kept.list
	}
	out := kept.list[:0]
	for _, s := range items {
		if lowerPrefix(s) < len(s) {
			s = m.ownFolded(s)
		}
		out = append(out, s)
	}
	*kept = foldedField{m.gen, "", out}
	return out
}
