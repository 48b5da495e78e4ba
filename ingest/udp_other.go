//go:build !linux

package ingest

import (
	"log/slog"
	"net"
)

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

// KernelDrops: only Linux tells.
func KernelDrops(*net.UDPConn) (uint32, bool) { return 0, false }
