package normalize

import (
	"slices"
	"strings"

	"sluice/event"
)

// inRegistry tells what was done to a key of the registry.
func (s *knownStep) inRegistry(ev *event.Event, said deed) {
	typ := doneType(said)
	if typ == "" {
		typ = "info"
	}
	s.is(ev, "registry", typ)
}

// asked tells of a question of DNS, and whether it was let through.
func (s *knownStep) asked(ev *event.Event, said deed) {
	ev.Add(s.category, "network")
	if !ev.Has(s.names.protocol) {
		ev.SetText(s.names.protocol, "dns")
	}
	if ev.Has(s.kind) {
		return
	}
	ev.Add(s.kind, "protocol")
	s.decided(ev, said)
	if code := ev.Text(s.rcode); code != "" && said&isDenied == 0 && !ev.Has(s.what.outcome) {
		ev.SetText(s.what.outcome, map[bool]string{true: "success", false: "failure"}[code == "NOERROR" || code == "0"])
	}
}

// statements are keys that hold what a database was asked to do.
var statements = wordSet("sql sqltext sqlstatement statement sqlquery querytext dbstatement sqlcommand statementtext sqlstring dbquery")

// sqlWords begin a statement.
var sqlWords = wordSet("select insert update delete merge create alter drop truncate grant revoke call exec execute with begin commit rollback set use show explain declare copy load replace")

// ofDatabase says of a record that it tells a statement of SQL.
func ofDatabase(keys []vendorKey) bool {
	var buf [maxKnown]byte
	for _, k := range keys {
		if !statements[k.name] && k.name != "query" || !neutral(k.parents) {
			continue
		}
		word, rest, _ := strings.Cut(strings.TrimLeft(k.text, " (\r\n\t"), " ")
		if sqlWords[string(plainKey(buf[:0], word))] && (k.name != "query" || isSQL(rest)) {
			return true
		}
	}
	return false
}

// sqlObjects are words that follow in a statement, where a text that was searched for has others.
var sqlObjects = wordSet("from into table user role database schema view index set on to where values privileges")

// isSQL tells a statement by what follows its first word.
func isSQL(rest string) bool {
	for i, word := range strings.Fields(rest[:min(len(rest), 256)]) {
		if sqlObjects[strings.ToLower(word)] && (i > 0 || strings.ToUpper(word) == word) {
			return true
		}
	}
	return false
}

// onlyEnds says of what was done to an account, a setting or a file that the addresses beside
// it are of who did it and where, and no connection that is told of.
func (s *knownStep) onlyEnds(ev *event.Event, said deed) bool {
	return said&(isAccount|isSetting|isFile) != 0 && said&(isAllowed|isDenied) == 0 && !ev.Has(s.what.port[0]) && !ev.Has(s.what.port[1])
}

// answeredWith says how a request ended by the status of the answer, as the packs of web servers do.
func (s *knownStep) answeredWith(ev *event.Event) {
	v := ev.Get(s.code)
	switch {
	case v == nil || ev.Has(s.what.outcome) || v.Int() < 100:
	case v.Int() < 400:
		ev.SetText(s.what.outcome, "success")
	default:
		ev.SetText(s.what.outcome, "failure")
	}
}

// resultKeys hold how something ended, in a word or some.
var resultKeys = wordSet("result outcome status actionresult resultdetail statusmessage resultmessage resultname resultcodename processresult resulttext")

// askedFor takes the host beside a request for the one that was asked for, where it is a domain's
// name: "host":"www.example.com","method":"GET"; host=www.example.com:443.
func (s *knownStep) askedFor(ev *event.Event, keys []vendorKey) {
	for _, k := range keys {
		if !hostKeys[k.name] || !own(k.parents) {
			continue
		}
		host, port, _ := strings.Cut(k.text, ":")
		if strings.Count(host, ".") == 0 || !isHostName(host) || host == ev.Text(s.owner.sender) || port != "" && !isNumber(port) {
			continue
		}
		switch named := ev.Text(s.owner.host); {
		case named == k.text:
			ev.Unset(s.owner.host)
			ev.Unset(s.owner.hostname)
		case named == "" || named != ev.Text(s.owner.sender):
			continue // nobody says that it is the one
		}
		if !ev.Has(s.what.urlHost) {
			ev.SetText(s.what.urlHost, host)
		}
		return
	}
}

