package normalize

import "strings"

// commandVerbs are words for giving a command.
var commandVerbs = wordSet("executed ran issued entered")

// commanded reads which command somebody gave: user ann executed command 'show version' from 192.0.2.7;
// ann ran the command: reload.
func (s *gleanStep) commanded(r *run, ws []word) bool {
	for i := 1; i+2 < len(ws); i++ {
		if !commandVerbs[ws[i].lower] || ws[i].mark != 0 || negated(ws, i) {
			continue
		}
		at := i + 1
		if ws[at].lower == "the" {
			at++
		}
		line := ""
		switch {
		case s.command.isSet(r.ev):
			return false
		case ws[at].lower != "command":
			if line = inQuotes(r.text, &ws[at-1], &ws[at]); !strings.HasPrefix(line, "/") {
				return false // ran '/bin/cat /etc/shadow' as root
			}
		case at+1 < len(ws):
			if line = inQuotes(r.text, &ws[at], &ws[at+1]); line == "" && ws[at].mark == ':' {
				line = commandLine(r.text, ws, at+1)
			}
		}
		if line == "" {
			return false
		}
		if who := &ws[i-1]; !s.user.isSet(r.ev) && (i == 1 || ws[i-2].mark == ':') && who.mark == 0 && isName(who) && !noDoers[who.lower] && s.user.suits(who.text) {
			s.user.put(r, who.text)
		}
		if !s.user.isSet(r.ev) {
			return false
		}
		s.command.put(r, line)
		s.is(r, "process", "start")
		return true
	}
	return false
}

// commandLine is a command without quotes that begins at i: it ends the text, or in front of where it came from.
func commandLine(text string, ws []word, i int) string {
	from, end := int(ws[i].at), len(text)
	for j := i + 1; j < len(ws); j++ {
		if cameFrom(ws, j) {
			end = int(ws[j].at)
			break
		}
	}
	if ws[i].open != ' ' || end-from > 1024 {
		return ""
	}
	return strings.TrimRight(text[from:end], " .,;\r\n")
}

// lockWords are what befalls an account that is named behind them.
var lockWords = union(befalls, wordSet("lockout"))

// doneTo reads what was done to an account that stands behind a colon: new user created: bob by root;
// Account lockout: bob.
func (s *gleanStep) doneTo(r *run, ws []word) bool {
	for i := 1; i+1 < min(len(ws), 5); i++ {
		did, before := ws[i].lower, ws[i-1].lower
		if ws[i].mark != ':' || before != "user" && before != "account" || ws[i-1].mark != 0 || !accountDone[did] && !lockWords[did] {
			continue
		}
		name, who := &ws[i+1], 0
		if !isName(name) || name.mark == ':' || !hasAlnum(name.text) || isAddress(name.text) || s.whom.isSet(r.ev) || !s.whom.suits(name.text) {
			return false
		}
		if next := i + 2; next < len(ws) && name.mark == 0 {
			switch ws[next].lower {
			case "by":
				if who = next + 1; who == len(ws) || !isBareDoer(ws, who) || !s.user.suits(ws[who].text) {
					return false
				}
			case "from", "on", "via", "with", "in", "after", "at", "due":
			default:
				if ws[next].open != '(' {
					return false // a sentence
				}
			}
		}
		typ := doneType(ws[i].sense.deed)
		if lockWords[did] {
			typ = "change"
		}
		switch {
		case who > 0:
			s.whom.put(r, name.text)
			s.user.put(r, ws[who].text)
		case accountDone[did]:
			s.whom.put(r, name.text)
		default:
			s.user.put(r, name.text) // it befell him
		}
		s.is(r, "iam", "user", typ)
		return true
	}
	return false
}

