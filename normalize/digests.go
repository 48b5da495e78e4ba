package normalize

import (
	"math/bits"
	"strings"

	"sluice/event"
)

// digestFields are the digests of files and handshakes that are written in lower case. Those of
// tls.client.hash and tls.server.hash are not among them: ECS has them in upper case. Nor are
// those that mean something by their case (ssdeep) or have a form of their own (tlsh).
func digestFields(s *event.Schema) (out []event.Field) {
	for _, of := range strings.Fields("file process process.parent dll threat.indicator.file") {
		for _, name := range strings.Fields("hash.md5 hash.sha1 hash.sha256 hash.sha384 hash.sha512 hash.cdhash pe.imphash") {
			if f, ok := s.Lookup(of + "." + name); ok {
				out = append(out, f)
			}
		}
	}
	for _, name := range []string{"tls.client.ja3", "tls.server.ja3s"} {
		if f, ok := s.Lookup(name); ok {
			out = append(out, f)
		}
	}
	return out
}

// digests writes them in lower case, whoever gave them: a list of indicators finds what is
// spelt as it is.
func (w *Worker) digests() {
	for found := w.ev.Which(&w.engine.digestMask); found != 0; found &= found - 1 {
		f := w.engine.digests[bits.TrailingZeros64(found)]
		if text := w.ev.Text(f); upperHex(text) {
			w.ev.SetText(f, lower(w.ev, text))
		}
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
