package condition

import (
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"
)

// Kind is the kind of a node.
type Kind uint8

// The kinds of nodes.
const (
	And Kind = iota
	Or
	Not
	Ask   // a leaf
	Const // Value
)

// Node is a rule's condition.
type Node struct {
	Kind  Kind
	Value bool // of Const
	Leaf  int32
	Kids  []*Node

	// For people. They stand here because rules share leaves.
	Name         string // the part of the rule it came from
	Text         string // of a leaf: as the rule says it
	Line, Column int
}

// Leaves holds the leaves of all rules, each distinct question once. Adding is for one
// goroutine; then Machines may share it.
type Leaves struct {
	all    []*Leaf
	reads  []sources // by leaf
	steps  []step    // of all plans
	byID   map[string]int32
	id     []byte   // of the leaf that was added last; its memory is used again
	parts  []string // likewise
	errors atomic.Int64

	// MaxText is how much of a text a regular expression reads; 0: all. Set it before the
	// first leaf is added.
	MaxText int
}

// TakeErrors returns how many programs have ended in an error, which is a no, since the last
// call. It is safe for concurrent use.
func (ls *Leaves) TakeErrors() int64 { return ls.errors.Swap(0) }

// Len is the number of distinct leaves.
func (ls *Leaves) Len() int { return len(ls.all) }

// Leaf is the leaf that a node of kind Ask names. It is read-only.
func (ls *Leaves) Leaf(n *Node) *Leaf { return ls.all[n.Leaf] }

// NewLeaves returns an empty table.
func NewLeaves() *Leaves { return &Leaves{byID: map[string]int32{}} }

// Add returns the node of a leaf, the same leaf for the same question.
func (ls *Leaves) Add(l Leaf) *Node {
	id := ls.identity(&l)
	n, ok := ls.byID[string(id)]
	if !ok {
		n = int32(len(ls.all))
		own := l // most are there already, and need no memory
		own.most = ls.MaxText
		own.prepare()
		ls.all, ls.reads = append(ls.all, &own), append(ls.reads, sourcesOf(&own))
		ls.byID[string(id)] = n
	}
	return &Node{Kind: Ask, Leaf: n, Text: l.Text, Line: l.Line, Column: l.Column}
}

// identity is equal for leaves that ask the same. It is valid until the next call.
func (ls *Leaves) identity(l *Leaf) []byte {
	b := ls.id[:0]
	for _, n := range [...]int{int(l.Field), int(l.Op), int(l.Other), int(l.Sub), int(l.Part), len(l.Also)} {
		b = append(strconv.AppendInt(b, int64(n), 10), ' ')
	}
	for _, f := range l.Also {
		b = append(strconv.AppendInt(b, int64(f), 10), ' ')
	}
	b = strconv.AppendBool(b, l.Cased)
	if len(l.Numbers) > 0 {
		b = fmt.Append(b, l.Numbers)
	}
	parts := append(ls.parts[:0], l.Values...)
	for _, g := range l.Globs {
		parts = append(parts, fmt.Sprintf("%q%t%t", g.Pieces, g.Start, g.End))
	}
	for _, re := range l.Regexps {
		parts = append(parts, re.String())
	}
	for _, n := range l.Nets {
		parts = append(parts, n.String())
	}
	if l.Op == Program {
		parts = append(parts, l.Text)
	}
	slices.Sort(parts) // the order of a list means nothing
	for _, p := range parts {
		b = append(append(strconv.AppendInt(append(b, ' '), int64(len(p)), 10), ':'), p...)
	}
	ls.id, ls.parts = b, parts
	return b
}

// Join makes an And or Or of kids, without needless levels. A nil kid is left out.
func Join(k Kind, kids ...*Node) *Node {
	n := &Node{Kind: k}
	for _, kid := range kids {
		if kid == nil {
			continue
		}
		if kid.Kind == k && kid.Name == "" {
			n.Kids = append(n.Kids, kid.Kids...)
		} else {
			n.Kids = append(n.Kids, kid)
		}
	}
	if len(n.Kids) == 1 {
		return n.Kids[0]
	}
	return n
}

// Negate is the opposite of n.
func Negate(n *Node) *Node {
	if n.Kind == Not && n.Name == "" {
		return n.Kids[0]
	}
	return &Node{Kind: Not, Kids: []*Node{n}}
}
