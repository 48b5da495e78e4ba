package normalize

import "strings"

// people are what stands before the name of somebody in prose.
var people = wordSet("user username account admin administrator operator cardholder badgeholder visitor")

// byWhom reads who did what in so many words: user ann created user bob; policy X was
// changed by user ann. It stands before what reads names one by one, so that the one
// something was done to is not taken for the one who did it.
func (s *gleanStep) byWhom(r *run, ws []word) {
	if s.user.isSet(r.ev) || r.ev.Has(s.cat) {
		s.toWhom(r, ws)
		return
	}
	if s.cameByName(r, ws); s.doneTo(r, ws) {
		return
	}
	for i := range ws {
		did := ws[i].sense.deed & (isCreation | isDeletion | isChange)
		if did == 0 || i == 0 || !isPast(ws[i].lower) || strings.IndexByte(ws[i].text, '=') >= 0 || negated(ws, i) {
			continue
		}
		if s.grouped(r, ws, i) {
			return
		}
		if i+1 < len(ws) && (ws[i+1].lower == "to" || ws[i+1].lower == "from") {
			did = isChange // added to what is not called a group
		}
		for by := i + 1; by+1 < min(len(ws), i+8) && ws[by-1].mark == 0; by++ {
			if ws[by].lower != "by" {
				continue
			}
			who := doer(ws, by+1)
			if who == 0 && by == i+1 {
				who = plainDoer(ws, i)
			}
			if who == 0 && by == i+4 && namesAccount(ws, i+2) && isBareDoer(ws, by+1) {
				who = by + 1 // changed for user bob by ann
			}
			if who == 0 && (by == i+3 || by == i+4 && askedBy[ws[i+3].lower]) && ws[i-1].lower == "password" && ws[i+1].lower == "for" && isName(&ws[i+2]) && !noDoers[ws[i+2].lower] && isBareDoer(ws, by+1) && !s.whom.isSet(r.ev) && s.whom.suits(ws[i+2].text) {
				s.whom.put(r, ws[i+2].text) // password changed for bob by ann
				who = by + 1
			}
			if who > 0 {
				s.deed(r, ws, did, who, max(0, i-6), by)
				return
			}
			break
		}
		before := i - 1
		for before > 0 && !(ws[before].shut == ')' && ws[before].open != '(') && (ws[before].lower == "has" || ws[before].lower == "successfully" || isAddress(ws[before].text) || isAddress(ws[before+1].text) && (ws[before].lower == "from" || ws[before].lower == "at")) {
			before-- // user ann (192.0.2.1) deleted
		}
		before = outside(ws, before)
		if isMail(ws[before].text) && (before == 0 || ws[before-1].shut == ']' || ws[before-1].mark == ':') && !s.passive(ws, i) {
			s.deed(r, ws, did, before, i+1, min(len(ws), i+7)) // ann@example.com updated rule x
			return
		}
		if before > 0 && ws[before-1].sense.is&wordPerson != 0 && ws[before-1].mark != ',' && isName(&ws[before]) && !s.passive(ws, i) {
			s.deed(r, ws, did, before, i+1, min(len(ws), i+7))
			return
		}
		if i == 1 && toSomebody(ws) {
			s.deed(r, ws, did, 0, i+1, min(len(ws), i+7))
			return
		}
	}
	s.byNobody(r, ws)
}

// toSomebody says of a sentence whose second word is a deed that the first did it, and did it to
// an account that is named: root created user bob; admin: changed the password of user bob.
func toSomebody(ws []word) bool {
	if !isName(&ws[0]) || noDoers[ws[0].lower] || ws[0].mark != 0 && ws[0].mark != ':' || ws[0].sense.topic != nil || ws[0].sense.hint != 0 || ws[0].sense.deed&^isAccount != 0 {
		return false
	}
	for j := 2; j+1 < min(len(ws), 7) && ws[j-1].mark == 0; j++ {
		if namesAccount(ws, j) {
			return true
		}
	}
	return false
}

