package normalize

import (
	"time"

	"sluice/event"
)

// pack is one compiled pack: how its lines are recognized, and the steps that
// turn one into fields.
type pack struct {
	name       string
	info       Info
	constName  event.Const
	dataset    event.Const // sluice.NAME
	order      int         // among all packs
	recognize  []rule
	constants  []assign
	header     headerFields
	steps      program
	nat        natRule
	natIDs     bool // network.community_id of both sides of a translation
	lastResort bool
	generic    bool           // reads a format, whoever writes it: yields to the packs of devices
	zone       *time.Location // of stamps that name none, unless the input names one; nil: UTC
	bare       bool           // its lines have no syslog header of their own
	lists      bool           // may find a list of events in a line
	silent     bool           // message is not set: the whole line is a record
	byName     bool           // related.hosts gets host.name, not host.hostname
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
	Name, Title, Docs string
	File              string // that it was read from
	Recognize         []string
	Patterns          int // message texts that have a pattern, and values that a case goes on by
	Keys              int // of objects, pairs and columns that have a field
	Generic           bool
}

// Info lists all packs by name.
func (p *Packs) Info() []Info {
	var out []Info
	for _, name := range p.Names() {
		out = append(out, p.byName[name].info)
	}
	return out
}
