package normalize

import (
	"strings"

	"sluice/event"
)

// gleanProse are fields for what prose says in a few words that belong together.
type gleanProse struct {
	kind, category, typ       event.Field
	urlText, urlHost, urlPort event.Field
	program                   event.Field
	source, target            event.Field // their addresses
}

// portWords name a port that stands behind them.
var portWords = map[string]byte{"spt": 's', "sport": 's', "srcport": 's', "src_port": 's', "dpt": 'd', "dport": 'd', "dstport": 'd', "dst_port": 'd', "clientport": 's', "client_port": 's', "source_port": 's', "sourceport": 's', "destination_port": 'd', "destinationport": 'd', "dest_port": 'd', "serverport": 'd', "server_port": 'd'}

// foundWords are words for what a scanner says of a threat.
var foundWords = wordSet("detected found identified discovered matched triggered")

// threats are words for what is found.
var threats = wordSet("virus malware trojan ransomware spyware worm rootkit")

// remedies are what is done to a threat; threatParts are what names none: virus definitions removed.
var (
	remedies    = wordSet("blocked quarantined cleaned prevented stopped removed deleted")
	threatParts = wordSet("definition definitions database signature signatures scan scanner protection engine update updates")
)

// intrusions are words for what a sensor finds on a network.
var intrusions = wordSet("signature attack intrusion exploit exploitation")

// attacks are words, by the one before them, for what a sensor says of an attacker.
var attacks = map[string]string{
	"scan": "port ports syn udp tcp fin xmas network host", "scanning": "port", "flood": "syn udp icmp tcp ack dns http arp", "flooding": "syn udp icmp tcp", "attack": "xss csrf ssrf scripting dictionary ddos dos spoofing injection flood force smurf land teardrop", "force": "brute",
	"spoofing": "ip arp dns mac", "injection": "sql command code", "overflow": "buffer", "traversal": "directory path",
}

// sessions are what becomes of a session.
var sessions = map[string]string{"started": "start", "opened": "start", "established": "start", "created": "start", "closed": "end", "ended": "end", "terminated": "end", "finished": "end"}

// read takes what the word at i and its neighbours say.
func (p *gleanProse) read(r *run, s *gleanStep, ws []word, i int) {
	ev, w := r.ev, &ws[i]
	if side := w.sense.port; side != 0 && i+1 < len(ws) && (w.mark == ':' || w.mark == '=' || w.mark == 0) {
		to := &s.source
		if side == 'd' {
			to = &s.target
		}
		if isPort(ws[i+1].text) && !ev.Has(to.port) {
			ev.SetText(to.port, ws[i+1].text)
		}
	}
	switch {
	case w.sense.is&wordFound != 0:
		for j := max(0, i-4); j < min(len(ws), i+3); j++ {
			if (ws[j].sense.is&wordThreat != 0 || (ws[j].lower == "threat" || ws[j].lower == "infected") && inFile(ws, i)) && !p.told(ev) {
				p.is(ev, "malware")
				if at := pathBehind(ws, i); at > 0 && ws[j].lower == "infected" && !s.wider.path.isSet(ev) {
					s.wider.path.put(r, ws[at].text) // Infected file found: C:\Temp\a.exe
				}
			}
		}
		for j := max(0, i-6); j < i; j++ {
			if ws[j].sense.is&wordIntrusion != 0 && !p.told(ev) && s.source.addr.isSet(ev) {
				p.is(ev, "intrusion_detection")
			}
		}
	case w.sense.is&wordRemedy != 0 && i > 0 && ws[i-1].mark == 0 && !p.told(ev):
		for j := max(0, i-4); j < i; j++ {
			if ws[j].sense.is&wordThreat != 0 && ws[j].mark == 0 && !threatParts[ws[j+1].lower] {
				p.is(ev, "malware")
				break
			}
		}
	case w.sense.attack != "" && i > 0 && !p.told(ev):
		for one := range strings.FieldsSeq(w.sense.attack) {
			if ws[i-1].lower == one && (s.source.addr.isSet(ev) || s.target.addr.isSet(ev)) {
				p.is(ev, "intrusion_detection")
				break
			}
		}
	case w.sense.session != "" && i > 0 && ofSession(ws, i) && !ev.Has(p.category):
		if i+2 < len(ws) && ws[i+1].lower == "by" && isName(&ws[i+2]) && !noDoers[ws[i+2].lower] && !s.user.isSet(ev) {
			s.user.put(r, ws[i+2].text)
		}
		if i+2 < len(ws) && ws[i+1].lower == "for" && ws[i].mark == 0 && isName(&ws[i+2]) && !noDoers[ws[i+2].lower] && (i+3 == len(ws) || ws[i+2].mark != 0 || cameFrom(ws, i+3)) && !s.user.isSet(ev) {
			s.user.put(r, ws[i+2].text) // SSH session opened for ann from 192.0.2.1
		}
		for by := i + 2; by+1 < min(len(ws), i+6) && ws[by-1].mark == 0 && !s.user.isSet(ev); by++ {
			if ws[by].lower == "by" && isName(&ws[by+1]) && !noDoers[ws[by+1].lower] && (isBareDoer(ws, by+1) || sitsAt(ws, by+2)) {
				s.user.put(r, ws[by+1].text) // session opened on port 4 by ann
			}
		}
		if !s.user.isSet(ev) {
			return
		}
		ev.Add(p.category, "session")
		if !ev.Has(p.typ) {
			ev.Add(p.typ, w.sense.session)
		}
	}
}

