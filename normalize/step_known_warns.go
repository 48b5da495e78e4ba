package normalize

import (
	"slices"
	"strings"
	"unicode"

	"sluice/event"
)

// attackWords are in the names of events that warn of an attack, whatever else they name: the
// log-in to a decoy is none that anybody should have done.
var attackWords = [...]string{
	"attack", "malicious", "suspicious", "anomal", "exploit", "exfiltrat", "lateral movement", "brute force", "bruteforce", "brute-force", "reconnaissance", "ransomware",
	"sql injection", "port scan", "portscan", "intrusion", "beaconing", "command and control", "decoy", "decept", "honeypot", "honeytoken", "credential theft", "credential dump",
	"privilege escalation", "kerberoast", "golden ticket", "impossible travel", "threat detected", "botnet", "backdoor", "cryptomin", "webshell", "web shell", "new incident",
}

// workWords are in the names of events that tell of what people and programs do about those:
// a policy against attacks that was changed is none.
var workWords = wordSet(`policy policies rule rules setting settings config configuration report reports update updated updates license closed resolved deleted created modified changed edited disabled enabled
	exported imported subscription definitions signatures database feed scheduled completed started stopped test assigned acknowledged dismissed`)

// warns says whether the name of an event warns of an attack.
func warns(name string) bool {
	if len(name) > maxDeed || strings.IndexByte(name, ' ') < 0 {
		return false
	}
	low := strings.ToLower(name)
	for w := range strings.FieldsFuncSeq(low, betweenWords) {
		if workWords[w] {
			return false
		}
	}
	return slices.ContainsFunc(attackWords[:], func(w string) bool { return strings.Contains(low, w) })
}

// warned says of a record that the name of its event makes it an alert.
func (s *knownStep) warned(ev *event.Event) bool {
	if s.what.name == event.None {
		return false
	}
	name := ev.Text(s.what.name)
	return isAlert(name) || warns(name)
}

// lead is what stands in front of pairs between bars: Threat detected | Name: EICAR | Host: x.
func lead(text string) string {
	front, _, ok := strings.Cut(text, " | ")
	if !ok || len(front) > 64 || strings.ContainsAny(front, "=:{") {
		return ""
	}
	return front
}

// foundThreat says whether that tells of a threat that was found.
func foundThreat(text string) bool {
	front := lead(text)
	return foundMalware(front) || strings.Contains(strings.ToLower(front), "threat detected")
}

// namesWarning says of a key that it holds the name of an event, and that this warns of an attack.
func namesWarning(k vendorKey) bool {
	return (k.name == "eventname" || k.name == "eventdescription") && own(k.parents) && warns(k.text)
}

// grades are names of a severity that do not end with the word.
var grades = wordSet("sev risklevel threatlevel")

// graded says of a record that has a severity that its name warns of an attack.
func graded(keys []vendorKey) bool {
	return slices.ContainsFunc(keys, func(k vendorKey) bool {
		return (strings.HasSuffix(k.name, "severity") || grades[k.name]) && own(k.parents)
	}) &&
		slices.ContainsFunc(keys, func(k vendorKey) bool {
			switch k.name {
			case "name", "title", "msg", "signature":
				return own(k.parents) && warns(k.text)
			case "type", "eventtype": // rogue_ap_detected
				return own(k.parents) && len(k.text) < 64 && strings.IndexByte(k.text, '_') > 0 && (warns(strings.ReplaceAll(k.text, "_", " ")) || strings.HasPrefix(k.text, "rogue_"))
			}
			return false
		})
}

// titled takes the title of an alert for the name of the rule that found it, where no key names
// one.
func (s *knownStep) titled(ev *event.Event, keys []vendorKey) {
	if ev.Text(s.what.kind) != "alert" || ev.Has(s.what.rule) {
		return
	}
	for _, k := range keys {
		if (k.name == "title" || k.name == "name" || k.name == "alerttype" || namesWarning(k)) && own(k.parents) && strings.IndexByte(k.text, ' ') > 0 && len(k.text) < maxDeed && strings.IndexByte("{[<", k.text[0]) < 0 {
			ev.SetText(s.what.rule, k.text)
			return
		}
	}
}

// alarms are keys that only findings have.
var alarms = wordSet(`alarmid alarmname alertid alertname alerttitle alerttype alertuuid alertuid alertmessage alertdescription detectid detectname detectionid detectionname detectiontitle threatname threatid
	attack incidentid findingid findingtitle findingtype attackcategory malwarename virusname attackname attacktype signaturename signname signatureid attackerip attackeraddress correlationrulename violationid iocname attackid detection virus malware threat alertcode alerttime`)

// alarmEnds end keys that only findings have, behind a word of their vendor: dos_attack_name.
var alarmEnds = []string{"attackname", "attackid", "attacktype", "alertname", "alertid", "findingid", "detectionname", "detectionid", "threatname", "threatid", "malwarename", "virusname"}

