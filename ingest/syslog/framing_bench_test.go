package syslog

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"sluice/event"
	"sluice/ingest"
)

const benchLine = "<166>Oct 11 22:14:15 fw-1 %ASA-6-302013: Built inbound TCP connection 3281 for outside:203.0.113.9/51234 (203.0.113.9/51234) to dmz:10.1.2.3/443 (198.51.100.7/443)"

func benchFraming(b *testing.B, one string) {
	stream := []byte(strings.Repeat(one, 400))
	b.SetBytes(int64(len(one)))
	b.ReportAllocs()
	s := splitter{framing: FramingAuto, max: defaultMaxLine}
	rest := stream
	for b.Loop() {
		for {
			f, taken := s.next(rest, false)
			rest = rest[taken:]
			if len(rest) == 0 {
				rest = stream
			}
			if len(f.bytes) > 0 {
				break
			}
		}
	}
}

// A loop is one line.
func BenchmarkFramingLF(b *testing.B) { benchFraming(b, benchLine+"\n") }

func BenchmarkFramingOctet(b *testing.B) {
	benchFraming(b, fmt.Sprintf("%d %s", len(benchLine), benchLine))
}

// BenchmarkTake is all that is done to one line between read and emit.
func BenchmarkTake(b *testing.B) {
	for _, format := range []Format{FormatAuto, FormatStrict} {
		b.Run(string(format), func(b *testing.B) {
			s := settings(func(s *Settings) { s.Format = format })
			in, err := newInput(s, ingest.Env{Name: "net", Drop: func(string, string, int) {}})
			if err != nil {
				b.Fatal(err)
			}
			line := []byte("<34>1 2026-10-11T22:14:15.003Z mymachine.example.com su 47 ID47 - 'su root' failed for lonvick on /dev/pts/8")
			p := in.sender(netip.MustParseAddrPort("127.0.0.1:5000"), "tcp")
			out := ingest.NewBatcher(func(context.Context, []event.Raw, ingest.Checkpoint) error { return nil }, ingest.BatchWait, in.env.Drop, nil)
			ended, done := make(chan error), make(chan struct{})
			go func() { ended <- out.Run(b.Context(), done) }()
			now := time.Now()
			b.ReportAllocs()
			for b.Loop() {
				in.take(p, out, line, 0, now)
			}
			close(done)
			if err := <-ended; err != nil {
				b.Fatal(err)
			}
		})
	}
}
