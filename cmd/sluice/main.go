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
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
	_ "time/tzdata" // for a machine that has no zones of its own

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
	Rules      rulesCmd      `cmd:"" help:"Check, test, explain and measure rules, and say what they find."`
	Packs      packsCmd      `cmd:"" help:"List, test, begin and improve packs."`
	Search     searchCmd     `cmd:"" help:"Search events or alerts in the index."`
	Export     exportCmd     `cmd:"" help:"Write all events of a query as JSON lines."`
	Report     reportCmd     `cmd:"" help:"Sum up what the index holds of a time, as reports on a schedule do."`
	Replay     replayCmd     `cmd:"" help:"Capture or log files as ECS documents, or as syslog to a running instance."`
	Reprocess  reprocessCmd  `cmd:"" help:"Normalize events of the index again, by today's packs."`
	DLQ        dlqCmd        `cmd:"" name:"dlq" help:"List, show, replay and drop dead letters: what could not be read or indexed."`
	Setup      setupCmd      `cmd:"" help:"Put index templates into Elasticsearch, and data views into Kibana."`
	Account    accountCmd    `cmd:"" help:"Received + split = indexed + dead-lettered + dropped + in flight, per origin."`
	Ready      readyCmd      `cmd:"" help:"Ask the running sluice whether it does its work."`
	Verify     verifyCmd     `cmd:"" help:"Read the whole data directory and name every damage."`
	Config     configCmd     `cmd:"" help:"About the configuration file."`
	Completion completionCmd `cmd:"" help:"Completion for a shell, as a script."`
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
	useHugePages()
	// A reader that has seen enough, as head has, ends a command by an error of the write, which
	// is no failure (see exitCode), and a running Sluice not at all.
	signal.Ignore(syscall.SIGPIPE)
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is main without the process, so that tests can call it.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var c cli
	code, exited := exitOK, false
	out := &output{Writer: stdout}
	k, err := newParser(&c, out, stderr, func(n int) { code, exited = n, true })
	if err != nil {
		panic("BUG: command line: " + err.Error())
	}
	if len(args) > 0 && args[0] == "help" { // what many type first
		args = append(slices.Clone(args[1:]), "--help")
	}
	parsed, err := k.Parse(args)
	if lost := out.fault(); lost != nil { // of the help or the version
		return exitCode(lost, stderr)
	}
	if exited {
		return code
	}
	if err != nil {
		fmt.Fprintf(stderr, "sluice: %s; see %s --help\n", harmless(withFlag(err)), commandOf(err))
		return exitError
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	if strings.HasPrefix(parsed.Command(), "run") || strings.HasPrefix(parsed.Command(), "demo") {
		stop() // they tell one signal from two
		ctx, stop = context.WithCancel(context.Background())
	}
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends what does not heed the first
	e := &env{ctx: ctx, stdin: stdin, stdout: out, stderr: stderr, log: logger(stderr, c.Log, c.Verbose), model: k}
	if err = heeding(ctx, func() error { return parsed.Run(e) }); err == nil {
		err = out.fault()
	}
	return exitCode(stopped(ctx, err), stderr)
}

// stopped is the error of a command that a signal ended: each part of it says that in words of its own, the
// index as a search that was cancelled.
func stopped(ctx context.Context, err error) error {
	var conf *app.ConfigError
	if err == nil || ctx.Err() == nil || errors.As(err, &conf) || slices.ContainsFunc([]error{errUnread, errSilent, errFault}, func(e error) bool { return errors.Is(err, e) }) {
		return err
	}
	return ctx.Err()
}

// patience is how long a command may take for its end behind a signal: it writes out what it has.
const patience = 3 * time.Second

// heeding runs a command until its end, or until patience behind that of ctx: what opens a named pipe that
// nobody writes to, or a file on a share that is away, heeds no context. The process ends then.
func heeding(ctx context.Context, command func() error) error {
	done := make(chan error, 1)
	go func() { done <- command() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return err
	case <-time.After(patience):
		return ctx.Err()
	}
}

// output remembers the first write that failed: commands print lines without looking at each, and what
// nobody has got is no success.
type output struct {
	io.Writer
	mu  sync.Mutex
	err error
}

// Write implements io.Writer.
func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, err := o.Writer.Write(b)
	if errors.Is(err, syscall.EPIPE) {
		err = errUnread
	}
	if o.err == nil {
		o.err = err
	}
	return n, err
}

func (o *output) fault() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}

// newParser makes the command line; exit is called where help or the version was all that was asked.
func newParser(c *cli, stdout, stderr io.Writer, exit func(int)) (*kong.Kong, error) {
	k, err := kong.New(c, kong.Name("sluice"), kong.Writers(stdout, stderr),
		kong.Description("Collects logs and packets, normalizes them to ECS, detects, indexes and tells people."),
		kong.Vars{"version": version.String()}, kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.TypeMapper(reflect.TypeFor[time.Time](), kong.MapperFunc(stamp)), exact(), kong.Exit(exit))
	if err == nil {
		addExamples(k.Model.Node, "")
	}
	return k, err
}

// bareConfig is what becomes of a configuration that is given without -c.
var bareConfig = regexp.MustCompile(`^unexpected argument (\S+\.ya?ml)$`)

// withFlag says how a configuration is named to somebody who left the flag out, or put it first.
func withFlag(err error) error {
	if text := err.Error(); strings.HasPrefix(text, "unknown flag -c,") || strings.HasPrefix(text, "unknown flag --config") {
		return errors.New("-c stands behind the command, as in sluice check -c FILE")
	}
	if m := bareConfig.FindStringSubmatch(err.Error()); m != nil {
		return fmt.Errorf("%w; a configuration is named by -c %s", err, m[1])
	}
	return err
}

// commandOf is the command that an error of the command line is about, as far as it is known.
func commandOf(err error) string {
	var fault *kong.ParseError
	if errors.As(err, &fault) && fault.Context != nil {
		if node := fault.Context.Selected(); node != nil {
			return node.FullPath()
		}
	}
	return "sluice"
}

// stamp reads a flag that is a time.
func stamp(ctx *kong.DecodeContext, target reflect.Value) error {
	var text string
	if err := ctx.Scan.PopValueInto("time", &text); err != nil {
		return err
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return fmt.Errorf("%.40q is no time such as 2026-03-02T09:00:00Z or 2026-03-02T10:00:00+01:00", text)
	}
	target.Set(reflect.ValueOf(t))
	return nil
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

// errSilent is a failure that has been told already, errFault one of what the user wrote, and errUnread says
// that whoever read the output has gone: a connection that breaks has the same EPIPE, and is a failure.
var (
	errSilent = errors.New("failed")
	errFault  = errors.New("fault")
	errUnread = errors.New("nobody reads the output any more")
)

func exitCode(err error, stderr io.Writer) int {
	var conf *app.ConfigError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errUnread): // head has seen enough
		return exitOK
	case errors.Is(err, errSilent):
		return exitError
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "sluice: stopped by a signal before the end")
		return exitError
	case errors.Is(err, errFault):
		return exitConfig
	case errors.As(err, &conf):
		fmt.Fprintln(stderr, harmless(err))
		return exitConfig
	}
	fmt.Fprintf(stderr, "sluice: %s\n", harmless(err))
	return exitError
}

// harmless is what an error says, line by line: the name of a file may be of somebody who means to command
// the terminal.
func harmless(err error) string {
	lines := strings.Split(err.Error(), "\n")
	for i := range lines {
		lines[i] = app.Printable(lines[i])
	}
	return strings.Join(lines, "\n")
}
