package normalize

import (
	"net/netip"
	"strings"

	"sluice/event"
)

// putURL splits a URL or the path of one. decode: path and query are percent-decoded
// behind that, as Elasticsearch's uri_parts gives them.
func (t *target) putURL(ev *event.Event, text string, decode bool) bool {
	plain := func(part string) string {
		if decode {
			return decoded(ev, part)
		}
		return part
	}
	ok := ev.SetText(t.kids[0], text)
	rest := text
	if n := barePart(text); n > 0 { // www.example.com/path, as guards write what was asked for
		host := text[:n]
		if name, port, ok := strings.Cut(host, ":"); ok { // of digits
			ev.SetText(t.kids[3], port)
			host = name
		}
		ev.SetText(t.kids[2], host)
		rest = text[n:]
	} else if i := strings.Index(rest, "://"); i > 0 && isScheme(rest[:i]) {
		scheme := rest[:i]
		ev.SetText(t.kids[1], scheme)
		ev.SetText(t.kids[8], text)
		rest = rest[i+3:]
		host := rest
		if j := strings.IndexAny(rest, "/?#"); j >= 0 {
			host, rest = rest[:j], rest[j:]
		} else {
			rest = ""
		}
		if j := strings.LastIndexByte(host, '@'); j >= 0 {
			host = host[j+1:]
		}
		t.putHost(ev, scheme, host)
	}
	if i := strings.IndexByte(rest, '#'); i >= 0 {
		ev.SetText(t.kids[7], rest[i+1:])
		rest = rest[:i]
	}
	if i := strings.IndexByte(rest, '?'); i >= 0 {
		ev.SetText(t.kids[5], plain(rest[i+1:]))
		rest = rest[:i]
	}
	if rest != "" {
		ev.SetText(t.kids[4], plain(rest))
	}
	if i := strings.LastIndexByte(rest, '.'); i >= 0 && i+1 < len(rest) && !strings.ContainsAny(rest[i:], "/:") {
		ev.SetText(t.kids[6], rest[i+1:])
	}
	return ok
}

// putHost stores the host of a URL and its port, or the scheme's.
func (t *target) putHost(ev *event.Event, scheme, host string) {
	if host != "" && host[0] == '[' && strings.IndexByte(host, ']') < 0 {
		return // half an address
	}
	port := ""
	if j := strings.LastIndexByte(host, ':'); j >= 0 && !strings.HasSuffix(host, "]") && strings.Trim(host[j+1:], "0123456789") == "" {
		host, port = host[:j], host[j+1:]
	}
	if port != "" {
		ev.SetText(t.kids[3], port)
	} else if known := defaultPort(scheme); known > 0 {
		ev.SetInt(t.kids[3], known)
	}
	ev.SetText(t.kids[2], host)
}

// barePart is the length of the host, and port, that a URL without a scheme begins with; 0: it is a path.
func barePart(text string) int {
	end := strings.IndexAny(text, "/?#")
	if end < 0 {
		end = len(text)
	}
	if end == 0 || len(text) > end+2 && text[end:end+2] == "//" {
		return 0
	}
	host, port, hasPort := strings.Cut(text[:end], ":")
	if _, isNum := atoi(port); hasPort && !isNum {
		return 0
	}
	if host != "" && host[0] >= '0' && host[0] <= '9' {
		if _, err := netip.ParseAddr(host); err == nil {
			return end
		}
	}
	labels, top := hostLabels(host)
	switch {
	case labels < 2 || fileEndings[top]:
		return 0
	case labels == 2 && !hasPort && end == len(text): // as likely a file
		return 0
	}
	return end
}

// hostLabels counts the labels of a host's name, and gives the last; 0: it is none.
func hostLabels(host string) (int, string) {
	labels, start := 1, 0
	for i := range len(host) {
		switch c := host[i]; {
		case c == '.' && i > start:
			labels, start = labels+1, i+1
		case (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') && c != '-':
			return 0, ""
		}
	}
	top := host[start:]
	for i := range len(top) {
		if c := top[i] | 0x20; c < 'a' || c > 'z' {
			return 0, ""
		}
	}
	if len(top) < 2 {
		return 0, ""
	}
	return labels, top
}

// fileEndings are those of the names that servers are asked for, which no host has.
var fileEndings = map[string]bool{
	"asp": true, "aspx": true, "bin": true, "bat": true, "cgi": true, "css": true, "dat": true, "dll": true, "doc": true,
	"docx": true, "exe": true, "gif": true, "gz": true, "htm": true, "html": true, "jar": true, "jpg": true, "js": true,
	"json": true, "jsp": true, "log": true, "msi": true, "pdf": true, "php": true, "png": true, "svg": true, "txt": true,
	"vbs": true, "xls": true, "xlsx": true, "xml": true,
}

// isScheme tells http from the /login?next=http of a path that has a URL in its query
// (RFC 3986, section 3.1; at most 11 characters).
func isScheme(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		if (c < 'a' || c > 'z') && (i == 0 || (s[i] < '0' || s[i] > '9') && s[i] != '+' && s[i] != '-' && s[i] != '.') {
			return false
		}
	}
	return len(s) < 12
}

// defaultPort is the port of URLs that name none (RFC 9110, section 4.2); 0: not known.
func defaultPort(scheme string) int64 {
	switch scheme {
	case "http":
		return 80
	case "https":
		return 443
	}
	return 0
}
