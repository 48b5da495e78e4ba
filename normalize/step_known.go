package normalize

import (
	"maps"
	"strings"

	"sluice/event"
	"sluice/internal/strictyaml"
)

// knownStep fills fields from the keys that the pack left under sluice.vendor, by what
// such keys are commonly called (known.yml). It never changes a field that is set, and
// the key stays where it is. It is written
//
//	known: {}
//
// With categories: true it also tells log-ins and connections where no category is
// set, as the packs of formats want it that know nothing else of the device.
type knownStep struct {
	names        *dictionary
	categories   bool
	action       event.Field
	category     event.Field
	kind         event.Field
	source       event.Field
	target       event.Field
	method       event.Field
	code         event.Field
	id           event.Field
	question     event.Field
	questionType event.Field
	errorCode    event.Field
	rcode        event.Field    // of DNS
	registry     [4]event.Field // its key, path, hive and value
	file         target
	program      target
	what         whatFields
	owner        whoseFields
	object       typedFields
	side         besideFields
	related      [4]event.Field // related.ip, related.hash, related.user, related.hosts
}

func (s *knownStep) apply(r *run) bool {
	var keys []vendorKey
	var other, details, company, sort string
	var portless [2]bool
	mail, front := r.ev.Has(s.what.subject) || r.ev.Has(s.category), ""
	if s.categories {
		keys = r.vendorKeys()
		if front = s.front(keys); front != "" {
			behind(r, keys, front)
		}
		portless = s.ends(r, keys)
		other, details, company, sort = otherPerson(keys), inDetails(keys), ofCompany(keys), ofSort(keys)
		if other == "" {
			other = besidesActor(keys)
		}
	}
	hole := s.categories && ofHole(keys)
	later := r.later[:0]
	for key, text := range r.ev.Vendor {
		if text = strings.Trim(text, " "); !usable(text) || others(key, other, details) {
			continue
		}
		if key == company || key == sort || askedName(key, keys) || hole && isPublished(key) || s.categories && (isStatement(key, text) || isNobody(key, text)) {
			continue
		}
		if m := s.means(r, key, front); !s.names.fillAs(r, m, text, false) {
			later = append(later, unfilled{pair{key, text}, m})
		}
	}
	s.names.rest(r, later, s.categories)
	r.later = later[:0]
	for side, none := range portless {
		if none {
			r.ev.Unset(s.what.port[side])
		}
	}
	s.names.addresses(r.ev)
	s.doneTo(r, keys, other)
	s.doneTo(r, keys, details)
	if !s.categories {
		return true
	}
	s.formed(r.ev, keys)
	s.fullName(r, keys, other)
	if !mail && !r.ev.Has(s.what.from) && !r.ev.Has(s.what.to) && !r.ev.Has(s.what.mailID) {
		r.ev.Unset(s.what.subject) // of a certificate, or of what was done
	}
	s.requestLine(r, keys)
	s.webVersion(r.ev, keys)
	s.why(r.ev, keys)
	s.alert(r, keys)
	s.titled(r.ev, keys)
	s.wholes(r, keys)
	s.when(r, keys)
	s.sameMail(r.ev)
	s.sameName(r.ev, keys)
	s.plugged(r.ev, keys)
	if !s.pluggedIn(r.ev, keys, r.text) {
		s.certified(r.ev, keys)
	}
	s.named(r.ev, keys)
	s.askedType(r.ev, keys)
	s.ownID(r.ev, keys)
	s.deedName(r, keys)
	s.noRequest(r.ev, keys)
	s.arguments(r, keys)
	s.categorize(r, keys)
	s.guarded(r.ev, keys, r.text)
	s.typed(r, keys)
	s.himself(r.ev)
	s.fileNamed(r, keys)
	s.ownAddress(r.ev, keys)
	s.endpoint(r.ev, keys)
	s.hashes(r.ev)
	s.beside(r, keys)
	s.settle(r, keys)
	s.seen(r.ev, keys)
	return true
}

// vagueKeys are names that mean something only where nobody else's are meant: the pid
// of a model is no process.
var vagueKeys = wordSet(`account accountname action activity application cipher cmd code command company created createdat date datetime description dest destination details
	direction email emailaddress error file filename fname group groupname guid hash hashes host hostname ip ipaddr ipaddress level login mac macaddress md5 message method msg name operation
	org organization op os path pid policy proc process product protocol proto published query reason recipient recipients region response result rule source sender sensor serial serialnumber service
	severity sha1 sha256 status subject success summary tenant text time timestamp transport ts type uid upn uri url user username usr uuid vendor verb version vlan
	t pc acct country countrycode countryname city receiver receivers begin executor requestor cvss appliance urgency disposition subjectline instanceid projectid justification
	displayname fullname realname`)

