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
		// Of two that are as near the shorter is meant: user.name, not client.user.name.
		if d := distance(wrong, n); d < bestD || d == bestD && best != "" && len(n) < len(best) {
			best, bestD = n, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %s?", best)
}

// distance is Levenshtein's, with 1 for a name that holds the wrong one whole.
func distance(a, b string) int {
	if a != "" && strings.Contains(b, a) {
		return 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		prev := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := prev
			if a[i-1] != b[j-1] {
				cost = 1 + min(prev, row[j], row[j-1])
			}
			prev, row[j] = row[j], cost
		}
	}
	return row[len(b)]
}
