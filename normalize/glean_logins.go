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
