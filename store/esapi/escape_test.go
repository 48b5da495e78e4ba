package esapi

import "testing"

func TestEscaped(t *testing.T) {
	f := func(in, text string, n int, ok bool) {
		t.Helper()
		if got, m, good := escaped(in); got != text || m != n || good != ok {
			t.Errorf("%q: %q %d %t; want %q %d %t", in, got, m, good, text, n, ok)
		}
	}
	f(`\"x`, `"`, 2, true)
	f(`\`+"\u00e9x", "\u00e9", 3, true)
	f(`\`, "", 1, true)
	f(`\u000ax`, "\n", 6, true)
	f(`\u202Ex`, "\u202e", 6, true)
	f(`\udb40\udc41x`, "\U000e0041", 12, true)
	f(`\udb40x`, "\ufffd", 6, true)
	f(`\u00`, "u", 2, false)
	f(`\users`, "u", 2, false)
	f(`\u+123`, "u", 2, false)
}
