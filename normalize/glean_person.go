package normalize

import "strings"

// noNames are words that follow "user" in prose and are no user's name.
var noNames = map[string]bool{
	"from": true, "is": true, "has": true, "was": true, "not": true, "authentication": true, "logged": true, "login": true, "in": true, "on": true, "with": true, "to": true,
	"for": true, "at": true, "and": true, "or": true, "by": true, "access": true, "session": true, "account": true, "name": true, "id": true, "group": true, "agent": true, "database": true,
	"successfully": true, "successful": true, "already": true, "just": true, "been": true, "reason": true, "reasons": true, "someone": true, "remotely": true, "client": true, "host": true, "users": true,
	"logon": true, "logout": true, "password": true, "failed": true, "disconnected": true, "connected": true, "the": true, "a": true, "ip": true, "unknown": true, "mode": true, "data": true, "interface": true, "defined": true, "input": true, "profile": true, "credentials": true, "doesn't": true, "does": true, "tried": true, "authenticated": true,
	"that": true, "which": true, "who": true, "this": true, "will": true, "null": true, "none": true, "nil": true, "n/a": true, "added": true, "deleted": true, "removed": true, "created": true, "modified": true, "changed": true, "locked": true, "unlocked": true, "enabled": true, "disabled": true, "expired": true, "exists": true,
	"inactivity": true, "of": true, "action": true, "request": true, "requested": true, "interaction": true, "activity": true, "traffic": true, "policy": true, "role": true, "level": true, "type": true, "count": true, "limit": true, "list": true, "privileges": true, "permission": true, "permissions": true,
	"blocked": true, "allowed": true, "denied": true, "rejected": true, "transformed": true,
	"auth": true, "manager": true, "service": true, "attack": true, "entry": true, "miss": true, "exec": true,
	"quota": true, "directory": true, "settings": true, "preferences": true, "portal": true, "table": true, "record": true, "records": true, "store": true, "import": true, "sync": true, "search": true, "object": true, "attributes": true, "certificate": true, "license": true, "licenses": true, "cache": true, "pool": true, "api": true, "page": true, "space": true, "experience": true, "identity": true,
	"control": true, "datagram": true, "datagrams": true, "defaults": true, "default": true, "field": true, "fields": true, "form": true, "context": true, "contexts": true, "process": true, "processes": true, "program": true, "programs": true, "limits": true, "certificates": true, // a user certificate is one's
	"content": true, "contents": true, "environment": true, "variable": true, "variables": true, "command": true, "commands": true, "message": true, "messages": true, "event": true, "events": true, "module": true, "configuration": true, "information": true, "details": true, "tokens": true, "keys": true,
	"privilege": true, "attempting": true, "reboot": true, "incoming": true, "outgoing": true, "change": true, "de-authenticated": true, "deauthenticated": true, "chose": true, "scope": true, "slice": true, "here": true, "up": true, "down": true, "signed": true, "sign": true, "success": true, "failure": true,
	"warning": true, "enumeration": true, "notification": true, "notifications": true, "unavailable": true, "priv": true, "repository": true, "not-applicable": true, "signal": true, "packet": true, "connection": true, "connections": true,
	"thread": true, "threads": true, "memory": true, "options": true, "menu": true, "mapping": true, "mappings": true, "statistics": true, "feedback": true, "queue": true, "state": true, "status": true, "folders": true, "files": true, "roles": true, "profiles": true, "sessions": true, "requests": true, "errors": true, "error": true, "queries": true, "passwords": true,
	"temporarily": true, "permanently": true, "timeout": true, "attempt": true, "attempts": true,
	"as": true, "aborting": true, "aborted": true, "ignoring": true, "ignored": true, "skipping": true, "skipped": true, "via": true, "single": true, "groups": true, "authorization": true, "registration": true, "sign-in": true, "logoff": true, "lookup": true, "provisioning": true, "management": true, "accounts": true,
	"attempted": true, "obtained": true, "bypassed": true, "performed": true, "accessed": true, "started": true, "stopped": true, "opened": true, "closed": true, "initiated": true, "exceeded": true, "received": true,
	"executed": true, "launched": true, "viewed": true, "entered": true, "terminated": true, "registered": true, "assigned": true, "granted": true, "uploaded": true, "downloaded": true, "exported": true, "cannot": true, "could": true, "can": true, "may": true, "must": true, "had": true, "did": true, "should": true, "might": true, "would": true, "shall": true, "needs": true, "available": true, "since": true, "never": true, "today": true, "yesterday": true, "empty": true, "delete": true, "create": true, "add": true, "modify": true, "remove": true, "update": true, "exited": true, "exit": true,
}

