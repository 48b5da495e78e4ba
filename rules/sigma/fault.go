package sigma

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sluice/internal/strictyaml"
)

// Reason is why a document is refused, for those who count.
type Reason string

// The reasons.
const (
	Malformed         Reason = "malformed"          // it is no rule of Sigma 2.1
	LogSource         Reason = "log source"         // the mapping does not know it
	Placeholder       Reason = "placeholder"        // the mapping gives it no values
	RegularExpression Reason = "regular expression" // look-around and the like
	Aggregation       Reason = "aggregation"        // of Sigma 1, dropped in 2
	Correlation       Reason = "correlation"        // not read
)

// A Fault is why one document is refused, with its place.
type Fault struct {
	File          string
	Line, Column  int
	Reason        Reason
	Problem, Hint string
	Rule, Title   string   // what the document says of itself
	More          []*Fault // the other faults of the document, in its order
}

// All are the faults of the document, this one first.
func (f *Fault) All() []*Fault { return append([]*Fault{f}, f.More...) }

func (f *Fault) Error() string {
	var lines []string
	for _, one := range f.All() {
		lines = append(lines, one.line())
	}
	return strings.Join(lines, "\n")
}

func (f *Fault) line() string {
	hint := f.Hint
	if hint != "" {
		hint = "; " + hint
	}
	return fmt.Sprintf("%s:%d:%d: %s%s", f.File, f.Line, f.Column, f.Problem, hint)
}

// ofDocument makes one fault of all that a document has. It is the first that somebody has to
// mend: what is malformed counts more than what is not known here.
func ofDocument(err error, rule, title string) error {
	var all []*Fault
	for _, e := range strictyaml.Joined(err) {
		var f *Fault
		if !errors.As(e, &f) {
			return err
		}
		if !slices.ContainsFunc(all, func(o *Fault) bool { return o.line() == f.line() }) { // aliases are read where they stand, too
			all = append(all, f)
		}
	}
	slices.SortStableFunc(all, func(a, b *Fault) int { return cmp.Or(a.Line-b.Line, a.Column-b.Column) })
	first := *all[max(0, slices.IndexFunc(all, func(f *Fault) bool { return f.Reason == Malformed }))]
	first.Rule, first.Title = rule, title
	for _, f := range all {
		if f.line() != first.line() {
			first.More = append(first.More, f)
		}
	}
	return &first
}
