package rules

import (
	"encoding/json"
	"fmt"
	"time"

	"sluice/event"
)

// Instant is what Match has to know beside the event.
type Instant struct {
	Time      time.Time // window time
	Received  time.Time
	Lane      string // "": the live lane
	Origin    string // where a match goes that comes too late for its lane
	ID        string // of the event; "": its sluice.id
	Namespace string // "": its data_stream.namespace
}

// Match says that one event is of interest to one rule: what sluice.matches carries.
type Match struct {
	Rule      string
	Hash      string // of the rule; a match for another version is dropped
	Key       string // the group-by values, as a JSON list of texts
	Namespace string
	Lane      string
	Origin    string
	Time      time.Time
	ID        string // of the event
	Value     string // what distinct counts
	Steps     uint32 // of a sequence: bit n for its step n+1, the highest for until
	Fields    string // what the alert shows of the event: a JSON object, name to list of texts
}

// untilStep is the bit of the condition that ends a sequence.
const untilStep = 1 << 31

// AppendJSON appends the match as sluice.matches carries it.
func (m *Match) AppendJSON(dst []byte) []byte {
	text := func(key, s string) {
		if s != "" {
			dst = append(dst, `,"`+key+`":`...)
			dst = event.AppendString(dst, s)
		}
	}
	dst = append(dst, `{"rule":`...)
	dst = event.AppendString(dst, m.Rule)
	text("hash", m.Hash)
	text("key", m.Key)
	text("namespace", m.Namespace)
	text("lane", m.Lane)
	text("origin", m.Origin)
	dst = append(dst, `,"time":"`...)
	dst = m.Time.UTC().AppendFormat(dst, time.RFC3339Nano)
	dst = append(dst, '"')
	text("id", m.ID)
	text("value", m.Value)
	if m.Steps != 0 {
		dst = fmt.Appendf(dst, `,"steps":%d`, m.Steps)
	}
	if m.Fields != "" {
		dst = append(append(dst, `,"fields":`...), m.Fields...)
	}
	return append(dst, '}')
}

// ParseMatch reads what AppendJSON wrote. Keys that it does not know are ignored, so
// that versions may run side by side.
func ParseMatch(data []byte) (Match, error) {
	var w struct {
		Rule, Hash, Key, Namespace, Lane, Origin, ID, Value string
		Time                                                time.Time
		Steps                                               uint32
		Fields                                              json.RawMessage
	}
	if err := json.Unmarshal(data, &w); err != nil {
		return Match{}, fmt.Errorf("read match: %w", err)
	}
	if w.Rule == "" || w.Time.IsZero() || w.Time.Year() < 1678 || w.Time.Year() > 2261 {
		return Match{}, fmt.Errorf("read match: no rule, or no time that nanoseconds since 1970 can hold")
	}
	return Match{
		Rule: w.Rule, Hash: w.Hash, Key: w.Key, Namespace: w.Namespace, Lane: w.Lane, Origin: w.Origin,
		Time: w.Time.UTC(), ID: w.ID, Value: w.Value, Steps: w.Steps, Fields: string(w.Fields),
	}, nil
}

// PartitionKey is the key of the message on sluice.matches: all matches that share
// state have the same one.
func (m *Match) PartitionKey() []byte {
	return []byte(m.Rule + "\x00" + m.Namespace + "\x00" + m.Key)
}
