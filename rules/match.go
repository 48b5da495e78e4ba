package rules

import "time"

// Instant is what Match has to know beside the event.
type Instant struct {
	Time      time.Time // window time
	Received  time.Time
	Lane      string // "": the live lane
	Origin    string
	ID        string // of the event; "": its sluice.id
	Namespace string // "": its data_stream.namespace
}

// Match says that one event is of interest to one rule: what sluice.matches carries.
type Match struct {
	Rule      string
	Hash      string // of the rule; a match of another version is dropped
	Key       string // the group-by values, as a JSON list of texts
	Namespace string
	Lane      string
	Origin    string
	Time      time.Time
	ID        string // of the event
	Value     string // what distinct counts
	Steps     uint32 // of a sequence: bit n is set where step n+1 matched; Until is the step that ends it
	Fields    []Field
}

// Field is one field of an event as the alert shows it, values as text.
type Field struct {
	Name   string
	Values []string
}
