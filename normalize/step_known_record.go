package normalize

import (
	"slices"
	"strings"

	"sluice/event"
)

// otherIDs number something that a record tells of, where it has an id of its own beside them.
var otherIDs = wordSet("recordid itemid activityid entryid")

// ownID takes the record's own id for the event's, where another key came first: "item_id":"4" beside
// "id":"7e1".
func (s *knownStep) ownID(ev *event.Event, keys []vendorKey) {
	s.ownCode(ev, keys)
	for _, taken := range keys {
		if !otherIDs[taken.name] || !own(taken.parents) || taken.text != ev.Text(s.id) {
			continue
		}
		for _, k := range keys {
			if k.name == "id" && k.parents == taken.parents && usable(k.text) && checks["event.id"](k.text) {
				ev.SetText(s.id, k.text)
				return
			}
		}
	}
}

// ownCode takes the code that says what sort of event it is, where the record's number came first:
// "eventId":"e-1" beside "eventCode":"20401".
func (s *knownStep) ownCode(ev *event.Event, keys []vendorKey) {
	for _, taken := range keys {
		if taken.name != "eventid" || !own(taken.parents) || !usable(taken.text) {
			continue
		}
		for _, k := range keys {
			if k.name == "eventcode" && k.parents == taken.parents && usable(k.text) && isCode(k.text) {
				if ev.Text(s.what.code) == taken.text {
					ev.SetText(s.what.code, k.text)
				}
				if ev.Text(s.what.code) == k.text && !ev.Has(s.id) {
					ev.SetText(s.id, taken.text)
				}
				return
			}
		}
	}
}

// deedName takes the name of what was done for the action, where the type beside it is only of what
// sort it was: "type":"USER_SETTINGS","name":"DELETE_2SV_SCRATCH_CODES"; a subtype, where nothing
// else says it.
func (s *knownStep) deedName(r *run, keys []vendorKey) {
	const did = isCreation | isDeletion | isChange
	ev := r.ev
	action := ev.Text(s.action)
	if deedOf(action)&done != 0 {
		return
	}
	for _, k := range keys {
		if !own(k.parents) || len(k.text) > 64 || strings.IndexByte(k.text, ' ') >= 0 {
			continue
		}
		is := deedOf(k.text)
		sort := k.name == "name" && is&did != 0 && hasKey(keys, k.parents, "type", action)
		if sort || action == "" && subKinds[k.name] && is&(did|isLogin|isLogout) != 0 {
			ev.SetText(s.action, k.text)
			return
		}
	}
	title := ev.Text(s.what.title)
	if title == "" || strings.IndexByte(title, '=') >= 0 {
		title = front(r.text)
	}
	if action == "" && s.what.name == event.None && len(title) < 40 && strings.Count(title, " ") < 3 && slices.ContainsFunc(s.what.actors[:], ev.Has) {
		if is := deedOf(title); is&did != 0 && nothingElse(title) && is&(isAccount|isSetting|isFile) != 0 && is&(isLogin|isLogout) == 0 {
			ev.SetText(s.action, title) // "msg":"user deleted","actor":"ann"
		}
	}
}

// nothingElse says of a text of a few words that all of them, behind what tells who writes, are such as
// the names of actions have: api: user deleted; and not deleted user bob.
func nothingElse(text string) bool {
	if _, behind, ok := strings.Cut(text, ": "); ok {
		text = behind
	}
	for word := range strings.FieldsSeq(text) {
		if deedOf(word) == 0 {
			return false
		}
	}
	return true
}

// subKinds tell what happened, of all that is of a sort.
var subKinds = wordSet("subtype subcategory eventsubtype eventsubcategory")

// hasKey says whether a key of that name below these parents has that text.
func hasKey(keys []vendorKey, parents, name, text string) bool {
	for _, k := range keys {
		if k.name == name && k.parents == parents && k.text == text {
			return true
		}
	}
	return false
}

// argumentLists are what records call the list of what an action was done with.
var argumentLists = wordSet("parameters params arguments details detail changes")

// ofSomebody says whether an argument of that name names a person.
func ofSomebody(name string) bool {
	var buf [maxKnown]byte
	plain := plainKey(buf[:0], name)
	return otherEmails[string(plain)] || flatPeople[string(plain)] || string(plain) == "userid"
}

