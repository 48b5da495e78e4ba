package normalize

import "strings"

// betweenTwo says whether the address at i is where something came from that went to the one behind
// it: connection 192.0.2.1 to 198.51.100.2 denied. Addresses that follow one another when something
// is changed, and the ends of a range, are no two sides.
func betweenTwo(ws []word, i int) bool {
	if i+3 < len(ws) && ws[i+1].open == '(' && ws[i+2].lower == "to" {
		if _, _, ok := endpoint(ws[i+1].text); ok && ws[i].open != '(' {
			_, _, ok = endpoint(ws[i+3].text)
			return ok // for outside:192.0.2.1/443 (192.0.2.1/443) to inside:198.51.100.7/1772
		}
	}
	if i+2 >= len(ws) || ws[i+1].lower != "to" || ws[i].mark != 0 || ws[i].open == '(' {
		return false
	}
	if _, _, ok := endpoint(ws[i+2].text); !ok {
		return false
	}
	if i > 0 && wasOther(ws, i-1) {
		return false
	}
	for j := max(0, i-5); j < i; j++ {
		if ws[j].sense.deed&isChange != 0 || ranges[ws[j].lower] {
			return false
		}
	}
	return true
}

// connects says of the word behind an address that it tells who came from there: 192.0.2.1 connected to.
func connects(ws []word, i int) bool {
	return i+1 < len(ws) && ws[i].lower == "connected" && ws[i+1].lower == "to" && ws[i-1].mark == 0
}

// toItself says of the address at i that something went there from the same: 192.0.2.1 -> 192.0.2.1, from
// 192.0.2.1[500] to 192.0.2.1[500].
func toItself(ws []word, i int) bool {
	if i < 2 || ws[i-1].lower != "to" && !arrows[ws[i-1].text] {
		return false
	}
	at := i - 2
	if isNumber(ws[at].text) && at > 0 {
		at-- // its port
	}
	return ws[at].text == ws[i].text
}

// ranges stand before addresses of which the two named are the first and the last.
var ranges = wordSet("range ranges pool pools addresses ips subnet scope network networks")

// happenedOn says whether the address at i is the machine that something happened on: session on
// 198.51.100.3; a session on "srv1" (198.51.100.3:22).
func happenedOn(ws []word, i int) bool {
	if i > 0 && ws[i-1].lower == "on" {
		return true
	}
	return i > 1 && ws[i].open == '(' && ws[i-2].lower == "on" && ws[i-2].mark == 0 && isName(&ws[i-1])
}

// whoBefore reads who stands before a log-in: admin login from 192.0.2.1; [192.0.2.1:50000] [ann] User
// logged in.
func (s *gleanStep) whoBefore(r *run, ws []word, i int) {
	if i == 0 || !s.wide || s.user.isSet(r.ev) {
		return
	}
	before := &ws[i-1]
	switch {
	case ws[i].lower == "login" && builtin[before.text] && cameFrom(ws, howThen(ws, i+1)):
	case i > 1 && ws[i].lower == "user" && i+2 < len(ws) && ws[i+1].lower == "logged" && before.open == '[' && before.shut == ']' && ws[i-2].shut == ']' && isName(before) && isAddress(hostOf(ws[i-2].text)):
	default:
		return
	}
	s.user.put(r, before.text)
}

// signedIn reads who stands before what he did, where nothing else is in front: ann@example.com signed
// in from 192.0.2.1; [AUTH] ann authenticated via LDAP from 192.0.2.1.
func (s *gleanStep) signedIn(r *run, ws []word, i int) {
	if i == 0 || !s.wide || s.user.isSet(r.ev) || i+1 >= len(ws) {
		return
	}
	who, next := &ws[i-1], ws[i+1].lower
	if i > 1 && ws[i-2].shut != ']' && ws[i-2].mark != ':' || who.mark != 0 || !isName(who) || isAddress(who.text) || who.sense.hint != 0 || !s.user.suits(who.text) {
		return
	}
	if ws[i].lower == "signed" && (next == "in" || next == "out") || ws[i].lower == "authenticated" && (next == "via" || next == "from" || next == "successfully" || next == "by" || next == "with") {
		s.user.put(r, who.text)
	}
}

