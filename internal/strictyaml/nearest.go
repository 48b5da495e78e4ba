package strictyaml

import (
	"slices"
	"strings"
	"unicode"
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
	return Hint(best)
}

// Hint ends the text of a fault with the name that was meant.
func Hint(name string) string { return "; did you mean " + name + "?" }

// Misspelt is the name that wrong surely stands for: the same but for case and what stands
// between its words, or for one letter. "" where there is none: other than for DidYouMean, wrong
// may be right.
func Misspelt(wrong string, names []string) string {
	have, best := wordsOf(wrong), ""
	for _, n := range slices.Sorted(slices.Values(names)) {
		words := wordsOf(n)
		a, b := strings.Join(have, ""), strings.Join(words, "")
		if n != wrong && (a == b || len(words) == len(have) && oneSlip(have, words) || len(words) != len(have) && slip(a, b)) {
			if best == "" || edits(wrong, n) < edits(wrong, best) { // of two, the one that is written more alike
				best = n
			}
		}
	}
	return best
}

// oneSlip says whether one word alone is another, by a slip.
func oneSlip(a, b []string) bool {
	odd := -1
	for i := range a {
		if a[i] != b[i] {
			if odd >= 0 {
				return false
			}
			odd = i
		}
	}
	return odd >= 0 && slip(a[odd], b[odd])
}

// slip says whether a word is another with a letter that is missing or too many, or, of a longer
// one, with another letter. Numbers and plurals are no slips, and sso is not slo.
func slip(a, b string) bool {
	least := 4
	if len(a) == len(b) {
		least = 5
	}
	return min(len(a), len(b)) >= least && edits(a, b) == 1 && letters(a) != letters(b) && a+"s" != b && b+"s" != a
}

// wordsOf are the words of a name in small letters.
func wordsOf(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// letters is a word without its digits: t1059 and t1053 are two.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return -1
		}
		return r
	}, s)
}

// alike is how many letters two names begin with alike.
func alike(a, b string) (n int) {
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// distance is edits, but 1 for a name
// that holds the wrong one whole, or is a word that begins like it but for its last letter
// (deny: denied).
func distance(a, b string) int {
	if a != "" && strings.Contains(b, a) || len(a) > 3 && !strings.Contains(a, ".") && strings.HasPrefix(b, a[:len(a)-1]) {
		return 1
	}
	return edits(a, b)
}

// edits counts inserted, deleted, changed and swapped letters.
func edits(a, b string) int {
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
