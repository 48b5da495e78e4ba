// Package netflow receives NetFlow v5 and v9, IPFIX and sFlow v5 over UDP and makes one event of
// every flow, sample and options record: JSON that the pack sluice_netflow parses, keyed by the
// names of the information elements.
//
// Every socket accepts all of these; the first bytes of a datagram tell them apart. Data that
// arrives before its template waits for it in a bounded buffer. What cannot become an event is
// counted by reason. docs/inputs.md has both lists.
//
// Read on: input.go, sockets and batches; decoder.go, from a datagram to records; templates.go,
// what is remembered about exporters; record.go, the JSON.
package netflow

import (
	"errors"
	"fmt"

	"sluice/ingest"
	"sluice/internal/cidr"
)

// Settings configure one input: any number of sockets that share the rest.
type Settings struct {
	UDP           []string `yaml:"udp"`            // addresses such as ":2055"
	Allow         []string `yaml:"allow"`          // who may send; addresses or CIDR; empty: everybody
	MaxExporters  int      `yaml:"max_exporters"`  // whose templates are remembered; the longest silent one makes room
	MaxTemplates  int      `yaml:"max_templates"`  // of one exporter; the longest unused one makes room
	Hold          int      `yaml:"hold"`           // bytes of data that wait for their template; 0: none
	ReceiveBuffer int      `yaml:"receive_buffer"` // bytes of the kernel for each socket
}

const (
	defaultExporters = 1024
	// defaultTemplates is several times what a router with every feature on sends.
	defaultTemplates = 256
	// defaultHold rides out the half minute that exporters commonly take to send their
	// templates again, at 1,000 full datagrams.
	defaultHold = 1 << 20
	// defaultReceiveBuffer takes 1.5 s of 2,000 full datagrams a second (60,000 flows).
	defaultReceiveBuffer = 4 << 20
)

// Defaults are the settings of an empty section: the ports that are usual for NetFlow,
// IPFIX (RFC 7011) and sFlow.
func Defaults() ingest.Settings {
	return &Settings{
		UDP:           []string{":2055", ":4739", ":6343"},
		MaxExporters:  defaultExporters,
		MaxTemplates:  defaultTemplates,
		Hold:          defaultHold,
		ReceiveBuffer: defaultReceiveBuffer,
	}
}

// Validate reports every fault, each with its key.
func (s *Settings) Validate() error {
	var all []error
	bad := func(format string, args ...any) { all = append(all, fmt.Errorf(format, args...)) }
	if len(s.UDP) == 0 {
		bad(`udp: none is set; name at least one address, such as udp: ":2055"`)
	}
	ingest.ValidateAddrs(bad, "udp", s.UDP)
	if _, err := cidr.ParseSet(s.Allow); err != nil {
		bad("allow: %v", err)
	}
	if s.MaxExporters < 1 || s.MaxExporters > 1<<16 {
		bad("max_exporters: %d is not between 1 and 65536", s.MaxExporters)
	}
	if s.MaxTemplates < 1 || s.MaxTemplates > 1<<16 {
		bad("max_templates: %d is not between 1 and 65536", s.MaxTemplates)
	}
	if s.Hold < 0 || s.Hold > 1<<30 {
		bad("hold: %d is not between 0 and 1073741824 bytes", s.Hold)
	}
	if s.ReceiveBuffer < 0 {
		bad("receive_buffer: must not be negative")
	}
	return errors.Join(all...)
}

// Listens implements ingest.Listens.
func (s *Settings) Listens() (tcp, udp, unix []string) { return nil, s.UDP, nil }

// Open binds every socket; when one cannot be bound, none stays open.
func (s *Settings) Open(env ingest.Env) (ingest.Input, error) {
	allow, err := cidr.ParseSet(s.Allow)
	if err != nil {
		return nil, err
	}
	in := newInput(s, env, allow)
	for _, a := range s.UDP {
		c, err := ingest.ListenUDP(a, s.ReceiveBuffer, env.Log)
		if err != nil {
			in.close()
			return nil, fmt.Errorf("bind udp %s: %w", a, err)
		}
		in.socks = append(in.socks, c)
	}
	return in, nil
}
