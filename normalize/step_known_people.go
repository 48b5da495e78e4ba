package normalize

import (
	"slices"
	"strings"

	"sluice/event"
)

// actorObjects are those who do something, whoever else is told of; personObjects may be
// they, or the one it is done to.
var (
	actorObjects  = wordSet("by actor initiator initiatedby initiatinguser performedby performer admin administrator executedby requester requestor operator actinguser author caller triggeredby modifiedby updatedby changedby modifiedbyuser updatedbyuser changedbyuser deletedbyuser performedbyuser actormetadata")
	personObjects = wordSet("user member account person employee")
	mailObjects   = union(personObjects, wordSet("subject grantee invitee")) // with an address
	personParts   = wordSet("email id uuid name login username displayname")
	// detailObjects are no person, and may say of whom the action was; actorEmails say who did it.
	detailObjects = wordSet("data eventdata details detail metadata meta traits payload parameters params changes properties attributes extra")
	actorEmails   = wordSet("actoremail initiatoremail performedbyemail adminemail actoruseremail actoremailaddress")
	otherEmails   = wordSet("email useremail memberemail inviteeemail targetemail") // among the details
	ofPerson      = wordSet("email name login username displayname fullname firstname lastname role roles rolename userid useremail")
)

// otherPerson is the object of somebody to whom another did something, with the dot behind
// it: data.user. beside actor., where the two are told apart by their address, id or name.
func otherPerson(keys []vendorKey) string {
	for _, a := range keys {
		part := a.name
		if actorEmails[part] && isMail(a.text) {
			part = "email"
		} else if !personParts[part] || !ofActor(a.parents) {
			continue
		}
		for _, k := range keys {
			if k.name != part || k.text == a.text || !usable(k.text) || ofActor(k.parents) || !aside(k.parents) {
				continue
			}
			if last := lastParent(k.parents); personObjects[last] || mailObjects[last] && isMail(k.text) {
				return k.parents
			}
		}
	}
	return ""
}

// flatActors are keys that name who did something to somebody.
var flatActors = wordSet("by actor actorname actorusername actoremail performedby performedbyname admin adminname adminuser adminusername adminemail initiator initiatorname initiatedby changedby deletedby addedby removedby operator operatorname operatedby executedby requestedby doneby")

// flatPeople are keys that may name whom it was done to.
var flatPeople = wordSet("user username useremail member membername employee")

// besidesActor is the object, with the dot behind it, or the key of somebody to whose account
// something was done by another whom a key of his own names: "user":"bob","by":"ann".
func besidesActor(keys []vendorKey) string {
	actor := slices.IndexFunc(keys, func(k vendorKey) bool {
		return flatActors[k.name] && own(k.parents) && usable(k.text) && strings.IndexByte("[{", k.text[0]) < 0 && !isNumber(k.text) && !isSwitch(k.text)
	})
	if actor < 0 || !slices.ContainsFunc(keys, func(k vendorKey) bool {
		is := deedOf(k.text)
		return (kindKeys[k.name] || k.name == "action" || (k.name == "msg" || k.name == "message") && len(k.text) < 40) && own(k.parents) && is&isAccount != 0 && is&(isCreation|isDeletion|isChange) != 0 && is&(isLogin|isLogout) == 0
	}) {
		return ""
	}
	other, name := "", keys[actor].text
	for _, k := range keys {
		object := personParts[k.name] && personObjects[lastParent(k.parents)] && lastParent(k.parents) != "account" && aside(k.parents)
		if !object && !(flatPeople[k.name] && own(k.parents)) {
			continue
		}
		if strings.EqualFold(k.text, name) {
			return "" // he did it to himself
		}
		if object && usable(k.text) {
			other = k.parents
		} else if usable(k.text) && other == "" {
			other = k.key
		}
	}
	return other
}

// inDetails is the object of details that tells of somebody else than the actor by another
// address: actor.email is ann's, data.email bob's. What else it holds is the event's own.
func inDetails(keys []vendorKey) string {
	for _, a := range keys {
		if !isMail(a.text) || !actorEmails[a.name] && !(a.name == "email" && ofActor(a.parents)) && !(a.name == "useremail" && a.parents == "") {
			continue
		}
		for _, k := range keys {
			if otherEmails[k.name] && isMail(k.text) && k.text != a.text && detailObjects[lastParent(k.parents)] && k.parents != a.parents && !ofActor(k.parents) {
				return k.parents
			}
		}
	}
	return ""
}

// others says whether a key is of another person than the one who acts; a role that stands
// alone is the one's to whom it was given.
func others(key, person, details string) bool {
	if (person != "" || details != "") && (key == "role" || key == "roles") {
		return true
	}
	if person != "" && strings.HasPrefix(key, person) && (len(key) == len(person) || person[len(person)-1] == '.') {
		return true
	}
	if details == "" || !strings.HasPrefix(key, details) {
		return false
	}
	var buf [maxKnown]byte
	return ofPerson[string(plainKey(buf[:0], key[len(details):]))]
}

// ofCompany says whether a key is the name of the account that an actor's company has: beside
// an actor, accountName is nobody's login.
func ofCompany(keys []vendorKey) string {
	for _, k := range keys {
		if k.name != "accountname" || !own(k.parents) || ofActor(k.parents) {
			continue
		}
		for _, a := range keys {
			if personParts[a.name] && ofActor(a.parents) && usable(a.text) {
				return k.key
			}
		}
	}
	return ""
}

