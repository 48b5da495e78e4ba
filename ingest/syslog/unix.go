package syslog

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"sluice/ingest"
)

const (
	// defaultMode lets the owner and the group write: whoever may, can write as any program.
	defaultMode = 0o660
	// maxPath is what the kernel takes as a socket's name (sun_path, with a NUL behind it).
	maxPath = 107
	// maxLocal is the longest datagram that is read whole: the longest line there is, and more than
	// a program may send that does not raise its own buffer (net.core.wmem_max, 208 KiB).
	maxLocal = maxMaxLine
)

// Mode is the permissions of a file, written in octal: "0660".
type Mode fs.FileMode

// UnmarshalText reads a mode.
func (m *Mode) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(string(text), 8, 32)
	if err != nil || n > 0o777 {
		return fmt.Errorf("%.20q is no mode; write it in octal, such as \"0660\"", text)
	}
	*m = Mode(n)
	return nil
}

// String is the mode as UnmarshalText reads it.
func (m Mode) String() string { return fmt.Sprintf("%04o", uint32(m)) }

func (s *Settings) validateUnix(bad func(string, ...any)) {
	for _, l := range []struct {
		key   string
		paths []string
	}{{"unix", s.Unix}, {"unix_stream", s.UnixStream}} {
		for _, p := range l.paths {
			switch {
			case !filepath.IsAbs(p):
				bad("%s: %q is no path of a socket; write it from the root on, such as /run/sluice/log", l.key, p)
			case len(p) > maxPath:
				bad("%s: %q has %d bytes; the system takes at most %d for a socket", l.key, p, len(p), maxPath)
			}
		}
	}
}

// socketFile is the file of a socket that we made.
type socketFile struct {
	path string
	made fs.FileInfo
}

// remove takes the file away, unless another program has put its own there.
func (f socketFile) remove() {
	if now, err := os.Lstat(f.path); err == nil && os.SameFile(now, f.made) {
		_ = os.Remove(f.path)
	}
}

func (in *input) bindUnix(s *Settings) error {
	for _, path := range s.Unix {
		err := in.openUnix("unixgram", path, s.UnixMode, func(at *net.UnixAddr) error {
			c, err := net.ListenUnixgram(at.Net, at)
			if err == nil {
				in.unix, in.addrs = append(in.unix, c), append(in.addrs, c.LocalAddr())
			}
			return err
		})
		if err != nil {
			return explainUnix("unix", path, err)
		}
	}
	for _, path := range s.UnixStream {
		err := in.openUnix("unix", path, s.UnixMode, func(at *net.UnixAddr) error {
			l, err := net.ListenUnix(at.Net, at)
			if err == nil {
				l.SetUnlinkOnClose(false) // remove looks whose it is
				in.streams, in.addrs = append(in.streams, stream{ingest.Stream{Listener: l}, path}), append(in.addrs, l.Addr())
			}
			return err
		})
		if err != nil {
			return explainUnix("unix_stream", path, err)
		}
	}
	return nil
}

// openUnix makes one socket by listen where none is used.
func (in *input) openUnix(network, path string, mode Mode, listen func(at *net.UnixAddr) error) error {
	if err := vacate(network, path); err != nil {
		return err
	}
	if err := listen(&net.UnixAddr{Name: path, Net: network}); err != nil {
		return err
	}
	return in.adopt(path, mode)
}

// adopt notes the file of a new socket, and sets who may write to it.
func (in *input) adopt(path string, mode Mode) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	in.files = append(in.files, socketFile{path, info})
	return os.Chmod(path, fs.FileMode(mode))
}

// vacate removes the socket that a program left behind which did not end in order. One that
// somebody listens on stays, and so does what is no socket.
func vacate(network, path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	c, err := net.Dial(network, path)
	switch {
	case err == nil:
		c.Close()
		return syscall.EADDRINUSE
	case errors.Is(err, syscall.EPROTOTYPE), errors.Is(err, syscall.EAGAIN): // of the other kind, or busy
		return syscall.EADDRINUSE
	case info.Mode().Type() == fs.ModeSymlink:
		return errors.New("it is a link, and nobody listens behind it; remove it, or name what it leads to")
	case info.Mode().Type() != fs.ModeSocket:
		return errors.New("there is a file that is no socket; remove it, or name another path")
	case errors.Is(err, syscall.ECONNREFUSED):
		return os.Remove(path)
	}
	return err
}

// explainUnix ends the errors that everybody meets with what to do.
func explainUnix(key, path string, err error) error {
	todo := ""
	switch {
	case errors.Is(err, os.ErrPermission):
		todo = "; let the user that runs this write to the folder"
	case errors.Is(err, fs.ErrNotExist):
		todo = "; make its folder first (RuntimeDirectory= in systemd)"
	case errors.Is(err, syscall.EADDRINUSE):
		todo = "; another program has it, perhaps systemd-journald or rsyslog"
	}
	return fmt.Errorf("bind %s %s: %w%s", key, path, err, todo)
}

// localSender is every program of this machine that writes to path: the kernel names none, and
// their lines name no host.
func (in *input) localSender(kind, path string) *sender {
	host, _ := os.Hostname()
	return in.speaks(&sender{local: true, Sender: ingest.Sender{
		Origin: ingest.Origin(in.env.Name, path), Peer: cmp.Or(host, "localhost"),
		Listener: kind + path, Zone: in.settings.Zone,
	}})
}

// readUnix reads one datagram socket until its deadline, which wind sets. Nothing is dropped on the
// way here: a sender waits while the socket's queue is full.
func (in *input) readUnix(ctx context.Context, c *net.UnixConn, b *ingest.Batcher) {
	defer c.Close()
	p := in.localSender("unix://", c.LocalAddr().String())
	parts := &chunks{}
	defer in.giveUp(parts)
	buf := make([]byte, maxLocal)
	for {
		n, _, flags, _, err := c.ReadMsgUnix(buf, nil)
		if err != nil {
			if !passes(ctx, err) {
				return
			}
			continue
		}
		if flags&syscall.MSG_TRUNC != 0 {
			in.env.Drop(p.Origin, dropTruncated, 1)
		}
		in.datagram(p, b, parts, buf[:n])
	}
}
