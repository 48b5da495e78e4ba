package esapi

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// escaped reads what begins with a backslash: the letter behind it as it is, or, as Lucene does, \u000a, the
// letter of that number in UTF-16. n is how long it is; false: \u without four hexadecimal digits.
func escaped(s string) (text string, n int, ok bool) {
	if len(s) < 2 || s[1] != 'u' {
		_, n = utf8.DecodeRuneInString(s[1:])
		return s[1 : 1+n], 1 + n, true
	}
	first, ok := unit(s)
	if !ok {
		return s[1:2], 2, false
	}
	if second, ok := unit(s[6:]); ok {
		if both := utf16.DecodeRune(first, second); both != utf8.RuneError {
			return string(both), 12, true
		}
	}
	return string(first), 6, true
}

// unit is the number in \u000a.
func unit(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:6], 16, 16)
	return rune(n), err == nil
}
