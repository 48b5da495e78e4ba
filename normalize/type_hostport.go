package normalize

import (
	"strings"

	"sluice/event"
)

// putHostPort reads host, host:port, host/port, [address]:port, and address:port of IPv6 where that is no address.
func (t *target) putHostPort(ev *event.Event, text string) bool {
	host, port := text, ""
	if i := strings.LastIndexAny(text, ":/"); i > 0 && allDigits(text[i+1:]) && (text[i] == '/' || text[i-1] == ']' || strings.Count(text, ":") == 1 || !isAddress(text) && isAddress(text[:i])) {
		host, port = text[:i], text[i+1:]
	} else if i := behindDot(text); i > 0 {
		host, port = text[:i], text[i+1:]
	}
	if port != "" && t.kids[3] != event.None {
		ev.SetText(t.kids[3], port)
	}
	return t.putAddr(ev, strings.Trim(host, "[]"))
}

// behindDot is where the port of an IPv6 address begins that stands behind a dot, as F5 writes it: 2001:db8::5.443.
func behindDot(text string) int {
	i := strings.LastIndexByte(text, '.')
	if i < 0 || strings.Count(text, ":") < 2 || !isNumber(text[i+1:]) || strings.IndexByte(text[:i], '.') >= 0 || !isAddress(text[:i]) {
		return 0
	}
	return i
}

// addressed takes apart what no host is called: an address with its port, or in brackets,
// where the source else writes the bare one.
func addressed(text string) (addr, port string, ok bool) {
	if strings.IndexByte(text, ':') < 0 && !strings.HasPrefix(text, "[") {
		return "", "", false
	}
	addr, port, ok = endpoint(text)
	return addr, port, ok && isAddress(addr) && (port == "" || isNumber(port))
}

// isNumeric says of what is no address that it is no name either: 999.1.1.1, 010.0.0.1, 0x0a000001.
func isNumeric(s string) bool {
	if strings.HasPrefix(s, "0x") {
		return strings.Trim(s[2:], "0123456789abcdefABCDEF") == ""
	}
	return strings.Trim(s, "0123456789.") == ""
}
