package syslog

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"io"
	"time"
)

// GELF over UDP is compressed, and cut into chunks where a datagram would not hold it
// (go2docs.graylog.org, "GELF via UDP"). Chunks begin with
//
//	0x1e 0x0f, 8 bytes of id, number from 0, count
const (
	chunkHeader = 12
	maxChunks   = 128             // of a message, by the specification
	chunkWait   = 5 * time.Second // likewise
	maxWaiting  = 64              // messages of a socket that lack chunks
	maxHeld     = 4 << 20         // bytes of them
	maxUnpacked = 1 << 20         // as the longest line that max_line allows
)

// message is one whose chunks have not all come.
type message struct {
	of     *sender
	id     [8]byte
	at     time.Time // of its first chunk
	chunks [][]byte
	lacks  int
	size   int
}

// chunks are the messages of one socket that wait for the rest of theirs, oldest first.
type chunks struct {
	waiting []*message
	held    int
}

func isChunk(b []byte) bool {
	return len(b) > chunkHeader && b[0] == 0x1e && b[1] == 0x0f && b[11] > 0 && b[11] <= maxChunks && b[10] < b[11]
}

// add takes a chunk over. It returns the message that is whole with it, or nil, and whose
// messages were given up.
func (c *chunks) add(p *sender, b []byte, now time.Time) (whole []byte, lost []*sender) {
	var id [8]byte
	copy(id[:], b[2:])
	number, count := int(b[10]), int(b[11])
	at := -1
	for i, m := range c.waiting {
		if m.of == p && m.id == id && len(m.chunks) == count {
			at = i
		}
	}
	if at < 0 {
		at = len(c.waiting)
		c.waiting = append(c.waiting, &message{of: p, id: id, at: now, chunks: make([][]byte, count), lacks: count})
	}
	m := c.waiting[at]
	if m.chunks[number] == nil { // else it came twice
		m.chunks[number] = bytes.Clone(b[chunkHeader:])
		m.size += len(b) - chunkHeader
		c.held += len(b) - chunkHeader
		m.lacks--
	}
	if m.lacks == 0 {
		c.remove(at)
		return bytes.Join(m.chunks, nil), c.late(now)
	}
	return nil, c.late(now)
}

func (c *chunks) remove(at int) {
	c.held -= c.waiting[at].size
	c.waiting = append(c.waiting[:at], c.waiting[at+1:]...)
}

// late gives up what waits too long, and the oldest where too much waits.
func (c *chunks) late(now time.Time) (lost []*sender) {
	for len(c.waiting) > 0 && (now.Sub(c.waiting[0].at) > chunkWait || len(c.waiting) > maxWaiting || c.held > maxHeld) {
		lost = append(lost, c.waiting[0].of)
		c.remove(0)
	}
	return lost
}

// unpacked is what a datagram holds that is compressed; nil: it is not, or not to be read.
func unpacked(b []byte) []byte {
	if len(b) < 3 {
		return nil
	}
	var from io.Reader
	var err error
	switch {
	case b[0] == 0x1f && b[1] == 0x8b:
		from, err = gzip.NewReader(bytes.NewReader(b))
	case b[0] == 0x78 && (int(b[0])<<8+int(b[1]))%31 == 0: // x^ may begin a text, too
		from, err = zlib.NewReader(bytes.NewReader(b))
	default:
		return nil
	}
	if err != nil {
		return nil
	}
	plain, err := io.ReadAll(io.LimitReader(from, maxUnpacked+1))
	if err != nil || len(plain) > maxUnpacked {
		return nil // it stays as it came
	}
	return plain
}
