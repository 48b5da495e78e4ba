package normalize

import (
	"strings"

	"sluice/event"
)

// gleanHappened are the fields of what happened reads, beside those of glean.
type gleanHappened struct {
	group   target // group
	name    target // file.name
	ruleID  target // rule.id
	command target // process.command_line
	program target // process
	parent  target // process.parent
	pid     event.Field
}

// happened tells what a sentence is about where no other reader did: who did what to a file, who
// came into a group, what became of a tunnel, what a sensor's rule found. Its subject, its verb and
// its object say so; who did it stands behind "by", or in front of the verb.
func (s *gleanStep) happened(r *run, ws []word, said hint) {
	if r.ev.Has(s.cat) {
		s.ordered(r, ws)
		return
	}
	for i := range ws {
		if ws[i].sense.deed&(isCreation|isDeletion|isChange|isAccess) == 0 || negated(ws, i) {
			continue
		}
		if s.grouped(r, ws, i) || s.fileDone(r, ws, i, said) {
			return
		}
		if s.fileBecame(r, ws, i) {
			s.ordered(r, ws)
			return
		}
	}
	if s.commanded(r, ws) || s.granting(r, ws) || s.entitled(r, ws) || s.sensed(r, ws) || s.lockedOut(r, ws) || s.tunnel(r, ws, said) || s.joined(r, ws) {
		return
	}
	s.ordered(r, ws)
}

func (s *gleanStep) is(r *run, category string, types ...string) {
	r.ev.Add(s.cat, category)
	for _, t := range types {
		r.ev.Add(s.typ, t)
	}
}

// articles may stand between a verb and what it is done to.
var articles = wordSet("the a an its file files folder directory document object local security new")

// fileDone reads what somebody did to a file that is named by its whole path: ann from 192.0.2.7
// deleted /share/x; user ann failed to open the file C:\x. Of a program's own files nobody is told.
func (s *gleanStep) fileDone(r *run, ws []word, i int, said hint) bool {
	at := i + 1
	for at < len(ws) && articles[ws[at].lower] {
		at++
	}
	if (at == len(ws) || at == len(ws)-1 && sitsAt(ws, at)) && i > 3 && ws[i-1].mark == 0 && (ws[2].lower == "has" || ws[3].lower == "has") {
		at = i - 1 // Benutzer ann hat die Datei /x gelöscht
	}
	if at == len(ws) || r.ev.Has(s.wider.method) {
		return false
	}
	to := &s.wider.path
	if !isFilePath(&ws[at]) {
		if to = &s.name; (!ws[at].quoted() || !hasExtension(ws[at].text)) && !(ws[at-1].lower == "file" && isFileName(&ws[at])) {
			return false
		}
	}
	if !s.user.isSet(r.ev) && s.source.addr.isSet(r.ev) && i > 0 && isName(&ws[0]) && !noDoers[ws[0].lower] && (i == 1 || ws[1].lower == "from" || i == 2 && ws[1].open == '(' || ws[1].sense.hint&saysFailed != 0) {
		s.user.put(r, ws[0].text)
	}
	if !s.user.isSet(r.ev) {
		return false
	}
	to.put(r, ws[at].text)
	s.is(r, "file", doneType(ws[i].sense.deed)) // happened asks for one of them
	if said&saysFailed != 0 && !r.ev.Has(s.result) {
		r.ev.SetText(s.result, "failure")
	}
	return true
}

// fileBecame reads what was done to a file by nobody who is named in front of it: File /etc/passwd has
// been modified; /etc/passwd was modified by root.
func (s *gleanStep) fileBecame(r *run, ws []word, i int) bool {
	at := i - 1
	for at > 0 && (ws[at].lower == "was" || ws[at].lower == "been" || ws[at].lower == "has") {
		at--
	}
	if at < 0 || at == i-1 || !isPast(ws[i].lower) || !isFilePath(&ws[at]) || at > 0 && (at != 1 || ws[0].lower != "file") {
		return false
	}
	if !s.wider.path.isSet(r.ev) {
		s.wider.path.put(r, ws[at].text)
	}
	s.is(r, "file", doneType(ws[i].sense.deed))
	return true
}

