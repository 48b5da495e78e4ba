package normalize

import "strings"

// widened is a bare value with the words behind it that no key stands before, for devices
// that quote nothing: reason=Not allowed here user=ann. What is an address or a number is
// complete without them.
//
// The mark that some write behind each value, too, is none of it: src=192.0.2.1; dst=192.0.2.2.
func (s *kvStep) widened(text, val string, n int) (string, int) {
	if val != "" && text[0] != s.quote {
		val = strings.TrimRight(val, ";,")
	}
	if len(s.pair) != 1 || len(s.value) != 1 || n == len(text) || val == "" || text[0] == s.quote || isNumber(val) || isAddress(val) {
		return val, n
	}
	eq := strings.Index(text[n:], s.value)
	if eq < 0 {
		eq = len(text) - n // the last one
	} else if eq = strings.LastIndex(text[n:n+eq], s.pair); eq <= 0 {
		return val, n
	}
	wide := text[:n+eq]
	return strings.TrimRight(wide, " \r\n;,"), len(wide)
}
