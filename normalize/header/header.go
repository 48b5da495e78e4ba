// Package header reads the syslog header of a line: what stands in front of the
// message. Devices break RFC 3164 and RFC 5424 in many ways, so it takes what it
// can recognize and leaves the rest as the message. It never fails: a line
// without a header is all message. It also reads dates in the forms that logs
// have, for packs.
package header

import (
	"slices"
	"strings"
	"time"
)

// Header is what the header of a line says. Texts are parts of the line.
type Header struct {
	Pri            int // facility * 8 + severity; -1: none
	Version        string
	Time           time.Time // UTC
	HasTime        bool
	Host           string
	Program        string
	PID            string
	MsgID          string
	StructuredData string // as it stands, with its brackets; AppendSD makes JSON of it
	Message        string
}

// Found says whether there was any header at all.
func (h *Header) Found() bool {
	return h.Pri >= 0 || h.HasTime || h.Host != "" || h.Program != ""
}

// maxRelays is how many headers may stand in front of each other: each relay adds
// its own.
const maxRelays = 4

// Read splits a line into header and message. received gives stamps their year,
// zone the zone to those that have none.
func Read(line string, received time.Time, zone *time.Location) Header {
	var r Reader
	var h Header
	r.Read(&h, line, received, zone)
	return h
}

// Reader reads headers one after another; it remembers the last stamp, since
// neighbours often have the same. It belongs to one goroutine.
type Reader struct {
	reader
	memo memo
}

// Read is as the function Read, into h.
func (r *Reader) Read(h *Header, line string, received time.Time, zone *time.Location) {
	*h = Header{Pri: -1}
	r.reader = reader{h: h, received: received, zone: zone, memo: &r.memo}
	h.Message = r.message(line)
}

// message reads a line's header and returns what is behind it.
func (r *reader) message(line string) string {
	s := trimEnd(line)
	if len(s) == 0 || s[0] == '{' { // a JSON record has no header, and they come often
		return s
	}
	s, _ = r.pri(s)
	if r.h.Pri >= 0 {
		if rest, ok := r.version(s); ok {
			return rest
		}
	}
	return r.tolerant(s)
}

// trimEnd takes line ends and NULs off the end.
func trimEnd(s string) string {
	for len(s) > 0 && (s[len(s)-1] == '\n' || s[len(s)-1] == '\r' || s[len(s)-1] == 0) {
		s = s[:len(s)-1]
	}
	return s
}

type reader struct {
	h        *Header
	received time.Time
	zone     *time.Location
	memo     *memo
	known    known
}

// pri reads <0> to <191>. ok: it was there.
func (r *reader) pri(s string) (rest string, ok bool) {
	if len(s) < 3 || s[0] != '<' {
		return s, false
	}
	n := 0
	for i := 1; i < len(s) && i <= 4; i++ {
		c := s[i]
		if c == '>' && i > 1 && n < 192 {
			r.h.Pri = n
			return s[i+1:], true
		}
		if c-'0' > 9 {
			break
		}
		n = n*10 + int(c-'0')
	}
	return s, false
}

// version reads what follows the version of RFC 5424. Meraki writes a version and
// then its own header; that goes on to the tolerant reader.
func (r *reader) version(s string) (rest string, ok bool) {
	if len(s) < 2 || s[0]-'1' > 8 || s[1] != ' ' {
		return s, false
	}
	if rest, ok := r.rfc5424(s[2:]); ok {
		r.h.Version = s[:1]
		return rest, true
	}
	return s, false
}

