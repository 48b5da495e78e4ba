package simulate

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

const (
	rotateAfter = 3 * time.Second // a capture file is short, so that what is in it is seen while it is new
	keepPcaps   = 100             // captures left lying; older ones are removed
	redialAfter = time.Second
	keepBytes   = 64 << 20 // of a log file, which is begun anew then: its last lines are kept beside it
)

// out is where lines go.
type out struct {
	opt    Options
	udp    net.Conn
	tcp    net.Conn
	redial time.Time
	files  map[string]*os.File

	pcaps   string // their folder
	pcap    *os.File
	buffer  *bufio.Writer
	packets *pcapgo.Writer
	since   time.Time // when the open capture was begun
	frames  int
	written []string // finished captures, oldest first
	serial  int
}

func open(opt Options) (*out, error) {
	o := &out{opt: opt, files: map[string]*os.File{}}
	if opt.SyslogUDP != "" {
		c, err := net.Dial("udp", opt.SyslogUDP)
		if err != nil {
			return nil, fmt.Errorf("simulate: %w", err)
		}
		o.udp = c
	}
	if opt.Dir != "" {
		o.pcaps = filepath.Join(opt.Dir, "pcap")
		if err := os.MkdirAll(o.pcaps, 0o700); err != nil {
			return nil, errors.Join(fmt.Errorf("simulate: %w", err), o.close())
		}
		// What an earlier run left is removed in its turn; Glob sorts by name, and so by age.
		o.written, _ = filepath.Glob(filepath.Join(o.pcaps, "tap-*.pcap"))
	}
	return o, nil
}

// waitUntil sleeps until the time of the next line, closing captures meanwhile.
func (o *out) waitUntil(ctx context.Context, when time.Time) error {
	for ctx.Err() == nil {
		now := o.opt.Now()
		if o.pcap != nil && now.Sub(o.since) >= rotateAfter {
			if err := o.rotate(); err != nil {
				return err
			}
		}
		d := when.Sub(now)
		if d <= 0 {
			return nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(min(d, rotateAfter)):
		}
	}
	return nil
}

func (o *out) send(ctx context.Context, l Line, at time.Time) error {
	switch l.Via {
	case UDP:
		if o.udp != nil {
			_, _ = o.udp.Write(l.Text) // nobody listens: so it is with UDP
		}
	case TCP:
		if o.opt.SyslogTCP != "" {
			o.sendTCP(ctx, l.Text)
		}
	case File:
		if o.opt.Dir != "" {
			return o.appendTo(l.File, l.Text)
		}
	case Wire:
		if o.opt.Dir != "" {
			return o.capture(l.Text, at)
		}
	}
	return nil
}

// sendTCP sends a line, and dials again at most once a second.
func (o *out) sendTCP(ctx context.Context, line []byte) {
	if o.tcp == nil {
		now := o.opt.Now()
		if now.Before(o.redial) {
			return
		}
		o.redial = now.Add(redialAfter)
		var d net.Dialer
		ctx, stop := context.WithTimeout(ctx, redialAfter)
		defer stop()
		c, err := d.DialContext(ctx, "tcp", o.opt.SyslogTCP)
		if err != nil {
			return
		}
		o.tcp = c
	}
	_ = o.tcp.SetWriteDeadline(time.Now().Add(10 * time.Second))
	if _, err := o.tcp.Write(append(line, '\n')); err != nil {
		_ = o.tcp.Close()
		o.tcp = nil
	}
}

func (o *out) appendTo(name string, line []byte) error {
	f := o.files[name]
	if f == nil {
		var err error
		f, err = os.OpenFile(filepath.Join(o.opt.Dir, name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return fmt.Errorf("simulate: %w", err)
		}
		o.files[name] = f
	}
	if _, err := f.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("simulate: %w", err)
	}
	info, err := f.Stat()
	if err != nil || info.Size() < keepBytes {
		return err
	}
	delete(o.files, name)
	if err := errors.Join(os.Rename(f.Name(), f.Name()+".1"), f.Close()); err != nil {
		return fmt.Errorf("simulate: %w", err)
	}
	return nil
}

// capture puts a frame into the open capture file, whose name hides it from readers.
func (o *out) capture(frame []byte, at time.Time) error {
	if o.pcap == nil {
		f, err := os.Create(filepath.Join(o.pcaps, ".writing"))
		if err != nil {
			return fmt.Errorf("simulate: %w", err)
		}
		o.pcap, o.since, o.frames = f, o.opt.Now(), 0
		o.buffer = bufio.NewWriter(f)
		o.packets = pcapgo.NewWriterNanos(o.buffer)
		if err := o.packets.WriteFileHeader(65536, layers.LinkTypeEthernet); err != nil {
			return fmt.Errorf("simulate: %w", err)
		}
	}
	o.frames++
	ci := gopacket.CaptureInfo{Timestamp: at, CaptureLength: len(frame), Length: len(frame)}
	if err := o.packets.WritePacket(ci, frame); err != nil {
		return fmt.Errorf("simulate: %w", err)
	}
	return nil
}

// rotate finishes the open capture under its name and removes old ones.
func (o *out) rotate() error {
	f := o.pcap
	if f == nil {
		return nil
	}
	o.pcap = nil
	if err := errors.Join(o.buffer.Flush(), f.Close()); err != nil {
		return fmt.Errorf("simulate: %w", err)
	}
	o.serial++
	name := filepath.Join(o.pcaps, fmt.Sprintf("tap-%s-%06d.pcap", o.since.UTC().Format("20060102T150405"), o.serial))
	if err := os.Rename(f.Name(), name); err != nil {
		return fmt.Errorf("simulate: %w", err)
	}
	o.written = append(o.written, name)
	for len(o.written) > keepPcaps {
		if err := os.Remove(o.written[0]); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("simulate: %w", err)
		}
		o.written = o.written[1:]
	}
	return nil
}

func (o *out) close() error {
	err := o.rotate()
	for _, c := range []net.Conn{o.udp, o.tcp} {
		if c != nil {
			err = errors.Join(err, c.Close())
		}
	}
	for _, f := range o.files {
		err = errors.Join(err, f.Close())
	}
	return err
}
