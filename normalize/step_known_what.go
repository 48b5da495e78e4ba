package normalize

import (
	"slices"
	"strings"

	"sluice/event"
)

// whatFields tell what a record of an unknown device is about.
type whatFields struct {
	kind                   event.Field
	code                   event.Field
	technique              [3]event.Field // or tactic
	actors                 [4]event.Field
	from                   event.Field
	to                     event.Field
	subject, mailID        event.Field
	hole                   event.Field
	malware, program, path event.Field
	programName, command   event.Field
	at, outcome, title     event.Field
	failure                event.Field // what went wrong
	url, urlHost, version  event.Field
	protocol               event.Field    // of the network
	began                  [2]event.Field // and ended
	asked                  target         // url
	name                   event.Field    // what a pack says holds the name of the event
	reason, rule           event.Field
	addr                   [2]target // of the source, the destination
	port                   [2]event.Field
}

// doneTypes are what event.type says of a deed.
var doneTypes = []struct {
	is   deed
	name string
}{{isCreation, "creation"}, {isDeletion, "deletion"}, {isChange, "change"}, {isAccess, "access"}}

// doneType is the type of an event in which that was done; "": none of them was.
func doneType(did deed) string {
	for _, t := range doneTypes {
		if did&t.is != 0 {
			return t.name
		}
	}
	return ""
}

// categorize tells what a record is about by its action, else by its kind, and by what was
// found in it.
func (s *knownStep) categorize(r *run, keys []vendorKey) {
	ev := r.ev
	s.namedHole(ev)
	said := deedOf(s.nameOf(ev))
	switch {
	case said&(isLogin|isLogout) == 0:
		of := s.kindOf(r, keys)
		said |= of&(isLogin|isLogout|isFailed|isFine|isMalware|isDid) | refused(of)
	case said&(isLogin|isFailed|isFine) == isLogin:
		said |= s.kindOf(r, keys) & (isFailed | isFine | isDid)
	}
	if said&(isLogin|isFailed|isFine) == isLogin {
		said |= answered(keys)
	}
	if said&(isLogin|isCreation|isDeletion|isChange) == 0 && isSecondFactor(ev.Text(s.action)) {
		said |= isLogin
	}
	if s.nameOf(ev) == "" {
		said |= titleDeed(ev.Text(s.what.title), keys)
	}
	if granted(s.nameOf(ev)) {
		said |= isChange | isAccount
	}
	if said&(isFailed|isFine|isDid) == isFine && said&isLogin == 0 && endedBadly(keys) {
		said ^= isFine | isFailed // it is completed, and failed
	}
	if s.warned(ev) {
		said &^= isLogin | isLogout
	}
	said |= refused(said)
	s.ended(ev, said)
	s.byCode(ev, said)
	s.result(ev, keys, said)
	s.happenedAs(ev, said)
	if !ev.Has(s.category) {
		s.about(r, keys, said)
	}
	if !ev.Has(s.category) {
		s.told(r, keys, said)
	}
	if sorted(keys) {
		s.askedDomain(ev, keys)
	}
}

