package normalize

import (
	"errors"
	"slices"
	"sync"
	"time"

	"sluice/event"
	"sluice/internal/condition"
	"sluice/normalize/pattern"
)

// pack is one pack: how its lines are recognized, and the body that turns one into
// fields.
type pack struct {
	name       string
	info       Info
	text       []byte // of its file
	constName  event.Const
	dataset    event.Const // sluice.NAME
	order      int         // among all packs
	recognize  []rule
	only       []*pattern.Pattern // none: all that recognize finds; else what fits one of them, too
	header     headerFields
	unnumbered []string // programs that log without a number in brackets
	nat        natRule
	natIDs     bool // network.community_id of both sides of a translation
	lastResort bool
	generic    bool           // reads a format, whoever writes it: yields to the packs of devices
	zone       *time.Location // of stamps that name none, unless the input names one; nil: UTC
	bare       bool           // its lines have no syslog header of their own
	silent     bool           // message is not set: the whole line is a record
	dotted     bool           // keys of its own format have dots: no flattened objects
	byName     bool           // related.hosts gets host.name, not host.hostname
	unrelated  []event.Field  // what related.* does not repeat
	hidden     uint64         // the bits of these
	literal    []event.Field  // which keep a text that stands for nothing
	body       func() *body   // compiled once, at the first line at the latest

	namesOnce sync.Once
	names     [2]map[string]string // of keyNames
}

// readsAny says whether any object of JSON is the pack's.
func (p *pack) readsAny() bool {
	return slices.ContainsFunc(p.recognize, func(ru rule) bool { return ru.format == formatJSON })
}

// body is what a pack does with its lines. Of the packs that ship it is compiled when
// the first line comes: no installation has the devices of all of them.
type body struct {
	constants []assign
	steps     program
	lists     bool              // may find a list of events in a line
	wraps     bool              // may find a line of its own in a line
	leaves    *condition.Leaves // of its conditions in expr; nil: it has none
	patterns  int
	keys      int
	err       error // of a shipped pack that does not compile, which our tests would have found
}

// brokenStep stands for the steps of a pack that does not compile: its lines are kept,
// and say why they were not read.
type brokenStep struct{ why string }

func (s *brokenStep) apply(r *run) bool {
	r.reason(s.why, "unparsed")
	return false
}

// natRule is what becomes of a nat address and port that repeat the untranslated
// ones: dropped together, each on its own, or kept.
type natRule uint8

const (
	natBoth natRule = iota
	natParts
	natKeep
)

// headerFields is where a pack wants the parts of the syslog header.
type headerFields struct{ host, program, pid []event.Field }

// Info is what a pack says of itself, for people.
type Info struct {
	Name      string   `json:"name"`
	Title     string   `json:"title"`
	Docs      string   `json:"docs"`
	Recognize []string `json:"recognize"`
	Patterns  int      `json:"patterns"` // message texts that have a pattern, and values that a case goes on by
	Keys      int      `json:"keys"`     // of objects, pairs and columns that have a field
	Generic   bool     `json:"generic"`
}

// Info lists all packs by name.
func (p *Packs) Info() []Info {
	var out []Info
	for _, name := range p.Names() {
		one := p.byName[name]
		info := one.info
		info.Patterns, info.Keys = one.body().patterns, one.body().keys
		out = append(out, info)
	}
	return out
}

// Wraps tells that lines of the pack may hold lines of other packs, which then name their events.
func (p *Packs) Wraps(name string) bool {
	one := p.byName[name]
	return one != nil && (one.body().wraps || one.body().lists)
}

// Compile compiles what Load left for the first line, and returns every fault.
func (p *Packs) Compile() error {
	var faults []error
	for _, one := range p.packs {
		faults = append(faults, one.body().err)
	}
	return errors.Join(faults...)
}