// inFile says of what was found at i that it was in a file, named by its whole path.
func inFile(ws []word, i int) bool { return pathBehind(ws, i) > 0 }

// pathBehind is the whole path of a file shortly behind i, or 0.
func pathBehind(ws []word, i int) int {
	for j := i + 1; j < min(len(ws), i+4); j++ {
		if isFilePath(&ws[j]) {
			return j
		}
	}
	return 0
}

// told says whether another reader told what the event is about already.
func (p *gleanProse) told(ev *event.Event) bool { return ev.Has(p.category) || ev.Has(p.kind) }

func (p *gleanProse) is(ev *event.Event, category string) {
	ev.SetText(p.kind, "alert")
	ev.Add(p.category, category)
	if category == "intrusion_detection" && ev.Has(p.source) && ev.Has(p.target) {
		ev.Add(p.category, "network")
		return // whether it was allowed is told by other words
	}
	if !ev.Has(p.typ) {
		ev.Add(p.typ, "info")
	}
}

// connect reads what a proxy is asked to connect to: host:port.
func (p *gleanProse) connect(ev *event.Event, text string) bool {
	host, port, ok := strings.Cut(text, ":")
	if _, isNum := atoi(port); !ok || !isNum || !isHostName(host) && !isAddress(host) || ev.Has(p.urlText) {
		return false
	}
	ev.SetText(p.urlText, text)
	if !ev.Has(p.urlHost) {
		ev.SetText(p.urlHost, host)
		ev.SetText(p.urlPort, port)
	}
	return true
}

// asked says whether a text has a request in it: METHOD target HTTP/1.1.
func asked(ws []word) bool {
	for i := 2; i < len(ws); i++ {
		if strings.HasPrefix(ws[i].text, "HTTP/") && methods[ws[i-2].text] {
			return true
		}
	}
	return false
}

// refers takes the URL in quotes behind a request and its status for the page that it came
// from.
func (m *gleanWide) refers(ev *event.Event, ws []word, i int) {
	if i < 3 || !ws[i].quoted() || ev.Has(m.referrer) || !isNumber(ws[i-1].text) || !isNumber(ws[i-2].text) {
		return
	}
	ev.SetText(m.referrer, ws[i].text)
}

// asker is the client of an access log: 192.0.2.1 - ann [.
func (s *gleanStep) asker(r *run, ws []word) {
	for i := 0; i+2 < min(len(ws), 8); i++ {
		if !isAddress(ws[i].text) || ws[i+1].text != "-" && (i > 0 || ws[i].mark != ',') {
			continue
		}
		s.side(r, &s.source, ws[i].text, "")
		if name := &ws[i+2]; ws[i+1].text == "-" && name.text != "-" && isName(name) && name.open == ' ' && !s.user.isSet(r.ev) {
			s.user.put(r, name.text)
		}
		return
	}
}

// request reads METHOD /path 200, as programs write what they were asked for.
func (m *gleanWide) request(r *run, s *gleanStep, ws []word, i int) {
	ev, w := r.ev, &ws[i]
	if w.text == "CONNECT" && m.tunnelled(r, s, ws, i) {
		return
	}
	if w.sense.is&wordRequest == 0 || !methods[w.text] || i+1 == len(ws) || len(ws[i+1].text) > 1024 || ev.Has(m.method) || i+2 < len(ws) && strings.HasPrefix(ws[i+2].text, "HTTP/") {
		return
	}
	whole := strings.HasPrefix(ws[i+1].text, "http://") || strings.HasPrefix(ws[i+1].text, "https://") // as proxies are asked
	if !whole && (ws[i+1].text[0] != '/' || s.url.isSet(ev)) {
		return
	}
	ev.SetText(m.method, w.text)
	if !s.url.isSet(ev) {
		s.url.put(r, ws[i+1].text)
	}
	if whole && i > 0 && isAddress(ws[i-1].text) && !s.source.addr.isSet(ev) {
		s.side(r, &s.source, ws[i-1].text, "")
	}
	answered := i+2 < len(ws) && isNumber(ws[i+2].text) && checks["http.response.status_code"](ws[i+2].text)
	if (whole || answered) && i > 1 && isAddress(ws[i-2].text) && isName(&ws[i-1]) && hasAlnum(ws[i-1].text) && !isNumber(ws[i-1].text) && !s.user.isSet(ev) && s.user.suits(ws[i-1].text) {
		s.user.put(r, ws[i-1].text) // 192.0.2.1 ann GET http://www.example.com/
	}
	if answered && !ev.Has(m.status) {
		ev.SetText(m.status, ws[i+2].text)
	}
}