// signedInAs reads who somebody logged in as: logged in as ann; Authenticated as ann from 192.0.2.1. As
// what, such as a program, does not end the sentence or a place follow.
func (s *gleanStep) signedInAs(r *run, ws []word, i int) {
	if i == 0 || i+1 >= len(ws) || !s.wide || s.user.isSet(r.ev) || !isName(&ws[i+1]) {
		return
	}
	switch before := ws[i-1].lower; {
	case before == "authenticated":
	case i > 1 && (before == "in" || before == "on") && (ws[i-2].lower == "logged" || ws[i-2].lower == "signed"):
	default:
		return
	}
	if i+2 == len(ws) || ws[i+1].mark != 0 || cameFrom(ws, i+2) {
		s.user.put(r, ws[i+1].text)
	}
}

// isFilePath knows a path that is whole: one in quotes goes on behind a space.
func isFilePath(w *word) bool {
	if (w.open == '"' || w.open == '\'') && w.shut != w.open {
		return false
	}
	return len(w.text) > 2 && (w.text[0] == '/' && w.text[1] != '/' || w.text[1] == ':' && w.text[2] == '\\')
}

// isFileName says whether a word is the name of a file: letters behind the last dot, which an address
// or a version has not.
func isFileName(w *word) bool {
	dot := strings.LastIndexByte(w.text, '.')
	return dot > 0 && len(w.text)-dot >= 3 && len(w.text)-dot <= 6 && isWord(w.text[dot+1:]) && w.text[0] != '/' && !isMail(w.text)
}

// builtin are names of accounts that machines come with.
var builtin = wordSet("root admin administrator")

// hostOf is an address without the port behind it.
func hostOf(text string) string {
	addr, _, _ := endpoint(text)
	return addr
}

// beforeLogin reads who did it and where from, where a text begins so: admin (192.0.2.1) login successful.
// An account that machines come with says as much without the log-in: [AUDIT] admin(192.0.2.1) SAVE.
func (s *gleanStep) beforeLogin(r *run, ws []word) {
	for i := range min(len(ws), maxChannelWord) {
		if builtin[ws[i].text] && sitsAt(ws, i+1) && (i == 0 || ws[i-1].shut == ']') && !s.user.isSet(r.ev) && !s.source.addr.isSet(r.ev) {
			s.user.put(r, ws[i].text)
			s.side(r, &s.source, ws[i+1].text, "")
			return
		}
	}
	if len(ws) < 4 || ws[2].sense.hint&saysLogin == 0 || !sitsAt(ws, 1) || !isName(&ws[0]) || s.user.isSet(r.ev) || s.source.addr.isSet(r.ev) {
		return
	}
	s.user.put(r, ws[0].text)
	s.side(r, &s.source, ws[1].text, "")
}

// ofSession says whether the word at i tells what became of a session: session 7 closed; ann opened
// a session; the session "S-1" has been terminated.
func ofSession(ws []word, i int) bool {
	for j := i - 1; j >= max(0, i-4); j-- {
		if ws[j].lower == "session" {
			return true
		}
		if w := &ws[j]; w.lower != "has" && w.lower != "been" && w.lower != "was" && w.lower != "is" && !w.quoted() && !isNumber(w.text) {
			break
		}
	}
	at := i + 1
	if at < len(ws) && (ws[at].lower == "a" || ws[at].lower == "new" || ws[at].lower == "the") {
		at++
	}
	return at < len(ws) && ws[at].lower == "session" && isPast(ws[i].lower)
}

// toPeer says of a peer that something went to it: cannot connect to CMI peer 192.0.2.1.
func toPeer(ws []word, i int) bool {
	switch ws[i].lower {
	case "peer", "client", "remote":
		return i > 0 && ws[i-1].lower == "to" || i > 1 && ws[i-2].lower == "to" && ws[i-1].mark == 0 && ws[i-1].sense.role == 0
	}
	return false
}

// onTerminal says whether the address in brackets at i is that of somebody at a terminal, who did
// what the text tells: Configured by ann on vty1 (192.0.2.1), from console as ann on vty1 (192.0.2.1).
func (s *gleanStep) onTerminal(r *run, ws []word, i int) bool {
	if ws[i].open != '(' || i < 4 || ws[i-4].lower != "by" && ws[i-4].lower != "as" || ws[i-2].lower != "on" || !isName(&ws[i-3]) || noDoers[ws[i-3].lower] {
		return false
	}
	if !s.user.isSet(r.ev) {
		s.user.put(r, ws[i-3].text)
	}
	return true
}
