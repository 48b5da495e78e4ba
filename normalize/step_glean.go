package normalize

import (
	"slices"
	"strings"

	"sluice/event"
	"sluice/internal/strictyaml"
)

// gleanStep takes from free text what is self-evident there: addresses and ports in
// their from and to places, users, URLs, whether something was allowed, a log-in and
// how it ended; pairs key=value by the dictionary of known. It fills only what is not
// set, so it stands at the end of a pack:
//
//	glean: {}
//
// With wide: true, for lines of which nothing is known, it also reads pairs key: value,
// levels and requests, and keeps the pairs under sluice.vendor. With switch: true it
// reads what switches say of their ports.
type gleanStep struct {
	wide   bool
	people bool // logins: true
	ports  gleanSwitch
	names  *dictionary
	source side
	target side
	user   target
	whom   target // user.target
	url    target
	proto  target
	typ    event.Field
	cat    event.Field
	result event.Field
	ips    event.Field
	wider  gleanWide
	gleanHappened
}

// side is one end of a connection.
type side struct {
	addr target
	port event.Field
}

// Bounds of the work on one text.
const (
	maxGleanBytes = 8 << 10
	maxGleanWords = 400
)

// word is one word of the text without the punctuation around it.
type word struct {
	text  string
	lower string
	sense *sense
	mark  byte   // what stood behind it: ':', '=', ',' or 0; the last of several
	open  byte   // the quote or bracket in front of it
	shut  byte   // and behind
	at    uint16 // where it begins, of at most maxGleanBytes
}

func (s *gleanStep) apply(r *run) bool {
	text := r.text
	if len(text) > maxGleanBytes {
		text = text[:maxGleanBytes]
	}
	mail, east := r.ev.Has(s.wider.subject), s.wide && eastern(text)
	if east {
		text = plainMarks.Replace(text)
	}
	s.pairs(r, text)
	s.wider.noMail(r.ev, mail)
	r.words = splitWords(r.ev, text, r.words[:0])
	ws := r.words
	asks := s.wide && asked(ws)
	if s.wide {
		s.byOther(r, text)
		translate(ws)
		s.beforeLogin(r, ws)
		s.behindLogin(r, ws)
		s.byWhom(r, ws)
	}
	said, alone := s.oneByOne(r, ws, asks)
	if east {
		_, more := eastSays(text)
		said |= more
	}
	if s.wide {
		said |= s.cells(r, text)
		s.wider.read(r, s, text, ws)
		r.front(text)
		s.cellDate(r)
	}
	if said&saysSecret != 0 && said&saysFailed != 0 && said&saysChange == 0 {
		said |= saysLogin
	}
	if s.people {
		s.logins(r, said, ws)
	}
	if s.ports.on {
		s.ports.read(r, s, ws, said)
	}
	s.verdict(r.ev, said)
	if s.wide && said&saysFailed == 0 && s.user.isSet(r.ev) && !r.ev.Has(s.cat) && leaves(ws) {
		s.is(r, "authentication", "end")
	}
	if s.wide && !s.lease(r, ws, r.ev.Text(s.wider.prose.program)) && (!r.ev.Has(s.cat) || !s.user.isSet(r.ev)) {
		s.happened(r, ws, said)
	}
	if s.wide {
		s.ofProgram(r, ws)
		s.ofItself(r, ws)
		s.refusedRequest(r, ws, said)
		s.turnedDown(r, ws)
	}
	web := s.wide && (r.ev.Has(s.wider.method) || r.ev.Has(s.wider.question[0])) // whoever asks is the client
	if web && !s.source.addr.isSet(r.ev) {
		s.asker(r, ws)
	}
	if (web || alone.named && (s.user.isSet(r.ev) || s.wide && r.ev.Has(s.wider.macField)) || said&saysLogin != 0 && said&(saysFailed|saysFine) != 0) && alone.addr != "" && !alone.several && !s.source.addr.isSet(r.ev) {
		s.side(r, &s.source, alone.addr, alone.port)
	}
	if alone.on != "" && s.source.addr.isSet(r.ev) && !s.target.addr.isSet(r.ev) && !s.source.addr.holds(r.ev, alone.on) {
		s.side(r, &s.target, alone.on, alone.onPort)
	}
	s.names.addresses(r.ev)
	return true
}

