// Command sluice is the whole product: it collects, normalizes, detects, indexes and notifies,
// and includes the tools for writing packs and rules.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"sluice/internal/app"
	"sluice/internal/version"
)

// The exit codes; docs/cli.md lists them. 78 is EX_CONFIG of sysexits.h.
const (
	exitOK     = 0
	exitError  = 1
	exitConfig = 78
)

// cli is every command and flag; the tags are their documentation.
type cli struct {
	Log     string           `enum:"text,json" default:"text" help:"Form of the messages on stderr: text or json."`
	Verbose bool             `short:"v" help:"Debug messages too."`
	Version kong.VersionFlag `help:"Print the version and exit."`

	Run        runCmd        `cmd:"" help:"Run all roles, or those named by --role, until SIGTERM."`
	Demo       demoCmd       `cmd:"" help:"Run on one machine with an invented office network playing through the listeners."`
	Check      checkCmd      `cmd:"" help:"Check configuration, packs and rules without running."`
	Normalize  normalizeCmd  `cmd:"" help:"Raw lines in, one ECS document a line out."`
	Detect     detectCmd     `cmd:"" help:"Raw lines in, one line for each match or alert out."`
	Rules      rulesCmd      `cmd:"" help:"Lint and test rules."`
	Packs      packsCmd      `cmd:"" help:"List, test, begin and improve packs."`
	Search     searchCmd     `cmd:"" help:"Search events or alerts in the index."`
	Report     reportCmd     `cmd:"" help:"Sum up what the index holds of a time, as reports on a schedule do."`
	Replay     replayCmd     `cmd:"" help:"Capture or log files as ECS documents, or as syslog to a running instance."`
	Reprocess  reprocessCmd  `cmd:"" help:"Normalize events of the index again, by today's packs."`
	Setup      setupCmd      `cmd:"" help:"Put index templates into Elasticsearch, and data views into Kibana or a file."`
	Account    accountCmd    `cmd:"" help:"Received + split = indexed + dead-lettered + dropped + in flight, per origin."`
	Ready      readyCmd      `cmd:"" help:"Ask the running sluice whether it does its work."`
	Verify     verifyCmd     `cmd:"" help:"Read the whole data directory and name every damage."`
	Config     configCmd     `cmd:"" help:"About the configuration file."`
	Completion completionCmd `cmd:"" help:"Completion for a shell: eval \"$(sluice completion bash)\"."`
	VersionCmd versionCmd    `cmd:"" name:"version" help:"Print version, commit and Go version."`
}

// env is what every command works with.
type env struct {
	ctx            context.Context
	stdin          io.Reader
	stdout, stderr io.Writer
	log            *slog.Logger
	model          *kong.Kong
}

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is main without the process, so that tests can call it.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var c cli
	code, exited := exitOK, false
	k, err := kong.New(&c, kong.Name("sluice"), kong.Writers(stdout, stderr),
		kong.Description("Collects logs and packets, normalizes them to ECS, detects, indexes and tells people."),
		kong.Vars{"version": version.String()}, kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Exit(func(n int) { code, exited = n, true }))
	if err != nil {
		panic("BUG: command line: " + err.Error())
	}
	parsed, err := k.Parse(args)
	if exited {
		return code
	}
	if err != nil {
		fmt.Fprintf(stderr, "sluice: %v; see sluice --help\n", err)
		return exitError
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	if strings.HasPrefix(parsed.Command(), "run") || strings.HasPrefix(parsed.Command(), "demo") {
		stop() // they tell one signal from two
		ctx, stop = context.WithCancel(context.Background())
	}
	defer stop()
	e := &env{ctx: ctx, stdin: stdin, stdout: stdout, stderr: stderr, log: logger(stderr, c.Log, c.Verbose), model: k}
	return exitCode(parsed.Run(e), stderr)
}

func logger(w io.Writer, form string, verbose bool) *slog.Logger {
	opt := &slog.HandlerOptions{}
	if verbose {
		opt.Level = slog.LevelDebug
	}
	if form == "json" {
		return slog.New(slog.NewJSONHandler(w, opt))
	}
	return slog.New(slog.NewTextHandler(w, opt))
}

// errSilent is a failure that has been told already, errFault one of what the user wrote.
var (
	errSilent = errors.New("failed")
	errFault  = errors.New("fault")
)

func exitCode(err error, stderr io.Writer) int {
	var conf *app.ConfigError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, syscall.EPIPE): // head has seen enough
		return exitOK
	case errors.Is(err, errSilent):
		return exitError
	case errors.Is(err, errFault):
		return exitConfig
	case errors.As(err, &conf):
		fmt.Fprintf(stderr, "%v\n", err)
		return exitConfig
	}
	fmt.Fprintf(stderr, "sluice: %v\n", err)
	return exitError
}
