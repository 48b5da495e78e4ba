package pcap

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"sluice/capture"
	"sluice/internal/unpack"
)

const (
	readBuffer = 256 << 10

	// maxRead bounds what is read for one packet: its length is the file's own claim, and
	// a gigabyte of it would be in memory at once. Snap lengths end at 256 KiB; a block
	// beside the packets (names, keys) may be longer.
	maxRead = 16 << 20

	// A packed capture that grows more than maxRatio times is made to keep us busy. The
	// first freeBytes may: a short flood of one packet packs that well.
	maxRatio  = 100
	freeBytes = 64 << 20
)

// source reads the packets of one capture.
type source struct {
	next   func(*capture.Packet) error
	bound  *bounded
	packed *counted
	number uint64
	last   time.Time
}

// bounded fails when more than left is read from r.
type bounded struct {
	r    io.Reader
	left int
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("one packet takes more than %d bytes", maxRead)
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// inflated fails when packed grows beyond measure.
type inflated struct {
	r      io.Reader
	packed *counted
	n      int64
}

// Read implements io.Reader.
func (z *inflated) Read(p []byte) (int, error) {
	if z.n > freeBytes && z.n > maxRatio*z.packed.n {
		return 0, fmt.Errorf("the packed capture grows more than %d times", maxRatio)
	}
	n, err := z.r.Read(p)
	z.n += int64(n)
	return n, err
}

// counted is how much was read, and why no more could be.
type counted struct {
	r   io.Reader
	n   int64
	err error // of the disk; what reads from here may say it in other words
}

// Read implements io.Reader.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	return n, err
}

// newSource finds out by the first bytes what kind of capture r is.
func newSource(r io.Reader) (*source, error) {
	packed := &counted{r: r}
	b := bufio.NewReaderSize(packed, readBuffer)
	z, err := unpack.Reader(b)
	if err != nil && packed.err == nil {
		return nil, err
	}
	if z != nil {
		b = bufio.NewReaderSize(&inflated{r: z, packed: packed}, readBuffer)
	}
	bound := &bounded{r: b, left: maxRead}
	s, err := readerOf(b, bound)
	switch {
	case packed.err != nil:
		return nil, fmt.Errorf("%w: %w", errRead, packed.err)
	case err == nil:
		s.bound, s.packed = bound, packed
	}
	return s, err
}

// readerOf looks at the first bytes of b, which bound reads from.
func readerOf(b *bufio.Reader, bound *bounded) (*source, error) {
	magic, err := b.Peek(4)
	if err != nil {
		return nil, fmt.Errorf("too short for a capture: %w", err)
	}
	if bytes.Equal(magic, []byte{0x0a, 0x0d, 0x0d, 0x0a}) {
		return newNG(bound)
	}
	p, err := pcapgo.NewReader(bound)
	if err != nil {
		return nil, err
	}
	link := p.LinkType()
	return &source{next: func(out *capture.Packet) error {
		data, ci, err := p.ZeroCopyReadPacketData()
		out.Data, out.Length, out.Time, out.Link = data, ci.Length, ci.Timestamp, link
		if errors.Is(err, io.EOF) && ci.CaptureLength > 0 { // right behind the packet's header
			err = io.ErrUnexpectedEOF
		}
		return err
	}}, nil
}

// newNG reads pcapng, whose packets may come from interfaces of several kinds.
func newNG(r io.Reader) (*source, error) {
	opt := pcapgo.DefaultNgReaderOptions
	opt.WantMixedLinkType = true
	opt.SkipUnknownVersion = true
	p, err := pcapgo.NewNgReader(r, opt)
	if err != nil {
		return nil, err
	}
	return &source{next: func(out *capture.Packet) error {
		data, ci, err := p.ZeroCopyReadPacketData()
		if err != nil {
			return err
		}
		out.Data, out.Length, out.Time = data, ci.Length, ci.Timestamp
		if len(ci.AncillaryData) > 0 {
			out.Link, _ = ci.AncillaryData[0].(layers.LinkType)
		}
		if i, err := p.Interface(ci.InterfaceIndex); err == nil {
			out.Interface = i.Name
		}
		return nil
	}}, nil
}

// errCut: the capture ends inside a packet or is damaged there; what came before
// stands.
var errCut = errors.New("the capture ends early")

// errRead: the disk gives no more of the file, and may later.
var errRead = errors.New("the file cannot be read on")

// packet gives the next packet; its data is valid until the next call. io.EOF is the
// end; errCut comes at the first damage, since nothing behind it can be found, and errRead
// where the disk fails.
func (s *source) packet(out *capture.Packet) (err error) {
	defer func() {
		if r := recover(); r != nil { // a reader's fault on hostile bytes ends this file, not the program
			err = fmt.Errorf("%w behind packet %d: %v", errCut, s.number, r)
		}
	}()
	s.bound.left = maxRead
	switch err := s.next(out); {
	case s.packed.err == nil && errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return io.EOF
	case s.packed.err != nil && err != nil:
		return fmt.Errorf("%w behind packet %d: %w", errRead, s.number, s.packed.err)
	case err != nil:
		return fmt.Errorf("%w behind packet %d: %w", errCut, s.number, err)
	}
	s.number++
	out.Number = s.number
	if out.Time.Unix() < 0 { // a simple packet block has no time
		out.Time = s.last
	}
	s.last = out.Time
	if s.last.IsZero() {
		s.last = time.Unix(0, 0).UTC()
		out.Time = s.last
	}
	return nil
}
