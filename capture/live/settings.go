// Package live is the input that captures from a network interface through the kernel's AF_PACKET
// ring (TPACKET_V3; Linux only, no cgo, no libpcap) and emits flows and DNS messages. It needs
// CAP_NET_RAW. Packets that the kernel had to drop are counted.
package live

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/net/bpf"

	"sluice/capture"
	"sluice/ingest"
)

// Settings are the keys of an input of kind live.
type Settings struct {
	Interface   string         `yaml:"interface"`   // such as eth0
	Promiscuous bool           `yaml:"promiscuous"` // also take frames for other stations: a mirror port needs it
	RingMiB     int            `yaml:"ring_mib"`    // memory that the kernel fills while we write
	Filter      Filter         `yaml:"filter"`      // only packets that pass
	Flows       capture.Limits `yaml:"flows"`       // when a flow ends, and how many are open at once
}

// Defaults are the settings of an input that names only its interface.
func Defaults() ingest.Settings {
	return &Settings{
		Promiscuous: true,
		RingMiB:     32, // a quarter of a second at 1 Gbit/s, longer than an fsync
		Flows:       capture.DefaultLimits(),
	}
}

// Validate reports every fault, naming its key.
func (s *Settings) Validate() error {
	var faults []error
	if s.Interface == "" {
		faults = append(faults, errors.New("interface: missing; `ip link` lists them"))
	} else if len(s.Interface) > 15 || strings.ContainsAny(s.Interface, "/ \t\n") {
		faults = append(faults, fmt.Errorf("interface: %q is no name of an interface", s.Interface))
	}
	if s.RingMiB < 1 || s.RingMiB > 4096 {
		faults = append(faults, fmt.Errorf("ring_mib: %d is not between 1 and 4096", s.RingMiB))
	}
	return errors.Join(append(faults, s.Flows.Validate())...)
}

// Filter is a compiled filter in the kernel's classic BPF, as `tcpdump -ddd 'not port
// 9200'` prints it: the number of instructions, then one of `code jt jf k` a line
// (lines may also be parted by commas). Compiling the expression needs libpcap, which
// this program does without.
type Filter []bpf.RawInstruction

// UnmarshalText reads tcpdump's output.
func (f *Filter) UnmarshalText(text []byte) error {
	const most = 4096 // BPF_MAXINSNS
	lines := strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' || r == ',' })
	var out Filter
	for i, line := range lines {
		if i == 0 && len(strings.Fields(line)) == 1 {
			continue // the count
		}
		if len(out) == most {
			return fmt.Errorf("more than %d instructions", most)
		}
		var in bpf.RawInstruction
		var rest string
		if n, _ := fmt.Sscan(line, &in.Op, &in.Jt, &in.Jf, &in.K, &rest); n != 4 {
			return fmt.Errorf("%q is no BPF instruction; paste the output of tcpdump -ddd", line)
		}
		out = append(out, in)
	}
	if len(out) == 0 {
		return errors.New("empty; paste the output of tcpdump -ddd")
	}
	*f = out
	return nil
}
