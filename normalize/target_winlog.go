package normalize

import (
	"strings"

	"sluice/event"
)

// hives are the registry's roots by their long names and the kernel's.
var hives = []struct{ from, to string }{
	{"HKEY_LOCAL_MACHINE", "HKLM"},
	{"HKEY_USERS", "HKU"},
	{"HKEY_CURRENT_USER", "HKCU"},
	{"HKEY_CLASSES_ROOT", "HKCR"},
	{"HKEY_CURRENT_CONFIG", "HKCC"},
	{`\REGISTRY\MACHINE`, "HKLM"},
	{`\REGISTRY\USER`, "HKU"},
}

// shortHive is a path of the registry with the short name of its hive.
func shortHive(ev *event.Event, path string) string {
	for _, h := range hives {
		if n := len(h.from); len(path) >= n && strings.EqualFold(path[:n], h.from) {
			return ev.Own([]byte(h.to + path[n:]))
		}
	}
	return path
}

// putRegistry splits a path of the registry: its hive, what follows as key, and the
// last part as value.
func (t *target) putRegistry(ev *event.Event, text string) bool {
	path := shortHive(ev, text)
	ok := ev.SetText(t.kids[0], path)
	hive, key, deep := strings.Cut(path, `\`)
	if hive == "" || !deep {
		return ok
	}
	ok = ev.SetText(t.kids[1], hive) && ok
	if key == "" {
		return ok
	}
	ok = ev.SetText(t.kids[2], key) && ok
	if value := key[strings.LastIndexByte(key, '\\')+1:]; value != "" {
		ok = ev.SetText(t.kids[3], value) && ok
	}
	return ok
}

// recordTypes are the names of DNS records by their numbers.
var recordTypes = map[string]string{
	"1": "A", "2": "NS", "5": "CNAME", "6": "SOA", "12": "PTR", "13": "HINFO", "15": "MX", "16": "TXT", "17": "RP", "24": "SIG", "25": "KEY",
	"28": "AAAA", "29": "LOC", "33": "SRV", "35": "NAPTR", "39": "DNAME", "41": "OPT", "43": "DS", "46": "RRSIG", "47": "NSEC", "48": "DNSKEY",
	"50": "NSEC3", "52": "TLSA", "64": "SVCB", "65": "HTTPS", "99": "SPF", "255": "ANY", "65281": "WINS", "65282": "WINSR",
}

// putAnswers reads a list such as Windows' resolver writes: type:  5 www.example.com;192.0.2.1;
func (t *target) putAnswers(ev *event.Event, text string) bool {
	buf := []byte{'['}
	for part := range strings.SplitSeq(text, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		kind, data := "", part
		if rest, ok := strings.CutPrefix(part, "type:"); ok {
			number, name, _ := strings.Cut(strings.TrimSpace(rest), " ")
			if kind = recordTypes[number]; kind == "" {
				kind = number
			}
			data = strings.TrimSpace(name)
		}
		if a, ok := event.ParseAddr(data); ok && a.Zone() == "" {
			a = a.Unmap()
			if kind = "A"; a.Is6() {
				kind = "AAAA"
			}
			data = a.String()
			ev.Add(t.kids[1], ev.Own([]byte(data)))
		} else if t.field != event.None && (kind == "" || kind == "CNAME") {
			ev.Add(t.field, data)
		}
		if len(buf) > 1 {
			buf = append(buf, ',')
		}
		buf = append(buf, '{')
		if data != "" {
			buf = event.AppendString(append(buf, `"data":`...), data)
		}
		if kind != "" {
			if data != "" {
				buf = append(buf, ',')
			}
			buf = event.AppendString(append(buf, `"type":`...), kind)
		}
		buf = append(buf, '}')
	}
	if len(buf) == 1 {
		return true
	}
	return ev.SetText(t.kids[0], strings.ToValidUTF8(ev.Own(append(buf, ']')), "\ufffd"))
}
