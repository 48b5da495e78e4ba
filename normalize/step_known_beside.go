package normalize

import (
	"slices"
	"strings"

	"sluice/event"
)

// besideFields are of what is told by two keys that stand side by side.
type besideFields struct {
	ranAs             event.Field // process.user.name
	user, command     target
	args              event.Field
	bytes             [2]event.Field // of the source, the destination
	request, response event.Field    // http.request.bytes, http.response.bytes
	destination       event.Field    // destination.domain
	serverName        event.Field    // tls.client.server_name
	library           [2]event.Field // dll.path, dll.name
	place             event.Field    // source.geo.location
}

// beside fills what several fields tell together.
func (s *knownStep) beside(r *run, keys []vendorKey) {
	s.numbered(r)
	s.visited(r, keys)
	s.ranBy(r)
	s.byEntry(r, keys)
	s.sentByServer(r.ev, keys)
	s.receivedBeside(r, keys)
	s.placed(r.ev, keys)
	if isNumber(r.ev.Text(s.names.protocol)) {
		r.ev.Unset(s.names.protocol) // a device's own number of an application
	}
	if ev := r.ev; ev.Has(s.method) && !ev.Has(s.what.urlHost) && isHostName(ev.Text(s.side.destination)) && strings.IndexByte(ev.Text(s.side.destination), '.') > 0 {
		ev.SetText(s.what.urlHost, ev.Text(s.side.destination)) // what a proxy was asked for
	}
	if ev := r.ev; ev.Has(s.side.command.kids[0]) && !ev.Has(s.side.args) {
		s.side.command.put(r, ev.Text(s.side.command.kids[0])) // ECS's own name of it says nothing of its parts
	}
}

// visited takes the remote end for the one that a machine's user asked for a page, where nothing else says
// who opened the connection.
func (s *knownStep) visited(r *run, keys []vendorKey) {
	from := r.ev.Text(s.source)
	if from == "" || r.ev.Has(s.target) || !visits(keys) {
		return
	}
	for _, k := range keys {
		if end, ok := endOf(k); !ok || !end.remote || end.isPort || hostOf(k.text) != from {
			continue
		}
		port := r.ev.Text(s.what.port[0])
		r.ev.Unset(s.source)
		r.ev.Unset(s.names.sides[0].address)
		r.ev.Unset(s.what.port[0])
		s.what.addr[1].put(r, from)
		if port != "" && !r.ev.Has(s.what.port[1]) {
			r.ev.SetText(s.what.port[1], port)
		}
		return
	}
}

// titleDeed is what a short title says that was done to a thing whose type another key tells, as no action
// does: "msg":"role binding changed","target":{"type":"user"}.
func titleDeed(title string, keys []vendorKey) deed {
	if title == "" || len(title) > 40 || strings.Count(title, " ") > 2 || !slices.ContainsFunc(keys, func(k vendorKey) bool { return typedBase(k) != "" }) {
		return 0
	}
	is := deedOf(title)
	if !isPast(strings.ToLower(title)) || is&(isCreation|isDeletion|isChange) == 0 || is&(isAccount|isSetting|isFile) == 0 || is&(isLogin|isLogout|isFailed) != 0 {
		return 0
	}
	return is & (isCreation | isDeletion | isChange | isAccount | isSetting | isFile)
}

// seenOnWire says of a threat that a sensor saw it between two machines, and no scanner in a file: only its
// name tells of malware, not what sort of record it is.
func (s *knownStep) seenOnWire(ev *event.Event, keys []vendorKey) bool {
	if deedOf(s.nameOf(ev))&isMalware != 0 || slices.ContainsFunc(keys, func(k vendorKey) bool { return kindKeys[k.name] && deedOf(k.text)&isMalware != 0 }) {
		return false
	}
	if !ev.Has(s.source) || !ev.Has(s.target) || ev.Has(s.what.malware) || ev.Has(s.what.path) || ev.Has(s.owner.fileName) {
		return false
	}
	return !slices.ContainsFunc(s.owner.file[:], ev.Has)
}

// numbered cuts the name from a user's number as Unix writes both: uid=1004(ann).
func (s *knownStep) numbered(r *run) {
	id := r.ev.Text(s.what.actors[2])
	if len(id) < 4 || id[len(id)-1] != ')' {
		return
	}
	num, name, ok := strings.Cut(id[:len(id)-1], "(")
	if !ok || !isNumber(num) || !s.side.user.suits(name) {
		return
	}
	r.ev.SetText(s.what.actors[2], num)
	if !r.ev.Has(s.what.actors[0]) {
		s.side.user.put(r, name)
	}
}

