// Package testbed runs the program for acceptance tests: it builds it with its crash points, runs
// it as processes on the embedded engines or on real ones, kills them, and checks from outside
// what became of every line. It uses only the command line, configuration, API and signals.
package testbed

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// Engines are where a world runs. Empty addresses mean the embedded ones.
type Engines struct {
	Kafka         string // host:port
	Elasticsearch string // URL
}

// Real are the engines that test/engines/run.sh started, or none.
func Real() Engines {
	return Engines{Kafka: os.Getenv("SLUICE_TEST_KAFKA"), Elasticsearch: os.Getenv("SLUICE_TEST_ES")}
}

// Embedded says whether nothing but the program itself runs.
func (e Engines) Embedded() bool { return e.Kafka == "" }

var (
	buildOnce sync.Once
	binary    string
	buildErr  error
)

// Binary builds the program once for all tests of a process, with crash points.
func Binary(t testing.TB) string {
	t.Helper()
	buildOnce.Do(func() {
		dir, err := os.MkdirTemp("", "sluice-testbed")
		if err != nil {
			buildErr = err
			return
		}
		binary = filepath.Join(dir, "sluice")
		cmd := exec.Command("go", "build", "-tags", "crash", "-o", binary, "sluice/cmd/sluice")
		if out, err := cmd.CombinedOutput(); err != nil {
			buildErr = fmt.Errorf("build sluice: %w\n%s", err, out)
		}
	})
	if buildErr != nil {
		t.Fatal(buildErr)
	}
	return binary
}

// Clean removes what Binary built; call it at the end of TestMain.
func Clean() {
	if binary != "" {
		os.RemoveAll(filepath.Dir(binary))
	}
}

// World is one installation under test.
type World struct {
	T       testing.TB
	Dir     string // scratch: logs, data, configuration
	Engines Engines
	Hook    *Receiver // what people are told by
	Syslog  string    // host:port of the syslog listener, UDP and TCP
	Inputs  string    // more entries of the section inputs, indented
	Data    string    // folder of the data directories; Dir unless set before Up
	Damages bool      // the test damages what is stored, so that losses may be told

	console string
	demo    string // data directory of the demonstration
	prefix  string // of topics, so that worlds share one Kafka
	ns      string // namespace, so that worlds share one Elasticsearch
	extra   string
	procs   []*Process
}

// New makes a world; extra is configuration added at the end, such as inputs' siblings.
func New(t testing.TB, e Engines, extra string) *World {
	t.Helper()
	w := &World{
		T: t, Dir: t.TempDir(), Engines: e, Hook: newReceiver(t), extra: extra,
		Syslog: freePort(t), console: freePort(t),
	}
	w.Data = w.Dir
	stamp := time.Now().UnixNano()
	w.prefix, w.ns = fmt.Sprintf("t%d.", stamp), fmt.Sprintf("t%d", stamp)
	t.Cleanup(w.stopAll)
	return w
}

// FreePort is a loopback address that nobody listens on, by TCP and UDP, and that stays free until the
// test uses it, also between a program's end and its next start.
func (w *World) FreePort() string { return freePort(w.T) }

func freePort(t testing.TB) string {
	t.Helper()
	addr, err := FreePort()
	if err != nil {
		t.Fatal(err)
	}
	return addr
}

// Logs is the folder that the world's file input watches.
func (w *World) Logs() string { return filepath.Join(w.Dir, "logs") }

// Namespace is the world's own.
func (w *World) Namespace() string { return w.ns }

// DataDir is the data directory of a process.
func (w *World) DataDir(name string) string { return filepath.Join(w.Data, "data-"+name) }

// config is the configuration of one process. On real engines each has a data
// directory of its own.
func (w *World) config(name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "data: %s\nname: %s\nconsole:\n  listen: %s\n", w.DataDir(name), name, w.console)
	fmt.Fprintf(&b, "inputs:\n  files:\n    kind: file_tail\n    namespace: %s\n    paths: %s/*\n    rescan: 200ms\n", w.ns, w.Logs())
	fmt.Fprintf(&b, "  net:\n    kind: syslog\n    namespace: %s\n    tcp: %s\n    udp: %s\n", w.ns, w.Syslog, w.Syslog)
	b.WriteString(w.Inputs)
	fmt.Fprintf(&b, "rules:\n  library: false\n  paths: %s\n", filepath.Join(w.Dir, "rules"))
	fmt.Fprintf(&b, "channels:\n  hook:\n    kind: webhook\n    url: %s\n    allow: 127.0.0.1/32\n    notify:\n      tell: new\n      route:\n        - min_severity: informational\n      throttle: {key_every: 0s, every: 0s}\n      group: {by: [rule, key], max: 50}\n", w.Hook.URL)
	if !w.Engines.Embedded() {
		fmt.Fprintf(&b, "kafka:\n  brokers: %s\n  prefix: %s\n  partitions: %d\n", w.Engines.Kafka, w.prefix, KafkaPartitions)
		fmt.Fprintf(&b, "elasticsearch:\n  addresses: %s\n", w.Engines.Elasticsearch)
	}
	b.WriteString(w.extra)
	return b.String()
}

// Rules writes the rules of the world.
func (w *World) Rules(text string) {
	w.T.Helper()
	w.write(filepath.Join(w.Dir, "rules", "rules.yml"), text)
}

func (w *World) write(path, text string) {
	w.T.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		w.T.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.T.Fatal(err)
	}
}

// Up starts the installation: one process with all roles on the embedded engines; on
// real ones a process for each role, two for process and correlate.
func (w *World) Up() {
	w.T.Helper()
	if err := os.MkdirAll(w.Logs(), 0o700); err != nil {
		w.T.Fatal(err)
	}
	if w.Engines.Embedded() {
		w.Start("all")
		return
	}
	for _, name := range []string{"collect", "process-1", "process-2", "correlate-1", "correlate-2", "index", "notify", "serve"} {
		role, _, _ := strings.Cut(name, "-")
		w.Start(name, "--role", role)
	}
	for _, p := range w.procs { // what is written from now on is no history
		w.Await(p.Name+" to run", 2*time.Minute, func() bool { return strings.Contains(p.Log(), "sluice is running") })
	}
}

// Processes are those that were started, dead ones too.
func (w *World) Processes() []*Process { return w.procs }

func (w *World) stopAll() {
	for _, p := range w.procs {
		p.Kill()
		if lost, err := os.ReadFile(filepath.Join(w.DataDir(p.Name), "losses")); err == nil && !w.Damages {
			w.T.Errorf("%s found something lost:\n%s", p.Name, lost)
		}
	}
	if w.T.Failed() {
		for _, p := range w.procs {
			w.T.Logf("end of the log of %s:\n%s", p.Name, p.tail(4000))
		}
	}
}
