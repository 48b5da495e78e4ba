package normalize

import (
	"slices"
	"strings"

	"sluice/event"
)

// badVerdicts are what scanners say of what they looked at.
var badVerdicts = wordSet("malicious infected malware phishing ransomware virus")

// condemned says whether a verdict is one of them.
func condemned(keys []vendorKey) bool {
	return slices.ContainsFunc(keys, func(k vendorKey) bool {
		return (verdictKeys[k.name] || strings.HasSuffix(k.name, "verdict") || strings.HasSuffix(k.name, "classification")) && neutral(k.parents) && badVerdicts[strings.ToLower(k.text)]
	})
}

// hashForms are what keys call hashes, and how many digits these have; in the order of the
// fields of hashes.
var hashForms = [...]struct {
	name   string
	digits int
}{{"md5", 32}, {"sha1", 40}, {"sha256", 64}}

// notOfFiles are parts of the names of hashes of other things.
var notOfFiles = [...]string{"cert", "finger", "thumb", "ja3", "imp", "sign", "issuer", "public", "password", "request", "session", "grand", "child"}

// formed takes hashes by their form from keys that name the kind somewhere: SHA256HashData,
// processFileHashSha256, file_sha256_value. Where there are several, whose each is nobody says.
func (s *knownStep) formed(ev *event.Event, keys []vendorKey) {
	var found [3][len(hashForms)]string
	for _, k := range keys {
		for i, form := range hashForms {
			if len(k.text) != form.digits || !strings.Contains(k.name, form.name) || !isHex(k.text) {
				continue
			}
			of := s.hashedThing(strings.ToLower(k.key))
			if of < 0 {
				continue
			}
			switch text := &found[of][i]; *text {
			case "", k.text:
				*text = k.text
			default:
				*text = "-"
			}
		}
	}
	w := &s.owner
	for of, fields := range [...]*[3]event.Field{&w.file, &w.process, &w.parent} {
		for i, text := range found[of] {
			if len(text) > 1 && !ev.Has(fields[i]) {
				ev.SetText(fields[i], text)
			}
		}
	}
}

// hashedThing says for a key in small letters whether its hash is one of a file, of a program
// that runs, or of the one that started it: 0 to 2; -1 for another thing.
func (s *knownStep) hashedThing(key string) int {
	for _, other := range notOfFiles {
		if strings.Contains(key, other) {
			return -1
		}
	}
	switch {
	case strings.Contains(key, "parent"):
		return 2
	case strings.Contains(key, "process"), strings.Contains(key, "actor"):
		return 1
	}
	return 0
}

func isHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; c-'0' >= 10 && (c|0x20)-'a' >= 6 {
			return false
		}
	}
	return true
}

// fullName joins the names of who did it, where they stand apart: first_name, last_name.
func (s *knownStep) fullName(r *run, keys []vendorKey, other string) {
	if r.ev.Has(s.what.actors[3]) {
		return
	}
	for _, first := range keys {
		if first.name != "firstname" && first.name != "givenname" || !usable(first.text) || other != "" && strings.HasPrefix(first.key, other) || !s.ofWho(first.parents) {
			continue
		}
		for _, last := range keys {
			if (last.name == "lastname" || last.name == "familyname" || last.name == "surname") && last.parents == first.parents && usable(last.text) {
				r.ev.SetText(s.what.actors[3], r.ev.Own([]byte(first.text+" "+last.text)))
				return
			}
		}
	}
}

// ofWho says whether what stands below these parents is of who did it.
func (s *knownStep) ofWho(parents string) bool {
	var buf [maxKnown]byte
	for parent := range strings.SplitSeq(strings.TrimSuffix(parents, "."), ".") {
		p := plainKey(buf[:0], parent)
		if parent != "" && !isNeutral(p) && string(p) != "profile" && s.names.object(p) != "user" {
			return false
		}
	}
	return true
}

// notSo is what a word says behind not: what was not granted was refused, what was not blocked or
// created says nothing.
func notSo(is deed) deed {
	so := is & (isLogin | isLogout | isAccount | isFile | isProcess | isRegistry | isMalware | isSetting | isQuery)
	if is&isAllowed != 0 {
		so |= isDenied
	}
	if is&(isFine|isLogin) != 0 {
		so |= isFailed
	}
	return so
}

// refused says how a log-in ended that was denied or allowed: LOGIN_DENIED.
func refused(said deed) deed {
	if said&isLogin == 0 || said&(isFailed|isFine) != 0 {
		return 0
	}
	switch said & (isDenied | isAllowed) {
	case isDenied:
		return isFailed
	case isAllowed:
		return isFine
	}
	return 0
}

// reasonKeys hold prose that tells why.
var reasonKeys = wordSet(`description details detail cause title headline summary verdictreason reasontext`)

// why takes an event's description for its reason, where nothing else is one.
func (s *knownStep) why(ev *event.Event, keys []vendorKey) {
	if ev.Has(s.what.reason) {
		return
	}
	for _, k := range keys {
		if reasonKeys[k.name] && own(k.parents) && usable(k.text) && strings.IndexByte("{[<", k.text[0]) < 0 {
			ev.SetText(s.what.reason, k.text)
			return
		}
	}
}

// recordKeys tell what sort of record it is.
var recordKeys = wordSet(`type objecttype recordtype eventtype logtype kind`)

// isAlert says of what a record calls itself that it is an alert.
func isAlert(text string) bool {
	switch strings.ToLower(text) {
	case "alert", "alerts", "threat", "threats", "detection", "detections", "incident", "incidents", "investigation", "investigations", "finding", "findings", "alarm", "attack", "intrusion", "ips", "ids", "violation", "policyviolation", "policy_violation",
		"brute_force", "bruteforce", "port_scan", "portscan", "sql_injection", "xss", "ddos", "command_injection", "path_traversal", "lateral_movement", "privilege_escalation", "credential_stuffing", "password_spray", "password_spraying", "impossible_travel", "dns_tunnel", "dns_tunneling", "dns_tunnelling", "exfiltration", "data_exfiltration", "beaconing", "c2_beacon", "kerberoasting", "credential_dumping":
		return true
	}
	return len(text) < 48 && namesFinding(text)
}

// findingWords are what the name of a sort of event calls what was found.
var findingWords = wordSet("alert detection threat incident finding")

// namesFinding says of the name of a sort of event that such events are findings, and not what
// people and programs do about them: HeuristicAlert, EppDetectionSummaryEvent, Threat Detected.
func namesFinding(name string) (found bool) {
	for start := 0; start < len(name); {
		end := start + 1
		for end < len(name) && !(name[end]-'A' < 26 && name[end-1]-'a' < 26) && strings.IndexByte(" _-.:/", name[end]) < 0 {
			end++
		}
		word := strings.ToLower(strings.Trim(name[start:end], " _-.:/"))
		if workWords[word] || deeds[word]&(isCreation|isDeletion|isChange|isAccess) != 0 && word != "new" && word != "generated" {
			return false
		}
		found = found || findingWords[word]
		start = end
	}
	return found
}
