package normalize

import (
	"slices"
	"strings"

	"sluice/event"
)

// whatFields tell what a record of an unknown device is about.
type whatFields struct {
	kind   event.Field
	actors [4]event.Field
	from   event.Field
	to     event.Field
	hole   event.Field
}

// loginWords and logoutWords stand in the names of actions that are log-ins.
var loginWords = []string{"login", "logon", "log-in", "log_in", "log in", "logged in", "signin", "sign-in", "sign_in", "authent"}

var logoutWords = []string{"logout", "logoff", "log-out", "log_out", "logged out", "signout", "sign-out", "sign_out"}

// verdicts are actions that tell what became of a connection.
var verdicts = map[string]string{
	"allow": "allowed", "allowed": "allowed", "accept": "allowed", "accepted": "allowed", "permit": "allowed", "permitted": "allowed", "pass": "allowed", "passed": "allowed",
	"deny": "denied", "denied": "denied", "drop": "denied", "dropped": "denied", "block": "denied", "blocked": "denied", "reject": "denied", "rejected": "denied",
}

// changes are parts of words in actions, and the types of what they do.
var changes = []struct{ part, typ string }{
	{"creat", "creation"},
	{"added", "creation"},
	{"add_", "creation"},
	{"add-", "creation"},
	{"add ", "creation"},
	{"delet", "deletion"},
	{"remov", "deletion"},
	{"destroy", "deletion"},
	{"updat", "change"},
	{"modif", "change"},
	{"chang", "change"},
	{"renam", "change"},
	{"reset", "change"},
	{"enabl", "change"},
	{"disabl", "change"},
	{"assign", "change"},
}

// identities are whom changes are made to, where they are no configuration.
var identities = []string{"user", "account", "password", "role", "group", "member", "permission", "mfa"}

func (s *knownStep) categorize(ev *event.Event) {
	action := ev.Text(s.action)
	if len(action) > 128 {
		action = ""
	}
	action = lower(ev, action)
	said := func(w string) bool { return strings.Contains(action, w) }
	typ := ""
	switch {
	case slices.ContainsFunc(loginWords, said):
		typ = "start"
	case slices.ContainsFunc(logoutWords, said):
		typ = "end"
	}
	switch {
	case typ != "":
		s.is(ev, "authentication", typ)
	case ev.Has(s.method) && ev.Has(s.code):
		s.is(ev, "web", "access")
	case ev.Has(s.question):
		ev.Add(s.category, "network")
	case ev.Has(s.what.hole):
		s.is(ev, "vulnerability", "info")
	case ev.Has(s.what.from) && ev.Has(s.what.to):
		s.is(ev, "email", "info")
	case ev.Has(s.source) && ev.Has(s.target):
		s.connection(ev, verdicts[action])
	case slices.ContainsFunc(s.what.actors[:], ev.Has):
		s.change(ev, action)
	}
}

func (s *knownStep) is(ev *event.Event, category, typ string) {
	ev.Add(s.category, category)
	if !ev.Has(s.kind) {
		ev.Add(s.kind, typ)
	}
}

func (s *knownStep) connection(ev *event.Event, verdict string) {
	ev.Add(s.category, "network")
	if verdict != "" && !ev.Has(s.kind) {
		ev.Add(s.kind, "connection")
		ev.Add(s.kind, verdict)
	}
}

// change tells what somebody did to an account or a setting; processes and files are
// programs' own doing, and are told where the action names them.
func (s *knownStep) change(ev *event.Event, action string) {
	for _, c := range changes {
		if !strings.Contains(action, c.part) && action != "add" {
			continue
		}
		switch {
		case strings.Contains(action, "file"):
			if !strings.Contains(action, "profile") {
				s.is(ev, "file", c.typ)
				return
			}
			s.is(ev, "configuration", c.typ)
		case strings.Contains(action, "process"), strings.Contains(action, "registry"):
		case slices.ContainsFunc(identities, func(w string) bool { return strings.Contains(action, w) }):
			s.is(ev, "iam", c.typ)
		default:
			s.is(ev, "configuration", c.typ)
		}
		return
	}
}

// alarms are keys that only findings have.
var alarms = wordSet(`alertid alertname alerttitle alerttype alertuuid alertuid alertmessage alertdescription detectionid detectionname detectiontitle threatname threatid
	incidentid findingid findingtitle malwarename virusname attackname attacktype signaturename correlationrulename violationid iocname`)

// alert says of a record that it is one, by its keys or its type.
func (s *knownStep) alert(ev *event.Event) {
	if ev.Has(s.what.kind) {
		return
	}
	var buf [maxKnown]byte
	for key, text := range ev.Vendor {
		if len(key) > 64 || text == "" || isNothing(text) {
			continue
		}
		last := key[strings.LastIndexByte(key, '.')+1:]
		if len(last) < 6 || !alarms[string(plainKey(buf[:0], last))] || !neutral(key[:len(key)-len(last)]) {
			continue
		}
		ev.SetText(s.what.kind, "alert")
		return
	}
	switch strings.ToLower(ev.Text(s.action)) {
	case "alert", "threat", "detection", "incident", "finding", "alarm":
		ev.SetText(s.what.kind, "alert")
	}
}

// neutral says whether all parents are such that what stands below them is the event's own.
func neutral(parents string) bool {
	var buf [maxKnown]byte
	for parents != "" {
		dot := strings.IndexByte(parents, '.')
		if dot < 0 || !neutralParents[string(plainKey(buf[:0], parents[:dot]))] {
			return false
		}
		parents = parents[dot+1:]
	}
	return true
}
