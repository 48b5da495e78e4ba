package normalize

import (
	"slices"
	"strings"

	"sluice/event"
)

// whoseFields are those of the machine that an event is about, of the one that sent it, and
// of hashes.
type whoseFields struct {
	host, hostname, sender event.Field
	process, parent, file  [3]event.Field // hashes
	fileName               event.Field
	osType                 event.Field
	hostIP, mac            event.Field
	station                target         // source.mac
	reporter               event.Field    // its serial number
	plugged                [3]event.Field // of a device: vendor, product, serial number
	os                     [3]event.Field // names of the machine's system
	maker                  [2]event.Field // vendor and product of the one who reports
	made                   [2]event.Field // of a device: its maker and model
}

// endpointKeys name the machine that an event is about, whoever reports it; hostKeys may
// name the one that was asked for as well.
var (
	endpointKeys = wordSet(`endpointname computername machinename workstationname workstation agenthostname devicehostname computer pc pcname endpoint endpointhostname clientcomputername affectedhost`)
	hostKeys     = wordSet(`host hostname`)
	deviceKeys   = wordSet(`device devicename devicehost`)
)

// endpoint names the machine that an event is about, where the header has the one that
// reported it.
func (s *knownStep) endpoint(ev *event.Event, keys []vendorKey) {
	w := &s.owner
	s.hostNamed(ev, keys)
	sender := ev.Text(w.sender)
	if sender == "" || ev.Text(w.host) != sender {
		return
	}
	ofUser := slices.ContainsFunc(s.what.actors[:], ev.Has) && !(ev.Has(s.source) && ev.Has(s.target))
	onHost := ev.Has(s.what.program) || ev.Has(s.what.path) || ev.Has(s.what.hole) && !ev.Has(s.target)
	for _, k := range keys {
		named := endpointKeys[k.name] || onHost && hostKeys[k.name] || ofUser && deviceKeys[k.name]
		if named && usable(k.text) && own(k.parents) && checks["host.name"](k.text) && !(deviceKeys[k.name] && strings.IndexByte(k.text, ' ') > 0) { // LaserJet M608
			ev.SetText(w.host, k.text)
			ev.SetText(w.hostname, k.text)
			s.hostNamed(ev, keys)
			return
		}
	}
}

// hostNamed gives a machine that is called by its address the name beside it.
func (s *knownStep) hostNamed(ev *event.Event, keys []vendorKey) {
	w := &s.owner
	addr := ev.Text(w.host)
	if !isAddress(addr) || addr == ev.Text(w.sender) {
		return
	}
	if ev.Has(s.what.hole) && !ev.Has(w.hostIP) {
		ev.Add(w.hostIP, addr) // the machine that it was found on
	}
	for _, k := range keys {
		if (hostKeys[k.name] || endpointKeys[k.name] || k.name == "fqdn" || k.name == "dnsname") && own(k.parents) && usable(k.text) && !isAddress(k.text) && checks["host.name"](k.text) {
			ev.SetText(w.host, k.text)
			ev.SetText(w.hostname, k.text)
			if !ev.Has(w.hostIP) {
				ev.Add(w.hostIP, addr)
			}
			return
		}
	}
}

// hashes gives a program the hash that stands alone beside it.
func (s *knownStep) hashes(ev *event.Event) {
	w := &s.owner
	if !ev.Has(s.what.program) || ev.Has(s.what.path) || ev.Has(w.fileName) {
		return
	}
	for i, f := range w.file {
		if ev.Has(f) && !ev.Has(w.process[i]) {
			ev.SetText(w.process[i], ev.Text(f))
		}
	}
}

