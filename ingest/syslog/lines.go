package syslog

import (
	"bytes"
	"encoding/json"
	"time"

	"sluice/ingest"
	"sluice/internal/metrics"
)

// lines takes a datagram that may hold several messages. Where it begins with a priority, a message
// begins at each line that does, so that one of several lines (a stack trace, a policy) stays one;
// else each line is a message, unless all of it is one JSON value.
func (in *input) lines(p *sender, b *ingest.Batcher, text []byte, now time.Time) {
	if json.Valid(text) {
		in.whole(p, b, text, now)
		return
	}
	marked := begins(text)
	for first := true; len(text) > 0; {
		n := nextMessage(text, marked)
		line := bytes.TrimRight(text[:n], "\r\n\x00")
		text = text[n:]
		if len(line) == 0 {
			continue
		}
		// The datagram's first message has passed the limit with it.
		if !first && !in.limits.take(p.Addr) {
			in.env.Drop(p.Origin, dropRateLimit, 1)
			continue
		}
		first = false
		in.whole(p, b, line, now)
	}
}

// nextMessage is where the second message of text begins, or its length. marked: each begins with a
// priority.
func nextMessage(text []byte, marked bool) int {
	for at := 0; ; {
		n := bytes.IndexByte(text[at:], '\n')
		if n < 0 {
			return len(text)
		}
		if at += n + 1; !marked || begins(text[at:]) {
			return at
		}
	}
}

// begins reports whether text begins with a whole priority.
func begins(text []byte) bool {
	return ingest.Priority(text) && bytes.IndexByte(text[:min(len(text), len("<191>"))], '>') > 0
}

// tellJoined counts a datagram that is taken as one message and seems to hold several, and says so
// once: it may be a device that needs another setting, or somebody who writes line ends into what a
// device logs.
func (in *input) tellJoined(p *sender) {
	metrics.IngestJoined.WithLabelValues(in.env.Name).Inc()
	in.joined.Do(func() {
		in.env.Log.Warn("a datagram seems to hold several messages and is taken as one; if the device sends them so, give it an input with datagram: lines",
			"input", in.env.Name, "peer", p.Peer)
	})
}
