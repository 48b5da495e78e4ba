package normalize

import (
	"strings"

	"sluice/event"
)

// digestWords stand in front of the digest of a file.
var digestWords = wordSet("md5 sha1 sha-1 sha256 sha-256 hash digest checksum filehash md5sum sha1sum sha256sum")

// digest takes the digest of a file, which a word in front of it calls so, also in the same word where a
// file is told of. Alone, as many digits are as often the id of a container or of a session.
func (m *gleanWide) digest(ev *event.Event, s *gleanStep, ws []word, i int) {
	w := &ws[i]
	if len(w.text) < 32 || len(w.text) > len("sha256:")+64 {
		return
	}
	text := w.text
	if name, value, ok := strings.Cut(text, ":"); ok {
		if !digestWords[strings.ToLower(name)] || !m.path.isSet(ev) && !s.name.isSet(ev) {
			return
		}
		text = value
	} else if i == 0 || !digestWords[strings.TrimRight(ws[i-1].lower, ":=")] {
		return
	}
	if which, ok := hashLengths[len(text)]; ok && isHex(text) && !ev.Has(m.hash.kids[which]) {
		m.hash.putHash(ev, text)
	}
}
