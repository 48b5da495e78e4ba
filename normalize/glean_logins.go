package normalize

// logins lets a log-in that the text tells of, and how it ended, stand over what the pack
// says of every line, such as event.category: [network]: glean: {logins: true}. A pack
// that named the action or the outcome knows better.
func (s *gleanStep) logins(r *run, said hint, ws []word) {
	ev := r.ev
	if ev.Has(s.wider.action) || ev.Has(s.result) || !s.user.isSet(ev) && !saidOutright(ws) {
		return
	}
	failed, fine := said&saysFailed != 0, said&saysFine != 0
	action, typ, result := "", "start", "success"
	switch out := leaves(ws); {
	case said&saysLogin == 0 && !out:
		return
	case out && !failed:
		action, typ = "logged-out", "end"
	case failed && !fine:
		action, result = "logon-failed", "failure"
	case fine && !failed:
		action = "logged-in"
	default:
		return
	}
	ev.Unset(s.cat)
	ev.Add(s.cat, "authentication")
	ev.Unset(s.typ)
	ev.Add(s.typ, typ)
	ev.SetText(s.result, result)
	ev.SetText(s.wider.action, action)
}

// saidOutright says whether a word means a log-in and nothing else: routers and tunnels
// authenticate too.
func saidOutright(ws []word) bool {
	for i := range ws {
		switch ws[i].lower {
		case "login", "logon", "logged", "logout", "logoff", "log-in", "sign-in", "signin":
			return true
		}
	}
	return false
}

// leaves says whether somebody logged out.
func leaves(ws []word) bool {
	for i := range ws {
		switch ws[i].lower {
		case "logout", "logoff", "log-out", "sign-out", "signout":
			return true
		case "out", "off":
			if i > 0 && (ws[i-1].lower == "logged" || ws[i-1].lower == "signed" || ws[i-1].lower == "log") {
				return true
			}
		}
	}
	return false
}

// loginNouns are what a log-in is called, and aboutLogins are words behind one that are nobody's name.
var (
	loginNouns  = wordSet("login logon log-in sign-in signin authentication")
	aboutLogins = wordSet("attempt attempts attempted try tries request requests requested failure failures failed success successful succeeded denied rejected refused blocked error errors event events activity session page form ok accepted detected received originated coming made was is has")
)

// behindLogin reads who logs in where the name stands between that and an address: Successful login ann
// from 192.0.2.4.
func (s *gleanStep) behindLogin(r *run, ws []word) {
	for i := 0; i+3 < len(ws); i++ {
		who := &ws[i+1]
		if !loginNouns[ws[i].lower] || ws[i].mark != 0 || who.mark != 0 || ws[i+2].lower != "from" || aboutLogins[who.lower] || who.sense.hint != 0 || !isName(who) || !s.user.suits(who.text) {
			continue
		}
		if _, _, ok := endpoint(ws[i+3].text); ok && !s.user.isSet(r.ev) {
			s.user.put(r, who.text)
		}
		return
	}
}