// grouped reads who came into a group or left it: admin added user bob to group staff; User bob was
// removed from the group staff by admin.
func (s *gleanStep) grouped(r *run, ws []word, i int) bool {
	if w := ws[i].lower; w != "added" && w != "removed" && w != "deleted" && w != "assigned" {
		return false
	}
	for k := i + 1; k+2 < min(len(ws), i+7); k++ {
		if ws[k].lower != "to" && ws[k].lower != "from" {
			continue
		}
		name := k + 1
		for name < len(ws) && articles[ws[name].lower] {
			name++
		}
		if name+1 >= len(ws) || ws[name].lower != "group" && ws[name].lower != "role" {
			return false
		}
		s.member(r, ws, i, k)
		s.group.put(r, groupName(r.text, ws, name+1))
		s.is(r, "iam", "group", "change")
		return true
	}
	return false
}

// groupName is the name of a group that begins at i: it has several words where "by" ends it.
func groupName(text string, ws []word, i int) string {
	if name := inQuotes(text, &ws[i-1], &ws[i]); name != "" {
		return name
	}
	for j := i + 1; j < min(len(ws), i+4) && ws[j-1].mark == 0; j++ {
		if ws[j].lower == "by" {
			return text[ws[i].at : int(ws[j-1].at)+len(ws[j-1].text)]
		}
	}
	return ws[i].text
}

// member stores who was put into a group by the verb at i and who did it; the group follows at k.
func (s *gleanStep) member(r *run, ws []word, i, k int) {
	whom, who := k-1, 0
	if k == i+1 { // bob was added to
		for whom = i - 1; whom > 0 && (ws[whom].lower == "was" || ws[whom].lower == "been" || ws[whom].lower == "has" || ws[whom].lower == "is"); {
			whom--
		}
		for by := k + 2; by+1 < len(ws); by++ {
			if ws[by].lower == "by" {
				who = by + 1
				if ws[who].sense.is&wordPerson != 0 && who+1 < len(ws) && isName(&ws[who+1]) {
					who++
				}
			}
		}
	} else if i > 0 {
		who = i - 1
	}
	if whom < 0 || whom > 0 && rights[ws[whom-1].lower] || !isName(&ws[whom]) || !s.whom.suits(ws[whom].text) {
		return
	}
	if s.user.isSet(r.ev) && r.ev.Text(s.user.kids[0]) == ws[whom].text {
		r.ev.Unset(s.user.kids[0])
	}
	if !s.whom.isSet(r.ev) {
		s.whom.put(r, ws[whom].text)
	}
	if who != whom && (who > 0 || k != i+1) && who < len(ws) && isName(&ws[who]) && !noDoers[ws[who].lower] && !s.user.isSet(r.ev) {
		s.user.put(r, ws[who].text)
	}
}

// rights are words for what somebody is granted.
var rights = wordSet("role roles permission permissions privilege privileges right rights")

// tokens are what people show to a reader, and no name of theirs.
var tokens = wordSet("badge card credential tag fob transponder token keycard")

// entitled reads who may do what: Role ADMIN granted to bob by ann; Access denied for ann
// (192.0.2.7); Access granted to ann from 192.0.2.7.
func (s *gleanStep) entitled(r *run, ws []word) bool {
	for i := 1; i+2 < len(ws); i++ {
		did, to := ws[i].lower, ws[i+1].lower
		if did == "denied" && to == "access" && ws[i-1].lower == "was" && s.user.isSet(r.ev) && !r.ev.Has(s.result) {
			r.ev.SetText(s.result, "failure") // User ann was denied access to x
			return true
		}
		if did != "granted" && did != "denied" && did != "revoked" && did != "assigned" && did != "removed" || to != "to" && to != "for" && to != "from" || !isName(&ws[i+2]) || ws[i+2].sense.is&wordThing != 0 {
			continue
		}
		for j := max(0, i-4); j < i; j++ {
			switch {
			case rights[ws[j].lower] && did != "denied" && !(did == "removed" && (ws[i+2].lower == "group" || ws[i+2].lower == "policy")):
				if s.whom.suits(ws[i+2].text) && !s.whom.isSet(r.ev) {
					s.whom.put(r, ws[i+2].text)
				}
				s.is(r, "iam", "user", "change")
				s.ordered(r, ws)
				return true
			case ws[j].lower == "access" && (did == "granted" || did == "denied") && to != "from":
				if !s.user.isSet(r.ev) && !tokens[ws[i+2].lower] {
					s.user.put(r, admitted(r.text, ws, i+2))
				}
				if !r.ev.Has(s.result) {
					r.ev.SetText(s.result, outcomeOf(did == "granted"))
				}
				return true
			}
		}
	}
	return false
}

