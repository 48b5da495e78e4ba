package bus

import (
	"fmt"
	"strconv"
	"strings"
)

// Header names on the wire. docs/kafka.md documents them.
const (
	HeaderSchema    = "schema" // "sluice.events/1"
	HeaderID        = "id"
	HeaderOrigin    = "origin"
	HeaderInput     = "input"
	HeaderPeer      = "peer"
	HeaderListener  = "listener"
	HeaderNamespace = "namespace"
	HeaderReceived  = "received" // RFC 3339 with nanoseconds
	HeaderPack      = "pack"
	HeaderZone      = "zone"
	HeaderPart      = "part"
	HeaderHistory   = "history"
	HeaderLine      = "line"     // of an element of a list of events: the id of its line
	HeaderElement   = "element"  // its number, from 1
	HeaderEnvelope  = "envelope" // the line with one empty object in the list's place, or the one that names a file's columns
	HeaderStream    = "stream"   // the data stream or alias that the document goes to
	HeaderPosition  = "position"
	HeaderReason    = "reason" // of a dead letter
	HeaderStage     = "stage"  // of a dead letter
	HeaderTopic     = "topic"  // of a dead letter: where it was
	HeaderReplay    = "replay" // of what was a dead letter: the run that put it back
	HeaderStamp     = "stamp"  // of a deletion on sluice.state: generation and offset, as in front of values
)

// Get returns the value of the first header called key, or nil.
func (m *Message) Get(key string) []byte {
	for i := range m.Headers {
		if m.Headers[i].Key == key {
			return m.Headers[i].Value
		}
	}
	return nil
}

// Position identifies a message among all that its producer made. A consumer keeps the greatest
// (Sequence, Ordinal) per (Producer, Raw) and drops what is not greater: duplicates caused by a
// retry, by a crash, or by a worker that had lost its partition.
type Position struct {
	Producer string // the collector's journal, named at random at each start, and the partition there
	Raw      int    // raw partition that a process worker read it from; -1 before
	Sequence int64  // offset in the producer's partition
	Ordinal  int    // among what one raw caused in one topic; 0 before
}

// Source is the scope within which positions are ordered: one producer's messages through one raw
// partition.
type Source struct {
	Producer string
	Raw      int
}

// Source returns the producer and raw partition of p.
func (p Position) Source() Source { return Source{p.Producer, p.Raw} }

// After reports whether p comes after q, which must be of the same source.
func (p Position) After(q Position) bool {
	return p.Sequence > q.Sequence || p.Sequence == q.Sequence && p.Ordinal > q.Ordinal
}

// String returns the value of the position header: producer, raw partition, sequence and ordinal,
// separated by spaces.
func (p Position) String() string {
	b := make([]byte, 0, len(p.Producer)+32)
	b = append(append(b, p.Producer...), ' ')
	b = append(strconv.AppendInt(b, int64(p.Raw), 10), ' ')
	b = append(strconv.AppendInt(b, p.Sequence, 10), ' ')
	return string(strconv.AppendInt(b, int64(p.Ordinal), 10))
}

// ParsePosition parses the output of String.
func ParsePosition(s string) (Position, error) {
	f := strings.Split(s, " ")
	if len(f) != 4 || f[0] == "" {
		return Position{}, fmt.Errorf("position %.80q: want producer, raw partition, sequence and ordinal", s)
	}
	raw, err1 := strconv.Atoi(f[1])
	seq, err2 := strconv.ParseInt(f[2], 10, 64)
	ord, err3 := strconv.Atoi(f[3])
	if err1 != nil || err2 != nil || err3 != nil {
		return Position{}, fmt.Errorf("position %.80q: not a number", s)
	}
	return Position{f[0], raw, seq, ord}, nil
}
