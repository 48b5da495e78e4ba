package ingest

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// lostRetries is how often in a row the system has repeated bytes to a peer that is as good as gone.
const lostRetries = 2

// Unconfirmed is how many bytes that were written the peer's machine has not confirmed: what is behind
// it has certainly not been read.
func (k *Conn) Unconfirmed() (n int64) {
	k.control(func(fd int) {
		if v, err := unix.IoctlGetInt(fd, unix.SIOCOUTQ); err == nil {
			n = int64(v)
		}
	})
	return n
}

// Gone reports whether the peer has ended the connection, or answers no more.
func (k *Conn) Gone() (gone bool) {
	k.info(func(i *unix.TCPInfo) {
		gone = i.State == unix.BPF_TCP_CLOSE || i.State == unix.BPF_TCP_CLOSE_WAIT || i.Retransmits >= lostRetries
	})
	return gone
}

// Reset reports whether the connection is over for the peer's machine, which confirms nothing any more.
func (k *Conn) Reset() (reset bool) {
	k.info(func(i *unix.TCPInfo) { reset = i.State == unix.BPF_TCP_CLOSE })
	return reset
}

func (k *Conn) info(f func(*unix.TCPInfo)) {
	k.control(func(fd int) {
		if i, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			f(i)
		}
	})
}

// control calls f with the connection's descriptor, if it has one and is not closed.
func (k *Conn) control(f func(fd int)) {
	if c, ok := k.Conn.(syscall.Conn); ok {
		control(c, f)
	}
}
