package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"sluice/internal/app"
	"sluice/internal/strictyaml"
)

// configFlag is shared by the commands that read the configuration.
type configFlag struct {
	Config string `short:"c" type:"path" placeholder:"FILE" help:"Configuration file; default: what sluice config example prints."`
}

type runCmd struct {
	configFlag
	Role []string `placeholder:"ROLE" help:"Roles to run: collect, process, correlate, index, notify, serve. Default: all."`
}

// Run runs until the first signal, and drains; a second one ends it at once.
func (c *runCmd) Run(e *env) error {
	for _, r := range c.Role {
		if !slices.Contains(app.AllRoles, r) {
			return fmt.Errorf("no role is called %s%s (one of %s)", r, strictyaml.DidYouMean(r, app.AllRoles), strings.Join(app.AllRoles, ", "))
		}
	}
	return runNode(e, app.Options{Path: c.Config, Roles: c.Role, Log: e.log, Ready: func(r app.Running) {
		announce(e, r)
		tellManager(e, daemon.SdNotifyReady, "STATUS=running")
	}})
}

func runNode(e *env, opt app.Options) error {
	hard, kill := context.WithCancel(e.ctx)
	defer kill()
	soft, stop := context.WithCancel(hard)
	defer stop()
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)

	if path := os.Getenv(profileEnv); path != "" {
		if err := serveProfiles(e, path); err != nil {
			return err
		}
	}
	n, err := open(soft, stop, signals, opt)
	switch {
	case err != nil && soft.Err() != nil:
		return nil // it was told to stop before it had anything
	case err != nil:
		return err
	}
	done := make(chan error, 1)
	go func() { done <- n.Run(soft, hard) }()
	again := make(chan struct{}, 1) // one reload that waits reads whatever changed until it begins
	go reloads(soft, again, e, n)
	alive, quiet := watchdog(e)
	defer quiet()
	for {
		select {
		case <-alive:
			tellManager(e, daemon.SdNotifyWatchdog)
		case s := <-signals:
			switch {
			case s == syscall.SIGHUP:
				select {
				case again <- struct{}{}:
				default:
				}
			case soft.Err() == nil:
				tellManager(e, daemon.SdNotifyStopping)
				stop()
			default:
				e.log.Warn("second signal: ending now; what is not indexed waits on the bus")
				kill()
			}
		case err := <-done:
			return errors.Join(err, n.Close())
		}
	}
}

// reloads does what SIGHUP asks for, beside the loop of the signals: a file that takes long to read, on a
// share that is away, must not keep the process from its end. Nobody waits for one that is read then.
func reloads(ctx context.Context, again <-chan struct{}, e *env, n *app.Node) {
	for {
		select {
		case <-again:
			reload(ctx, e, n)
		case <-ctx.Done():
			return
		}
	}
}

func reload(ctx context.Context, e *env, n *app.Node) {
	tellManager(e, daemon.SdNotifyReloading, daemon.SdNotifyMonotonicUsec())
	status := "STATUS=running"
	err := n.Reload(ctx)
	if ctx.Err() != nil {
		return // the manager hears that the process stops
	}
	if err != nil {
		e.log.Error("the old configuration stays", "why", err)
		status = "STATUS=running with the old configuration: see the log"
	}
	tellManager(e, daemon.SdNotifyReady, status)
}

// watchdog ticks when the service manager is to hear that this loop still turns (WatchdogSec= in
// systemd.service(5)); never where it does not want to.
func watchdog(e *env) (tick <-chan time.Time, stop func()) {
	every, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		e.log.Warn("the service manager's watchdog is not understood", "why", err)
	}
	if every <= 0 {
		return nil, func() {}
	}
	t := time.NewTicker(every / 2)
	return t.C, t.Stop
}

// tellManager says how far the process is, where a service manager wants to know (sd_notify(3)).
func tellManager(e *env, state ...string) {
	if _, err := daemon.SdNotify(false, strings.Join(state, "\n")); err != nil {
		e.log.Warn("the service manager does not hear", "state", state[0], "why", err)
	}
}

// open waits for what it needs, a Kafka that is not up yet too, until a signal stops
// it. A second signal does not wait for what New is at.
func open(ctx context.Context, stop func(), signals <-chan os.Signal, opt app.Options) (*app.Node, error) {
	type opened struct {
		n   *app.Node
		err error
	}
	done := make(chan opened, 1)
	go func() {
		n, err := app.New(ctx, opt)
		done <- opened{n, err}
	}()
	for {
		select {
		case s := <-signals:
			switch {
			case s == syscall.SIGHUP: // nothing runs that could be reloaded
			case ctx.Err() == nil:
				stop()
			default:
				return nil, ctx.Err() // the process ends with it
			}
		case o := <-done:
			return o.n, o.err
		}
	}
}

// announce says on stderr where everything is; the token only where nobody keeps what is said, as
// the journal of systemd does (JOURNAL_STREAM in systemd.exec(5)).
func announce(e *env, r app.Running) {
	fmt.Fprintf(e.stderr, "sluice is running; data in %s\n", r.DataPath)
	for _, name := range slices.Sorted(maps.Keys(r.Inputs)) {
		if len(r.Inputs[name]) > 0 {
			fmt.Fprintf(e.stderr, "  input %s: %s\n", name, strings.Join(r.Inputs[name], ", "))
		}
	}
	switch {
	case r.Link != "" && os.Getenv("JOURNAL_STREAM") == "":
		fmt.Fprintf(e.stderr, "  console: %s  (shown once; the token is in %s/token)\n", r.Link, r.DataPath)
	case r.Console != "":
		fmt.Fprintf(e.stderr, "  console: %s  (the token is in %s/token)\n", r.Console, r.DataPath)
	case r.Health != "":
		fmt.Fprintf(e.stderr, "  health and metrics: %s  (the token is in %s/token)\n", r.Health, r.DataPath)
	}
}