// namesAccount says whether the word at i and the one behind it name an account: user bob, account bob.
func namesAccount(ws []word, i int) bool {
	return i+1 < len(ws) && (ws[i].lower == "user" || ws[i].lower == "account") && isName(&ws[i+1])
}

// askedBy stand between whom something was done to and by whom.
var askedBy = wordSet("requested performed initiated completed done issued triggered")

// accountDone are what happens to an account that nobody has by himself.
var accountDone = wordSet("created deleted removed modified changed updated renamed reset added")

// byNobody reads what was done to an account where the sentence begins with it: User bob was created;
// Password for user bob has been reset; Benutzer bob wurde von admin angelegt. He is nobody who acts.
func (s *gleanStep) byNobody(r *run, ws []word) {
	if s.doneFirst(r, ws) {
		return
	}
	for i := 0; i+2 < min(len(ws), 8); i++ {
		if !namesAccount(ws, i) || !s.whom.suits(ws[i+1].text) {
			continue
		}
		who, was := 0, false
		for j := i + 2; j < min(len(ws), i+9) && ws[j-1].mark == 0; j++ {
			switch w := ws[j].lower; {
			case w == "was", w == "been":
				was = true
			case w == "by" && j+1 < len(ws) && isName(&ws[j+1]):
				who = j + 1
			case w == "group" && was && j+3 == len(ws) && ws[j+2].lower == "added" && isName(&ws[j+1]) && !s.whom.isSet(r.ev):
				s.intoGroup(r, ws, i+1, who, j+1) // Benutzer bob wurde von ann zur Gruppe Admins hinzugefügt
				return
			case accountDone[w]:
				if last := j+1 == len(ws) || ws[j].mark != 0; !was && !(last && j == i+2) || !last && (ws[j+1].lower == "to" || ws[j+1].lower == "from") || negated(ws, j) || s.whom.isSet(r.ev) {
					return // into a group, or by himself
				}
				s.whom.put(r, ws[i+1].text)
				if who > 0 {
					s.user.put(r, ws[who].text)
				}
				s.is(r, "iam", "user", doneType(ws[j].sense.deed))
				return
			}
		}
	}
}

// intoGroup stores whom somebody put into the group that is named.
func (s *gleanStep) intoGroup(r *run, ws []word, whom, who, group int) {
	s.whom.put(r, ws[whom].text)
	if who > 0 {
		s.user.put(r, ws[who].text)
	}
	s.group.put(r, ws[group].text)
	s.is(r, "iam", "group", "change")
}

// doneFirst reads a sentence that begins with what was done to an account: Created user bob by ann;
// Deleted account bob.
func (s *gleanStep) doneFirst(r *run, ws []word) bool {
	if len(ws) < 3 || !accountDone[ws[0].lower] || ws[0].mark != 0 || !namesAccount(ws, 1) || !s.whom.suits(ws[2].text) || s.whom.isSet(r.ev) {
		return false
	}
	for i := 3; i < min(len(ws), 7) && ws[i-1].mark == 0; i++ {
		if ws[i].lower == "to" || ws[i].lower == "from" {
			return false // into a group, and out of it
		}
	}
	s.whom.put(r, ws[2].text)
	s.is(r, "iam", "user", doneType(ws[0].sense.deed))
	return true
}

// outside is the word in front of what stands in brackets up to i: ann (id=42).
func outside(ws []word, i int) int {
	if ws[i].shut != ')' {
		return i
	}
	for j := i; j > max(0, i-4); j-- {
		if ws[j].open == '(' {
			return j - 1
		}
	}
	return i
}

// isPast tells created from create.
func isPast(w string) bool { return strings.HasSuffix(w, "ed") || w == "set" || w == "reset" }

