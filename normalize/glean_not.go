package normalize

import "strings"

// hinted is what the word at i says of the whole text, after those in front of it: not
// successful is a failure.
func hinted(ws []word, i int) hint {
	says := ws[i].sense.hint
	if i == 0 {
		return says
	}
	if says&saysLogin != 0 && whoIsIn(ws, i) || i > 1 && whoIsIn(ws, i-1) {
		return says &^ (saysLogin | saysFine)
	}
	at, out := i, false
	if both := spelled(ws[i-1].lower, ws[i].lower); both&isLogin != 0 {
		if says |= saysLogin; strings.HasSuffix(ws[i-1].lower, "ed") {
			says |= saysFine // logged in
		}
		at, out = at-1, true
	}
	good := ws[i].sense.is&wordGood != 0
	if says == 0 && !good || !negated(ws, at) {
		return says
	}
	switch {
	case good, out && says&saysFine == 0: // could not log in
		return says | saysFailed
	case says&saysAllowed != 0:
		return says&^(saysAllowed|saysFine) | saysDenied
	case says&saysFine != 0:
		return says&^saysFine | saysFailed
	}
	return says &^ (saysFailed | saysDenied)
}

// whoIsIn says of the word at i that it begins the name of a value, which is who uses the machine, and
// nobody comes: ..., Logged in user: ann.
func whoIsIn(ws []word, i int) bool {
	return i > 0 && i+2 < len(ws) && ws[i].lower == "logged" && (ws[i+1].lower == "in" || ws[i+1].lower == "on") &&
		ws[i+2].sense.is&wordPerson != 0 && ws[i+2].mark == ':'
}

// goods say nothing but behind not.
var goods = wordSet("correct valid authorized recognized recognised matched")

// negated says whether what the word at i says is denied by one in front of it.
func negated(ws []word, i int) bool {
	for i--; i >= 0 && ws[i].mark == 0; i-- {
		switch w := ws[i].lower; w {
		case "not", "never":
			return true
		case "been", "be", "yet":
		default:
			return strings.HasSuffix(w, "n't")
		}
	}
	return false
}
