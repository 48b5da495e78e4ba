package sigma

import "fmt"

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
	Rule, Title   string // what the document says of itself
}

func (f *Fault) Error() string {
	hint := f.Hint
	if hint != "" {
		hint = "; " + hint
	}
	return fmt.Sprintf("%s:%d:%d: %s%s", f.File, f.Line, f.Column, f.Problem, hint)
}
