package ingest

import (
	"log/slog"
	"net"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ListenUDP binds a UDP socket and asks for a receive buffer of size bytes; if the system grants
// less, it logs that. A size of 0 leaves the system's default.
func ListenUDP(addr string, size int, log *slog.Logger) (*net.UDPConn, error) {
	a, err := net.ResolveUDPAddr("udp", addr)
	if err != nil {
		return nil, err
	}
	c, err := net.ListenUDP("udp", a)
	if err != nil || size == 0 {
		return c, err
	}
	got := 0
	control(c, func(fd int) {
		// FORCE passes net.core.rmem_max, and needs CAP_NET_ADMIN.
		if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, size) != nil {
			_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, size)
		}
		got, _ = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF)
	})
	if got /= 2; got < size { // the kernel doubles what it is asked for (socket(7))
		log.Warn("the system gives a smaller receive buffer; raise net.core.rmem_max", "listen", addr, "receive_buffer", size, "got", got)
	}
	return c, nil
}

// KernelDrops returns how many datagrams the kernel has dropped on the socket since it was
// created. ok is false if the kernel does not say.
func KernelDrops(c *net.UDPConn) (n uint32, ok bool) {
	control(c, func(fd int) {
		var info [unix.SK_MEMINFO_VARS]uint32
		size := uint32(unsafe.Sizeof(info))
		_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_SOCKET, unix.SO_MEMINFO,
			uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
		n, ok = info[unix.SK_MEMINFO_DROPS], errno == 0 && size == uint32(unsafe.Sizeof(info))
	})
	return n, ok
}

func control(c syscall.Conn, f func(fd int)) {
	if raw, err := c.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { f(int(fd)) })
	}
}
