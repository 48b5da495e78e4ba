package pattern

import (
	"regexp"

	"sluice/internal/dfa"
)

// expression is what {x:re(...)} takes.
type expression struct {
	src   string            // not its syntax, which is larger and asked for once more, by heads
	at    int               // where it stands in the pattern
	tail  func(c rune) bool // what the greedy repetition at its end takes; nil: it has none
	plain *plainExpr        // where it is told by the next byte
	re    *regexp.Regexp    // elsewhere
	fits  *dfa.Matcher      // of re
	first starts            // bytes that it may begin with
	bytes starts            // bytes that it may take
}

// maxExpr is how far a regular expression looks at first: each byte costs it a tenth of a
// microsecond and more, and a pattern may hold several.
const maxExpr = 16 << 10

// maxTaken is how long a text may be that an expression takes which is not plain: what
// reads with a tenth of a microsecond and more for a byte is for names, not for bodies.
const maxTaken = 32 << 10

// observe is told of each expression that package regexp reads; a test's.
var observe func(expression string)

// find is what the expression takes at the beginning of s, or -1, and how many bytes it
// has read for that. What takes all that it is shown is shown the rest, unless that is too
// much; light: what takes all of maxExpr is taken to take all.
func (e *expression) find(s string, light bool) (end, read int) {
	shown := min(maxExpr, len(s))
	if light {
		shown = min(maxLook, shown)
	}
	for {
		if !e.fits.MatchString(s[:shown]) { // most do not
			return -1, read + e.reach(s[:shown])
		}
		if observe != nil {
			observe(e.src)
		}
		at := e.re.FindStringIndex(s[:shown])
		read += at[1]
		switch {
		case at[1] < shown || shown == len(s):
			return at[1], read
		case shown < maxExpr:
			shown = min(maxExpr, len(s))
		case light:
			return len(s), read
		case len(s) > maxTaken:
			return -1, read
		default:
			shown = len(s)
		}
	}
}

// reach is how far the expression has read in s, at most, where it takes nothing.
func (e *expression) reach(s string) int {
	n := e.bytes.run(s[:min(len(s), shortText)])
	if n < shortText {
		return n
	}
	return len(s)
}
