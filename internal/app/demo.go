package app

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"

	"sluice/console"
	"sluice/internal/simulate"
)

// demoMark begins the configuration of a demonstration: one without it is somebody's own.
const demoMark = "# Written by sluice demo, at each start."

// demoConfig listens on free loopback ports, so that the demonstration runs beside
// anything else.
const demoConfig = demoMark + ` It tells other commands where the demonstration is.
data: %[1]q
console: {listen: %[4]q}
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
	opt := Options{Log: log, Path: filepath.Join(data, "sluice.yml")}
	if text, err := os.ReadFile(opt.Path); err == nil && !strings.HasPrefix(string(text), demoMark) {
		return Options{}, fmt.Errorf("%s is no demonstration's, which would write over it: give --data a folder of its own", opt.Path)
	}
	if _, err := os.Stat(filepath.Join(data, "VERSION")); err == nil {
		return Options{}, fmt.Errorf("%s is the data directory of a Sluice: give --data a folder of its own", data)
	}
	play := filepath.Join(data, "play")
	if _, err := simulate.New(simulate.Options{Rate: rate, Dir: play}); err != nil {
		return Options{}, err
	}
	for _, dir := range []string{data, play, filepath.Join(play, "pcap")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return Options{}, err
		}
	}
	for _, name := range simulate.Files { // there from the start: an input that finds none warns
		if err := touch(filepath.Join(play, name)); err != nil {
			return Options{}, err
		}
	}
	text := fmt.Sprintf(demoConfig, filepath.Join(data, "data"), filepath.Join(play, "*.{log,json}"), filepath.Join(play, "pcap", "*.pcap"), demoConsole(ctx))
	if err := os.WriteFile(opt.Path, []byte(text), 0o600); err != nil {
		return Options{}, err
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

// demoConsole is where the console listens: where it always does, or on any free port if another
// program, such as another demonstration, is there.
func demoConsole(ctx context.Context) string {
	usual := console.Defaults().Listen
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", usual)
	if err != nil {
		return "127.0.0.1:0"
	}
	_ = ln.Close()
	return usual
}

// touch makes a file that is not there.
func touch(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
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