// passive says of a deed that it may have been done to the one who is named before it:
// user bob deleted; user bob disabled for 5 minutes.
func (s *gleanStep) passive(ws []word, i int) bool {
	if ws[i].mark != 0 || ws[i].shut == ')' || ws[i].shut == ']' || i+1 < len(ws) && ws[i+1].lower == "by" {
		return true
	}
	for j := i + 1; j < min(len(ws), i+4); j++ {
		if ws[j].sense.deed&(isAccount|isSetting|isFile) != 0 || ws[j].sense.is&wordThing != 0 {
			return false
		}
		if ws[j].mark != 0 {
			break
		}
	}
	return true
}

// changedThings are other things that people change.
var changedThings = wordSet("interface port vlan server service volume snapshot job backup share database schedule certificate key license device node host system firmware time clock date zone object filter route point checkpoint repository bucket secret machine vm disk setpoint pod deployment namespace")

// doer is the place of a name behind "by", where it is surely somebody's: by user ann, by
// EXAMPLE\ann, by 'ann'; 0 if not.
func doer(ws []word, i int) int {
	if ws[i].sense.is&wordPerson != 0 && ws[i].mark != ',' {
		if i+1 < len(ws) && isName(&ws[i+1]) && !isAddress(ws[i+1].text) && (ws[i+1].lower != "from" && ws[i+1].lower != "via") {
			return i + 1
		}
		if ws[i].lower != "user" && ws[i].lower != "account" && ws[i].lower != "username" {
			return i // by admin
		}
		return 0
	}
	w := &ws[i]
	if isName(w) && (w.lower == "root" || w.quoted() || !noDoers[w.lower] && (cameFrom(ws, i+1) || sitsAt(ws, i+1)) || strings.Count(w.text, `\`) == 1 || isMail(w.text)) {
		return i
	}
	return 0
}

// noDoers are what things are done by that is nobody.
var noDoers = wordSet("lacp stp rstp mstp lldp cdp udld bpdu dot1x vrrp hsrp ospf bgp dhcp snmp ntp poe cron watchdog kernel driver policy rule default system timeout schedule scheduler script group process service server the a an this request automatic automatically mistake license firewall software hardware systemd init launchd peer remote client host uid pid error signal")

// plainDoer is the place of the bare name behind "by", where a user is named whom something was
// done to, and nothing else may follow: Password for user bob changed by ann. i is the deed's.
func plainDoer(ws []word, i int) int {
	who := i + 2
	if !isBareDoer(ws, who) {
		return 0
	}
	for j := max(0, i-6); j+1 < i; j++ {
		if namesAccount(ws, j) {
			return who
		}
	}
	return 0
}

// isBareDoer says of the name behind "by" that nothing follows that would make it part of something else.
func isBareDoer(ws []word, who int) bool {
	if !isName(&ws[who]) || noDoers[ws[who].lower] {
		return false
	}
	if who+1 == len(ws) || ws[who].mark != 0 {
		return true
	}
	switch ws[who+1].lower {
	case "from", "via", "at", "on":
		return true
	}
	return false
}

// toWhom reads what the one who is known already did to another's account, where the text says no more:
// Deleted user bob.
func (s *gleanStep) toWhom(r *run, ws []word) {
	if r.ev.Has(s.cat) || len(ws) != 3 || ws[1].lower != "user" && ws[1].lower != "account" || ws[1].mark != 0 || !isPast(ws[0].lower) || !isName(&ws[2]) || s.whom.isSet(r.ev) {
		return
	}
	if did := ws[0].sense.deed & (isCreation | isDeletion | isChange); did != 0 && s.whom.suits(ws[2].text) && r.ev.Text(s.user.kids[0]) != ws[2].text {
		s.whom.put(r, ws[2].text)
		s.is(r, "iam", "user", doneType(did))
	}
}

func isName(w *word) bool {
	return w.sense.is&wordNoName == 0 && w.mark != '=' && len(w.text) <= 64 && !strings.ContainsAny(w.text, "()[]{}<>|=,;:/") && w.sense.deed&^isAccount == 0 && w.lower != "user" && w.lower != "username" && w.text[0] > ' ' && w.text[0] != '\\'
}

// deed stores who did it, and to what: one of the words from from up to end.
func (s *gleanStep) deed(r *run, ws []word, did deed, who, from, end int) {
	if !s.user.suits(ws[who].text) {
		return
	}
	what := deed(0)
	for j := from; j < end; j++ {
		if j == who {
			continue
		}
		is := ws[j].sense.deed & (isAccount | isSetting | isFile)
		if what == 0 && (is != 0 || ws[j].sense.is&wordThing != 0) {
			what = is | isBefore
		}
		if (ws[j].lower == "for" || ws[j].lower == "of") && j+1 < end && j+1 != who && isMail(ws[j+1].text) && !s.whom.isSet(r.ev) {
			s.whom.put(r, ws[j+1].text)
		}
		if is&isAccount != 0 && j+1 < len(ws) && j+1 != who && ws[j].sense.is&wordPerson != 0 && isName(&ws[j+1]) && !s.whom.isSet(r.ev) && s.whom.suits(ws[j+1].text) && j+1 < end {
			s.whom.put(r, ws[j+1].text)
		}
	}
	if what == 0 {
		return
	}
	s.user.put(r, ws[who].text)
	if last := &ws[len(ws)-1]; last.open == '(' && isAddress(last.text) && !s.source.addr.isSet(r.ev) {
		s.side(r, &s.source, last.text, "") // by whom, and where he is
	}
	category := "configuration"
	switch {
	case what&isAccount != 0:
		category = "iam"
		if s.whom.isSet(r.ev) {
			r.ev.Add(s.typ, "user")
		}
	case what&isFile != 0:
		category = "file"
	}
	r.ev.Add(s.cat, category)
	if typ := doneType(did); typ != "" {
		r.ev.Add(s.typ, typ)
	}
}

// withheldFrom are what somebody is kept from.
var withheldFrom = wordSet("accessing visiting opening downloading uploading copying sending reading writing running executing using")

// keptBy reads of the word at i, behind "blocked", that a guard kept somebody from something: ann was blocked from
// accessing x; blocked by policy "No USB".
func (s *gleanStep) keptBy(r *run, ws []word, i int) bool {
	if i+1 >= len(ws) || ws[i-1].lower != "blocked" || negated(ws, i-1) {
		return false
	}
	next := ws[i+1].lower
	if ws[i].lower == "from" && !withheldFrom[next] || ws[i].lower == "by" && next != "policy" && next != "rule" {
		return false
	}
	r.ev.Add(s.typ, "denied")
	r.ev.SetText(s.result, "success")
	return true
}

// turnedDown reads that somebody may not do what he asked for, where nothing else is told of it: access
// denied for user ann; user ann does not have permission to view the report.
func (s *gleanStep) turnedDown(r *run, ws []word) {
	if r.ev.Has(s.cat) || r.ev.Has(s.typ) || r.ev.Has(s.result) || !s.user.isSet(r.ev) {
		return
	}
	for i := 1; i < len(ws); i++ {
		before := ws[i-1].lower
		if ws[i-1].mark != 0 {
			continue
		}
		switch ws[i].lower {
		case "from", "by":
			if !s.keptBy(r, ws, i) {
				continue
			}
			return
		case "denied", "refused":
			if before != "access" && before != "permission" {
				continue
			}
		case "authorized", "authorised", "permitted":
			if before != "not" {
				continue
			}
		case "permission", "permissions", "privileges", "rights":
			if i < 3 || ws[i-3].lower != "not" && ws[i-2].lower != "not" && before != "lacks" {
				continue
			}
		default:
			continue
		}
		r.ev.Add(s.typ, "denied")
		r.ev.SetText(s.result, "failure")
		return
	}
}
