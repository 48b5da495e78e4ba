//go:build !linux

package ingest

import (
	"log/slog"
	"net"
)

// ListenUDP binds a UDP socket and asks for a receive buffer of size bytes. A size of 0 leaves
// the system's default.
func ListenUDP(addr string, size int, log *slog.Logger) (*net.UDPConn, error) {
	a, err := net.ResolveUDPAddr("udp", addr)
	if err != nil {
		return nil, err
	}
	c, err := net.ListenUDP("udp", a)
	if err == nil && size > 0 {
		if err := c.SetReadBuffer(size); err != nil {
			log.Warn("set the receive buffer", "listen", addr, "receive_buffer", size, "error", err)
		}
	}
	return c, err
}

// KernelDrops is available on Linux only.
func KernelDrops(*net.UDPConn) (uint32, bool) { return 0, false }