// tunnelled reads what a proxy was asked to connect to: CONNECT www.example.com:443 200; CONNECT
// www.example.com:443 by ann from 192.0.2.7 denied.
func (m *gleanWide) tunnelled(r *run, s *gleanStep, ws []word, i int) bool {
	if i+2 >= len(ws) || r.ev.Has(m.method) {
		return false
	}
	next := &ws[i+2]
	answered := isNumber(next.text) && checks["http.response.status_code"](next.text)
	if !answered && next.lower != "by" && next.lower != "from" && next.sense.hint&(saysDenied|saysAllowed) == 0 || !m.prose.connect(r.ev, ws[i+1].text) {
		return false
	}
	r.ev.SetText(m.method, ws[i].text)
	if answered && !r.ev.Has(m.status) {
		r.ev.SetText(m.status, next.text)
	}
	if next.lower == "by" && i+4 < len(ws) && isName(&ws[i+3]) && cameFrom(ws, i+4) && !s.user.isSet(r.ev) {
		s.user.put(r, ws[i+3].text)
	}
	return true
}

// askWords are in sentences that tell of a question of DNS.
var askWords = wordSet("query queried queries lookup query[a question asked asks resolve resolving resolved resolution dns")

// asked reads a question of DNS: query ... www.example.com A IN; asked for mail.example.com MX.
func (m *gleanWide) asked(ev *event.Event, ws []word, i int) {
	if ev.Has(m.question[0]) && !ev.Has(m.question[2]) && rcodes[ws[i].text] {
		ev.SetText(m.question[2], ws[i].text)
	}
	if ws[i].lower == "query" && i > 0 && ws[i-1].lower == "dns" {
		m.askedFor(ev, ws, i+1)
	}
	if ws[i].sense.is&wordQuestion == 0 || !questionTypes[ws[i].text] || ev.Has(m.question[0]) {
		return
	}
	name := func(j int) bool {
		if j < 0 || j >= len(ws) || strings.IndexByte(ws[j].text, '.') < 0 || !isHostName(ws[j].text) || isMail(ws[j].text) {
			return false
		}
		ev.SetText(m.question[0], ws[j].text)
		ev.SetText(m.question[1], ws[i].text)
		return true
	}
	switch before := ws[i-1].lower; {
	case i+2 < len(ws) && ws[i+1].text == "IN" && name(i+2), (before == "query" || before == "lookup") && name(i+1): // query A www.example.com
		return
	case before == "in" && ws[i-1].text == "IN" && name(i-2): // as a zone has it: www.example.com IN A
		return
	}
	at := i - 1
	if ws[at].lower == "type" {
		at-- // query www.example.com type A
	}
	for j := range ws[:max(at, 0)] {
		if askWords[ws[j].lower] && name(at) {
			return
		}
	}
}

// askedFor reads the name behind DNS query: DNS query for www.example.com; DNS query: www.example.com.
func (m *gleanWide) askedFor(ev *event.Event, ws []word, at int) {
	if at < len(ws) && (ws[at].lower == "for" || ws[at].lower == "of") {
		at++
	}
	if at < len(ws) && !ev.Has(m.question[0]) && strings.IndexByte(ws[at].text, '.') > 0 && isHostName(ws[at].text) && !isAddress(ws[at].text) {
		ev.SetText(m.question[0], ws[at].text)
	}
}

// refusedRequest reads that a guard let nobody ask: query www.example.com type A from 192.0.2.1 blocked by
// policy; ann GET http://www.example.com/ BLOCKED, where the word is in capitals, since pages are called anything.
func (s *gleanStep) refusedRequest(r *run, ws []word, said hint) {
	ev := r.ev
	if ev.Has(s.typ) || ev.Has(s.cat) {
		return
	}
	switch {
	case ev.Has(s.wider.question[0]) && said.refusal():
		s.is(r, "network", "protocol", "denied")
		if !ev.Has(s.wider.protocol) {
			ev.SetText(s.wider.protocol, "dns")
		}
		if !ev.Has(s.result) {
			ev.SetText(s.result, "success")
		}
	case said&(saysDenied|saysAllowed) == saysDenied && ev.Text(s.wider.method) == "CONNECT":
		s.is(r, "web", "access", "denied")
		ev.SetText(s.result, "success") // of the guard
	case ev.Has(s.wider.method) && s.url.isSet(ev):
		for i := range ws {
			if w := &ws[i]; w.sense.hint&saysDenied != 0 && strings.ToUpper(w.text) == w.text && !w.quoted() {
				ev.Add(s.typ, "access")
				ev.Add(s.typ, "denied")
				return
			}
		}
	}
}
