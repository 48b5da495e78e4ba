package normalize

import "strings"

// personAt reads ann@192.0.2.1, who came from there; or who is logged in to where the word before
// it leads.
func (s *gleanStep) personAt(r *run, ws []word, i int, text string) {
	name, at, ok := strings.Cut(text, "@")
	if !ok || name == "" || !s.wide {
		return
	}
	if strings.ContainsAny(name, ":=/<>()[]{}") { // shop/app@192.0.2.1:53211, which is more than a name
		if addr, _, ok := endpoint(at); ok && !isUnspecified(addr) {
			r.ev.Add(s.ips, addr)
		}
		return
	}
	if i > 2 && isAddress(name) && ws[i-1].lower == "on" && ws[i-3].lower == "by" && isName(&ws[i-2]) && !noDoers[ws[i-2].lower] && !s.source.addr.isSet(r.ev) {
		s.side(r, &s.source, name, "") // configured by ann on 192.0.2.7@pts/0
		if !s.user.isSet(r.ev) {
			s.user.put(r, ws[i-2].text)
		}
		return
	}
	addr, port, ok := endpoint(at)
	if !ok {
		return
	}
	if i > 0 && roleAt(ws, i-1) == 'd' || s.source.addr.isSet(r.ev) {
		r.ev.Add(s.ips, addr)
		return
	}
	s.side(r, &s.source, addr, port)
	if !s.user.isSet(r.ev) && s.user.suits(name) {
		s.user.put(r, name)
	}
}

// ofDomain reads a user of a domain who stands in brackets alone: [EXAMPLE.LOCAL\ann].
func (s *gleanStep) ofDomain(r *run, w *word) {
	if w.open != '[' || w.shut != ']' || s.user.isSet(r.ev) || strings.Count(w.text, `\`) != 1 || strings.ContainsAny(w.text, ":/@%") {
		return
	}
	domain, name, _ := strings.Cut(w.text, `\`)
	if len(domain) < 2 || len(name) < 2 || strings.ToUpper(domain) != domain && strings.IndexByte(domain, '.') < 0 || strings.HasPrefix(domain, "HK") {
		return // App\Models of PHP, a key of the registry
	}
	if isHostName(domain) && !hasExtension(name) && s.user.suits(w.text) {
		s.user.put(r, w.text)
	}
}

// distinguished reads who a directory is asked to let in: bind as uid=ann,ou=people,dc=example,dc=com.
func (s *gleanStep) distinguished(r *run, ws []word, i int) {
	if i == 0 || !s.wide || ws[i-1].lower != "as" && ws[i-1].lower != "for" && ws[i-1].lower != "dn" && ws[i-1].sense.is&wordPerson == 0 || s.user.isSet(r.ev) {
		return
	}
	if i > 1 && ws[i-1].lower == "dn" && entryDone[ws[i-2].lower] {
		return // it is the entry that was changed
	}
	rdn, rest, ok := strings.Cut(ws[i].text, ",")
	if !ok && ws[i].mark == ',' && i+1 < len(ws) {
		rest, ok = ws[i+1].text, true // CN=ann, OU=People
	}
	if name := entryName(rdn); ok && name != "" && inDirectory(rest) && s.user.suits(name) {
		s.user.put(r, name)
	}
}

// entryDone are what a directory calls an operation on an entry.
var entryDone = wordSet("add del mod modrdn moddn delete modify modifydn rename srch search cmp compare")

// entryName is the name in the first part of an entry's in a directory (RFC 4514): uid=ann; "": it names nobody.
func entryName(rdn string) string {
	attribute, name, _ := strings.Cut(rdn, "=")
	if !strings.EqualFold(attribute, "uid") && !strings.EqualFold(attribute, "cn") {
		return ""
	}
	return name
}

// inDirectory says whether the other parts are of a directory: ou=People,dc=example,dc=com.
func inDirectory(rest string) bool {
	rest = strings.ToLower(rest)
	return strings.Contains(rest, "dc=") || strings.Contains(rest, "ou=")
}

// sitsIn reads where somebody came from out of the pair that named him: user=ann@192.0.2.1.
func (s *gleanStep) sitsIn(r *run, value string) {
	name, at, ok := strings.Cut(value, "@")
	if !ok || !s.wide || s.source.addr.isSet(r.ev) || r.ev.Text(s.user.kids[0]) != name {
		return
	}
	if addr, port, ok := endpoint(at); ok {
		s.side(r, &s.source, addr, port)
	}
}

// weekdays begin a date.
var weekdays = wordSet("mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday sunday")

// isWhen says whether a date or a time of day begins at i: 2026-03-02, 08:59:59, Mon Mar 2.
func isWhen(ws []word, i int) bool {
	s := ws[i].text
	if weekdays[ws[i].lower] {
		return i+2 < len(ws) && (isNumber(ws[i+1].text) || isNumber(ws[i+2].text))
	}
	return len(s) > 9 && s[4] == '-' && s[7] == '-' && isNumber(s[:4]) && isNumber(s[5:7]) || len(s) > 4 && s[2] == ':' && isNumber(s[:2]) && isNumber(s[3:5])
}
