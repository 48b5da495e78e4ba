package syslog

import (
	"bytes"
	"unicode/utf8"

	"sluice/ingest"
)

// splitter cuts one stream into messages, whatever its sender does. It keeps no bytes:
// next is shown what was read and not yet taken, and says how much of it to take.
//
// In auto mode each frame is told by its first bytes (RFC 6587, 3.4):
//
//	123 <34>1 2026-...      an octet count: digits, a blank, and the priority of a message
//	<34>Oct 11 ...\n        anything else ends at LF, CR LF, or a NUL that a frame follows
//	{"version":"1.1"...}\0  and an object of JSON, as GELF has it, at a NUL behind its brace
//
// An octet count that lies is found when what follows its frame is no start of a frame:
// then the frame ends at its first line end before a frame's start, or where the count
// said, and the rest is read as lines. So bytes are never lost, and the next honest
// frame is read as it was meant.
type splitter struct {
	framing Framing
	max     int // bytes of a message; a longer one is cut into numbered parts

	part    int // parts already cut from the message that is being read
	left    int // bytes still to come of the octet-counted message, once its header was taken
	counted bool
	lost    bool // a count lied: a frame may begin anywhere in what is read as a line
	lied    bool // the next frame tells so
	// wasCounted: the message before was counted, and nothing was there behind it yet.
	wasCounted bool
	object     bool // the message that is being read began as an object of JSON
	scanned    int  // bytes of the pending line that hold no end: not looked at again
}

// frame is one message or part of one.
type frame struct {
	bytes []byte // a slice of what was shown to next
	part  int    // 0: whole
	lied  bool   // an octet count that lied was found here
}

const (
	// maxCountDigits bounds what is read as an octet count, before anything is
	// allocated: 9,999,999 bytes is more than any message that syslog was meant for.
	maxCountDigits = 7
	// lookahead is the most that is needed to tell the start of a frame.
	lookahead = maxCountDigits + len(" <191>")
)

// next takes the first frame of buf. taken is how many bytes of buf are done with; 0
// means that more must be read first, which eof forbids. A frame may be empty (blank
// lines, padding): then only taken counts.
func (s *splitter) next(buf []byte, eof bool) (f frame, taken int) {
	if len(buf) == 0 {
		return frame{}, 0
	}
	if s.counted {
		return s.nextCounted(buf, eof)
	}
	if s.part == 0 && s.scanned == 0 && !s.lost && (s.framing == FramingAuto || s.framing == FramingOctet) {
		switch n, header := count(buf, s.framing == FramingOctet); {
		case header > 0:
			s.counted, s.left = true, n
			return frame{}, header
		case header < 0 && !eof:
			return frame{}, 0
		case header == 0 && (s.framing == FramingOctet || s.wasCounted) && !s.honest(buf):
			s.lost, s.lied = true, true // the count before ended too early, or there is none
		}
	}
	return s.nextLine(buf, eof)
}

// count reads an octet count and the blank behind it: "123 ". header is its length, 0
// for none, and -1 when more bytes are needed to tell. bare also takes a count that is
// followed by something else than a priority.
func count(buf []byte, bare bool) (n, header int) {
	i := 0
	for i < len(buf) && i < maxCountDigits && buf[i] >= '0' && buf[i] <= '9' {
		n = n*10 + int(buf[i]-'0')
		i++
	}
	switch {
	case i == 0 || buf[0] == '0':
		return 0, 0
	case i == len(buf):
		return 0, -1
	case buf[i] != ' ':
		return 0, 0
	case bare:
		return n, i + 1
	case i+1 < len(buf) && !ingest.Priority(buf[i+1:]): // a line that begins with a number, as "200 <html>"
		return 0, 0
	case !begins(buf[i+1:]):
		return 0, -1
	}
	return n, i + 1
}

// starts reports whether b begins like a frame, as far as it goes.
func (s *splitter) starts(b []byte) bool {
	if s.framing == FramingOctet {
		_, header := count(b, true)
		return header != 0
	}
	if _, header := count(b, false); header != 0 {
		return true
	}
	return ingest.Priority(b)
}

// nextCounted takes an octet-counted message, or a part of a long one.
func (s *splitter) nextCounted(buf []byte, eof bool) (frame, int) {
	switch {
	case len(buf) >= s.left:
		return s.endCounted(buf)
	case eof:
		// The sender went away, or its count was too great: what came is cut at the
		// frames that the count may have swallowed.
		return s.relent(buf, len(buf))
	case len(buf) >= s.max+utf8.UTFMax:
		if end, _ := s.swallowed(buf); end > 0 {
			return s.relent(buf, end)
		}
		n := ingest.RuneCut(buf, s.max)
		s.left -= n
		s.part++
		return frame{bytes: buf[:n], part: s.part}, n
	}
	return frame{}, 0
}

// endCounted takes a counted message that is here as a whole.
func (s *splitter) endCounted(buf []byte) (frame, int) {
	n := s.left
	if after := buf[n:]; len(after) > 0 && !s.honest(after) {
		return s.relent(buf, n)
	}
	if n > s.max {
		cut := ingest.RuneCut(buf, s.max)
		s.left -= cut
		s.part++
		return frame{bytes: buf[:cut], part: s.part}, cut
	}
	f := frame{bytes: ingest.TrimEnd(buf[:n])}
	if s.part > 0 {
		s.part++
		f.part = s.part
	}
	s.reset()
	s.wasCounted = true
	return f, n
}