// oneByOne reads each word with those beside it: addresses, people, links and transports. It returns
// what they say of the whole text, and the address that is nobody's. asks: a request of HTTP is told of.
func (s *gleanStep) oneByOne(r *run, ws []word, asks bool) (said hint, alone lone) {
	for i := range ws {
		w := &ws[i]
		said |= hinted(ws, i)
		said |= s.told(ws, i)
		if eq := strings.IndexByte(w.text, '='); eq > 0 && eq+1 < len(w.text) {
			said |= hints[lower(r.ev, strings.Trim(w.text[eq+1:], `"'`))] // msg="Invalid password"
			s.sitsIn(r, w.text[eq+1:])
			s.distinguished(r, ws, i)
			continue
		}
		if strings.IndexByte(w.text, '@') > 0 && s.fromWhere(ws, i, said) && s.atHost(r, w.text) {
			continue
		}
		if s.wide {
			said |= tooMany(ws, i)
			s.mailAt(r, ws, i)
			s.ofDomain(r, w)
		}
		s.address(r, ws, i, &alone)
		s.person(r, ws, i, said)
		if strings.HasPrefix(w.lower, "http://") || strings.HasPrefix(w.lower, "https://") {
			if _, host, boxed := strings.Cut(w.text, "://["); boxed {
				if host, _, _ = strings.Cut(host, "]"); isAddress(host) {
					r.ev.Add(s.ips, host)
				}
			}
			if asks {
				s.wider.refers(r.ev, ws, i)
			} else if !s.url.isSet(r.ev) && (i == 0 || ws[i-1].lower != "upstream" && ws[i-1].lower != "referrer" && ws[i-1].lower != "referer") {
				s.url.put(r, w.text)
			}
		}
		if w.lower == "tcp" || w.lower == "udp" || w.lower == "icmp" {
			if !s.proto.isSet(r.ev) {
				s.proto.put(r, w.lower)
			}
		}
	}
	return said, alone
}

// fromWhere says whether the word at i may tell who acts and from where: in a text about a log-in, in
// front of what was done, or in brackets before it.
func (s *gleanStep) fromWhere(ws []word, i int, said hint) bool {
	switch {
	case said&saysLogin != 0 && s.wide, i < 2 && ws[i].open == '[':
		return true
	case i == 0:
		return ws[0].mark == ':' || s.wide && len(ws) > 1 && (isPast(ws[1].lower) || ws[1].sense.hint&saysLogin != 0)
	}
	return false
}

// told is what a word says by its parts or by those beside it.
func (s *gleanStep) told(ws []word, i int) (said hint) {
	w := &ws[i]
	switch {
	case w.lower == "error":
		if nearLogin(ws, i) {
			return saysFailed
		}
	case w.lower == "accepted":
		if i+2 < len(ws) && ws[i+2].lower == "for" {
			return saysLogin // Accepted publickey for ann
		}
	case s.wide && i < 2 && strings.IndexByte(w.lower, ':') > 0: // INPUTFW:DROP
		return hints[w.lower[strings.IndexByte(w.lower, ':')+1:]] & (saysDenied | saysAllowed)
	case s.wide && strings.IndexByte(w.text, '_') > 0 && strings.IndexByte(w.text, '=') < 0:
		is := deedOf(w.text) // LOGIN_SUCCESS
		if is&isLogin == 0 {
			return 0
		}
		if is&isFailed != 0 {
			return saysLogin | saysFailed
		}
		if is&isFine != 0 {
			return saysLogin | saysFine
		}
	}
	return 0
}

// tooMany reads too many authentication failures; their number alone is no failure.
func tooMany(ws []word, i int) hint {
	if ws[i].lower == "failures" && i > 1 && (ws[i-2].lower == "many" || ws[i-2].lower == "repeated" || ws[i-2].lower == "multiple") && ws[i-1].sense.hint&saysLogin != 0 {
		return saysFailed
	}
	return 0
}

// nearLogin says whether an error is one of a log-in: login error, error during login.
func nearLogin(ws []word, i int) bool {
	for j := max(0, i-1); j < min(len(ws), i+3); j++ {
		if ws[j].sense.hint&saysLogin != 0 {
			return true
		}
	}
	return false
}

// hint is what a word says of the whole text.
type hint uint8

const (
	saysLogin hint = 1 << iota
	saysFailed
	saysFine
	saysDenied
	saysAllowed
	saysSecret // a password, which may be wrong, or changed
	saysChange
)

// refusal says that a text tells of something denied, and of nothing allowed or failed beside it.
func (h hint) refusal() bool { return h&(saysDenied|saysAllowed|saysFailed) == saysDenied }

// hints are words whose meaning hardly depends on the others.
var hints = map[string]hint{
	"login": saysLogin, "logon": saysLogin, "logins": saysLogin, "logons": saysLogin, "log-in": saysLogin, "authentication": saysLogin, "authenticated": saysLogin | saysFine, "authenticate": saysLogin, "password": saysSecret, "passwd": saysSecret, "changed": saysChange, "change": saysChange, "reset": saysChange, "retrieved": saysChange, "rotated": saysChange, "expired": saysChange, "expires": saysChange,
	"badlogin": saysLogin | saysFailed, "authfail": saysLogin | saysFailed, "access-reject": saysLogin | saysFailed, "access-accept": saysLogin | saysFine, "auth-failure": saysLogin | saysFailed, "loginfailed": saysLogin | saysFailed, "login-failed": saysLogin | saysFailed,
	"login_failed": saysLogin | saysFailed, "invalid_login": saysLogin | saysFailed, "authenticating": saysLogin, "credentials": saysSecret, "mfa": saysSecret, "2fa": saysSecret, "otp": saysSecret, "passcode": saysSecret, "modified": saysChange, "updated": saysChange, "wrong": saysFailed, "mismatch": saysFailed, "unauthorized": saysFailed,
	"saml": saysLogin, "username/password": saysSecret, "user/password": saysSecret, "sign-in": saysLogin, "signin": saysLogin, "logged": saysLogin, "signed": saysLogin, "auth": saysLogin,
	"failed": saysFailed, "failure": saysFailed, "fail": saysFailed, "fails": saysFailed, "invalid": saysFailed, "incorrect": saysFailed, "unsuccessful": saysFailed, "cannot": saysFailed, "unable": saysFailed, "illegal": saysFailed, "bad": saysFailed, "refused": saysFailed | saysDenied,
	"success": saysFine, "successful": saysFine, "successfully": saysFine, "succeeded": saysFine, "ok": saysFine, "accepted": saysFine | saysAllowed,
	"denied": saysDenied | saysFailed, "deny": saysDenied, "denies": saysDenied, "blocked": saysDenied, "block": saysDenied, "blocking": saysDenied, "dropped": saysDenied, "drop": saysDenied,
	"rejected": saysDenied | saysFailed, "reject": saysDenied, "discarded": saysDenied, "prohibited": saysDenied,
	"permitted": saysAllowed, "permit": saysAllowed, "allowed": saysAllowed, "allow": saysAllowed, "accept": saysAllowed, "passed": saysAllowed,
}

