//go:build !linux

package live

import (
	"fmt"

	"sluice/ingest"
)

// Open refuses: the ring is Linux's.
func (s *Settings) Open(env ingest.Env) (ingest.Input, error) {
	return nil, fmt.Errorf("input %s: live capture needs Linux; capture with tcpdump and read the files with kind pcap", env.Name)
}
