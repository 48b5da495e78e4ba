package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"sluice/internal/app"
)

type setupCmd struct {
	configFlag
	Kibana string `placeholder:"URL" help:"Import the data views and the saved search into this Kibana."`
}

// Run is idempotent: what is there and the same stays.
func (c *setupCmd) Run(e *env) error {
	report, err := app.Setup(e.ctx, c.Config, c.Kibana)
	for _, line := range report {
		fmt.Fprintln(e.stdout, strings.TrimSpace(line))
	}
	return err
}

type replayCmd struct {
	configFlag
	To    string   `placeholder:"HOST:PORT" help:"Send the lines of log files as syslog over TCP instead."`
	Rate  int      `default:"0" help:"With --to: lines a second; 0 is as fast as it goes."`
	Files []string `arg:"" type:"existingfile" help:"Captures (pcap, pcapng, also .gz) or log files."`
}

// Run prints one ECS document a line, or sends.
func (c *replayCmd) Run(e *env) error {
	switch {
	case slices.Contains(c.Files, "-"):
		return errors.New("replay reads files and pipes by their names: standard input is /dev/stdin")
	case c.Rate < 0:
		return fmt.Errorf("--rate %d is below 0", c.Rate)
	case c.Rate > 0 && c.To == "":
		return errors.New("--rate needs --to")
	}
	if c.To != "" {
		return app.Send(e.ctx, c.To, c.Rate, c.Files, e.stderr)
	}
	set, err := app.LoadSet(c.Config)
	if err != nil {
		return err
	}
	return app.Replay(e.ctx, set, c.Files, e.stdout, e.log)
}

type demoCmd struct {
	Data string  `default:"sluice-demo" type:"path" help:"Folder of the demonstration, for nothing else."`
	Rate float64 `default:"50" help:"Events a second."`
	Seed uint64  `default:"1" help:"Decides everything that is played."`
}

// Run runs until the first signal.
func (c *demoCmd) Run(e *env) error {
	if !(c.Rate >= 1 && c.Rate <= 1e6) { // NaN is neither
		return errors.New("--rate is not between 1 and 1000000")
	}
	opt, err := app.Demo(e.ctx, c.Data, c.Rate, c.Seed, e.log)
	if err != nil {
		return err
	}
	ready := opt.Ready
	opt.Ready = func(r app.Running) {
		announce(e, r)
		fmt.Fprintf(e.stderr, "  from a second terminal: %s search -c %s event.outcome:failure\n", os.Args[0], opt.Path)
		ready(r)
	}
	return runNode(e, opt)
}
