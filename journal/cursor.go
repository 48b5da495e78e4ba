package journal

import (
	"bytes"
	"encoding/binary"
	"io"

	"sluice/internal/disk"
)

// cursor walks the frames of one segment file. It holds one window of the file,
// never the file.
type cursor struct {
	f    disk.File
	salt uint32
	off  int64 // of the next frame

	win   []byte // file bytes [base, base+len(win)), none of them past limit:
	base  int64  // what lies there may still change
	limit int64
}

const window = 256 << 10

func openCursor(fs disk.FS, name string) (*cursor, error) {
	f, err := fs.Open(name)
	if err != nil {
		return nil, err
	}
	salt, err := readSalt(f)
	if err != nil {
		f.Close()
		return nil, err
	}
	return &cursor{f: f, salt: salt, off: headSize}, nil
}

// step is what lies between off and the next place to read from.
type step struct {
	header         // of an intact frame, or of one whose payload is damaged
	off, end int64 // where it lies in the file
	known    bool  // header is intact
	payload  []byte
	bad      bool
}

// next steps over one frame, or over one run of damaged bytes, before limit.
// It reads the payload only if want says so. At limit it returns io.EOF.
func (c *cursor) next(limit int64, want func(header) bool) (s step, err error) {
	s.off, c.limit = c.off, limit
	if c.off >= limit {
		return s, io.EOF
	}
	h, ok, err := c.headerAt(c.off, limit)
	if err != nil {
		return s, err
	}
	if !ok {
		s.bad = true
		s.end, err = c.resync(c.off+1, limit)
		c.off = s.end
		return s, err
	}
	s.header, s.known = h, true
	s.end = c.off + headerSize + int64(h.size)
	if s.end > limit { // torn, or cut off: nothing can follow
		s.end, s.bad = limit, true
		c.off = limit
		return s, nil
	}
	if want(h) {
		if s.payload, err = c.peek(c.off+headerSize, int(h.size)); err != nil {
			return s, err
		}
		s.bad = checksum(0, s.payload) != h.sum
	}
	c.off = s.end
	return s, nil
}

func (c *cursor) headerAt(off, limit int64) (h header, ok bool, err error) {
	if limit-off < headerSize {
		return h, false, nil
	}
	b, err := c.peek(off, headerSize)
	if err != nil {
		return h, false, err
	}
	h, ok = parseHeader(b, c.salt)
	return h, ok, nil
}

// resync finds the next intact header at or after off, or limit.
func (c *cursor) resync(off, limit int64) (int64, error) {
	mark := binary.LittleEndian.AppendUint32(nil, magic)
	for limit-off >= headerSize {
		n := min(limit-off, window)
		b, err := c.peek(off, int(n))
		if err != nil {
			return off, err
		}
		i := bytes.Index(b, mark)
		if i < 0 {
			off += n - int64(len(mark)) + 1 // the mark may lie across two windows
			continue
		}
		off += int64(i)
		if _, ok, err := c.headerAt(off, limit); ok || err != nil {
			return off, err
		}
		off++
	}
	return limit, nil
}

// peek returns n bytes at off, before limit; they stay valid until the next call.
func (c *cursor) peek(off int64, n int) ([]byte, error) {
	if off < c.base || off+int64(n) > c.base+int64(len(c.win)) {
		size := max(n, int(min(window, c.limit-off)))
		if cap(c.win) < size {
			c.win = make([]byte, max(size, window))
		}
		c.win, c.base = c.win[:size], off
		if _, err := c.f.ReadAt(c.win, off); err != nil {
			c.win = c.win[:0]
			return nil, err
		}
	}
	i := off - c.base
	return c.win[i : i+int64(n)], nil
}