// about tells what a record is about that says this much.
func (s *knownStep) about(r *run, keys []vendorKey, said deed) {
	ev := r.ev
	byWho := slices.ContainsFunc(s.what.actors[:], ev.Has)
	doing := said&(isCreation|isDeletion|isChange|isAccess) != 0
	switch {
	case said&isLogout != 0:
		s.is(ev, "authentication", "end")
	case said&isLogin != 0 && said&(isCreation|isDeletion|isChange) == 0:
		s.is(ev, "authentication", "start")
	case ev.Has(s.method) && (ev.Has(s.code) || ev.Has(s.what.url)):
		s.is(ev, "web", "access")
		said |= verdict(keys, said)
		if ev.Text(s.what.kind) == "alert" {
			ev.Add(s.category, "intrusion_detection") // a guard's of a web server, which answers in its place
			if said&(isAllowed|isDenied) == isDenied && !ev.Has(s.what.outcome) {
				ev.SetText(s.what.outcome, "success")
			}
		}
		if said&(isAllowed|isDenied) == isDenied && !ev.Has(s.what.outcome) && byGuard(keys) {
			ev.SetText(s.what.outcome, "success") // of whoever answers in the server's place
		}
		s.answeredWith(ev)
		s.askedFor(ev, keys)
		s.askedDomain(ev, keys)
		if !ev.Has(s.code) && ev.Has(s.source) && ev.Has(s.target) {
			ev.Add(s.category, "network") // a proxy's or a firewall's
		}
		s.decided(ev, said)
	case ev.Has(s.question):
		s.asked(ev, said|verdict(keys, said)|s.kindOf(r, keys)&(isAllowed|isDenied))
	case ev.Has(s.what.hole) && !s.exploited(ev):
		s.is(ev, "vulnerability", "info")
	case ev.Has(s.what.from) && (ev.Has(s.what.to) || ev.Has(s.what.subject)), ev.Has(s.what.to) && ev.Has(s.what.subject):
		s.is(ev, "email", "info")
	case said&isMalware != 0 && s.seenOnWire(ev, keys):
		if !ev.Has(s.what.kind) {
			ev.SetText(s.what.kind, "alert")
		}
		ev.Add(s.category, "intrusion_detection")
		s.connection(ev, said|verdict(keys, said))
	case said&isMalware != 0, ev.Has(s.what.malware):
		s.is(ev, "malware", "info")
	case s.loaded(ev):
		s.is(ev, "library", "start")
	case ofDatabase(keys):
		s.is(ev, "database", "access")
	case ev.Has(s.what.command) && namesCommand(ev.Text(s.action)):
		s.is(ev, "process", "start")
	case ev.Has(s.target) && !ev.Has(s.source) && ev.Has(s.what.port[1]) && ev.Has(s.what.program) && strings.Contains(strings.ToLower(ev.Text(s.action)), "connect"):
		s.connection(ev, said|verdict(keys, said)) // a program's
	case ev.Has(s.source) && ev.Has(s.target) && !(doing && byWho && s.onlyEnds(ev, said)):
		if ev.Text(s.what.kind) == "alert" {
			ev.Add(s.category, "intrusion_detection")
		}
		if said |= verdict(keys, said); said&(isAllowed|isDenied) == 0 {
			said |= inFront(r.text) & (isAllowed | isDenied)
		}
		if title := ev.Text(s.what.title); said&(isAllowed|isDenied) == 0 && strings.Count(title, " ") < 6 {
			said |= deedOf(title) & (isAllowed | isDenied) // msg="blocked outbound connection"
		}
		s.connection(ev, said)
	case ev.Text(s.what.kind) == "alert" && (ev.Has(s.what.path) || ev.Has(s.owner.fileName) || slices.ContainsFunc(s.owner.file[:], ev.Has)) && (namesThreat(keys) || condemned(keys) || foundThreat(r.text) || deedOf(ev.Text(s.what.rule))&isMalware != 0):
		s.is(ev, "malware", "info")
	case quarantined(ev.Text(s.action)) && (ev.Has(s.what.path) || ev.Has(s.owner.fileName)):
		s.is(ev, "malware", "info")
	case ev.Text(s.what.kind) == "alert" && !(s.warned(ev) && said&isProcess != 0):
		if !measured(keys) && (byWho || ev.Has(s.source) || !s.ofMachine(r)) {
			s.is(ev, "intrusion_detection", "info")
		}
	case ev.Has(s.what.url) && ev.Text(s.what.kind) != "alert" && said&(isAllowed|isDenied) != 0:
		s.is(ev, "web", "access") // a browser's or its filter's
		s.decided(ev, said)
	case byWho && ev.Has(s.source) && !doing && s.tunnel(ev, keys):
	case byWho && s.session(ev) != "":
		s.is(ev, "session", s.session(ev))
	case slices.ContainsFunc(s.registry[:], ev.Has) && ev.Text(s.what.kind) != "alert":
		s.inRegistry(ev, said)
	case doing && (said&isFile != 0 || ofFile(keys)) && said&(isSetting|isAccount) == 0, doing && ev.Has(s.what.path) && said&(isSetting|isAccount|isProcess) == 0:
		s.isDone(ev, keys, "file", said)
	case said&isProcess != 0 && said&(isAccount|isSetting) == 0:
		s.process(ev, said)
	case doing && said&^isAccess != 0 && said&isQuery == 0 && byWho && said&(isCreation|isDeletion|isChange) != 0:
		if said&isAccount != 0 || said&(isSetting|isFile) == 0 && !ofSetting(keys) && (ev.Has(s.object.email) || ofAccount(keys) || s.kindOf(r, keys)&(isAccount|isSetting|isFile) == isAccount) {
			s.isDone(ev, keys, "iam", said)
		} else {
			s.isDone(ev, keys, "configuration", said)
		}
	case byWho && ev.Has(s.what.command) && !ev.Has(s.what.path) && ev.Text(s.what.kind) != "alert":
		s.process(ev, said)
	case byWho && said&(isAllowed|isDenied) == isDenied && said&isAccess != 0 && ev.Text(s.what.kind) != "alert":
		ev.Add(s.kind, "denied") // door access denied
		if !ev.Has(s.what.outcome) {
			ev.SetText(s.what.outcome, "failure")
		}
	case ev.Has(s.what.program):
		s.is(ev, "process", "info")
	case ev.Has(s.what.path):
		s.is(ev, "file", "info")
	}
}