// cameByName reads who begins a text of a tunnel's program with where he is in brackets: ann (203.0.113.7)
// has connected. Elsewhere it may be a machine.
func (s *gleanStep) cameByName(r *run, ws []word) {
	if len(ws) < 3 || !sitsAt(ws, 1) || ws[0].mark != 0 || !isName(&ws[0]) || noDoers[ws[0].lower] || ws[0].sense.topic != nil || ws[0].sense.hint != 0 || s.user.isSet(r.ev) || s.source.addr.isSet(r.ev) || !s.user.suits(ws[0].text) {
		return
	}
	at := 2
	if ws[at].lower == "has" || ws[at].lower == "is" || ws[at].lower == "successfully" {
		at++
	}
	if at >= len(ws) || joinStates[ws[at].lower] == "" || r.ev.Has(s.cat) || !tunnelProgram(lower(r.ev, r.ev.Text(s.wider.prose.program))) {
		return
	}
	s.user.put(r, ws[0].text)
	s.side(r, &s.source, ws[1].text, "")
	s.is(r, "session", "connection", joinStates[ws[at].lower])
	r.ev.Add(s.cat, "network")
}

// grants are verbs for giving somebody a right, or taking it.
var grants = wordSet("granted assigned gave revoked removed")

// granting reads who gave whom a right, where he is named in front: ann granted role Owner to bob; user ann
// revoked the permission x from bob.
func (s *gleanStep) granting(r *run, ws []word) bool {
	for i := 1; i+3 < min(len(ws), 8); i++ {
		if !grants[ws[i].lower] || ws[i].mark != 0 || ws[i-1].mark != 0 || negated(ws, i) {
			continue
		}
		if !isName(&ws[i-1]) || noDoers[ws[i-1].lower] || rights[ws[i-1].lower] || i > 1 && ws[i-2].sense.is&wordPerson == 0 {
			return false
		}
		right := false
		for j := i + 1; j+1 < min(len(ws), i+7) && ws[j-1].mark == 0; j++ {
			right = right || rights[ws[j].lower]
			if ws[j].lower != "to" && ws[j].lower != "from" {
				continue
			}
			whom := j + 1
			if ws[whom].sense.is&wordPerson != 0 && whom+1 < len(ws) {
				whom++
			}
			return right && s.gave(r, &ws[i-1], &ws[whom])
		}
		return false
	}
	return false
}

// gave stores who gave a right to whom.
func (s *gleanStep) gave(r *run, who, whom *word) bool {
	if !isName(whom) || noDoers[whom.lower] || isAddress(whom.text) || !s.whom.suits(whom.text) || s.whom.isSet(r.ev) || !s.user.suits(who.text) {
		return false
	}
	if !s.user.isSet(r.ev) {
		s.user.put(r, who.text)
	}
	s.whom.put(r, whom.text)
	s.is(r, "iam", "user", "change")
	return true
}

// programDeeds are what becomes of a program that a guard of machines tells of.
var programDeeds = wordSet("started created launched spawned executed terminated killed stopped blocked exited")

// ofProgram reads which program a sentence is of that begins with it: Process C:\Temp\x.exe (pid 44) started by
// CORP\ann from parent C:\Windows\explorer.exe. The one in the header only tells of it.
func (s *gleanStep) ofProgram(r *run, ws []word) {
	if len(ws) < 3 || ws[0].lower != "process" || ws[0].mark == '=' || !isFilePath(&ws[1]) || s.program.isSet(r.ev) {
		return
	}
	at, pid := 2, ""
	if ws[at].open == '(' && ws[at].lower == "pid" && at+2 < len(ws) && isNumber(ws[at+1].text) && len(ws[at+1].text) < 11 {
		pid = ws[at+1].text
		at += 2
	}
	for at < len(ws)-1 && (ws[at].lower == "was" || ws[at].lower == "has" || ws[at].lower == "been") {
		at++
	}
	if !programDeeds[ws[at].lower] || negated(ws, at) {
		return
	}
	r.ev.Unset(s.wider.prose.program)
	r.ev.Unset(s.pid)
	s.program.put(r, ws[1].text)
	if pid != "" {
		r.ev.SetText(s.pid, pid)
	}
	for i := at + 1; i+1 < min(len(ws), at+8); i++ {
		if ws[i].lower == "parent" && isFilePath(&ws[i+1]) && !s.parent.isSet(r.ev) {
			s.parent.put(r, ws[i+1].text)
			return
		}
	}
}
