package pcap

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"sluice/capture"
)

const readBuffer = 256 << 10

// source reads the packets of one capture.
type source struct {
	next   func(*capture.Packet) error
	number uint64
	last   time.Time
}

// newSource finds out by the first bytes what kind of capture r is.
func newSource(r io.Reader) (*source, error) {
	b := bufio.NewReaderSize(r, readBuffer)
	if magic, _ := b.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, err
		}
		b = bufio.NewReaderSize(z, readBuffer)
	}
	magic, err := b.Peek(4)
	if err != nil {
		return nil, fmt.Errorf("too short for a capture: %w", err)
	}
	if bytes.Equal(magic, []byte{0x0a, 0x0d, 0x0d, 0x0a}) {
		return newNG(b)
	}
	p, err := pcapgo.NewReader(b)
	if err != nil {
		return nil, err
	}
	link := p.LinkType()
	return &source{next: func(out *capture.Packet) error {
		data, ci, err := p.ZeroCopyReadPacketData()
		out.Data, out.Length, out.Time, out.Link = data, ci.Length, ci.Timestamp, link
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

// packet gives the next packet; its data is valid until the next call. io.EOF is the
// end; errCut comes at the first damage, since nothing behind it can be found.
func (s *source) packet(out *capture.Packet) (err error) {
	defer func() {
		if r := recover(); r != nil { // a reader's fault on hostile bytes ends this file, not the program
			err = fmt.Errorf("%w behind packet %d: %v", errCut, s.number, r)
		}
	}()
	switch err := s.next(out); {
	case errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return io.EOF
	case err != nil:
		return fmt.Errorf("%w behind packet %d: %w", errCut, s.number, err)
	}
	s.number++
	out.Number = s.number
	if out.Time.Unix() <= 0 { // a simple packet block has no time
		out.Time = s.last
	}
	s.last = out.Time
	if s.last.IsZero() {
		s.last = time.Unix(0, 0).UTC()
		out.Time = s.last
	}
	return nil
}