// rfc5424 reads TIMESTAMP HOSTNAME APP-NAME PROCID MSGID SD MSG.
func (r *reader) rfc5424(s string) (msg string, ok bool) {
	h := *r.h // kept only if the whole header fits
	stamp, rest, ok := strings.Cut(s, " ")
	if !ok {
		return "", false
	}
	if t, n := ISO(stamp, r.zone); n == len(stamp) && n > 0 {
		h.Time, h.HasTime = t, true
	} else if stamp != "-" {
		return "", false
	}
	s = rest
	for _, to := range [4]*string{&h.Host, &h.Program, &h.PID, &h.MsgID} {
		tok, rest, ok := strings.Cut(s, " ")
		if !ok || strings.IndexByte(tok, '|') >= 0 { // CEF and LEEF behind a shorter header
			break
		}
		if tok != "-" {
			*to = tok
		}
		s = rest
	}
	if strings.HasPrefix(s, "[") {
		if n := sdEnd(s); n > 0 {
			h.StructuredData, s = s[:n], s[n:]
		}
	} else if s == "-" || strings.HasPrefix(s, "- ") {
		s = s[1:]
	}
	*r.h = h
	// All spaces go, as behind a BSD tag: rsyslog keeps the one of a relayed line, and sudo pads.
	return strings.TrimPrefix(strings.TrimLeft(s, " "), "\ufeff"), true
}

// tolerant reads all other headers and returns the message.
func (r *reader) tolerant(s string) string {
	h := r.h
	body := s
	if h.Pri >= 0 {
		body = strings.TrimLeft(body, " :")
		body = strings.TrimPrefix(body, "1 ") // Meraki's version
		body = r.prelude(body)
	}
	for range maxRelays {
		t, n := r.stamp(body)
		if n == 0 {
			break
		}
		h.Time, h.HasTime = t, true
		body = strings.TrimLeft(body[n:], " :")
		if rest, ok := r.innerPri(body); ok {
			body = rest
			continue
		}
		body = r.hostAndProgram(body)
		if rest, ok := r.innerPri(body); ok && h.Program == "" {
			body = rest
		}
		if h.Program != "" {
			break
		}
	}
	switch {
	case h.HasTime:
	case h.Pri >= 0 && h.Host == "":
		body = r.withoutTime(body)
	case h.Pri < 0:
		body = r.journald(body)
	}
	return body
}

// prelude reads what Cisco devices put before the time: a sequence number, the
// host, another number ("84: fw1: 6340004: *Mar 14 15:09:26: %SYS-...").
func (r *reader) prelude(s string) string {
	for at, tries := s, 0; tries < 3; tries++ {
		end := strings.IndexByte(at, ' ')
		if end < 2 || at[end-1] != ':' {
			return s // most lines: a stamp is read once
		}
		if _, n := r.stamp(at); n > 0 {
			return at
		}
		tok := at[:end-1]
		at = strings.TrimLeft(at[end:], " ")
		if allDigits(tok) {
			s = at
			continue
		}
		if _, n := r.stamp(at); n == 0 && !startsWithNumber(at) || !isHostName(tok) {
			return s
		}
		r.h.Host, s = tok, at
	}
	return s
}

// innerPri reads a second <PRI>, in front of a second time.
func (r *reader) innerPri(s string) (string, bool) {
	if len(s) < 3 || s[0] != '<' {
		return s, false
	}
	was := r.h.Pri
	rest, ok := r.pri(s)
	rest = strings.TrimLeft(rest, " :")
	if ok {
		rest = r.prelude(rest)
		if _, n := r.stamp(rest); n > 0 {
			return rest, true
		}
	}
	r.h.Pri = was
	return s, false
}

