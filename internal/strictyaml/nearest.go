package strictyaml

import (
	"fmt"
	"slices"
	"strings"
)

// DidYouMean is "; did you mean NAME?" with the valid name that is most like the
// wrong one, or "" where none is like it.
func DidYouMean(wrong string, names []string) string {
	best, bestD := "", len(wrong)/2+1
	for _, n := range slices.Sorted(slices.Values(names)) {
		// Of two that are as near that one is meant which begins more like it (event.knd:
		// event.kind, not event.end), or else the shorter: user.name, not client.user.name.
		d := distance(wrong, n)
		if d == bestD && best != "" {
			if a, b := alike(wrong, n), alike(wrong, best); a < b || a == b && len(n) >= len(best) {
				continue
			}
		} else if d >= bestD {
			continue
		}
		best, bestD = n, d
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %s?", best)
}

// alike is how many letters two names begin with alike.
func alike(a, b string) (n int) {
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// distance counts inserted, deleted, changed and swapped letters; it is 1 for a name
// that holds the wrong one whole, or is a word that begins like it but for its last letter
// (deny: denied).
func distance(a, b string) int {
	if a != "" && strings.Contains(b, a) || len(a) > 3 && !strings.Contains(a, ".") && strings.HasPrefix(b, a[:len(a)-1]) {
		return 1
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 0
			if a[i-1] != b[j-1] {
				cost = 1
			}
			row[j] = min(last[j-1]+cost, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