// admitted is who is named at i, perhaps behind what he is, and in quotes with a name of several words:
// granted for cardholder 'Ada Lovelace'.
func admitted(text string, ws []word, i int) string {
	if ws[i].sense.is&wordPerson != 0 && i+1 < len(ws) && ws[i].mark != ',' && isName(&ws[i+1]) {
		i++
	}
	if name := inQuotes(text, &ws[i-1], &ws[i]); name != "" {
		return name
	}
	return ws[i].text
}

// befalls are what becomes of an account.
var befalls = wordSet("locked unlocked disabled enabled suspended reactivated")

// lockedOut reads that an account was locked, or its password changed: User bob has been locked out after
// 5 tries; account bob locked; password changed for user bob.
func (s *gleanStep) lockedOut(r *run, ws []word) bool {
	for i := 1; i < len(ws); i++ {
		did := ws[i].lower
		at := i - 1
		for at > 0 && (ws[at].lower == "has" || ws[at].lower == "been" || ws[at].lower == "was") {
			at--
		}
		account := at > 0 && (ws[at-1].lower == "account" && befalls[did] || ws[at-1].lower == "user" && (did == "locked" || did == "unlocked")) && !negated(ws, i) // who disabled may have disabled something
		secret := ws[i-1].lower == "password" && (did == "changed" || did == "reset") && i+1 < len(ws) && ws[i+1].lower == "for"
		if (account || secret || ws[i-1].lower == "locked" && did == "out") && s.user.isSet(r.ev) {
			s.is(r, "iam", "user", "change")
			return true
		}
	}
	return false
}

// sensed reads the number of a sensor's rule before two sides: [1:2019401:3] ET SCAN {TCP} a -> b.
func (s *gleanStep) sensed(r *run, ws []word) bool {
	if !s.source.addr.isSet(r.ev) || !s.target.addr.isSet(r.ev) {
		return false
	}
	for i := range min(len(ws), 4) {
		boxed, ok := strings.CutPrefix(ws[i].text, "[")
		gen, rest, _ := strings.Cut(strings.TrimSuffix(boxed, "]"), ":")
		id, rev, _ := strings.Cut(rest, ":")
		if ok && isNumber(gen) && isNumber(id) && isNumber(rev) {
			if !s.ruleID.isSet(r.ev) {
				s.ruleID.put(r, id)
			}
			s.wider.prose.is(r.ev, "intrusion_detection")
			return true
		}
	}
	return false
}

// tunnelWords are words for what joins two networks, tunnelStates for what becomes of it.
var (
	tunnelWords  = wordSet("tunnel tunnels vpn ipsec ike ikev1 ikev2 l2tp wireguard")
	tunnelStates = map[string]string{
		"up": "start", "established": "start", "accepted": "start", "connected": "start", "opened": "start", "started": "start",
		"down": "end", "disconnected": "end", "closed": "end", "terminated": "end", "lost": "end", "ended": "end",
	}
)

// tunnel reads what became of a tunnel, or of a connection if its other end is named: IPsec tunnel
// branch-3 to 192.0.2.4 is down; VPN user ann connected from 192.0.2.7; IKE negotiation with
// 192.0.2.4 failed; Connection from 192.0.2.7 closed.
func (s *gleanStep) tunnel(r *run, ws []word, said hint) bool {
	is, state, talks, link := tunnelProgram(lower(r.ev, r.ev.Text(s.wider.prose.program))), "", false, false
	from, to := s.source.addr.isSet(r.ev), s.target.addr.isSet(r.ev)
	for i := range ws {
		w := ws[i].lower
		is = is || ws[i].sense.is&wordTunnel != 0 || strings.HasPrefix(w, "tunnel[")
		if (from || to) && (w == "connection" || w == "handshake") || from && to && w == "session" {
			is, talks, link = true, true, link || w != "handshake"
		}
		talks = talks || w == "negotiation" || w == "handshake" || w == "rekey" || w == "phase"
		if became := ws[i].sense.tunnel; became != "" && state == "" && !negated(ws, i) {
			state = became
		}
	}
	switch {
	case !is:
		return false
	case link && state == "" && said.refusal():
		s.is(r, "network", "connection", "denied") // Blocked outbound connection to 192.0.2.1:443
	case said&saysFailed != 0 && (talks || state == "start"):
		s.is(r, "network", "connection", "info")
		if !r.ev.Has(s.result) {
			r.ev.SetText(s.result, "failure")
		}
	case said&saysFailed == 0 && state != "":
		s.is(r, "network", "connection", state)
	default:
		return false
	}
	return true
}

