// Package simulate plays an endless office network onto the wire: a firewall, Linux and web
// servers, an intrusion detection system and a packet tap, with an attack among mostly benign
// traffic. It knows nothing of how Sluice parses; it only sends what devices send. It also lists
// the alerts that the attack must raise; nothing else it sends may raise any. A Day is of more
// sources, without an attack: it shows what rules say of ordinary work.
package simulate

import (
	"context"
	"errors"
	"time"
)

// Options say where the network plays to. What has no destination is left out.
type Options struct {
	Seed      uint64           // decides everything that is played
	Rate      float64          // events a second, at least 1; 0 is 50
	SyslogUDP string           // host:port for what devices send by UDP
	SyslogTCP string           // host:port for what servers send by TCP, a line each
	Dir       string           // folder for Files, and captures in pcap/
	Now       func() time.Time // stamps; nil is time.Now
}

// Files are the names of what is written into Dir, beside the captures.
var Files = []string{"apache-access.log", "eve.json", "nginx-access.log"}

// Expected is an alert that the story must raise.
type Expected struct {
	Rule string            // id of the shipped rule
	Key  map[string]string // ECS field -> value that the alert carries
}

// Network is a simulated office. It belongs to one goroutine.
type Network struct{ opt Options }

// New checks the options.
func New(opt Options) (*Network, error) {
	if opt.SyslogUDP == "" && opt.SyslogTCP == "" && opt.Dir == "" {
		return nil, errors.New("simulate: nowhere to play to; give SyslogUDP, SyslogTCP or Dir")
	}
	if opt.Rate == 0 {
		opt.Rate = defaultRate
	}
	if !(opt.Rate >= 1 && opt.Rate <= 1_000_000) { // NaN is neither
		return nil, errors.New("simulate: Rate is not between 1 and 1000000 events a second")
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	return &Network{opt: opt}, nil
}

// slack is how far the play may fall behind before it goes on from the present instead
// of catching up: a laptop that was asleep wakes to a true pace and true stamps.
const slack = 2 * time.Second

// Run plays until ctx ends (nil) or a file cannot be written. A syslog listener that
// is away loses what is sent to it, as with real devices, and is tried again.
func (n *Network) Run(ctx context.Context) (err error) {
	out, err := open(n.opt)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.close()) }()
	p := newPlay(n.opt.Seed, n.opt.Rate)
	begin := n.opt.Now()
	for {
		d := p.next()
		if err := out.waitUntil(ctx, begin.Add(d.after)); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return nil
		}
		if late := n.opt.Now().Sub(begin.Add(d.after)); late > slack {
			begin = begin.Add(late)
		}
		if err := out.send(ctx, d.line(begin.Add(d.after)), begin.Add(d.after)); err != nil {
			return err
		}
	}
}