// namesCommand says of an action that somebody's command was run: command_executed.
func namesCommand(action string) bool {
	low := strings.ToLower(action)
	return len(low) < 32 && strings.Contains(low, "command") && (strings.Contains(low, "exec") || strings.HasSuffix(low, "run") || low == "command") || low == "sudo" || low == "exec"
}

// nameOf is the action, or what a pack says holds the name of the event.
func (s *knownStep) nameOf(ev *event.Event) string {
	if !ev.Has(s.action) && s.what.name != event.None {
		return ev.Text(s.what.name)
	}
	return ev.Text(s.action)
}

// kindOf says what the texts tell that are kept beside the action: a category, a code that
// is a word, the name of the event.
func (s *knownStep) kindOf(r *run, keys []vendorKey) (said deed) {
	ev := r.ev
	nobody := !slices.ContainsFunc(s.what.actors[:], ev.Has) && !ev.Has(s.source)
	for _, k := range keys {
		if !kindKeys[k.name] || len(k.text) > 64 || k.text == "" || k.text[0]-'0' < 10 || !own(k.parents) || k.name == "class" && strings.Count(k.text, ".") > 1 {
			continue
		}
		if k.name == "name" && k.text == ev.Text(s.question) {
			continue // what was asked for tells nothing
		}
		is := deedOf(k.text) | radiusAnswer(k.text)
		if is&isLogin == 0 && (strings.HasPrefix(k.name, "cat") || strings.HasSuffix(k.name, "category") || strings.HasSuffix(k.name, "class") || strings.EqualFold(k.text, "error")) {
			is &^= isFailed | isFine // what sort it is of, and not how it ended
		}
		if strings.HasPrefix(k.name, "cat") && !ev.Has(s.what.path) && (ev.Has(s.what.url) || ev.Has(s.what.urlHost) || ev.Has(s.question) || ev.Has(s.side.serverName)) {
			is &^= isMalware // a page's or a name's
		}
		if nobody && k.name == "name" && is&(isFailed|isFine|isDid) == 0 {
			is &^= isLogin // of a counter
		}
		said |= is
	}
	if s.what.name != event.None {
		said |= deedOf(ev.Text(s.what.name))
	}
	text := ev.Text(s.what.title)
	if text == "" && r.text != "" && strings.IndexByte("{[<", r.text[0]) < 0 && strings.IndexByte(r.text, '=') < 0 {
		text = r.text
	}
	if len(text) < maxDeed && strings.Count(text, " ") < 8 {
		done, _, _ := strings.Cut(strings.ReplaceAll(text, "\t", " "), " /") // what it was done to is named as somebody chose: on /api/login
		of := deedIn(done)
		if of&isChange != 0 {
			of &^= isMalware // virus definitions updated
		}
		if ev.Text(s.what.kind) == "alert" {
			of &^= isLogin | isLogout | isFailed | isFine | isDid // what it warns of
		}
		if nobody && of&(isFailed|isFine|isDid) == 0 {
			of &^= isLogin // the authentication service was restarted
		}
		said |= of
	}
	return said
}

func index01(b bool) int {
	if b {
		return 1
	}
	return 0
}

// verdict says what became of a connection, where the action does not.
func verdict(keys []vendorKey, said deed) (found deed) {
	if said&(isAllowed|isDenied) != 0 {
		return 0
	}
	for _, k := range keys {
		if is := flags[k.name]; is != 0 && neutral(k.parents) {
			found |= flagged(is, k.text)
		} else if len(k.text) < 32 && verdictKeys[k.name] && neutral(k.parents) {
			found |= deedOf(k.text) & (isAllowed | isDenied)
		} else if len(k.text) < 12 && endsVerdict(k.name) && neutral(k.parents) {
			found |= deeds[strings.ToLower(k.text)] & (isAllowed | isDenied)
		} else if (k.key == "rule" || k.key == "policy") && len(k.text) < 12 {
			found |= deeds[strings.ToLower(k.text)] & (isAllowed | isDenied) // rule=deny
		}
	}
	return found
}

// verdictEnds end keys of several words that hold what became of a connection.
var verdictEnds = []string{"action", "verdict", "decision", "disposition", "requeststatus", "responsetype"}

