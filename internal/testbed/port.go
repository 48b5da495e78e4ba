package testbed

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
)

// Ports below those that systems give out by themselves: one of those would be the port of some connection
// by the time a program listens on it.
const (
	firstPort = 12_000
	lastPort  = 32_000
)

var given sync.Map // ports of this process

// FreePort is a loopback address that nobody listens on, by TCP and UDP; it is given only once.
func FreePort() (string, error) {
	for range 1000 {
		port := firstPort + rand.IntN(lastPort-firstPort)
		addr := fmt.Sprintf("127.0.0.1:%d", port)
		if _, taken := given.LoadOrStore(port, true); taken || !bindable(addr) {
			continue
		}
		return addr, nil
	}
	return "", errors.New("no port is free")
}

func bindable(addr string) bool {
	tcp, err := net.Listen("tcp", addr)
	if err != nil {
		return false
	}
	defer tcp.Close()
	udp, err := net.ListenPacket("udp", addr)
	if err != nil {
		return false
	}
	return udp.Close() == nil
}