// result says how it ended, where the name of the action does not: "result":"access_granted",
// the status of an answer.
func (s *knownStep) result(ev *event.Event, keys []vendorKey, said deed) {
	if ev.Has(s.what.outcome) || said&(isFailed|isFine|isAllowed|isDenied) != 0 || ev.Text(s.what.kind) == "alert" {
		return
	}
	if ev.Has(s.code) {
		if ev.Has(s.action) && !ev.Has(s.method) {
			s.answeredWith(ev)
		}
		return
	}
	for _, k := range keys {
		if own(k.parents) {
			s.ended(ev, flaggedEnd(k))
		}
		if resultKeys[k.name] && len(k.text) < 40 && strings.Count(k.text, " ") < 3 && strings.IndexByte(k.text, ':') < 0 && neutral(k.parents) { // no "failed items: none"
			s.ended(ev, deedOf(k.text)&(isFailed|isFine))
		}
	}
}

// flaggedEnd is how something ended by a key that says so with yes or no: "authSuccess":false,
// "loginSuccessful":"N".
func flaggedEnd(k vendorKey) deed {
	fine := strings.HasSuffix(k.name, "success") || strings.HasSuffix(k.name, "successful") || strings.HasSuffix(k.name, "succeeded")
	if !fine && !strings.HasSuffix(k.name, "failed") {
		return 0
	}
	if len(k.text) == 1 && k.text[0] <= '9' && (k.name == "failed" || k.name == "succeeded") {
		return 0 // of how many: "failed":1,"succeeded":9
	}
	switch strings.ToLower(k.text) {
	case "true", "yes", "y", "1":
		return map[bool]deed{true: isFine, false: isFailed}[fine]
	case "false", "no", "n", "0":
		if fine {
			return isFailed
		}
	}
	return 0
}

// noError says of a code of the result that there was no error.
func noError(k vendorKey) bool {
	switch k.name {
	case "resultcode", "returncode", "retcode", "rescode", "errorno", "errno":
		return k.text == "0" || k.text == "0x0" || k.text == "0x00000000"
	}
	return false
}

// endedBadly says of a record whose action is done that another key tells of its failure:
// QueryCompleted, "queryState":"FAILED".
func endedBadly(keys []vendorKey) bool {
	for _, k := range keys {
		if len(k.text) < 40 && neutral(k.parents) && (resultKeys[k.name] || verdictKeys[k.name] || strings.HasSuffix(k.name, "state") || strings.HasSuffix(k.name, "status") || strings.HasSuffix(k.name, "result")) {
			if is := deedOf(k.text); is&(isFailed|isDenied) != 0 && is&(isFine|isAllowed) == 0 {
				return true
			}
		}
	}
	return false
}

// byCode says how a log-in ended by its error, or the code of that: 0 is none.
func (s *knownStep) byCode(ev *event.Event, said deed) {
	code, isNum := atoi(ev.Text(s.errorCode))
	if is := deedOf(ev.Text(s.errorCode)); !isNum && is&(isFailed|isDenied) != 0 && said&isFine == 0 && !ev.Has(s.what.outcome) {
		ev.SetText(s.what.outcome, "failure") // AccessDenied
		return
	}
	if said&isLogin == 0 || ev.Has(s.what.outcome) {
		return
	}
	if !isNum {
		if ev.Has(s.what.failure) && said&isFine == 0 {
			ev.SetText(s.what.outcome, "failure") // and why, in words
		}
		return
	}
	if code == 0 {
		ev.SetText(s.what.outcome, "success")
	} else {
		ev.SetText(s.what.outcome, "failure")
	}
}

