package normalize

import "strings"

// loginEnds are words for a log-in that "by" may stand behind.
var loginEnds = wordSet("login logon logout logoff signin signout sign-in sign-out log-in log-out logins")

// loginBy says of "by" at i that behind it stands who logged in or out: SSH login by ann from 192.0.2.7.
func loginBy(ws []word, i int, said hint) bool {
	if i == 0 || i+1 >= len(ws) || !loginEnds[ws[i-1].lower] || ws[i-1].mark != 0 {
		return false
	}
	name := &ws[i+1]
	if !isName(name) || noDoers[name.lower] || !hasAlnum(name.text) || isAddress(name.text) || name.sense.role != 0 {
		return false
	}
	return i+2 == len(ws) || name.mark != 0 || name.quoted() || cameFrom(ws, i+2) || sitsAt(ws, i+2) || ws[i+2].sense.hint&(saysFailed|saysFine) != 0
}

// performances are words for what only somebody does.
var performances = wordSet("done performed cleared executed requested initiated issued entered saved approved acknowledged configured committed impersonated")

// performedBy says of "by" at i that behind it stands who did something, at the end of what is told or in
// front of the address where he sits: Event log cleared by ann - 192.0.2.7.
func performedBy(ws []word, i int) bool {
	if i == 0 || i+1 >= len(ws) || ws[i].mark != 0 {
		return false
	}
	name := &ws[i+1]
	if !isName(name) || noDoers[name.lower] || noPerformers[strings.TrimRight(name.lower, "0123456789")] || !hasAlnum(name.text) || isAddress(name.text) || isNumber(name.text) || name.sense.role != 0 || name.sense.hint != 0 {
		return false
	}
	if i+2 < len(ws) && name.mark == 0 && !isAddress(strings.TrimPrefix(ws[i+2].text, "-")) && !(ws[i+2].text == "-" && i+3 < len(ws) && isAddress(ws[i+3].text)) && !cameFrom(ws, i+2) {
		return false // by the way
	}
	for j := i - 1; j >= max(0, i-6) && (j == i-1 || ws[j].mark == 0); j-- {
		if performances[ws[j].lower] {
			return !negated(ws, j)
		}
	}
	return false
}

// noPerformers are words for what does something and is nobody.
var noPerformers = wordSet("console vty tty con aux line command cli software hardware application app api web gui task job module engine agent node controller manager master primary secondary peer neighbor cluster another other all both end itself")

// ways are how somebody reaches a device, in front of the address where he sits: SSH (192.0.2.7).
var ways = wordSet("ssh telnet web gui http https console cli winbox api webui rdp vnc")

// byWay says of the address at i in brackets that somebody who is known came from there that way.
func (s *gleanStep) byWay(r *run, ws []word, i int) bool {
	return i > 0 && ws[i].open == '(' && ws[i-1].mark == 0 && ways[ws[i-1].lower] && s.user.isSet(r.ev)
}

// endPrefixes are words in front of an address, parted from it by nothing but a colon: remote:192.0.2.7:500.
var endPrefixes = map[string]byte{"remote": 's', "client": 's', "source": 's', "src": 's', "peer": 's', "destination": 'd', "dest": 'd', "dst": 'd', "target": 'd'}

// prefixedEnd cuts such a word off.
func prefixedEnd(text string) (rest string, role byte) {
	at := strings.IndexByte(text, ':')
	if at < 3 || at > 11 {
		return text, 0
	}
	var buf [maxKnown]byte
	if role = endPrefixes[string(plainKey(buf[:0], text[:at]))]; role == 0 {
		return text, 0
	}
	return text[at+1:], role
}

// localOpened says of a text about a tunnel that whoever tells it opened it: of the ends it names, the source is local.
func localOpened(text string) bool { return strings.Contains(text, "initiator") }

// isArrow says whether an arrow stands at i.
func isArrow(ws []word, i int) bool { return i < len(ws) && arrows[ws[i].lower] }

// pastBrackets is the place behind the words in brackets that begin at i: of a list's interface between
// an address and the arrow.
func pastBrackets(ws []word, i int) int {
	if i >= len(ws) || ws[i].open != '(' {
		return i
	}
	for j := i; j < min(len(ws), i+4); j++ {
		if ws[j].shut == ')' {
			return j + 1
		}
	}
	return i
}
