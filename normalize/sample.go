package normalize

import (
	"strings"
	"time"

	"sluice/event"
)

// SampleTime is when the lines of a pack's sample.log are received, so that a golden
// document is the same on every day.
var SampleTime = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// Sample is a line of the pack's sample.log as an input would hand it on. What is not
// recognized by its text has its pack named, as the capture names those of its records.
func (p *Packs) Sample(pack, line string) *event.Raw {
	raw := &event.Raw{ID: "1", Bytes: []byte(line), Received: SampleTime, Peer: "192.0.2.7:514", Namespace: "default"}
	if one := p.byName[pack]; one != nil && (one.lastResort || strings.HasPrefix(pack, "sluice_")) {
		raw.Pack = pack
	}
	return raw
}
