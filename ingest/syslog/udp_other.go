//go:build !linux

package syslog

import (
	"log/slog"
	"net"
)

func listenUDP(addr string, size int, log *slog.Logger) (*net.UDPConn, error) {
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

// kernelDrops: only Linux tells.
func kernelDrops(*net.UDPConn) (uint32, bool) { return 0, false }
