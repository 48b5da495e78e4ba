package normalize

import "strings"

// vendorKey is a key that the pack left under sluice.vendor, and its text. The steps that
// tell what a record is about ask all of them many times.
type vendorKey struct {
	key     string
	parents string // with the dot behind them: "data.actor."
	name    string // the last part, without case and separators
	text    string
}

// vendorKeys are those of the event; a name that is too long to be known is empty.
func (r *run) vendorKeys() []vendorKey {
	keys := r.asked[:0]
	var buf [2 * maxKnown]byte
	typed := 0 // keys of a custom table of Log Analytics
	for key := range r.ev.Vendor {
		if strings.HasSuffix(key, "_s") {
			typed++
		}
	}
	for key, text := range r.ev.Vendor {
		parents, last := cutKey(key)
		if typed > 1 {
			last, _ = untyped(last)
		}
		keys = append(keys, vendorKey{key, parents, r.ev.Own(plainKey(buf[:0], last)), strings.Trim(text, " ")})
	}
	r.asked = keys
	return keys
}

// cutKey cuts a dotted key behind its last dot.
func cutKey(key string) (parents, last string) {
	at := strings.LastIndexByte(key, '.') + 1
	return key[:at], key[at:]
}

// neutral says whether all parents are such that what stands below them is the event's own.
func neutral(parents string) bool { return allParents(parents, neutralParents) }

// own says whether all parents hold the event itself, and nobody who took part in it.
func own(parents string) bool { return allParents(parents, ownParents) }

// allParents says whether each of parents is one of those, or some sort of record.
func allParents(parents string, those map[string]bool) bool {
	var buf [maxKnown]byte
	for parents != "" {
		parent, rest, _ := strings.Cut(parents, ".")
		if p := plainKey(buf[:0], parent); !those[string(p)] && recordOf(p) == "" && !isEnterprise(parent) {
			return false
		}
		parents = rest
	}
	return true
}

// isEnterprise knows the name of an element of structured data, which everybody chooses for himself and
// makes his own by a number: dns@32473.
func isEnterprise(parent string) bool {
	at := strings.LastIndexByte(parent, '@')
	return at > 0 && at+1 < len(parent) && strings.Trim(parent[at+1:], "0123456789") == ""
}

// recordEnds end the names of objects that are some sort of record: dlp_incident, loginEvent.
var recordEnds = [...]string{"event", "alert", "incident", "finding", "detection", "violation", "record"}

// recordStarts begin the names of those that are another record than this one.
var recordStarts = [...]string{"last", "prev", "parent", "first", "next", "related", "source", "original", "root", "base"}

// recordOf is which of recordEnds a parent is, or "".
func recordOf(plain []byte) string {
	for _, end := range recordEnds {
		if n := len(plain) - len(end); n > 0 && string(plain[n:]) == end {
			for _, other := range recordStarts {
				if strings.HasPrefix(string(plain), other) {
					return ""
				}
			}
			return end
		}
	}
	return ""
}

func isNeutral(plain []byte) bool { return neutralParents[string(plain)] || recordOf(plain) != "" }

// cutEnd cuts the first of the ends that a name has.
func cutEnd(name string, ends []string) (stem string, ok bool) {
	for _, end := range ends {
		if stem, ok = strings.CutSuffix(name, end); ok {
			return stem, true
		}
	}
	return name, false
}