// ownAddress gives the machine that a hole, a program or a threat was found on the address
// that stands alone: nobody connected from there.
func (s *knownStep) ownAddress(ev *event.Event, keys []vendorKey) {
	if ev.Has(s.target) || !ev.Has(s.source) {
		return
	}
	switch ev.Text(s.category) {
	case "vulnerability", "process", "malware":
	default:
		return
	}
	addr := ev.Text(s.source)
	for _, k := range keys {
		if (k.name == "ip" || k.name == "ipaddress" || k.name == "ipaddr") && own(k.parents) && k.text == addr {
			ev.Add(s.owner.hostIP, addr)
			ev.Unset(s.source)
			ev.Unset(s.names.sides[0].address)
			return
		}
	}
}

// named is the question of DNS under a key that says no more than that it is a name, where
// another says that DNS was asked.
func (s *knownStep) named(ev *event.Event, keys []vendorKey) {
	if ev.Has(s.question) {
		return
	}
	name, asked := "", ev.Has(s.questionType)
	for _, k := range keys {
		switch {
		case !own(k.parents):
		case k.name == "name" && name == "" && asked && checks["dns.question.name"](k.text):
			name = k.text
		case (k.name == "domain" || k.name == "domainname" || k.name == "fqdn") && checks["dns.question.name"](k.text):
			name = k.text
		case k.name == "action" || k.name == "type" || k.name == "kind" || strings.HasSuffix(k.name, "category") || strings.HasSuffix(k.name, "type"):
			asked = asked || isDNS(k.text)
		}
	}
	if asked || isDNS(ev.Text(s.action)) {
		if name != "" {
			ev.SetText(s.question, name)
		}
	}
}

// questionKeys say of what type a question of DNS is.
var questionKeys = wordSet("questiontype querytype qtype rrtype dnsquerytype")

// askedName says of a key beside the type of a question that it is what was asked for: it is
// neither the host nor the domain of who asked.
func askedName(key string, keys []vendorKey) bool {
	return (strings.EqualFold(key, "fqdn") || strings.EqualFold(key, "domain")) &&
		slices.ContainsFunc(keys, func(k vendorKey) bool { return questionKeys[k.name] && own(k.parents) })
}

// askedType is the type of a question that stands under a key called type.
func (s *knownStep) askedType(ev *event.Event, keys []vendorKey) {
	for _, k := range keys {
		if k.name == "type" && questionTypes[k.text] && own(k.parents) && ev.Has(s.question) && !ev.Has(s.questionType) {
			ev.SetText(s.questionType, k.text)
		}
	}
}

// isDNS says of a name of an event that it is of DNS: DNS_REQUEST, dns query.
func isDNS(text string) bool {
	return len(text) < 32 && len(text) > 2 && strings.EqualFold(text[:3], "dns") && (len(text) == 3 || strings.IndexByte(" _-.", text[3]) >= 0)
}

// sameMail takes the id of a user for an address where it is one.
func (s *knownStep) sameMail(ev *event.Event) {
	if id := ev.Text(s.what.actors[2]); isMail(id) && !ev.Has(s.what.actors[1]) {
		ev.SetText(s.what.actors[1], id)
	}
}

// inFront is what the words say that stand before pairs: blocked IP packet: src=192.0.2.1 dst=192.0.2.2.
func inFront(text string) deed { return deedOf(front(text)) }

// front is what stands before pairs, up to the colon behind it.
func front(text string) string {
	eq := strings.IndexByte(text, '=')
	if eq <= 0 || text[0] == '{' || text[0] == '<' {
		return ""
	}
	front, _, ok := strings.Cut(text[:eq], ": ")
	if !ok {
		return ""
	}
	return front
}

