package normalize

import (
	"strings"

	"sluice/event"
)

// hashes are the kinds of hash in the order of target.kids, by the length of their
// hexadecimal form and by the names that lists give them.
var (
	hashLengths = map[int]int{32: 0, 40: 1, 64: 2, 96: 3, 128: 4}
	hashNames   = map[string]int{"md5": 0, "sha1": 1, "sha256": 2, "sha384": 3, "sha512": 4, "imphash": 5}
)

// putHash reads a hash, or a list such as MD5=...,SHA256=...
func (t *target) putHash(ev *event.Event, text string) bool {
	for part := range strings.SplitSeq(text, ",") {
		name, hex, named := strings.Cut(strings.TrimSpace(part), "=")
		if !named {
			name, hex, named = strings.Cut(name, ":") // sha256:e3b0...
			hex = strings.TrimSpace(hex)
		}
		which, ok := hashNames[strings.ToLower(strings.ReplaceAll(name, "-", ""))]
		if !named {
			hex = name
			which, ok = hashLengths[len(hex)]
		}
		if !ok || hex == "" || !isHex(hex) {
			return false
		}
		if strings.Trim(hex, "0") == "" {
			continue // there is none
		}
		if f := t.kids[which]; f != event.None {
			ev.SetText(f, lower(ev, hex))
		}
	}
	return true
}