// hostAndProgram reads "host", "host prog[1]:", "prog[1]:", "host level prog[1]:"
// or "host :" off the front.
func (r *reader) hostAndProgram(s string) string {
	h := r.h
	for word := range 3 {
		end := strings.IndexByte(s, ' ')
		if end < 0 {
			end = len(s)
		}
		tok, rest := s[:end], strings.TrimLeft(s[end:], " ")
		if tok == "" || strings.IndexByte("%{\"[<(", tok[0]) >= 0 {
			return s
		}
		prog, isProg := strings.CutSuffix(tok, ":")
		if !isProg && strings.HasPrefix(rest, ": ") { // "host : ", "prog : "
			rest, isProg = strings.TrimLeft(rest[1:], " "), true
		}
		switch {
		case isProg && word == 0 && strings.HasPrefix(rest, "%"): // "dev01: %FTD-..."
			if isHostName(prog) {
				h.Host = prog
				return rest
			}
			return s
		case isProg:
			if !h.program(prog) {
				return s
			}
			return rest
		case strings.HasSuffix(tok, "]") && h.program(tok):
			return rest
		case word == 0:
			if !isHostName(tok) {
				return s // the message itself: key=value, CSV, CEF
			}
			h.Host, s = tok, rest
			if _, n := r.stamp(s); n > 0 {
				return s // a relay's header; the device's follows
			}
		case word == 1 && isLevel(tok) && programFollows(rest): // F5: "host err tmm1[38]:"
			s = rest
		default:
			return s // a second word without a colon is the message
		}
	}
	return s
}

// withoutTime reads "<166>fw1 %ASA-...", "<6>kernel: ..." and "<13>host prog[1]: ...".
func (r *reader) withoutTime(s string) string {
	tok, rest, ok := strings.Cut(s, " ")
	if !ok || tok == "" {
		return s
	}
	rest = strings.TrimLeft(rest, " ")
	if strings.HasPrefix(rest, "%") && tok[0] != '%' {
		if host := strings.TrimSuffix(tok, ":"); isHostName(host) {
			r.h.Host = host
			return rest
		}
	}
	if prog, ok := strings.CutSuffix(tok, ":"); ok && r.h.program(prog) {
		return rest
	}
	return r.journald(s)
}

// journald reads "host prog[1]: ", which has no time, as journald exports it.
func (r *reader) journald(s string) string {
	i := strings.Index(s[:min(len(s), 128)], "]: ")
	if i < 0 {
		return s
	}
	if strings.HasPrefix(s[i:], "]: ") && strings.IndexByte(s[:i], ' ') < 0 && r.h.program(s[:i+1]) {
		return s[i+3:]
	}
	sp := strings.IndexByte(s[:i], ' ')
	if sp <= 0 || strings.IndexByte(s[sp+1:i], ' ') >= 0 || !isHostName(s[:sp]) || !r.h.program(s[sp+1:i+1]) {
		return s
	}
	r.h.Host = s[:sp]
	return s[i+3:]
}

// maxProgram is generous: RFC 5424 allows an APP-NAME of 48 bytes.
const maxProgram = 64

// program takes "prog", "prog[12]" or "su(pam_unix)[12]". False: it is none.
func (h *Header) program(tok string) bool {
	pid := ""
	if i := strings.IndexByte(tok, '['); i > 0 && tok[len(tok)-1] == ']' {
		tok, pid = tok[:i], tok[i+1:len(tok)-1]
	}
	if tok == "" || len(tok) > maxProgram || tok[0] == '%' {
		return false
	}
	for i := 0; i < len(tok); i++ {
		if !programByte[tok[i]] {
			return false
		}
	}
	h.Program, h.PID = tok, pid
	return true
}

// AppendSD appends structured data (RFC 5424, 6.3) as a JSON object of objects.
// sd is what Header.StructuredData holds.
func AppendSD(dst []byte, sd string) []byte {
	dst = append(dst, '{')
	var ids [maxParams]string
	n := 0
	for n < maxParams && len(sd) > 2 && sd[0] == '[' {
		end := sdElementEnd(sd)
		if end <= 0 {
			break
		}
		element := sd[1 : end-1]
		sd = sd[end:]
		id, _, _ := strings.Cut(element, " ")
		if slices.Contains(ids[:n], id) {
			continue // the RFC forbids it, and an object has a key once
		}
		if n > 0 {
			dst = append(dst, ',')
		}
		ids[n] = id
		n++
		dst = appendElement(dst, element)
	}
	return append(dst, '}')
}
