package normalize

import (
	"math/bits"
	"slices"
	"strings"

	"sluice/event"
)

// relatedFields are what goes into the lists of related.*, for pivoting, in the order
// of the lists' elements; what goes into none, "", is spelt like them.
var relatedFields = []struct{ to, from string }{
	{"related.ip", "source.ip source.nat.ip destination.ip destination.nat.ip client.ip client.nat.ip server.ip server.nat.ip host.ip observer.ip dns.resolved_ip threat.indicator.ip"},
	{"related.user", "user.name user.effective.name user.target.name source.user.name destination.user.name client.user.name server.user.name"},
	{"related.hosts", "source.user.domain destination.user.domain host.hostname source.domain destination.domain server.domain client.domain observer.hostname url.domain dns.question.name"},
	{relatedHash, "file.hash.md5 file.hash.sha1 file.hash.sha256 process.hash.md5 process.hash.sha1 process.hash.sha256 process.parent.hash.md5 process.parent.hash.sha1 process.parent.hash.sha256 dll.hash.md5 dll.hash.sha1 dll.hash.sha256 file.pe.imphash process.pe.imphash tls.client.ja3 tls.server.ja3s tls.server.hash.sha1"},
	{"", "file.hash.sha512 process.hash.sha512 process.parent.hash.sha512 process.parent.pe.imphash dll.hash.sha512 dll.pe.imphash threat.indicator.file.hash.md5 threat.indicator.file.hash.sha1 threat.indicator.file.hash.sha256 threat.indicator.file.hash.sha512"},
}

const relatedHash = "related.hash"

// relations are relatedFields in a schema. An event has few of them: they are found
// by their bits, some words of them, instead of being asked for one by one.
type relations struct {
	pairs []relation  // at most 64
	masks event.Mask  // of their from
	hosts event.Field // related.hosts
	name  event.Field // host.name
	spelt event.Field // host.hostname
}

type relation struct {
	to, from event.Field // to may be None
	names    bool        // a name, not an address or a digest
	digest   bool        // of a file or a handshake, written in lower case
}

func newRelations(s *event.Schema) relations {
	r := relations{}
	r.hosts, _ = s.Lookup("related.hosts")
	r.name, _ = s.Lookup("host.name")
	r.spelt, _ = s.Lookup("host.hostname")
	var from []event.Field
	for _, list := range relatedFields {
		to, ok := s.Lookup(list.to)
		for _, name := range strings.Fields(list.from) {
			if f, known := s.Lookup(name); known && (ok || list.to == "") {
				r.pairs = append(r.pairs, relation{
					to: to, from: f, names: list.to == "related.user" || list.to == "related.hosts",
					// ECS has a certificate's in upper case.
					digest: (list.to == relatedHash || list.to == "") && name != "tls.server.hash.sha1",
				})
				from = append(from, f)
			}
		}
	}
	if len(from) > 64 {
		panic("BUG: more than 64 fields relate to others")
	}
	r.masks = event.NewMask(from)
	return r
}

// relates says whether a field goes into one of the lists.
func relates(name string) bool {
	for _, list := range relatedFields {
		if list.to != "" && slices.Contains(strings.Fields(list.from), name) {
			return true
		}
	}
	return false
}

// bits are those of fields, for apply to leave out.
func (r *relations) bits(fields []event.Field) (out uint64) {
	for i, p := range r.pairs {
		if slices.Contains(fields, p.from) {
			out |= 1 << i
		}
	}
	return out
}

// apply writes digests in lower case, whoever gave them, since a list of indicators finds what is
// spelt as it is; and fills the lists, but for the fields that are hidden; byName says that host.name
// is the host to pivot by.
func (r *relations) apply(ev *event.Event, byName bool, hidden uint64) {
	byName = byName && ev.Has(r.name)
	if byName {
		ev.AddAll(r.hosts, r.name)
	}
	for found := ev.Which(&r.masks); found != 0; found &= found - 1 {
		i := bits.TrailingZeros64(found)
		p := r.pairs[i]
		if p.digest {
			foldDigest(ev, p.from)
		}
		if p.to == event.None || hidden>>i&1 != 0 {
			continue
		}
		if p.from == r.spelt {
			if byName {
				continue
			}
			ev.AddAll(p.to, r.host(ev))
			continue
		}
		if p.names && ev.Text(p.from) == nothing {
			continue
		}
		ev.AddAll(p.to, p.from)
	}
}

// host is the field of the host's name to pivot by: host.name where a pack put the
// name as the source spells it into host.hostname, and in lower case into host.name.
func (r *relations) host(ev *event.Event) event.Field {
	if name := ev.Text(r.name); name != "" && strings.EqualFold(name, ev.Text(r.spelt)) {
		return r.name
	}
	return r.spelt
}

// foldDigest writes a field of hex digits in lower case. What means something by its case (ssdeep)
// or has a form of its own (tlsh) is no such field.
func foldDigest(ev *event.Event, f event.Field) {
	if text := ev.Text(f); upperHex(text) {
		ev.SetText(f, lower(ev, text))
	}
}

// upperHex says whether text is hex digits, some of them upper-case letters.
func upperHex(text string) (upper bool) {
	for i := range len(text) {
		switch c := text[i]; {
		case '0' <= c && c <= '9', 'a' <= c && c <= 'f':
		case 'A' <= c && c <= 'F':
			upper = true
		default:
			return false
		}
	}
	return upper
}