// flags are keys whose truth tells what became of it.
var flags = map[string]deed{"blocked": isDenied, "isblocked": isDenied, "wasblocked": isDenied, "denied": isDenied, "dropped": isDenied, "allowed": isAllowed, "isallowed": isAllowed, "permitted": isAllowed, "authorized": isAllowed, "isauthorized": isAllowed}

func flagged(is deed, text string) deed {
	switch strings.ToLower(text) {
	case "true", "yes", "1":
		return is
	case "false", "no", "0":
		return is ^ (isAllowed | isDenied)
	}
	return 0
}

// joins says of an action that somebody was put into a group, or taken out of it: the group is
// changed.
func joins(action string) bool {
	var buf [2 * maxKnown]byte
	plain := string(plainKey(buf[:0], action))
	for _, group := range [...]string{"group", "role", "team", "org"} {
		for _, to := range [...]string{"to", "from"} {
			if strings.Contains(plain, to+group) || strings.Contains(plain, to+"a"+group) || strings.Contains(plain, to+"the"+group) {
				return true
			}
		}
	}
	return strings.Contains(plain, "memberadd") || strings.Contains(plain, "memberremove") || strings.Contains(plain, "addmember") || strings.Contains(plain, "removemember")
}

// tunnels are what the action of a gateway says of a connection to it.
var tunnels = map[string]string{
	"connect": "start", "connected": "start", "sessionstart": "start", "sessionstarted": "start", "tunnelup": "start", "vpnconnect": "start", "vpnconnected": "start", "clientconnected": "start",
	"tunnelstarted": "start", "tunnelestablished": "start", "sessionestablished": "start",
	"disconnect": "end", "disconnected": "end", "sessionend": "end", "sessionended": "end", "tunneldown": "end", "vpndisconnect": "end", "vpndisconnected": "end", "clientdisconnected": "end",
	"tunnelclosed": "end", "sessionclosed": "end", "sessionterminated": "end", "sessiontimeout": "end",
}

// tunnel tells that somebody connected to a gateway, or left it.
func (s *knownStep) tunnel(ev *event.Event) bool {
	var buf [maxKnown]byte
	typ := tunnels[string(plainKey(buf[:0], ev.Text(s.action)))]
	if typ == "" {
		return false
	}
	ev.Add(s.category, "network")
	if !ev.Has(s.kind) {
		ev.Add(s.kind, "connection")
		ev.Add(s.kind, typ)
	}
	return true
}

// sessionOf is what becomes of somebody's session by the name of the action, which says nothing
// else: session.expired, SESSION_CREATE, "" if nothing.
func sessionOf(action string) (is string) {
	if len(action) > 40 {
		return ""
	}
	of := false
	for word := range strings.FieldsFuncSeq(action, betweenWords) {
		switch word = strings.ToLower(word); {
		case word == "session" || word == "sessions":
			of = true
		case sessionWords[word] != "":
			is = sessionWords[word]
		case word != "user" && word != "web" && word != "admin" && word != "out":
			return ""
		}
	}
	if !of {
		return ""
	}
	return is
}

// sessionWords say what becomes of a session.
var sessionWords = map[string]string{
	"create": "start", "created": "start", "start": "start", "started": "start", "open": "start", "opened": "start", "begin": "start", "established": "start",
	"delete": "end", "deleted": "end", "end": "end", "ended": "end", "close": "end", "closed": "end", "expire": "end", "expired": "end", "terminate": "end", "terminated": "end", "destroy": "end", "destroyed": "end",
	"timeout": "end", "timed": "end", "revoke": "end", "revoked": "end", "logout": "end", "stop": "end", "stopped": "end", "kill": "end", "killed": "end",
}

// recordEnds end the names of objects that are some sort of record: dlp_incident, loginEvent.
var recordEnds = [...]string{"event", "alert", "incident", "finding", "detection", "violation", "record"}