// endsVerdict says of a key of several words that it may hold, in one, what became of a connection: appliedAction,
// requestStatus, responseType.
func endsVerdict(name string) bool {
	_, ok := cutEnd(name, verdictEnds)
	return ok && !strings.HasPrefix(name, "default") && !strings.HasPrefix(name, "last") && !strings.HasPrefix(name, "prev")
}

// verdictKeys may hold what became of a connection.
var verdictKeys = wordSet(`status verdict deliveryaction disposition result action act logsubtype subtype policyaction outcome decision fwaction policyverdict response`)

// kindKeys hold what sort of record it is.
var kindKeys = wordSet(`category cat type subtype eventcategory eventtype subcategory logtype logcategory event eventid eventname name eventclass eventsubtype class operation activity
	eventdescription actiontext actionlabel changedescription`)

// ended tells how it ended, where the name of the action or what it was says so.
func (s *knownStep) ended(ev *event.Event, said deed) {
	if ev.Has(s.what.outcome) {
		return
	}
	switch said & (isFailed | isFine) {
	case isFailed:
		ev.SetText(s.what.outcome, "failure")
	case isFine:
		if v := ev.Get(s.code); v != nil && v.Int() >= 400 {
			return // "request completed", and was refused
		}
		ev.SetText(s.what.outcome, "success")
	case 0:
		if said&(isDid|isDenied|isLogout) == isDid {
			ev.SetText(s.what.outcome, "success")
		}
	}
}

func (s *knownStep) is(ev *event.Event, category, typ string) {
	ev.Add(s.category, category)
	if !ev.Has(s.kind) {
		ev.Add(s.kind, typ)
	}
}

// isDone is is for a deed that something was done by.
func (s *knownStep) isDone(ev *event.Event, keys []vendorKey, category string, said deed) {
	if category == "file" && !ev.Has(s.what.outcome) && keptFrom(keys) {
		s.is(ev, category, "denied")
		ev.SetText(s.what.outcome, "success")
		return
	}
	if !ev.Has(s.what.outcome) && (verdict(keys, said)|said&(isDenied|isAllowed))&(isDenied|isAllowed) == isDenied {
		ev.SetText(s.what.outcome, "failure") // it was asked for, and denied
	}
	if category == "iam" && said&(isCreation|isDeletion) != 0 && (joins(ev.Text(s.action)) || s.what.name != event.None && joins(ev.Text(s.what.name)) || slices.ContainsFunc(keys, func(k vendorKey) bool { return k.name == "event" && own(k.parents) && joins(k.text) })) {
		said = isChange
	}
	if typ := doneType(said); typ != "" {
		whose := ""
		if category == "iam" && !ev.Has(s.kind) {
			whose = s.whoseAccount(ev)
		}
		if s.is(ev, category, typ); whose != "" {
			ev.Add(s.kind, whose)
		}
	}
}

// process tells what became of a program; what it did to the registry is another's.
func (s *knownStep) process(ev *event.Event, said deed) {
	switch {
	case said&isRegistry != 0:
	case said&isCreation != 0:
		s.is(ev, "process", "start")
		s.started(ev)
	case said&isDeletion != 0:
		s.is(ev, "process", "end")
	default:
		typ := phaseOf(ev.Text(s.action))
		if typ == "" {
			typ = "info"
		}
		s.is(ev, "process", typ)
	}
}

func (s *knownStep) connection(ev *event.Event, said deed) {
	ev.Add(s.category, "network")
	if ev.Has(s.kind) {
		return
	}
	ev.Add(s.kind, "connection")
	action := ev.Text(s.action)
	if action == "" {
		action = ev.Text(s.what.title) // msg="Connection closed"
	}
	if became := phase(action); became != "" && said&isDenied == 0 && ev.Text(s.what.kind) != "alert" {
		ev.Add(s.kind, became)
	}
	switch s.decided(ev, said); said & (isAllowed | isDenied) {
	case isDenied:
		if out := ev.Text(s.what.outcome); out == "" || out == "failure" {
			ev.SetText(s.what.outcome, "success") // the guard did what it should: status=Deny
		}
	case isAllowed:
		if !ev.Has(s.what.outcome) && ev.Text(s.what.kind) != "alert" {
			ev.SetText(s.what.outcome, "success")
		}
	}
}

// decided tells whether it was allowed.
func (s *knownStep) decided(ev *event.Event, said deed) {
	switch said & (isAllowed | isDenied) {
	case isAllowed:
		ev.Add(s.kind, "allowed")
	case isDenied:
		ev.Add(s.kind, "denied")
	}
}