// verdict sets what became of it: a log-in and how it ended, a connection that was
// allowed or denied.
func (s *gleanStep) verdict(ev *event.Event, said hint) {
	failed, fine := said&saysFailed != 0, said&saysFine != 0
	if said&saysLogin != 0 && failed != fine && !ev.Has(s.result) && slices.Contains(ev.List(s.cat), "authentication") && slices.Contains(ev.List(s.typ), "start") {
		ev.SetText(s.result, outcomeOf(fine)) // a log-in, says a key, and the text how it ended
		return
	}
	if said&saysLogin != 0 && !ev.Has(s.cat) {
		if failed == fine {
			return
		}
		ev.Add(s.cat, "authentication")
		if !ev.Has(s.typ) {
			ev.Add(s.typ, "start")
		}
		if !ev.Has(s.result) {
			ev.SetText(s.result, outcomeOf(fine))
		}
		return
	}
	if ev.Has(s.typ) || !s.source.addr.isSet(ev) || !s.target.addr.isSet(ev) || s.wide && said&(saysDenied|saysAllowed) == 0 {
		return // of what nothing is known, the step known tells
	}
	switch said & (saysDenied | saysAllowed) {
	case saysDenied:
		ev.Add(s.typ, "connection")
		ev.Add(s.typ, "denied")
	case saysAllowed:
		ev.Add(s.typ, "connection")
		ev.Add(s.typ, "allowed")
	}
	if !ev.Has(s.cat) {
		ev.Add(s.cat, "network")
	}
}

func (l *loader) glean(n *strictyaml.Node) step {
	wide, people, ports := false, false, false
	if n.Kind != strictyaml.Mapping {
		l.Fail(n, "glean takes nothing, or wide: true, logins: true, switch: true")
	} else {
		l.Pairs(n, func(key string, k, v *strictyaml.Node) {
			switch key {
			case "wide":
				wide = l.flag(v)
			case "logins":
				people = l.flag(v)
			case "switch":
				ports = l.flag(v)
			default:
				l.Fail(k, "glean takes nothing, or wide: true, logins: true, switch: true")
			}
		})
	}
	field := func(name string) event.Field { return l.field(n, name) }
	return &gleanStep{
		wide: wide, people: people, ports: gleanSwitch{ports, field("observer.ingress.interface.name"), field("network.vlan.id")}, wider: gleanWide{
			field("log.level"), field("http.request.method"), field("http.version"), field("http.response.status_code"), field("network.direction"), field("@timestamp"), l.target(n, "source.mac:mac"), field("source.mac"),
			field("network.protocol"), field("user_agent.original"), field("user.email"), field("user.id"), field("event.action"), l.target(n, "file:path"), field("rule.name"),
			field("email.from.address"), field("email.to.address"), field("email.subject"),
			[2]event.Field{field("source.bytes"), field("destination.bytes")},
			[3]event.Field{field("dns.question.name"), field("dns.question.type"), field("dns.response_code")},
			field("http.request.referrer"),
			l.target(n, "file:hash"),
			gleanProse{field("event.kind"), field("event.category"), field("event.type"), field("url.original"), field("url.domain"), field("url.port"), field("process.name"), field("source.ip"), field("destination.ip")},
		},
		names: l.names(), user: l.target(n, "user:user"), whom: l.target(n, "user.target:user"), url: l.target(n, "url:url"), proto: l.target(n, "network:proto"),
		source: side{l.target(n, "source:addr"), field("source.port")}, target: side{l.target(n, "destination:addr"), field("destination.port")},
		typ: field("event.type"), cat: field("event.category"), result: field("event.outcome"), ips: field("related.ip"),
		gleanHappened: gleanHappened{l.target(n, "group.name"), l.target(n, "file.name"), l.target(n, "rule.id"), l.target(n, "process.command_line"), l.target(n, "process:exe"), l.target(n, "process.parent:exe"), field("process.pid")},
	}
}
