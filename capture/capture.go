// Package capture turns packets into records: one per flow and one per DNS message, as JSON that
// the packs sluice_flow and sluice_dns parse.
//
// An Engine does no I/O and reads no clock: packets and their times come from a source
// (capture/pcap for files, capture/live for an interface), so the same packets give the same
// records. Its memory is bounded by Limits. docs/capture.md lists the fields of the records.
package capture

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/gopacket/gopacket/layers"
)

// Packet is one frame as a source took it.
type Packet struct {
	Number    uint64 // its place in the source, from 1; ids are made of it
	Time      time.Time
	Link      layers.LinkType
	Interface string // where it was taken, if the source knows
	Data      []byte // what was captured; may be shorter than Length
	Length    int    // bytes on the wire
	VLAN      uint16 // a tag that the card took off the frame; 0: none
}

// Record is one flow or one message of a protocol, ready for the bus.
type Record struct {
	Pack    string // the pack that reads it: sluice_flow, sluice_dns
	JSON    []byte // one object; valid only until the sink returns
	First   uint64 // number of the (first) packet that it was made of
	Ordinal int    // 0 for a flow; 1.. for the messages that this packet completed: with First unique in a source
}

// Limits bound an Engine and say when a flow ends. The yaml tags are the keys of the
// input's settings.
type Limits struct {
	MaxFlows       int           `yaml:"max_flows"`       // flows open at once; the longest silent one makes room
	IdleTimeout    time.Duration `yaml:"idle_timeout"`    // a flow ends after this silence
	AttemptTimeout time.Duration `yaml:"attempt_timeout"` // the same while only one side has spoken
	ActiveTimeout  time.Duration `yaml:"active_timeout"`  // a longer flow is reported in parts of this length
}

// DefaultLimits are the limits of an input that names none.
func DefaultLimits() Limits {
	return Limits{
		MaxFlows:       100_000,          // 40 MB when full
		IdleTimeout:    2 * time.Minute,  // between NetFlow's 15 s and Zeek's 5 min; keepalives of most protocols come sooner
		AttemptTimeout: 10 * time.Second, // two SYN retries (1 s, 3 s) fit, and a port scan is told at once
		ActiveTimeout:  5 * time.Minute,  // a long download shows while it lasts
	}
}

// Validate reports every limit that is out of range, naming its key.
func (l Limits) Validate() error {
	var faults []error
	if l.MaxFlows < 16 || l.MaxFlows > 10_000_000 {
		faults = append(faults, fmt.Errorf("flows.max_flows: %d is not between 16 and 10000000", l.MaxFlows))
	}
	f := func(key string, d time.Duration) {
		if d < time.Second || d > 24*time.Hour {
			faults = append(faults, fmt.Errorf("flows.%s: %v is not between 1s and 24h", key, d))
		}
	}
	f("idle_timeout", l.IdleTimeout)
	f("attempt_timeout", l.AttemptTimeout)
	f("active_timeout", l.ActiveTimeout)
	return errors.Join(faults...)
}

// Stats count what an Engine has seen since it was made.
type Stats struct {
	Packets, Bytes uint64
	Inner          uint64 // packets that were carried in these over UDP; each is of a flow, as its carrier is
	Ignored        uint64 // well formed, but not IP (ARP, STP, an unknown link type)
	Malformed      uint64 // a header that does not hold what it promises
	Fragments      uint64 // later IP fragments; they carry no ports and belong to no flow here
	Flows          uint64
	Evicted        uint64 // flows that ended because the table was full
	Messages       uint64 // records of protocols (DNS)
	BadMessages    uint64 // messages that did not decode
	Panics         uint64 // a decoder's fault, caught; always a bug
}

// An Engine belongs to one goroutine.
type Engine struct {
	limits Limits
	sink   func(Record)
	parse  parser
	table  table
	now    int64 // greatest packet time or Advance, unix ns
	stats  Stats
	buf    []byte // of the record being written
	order  int    // ordinal of the next message of the present packet
}

// New makes an engine. sink takes each record during Packet, Advance and Flush; it
// must not keep Record.JSON.
func New(limits Limits, sink func(Record)) *Engine {
	return &Engine{limits: limits, sink: sink, table: newTable(limits)}
}

// Packet takes one packet. It never fails: what does not decode is counted.
func (e *Engine) Packet(p Packet) {
	e.stats.Packets++
	e.stats.Bytes += uint64(max(p.Length, 0))
	e.order = 0
	e.Advance(p.Time)
	// The layers' parser catches its own panics; this one is for miekg/dns and us, so
	// that one packet can never stop a capture.
	defer func() {
		if recover() != nil {
			e.stats.Panics++
		}
	}()
	switch v, verdict := e.parse.packet(&p); verdict {
	case decoded:
		e.track(v)
		for v, ok := e.parse.inside(); ok; v, ok = e.parse.inside() {
			e.stats.Inner++
			e.track(v)
		}
	case ignored:
		e.stats.Ignored++
	case malformed:
		e.stats.Malformed++
	case fragment:
		e.stats.Fragments++
	}
}

// Advance says that it is now t, which ends silent flows. Time never goes back.
func (e *Engine) Advance(t time.Time) {
	if ns := t.UnixNano(); ns > e.now {
		e.now = ns
	}
	for f := e.table.expired(e.now); f != nil; f = e.table.expired(e.now) {
		e.end(f, f.reason())
	}
}

// setBack is by how much a clock is set back at least for time to begin anew. Less only delays the end
// of flows by as much.
const setBack = 10 * time.Second

// Present is Advance by the clock that stamps the packets. Where they were stamped well ahead of it, it
// was set back since: every flow is reported as far as it came, for none would end until the clock has
// caught up.
func (e *Engine) Present(now time.Time) {
	if ns := now.UnixNano(); e.now-ns >= int64(setBack) {
		e.endAll(reasonActive)
		e.now = ns
	}
	e.Advance(now)
}

// Flush ends every flow, because the source has.
func (e *Engine) Flush() { e.endAll(reasonEOF) }

// endAll ends every flow, for a reason where it has none of its own.
func (e *Engine) endAll(reason string) {
	for f := e.table.any(); f != nil; f = e.table.any() {
		e.end(f, cmp.Or(f.closing, reason))
	}
}

// Stats gives the counts so far.
func (e *Engine) Stats() Stats { return e.stats }

// openFlows says how many flows are in the table.
func (e *Engine) openFlows() int { return len(e.table.flows) }

func (e *Engine) end(f *flow, reason string) {
	e.stats.Flows++
	e.emitFlow(f, reason)
	e.table.remove(f)
}
