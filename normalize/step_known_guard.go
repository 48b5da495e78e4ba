package normalize

import (
	"strings"

	"sluice/event"
)

// guardWords are what a guard did that a text tells of; a server that refuses says denied.
var guardWords = wordSet("blocked block prevented prevent quarantined quarantine dropped drop")

// guarded gives a guard that did as it should its success, where nothing else says how it
// ended: "EventName":"ProcessBlocked","Result":"Blocked". Who logs in was refused by a server, and
// of a request nobody says whether a proxy did it.
func (s *knownStep) guarded(ev *event.Event, keys []vendorKey, text string) {
	s.withheld(ev, keys, text)
	named := ev.Has(s.what.rule) || (ev.Has(s.owner.fileName) || ev.Has(s.what.path)) && !ev.Has(s.category)
	file := ev.Has(s.owner.fileName) || ev.Has(s.what.path)
	untold := !ev.Has(s.kind) || file && ev.Has(s.what.rule) && ev.Text(s.kind) == "info" && ev.Text(s.category) == "file"
	if untold && named && guardWords[strings.ToLower(ev.Text(s.action))] {
		ev.Unset(s.kind)
		ev.Add(s.kind, "denied") // "PolicyName":"No USB","Action":"Blocked": what it was is told by no word
		if file && !ev.Has(s.category) {
			ev.Add(s.category, "file") // what somebody wanted to send away
		}
		if !ev.Has(s.what.outcome) {
			ev.SetText(s.what.outcome, "success")
		}
	}
	if ev.Has(s.what.outcome) || ev.Has(s.method) || ev.Text(s.category) == "authentication" {
		return
	}
	for _, k := range keys {
		if (resultKeys[k.name] || k.name == "response" || k.name == "disposition") && own(k.parents) && guardWords[strings.ToLower(k.text)] {
			ev.SetText(s.what.outcome, "success")
			return
		}
	}
}

// withheld says of a mail, of malware and of an intrusion that it was stopped, where nothing more
// than that it was found is told: "verdict":"phishing","action":"quarantine"; the text may say so, or what
// stands in it before pairs.
func (s *knownStep) withheld(ev *event.Event, keys []vendorKey, text string) {
	if kind := ev.Text(s.kind); kind != "info" && (kind != "" || ev.Text(s.category) != "email") {
		return
	}
	mail := false
	switch ev.Text(s.category) {
	case "email":
		mail = true
	case "malware", "intrusion_detection", "process":
	default:
		return
	}
	stopped := stops(s.nameOf(ev)) || stops(front(text)) || stops(text) || mail && (turnedBack(text) || turnedBack(front(text)) || keptMail(text))
	for i := 0; i < len(keys) && !stopped; i++ {
		k := &keys[i]
		stopped = (verdictKeys[k.name] || k.name == "actiontaken") && neutral(k.parents) && len(k.text) < 24 && (stops(k.text) || mail && strings.EqualFold(k.text, "rejected"))
	}
	if !stopped {
		return
	}
	ev.Unset(s.kind)
	ev.Add(s.kind, "denied")
	if !mail && !ev.Has(s.what.outcome) {
		ev.SetText(s.what.outcome, "success")
	}
}

// stops says of an action that its last word is one of a guard's: Content Threat Blocked.
func stops(action string) bool {
	if len(action) > maxDeed {
		return false
	}
	last := strings.LastIndexAny(action, " _-.")
	for i := len(action) - 1; i > last+1; i-- {
		if action[i]-'A' < 26 && action[i-1]-'a' < 26 {
			return guardWords[strings.ToLower(action[i:])] && !strings.HasSuffix(strings.ToLower(action[:i]), "not") // ProcessBlocked
		}
	}
	if !guardWords[strings.ToLower(action[last+1:])] {
		return false
	}
	before := strings.ToLower(action[:max(last, 0)])
	return !strings.HasSuffix(before, "not") && !strings.HasSuffix(before, "from") && !strings.HasSuffix(before, "been")
}

// turnedBack says of the text of a mail that it ends with the mail's being rejected, by whomever it was
// meant to be taken.
func turnedBack(text string) bool {
	before, ok := strings.CutSuffix(strings.TrimRight(text, ". "), "rejected")
	return ok && len(before) < maxDeed && !strings.HasSuffix(before, "not ") && !strings.HasSuffix(before, "been ")
}

// keptMail says of the text of a mail that it begins with what a guard did: Quarantined message from x to y.
func keptMail(text string) bool {
	did, of, _ := strings.Cut(text[:min(len(text), 48)], " ")
	return guardWords[strings.ToLower(did)] && isPast(strings.ToLower(did)) && (strings.HasPrefix(of, "message from ") || strings.HasPrefix(of, "mail from ") || strings.HasPrefix(of, "email from "))
}

// isRule tells the name of a rule from its number.
func isRule(s string) bool { return !isNumber(strings.TrimPrefix(s, "-")) && namesRule(s) }

// namesRule tells a rule from what it does: "policy":"block".
func namesRule(s string) bool {
	return len(s) > 8 || deeds[strings.ToLower(s)]&(isAllowed|isDenied) == 0
}

// guardParts are parts of the names of keys that only a guard of web servers and proxies has.
var guardParts = [...]string{"waf", "attack", "violation", "signature", "threat", "malware", "secevent", "securitypolicy", "ruleid", "rulename", "rulemessage", "bot"}

// byGuard says of a request that was denied that a guard did it, which blocked it by a rule of its own, and no
// server that says who may what.
func byGuard(keys []vendorKey) bool {
	guard := false
	for _, k := range keys {
		guard = guard || strings.EqualFold(k.parents, "waf.")
		if !neutral(k.parents) || !usable(k.text) || isSwitch(k.text) && !strings.EqualFold(k.text, "true") {
			continue
		}
		for _, part := range guardParts {
			guard = guard || strings.Contains(k.name, part)
		}
	}
	return guard
}

// keptFrom says of what was to be done to a file that a guard did not let it be: "operation":"Upload",
// "action":"block".
func keptFrom(keys []vendorKey) bool {
	for _, k := range keys {
		if (k.name == "action" || verdictKeys[k.name]) && own(k.parents) && guardWords[strings.ToLower(k.text)] {
			return true
		}
	}
	return false
}
