// Package header parses the syslog header of a line, which is everything in front of the message.
// Devices break RFC 3164 and RFC 5424 in many ways, so it takes what it recognizes and leaves the
// rest as the message. It never fails: a line without a header is all message. It also parses the
// date formats found in logs, for packs.
package header

import (
	"slices"
	"strings"
	"time"
)

// Header is a parsed header. Its texts are substrings of the line.
type Header struct {
	Pri            int // facility * 8 + severity; -1: none
	Version        string
	Time           time.Time // UTC
	HasTime        bool
	Yearless       bool // Time has its year from the receive time
	Host           string
	Relay          string // whose header stands in front of the host's own
	Address        string // the host's, where it stands behind the name
	Program        string
	Path           string // the program's, where it is called by that
	PID            string
	MsgID          string
	Level          string // a word between host and program
	Sequence       string // the number that Cisco devices give a message
	StructuredData string // as it stands, with its brackets; AppendSD makes JSON of it
	Message        string
	Text           string // of a program's own file, where the host may be its first word: all of it
}

// Found reports whether there was any header at all.
func (h *Header) Found() bool {
	return h.Pri >= 0 || h.HasTime || h.Host != "" || h.Program != ""
}

// maxRelays is how many headers may stand in front of each other: each relay adds
// its own.
const maxRelays = 4

// Programs are names that a header alone does not tell from words of the message. A Reader only
// reads them, so Readers may share one.
type Programs struct {
	Unnumbered map[string]bool // log behind a level without a number in brackets: "NOTICE hostcfgd: text"
	First      map[string]bool // the first words of names that have blanks: "Oracle" of "Oracle Audit[7]: text"
	Known      map[string]bool // the names that packs know
}

// Reader parses headers one after another. It caches the last timestamp, since neighbouring lines
// often share it. It is not safe for concurrent use.
type Reader struct {
	Programs Programs
	reader
	memo memo
}

// Read splits a line into header, in h, and message. received supplies the year of timestamps
// without one, zone their time zone.
func (r *Reader) Read(h *Header, line string, received time.Time, zone *time.Location) {
	*h = Header{Pri: -1}
	r.reader = reader{h: h, received: received, zone: zone, programs: &r.Programs, memo: &r.memo}
	h.Message = behindCookie(r.message(line))
}

// message reads a line's header and returns what is behind it.
func (r *reader) message(line string) string {
	s := TrimEnd(line)
	if len(s) > 0 && s[0] != '<' {
		s = front(s)
	}
	if len(s) == 0 || s[0] == '{' { // a JSON record has no header, and they come often
		return s
	}
	s, _ = r.pri(s)
	if r.h.Pri >= 0 || lostPri(s) {
		if rest, ok := r.version(s); ok {
			return r.solaris(r.passedOn(r.relayed(rest)))
		}
	}
	return r.solaris(r.passedOn(r.tolerant(s)))
}

// lostPri says whether a header of RFC 5424 begins without its PRI, as files hold it: all of its
// fields stand there, and structured data or the "-" for none behind them.
func lostPri(s string) bool {
	if !strings.HasPrefix(s, "1 ") || len(s) < len("1 2026-03-02T08:59:59Z - - - - -") || s[len("1 2026")] != '-' {
		return false
	}
	rest, ok := s, true
	for range 6 { // version, time, host, program, process, message id
		if _, rest, ok = strings.Cut(rest, " "); !ok {
			return false
		}
	}
	return rest[:min(1, len(rest))] == "-" || strings.HasPrefix(rest, "[")
}

// passedOn reads the header that is all of a program's text, from its PRI and time on: the
// program took another machine's line and passed it on ("fwd: <13>Mar  2 08:59:59 fw1 su: x").
func (r *reader) passedOn(s string) string {
	if len(s) < 16 || s[0] != '<' || r.h.Program == "" {
		return s
	}
	was := *r.h
	*r.h = Header{Pri: -1}
	rest, ok := r.pri(s)
	if ok {
		read, is5424 := r.version(rest)
		if _, n := r.stamp(rest); !is5424 && n > 0 {
			read = r.tolerant(rest)
		}
		if r.h.Host != "" && r.h.HasTime {
			if r.h.Relay == "" && r.h.Host != was.Host {
				r.h.Relay = was.Host
			}
			return read
		}
	}
	*r.h = was
	return s
}

// front takes off what stands before a <PRI>: a byte order mark, NULs, blanks, and
// the octet count of a stream (RFC 6587) that came through a file or a datagram.
func front(s string) string {
	s = strings.TrimPrefix(s, "\ufeff")
	at := strings.TrimLeft(s, "\x00")
	digits := 0
	for digits < len(at) && digits < 8 && at[digits]-'0' < 10 {
		digits++
	}
	rest := strings.TrimLeft(at[digits:], " ")
	if strings.HasPrefix(rest, "<") && (digits == 0 || len(rest) < len(at)-digits) {
		return rest
	}
	return s
}

// TrimEnd takes line ends, NULs and blanks off the end: many devices and relays leave some there,
// and they say nothing.
func TrimEnd(s string) string {
	for len(s) > 0 {
		switch s[len(s)-1] {
		case '\n', '\r', 0, ' ', '\t':
			s = s[:len(s)-1]
		default:
			return s
		}
	}
	return s
}

type reader struct {
	h        *Header
	received time.Time
	zone     *time.Location
	programs *Programs
	memo     *memo
	known    known
	begin    int  // how much there was behind the PRI
	named    bool // the host stood before the time
	inner    bool // a relay's header was read in front of it
	file     byte // how a program's own file writes its time: see fileForm
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
	if len(s) < 2 || s[0]-'1' > 8 {
		return s, false
	}
	n := 1
	for n < 3 && n < len(s) && s[n]-'0' < 10 {
		n++
	}
	if n == len(s) || s[n] != ' ' {
		return s, false
	}
	if rest, ok := r.rfc5424(s[n+1:]); ok {
		r.h.Version = s[:n]
		return rest, true
	}
	return s, false
}

// NextElement takes the first element off structured data: its id, and all between its brackets; "": there is none.
func NextElement(sd string) (id, element, rest string) {
	if len(sd) < 3 || sd[0] != '[' {
		return "", "", ""
	}
	end := sdElementEnd(sd)
	if end == 0 {
		return "", "", ""
	}
	element = sd[1 : end-1]
	id, _, _ = strings.Cut(element, " ")
	return id, element, sd[end:]
}

// AppendSD appends structured data (RFC 5424, 6.3) as a JSON object of objects.
// sd is what Header.StructuredData holds.
func AppendSD(dst []byte, sd string) []byte {
	dst = append(dst, '{')
	var ids [maxParams]string
	n := 0
	for n < maxParams {
		id, element, rest := NextElement(sd)
		if id == "" {
			break
		}
		sd = rest
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
