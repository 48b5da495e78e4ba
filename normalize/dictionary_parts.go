package normalize

import "strings"

// pair is a key and its text.
type pair struct{ key, text string }

// unfilled is a key that waits for others; key: "": it was filled then.
type unfilled struct {
	pair
	means *meaning
}

// longObjects are objects of ECS with names of two parts.
var longObjects = []string{"process.parent", "user.target", "http.request", "http.response"}

// near says whether what stands below these parents is the event's own, or a part of an
// object that the dictionary knows.
func (d *dictionary) near(parents string) bool {
	var buf [maxKnown]byte
	for parents != "" {
		dot := strings.IndexByte(parents, '.')
		if dot < 0 {
			return false
		}
		p := plainKey(buf[:0], parents[:dot])
		if !isNeutral(p) && !clientParents[string(p)] && d.object(p) == "" {
			return false
		}
		parents = parents[dot+1:]
	}
	return true
}

// rest fills what the keys of the event left: by keys of objects, the less deep ones first;
// with wide also by those of lists, and by what a key of the event itself may mean.
func (d *dictionary) rest(r *run, later []unfilled, wide bool) {
	for depth := 0; depth <= maxParents; depth++ {
		for i := range later {
			p := &later[i]
			if p.key == "" || p.means.dots != depth && (p.means.dots < maxParents || depth < maxParents) {
				continue
			}
			if d.fillAs(r, p.means, p.text, true) || d.part(r, p.means, p.text) {
				p.key = ""
			}
		}
	}
	if wide {
		d.loosely(r, later)
	}
}

// loosely fills what is left by what a key of the event itself may mean, and by the keys of
// the first objects of lists.
func (d *dictionary) loosely(r *run, later []unfilled) {
	for depth := range 3 {
		for _, p := range later {
			if strings.HasPrefix(p.text, "[{") {
				if depth == 0 {
					d.firstOf(r, p.key, p.text)
				}
				continue
			}
			if p.key != "" && p.means.dots == depth {
				d.widely(r, p.means, p.text)
			}
		}
	}
}

// done are the deeds that make a name that of an action.
const done = isLogin | isLogout | isFailed | isFine | isAllowed | isDenied | isCreation | isDeletion | isChange | isAccess | isMalware

// widely is fillOne for a key of wide: a path is one of a request, or one of a file.
func (d *dictionary) widely(r *run, m *meaning, text string) {
	_, last := cutKey(m.key)
	last, _ = untyped(last)
	as, name := m.wide, last == "name" || last == "kind" || last == "status" || last == "method" || last == "change" || last == "command"
	for i, a := range as {
		if (a.field == d.domain || a.field == d.full) && a.kind == vPlain && !r.ev.Has(d.user) && !r.ev.Has(d.email) {
			continue // whose it is nobody says
		}
		if did := deedOf(text); a.field == d.action && name && (did&done == 0 || did&done == isFailed && checks["dns.question.name"](text) || last == "status" && (did&^isBefore == isAccess || lifecycle[strings.ToLower(text)])) {
			continue // anything has a name
		}
		if a.field == d.action && last == "disposition" && deedOf(text)&done == 0 && !guardWords[strings.ToLower(text)] {
			continue // what somebody thinks of it
		}
		if a.field == d.action && (recordWords[text] || last == "class" && strings.Count(text, ".") > 1) {
			continue // com.example.Auth is a program's
		}
		if a.field == d.action && (last == "@type" || last == "@class") && (strings.IndexByte(text, '.') >= 0 || deedOf(text)&done == 0) {
			continue // what a program calls the record; an attribute of XML may say what happened
		}
		if a.object == "observer" && (!r.ev.Has(d.sides[0].ip) || !r.ev.Has(d.sides[1].ip) || isNumber(text) || len(text) > 32) {
			continue // in and out of what: an interface is told of a connection
		}
		if last == "target" && !isWholePath(text) && !inSystem(text) {
			continue
		}
		if a.object == "url" && !r.ev.Has(d.method) || a.object == "file" && (r.ev.Has(d.method) || r.ev.Has(d.status) || strings.HasSuffix(text, "/")) {
			continue
		}
		if a.object == "file" && r.ev.Has(d.sides[0].ip) && strings.Count(text, "/") < 3 && !hasExtension(text) && strings.IndexByte(text, '\\') < 0 && deedOf(r.ev.Text(d.action))&(isFile|isCreation|isDeletion|isChange|isAccess) == 0 {
			continue // /settings may be a page's as well
		}
		if a.field == d.bytes && !r.ev.Has(d.sides[0].address) && !r.ev.Has(d.sides[0].ip) && !r.ev.Has(d.sides[1].ip) && !r.ev.Has(d.method) {
			continue // of a backup
		}
		if a.field == d.size && !r.ev.Has(d.file) || a.field == d.application && !(r.ev.Has(d.sides[0].ip) && r.ev.Has(d.sides[1].ip)) {
			continue // of what, nobody says
		}
		if a.kind == vUser && nobodies[strings.ToLower(text)] {
			continue
		}
		if d.fillOne(r, as[i:i+1], text, "", false) {
			return
		}
	}
}

