package normalize

import (
	"strings"

	"sluice/event"
)

// answeredWith says how a request ended by the status of the answer, as the packs of web servers do.
func (s *knownStep) answeredWith(ev *event.Event) {
	v := ev.Get(s.code)
	if v != nil && v.Int() >= 100 && !ev.Has(s.what.outcome) {
		ev.SetText(s.what.outcome, outcomeOf(v.Int() < 400))
	}
}

// outcomeOf is event.outcome where nobody doubts how it ended.
func outcomeOf(fine bool) string {
	if fine {
		return "success"
	}
	return "failure"
}

// resultKeys hold how something ended, in a word or some.
var resultKeys = wordSet("result outcome status actionresult resultdetail statusmessage resultmessage resultname resultcodename processresult resulttext")

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
	fine := strings.HasSuffix(k.name, "success") || strings.HasSuffix(k.name, "successful") || strings.HasSuffix(k.name, "successfully") || strings.HasSuffix(k.name, "succeeded")
	if !fine && !strings.HasSuffix(k.name, "failed") {
		return 0
	}
	if len(k.text) == 1 && k.text[0] <= '9' && (k.name == "failed" || k.name == "succeeded") {
		return 0 // of how many: "failed":1,"succeeded":9
	}
	switch strings.ToLower(k.text) {
	case "true", "yes", "y", "1":
		if fine {
			return isFine
		}
		return isFailed
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
	ev.SetText(s.what.outcome, outcomeOf(code == 0))
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

// radiusAnswer is what RADIUS calls its answer to who wants to log in.
func radiusAnswer(text string) deed {
	switch {
	case len(text) != len("Access-Accept"):
	case strings.EqualFold(text, "Access-Accept"):
		return isLogin | isFine
	case strings.EqualFold(text, "Access-Reject"):
		return isLogin | isFailed
	}
	return 0
}

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

// participles are how deeds are told that are done, and what stands near them that is not done yet.
var (
	participles = [...]string{"created", "deleted", "updated", "added", "removed", "changed", "modified", "enabled", "disabled", "revoked", "assigned", "unassigned", "granted", "renamed", "restored", "suspended", "activated", "deactivated", "regenerated"}
	notYet      = [...]string{"pending", "request", "attempt", "schedul", "will", "tobe", "to be", "to_be", "not ", "not_"}
)

// happenedAs says how something ended where nothing says it but how the action is told: what was created is
// there, and who logged out is out.
func (s *knownStep) happenedAs(ev *event.Event, said deed) {
	const did = isCreation | isDeletion | isChange
	if ev.Has(s.what.outcome) || ev.Has(s.what.failure) || ev.Has(s.code) || ev.Text(s.what.kind) == "alert" || said&(isFailed|isFine|isAllowed|isDenied) != 0 {
		return
	}
	if said&isLogin == 0 && (said&isLogout != 0 || said&did != 0 && isDone(s.nameOf(ev))) {
		ev.SetText(s.what.outcome, "success")
	}
}

// isDone says of the name of an action that it tells what has been done: user.created, RoleAssigned, and
// not user_pending_delete.
func isDone(name string) bool {
	if len(name) > 64 {
		return false
	}
	var buf [64]byte
	low := append(buf[:0], name...)
	for i, c := range low {
		if c-'A' < 26 {
			low[i] = c | 0x20
		}
	}
	for _, word := range notYet {
		if strings.Contains(string(low), word) {
			return false
		}
	}
	for _, word := range participles {
		if at := strings.Index(string(low), word); at >= 0 {
			end := at + len(word)
			return (end == len(low) || low[end]-'a' >= 26) && (at < 2 || string(low[at-2:at]) != "un" || word == "assigned")
		}
	}
	return false
}