// ranBy takes whom a program ran as for who did it, where nobody else is named: proc.user.
func (s *knownStep) ranBy(r *run) {
	name := r.ev.Text(s.side.ranAs)
	if name == "" || !s.side.user.suits(name) {
		return
	}
	for _, f := range s.what.actors {
		if r.ev.Has(f) {
			return
		}
	}
	s.side.user.put(r, name)
	if strings.Count(name, `\`) == 1 {
		r.ev.SetText(s.side.ranAs, r.ev.Text(s.what.actors[0]))
	}
}

// entryKeys hold the entry in a directory of who did something.
var entryKeys = wordSet("user username userdn requesterdn requestordn binddn authdn actordn callerdn logindn principal principaldn actor requester initiator")

// byEntry takes who did it out of the name of an entry in a directory, where nobody else is named:
// "requesterDN":"uid=ann,ou=People,dc=example,dc=com".
func (s *knownStep) byEntry(r *run, keys []vendorKey) {
	for _, k := range keys {
		if !entryKeys[k.name] || strings.IndexByte(k.text, '=') < 0 || !own(k.parents) {
			continue
		}
		for _, f := range s.what.actors {
			if r.ev.Has(f) {
				return
			}
		}
		rdn, rest, ok := strings.Cut(k.text, ",")
		if name := entryName(rdn); name != "" && (inDirectory(rest) || !ok && strings.HasSuffix(k.name, "dn")) && s.side.user.suits(name) {
			s.side.user.put(r, name)
			return
		}
	}
}

// sentByServer gives the bytes that a server counts in its log of requests to its answer: what it sent
// came from no client. Where it is also told what was connected to, a proxy counts, and for the client.
func (s *knownStep) sentByServer(ev *event.Event, keys []vendorKey) {
	if !ev.Has(s.method) || !ev.Has(s.code) || ev.Has(s.target) || ev.Has(s.side.destination) {
		return
	}
	for _, k := range keys {
		side, to := 0, s.side.response
		switch k.name {
		case "bytessent", "bodybytessent", "sentbytes":
		case "bytesreceived", "receivedbytes":
			side, to = 1, s.side.request
		default:
			continue
		}
		if !own(k.parents) || ev.Text(s.side.bytes[side]) != k.text {
			continue
		}
		ev.Unset(s.side.bytes[side])
		if !ev.Has(to) {
			ev.SetText(to, k.text)
		}
	}
}

// receivedBeside takes what was received for bytes where what was sent stands beside it: alone it is as
// often a time.
func (s *knownStep) receivedBeside(r *run, keys []vendorKey) {
	if !r.ev.Has(s.side.bytes[0]) || r.ev.Has(s.side.bytes[1]) {
		return
	}
	for _, k := range keys {
		if k.name == "received" && isNumber(k.text) && hasKey(keys, k.parents, "sent", r.textOf(s.side.bytes[0])) {
			r.ev.SetText(s.side.bytes[1], k.text)
			return
		}
	}
}

// systemRoots are folders of Unix in which files lie and no pages.
var systemRoots = wordSet("etc usr var bin sbin lib opt root tmp boot dev proc sys")

// inSystem knows the path of a file by the folder that it begins with.
func inSystem(path string) bool {
	if path == "" || path[0] != '/' {
		return len(path) > 3 && path[1] == ':' && path[2] == '\\'
	}
	root, _, more := strings.Cut(path[1:], "/")
	return more && systemRoots[root]
}

// askerKeys name who opened a connection, for whom what is called remote is the other end.
var askerKeys = wordSet("clientip clientaddr clientaddress clientipaddress srcip srcaddr sourceip sourceaddress sourceipaddress")

// asker is the address of who opened a connection, and its port.
func asker(keys []vendorKey) (end [2]string) {
	for _, k := range keys {
		if askerKeys[k.name] && own(k.parents) && usable(k.text) && end[0] == "" {
			end[0] = k.text
		}
		if (k.name == "clientport" || k.name == "srcport" || k.name == "sourceport") && own(k.parents) {
			end[1] = k.text
		}
	}
	return end
}

// isLibrary knows the name of a library that programs load.
func isLibrary(name string) bool {
	low := strings.ToLower(name)
	for _, end := range [...]string{".dll", ".so", ".dylib", ".sys", ".ocx", ".drv", ".cpl", ".ko"} {
		if strings.HasSuffix(low, end) {
			return true
		}
	}
	return strings.Contains(low, ".so.")
}

// loaded tells that a program, or the system, loaded a library.
func (s *knownStep) loaded(ev *event.Event) bool {
	path := ev.Text(s.side.library[0])
	if path != "" && !ev.Has(s.side.library[1]) {
		ev.SetText(s.side.library[1], baseName(path))
	}
	return (path != "" || ev.Has(s.side.library[1])) && strings.Contains(strings.ToLower(ev.Text(s.action)), "load")
}