// localKeys are what a machine calls its own end of a connection, and the other.
var localKeys = map[string]struct {
	remote, isPort bool
}{
	"localip": {}, "localaddress": {}, "localaddr": {}, "localipaddress": {}, "localport": {isPort: true},
	"laddr": {}, "lport": {isPort: true}, "raddr": {remote: true}, "rport": {remote: true, isPort: true},
	"localaddressip": {}, "remoteaddressip": {remote: true},
	"remoteip": {remote: true}, "remotehostip": {remote: true}, "remoteaddress": {remote: true}, "remoteaddr": {remote: true}, "remoteipaddress": {remote: true}, "remoteport": {remote: true, isPort: true},
}

// endOf says which end a key tells of: local_ip, or ip below local.
func endOf(k vendorKey) (end struct{ remote, isPort bool }, ok bool) {
	if end, ok = localKeys[endName(k.name)]; ok || k.parents == "" {
		return end, ok
	}
	if parent := lastParent(k.parents); parent == "local" || parent == "remote" {
		end, ok = localKeys[parent+k.name]
	}
	return end, ok
}

// endName is a key's name without what stands in front of the end that it tells, as in
// action_local_ip, and without the version of IP behind it, as in LocalAddressIP4.
func endName(name string) string {
	for _, version := range [...]string{"ipv4", "ipv6", "ip4", "ip6"} {
		if base, ok := strings.CutSuffix(name, version); ok {
			name = base + "ip"
			break
		}
	}
	if at := strings.LastIndex(name, "local"); at > 0 {
		return name[at:]
	}
	if at := strings.LastIndex(name, "remote"); at > 0 {
		return name[at:]
	}
	return name
}

// ends reads a machine's own end of a connection and the other: who opened it, its
// direction tells; where nothing does, the machine did. It returns the side whose port is not
// told: what its keys are called may be what others call the other's.
func (s *knownStep) ends(r *run, keys []vendorKey) (portless [2]bool) {
	var text [2][2]string // local, remote; address, port
	inbound, told := false, false
	for _, k := range keys {
		if len(k.key) > 64 || !usable(k.text) {
			continue
		}
		if end, ok := endOf(k); ok {
			text[index01(end.remote)][index01(end.isPort)] = k.text
		} else if strings.HasSuffix(k.name, "direction") {
			inbound, told = len(k.text) > 1 && strings.EqualFold(k.text[:2], "in"), true
		}
	}
	if far, ok := atoi(text[1][1]); text[0][0] == "" && text[1][0] != "" && ok && far < 10000 {
		text[0] = asker(keys)
		told, inbound = true, false
	}
	if text[0][0] == "" || text[1][0] == "" || r.ev.Has(s.source) || r.ev.Has(s.target) {
		return portless
	}
	var ports [2]int
	for end := range text {
		addr, port, ok := endpoint(text[end][0])
		if !ok {
			return portless
		}
		text[end][0] = addr
		if port != "" && text[end][1] == "" {
			text[end][1] = port
		}
		ports[end], _ = atoi(text[end][1])
	}
	inbound = inbound || !told && (served(ports[0], ports[1]) || ports == [2]int{} && (answers(keys) || comesIn(keys)))
	for end, to := range [2]int{index01(inbound), index01(!inbound)} {
		s.what.addr[to].put(r, text[end][0])
		if n := ports[end]; n > 0 && n < 1<<16 {
			r.ev.SetText(s.what.port[to], text[end][1])
		} else {
			portless[to] = !r.ev.Has(s.what.port[to])
		}
	}
	return portless
}

// comesIn says of a machine that somebody logged in to it, or out: event=vpn_login remote_ip= local_ip=.
func comesIn(keys []vendorKey) bool {
	return slices.ContainsFunc(keys, func(k vendorKey) bool {
		return (kindKeys[k.name] || k.name == "action") && own(k.parents) && len(k.text) < 48 && deedOf(k.text)&(isLogin|isLogout) != 0
	})
}

