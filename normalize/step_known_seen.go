package normalize

import (
	"strings"
	"unicode"

	"sluice/event"
)

// maxSeen is how long a list may be that is searched for addresses and digests.
const maxSeen = 16 << 10

// seen lists for pivoting every address and digest that a record tells under a key called so, also
// where no field is meant for what it is: related.ip and related.hash are all that were seen; and who
// and which hosts stand in a list of such.
func (s *knownStep) seen(ev *event.Event, keys []vendorKey) {
	for i := range keys {
		k := &keys[i]
		if len(k.text) < 3 || len(k.text) > maxSeen {
			continue
		}
		if k.text[0] == '[' || k.text[0] == '{' {
			s.seenIn(ev, k.name, k.text)
			continue
		}
		s.seenAs(ev, k.name, k.text)
	}
}

// seenAs lists a text if its key is called an address or a digest, and it is one.
func (s *knownStep) seenAs(ev *event.Event, name, text string) {
	switch {
	case len(text) < 46 && callsAddress(name) && !strings.HasPrefix(text, "255.") && isAddress(text) && !isUnspecified(text):
		ev.Add(s.related[0], text)
	case (len(text) == 32 || len(text) == 40 || len(text) == 64) && callsDigest(name) && isHex(text):
		ev.Add(s.related[1], lower(ev, text))
	}
}

// seenIn does it for the texts of a list or an object that is written as JSON, each under the key in
// front of it, or under the list's own.
func (s *knownStep) seenIn(ev *event.Event, name, text string) {
	var buf [maxKnown]byte
	plain, seen := append(buf[:0], name...), 0
	for at := 0; at < len(text); at++ {
		if text[at] != '"' {
			continue
		}
		end := at + 1
		for end < len(text) && text[end] != '"' {
			if text[end] == '\\' {
				end++
			}
			end++
		}
		if end >= len(text) {
			return
		}
		token := text[at+1 : end]
		at = end
		if next := blanks(text, end+1); next < len(text) && text[next] == ':' {
			plain = plainKey(buf[:0], token)
			continue
		}
		if len(token) < 3 || len(token) > 64 || strings.IndexByte(token, '\\') >= 0 {
			continue
		}
		if seen++; seen > 256 {
			return
		}
		s.seenAs(ev, string(plain), token)
		if people := listsUsers[string(plain)]; (people || listsHosts[string(plain)]) && usable(token) && strings.IndexByte(token, ' ') < 0 && token[0] != '/' {
			if people {
				ev.Add(s.related[2], token)
			} else if !isAddress(token) && strings.IndexFunc(token, notInHost) < 0 {
				ev.Add(s.related[3], token)
			}
		}
	}
}

// listsUsers and listsHosts are what lists of users and of hosts are called, by their names.
var (
	listsUsers = wordSet("users usernames userlist affectedusers impactedusers targetusers involvedusers")
	listsHosts = wordSet("hosts hostnames hostlist affectedhosts impactedhosts targethosts involvedhosts computernames affectedcomputers")
)

// notInHost says whether a host's name has no such letter.
func notInHost(c rune) bool {
	return c != '-' && c != '.' && c != '_' && !unicode.IsLetter(c) && !unicode.IsDigit(c)
}

// callsAddress says of a key's name that it is one of an address: src_ip, HostIPv4, ipAddresses.
func callsAddress(name string) bool {
	name = strings.TrimRight(name, "46")
	if cut, ok := strings.CutSuffix(name, "es"); ok && strings.HasSuffix(cut, "address") {
		name = cut
	}
	for _, end := range [...]string{"ip", "ips", "ipv", "addr", "address"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

// callsDigest says of a key's name that it is one of a digest of a file or of a handshake.
func callsDigest(name string) bool {
	for _, end := range [...]string{"md5", "sha1", "sha256", "imphash", "filehash"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}