// endsAlarm says so of a key, unless it names what another record found.
func endsAlarm(name string) bool {
	start, ok := cutEnd(name, alarmEnds)
	if !ok {
		return false
	}
	for _, other := range [...]string{"related", "parent", "last", "prev", "linked", "source", "original", "root", "base", "no", "non"} {
		if strings.HasPrefix(start, other) {
			return false
		}
	}
	return start != ""
}

// foundLists hold what was found, one object each.
var foundLists = wordSet("detections threats findings alerts malwares infections")

// alarming are objects that only findings have.
var alarming = wordSet(`alert incident incidentreport threat detection finding malop attacker`)

// isFound says of a key that only findings have that its text is one, and no setting; what is
// called a detection only where it is written as a threat's name is: Trojan.Gen, HEUR:X, Win32/X.
func isFound(k vendorKey) bool {
	return !isSwitch(k.text) && (k.name != "detection" || strings.ContainsAny(k.text, ".:/"))
}

// isSwitch tells yes, no, a count and a level from what is found: "malware":false is nothing.
func isSwitch(text string) bool {
	switch strings.ToLower(text) {
	case "true", "false", "yes", "no", "on", "off", "clean", "enabled", "disabled", "0", "low", "medium", "high", "critical", "info", "log":
		return true
	}
	return false
}

// alert says of a record that it is one, by its keys or its type.
func (s *knownStep) alert(r *run, keys []vendorKey) {
	ev := r.ev
	if ev.Has(s.what.kind) {
		return
	}
	var buf [maxKnown]byte
	for _, k := range keys {
		if len(k.key) > 64 || k.text == "" || isNothing(k.text) {
			continue
		}
		first, _, below := strings.Cut(k.key, ".")
		if foundLists[k.name] && own(k.parents) && strings.HasPrefix(k.text, "[{") || below && isAlarm(plainKey(buf[:0], first)) || (alarms[k.name] || endsAlarm(k.name)) && neutral(k.parents) && isFound(k) || namesWarning(k) {
			ev.SetText(s.what.kind, "alert")
			return
		}
	}
	if s.exploited(ev) || ev.Has(s.what.rule) && slices.ContainsFunc(s.what.technique[:], ev.Has) {
		ev.SetText(s.what.kind, "alert") // a rule that names what an attacker does found something
		return
	}
	if ev.Has(s.what.rule) && slices.ContainsFunc(keys, func(k vendorKey) bool {
		return k.parents != "" && strings.HasSuffix(k.name, "severity") && s.names.objects[lastParent(k.parents)] == "rule"
	}) && warns(ev.Text(s.what.rule)) && deedOf(ev.Text(s.action))&(isCreation|isDeletion|isChange) == 0 {
		ev.SetText(s.what.kind, "alert") // "rule":{"msg":"SQL injection attack","severity":"CRITICAL"}
		return
	}
	if s.warned(ev) || graded(keys) || warns(lead(r.text)) || foundThreat(r.text) || condemned(keys) || isAlert(ev.Text(s.action)) || s.isCase(ev, keys) || foundMalware(ev.Text(s.action)) || foundMalware(front(r.text)) || slices.ContainsFunc(keys, func(k vendorKey) bool { return recordKeys[k.name] && own(k.parents) && isAlert(k.text) }) {
		ev.SetText(s.what.kind, "alert")
	}
}

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

// measures are parts of keys that only alarms of monitoring have, which tell of a machine's state.
var measures = [...]string{"alarm", "metric", "threshold", "generatorurl", "startsat"}

// measured says of an alert that what it tells of was measured.
func measured(keys []vendorKey) bool {
	return slices.ContainsFunc(keys, func(k vendorKey) bool {
		return slices.ContainsFunc(measures[:], func(part string) bool { return strings.Contains(k.name, part) })
	})
}

// What an alert of operations names, and what only one of security does: memory is scanned, and a disk wiped.
var (
	ofMachines = wordSet("disk disks cpu memory swap filesystem temperature fan battery voltage raid latency heartbeat down offline uplink usage utilization capacity replication backlog lag slow unreachable")
	ofThreats  = wordSet("suspicious malicious attack attacker threat malware ransomware exploit exploitation injection intrusion unauthorized compromise compromised credential credentials dump dumping wiper wiped shellcode backdoor trojan virus scan lateral exfiltration")
)

// ofMachine says of an alert's title, or of what it is about, that it is the state of a machine or a service.
func (s *knownStep) ofMachine(r *run) (is bool) {
	for _, f := range [...]event.Field{s.what.rule, s.what.title, s.what.reason, s.action} {
		for word := range strings.FieldsFuncSeq(r.ev.Text(f), func(c rune) bool { return !unicode.IsLetter(c) }) {
			word = lower(r.ev, word)
			if ofThreats[word] {
				return false
			}
			is = is || ofMachines[word]
		}
	}
	return is
}