// joinStates are what becomes of somebody's session; joinedTo may follow, and no thing that was connected.
var (
	joinStates = map[string]string{"connected": "start", "disconnected": "end"}
	joinedTo   = wordSet("from to via at on with using through over after")
)

// joined reads that somebody connected to a service, or left it: User bob connected from 192.0.2.1.
func (s *gleanStep) joined(r *run, ws []word) bool {
	if !s.user.isSet(r.ev) {
		return false
	}
	name, mail := r.ev.Text(s.user.kids[0]), r.ev.Text(s.wider.email)
	for i := 1; i < len(ws); i++ {
		state := joinStates[ws[i].lower]
		if state == "" || negated(ws, i) || i+1 < len(ws) && ws[i].mark == 0 && !joinedTo[ws[i+1].lower] && ws[i+1].open != '(' {
			continue
		}
		who := i - 1
		for who > 0 && (ws[who].lower == "has" || ws[who].lower == "is" || ws[who].lower == "successfully") {
			who--
		}
		if text := ws[who].text; text == name || text == mail || strings.HasSuffix(text, `\`+name) {
			s.is(r, "session", "connection", state)
			r.ev.Add(s.cat, "network")
			return true
		}
	}
	return false
}

// tunnelProgram says of a program that what it tells is of tunnels: sslvpn, ipsecd.
func tunnelProgram(name string) bool {
	return strings.Contains(name, "vpn") || strings.Contains(name, "ipsec") || strings.Contains(name, "wireguard") || strings.HasPrefix(name, "ike")
}

// orders are what somebody has done to a machine as a whole, by what it is an event of.
var orders = map[string]string{
	"reboot": "host", "rebooted": "host", "restart": "host", "restarted": "host", "shutdown": "host",
	"upgraded": "configuration", "downgraded": "configuration", "upgrade": "configuration", "rolled": "configuration", "committed": "configuration", "saved": "configuration",
	"powered": "host", "cleared": "", "printed": "", "started": "", "stopped": "", "granted": "", "revoked": "", "executed": "", "performed": "", "initiated": "", "requested": "", "triggered": "", "scheduled": "", "approved": "", "read": "", "mounted": "", "unmounted": "",
}

// ordered reads by whom something was done: Firmware upgraded to 4.3.0 by ann; System reboot requested by ann
// (192.0.2.7). The name must be the last of the sentence, or where it came from follows.
func (s *gleanStep) ordered(r *run, ws []word) {
	order, known, did := "", false, deed(0)
	for i := 1; i+1 < len(ws); i++ {
		w := &ws[i-1]
		is, ok := orders[w.lower]
		did |= w.sense.deed & (isCreation | isDeletion | isChange | isAccess | isFile | isAccount)
		if i > 1 && w.lower == "key" && ws[i-2].lower == "api" {
			did |= isAccount
		}
		if (ok || w.sense.deed&(isCreation|isDeletion|isChange|isAccess) != 0 && isPast(w.lower)) && !negated(ws, i-1) {
			known = true
			if order == "" {
				order = is
			}
		}
		if ws[i].lower != "by" || !known {
			continue
		}
		who := i + 1
		if ws[who].sense.is&wordPerson != 0 && who+1 < len(ws) && ws[who].mark == 0 && ws[who+1].open != '(' && isName(&ws[who+1]) && ws[who+1].sense.role == 0 {
			who++
		}
		next := who + 1
		ends := next == len(ws) || next+1 == len(ws) && ws[next].sense.hint&(saysFailed|saysFine) != 0 || ws[who].mark != 0 || ws[next].open == '(' || ws[next].lower == "from" || ws[next].lower == "via" || ws[next].lower == "on" || ws[next].lower == "at"
		if !ends || !isName(&ws[who]) || noDoers[ws[who].lower] || isNumber(ws[who].text) || !s.user.suits(ws[who].text) {
			return
		}
		if !s.user.isSet(r.ev) {
			s.user.put(r, ws[who].text)
		}
		switch {
		case r.ev.Has(s.cat):
		case order != "":
			s.is(r, order, "change")
		case did&isFile != 0 && did&(isCreation|isDeletion|isChange|isAccess) != 0:
			s.is(r, "file", doneType(did)) // file x deleted by ann
		case did&isAccount != 0 && did&isFile == 0 && did&(isCreation|isDeletion|isChange) != 0:
			s.is(r, "iam", doneType(did)) // role x deleted by ann
		case did&isChange != 0 && did&isFile == 0:
			s.is(r, "configuration", "change") // real-time protection disabled by ann
		}
		return
	}
}