// neutralParents hold what happened, or who did it; what stands below them is the event's own.
var neutralParents = union(ownParents, personParents, wordSet(`alerts attrs auditevent auditlog context ctx columns net dataset detection d decorations entry evt extra extradata fields
	verdict decision logdata logentry logs message meta msg object objects params parameters props requestmetadata requestcontext auditdata auditinfo raw records request requestinfo result
	activity action operation session connection conn vpn tunnel http flow response resultinfo
	eventinfo userdata eventdetail eventdetails eventattributes eventparameters eventproperties securityaction additionaldata additionalinfo extrainfo logininfo logindetails requestdetails
	eventtype header outcome attack hashes hash incidentreport alertinfo alertdetails flows virtualtraffic traffic connections sessions items results rows entries detections matches evidence attachments
	accessdevice login auth authentication authinfo authdetails authenticationdetails eventmetadata auditmetadata sessioninfo sessiondetails connectioninfo connectiondetails clientcontext accesscontext networkcontext`))

// personParents are somebody.
var personParents = union(actorObjects, wordSet(`user subject principal identity claim claims account attacker createdby who executor releasedby userinfo userdetails actorinfo actordetails useridentity person`))

// clientParents are who opened a connection.
var clientParents = wordSet("source src client remote peer")

// parentsOf are other words for the objects of ECS.
var parentsOf = map[string]string{
	"device": "host", "computer": "host", "endpoint": "host", "machine": "host", "machineinfo": "host", "agent": "host", "workstation": "host", "asset": "host", "node": "host",
	"proc": "process", "image": "process", "attachment": "file", "signature": "rule", "policy": "rule", "mail": "email", "destination": "destination", "target": "destination",
	"dst": "destination", "dest": "destination", "server": "destination", "victim": "destination", "tenant": "organization", "org": "organization", "company": "organization", "customer": "organization",
	"app": "service", "appliance": "observer", "sensor": "observer", "question": "dns", "query": "dns", "os": "host", "request": "http", "response": "http", "ssl": "tls",
}

func wordSet(text string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(text) {
		set[w] = true
	}
	return set
}

func union(sets ...map[string]bool) map[string]bool {
	all := map[string]bool{}
	for _, set := range sets {
		maps.Copy(all, set)
	}
	return all
}

// under says whether a vague key below these parents, as in data.device., means the
// alias' field.
func (a *alias) under(parents string) bool {
	var buf [maxKnown]byte
	for parents != "" {
		dot := strings.IndexByte(parents, '.')
		plain := plainKey(buf[:0], parents[:dot])
		p := string(plain)
		switch {
		case personParents[p] && (a.object == "event" || a.object == "rule" || a.object == "service" || a.object == "url"):
			return false // an actor's id is none of the event, and his page was not asked for
		case a.object == "host" && (p == "request" || p == "http" || p == "httprequest" || p == "response"):
			return false // it is the one that was asked for
		case isNeutral(plain), p == a.object, parentsOf[p] == a.object:
		case geoParents[p] && a.object == "source":
		case clientParents[p] && (a.object == "source" || a.object == "user" || a.object == "user_agent"):
		default:
			return false
		}
		parents = parents[dot+1:]
	}
	return true
}

// isNothing knows how sources write that a value is missing, also in words that may be one elsewhere.
func isNothing(text string) bool {
	switch text {
	case "---", "NONE", "UNKNOWN", "UNDEFINED", "--", "NA", "None", "none", "nil", "unknown", "Unknown", "undefined", "<null>", "(none)", "(unknown)", "(no user)", "Not Available", "not available", "Not Applicable", "not applicable", "[]", "{}":
		return true
	}
	return event.Nothing(text)
}

// plainKey is a key without case and separators; empty where it is too long to be known.
func plainKey(dst []byte, key string) []byte {
	for i := 0; i < len(key); i++ {
		c := key[i]
		switch {
		case c-'A' < 26:
			c |= 0x20
		case c == '_', c == '-', c == '.', c == ' ', c == '@', c == '$', c == '[', c == ']', c == '(', c == ')':
			continue
		}
		if len(dst) == cap(dst) {
			return nil
		}
		dst = append(dst, c)
	}
	return dst
}