// recordWords are what types call any record.
var recordWords = wordSet("event Event EVENT log Log LOG record message traffic utm UTM audit AUDIT audit_log auditlog AuditLog activity_log system SYSTEM syslog Syslog SYSLOG syslogs logs Logs LOGS eventlog wineventlog journald")

// ownParents hold the event itself, and nobody who took part in it.
var ownParents = wordSet(`event events sd what data json payload jsonpayload alert record log audit detail eventheader eventbody details properties item body info content incident finding metadata eventdata winlog attributes`)

// secondKeys say what others say better: what sort of event it is, where another key names
// the action; a path, where another holds the address; the
// host that reported, where another names the one that it was.
var secondKeys = wordSet(`dvchost attack from to login account accountname event eventname eventtype logtype uri requesturi activitytype eventtypename auditeventtype opname
	createdat created createtime creationtime createddate creationdate createdtime createddatetime rcode verdict createdby updatedby author invitedby assignedby editedby revokedby disabledby enabledby sharedby movedby renamedby exportedby downloadedby viewedby accessedby openedby restoredby archivedby reporter reportedby urls initiatingprocessid initiatingprocessfilename initiatingprocessfolderpath initiatingprocesscommandline starttime startedat receivedtime receivedat receivetimestamp timereceived eventreceivedtime logtime logtimestamp detectiondate detectiontime epoch insertedat published publishedat date`)

// maxParents is how many parents a key has that goes before others; deeper ones are equal.
const maxParents = 6

// part fills the field of an object that a key's parent names.
func (d *dictionary) part(r *run, m *meaning, text string) bool {
	return m.part != nil && d.fillOne(r, m.part, text, "", false)
}

// object is what a parent is called in ECS, in the plural too: a list of devices.
func (d *dictionary) object(plain []byte) string {
	o := d.objects[string(plain)]
	if n := len(plain) - 1; o == "" && n > 2 && plain[n] == 's' {
		o = d.objects[string(plain[:n])]
	}
	return o
}

// usable says whether a text may be a value.
func usable(text string) bool {
	return !isBlank(text) && len(text) <= 1024 && !isNothing(text)
}

// firstOf fills fields by the first object of a list, or by all pairs of a list of pairs.
func (d *dictionary) firstOf(r *run, key, text string) {
	if entityLists[lastParent(key)] {
		entities(text, func(as, value string) {
			if m := r.meaning(d, as); usable(value) {
				d.fillAs(r, m, r.ev.Own([]byte(value)), false)
			}
		})
	}
	arguments := argumentLists[lastParent(key)] && r.ev.Has(d.email)
	firstObject(text, func(path, value string) {
		whole := r.ev.Own([]byte(key + "." + path))
		value = r.ev.Own([]byte(value))
		if arguments && ofSomebody(path) {
			return // beside the address of who did it, the one it was done to
		}
		if m := r.meaning(d, whole); usable(value) && !d.fillAs(r, m, value, false) && !d.fillAs(r, m, value, true) {
			d.part(r, m, value)
		}
	})
}