// recordStarts begin the names of those that are another record than this one.
var recordStarts = [...]string{"last", "prev", "parent", "first", "next", "related", "source", "original", "root", "base"}

// recordOf is which of recordEnds a parent is, or "".
func recordOf(plain []byte) string {
	for _, end := range recordEnds {
		if n := len(plain) - len(end); n > 0 && string(plain[n:]) == end {
			for _, other := range recordStarts {
				if strings.HasPrefix(string(plain), other) {
					return ""
				}
			}
			return end
		}
	}
	return ""
}

func isNeutral(plain []byte) bool { return neutralParents[string(plain)] || recordOf(plain) != "" }

// isAlarm says of an object that only a finding has it.
func isAlarm(plain []byte) bool {
	end := recordOf(plain)
	return alarming[string(plain)] || end != "" && end != "event" && end != "record"
}

// threatKeys are keys that name what a scanner finds.
var threatKeys = wordSet("threatname virusname malwarename threattype malwarefamily threatfamily virus malware threat detection detectionname riskname")

// namesThreat says whether it is named what was found.
func namesThreat(keys []vendorKey) bool {
	return slices.ContainsFunc(keys, func(k vendorKey) bool {
		of := threatKeys[k.name] || k.name == "name" && threatKeys[lastParent(k.parents)]
		return of && usable(k.text) && isFound(k)
	})
}

// granted says of an action that it gave somebody a role or a right.
func granted(action string) bool {
	if len(action) > 64 {
		return false
	}
	low := strings.ToLower(action)
	return strings.Contains(low, "grant") && (strings.Contains(low, "role") || strings.Contains(low, "permission") || strings.Contains(low, "privilege"))
}

// requestKeys hold the first line of a request.
var requestKeys = wordSet("request requesturi requestline httprequest req requestfirstline")

// requestLine reads METHOD target HTTP/1.1 under one key, as servers log it.
func (s *knownStep) requestLine(r *run, keys []vendorKey) {
	for _, k := range keys {
		if !requestKeys[k.name] {
			continue
		}
		method, rest, ok := strings.Cut(k.text, " ")
		if !ok || !methods[method] {
			continue
		}
		target, version, _ := strings.Cut(rest, " ")
		if target == "" || version != "" && !strings.HasPrefix(version, "HTTP/") {
			continue
		}
		if !r.ev.Has(s.method) {
			r.ev.SetText(s.method, method)
		}
		if !s.what.asked.isSet(r.ev) {
			s.what.asked.put(r, target)
		}
		if version != "" && !r.ev.Has(s.what.version) {
			r.ev.SetText(s.what.version, version[len("HTTP/"):])
		}
		return
	}
}

// keyOf are words before a key that lets somebody in.
var keyOf = wordSet("api access ssh public")

// answerKeys hold how a log-in ended, in a word or some.
var answerKeys = wordSet("status result outcome state response decision verdict actiondetail actionresult resultdetail statusmessage statusdetail resultmessage loginresult authresult")

// whyKeys tell why a log-in failed: "ResultDescription":"Invalid username or password".
var whyKeys = wordSet("reason failurereason resultdescription resultreason errordescription")

// answered says how a log-in ended, where a key does: "status":"failed login attempt".
func answered(keys []vendorKey) deed {
	var said deed
	for _, k := range keys {
		if answerKeys[k.name] && len(k.text) < 64 && neutral(k.parents) {
			said |= deedOf(k.text)
		}
		if noError(k) && neutral(k.parents) {
			said |= isFine
		}
		if whyKeys[k.name] && len(k.text) < 64 && neutral(k.parents) {
			said |= deedOf(k.text) & isFailed
		}
	}
	if said&(isDenied|isAllowed) == isDenied {
		said |= isFailed
	}
	if said&(isDenied|isAllowed) == isAllowed {
		said |= isFine
	}
	return said & (isFailed | isFine)
}
