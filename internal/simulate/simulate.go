// Package simulate plays an endless office network onto the wire: a firewall, Linux
// servers, web servers, an intrusion detector and a packet tap, with an attack story
// among much benign traffic. It knows nothing of how sluice reads: it only sends what
// devices send.
package simulate

import (
	"context"
	"errors"
	"time"
)

// Options say where the network plays to. Empty destinations are left out.
type Options struct {
	Seed      uint64           // decides everything that is played
	Rate      float64          // lines a second; 0 is 50
	SyslogUDP string           // host:port for what devices send by UDP
	SyslogTCP string           // host:port for what servers send by TCP
	Dir       string           // folder for eve.json, access.log and the captures in pcap/
	Now       func() time.Time // stamps; nil is time.Now
}

// Expected is an alert that the story must raise, and nothing else may.
type Expected struct {
	Rule string            // id of the shipped rule
	Key  map[string]string // ECS field -> value that the alert must carry
}

// Network is a simulated office.
type Network struct{ opt Options }

// New checks the options.
func New(opt Options) (*Network, error) {
	if opt.SyslogUDP == "" && opt.SyslogTCP == "" && opt.Dir == "" {
		return nil, errors.New("simulate: nowhere to play to; give SyslogUDP, SyslogTCP or Dir")
	}
	if opt.Rate <= 0 {
		opt.Rate = 50
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	return &Network{opt: opt}, nil
}

// Run plays until ctx ends.
func (n *Network) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}