// person reads who is named at the word at i: behind user, account or "for", in front of "logged in".
func (s *gleanStep) person(r *run, ws []word, i int, said hint) {
	switch ws[i].lower {
	case "userid":
		if s.wide && ws[i].mark == ':' && ws[i].shut == ' ' && i+1 < len(ws) && ws[i+1].open == ' ' && isWord(ws[i+1].text) {
			s.called(r, ws, i, said) // Userid: root, and no number
		}
	case "user", "username", "account", "login", "logname", "admin", "administrator", "operator", "principal":
		s.whoBefore(r, ws, i)
		s.theUser(r, ws, i, said)
		s.called(r, ws, i, said)
	case "by":
		if s.wide && loginBy(ws, i, said) && !s.user.isSet(r.ev) {
			s.user.put(r, ws[i+1].text)
			return
		}
		if i > 0 && said&saysLogin != 0 && (ws[i-1].lower == "failure" || ws[i-1].lower == "success" || ws[i-1].lower == "attempt") && i+1 < len(ws) && isName(&ws[i+1]) && !s.user.isSet(r.ev) {
			s.user.put(r, ws[i+1].text) // login failure by ann
			return
		}
		if s.wide && performedBy(ws, i) && !s.user.isSet(r.ev) {
			s.user.put(r, ws[i+1].text)
			return
		}
		if s.wide && byMail(ws, i+1) && !s.user.isSet(r.ev) && !r.ev.Has(s.wider.from) {
			s.user.put(r, ws[i+1].text)
			return
		}
		if i+1 < len(ws) && strings.Count(ws[i+1].text, `\`) == 1 && !s.user.isSet(r.ev) && s.user.suits(ws[i+1].text) && !strings.ContainsAny(ws[i+1].text, "/:.") {
			s.user.put(r, ws[i+1].text) // opened by CORP\ann
		}
	case "for", "using":
		s.forWhom(r, ws, i, said)
	case "of":
		if i > 0 && ws[i-1].lower == "password" && said&(saysLogin|saysFailed) == saysLogin|saysFailed && i+1 < len(ws) && isName(&ws[i+1]) && !noDoers[ws[i+1].lower] && !s.user.isSet(r.ev) {
			s.user.put(r, ws[i+1].text) // Login failed: the password of ann is wrong
		}
	case "failure", "failed":
		if i == 1 && s.wide && len(ws) > 2 && secondFactors[ws[2].lower] && ws[0].mark == 0 && ws[0].text[0]-'a' < 26 && ws[0].sense.is&(wordSpoken|wordTransport|wordTunnel|wordThing) == 0 && isName(&ws[0]) && !noDoers[ws[0].lower] && ws[0].sense.hint == 0 && !s.user.isSet(r.ev) {
			s.user.put(r, ws[0].text) // ann failed MFA verification
		}
		if ws[i].mark == ':' && i > 0 && ws[i-1].sense.hint&saysLogin != 0 && i+2 < len(ws) && ws[i+1].mark == 0 && isName(&ws[i+1]) && isAddress(ws[i+2].text) && !s.user.isSet(r.ev) {
			s.user.put(r, ws[i+1].text) // login failure: ann 192.0.2.7
		}
	case "with":
		if i > 0 && ws[i-1].lower == "authenticate" && i+2 < len(ws) && ws[i+1].quoted() && isName(&ws[i+1]) && ws[i+2].sense.hint&(saysFailed|saysFine) != 0 && !s.user.isSet(r.ev) {
			s.user.put(r, ws[i+1].text) // authenticate with 'ann' successful
		}
	case "users":
		if ws[i].mark == ':' && alone(ws, i+1) && !s.user.isSet(r.ev) {
			s.user.put(r, ws[i+1].text) // Users: ann, Source IP: 192.0.2.7
		}
	case "logout", "logoff":
		if ws[i].mark == ':' && i+2 < len(ws) && isAddress(ws[i+2].text) && isName(&ws[i+1]) && !s.user.isSet(r.ev) {
			s.user.put(r, ws[i+1].text) // Logout: ann 192.0.2.7
			if !s.source.addr.isSet(r.ev) {
				s.side(r, &s.source, ws[i+2].text, "")
			}
		}
	case "connected", "disconnected":
		s.cameOrWent(r, ws, i)
	case "signed", "authenticated":
		if ws[i].mark == ':' && i+2 < len(ws) && isName(&ws[i+1]) && cameFrom(ws, i+2) && !s.user.isSet(r.ev) {
			s.user.put(r, ws[i+1].text) // user authenticated: ann from 192.0.2.7
		}
		s.signedIn(r, ws, i)
	case "as":
		s.signedInAs(r, ws, i)
	case "logged":
		if i+1 < len(ws) && i > 0 && (ws[i+1].lower == "in" || ws[i+1].lower == "on" || ws[i+1].lower == "out") {
			s.loggedIn(r, ws, i-1, howThen(ws, i+2))
			s.behindIt(r, ws, i)
			if ws[i+1].mark == ':' && ws[i-1].sense.is&wordPerson != 0 && i+2 < len(ws) && isName(&ws[i+2]) && (i+3 == len(ws) || ws[i+2].mark == ',' || ws[i+3].open == '(' || cameFrom(ws, i+3)) && !s.user.isSet(r.ev) {
				s.user.put(r, ws[i+2].text) // User logged in: ann
			}
		}
	case "from":
		if i > 0 && (said&saysLogin != 0 || i == 1 && nextLogin(ws)) && ws[i-1].mark == 0 && (i == 1 || ws[i-1].open == '(' || failedAt(ws, i-2)) && isName(&ws[i-1]) && !strings.HasPrefix(ws[i-1].lower, "not-") && cameFrom(ws, i) && !s.user.isSet(r.ev) {
			s.user.put(r, ws[i-1].text) // login failed (ann from 192.0.2.1), login failed: ann from 192.0.2.1, ann from 192.0.2.1 login failed
		}
	}
}

// secondFactors are what somebody shows beside a password.
var secondFactors = wordSet("mfa 2fa otp totp")

// forWhom reads who stands behind "for" or "using" at i in a text about a log-in or a secret.
func (s *gleanStep) forWhom(r *run, ws []word, i int, said hint) {
	if s.wide && i > 0 && ws[i].lower == "for" && ws[i-1].sense.hint&(saysDenied|saysAllowed) != 0 && byMail(ws, i+1) && !s.user.isSet(r.ev) && !r.ev.Has(s.wider.from) {
		s.user.put(r, ws[i+1].text) // session denied for ann@example.com
		return
	}
	if s.wide && i > 0 && ws[i].lower == "for" && ws[i-1].lower == "session" && i+1 < len(ws) && isName(&ws[i+1]) && !noDoers[ws[i+1].lower] && cameFrom(ws, i+2) && !s.user.isSet(r.ev) {
		s.user.put(r, ws[i+1].text) // the session for ann from 192.0.2.7 is over
		return
	}
	if said&(saysLogin|saysSecret) == 0 || s.user.isSet(r.ev) {
		return
	}
	if i+1 < len(ws) && isMail(ws[i+1].text) {
		s.user.put(r, ws[i+1].text)
		return
	}
	if i+2 < len(ws) && isName(&ws[i+1]) && ws[i+2].open == '(' && isMAC(ws[i+2].text) {
		s.user.put(r, ws[i+1].text) // for ann (00:00:5e:00:53:07)
		if !r.ev.Has(s.wider.macField) {
			s.wider.mac.put(r, ws[i+2].text)
		}
		return
	}
	if i+2 < len(ws) && ws[i+1].quoted() && isName(&ws[i+1]) && ws[i+2].open == '(' && isAddress(ws[i+2].text) {
		s.user.put(r, ws[i+1].text) // for "ann" (192.0.2.7)
		if !s.source.addr.isSet(r.ev) {
			s.side(r, &s.source, ws[i+2].text, "")
		}
		return
	}
	if i+2 < len(ws) && isName(&ws[i+1]) && ws[i+2].open == '(' && (ws[i+2].lower == "client" || ws[i+2].lower == "from" || ws[i+2].lower == "ip") {
		s.user.put(r, ws[i+1].text) // rejected for ann (client ip: 192.0.2.7)
		return
	}
	if ws[i].lower == "for" && failedFor(ws, i) {
		s.user.put(r, ws[i+1].text)
		return
	}
	s.loggedIn(r, ws, i+1, i+2)
}

// alone says whether the name at i is the only one in front of the next key: ann, Source IP: 192.0.2.7.
func alone(ws []word, i int) bool {
	if i+1 >= len(ws) || ws[i].mark != ',' || !isName(&ws[i]) {
		return false
	}
	for j := i + 1; j < min(len(ws), i+4); j++ {
		if ws[j].mark != 0 {
			return ws[j].mark == ':'
		}
	}
	return false
}

// behindIt reads who begins a text that says in brackets behind it where they are: ann logged out
// after 00:10:22 (192.0.2.7).
func (s *gleanStep) behindIt(r *run, ws []word, logged int) {
	if logged != 1 || s.user.isSet(r.ev) || s.source.addr.isSet(r.ev) || !isName(&ws[0]) || !hasAlnum(ws[0].text) {
		return
	}
	if last := len(ws) - 1; sitsAt(ws, last) {
		s.user.put(r, ws[0].text)
		s.side(r, &s.source, ws[last].text, "")
	}
}

// afterName begin what is told of a log-in behind the name of whose it was.
var afterName = wordSet("within in during after because due with over on interface port")

// failedFor says of "for" at i that behind it stands whose log-in failed, and that nothing else is said
// of him: login failed for ann, too many attempts; 5 failed logins for ann within a minute.
func failedFor(ws []word, i int) bool {
	if i < 2 || i+1 >= len(ws) || ws[i-1].mark != 0 {
		return false
	}
	before := i - 2
	if ws[before].lower == "attempt" || ws[before].lower == "request" {
		before = max(0, before-1) // login attempt failed for ann
	}
	if both := ws[i-1].sense.hint | ws[before].sense.hint; both&saysFailed == 0 || both&saysLogin == 0 {
		return false
	}
	name := &ws[i+1]
	last := i+2 == len(ws) || name.mark == ',' || name.mark == ';' || name.mark == ':' || afterName[ws[i+2].lower]
	return last && isName(name) && !ways[name.lower] && name.sense.is&wordThing == 0 && name.sense.role == 0 && hasAlnum(name.text) && !isAddress(name.text) && !isMAC(name.text)
}

// theUser reads the name in front of user where an address follows from where they logged in: as
// the admin user from 192.0.2.7.
func (s *gleanStep) theUser(r *run, ws []word, i int, said hint) {
	if i < 2 || ws[i].lower != "user" || ws[i-2].lower != "the" || said&saysLogin == 0 || s.user.isSet(r.ev) || !cameFrom(ws, i+1) {
		return
	}
	if isName(&ws[i-1]) && ws[i-1].sense.is&wordNoName == 0 {
		s.user.put(r, ws[i-1].text)
	}
}

// called reads the name behind user, account and the like.
func (s *gleanStep) called(r *run, ws []word, i int, said hint) {
	j := i + 1
	if j < len(ws) && (ws[j].lower == "name" || ws[j].lower == "account") {
		j++
	}
	if j >= len(ws) || ws[j-1].mark == ',' || s.user.isSet(r.ev) {
		return
	}
	if s.otherThan(r, ws, i, j) {
		return
	}
	w := &ws[j]
	if w.lower == "id" && w.mark == ':' && j+1 < len(ws) && !isNumber(ws[j+1].text) {
		j++ // User ID: ann
		w = &ws[j]
	}
	if w.mark == '=' || w.mark == ':' && ws[j-1].mark == ':' || strings.IndexByte(")]}>", ws[j-1].shut) >= 0 && ws[j-1].mark == 0 && ws[j-1].shut != 0 {
		return // a key of its own; what the brackets held is over
	}
	if w.open == '[' && w.shut == ' ' || isWhen(ws, j) {
		return // the first of several words: for user [after add]; Last login: Mon Mar  2 08:59:59 2026
	}
	if w.sense.is&wordNoName != 0 || isMAC(w.text) || !hasAlnum(w.text) || len(w.text) > 64 || strings.ContainsAny(w.text, "()[]{}<>|=,;/") || w.text[0]-'0' < 10 && strings.IndexByte(w.text, '.') >= 0 && !isMail(w.text) {
		return
	}
	if w.lower == "user" && j+1 < len(ws) && (ws[i].mark == 0 && cameFrom(ws, j+1) || ws[i].lower == "login" && ws[j+1].sense.is&wordNoName == 0) {
		return // the admin user from 192.0.2.7; login: user ann
	}
	failing := i > 0 && ws[i-1].lower == "for" && (said&saysFailed != 0 && said&(saysLogin|saysSecret) != 0 || openedFor(ws, i-1)) // invalid password for account ann
	if ws[i].lower != "user" && ws[i].lower != "username" && !failing && ws[i].mark == 0 && !(ws[i].shut == ' ' && w.quoted()) && !(w.open == '[' && w.shut == ']') && ws[j-1].mark == 0 && (ws[i].lower == "login" || !cameFrom(ws, j+1) && !didSo(ws, i, j+1) && !befell(ws, j+1) && !sitsAt(ws, j+1)) {
		return // prose: "the account that ..."
	}
	if at := strings.IndexByte(w.text, '@'); at > 0 {
		if addr, port, ok := endpoint(w.text[at+1:]); ok { // root@192.0.2.1
			s.user.put(r, w.text[:at])
			if !s.source.addr.isSet(r.ev) {
				s.side(r, &s.source, addr, port)
			}
			return
		}
	}
	if name, at, ok := strings.Cut(w.text, "'@'"); ok && name != "" { // user 'ann'@'192.0.2.1', as MySQL writes
		s.user.put(r, name)
		if addr, port, ok := endpoint(at); ok && !s.source.addr.isSet(r.ev) {
			s.side(r, &s.source, addr, port)
		}
		return
	}
	if full := fullName(ws, j); full != "" && ws[i].lower == "user" {
		s.user.put(r, r.ev.Own([]byte(full)))
		return
	}
	if full := inQuotes(r.text, &ws[j-1], w); full != "" && s.user.suits(full) {
		s.user.put(r, full) // user 'Ann Lee' logged in
		return
	}
	s.user.put(r, w.text)
}

// openedFor says of "for" that a session is told of whose it is: session 13 started for administrator ann.
func openedFor(ws []word, at int) bool {
	if at < 2 || ws[at-1].mark != 0 {
		return false
	}
	switch ws[at-1].lower {
	case "started", "opened", "closed", "ended", "terminated":
		return session(&ws[at-2]) || at > 2 && session(&ws[at-3])
	}
	return false
}

// otherThan says whether the one who is named at j is not who did it, of whom another key told:
// Created user bob, beside the address of ann.
func (s *gleanStep) otherThan(r *run, ws []word, i, j int) bool {
	if mail := r.ev.Text(s.wider.email); mail != "" && mail != ws[j].text || s.wide && s.whom.isSet(r.ev) && r.ev.Text(s.whom.kids[0]) == ws[j].text {
		return true
	}
	for k := j + 1; s.wide && k+1 < min(len(ws), j+4) && ws[k-1].mark == 0; k++ {
		if ws[k+1].lower == "by" && (ws[k].sense.deed&(isCreation|isDeletion|isChange) != 0 || ws[k].lower == "impersonated") && isPast(ws[k].lower) {
			if isName(&ws[j]) && s.whom.suits(ws[j].text) && !s.whom.isSet(r.ev) {
				s.whom.put(r, ws[j].text)
			}
			return true // user bob was changed by policy
		}
	}
	if i == 0 || ws[i-1].mark != 0 || ws[i-1].sense.deed&(isCreation|isDeletion|isChange) == 0 || !r.ev.Has(s.wider.userID) && !(s.wide && ws[i].lower == "user" && isPast(ws[i-1].lower)) {
		return false
	}
	if isName(&ws[j]) && s.whom.suits(ws[j].text) && !s.whom.isSet(r.ev) {
		s.whom.put(r, ws[j].text)
	}
	return true
}

// nextLogin says of a text that begins with somebody from somewhere whether a log-in follows.
func nextLogin(ws []word) bool {
	return len(ws) > 3 && ws[3].sense.hint&saysLogin != 0
}

// failedAt says whether a text like "login failed: " ends at i.
func failedAt(ws []word, i int) bool {
	return i > 0 && ws[i].mark == ':' && (ws[i].lower == "failed" || ws[i].lower == "failure")
}

// fullName is the name of two words that begins at i, where a third says what somebody did:
// Ann Lee logged in.
func fullName(ws []word, i int) string {
	if i+2 >= len(ws) || !isGivenName(&ws[i]) || !isGivenName(&ws[i+1]) || isGivenName(&ws[i+2]) {
		return ""
	}
	if did := ws[i+2].lower; !isPast(did) && did != "has" && did != "was" || ws[i+1].sense.is&wordNoName != 0 {
		return ""
	}
	return ws[i].text + " " + ws[i+1].text
}

// isGivenName tells Ann from ann, and from a word in front of a mark.
func isGivenName(w *word) bool {
	return isWord(w.text) && w.text[0]-'A' < 26 && w.text[1]-'a' < 26 && w.mark == 0 && w.open == ' ' && w.shut == ' '
}

// mailWords stand before an address of a mail, which is nobody who acts.
var mailWords = wordSet("from to sender recipient recipients rcpt for mail subject cc bcc reply-to")

// mailAt reads who did something from where, where one stands behind the other: ann@example.com
// [192.0.2.7], ann@example.com 192.0.2.7.
func (s *gleanStep) mailAt(r *run, ws []word, i int) {
	w := &ws[i]
	if i+2 < len(ws) && w.mark == 0 && isMail(w.text) && mailDid(ws, i) && !s.user.isSet(r.ev) {
		s.user.put(r, w.text)
		return
	}
	if i+1 >= len(ws) || w.mark == '=' || !isMail(w.text) || i > 0 && mailWords[ws[i-1].lower] || s.user.isSet(r.ev) || s.source.addr.isSet(r.ev) {
		return
	}
	if addr, port, ok := endpoint(ws[i+1].text); ok && w.mark == 0 && !strings.ContainsAny(w.text, "<>") {
		s.user.put(r, w.text)
		s.side(r, &s.source, addr, port)
	}
}

// mailDid says of the address at i that it is of somebody who did something, which a verb behind it says
// and what he did it to: ann@example.com deleted the vault x; and not ann@example.com deleted.
func mailDid(ws []word, i int) bool {
	if i > 0 && ws[i-1].shut != ']' && ws[i-1].sense.is&wordPerson == 0 && ws[i-1].lower != "technician" {
		return false
	}
	verb, to := &ws[i+1], &ws[i+2]
	if verb.mark != 0 || !isPast(verb.lower) || verb.sense.deed&(isCreation|isDeletion|isChange|isAccess) == 0 && !orderly[verb.lower] {
		return false
	}
	return verb.lower == "powered" || to.mark != '=' && !notDoneTo[to.lower] && isWord(strings.Trim(to.text, "0123456789-_"))
}

// orderly are verbs of people; notDoneTo are words behind a verb that is said of the one in front of it.
var (
	orderly   = wordSet("started stopped powered executed launched approved requested uploaded downloaded exported triggered initiated restarted")
	notDoneTo = wordSet("to from by in on as for at with via into after because successfully and but when until was is has had will")
)

// byMail says of the address at i, behind "by", that it is of the one who did what was told before: VM
// web01 was migrated from h1 to h2 by ann@example.com.
func byMail(ws []word, i int) bool {
	if i >= len(ws) || !isMail(ws[i].text) {
		return false
	}
	for k := i - 2; k > 0; k-- {
		if isPast(ws[k].lower) && (ws[k-1].lower == "was" || ws[k-1].lower == "been" || ws[k-1].lower == "were" || k == i-2) {
			return !handed[ws[k].lower]
		}
	}
	return false
}

// handed are what a mail or a thing of somebody's has been.
var handed = wordSet("received delivered forwarded bounced owned used needed trusted signed quarantined blocked rejected")

// hasAlnum tells a name from punctuation.
func hasAlnum(s string) bool {
	for i := range len(s) {
		if (s[i]|0x20)-'a' < 26 || s[i]-'0' < 10 || s[i] >= 0x80 {
			return true
		}
	}
	return false
}

// cameFrom says whether an address follows that something came from.
func cameFrom(ws []word, i int) bool {
	if i+1 >= len(ws) || ws[i].lower != "from" {
		return false
	}
	for j := i + 1; j < min(len(ws), i+4); j++ {
		if _, _, ok := endpoint(ws[j].text); ok {
			return true
		}
		if ws[j].sense.is&wordFiller == 0 && ws[j].sense.role != 's' {
			break
		}
	}
	return false // from src IP 192.0.2.7
}

// sitsAt says whether an address in brackets follows a name: Admin ann (192.0.2.7).
func sitsAt(ws []word, i int) bool {
	return i < len(ws) && ws[i].open == '(' && isAddress(ws[i].text)
}

// befell says whether something is told of the account whose name stands before i.
func befell(ws []word, i int) bool {
	if i < len(ws) && (ws[i].lower == "is" || ws[i].lower == "was" || ws[i].lower == "has") {
		if i++; i < len(ws) && ws[i].lower == "been" {
			i++
		}
	}
	return i < len(ws) && (ws[i].lower == "locked" || ws[i].lower == "unlocked" || ws[i].lower == "disabled" || ws[i].lower == "expired")
}

// cameOrWent reads somebody who connected to a gateway from an address, or left it: client "ann" connected
// from 192.0.2.1, user ann disconnected.
func (s *gleanStep) cameOrWent(r *run, ws []word, i int) {
	if !s.wide || i < 2 || ws[i-1].mark != 0 || r.ev.Has(s.cat) || negated(ws, i) {
		return
	}
	who, sort := &ws[i-1], ws[i-2].lower
	person := ws[i-2].sense.is&wordPerson != 0 || sort == "client" && who.quoted()
	if !person || ws[i-2].mark != 0 || !isName(who) || isAddress(who.text) || !s.user.suits(who.text) {
		return
	}
	if ws[i].lower == "connected" && !cameFrom(ws, i+1) {
		return // to what, may be anything
	}
	if !s.user.isSet(r.ev) {
		s.user.put(r, who.text)
	}
	phase := "start"
	if ws[i].lower == "disconnected" {
		phase = "end"
	}
	s.is(r, "session", "connection", phase)
	r.ev.Add(s.cat, "network")
}

// howThen goes past what says how somebody logged in: in successfully via web from 192.0.2.1.
func howThen(ws []word, i int) int {
	if i < len(ws) && ws[i].lower == "successfully" {
		i++
	}
	if i+1 < len(ws) && ws[i].mark == 0 && (ws[i].lower == "via" || ws[i].lower == "over" || ws[i].lower == "using" || ws[i].lower == "through") {
		i += 2
	}
	return i
}

// adminWords are people who do things to others' accounts: what is told behind their name they did.
var adminWords = wordSet("admin administrator operator")

// didSo says of the word at i, behind the name of an administrator, that it tells what he did to something
// that is named: admin ann exported key "k".
func didSo(ws []word, who, i int) bool {
	return adminWords[ws[who].lower] && i+1 < len(ws) && isPast(ws[i].lower) && ws[i].mark == 0 &&
		(ws[i].sense.deed&(isCreation|isDeletion|isChange|isAccess) != 0 || ws[i].lower == "issued" || ws[i].lower == "executed") // a command
}

// loggedIn reads the word at who as the one who logged in, if an address follows from
// where: ann logged in from 192.0.2.7; Login failed for ann from 192.0.2.7.
func (s *gleanStep) loggedIn(r *run, ws []word, who, from int) {
	if from+1 >= len(ws) || ws[from].lower != "from" && ws[from].lower != "ip" || s.user.isSet(r.ev) {
		return
	}
	at := from + 1
	if at+1 < len(ws) && ws[at].sense.is&wordFiller != 0 {
		at++ // from host 192.0.2.7
	}
	if _, _, ok := endpoint(ws[at].text); !ok {
		return
	}
	name, _, _ := strings.Cut(ws[who].text, "/") // a realm stands behind it
	if name == "" || ws[who].sense.is&(wordTransport|wordNoName) != 0 || len(name) > 64 || strings.ContainsAny(name, "()[]{}<>|=,;:") {
		return
	}
	s.user.put(r, name)
}
