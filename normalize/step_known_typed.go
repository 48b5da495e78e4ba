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
func (s *knownStep) typed(r *run) {
	ev := r.ev
	var buf, other [maxKnown]byte
	for key, text := range ev.Vendor {
		base, parent := typedBase(buf[:0], key)
		if base == "" || len(text) > 64 {
			continue
		}
		is := strings.ToLower(text)
		for k, value := range ev.Vendor {
			if !usable(value) || strings.IndexByte("{[", value[0]) >= 0 || !strings.HasPrefix(k, parent) || strings.IndexByte(k[len(parent):], '.') >= 0 {
				continue
			}
			part := string(plainKey(other[:0], k[len(parent):]))
			if !strings.HasSuffix(parent, ".") || !typedObjects[lastPlain(buf[:0], parent)] {
				var of bool
				if part, of = strings.CutPrefix(part, base); !of {
					continue // the record's own id, or somebody else's
				}
			}
			s.typedPart(r, is, part, value)
		}
		return
	}
}

// ofAccount says whether what something was done to is called a user, a role or a group.
func (s *knownStep) ofAccount(ev *event.Event) bool {
	var buf [maxKnown]byte
	for key, text := range ev.Vendor {
		if len(text) > 24 || text == "" || deedOf(text)&isAccount == 0 {
			continue
		}
		dot := strings.LastIndexByte(key, '.')
		last := string(plainKey(buf[:0], key[dot+1:]))
		if base, isType := strings.CutSuffix(last, "type"); isType && base == "" {
			last = lastPlain(buf[:0], key[:dot+1])
		} else {
			last = base
		}
		if typedObjects[last] {
			return true
		}
	}
	return false
}

// typedBase is the object that a key tells the type of, and what its other keys begin with:
// of target.type they are target and "target.", of data.target_type target and "data.".
func typedBase(buf []byte, key string) (base, parent string) {
	dot := strings.LastIndexByte(key, '.')
	last := string(plainKey(buf, key[dot+1:]))
	base, isType := strings.CutSuffix(last, "type")
	if !isType {
		return "", ""
	}
	parent = key[:dot+1]
	if base == "" && dot > 0 {
		base = lastPlain(buf, parent)
	}
	if !typedObjects[base] {
		return "", ""
	}
	return base, parent
}

// lastPlain is the last of parents, without case and separators.
func lastPlain(buf []byte, parents string) string {
	parents = strings.TrimSuffix(parents, ".")
	return string(plainKey(buf, parents[strings.LastIndexByte(parents, '.')+1:]))
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
		put(s.owner.fileName)
	}
}