// honest reports whether a frame may begin at after. Some senders put a line end
// between counted frames.
func (s *splitter) honest(after []byte) bool {
	after = bytes.TrimLeft(after[:min(len(after), lookahead+4)], "\r\n\x00")
	return len(after) == 0 || s.starts(after)
}

// relent ends a message whose count did not hold: at the first line end with a frame
// behind it, else at n.
func (s *splitter) relent(buf []byte, n int) (frame, int) {
	lied := true
	if end, found := s.swallowed(buf[:n]); found {
		n = end
	} else if n == len(buf) {
		lied = false // cut off, not a lie
	}
	if n > s.max {
		n = ingest.RuneCut(buf, s.max)
		s.left = max(s.left-n, 1)
		s.part++
		return frame{bytes: buf[:n], part: s.part}, n
	}
	f := frame{bytes: ingest.TrimEnd(buf[:n]), lied: lied}
	if s.part > 0 {
		s.part++
		f.part = s.part
	}
	s.reset()
	// Behind a line end a frame begins; anywhere else the rest of a line does.
	s.lost = lied && (n == 0 || buf[n-1] != '\n')
	return f, n
}

// swallowed finds the first line end in buf that has the start of a frame behind it;
// end is the offset of that start.
func (s *splitter) swallowed(buf []byte) (end int, found bool) {
	for i := 0; ; {
		j := bytes.IndexByte(buf[i:], '\n')
		if j < 0 || i+j+1 >= len(buf) {
			return 0, false
		}
		i += j + 1
		if rest := buf[i:]; len(rest) >= 3 && s.starts(rest) {
			return i, true
		}
	}
}

// nextLine takes a message that ends at LF or NUL.
func (s *splitter) nextLine(buf []byte, eof bool) (frame, int) {
	if s.part == 0 {
		s.object = buf[0] == '{'
	}
	end, taken := s.lineEnd(buf, eof)
	if end < 0 && eof {
		end, taken = len(buf), len(buf)
	}
	switch {
	case end > s.max, end < 0 && len(buf) > s.max+utf8.UTFMax:
		n := ingest.RuneCut(buf, s.max)
		s.part++
		s.scanned = 0
		return frame{bytes: buf[:n], part: s.part}, n
	case end < 0:
		s.scanned = len(buf)
		return frame{}, 0
	}
	f := frame{bytes: buf[:end], lied: s.lied}
	if s.part > 0 && end > 0 {
		s.part++
		f.part = s.part
	}
	s.reset()
	if end == 0 && buf[0] == 0 { // of many, each would be a look through the whole buffer
		taken = len(buf) - len(bytes.TrimLeft(buf[taken:], "\x00"))
	}
	return f, taken
}

// lineEnd finds where the line in buf ends, and where the next frame begins; -1 when it
// goes on.
func (s *splitter) lineEnd(buf []byte, eof bool) (end, taken int) {
	// The byte before may have been looked at without what it needed behind it.
	from := max(s.scanned-lookahead, 0)
	if s.lost {
		at := s.resync(buf, from)
		if lf := bytes.IndexByte(buf[from:], '\n'); at > 0 && (lf < 0 || from+lf >= at) {
			return at, at
		}
	}
	if s.framing != FramingLF {
		limit := bytes.IndexByte(buf[from:], '\n')
		if limit < 0 || s.framing == FramingNUL {
			limit = len(buf) - from
		}
		if at := s.nulEnd(buf[:from+limit], from, eof); at >= 0 {
			return at, at + 1
		}
	}
	if s.framing == FramingNUL {
		return -1, 0
	}
	at := bytes.IndexByte(buf[from:], '\n')
	if at < 0 {
		return -1, 0
	}
	at += from
	end = at
	if end > 0 && buf[end-1] == '\r' {
		end--
	}
	// "...\n\0" is one end, the NUL a blank frame behind it.
	return end, at + 1
}

// nulEnd finds a NUL that ends a frame: any in nul mode, else one with the start of a
// frame behind it, the last byte of the stream, or one behind an object of JSON, whose sender
// may send nothing more for long. Other NULs are data.
func (s *splitter) nulEnd(buf []byte, from int, eof bool) int {
	for from < len(buf) {
		at := bytes.IndexByte(buf[from:], 0)
		if at < 0 {
			return -1
		}
		at += from
		rest := buf[at+1:]
		if s.framing == FramingNUL || at == 0 || s.object && buf[at-1] == '}' || len(rest) >= 3 && s.starts(rest) || len(rest) == 0 && eof {
			return at
		}
		from = at + 1
	}
	return -1
}

// resync finds an octet-counted frame in the middle of a line, behind a count that
// lied: digits, a blank, and a whole priority.
func (s *splitter) resync(buf []byte, from int) int {
	for i := from; i < len(buf); {
		at := bytes.Index(buf[i:], []byte(" <"))
		if at < 0 {
			return -1
		}
		at += i
		first := at
		for first > 0 && at-first < maxCountDigits && buf[first-1] >= '0' && buf[first-1] <= '9' {
			first--
		}
		if pri := buf[at+1:]; first < at && first > 0 && buf[first] != '0' && len(pri) >= 5 && ingest.Priority(pri) {
			return first
		}
		i = at + 2
	}
	return -1
}

func (s *splitter) reset() {
	*s = splitter{framing: s.framing, max: s.max}
}