// arguments takes the one to whom somebody else did something from a list of pairs: beside an actor's
// address, "parameters":[{"name":"USER_EMAIL","value":"bob@example.com"}].
func (s *knownStep) arguments(r *run, keys []vendorKey) {
	actor := r.ev.Text(s.what.actors[1])
	if actor == "" || r.ev.Has(s.object.email) || r.ev.Has(s.object.userName) {
		return
	}
	for _, k := range keys {
		if !argumentLists[k.name] || !own(k.parents) || !strings.HasPrefix(k.text, "[{") {
			continue
		}
		things(k.text, func(_ string, plain map[string]string) {
			var buf [maxKnown]byte
			value := plain["value"]
			name := plainKey(buf[:0], plain["name"]+plain["key"])
			switch mail := isMail(value); {
			case !usable(value) || strings.EqualFold(value, actor):
			case otherEmails[string(name)] && mail:
				s.typedPart(r, "user", "email", r.ev.Own([]byte(value)))
			case flatPeople[string(name)] && !mail:
				s.typedPart(r, "user", "name", r.ev.Own([]byte(value)))
			}
		})
	}
}

// askedDomain takes the domain beside a request for the one that was asked for, and for no user's:
// "method":"GET","domain":"www.example.com".
func (s *knownStep) askedDomain(ev *event.Event, keys []vendorKey) {
	for _, k := range keys {
		if k.name != "domain" || !own(k.parents) || strings.IndexByte(k.text, '.') < 1 || !isHostName(k.text) {
			continue
		}
		if ev.Text(s.names.domain) == k.text {
			ev.Unset(s.names.domain)
		}
		if !ev.Has(s.what.urlHost) {
			ev.SetText(s.what.urlHost, k.text)
		}
		return
	}
}

// himself takes a user for the one who logs in whom a log-in says that it was done to.
func (s *knownStep) himself(ev *event.Event) {
	id := ev.Text(s.object.id)
	if id == "" || ev.Text(s.category) != "authentication" || ev.Has(s.object.userName) || ev.Has(s.object.email) || ev.Has(s.object.full) {
		return
	}
	switch ev.Text(s.what.actors[2]) {
	case "":
		ev.SetText(s.what.actors[2], id)
	case id:
	default:
		return
	}
	ev.Unset(s.object.id)
}

// minFront is how many keys must have the same word in front to tell that it is the device's.
const minFront = 3

// fronts are words that say something where they stand in front of a key.
var fronts = wordSet("src source dst dest destination client server host event alert http dns tls ssl net network first last old new prev total max min avg num is has orig resp in out from to parent login auth session mail email url threat log cloud aws azure gcp target remote local original final previous")

// front is what a device puts in front of most of its keys, with the mark behind it: acme_src_ip,
// acme_user.
func (s *knownStep) front(keys []vendorKey) string {
	front, lead := "", 0 // what more than half have is what a vote leaves
	for _, k := range keys {
		switch own := frontOf(k.key); {
		case lead == 0:
			front, lead = own, 1
		case own == front:
			lead++
		default:
			lead--
		}
	}
	if front == "" {
		return ""
	}
	n := 0
	for _, k := range keys {
		if frontOf(k.key) == front {
			n++
		}
	}
	word := strings.ToLower(front[:len(front)-1])
	if n < minFront || 2*n <= len(keys) || fronts[word] || s.names.object([]byte(word)) != "" || neutralParents[word] || deedOf(word) != 0 {
		return ""
	}
	return front
}

// frontOf is the first word of a key with the mark behind it, if it is as long as a device's may be.
func frontOf(key string) string {
	mark := strings.IndexByte(key, '_')
	if mark < 2 || mark > 8 {
		return ""
	}
	return key[:mark+1]
}

// means is what a key means, or what stands behind the word that all have in front.
func (s *knownStep) means(r *run, key, front string) *meaning {
	m := r.meaning(s.names, key)
	if front != "" && m.fields == nil && m.part == nil && m.wide == nil && m.ecs == event.None {
		if short, ok := strings.CutPrefix(key, front); ok && short != "" {
			return r.meaning(s.names, short)
		}
	}
	return m
}

// behind gives keys the names that stand behind the word that all have in front.
func behind(r *run, keys []vendorKey, front string) {
	var buf [2 * maxKnown]byte
	for i := range keys {
		if short, ok := strings.CutPrefix(keys[i].key, front); ok && short != "" && strings.IndexByte(short, '.') < 0 {
			keys[i].name = r.ev.Own(plainKey(buf[:0], short))
		}
	}
}
