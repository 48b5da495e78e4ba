package rules

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"sluice/event"
	"sluice/internal/jsontape"
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

// matchDocs are used one after another, by several goroutines.
var matchDocs = sync.Pool{New: func() any { return &jsontape.Doc{} }}

// ParseMatch reads what AppendJSON wrote. Keys that it does not know are ignored, so
// that versions may run side by side.
func ParseMatch(data []byte) (Match, error) {
	d := matchDocs.Get().(*jsontape.Doc)
	defer matchDocs.Put(d)
	if err := d.ParseBytes(data); err != nil {
		return Match{}, fmt.Errorf("read match: %w, at byte %d", err, d.At())
	}
	if d.Loose() || d.Root().Kind() != jsontape.Object {
		return Match{}, fmt.Errorf("read match: no JSON object")
	}
	var m Match
	for v := d.Root().First(); v.OK(); v = v.Next() {
		if !m.set(v) {
			return Match{}, fmt.Errorf("read match: %s cannot be %s", v.Key(), v.Raw()[:min(len(v.Raw()), 60)])
		}
	}
	if m.Rule == "" || m.Time.IsZero() || m.Time.Year() < 1678 || m.Time.Year() > 2261 {
		return Match{}, fmt.Errorf("read match: no rule, or no time that nanoseconds since 1970 can hold")
	}
	return m, nil
}

// set takes one value of what AppendJSON wrote, as a copy: state keeps some for hours.
func (m *Match) set(v jsontape.Value) (ok bool) {
	to := (*string)(nil)
	switch v.Key() {
	case "rule":
		to = &m.Rule
	case "hash":
		to = &m.Hash
	case "key":
		to = &m.Key
	case "namespace":
		to = &m.Namespace
	case "lane":
		to = &m.Lane
	case "origin":
		to = &m.Origin
	case "id":
		to = &m.ID
	case "value":
		to = &m.Value
	case "time":
		t, err := time.Parse(time.RFC3339Nano, v.Str())
		m.Time = t.UTC()
		return err == nil
	case "steps":
		n, isInt := v.Int()
		m.Steps = uint32(n)
		return isInt && n == int64(m.Steps)
	case "fields":
		m.Fields = strings.Clone(v.Raw())
		return true
	default:
		return true
	}
	*to = strings.Clone(v.Str())
	return v.Kind() == jsontape.String
}

// PartitionKey is the key of the message on sluice.matches: all matches that share
// state have the same one.
func (m *Match) PartitionKey() []byte {
	return []byte(m.Rule + "\x00" + m.Namespace + "\x00" + m.Key)
}