// isSet says whether the target's field, or the first of its fields, is set.
func (t *target) isSet(ev *event.Event) bool {
	if t.kind == vAdd || t.kind == vIPs || t.kind == vHash {
		return false // there may be several
	}
	if t.field != event.None {
		return ev.Has(t.field)
	}
	if t.kind == vProto {
		return ev.Has(t.kids[0]) || ev.Has(t.kids[1]) // what it carries is told by another key
	}
	if t.kind == vExe || t.kind == vPath || t.kind == vCmd || t.kind == vUser || t.kind == vURL {
		return ev.Has(t.kids[0]) // the name alone does not say where it lies
	}
	for _, f := range t.kids {
		if f != event.None && ev.Has(f) {
			return true
		}
	}
	return false
}

// holds says whether a target of the kind addr has that address already.
func (t *target) holds(ev *event.Event, addr string) bool {
	return ev.Text(t.kids[0]) == addr
}

// several says that the target's field holds a list.
func (t *target) several() bool {
	return t.kind == vAdd || t.kind == vIPs || t.kind == vHash || t.kind == vList
}

// suits keeps from the dictionary's fields what a key of that name may hold elsewhere:
// an object as text, prose where a name belongs.
func (t *target) suits(text string) bool {
	if text == "" || text[0] == '[' || text[0] == '{' && !isGUID(text) {
		return false
	}
	if t.kind != vTable && (strings.EqualFold(text, "true") || strings.EqualFold(text, "false")) {
		return false // "admin": false is nobody's name
	}
	switch t.kind {
	case vAddr:
		if addr, _, ok := endpoint(text); ok {
			return !isUnspecified(addr)
		}
		return len(text) < 256 && strings.ContainsAny(text, ".-_0123456789") && !isNumber(text) && !strings.ContainsAny(text, ` /\=,:"'()[]{}<>@`)
	case vUser:
		_, _, isAddr := endpoint(text)
		return !isAddr && len(text) < 128 && !isNothing(text) && hasAlnum(text) && text[len(text)-1] != '%' && !(text[0] == '-' && isNumber(text[1:])) && !(len(text) == 12 && strings.Trim(text, "0123456789") == "") && // an account of AWS
			!strings.ContainsAny(text, "\t\n{}=()<>") && strings.Count(text, " ") < 4
	case vProto:
		n, isNum := atoi(text)
		if isNum && n < 256 || transports[strings.ToLower(text)] {
			return true
		}
		carrier, _, ok := strings.Cut(text, "/") // tcp/https
		return ok && transports[strings.ToLower(carrier)]
	case vMAC:
		return isMAC(text) || len(text) == 12 && isHex(text)
	case vHash:
		return len(text) >= 32
	case vExe:
		return len(text) < 512 && (strings.IndexByte(text, '\\') >= 0 || strings.IndexByte(`/~.%`, text[0]) >= 0 && strings.IndexByte(text, '/') >= 0)
	case vPath:
		return len(text) < 512 && strings.ContainsAny(text, `/\`)
	case vCmd:
		return strings.ContainsAny(text, ` /\.-`)
	case vClock:
		_, isNum := atoi(text) // of what, only a unit tells
		return !isNum
	case vLower:
		return len(text) < 40 && strings.IndexByte(text, '/') < 0
	}
	return true
}

func isNumber(text string) bool {
	_, ok := atoi(text)
	return ok
}

var transports = wordSet("tcp udp icmp icmpv6 icmp6 ipv6-icmp igmp sctp gre esp ah ospf pim vrrp ipip l2tp udplite dccp eigrp")

// checks are what texts of fields must be like that keys of other meanings would fill.
var checks = map[string]func(text string) bool{
	"dns.question.name": func(s string) bool {
		return len(s) < 254 && strings.IndexByte(s, '.') >= 0 && !strings.ContainsAny(s, " /=?&'\"(){}*,;")
	},
	"cloud.availability_zone": func(s string) bool { // eu-west-1b, and no part of a building
		return len(s) < 32 && strings.IndexByte(s, ' ') < 0 && strings.IndexByte(s, '-') > 0 && strings.ContainsAny(s, "0123456789")
	},
	"cloud.account.id": func(s string) bool { return len(s) > 9 }, // 9 is a customer of some service
	"cloud.instance.id": func(s string) bool {
		return (len(s) > 7 || strings.HasPrefix(s, "i-")) && strings.ContainsAny(s, "0123456789")
	},
	"event.id:text":       func(s string) bool { return isGUID(s) || len(s) > 11 && strings.ContainsAny(s, "0123456789") },
	"user.id:text":        func(s string) bool { return len(s) < 64 && !strings.ContainsAny(s, " /{}=\"") },
	"network.application": isNoProgram, "service.name": isNoProgram, "registry": inHive,
	"container.image.name": func(s string) bool {
		return strings.ContainsAny(s, "/:") && s[0] != '/' && !strings.ContainsAny(s, " \\")
	},
	"host.type": func(s string) bool { return s[0]-'0' > 9 && !isMedium(s) },
	"rule.name": isRule, "rule.id": namesRule,
	"source.ip": isAddress, "destination.ip": isAddress, "observer.ip:ips": isAddress,
	"vulnerability.id:list(,)": func(s string) bool { return strings.ContainsRune(s, '-') && !isGUID(s) }, // CVE-2026-1234, GHSA-...
	"dns.response_code:text":   func(s string) bool { return rcodes[strings.ToUpper(s)] },
	"host.os.type:lower":       func(s string) bool { return osTypes[strings.ToLower(s)] },
	"host.os.platform:lower":   func(s string) bool { return platforms[strings.ToLower(s)] },
	"user.domain":              func(s string) bool { return len(s) < 64 && !strings.ContainsAny(s, "/:@=") },
	"email.from.address":       isMailbox,
	"email.to.address":         isMailbox,
	"user.email:text":          isMail,
	"email.subject":            func(s string) bool { return !isMail(s) }, // "subject" may be who did it
	"email.message_id":         func(s string) bool { return strings.IndexByte(s, '@') > 0 },
	"event.code":               isCode, "observer.name": func(s string) bool { return !isAddress(s) },
	"observer.serial_number":      func(s string) bool { return strings.IndexByte(s, ':') < 0 }, // a certificate's
	"observer.serial_number:text": isSerial, "observer.type:lower": func(s string) bool { return observerTypes[strings.ToLower(s)] }, "email.local_id:text": func(s string) bool { return !isNumber(s) && strings.IndexByte(s, ' ') < 0 },
	"threat.software.name":     func(s string) bool { return !isNumber(s) && !isSwitch(s) },
	"user.full_name:text":      isFullName,
	"user.full_name":           func(s string) bool { return strings.IndexByte(s, '/') < 0 }, // a repository's has one
	"dns.question.type":        func(s string) bool { return len(s) < 12 && strings.ToUpper(s) == s },
	"user_agent.original:text": func(s string) bool { return len(s) > 6 && strings.IndexByte(s, '/') > 0 },
	"event.action":             isAction,
	"event.id": func(s string) bool {
		return len(s) < 128 && strings.IndexByte(s, ' ') < 0 && strings.ContainsAny(s, "0123456789") && strings.Trim(s, "0") != ""
	},
	"host.name":                         func(s string) bool { return len(s) < 254 && !strings.ContainsAny(s, "/{}=\"") && !browsers[s] },
	"http.response.status_code":         isStatus,
	"log.level":                         func(s string) bool { return s[0]-'0' > 9 },
	"host.name:text":                    func(s string) bool { return isHostName(s) && strings.ContainsAny(s, "-.0123456789") },
	"process.name":                      func(s string) bool { return !strings.ContainsAny(s, ":=/\\") },
	"network.protocol:lower of service": func(s string) bool { return spokenProtocols[strings.ToLower(s)] },
	"network.protocol":                  func(s string) bool { return s[0]-'0' > 9 && !strings.ContainsAny(s, " ,;") },
	"dll.name":                          isLibrary,
	"dll.path":                          func(s string) bool { return strings.ContainsAny(s, `/\\`) && len(s) < 512 },
	"destination.domain":                isHostName,
	"source.domain":                     isHostName,
	"url": func(s string) bool {
		slash := strings.IndexByte(s, '/')
		return slash == 0 || slash > 0 && strings.IndexByte(s[:slash], '.') > 0 || strings.Contains(s, "://")
	},
	"threat.technique.id":         func(s string) bool { return len(s) > 4 && s[0] == 'T' && s[1]-'0' < 10 },
	"threat.technique.name":       func(s string) bool { return len(s) < 2 || s[0] != 'T' || s[1]-'0' > 9 },
	"threat.tactic.id":            func(s string) bool { return strings.HasPrefix(s, "TA0") },
	"threat.tactic.name":          func(s string) bool { return !strings.HasPrefix(s, "TA0") },
	"source.geo.country_iso_code": isCountryCode, "destination.geo.country_iso_code": isCountryCode,
	"source.geo.country_name": isPlaceName, "destination.geo.country_name": isPlaceName, "source.geo.city_name": isPlaceName,
	"process.entity_id":        func(s string) bool { return !isNumber(s) || len(s) > 8 }, // uid is a user's number as well
	"process.parent.name:text": func(s string) bool { return strings.HasSuffix(strings.ToLower(s), ".exe") },
	"user.email":               func(s string) bool { return strings.IndexByte(s, '@') >= 0 && strings.IndexByte(s, ' ') < 0 },
}

// isMedium says of the type of a device that it is one that is plugged into a machine.
func isMedium(s string) bool {
	low := strings.ToLower(s)
	for _, medium := range [...]string{"usb", "removable", "storage", "disk", "cd", "dvd", "printer", "bluetooth", "card"} {
		if strings.HasPrefix(low, medium) {
			return true
		}
	}
	return false
}

// nobodies are what things are done by that is nobody: "by":"policy".
var nobodies = wordSet("policy rule schedule scheduler automation automatic automatically timeout")

// isNoProgram tells an application from winword.exe.
func isNoProgram(s string) bool { return !strings.HasSuffix(strings.ToLower(s), ".exe") }

// isFullName tells Ann Lee from EXAMPLE\ann, and from a system's own NT AUTHORITY.
func isFullName(s string) bool {
	return strings.IndexByte(s, ' ') > 0 && !strings.ContainsAny(s, "\\@/$=:") && strings.ToUpper(s) != s
}

// isCode tells the number of a kind of event from that of one event.
func isCode(s string) bool {
	n := len(s)
	if strings.ContainsAny(s, "@ ") || n > 64 || isGUID(s) {
		return false
	}
	_, isNum := atoi(s)
	return !isNum || n <= 8
}

// isGUID says whether a text is written as 8-4-4-4-12 hex digits are, or as some twenty
// or more of them.
func isGUID(s string) bool {
	digits := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c-'0' < 10:
			digits++
		case (c|0x20)-'a' < 6, c == '-' && i > 7, c == '{', c == '}':
		default:
			return false
		}
	}
	return len(s) >= 20 && digits > 2
}

// isAction tells a name from a number, a list or prose.
func isAction(s string) bool {
	_, isNum := atoi(s)
	return !isNum && len(s) < 128 && s[0] > ' ' && strings.Trim(s, "+-.0123456789") != "" && !strings.HasPrefix(s, "type.googleapis.com/") && !strings.HasPrefix(s, "0x") && !isGUID(s) && !isMediaType(s) && !badVerdicts[strings.ToLower(s)] && !questionTypes[s]
}

// platforms are what host.os.platform may be.
var platforms = union(osTypes, wordSet("mac darwin ipados chromeos freebsd openbsd netbsd solaris aix ubuntu debian centos rhel redhat fedora suse sles amzn amazon alpine osx win32 win64"))

// osTypes are what ECS allows host.os.type to be.
var osTypes = wordSet("windows linux macos unix ios android")

// isUnspecified says whether an address is nobody's: it stands where a source has none.
func isUnspecified(addr string) bool { return addr == "0.0.0.0" || addr == "::" }

// isPort says whether a text is the number of a port, which 0 is not.
func isPort(text string) bool {
	n, ok := atoi(text)
	return ok && n > 0 && n < 1<<16
}

func isAddress(s string) bool {
	_, ok := event.ParseAddr(s)
	return ok
}

func isCountryCode(s string) bool { return len(s) == 2 && s[0]-'A' < 26 && s[1]-'A' < 26 }

func isPlaceName(s string) bool {
	return len(s) > 2 && len(s) < 64 && !strings.ContainsAny(s, "0123456789/:@=_{}[]\"<>") && s[0] > ' '
}

func isHostName(s string) bool {
	_, _, isAddr := endpoint(s)
	return s != "" && !isAddr && len(s) < 254 && s[0] > ' ' && !strings.ContainsAny(s, " /\\=,;:\"'()[]{}@")
}

func (l *loader) known(n *strictyaml.Node) step {
	s := &knownStep{names: l.names()}
	s.object.user, s.what.asked = l.target(n, "user.target:user"), l.target(n, "url:url")
	s.side.user, s.side.command = l.target(n, "user:user"), l.target(n, "process:cmd")
	s.file, s.program, s.owner.station = l.target(n, "file:path"), l.target(n, "process:exe"), l.target(n, "source.mac:mac")
	for i, name := range [...]string{"source", "destination"} {
		s.what.addr[i], s.what.port[i] = l.target(n, name+":addr"), l.field(n, name+".port")
	}
	l.Pairs(n, func(key string, k, v *strictyaml.Node) {
		switch key {
		case "categories":
			s.categories = l.flag(v)
		case "name":
			s.what.name = l.field(v, v.Value)
		default:
			l.Fail(k, "known takes nothing, or categories: true and name: FIELD")
		}
	})
	for name, f := range map[string]*event.Field{
		"event.action": &s.action, "event.category": &s.category, "event.type": &s.kind, "source.ip": &s.source, "destination.ip": &s.target,
		"http.request.method": &s.method, "http.response.status_code": &s.code, "event.id": &s.id, "dns.question.name": &s.question, "dns.question.type": &s.questionType, "error.code": &s.errorCode, "dns.response_code": &s.rcode, "registry.key": &s.registry[0], "registry.path": &s.registry[1], "registry.hive": &s.registry[2], "registry.value": &s.registry[3], "host.mac": &s.owner.mac, "host.ip": &s.owner.hostIP,
		"event.kind": &s.what.kind, "event.code": &s.what.code, "user.name": &s.what.actors[0], "user.email": &s.what.actors[1], "user.id": &s.what.actors[2], "user.full_name": &s.what.actors[3],
		"threat.software.name": &s.what.malware, "process.executable": &s.what.program, "process.name": &s.what.programName, "process.command_line": &s.what.command, "file.path": &s.what.path, "url.original": &s.what.url, "url.domain": &s.what.urlHost, "event.outcome": &s.what.outcome, "error.message": &s.what.failure, "http.version": &s.what.version, "network.protocol": &s.what.protocol, "event.reason": &s.what.reason, "rule.name": &s.what.rule, "message": &s.what.title,
		"@timestamp": &s.what.at, "event.start": &s.what.began[0], "event.end": &s.what.began[1], "related.ip": &s.related[0], "related.hash": &s.related[1], "related.user": &s.related[2], "related.hosts": &s.related[3],
		"email.from.address": &s.what.from, "email.to.address": &s.what.to, "email.subject": &s.what.subject, "email.message_id": &s.what.mailID, "vulnerability.id": &s.what.hole,
		"host.name": &s.owner.host, "host.hostname": &s.owner.hostname, "log.syslog.hostname": &s.owner.sender, "file.name": &s.owner.fileName,
		"observer.serial_number": &s.owner.reporter, "device.vendor.id": &s.owner.plugged[0], "device.product.id": &s.owner.plugged[1], "device.serial_number": &s.owner.plugged[2],
		"user.target.full_name": &s.object.full, "user.target.email": &s.object.email, "user.target.id": &s.object.id, "user.target.name": &s.object.userName, "group.name": &s.object.group, "group.id": &s.object.groupID,
		"observer.vendor": &s.owner.maker[0], "observer.product": &s.owner.maker[1], "device.manufacturer": &s.owner.made[0], "device.model.name": &s.owner.made[1],
		"host.os.type": &s.owner.osType, "host.os.full": &s.owner.os[0], "host.os.name": &s.owner.os[1], "host.os.platform": &s.owner.os[2],
		"process.parent.hash.md5": &s.owner.parent[0], "process.parent.hash.sha1": &s.owner.parent[1], "process.parent.hash.sha256": &s.owner.parent[2],
		"threat.technique.id": &s.what.technique[0], "threat.technique.name": &s.what.technique[1], "threat.tactic.name": &s.what.technique[2],
		"process.hash.md5": &s.owner.process[0], "process.hash.sha1": &s.owner.process[1], "process.hash.sha256": &s.owner.process[2],
		"process.user.name": &s.side.ranAs, "process.args": &s.side.args, "source.bytes": &s.side.bytes[0], "destination.bytes": &s.side.bytes[1], "http.request.bytes": &s.side.request, "http.response.bytes": &s.side.response,
		"destination.domain": &s.side.destination, "tls.client.server_name": &s.side.serverName, "source.geo.location": &s.side.place, "dll.path": &s.side.library[0], "dll.name": &s.side.library[1],
		"file.hash.md5": &s.owner.file[0], "file.hash.sha1": &s.owner.file[1], "file.hash.sha256": &s.owner.file[2],
	} {
		*f = l.field(n, name)
	}
	return s
}
