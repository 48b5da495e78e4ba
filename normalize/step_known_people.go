package normalize

import "strings"

// actorObjects are those who do something, whoever else is told of; personObjects may be
// they, or the one it is done to.
var (
	actorObjects  = wordSet("actor initiator initiatedby initiatinguser performedby performer admin administrator executedby requester requestor operator actinguser author caller triggeredby modifiedby updatedby changedby")
	personObjects = wordSet("user member account person employee")
	personParts   = wordSet("email id uuid name login username displayname")
)

// otherPerson is the object of somebody to whom another did something, with the dot behind
// it: data.user. beside actor., where the two are told apart by their address, id or name.
func otherPerson(keys []vendorKey) string {
	for _, a := range keys {
		if !personParts[a.name] || !ofActor(a.parents) {
			continue
		}
		for _, k := range keys {
			if k.name == a.name && k.text != a.text && usable(k.text) && personObjects[lastParent(k.parents)] && !ofActor(k.parents) && aside(k.parents) {
				return k.parents
			}
		}
	}
	return ""
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
	if other == "" {
		return
	}
	for _, k := range keys {
		if k.parents == other && usable(k.text) {
			s.typedPart(r, "user", k.name, k.text)
		}
	}
}
