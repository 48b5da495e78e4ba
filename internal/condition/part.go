package condition

import (
	"fmt"
	"math"
	"time"

	"sluice/event"
)

// Part is a part of a time, in UTC, that a leaf compares with its numbers.
type Part uint8

// The parts. Week is that of ISO 8601.
const (
	Minute Part = iota + 1
	Hour
	Day
	Week
	Month
	Year
)

// layouts are how sources write times that no field of type date holds: RFC 3339, and
// what Sysmon writes as UtcTime.
var layouts = []string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999"}

// part asks about a part of the value's time; what is no time answers no.
func (l *Leaf) part(m *Machine, f event.Field, v *event.Value) bool {
	if !v.IsList() && v.Type() == event.Date {
		return l.ints(l.Part.of(v.Time()))
	}
	for _, text := range m.texts(f, v, true) {
		for _, layout := range layouts {
			if t, err := time.Parse(layout, text); err == nil && l.ints(l.Part.of(t.UTC())) {
				return true
			}
		}
	}
	return false
}

// spans are the values that each part has, from and to; a year may be any.
var spans = map[Part][2]float64{Minute: {0, 59}, Hour: {0, 23}, Day: {1, 31}, Week: {1, 53}, Month: {1, 12}}

var partNames = map[Part]string{Minute: "minute", Hour: "hour", Day: "day", Week: "week", Month: "month", Year: "year"}

// outside says that no time has a part such as the leaf asks for, and no expression such a
// value; "": one may.
func (l *Leaf) outside(n *Node) string {
	span, ok := spans[l.Part]
	name := "a " + partNames[l.Part]
	if l.of != nil && l.of.name != "" {
		span, name, ok = [2]float64{l.of.least, l.of.most}, l.of.name, true
	}
	if !ok || !l.op().numeric() {
		return ""
	}
	switch {
	case !l.Beyond(span[0], span[1]):
		return ""
	case math.IsInf(span[1], 1):
		return fmt.Sprintf("%s (%d:%d): %s is at least %g", n.Text, n.Line, n.Column, name, span[0])
	}
	return fmt.Sprintf("%s (%d:%d): %s is from %g to %g", n.Text, n.Line, n.Column, name, span[0], span[1])
}

// all says whether each number between two is one that the leaf asks for.
func (l *Leaf) all(least, most float64) bool {
	low, high := l.span()
	op := l.op()
	return op > EqualNum && op.numeric() && low <= least && high >= most && (op != Greater || low < least) && (op != Less || high > most)
}

// Beyond says whether no number between two is one that the leaf asks for.
func (l *Leaf) Beyond(least, most float64) bool {
	low, high := l.span()
	return l.op().numeric() && (high < least || low > most || low == most && l.op() == Greater || high == least && l.op() == Less)
}

func (p Part) of(t time.Time) int64 {
	switch p {
	case Minute:
		return int64(t.Minute())
	case Hour:
		return int64(t.Hour())
	case Day:
		return int64(t.Day())
	case Week:
		_, week := t.ISOWeek()
		return int64(week)
	case Month:
		return int64(t.Month())
	}
	return int64(t.Year())
}
