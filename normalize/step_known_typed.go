package normalize

import (
	"strings"

	"sluice/event"
)

// typedFields are of what an action was done to, where a key says what it is.
type typedFields struct {
	user            target // user.target
	full, email, id event.Field
	group, groupID  event.Field
	userName        event.Field
}

// typedObjects are what records call the thing that something was done to.
var typedObjects = wordSet(`target targetobject resource object entity item affectedobject affectedresource auditedobject`)

// typed takes the name of an object whose type is told: target.type is user, resource_type
// is file.
func (s *knownStep) typed(r *run, keys []vendorKey) {
	for _, k := range keys {
		base := typedBase(k)
		if base == "" || len(k.text) > 64 {
			continue
		}
		is, inObject := strings.ToLower(k.text), typedObjects[lastParent(k.parents)]
		for _, other := range keys {
			if other.parents != k.parents || !usable(other.text) || strings.IndexByte("{[", other.text[0]) >= 0 {
				continue
			}
			part, of := strings.CutPrefix(other.name, base)
			if inObject {
				part, of = other.name, true
			}
			if of { // and not the record's own id, or somebody else's
				s.typedPart(r, is, part, other.text)
			}
		}
		return
	}
	for _, k := range keys {
		if typedLists[k.name] && neutral(k.parents) && strings.HasPrefix(k.text, "[{") {
			s.typedList(r, k.text)
		}
	}
	s.whom(r, keys)
}

// typedLists are what records call all the things that something was done to.
var typedLists = wordSet("targets target targetresources targetobjects resources objects items entities affectedobjects affectedresources modifiedobjects")

// typedList reads a list of such things, each with its type: "targets":[{"type":"User","name":"bob"},
// {"type":"Group","name":"staff"}].
func (s *knownStep) typedList(r *run, text string) {
	things(text, func(sort string, plain map[string]string) {
		if upn := plain["userprincipalname"]; isMail(upn) && plain["email"] == "" {
			plain["email"] = upn
		}
		for _, part := range []string{"email", "id", "login", "username", "name", "displayname", "label", "title"} {
			if value := plain[part]; usable(value) && len(sort) <= 64 {
				s.typedPart(r, strings.ToLower(sort), part, r.ev.Own([]byte(value)))
			}
		}
	})
}

// whomKeys name what something was done to.
var whomKeys = wordSet("target targetname object objectname entity entityname")

// whom takes the one to whose account something was done, where the action says that it was
// a user's: action=USER_DELETED target=bob.
func (s *knownStep) whom(r *run, keys []vendorKey) {
	if r.ev.Has(s.object.userName) || r.ev.Text(s.category) != "iam" {
		return
	}
	user := ofUser(r.ev.Text(s.action))
	for _, k := range keys {
		name, named := cutUser(k.text)
		if whomKeys[k.name] && own(k.parents) && usable(k.text) && (user || named || isMail(k.text)) && s.object.user.suits(k.text) && !isFullName(k.text) {
			s.object.user.put(r, name)
			return
		}
	}
}

// ofUser says of an action that it was done to a user, and to no group.
func ofUser(action string) bool {
	low := strings.ToLower(action)
	return (strings.Contains(low, "user") || strings.Contains(low, "account") || strings.HasPrefix(low, "password") && !strings.Contains(low, "policy")) && !strings.Contains(low, "group") && !strings.Contains(low, "role")
}

// ofAccount says whether what something was done to is called a user, a role or a group.
func ofAccount(keys []vendorKey) bool {
	for _, k := range keys {
		if len(k.text) <= 24 && (typedObjects[k.name] || typedBase(k) != "") && deedOf(k.text)&isAccount != 0 {
			return true
		}
	}
	return false
}

// ofSetting says of what something was done to that it is a rule, a policy or a setting, and nobody's:
// object="firewall rule 12".
func ofSetting(keys []vendorKey) bool {
	for _, k := range keys {
		if typedObjects[k.name] && own(k.parents) && len(k.text) <= 64 {
			if is := deedOf(k.text); is&isSetting != 0 && is&isAccount == 0 {
				return true
			}
		}
	}
	return false
}

// typedBase is the object that a key tells the type of: target for target.type and for
// data.target_type.
func typedBase(k vendorKey) string {
	base, isType := strings.CutSuffix(k.name, "type")
	if isType && base == "" {
		base = lastParent(k.parents)
	}
	if !isType || !typedObjects[base] {
		return ""
	}
	return base
}

// lastParent is the last of parents, without case and separators.
func lastParent(parents string) string {
	_, last := cutKey(strings.TrimSuffix(parents, "."))
	var buf [maxKnown]byte
	return string(plainKey(buf[:0], last))
}

// typedPart stores a key of an object of that type.
func (s *knownStep) typedPart(r *run, is, part, value string) {
	ev, f := r.ev, &s.object
	put := func(f event.Field) {
		if !ev.Has(f) {
			ev.SetText(f, value)
		}
	}
	holds := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(is, w) {
				return true
			}
		}
		return false
	}
	switch name := part == "name" || part == "displayname" || part == "label" || part == "title"; {
	case holds("group", "team"):
		switch {
		case name:
			put(f.group)
		case part == "id":
			put(f.groupID)
		}
	case holds("user", "account", "member", "person", "employee"):
		switch {
		case (name || part == "login" || part == "username") && isFullName(value):
			put(f.full)
		case (name || part == "login" || part == "username") && !ev.Has(f.userName) && f.user.suits(value):
			f.user.put(r, value)
		case part == "email" && isMail(value):
			put(f.email)
		case part == "id":
			put(f.id)
		}
	case holds("file", "document", "attachment", "spreadsheet") && name && !holds("profile"):
		if s.file.suits(value) && !strings.Contains(value, "://") && !s.file.isSet(ev) && !ev.Has(s.owner.fileName) {
			s.file.put(r, value)
			return
		}
		put(s.owner.fileName)
	}
}