// visits says of a record that somebody's machine asked for a page, and is no server's: what is remote for
// it is where the page lies.
func visits(keys []vendorKey) bool {
	page, machine := false, false
	for _, k := range keys {
		switch {
		case !own(k.parents):
		case k.name == "url":
			page = strings.Contains(k.text, "://")
		case k.name == "method" || strings.HasSuffix(k.name, "status") || strings.HasSuffix(k.name, "statuscode"):
			return false
		case endpointKeys[k.name]:
			machine = usable(k.text)
		}
	}
	return page && machine
}

// answers says of a machine that it was asked for something, and answered.
func answers(keys []vendorKey) bool {
	asked, answered := false, false
	for _, k := range keys {
		switch k.name {
		case "uri", "method", "path", "url":
			asked = true
		case "status", "statuscode", "useragent":
			answered = true
		}
	}
	return asked && answered
}

// served says of a machine's own port that it is a service's: the other is one that clients
// take.
func served(local, remote int) bool {
	const clients, registered = 32768, 49152 // the lowest that Linux takes for a client, and the lowest that nobody may have for a service
	return local > 0 && (local < 10000 && remote >= clients || local < clients && remote >= registered)
}

// systems are how the names of systems begin, and what ECS calls their kind.
var systems = []struct{ start, is string }{
	{"windows", "windows"},
	{"microsoft windows", "windows"},
	{"macos", "macos"},
	{"mac os", "macos"},
	{"os x", "macos"},
	{"darwin", "macos"},
	{"osx", "macos"},
	{"linux", "linux"},
	{"ubuntu", "linux"},
	{"debian", "linux"},
	{"centos", "linux"},
	{"red hat", "linux"},
	{"redhat", "linux"},
	{"rhel", "linux"},
	{"suse", "linux"},
	{"fedora", "linux"},
	{"amazon linux", "linux"},
	{"oracle linux", "linux"},
	{"rocky linux", "linux"},
	{"almalinux", "linux"},
	{"alpine", "linux"},
	{"android", "android"},
	{"ios", "ios"},
	{"ipados", "ios"},
	{"iphone os", "ios"},
	{"freebsd", "unix"},
	{"openbsd", "unix"},
	{"aix", "unix"},
	{"solaris", "unix"},
	{"sunos", "unix"},
	{"hp-ux", "unix"},
}

// system tells the kind of a machine's system by its name.
func (s *knownStep) system(ev *event.Event) {
	w := &s.owner
	if ev.Has(w.osType) {
		return
	}
	for _, f := range w.os {
		name := ev.Text(f)
		for _, of := range systems {
			if len(name) >= len(of.start) && strings.EqualFold(name[:len(of.start)], of.start) && (of.is != "ios" || name[0] == 'i') { // IOS is Cisco's
				ev.SetText(w.osType, of.is)
				return
			}
		}
	}
}

// onlyEnds says of what was done to an account, a setting or a file that the addresses beside
// it are of who did it and where, and no connection that is told of.
func (s *knownStep) onlyEnds(ev *event.Event, said deed) bool {
	return said&(isAccount|isSetting|isFile) != 0 && said&(isAllowed|isDenied) == 0 && !ev.Has(s.what.port[0]) && !ev.Has(s.what.port[1])
}

// ownAddress gives the machine that a hole, a program or a threat was found on the address
// that stands alone: nobody connected from there.
func (s *knownStep) ownAddress(ev *event.Event, keys []vendorKey) {
	if ev.Has(s.target) || !ev.Has(s.source) {
		return
	}
	switch ev.Text(s.category) {
	case "vulnerability", "process", "malware":
	case "intrusion_detection":
		if !ev.Has(s.what.program) && !ev.Has(s.what.path) {
			return // who attacked, as far as anybody knows
		}
	default:
		return
	}
	addr := ev.Text(s.source)
	for _, k := range keys {
		if (k.name == "ip" || k.name == "ipaddress" || k.name == "ipaddr") && own(k.parents) && k.text == addr {
			ev.Add(s.owner.hostIP, addr)
			ev.Unset(s.source)
			ev.Unset(s.names.sides[0].address)
			return
		}
	}
}