// comparisons are what an operator is that compares: "operator":"GreaterThan".
var comparisons = wordSet(`greaterthan greaterorequal greaterthanorequal greaterthanorequalto lessthan lessorequal lessthanorequal lessthanorequalto equals equal notequal notequals contains notcontains in notin isin between like
	notlike matches notmatches regex startswith endswith exists and or not xor gt lt gte lte ge le eq ne neq`)

// isNobody says of a text under a key that it is no person's name, whatever the key is called: an operator that
// compares, the number of an identity.
func isNobody(key, text string) bool {
	_, last := cutKey(key)
	if len(last) < 5 || len(last) > 9 {
		return false
	}
	var buf [maxKnown]byte
	switch string(plainKey(buf[:0], last)) {
	case "operator":
		var low [maxKnown]byte
		return comparisons[string(plainKey(low[:0], text))]
	case "identity", "actor", "principal", "initiator":
		return isNumber(text)
	case "reporter":
		return strings.EqualFold(text, "src") || strings.EqualFold(text, "dest")
	}
	return false
}

// actorSorts are what an actor is, where the key holds no name: "actor":"user".
var actorSorts = wordSet("user identity service machine platform member apikey")

// ofSort is the key that says of what sort the actor is.
func ofSort(keys []vendorKey) string {
	for _, k := range keys {
		if k.name == "actor" && own(k.parents) && actorSorts[strings.ToLower(k.text)] {
			return k.key
		}
	}
	return ""
}

// isPayer says of the object that it is whoever pays for all this: an account is somebody only
// where something was done to accounts.
func isPayer(object string, keys []vendorKey) bool {
	return lastParent(object) == "account" && !slices.ContainsFunc(keys, func(k vendorKey) bool {
		return (kindKeys[k.name] || k.name == "action" || k.name == "event") && own(k.parents) && deedOf(k.text)&isAccount != 0
	})
}

// ofActor says whether one of the parents is somebody who acts.
func ofActor(parents string) bool {
	var buf [maxKnown]byte
	for parent := range strings.SplitSeq(strings.TrimSuffix(parents, "."), ".") {
		if actorObjects[string(plainKey(buf[:0], parent))] {
			return true
		}
	}
	return false
}

// aside says whether above the last of the parents there is nothing but the event itself.
func aside(parents string) bool {
	above, _ := cutKey(strings.TrimSuffix(parents, "."))
	return own(above)
}

// doneTo stores what is told of the one to whom something was done.
func (s *knownStep) doneTo(r *run, keys []vendorKey, other string) {
	if other == "" || isPayer(other, keys) {
		return
	}
	for _, k := range keys {
		if k.key == other {
			s.typedPart(r, "user", "name", k.text)
		}
		if k.parents == other && usable(k.text) && (!detailObjects[lastParent(other)] || otherEmails[k.name]) {
			part := k.name
			if otherEmails[part] {
				part = "email"
			}
			s.typedPart(r, "user", part, k.text)
		}
	}
}

// sameMail takes the id of a user for an address where it is one.
func (s *knownStep) sameMail(ev *event.Event) {
	if id := ev.Text(s.what.actors[2]); isMail(id) && !ev.Has(s.what.actors[1]) {
		ev.SetText(s.what.actors[1], id)
	}
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

// granted says of an action that it gave somebody a role or a right.
func granted(action string) bool {
	if len(action) > 64 {
		return false
	}
	low := strings.ToLower(action)
	return strings.Contains(low, "grant") && (strings.Contains(low, "role") || strings.Contains(low, "permission") || strings.Contains(low, "privilege"))
}

// keyOf are words before a key that lets somebody in.
var keyOf = wordSet("api access ssh public")

// isSecondFactor says of an action that somebody was asked for a second proof of who he is:
// mfa.challenge.denied, OTP verified.
func isSecondFactor(action string) bool {
	low := strings.ToLower(action)
	asked := strings.Contains(low, "challenge") || strings.Contains(low, "verif") || strings.Contains(low, "validat") || strings.Contains(low, "push")
	return len(action) < 64 && asked && slices.ContainsFunc([]string{"mfa", "2fa", "otp", "factor"}, func(w string) bool { return strings.Contains(low, w) })
}

// sameName takes the id of a user for his name where it is a word, and no other key names him:
// what is called userid on many devices is what he logs in with.
func (s *knownStep) sameName(ev *event.Event, keys []vendorKey) {
	if slices.ContainsFunc(s.what.actors[:2], ev.Has) || ev.Has(s.what.actors[3]) {
		return
	}
	id := ev.Text(s.what.actors[2])
	if len(id) < 3 || strings.Trim(id, "abcdefghijklmnopqrstuvwxyz.-") != "" {
		return
	}
	if slices.ContainsFunc(keys, func(k vendorKey) bool { return k.name == "userid" && own(k.parents) && k.text == id }) {
		ev.SetText(s.what.actors[0], id)
	}
}

// memberWords are what the names of actions call a group, and userWords a person.
var (
	memberWords = [...]string{"group", "member"}
	userWords   = [...]string{"user", "account", "password", "employee", "person"}
)

// whoseAccount says of a deed done to an account whether that is a group's or a user's, as
// event.type does; "": neither the action nor the target tells.
func (s *knownStep) whoseAccount(ev *event.Event) string {
	low := strings.ToLower(s.nameOf(ev))
	if strings.Contains(low, "role") && ev.Has(s.object.userName) {
		return "user" // a member's role
	}
	for _, w := range memberWords {
		if strings.Contains(low, w) {
			return "group"
		}
	}
	for _, w := range userWords {
		if strings.Contains(low, w) {
			return "user"
		}
	}
	return ""
}
