package app

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"sluice/internal/simulate"
)

// demoConfig listens on free loopback ports, so that the demonstration runs beside
// anything else; %q is the folder that the network plays files into.
const demoConfig = `data: %[1]q
inputs:
  office:
    kind: syslog
    udp: 127.0.0.1:0
    tcp: 127.0.0.1:0
  logs:
    kind: file_tail
    paths: [%[2]q]
  taps:
    kind: pcap
    files: [%[3]q]
    watch: true
`

// Demo is how `sluice demo` runs: a configuration of its own, and a network that plays
// through its listeners once they are open.
func Demo(ctx context.Context, data string, rate float64, seed uint64, log *slog.Logger) (Options, error) {
	play := filepath.Join(data, "play")
	for _, dir := range []string{data, play, filepath.Join(play, "pcap")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return Options{}, err
		}
	}
	text := fmt.Sprintf(demoConfig, filepath.Join(data, "data"), filepath.Join(play, "*.{log,json}"), filepath.Join(play, "pcap", "*.pcap"))
	opt := Options{
		Log:      log,
		Settings: func() (*Settings, error) { return ParseSettings("(demonstration)", []byte(text), systemLookup) },
	}
	opt.Ready = func(r Running) {
		network, err := simulate.New(simulate.Options{
			Seed: seed, Rate: rate, Dir: play,
			SyslogUDP: address(r, "office", "udp"), SyslogTCP: address(r, "office", "tcp"),
		})
		if err != nil {
			log.Error("the demonstration's network does not start", "why", err)
			return
		}
		go func() {
			if err := network.Run(ctx); err != nil {
				log.Error("the demonstration's network ended", "why", err)
			}
		}()
		log.Info("an invented office network plays now; its first attack comes within seconds", "events_per_second", rate)
	}
	return opt, nil
}

// address is where an input listens by a protocol.
func address(r Running, input, network string) string {
	for _, a := range r.Inputs[input] {
		if at, ok := strings.CutPrefix(a, network+" "); ok {
			return at
		}
	}
	return ""
}
