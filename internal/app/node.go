package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sluice/bus"
	"sluice/bus/embedded"
	"sluice/internal/disk"
	"sluice/journal"
	"sluice/pipeline"
	"sluice/schemas"
	"sluice/sinks"
	"sluice/sinks/elasticsearch"
	"sluice/store"
	"sluice/store/esapi"
)

// The roles. `sluice run` runs all; --role names some.
const (
	roleCollect   = "collect"   // inputs
	roleProcess   = "process"   // normalize and stateless rules
	roleCorrelate = "correlate" // windows
	roleIndex     = "index"     // events and alerts to the index
	roleNotify    = "notify"    // people
	roleServe     = "serve"     // console and API
)

// AllRoles is what runs when no role is named.
var AllRoles = []string{roleCollect, roleProcess, roleCorrelate, roleIndex, roleNotify, roleServe}

// drainTime is how long a stop waits for what was received to reach the index. What
// is left then waits on the bus, durable.
const drainTime = 10 * time.Second

// Options are what the command line adds to the configuration.
type Options struct {
	Path  string   // of the configuration, read again on Reload; "": none
	Roles []string // nil: all
	Log   *slog.Logger
	Now   func() time.Time
	// Ready is called once when everything runs, with what a person wants to know.
	Ready func(Running)
	// Settings replace reading Path, also on Reload; for tests and the demonstration.
	Settings func() (*Settings, error)
	// Asks is set of a node that only reads what a stopped process left: no event waits for roles that it lacks.
	Asks bool
}

// Running is where a started node can be reached.
type Running struct {
	Console  string              // address of the page; "" without the role serve
	Health   string              // what is open instead of it, for health and metrics
	Link     string              // with the token, at the first start only
	Inputs   map[string][]string // bound addresses by input
	DataPath string
}

// Node is one running process of Sluice.
type Node struct {
	opt   Options
	log   *slog.Logger
	now   func() time.Time
	roles []string
	mem   budget

	settings atomic.Pointer[Settings]
	set      atomic.Pointer[pipeline.Set]
	left     atomic.Pointer[error] // the rules that are not in it

	dir   *dataDir
	local *embedded.Bus // nil where only Kafka is used
	kafka bus.Bus       // nil on one machine; on a cluster a Kafka, which may come late
	bus   bus.Bus       // what process, correlate, index and notify work on
	raws  bus.Bus       // what collect writes to

	store    *store.Store // nil with an Elasticsearch
	index    *elasticsearch.Client
	archives []*archive

	inputs *inputs
	tell   *channels
	health *health
	stats  *ruleStats
	link   string // with the token, at the first start only

	reloading sync.Mutex
	ready     Running
	coverages coverages

	troubles troubles // told of late
	waits    waits    // for the index and the archives
}

// New reads and checks the configuration, and opens what must be exclusive. Nothing runs yet.
func New(ctx context.Context, opt Options) (*Node, error) {
	n := &Node{opt: opt, log: opt.Log, now: opt.Now, roles: opt.Roles}
	if n.now == nil {
		n.now = time.Now
	}
	if len(n.roles) == 0 {
		n.roles = AllRoles
	}
	s, err := n.read()
	if err != nil {
		return nil, err
	}
	b, err := n.build(s)
	if err != nil {
		return nil, &ConfigError{err}
	}
	n.settings.Store(s)
	n.set.Store(b.set)
	n.leftOut(b)
	n.tablesFit(s)
	n.mem = newBudget(int64(s.Limits.Memory))
	n.mem.apply()
	if w := beyond(int64(s.Limits.Memory), cgroupLimit(os.ReadFile)); w != "" {
		n.log.Warn(w)
	}
	n.health, n.stats = newHealth(n), newRuleStats(n.now)
	if err := n.open(ctx, s); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

// ConfigError is a fault in what the user wrote; the command exits with code 78.
type ConfigError struct{ Err error }

func (e *ConfigError) Error() string { return e.Err.Error() }

// Unwrap gives the faults.
func (e *ConfigError) Unwrap() error { return e.Err }

func (n *Node) read() (*Settings, error) {
	read := n.opt.Settings
	if read == nil {
		read = func() (*Settings, error) { return readSettings(n.opt.Path, systemLookup) }
	}
	s, err := read()
	if err != nil {
		return nil, &ConfigError{err}
	}
	s.began = watched{tableStamps(s), ruleStamps(s)}
	return s, nil
}

// build is build with the tables that this process needs.
func (n *Node) build(s *Settings) (*built, error) {
	c := *s
	c.Enrich = n.tablesOf(s)
	return buildRest(&c)
}

func build(s *Settings) (*pipeline.Set, error) {
	src, err := s.sources()
	if err != nil {
		return nil, s.withFaults(src, err)
	}
	// A process may be given every partition of sluice.matches.
	partitions := localPartitions()
	if s.Kafka != nil {
		partitions = max(s.Kafka.Partitions, 1) // a check goes on with a number that it has refused
	}
	src.MaxState = newBudget(int64(s.Limits.Memory)).correlation() / int64(partitions)
	set, err := compile(src)
	if set == nil {
		return nil, err
	}
	if faults := fixedPacks(s, set); faults != nil {
		return nil, errors.Join(err, faults)
	}
	return set, errors.Join(err, routes(s, set.Rules))
}

func (n *Node) has(role string) bool { return slices.Contains(n.roles, role) }

// undone are the roles that events wait for in vain: without Kafka no other process has them.
func (n *Node) undone(s *Settings) (roles []string) {
	if s.Kafka != nil {
		return nil
	}
	for _, role := range []string{roleProcess, roleCorrelate, roleIndex} {
		if !n.has(role) {
			roles = append(roles, role)
		}
	}
	if len(s.Channels) > 0 && !n.has(roleNotify) {
		roles = append(roles, roleNotify)
	}
	return roles
}

// needsLocal says whether this process keeps a journal of its own.
func (n *Node) needsLocal(s *Settings) bool {
	return s.Kafka == nil || n.has(roleCollect) && s.Main.Ack == AckLocal
}

func (n *Node) open(ctx context.Context, s *Settings) (err error) {
	if err := n.canReport(s); err != nil {
		return err
	}
	if n.dir, err = openDataDir(s.Main.Data); err != nil {
		return err
	}
	if owner := n.dir.foreign(); owner != "" {
		n.log.Warn("the data directory is another user's, who cannot read what is written there now; run sluice as that user, or give it this one with chown -R", "data", n.dir.path, "owner", owner)
	}
	if s.Kafka == nil {
		n.dir.needsJournal()
	}
	for _, what := range n.dir.lost {
		n.log.Warn("the data directory is not as it was left", "data", n.dir.path, "what", what)
	}
	if w := tooLarge(int64(s.Retention.Size), n.dir.path); w != "" {
		n.log.Warn(w)
	}
	if idle := n.undone(s); len(idle) > 0 && !n.opt.Asks {
		n.log.Warn("without kafka the bus is this process's alone, and nobody does the work of roles that it does not run: events wait there until it is full", "roles", strings.Join(idle, ","))
	}
	if n.needsLocal(s) {
		if n.local, err = n.openLocal(s); err != nil {
			return err
		}
		n.bus, n.raws = n.local, n.local
	}
	if s.Kafka != nil {
		if n.kafka, err = n.openKafka(ctx, s); err != nil {
			return err
		}
		n.bus = n.kafka
		if n.raws == nil {
			n.raws = n.kafka
		}
	}
	if !n.has(roleIndex) && !n.has(roleServe) && !n.sendsReports(s) {
		return nil
	}
	return n.openIndex(s)
}

// openKafka waits for the brokers, but where a local journal can take events meanwhile.
func (n *Node) openKafka(ctx context.Context, s *Settings) (bus.Bus, error) {
	topics := bus.Topics(s.Kafka.Partitions, s.Kafka.Retention, channelNames(s))
	open := func(ctx context.Context) (bus.Bus, error) {
		b, err := s.Kafka.Open(ctx, topics, n.dir.meta.Instance, n.trouble("kafka"))
		if err != nil {
			return nil, err // and not a nil of another type
		}
		return b, nil
	}
	if n.local == nil {
		return open(ctx)
	}
	return openLate(s.Kafka.Partitions, open, func(err error) {
		if times, tell := n.troubles.due("kafka "+err.Error(), n.now()); tell {
			n.log.Error("kafka cannot be used; it is tried again", "times", times, "why", err)
		}
		n.health.failed("kafka", err)
	}), nil
}

// openLocal opens the journal and the bus on it. With a Kafka behind it, it carries
// only what the relay takes on.
func (n *Node) openLocal(s *Settings) (*embedded.Bus, error) {
	// Lines of a few dozen bytes, all alike, become documents of eight times their size on disk;
	// what devices send becomes three or four times as much.
	topics, grows := bus.Topics(localPartitions(), s.Retention.Bus, channelNames(s)), 8
	if s.Kafka != nil {
		topics, grows = relayTopics(localPartitions()), 0
	}
	b, err := embedded.Open(disk.Dir(n.dir.join("bus")), topics, embedded.Options{
		MaxBytes: n.maxBytes(s) / 2, Grows: grows, Trouble: n.trouble("journal"),
		Journal: journal.Options{Damaged: n.health.damaged},
	})
	if err != nil {
		return nil, unreadable(fmt.Errorf("open the journal in %s: %w", n.dir.join("bus"), err))
	}
	return b, nil
}

// maxBytes bounds everything under the data directory; half is for the bus.
func (n *Node) maxBytes(s *Settings) int64 {
	if s.Retention.Size > 0 {
		return int64(s.Retention.Size)
	}
	return n.dir.meta.MaxBytes
}

func (n *Node) openIndex(s *Settings) (err error) {
	var opt elasticsearch.Options
	if len(s.Elasticsearch.Addresses) == 0 {
		if what := n.dir.needsStore(); what != "" {
			n.log.Warn("the data directory is not as it was left", "data", n.dir.path, "what", what)
		}
		n.store, err = store.Open(n.dir.join("store"), store.Options{
			MemoryBytes: n.mem.store(), Types: fieldType, Log: n.log, Now: n.now, Damaged: n.storeDamaged,
			Retention: store.Retention{Age: s.Retention.Age, Bytes: n.maxBytes(s) / 2, Documents: "sluice-alerts-"},
		})
		if err != nil {
			return unreadable(fmt.Errorf("open the store in %s: %w", n.dir.join("store"), err))
		}
		opt.Name, opt.Transport = "store", esapi.New(n.store)
	}
	if n.index, err = elasticsearch.Open(*s.Elasticsearch, opt); err != nil {
		return err
	}
	for _, a := range s.Archives {
		sink, err := a.Settings.Open(sinks.Env{Name: a.Name, Log: n.log})
		if err != nil {
			return fmt.Errorf("open archive %s: %w", a.Name, err)
		}
		n.archives = append(n.archives, &archive{sink: sink})
	}
	return nil
}

// fieldType is what the store asks of the field table.
func fieldType(name string) (string, bool) {
	f, ok := schemas.Lookup(name)
	return f.Type, ok
}

// localName is the name of the local journal, where messages come straight from it.
func (n *Node) localName() string {
	if n.kafka != nil {
		return ""
	}
	return n.local.Name()
}

// collectorName tells this collector's accounts from others'.
func (n *Node) collectorName() string {
	if n.local != nil {
		return n.local.Name()
	}
	return n.settings.Load().Main.Name
}

// Run starts everything, and stops when ctx ends, or with an error when the data directory is gone: inputs
// first, then it processes what was received for up to 10 s, then the rest. When hard ends it stops at once.
func (n *Node) Run(ctx, hard context.Context) error {
	work, stopWork := context.WithCancel(hard)
	defer stopWork()
	var wg sync.WaitGroup
	if err := n.start(ctx, work, &wg); err != nil {
		stopWork()
		wg.Wait()
		return err
	}
	if n.opt.Ready != nil {
		n.opt.Ready(n.running())
	}
	gone := n.dir.untilGone(ctx)
	if gone != nil {
		n.log.Error("nothing can be kept any more", "why", gone)
	}
	n.log.Info("stopping: inputs first, then what they took is brought to its end", "at_most", drainTime)
	// A full disk, or with ack: bus a Kafka that is away, would hold an input's last
	// batch for ever: it has no answer yet, so its sender still has it.
	defer time.AfterFunc(drainTime, stopWork).Stop()
	if n.inputs != nil {
		n.inputs.stop()
	}
	n.drain(work)
	stopWork()
	wg.Wait()
	return gone
}

// start starts everything, the console first: what runs then may link to it. A reload
// waits until all is there.
func (n *Node) start(ctx, work context.Context, wg *sync.WaitGroup) error {
	n.reloading.Lock()
	defer n.reloading.Unlock()
	if n.has(roleCollect) {
		n.inputs = newInputs(n, work)
	}
	if err := n.serve(work, wg); err != nil {
		return err
	}
	n.startGroups(work, wg)
	if n.inputs != nil {
		s := n.settings.Load()
		if w := s.unfed(); w != "" {
			n.log.Warn(w)
		}
		n.inputs.apply(s.Inputs)
		n.inputs.wait(ctx, 2*time.Second)
	}
	return nil
}

func (n *Node) running() Running {
	r := Running{DataPath: n.dir.path, Inputs: map[string][]string{}, Console: n.ready.Console, Health: n.ready.Health, Link: n.link}
	if n.inputs != nil {
		r.Inputs = n.inputs.addresses()
	}
	return r
}

// drain waits until everything on the local bus is done with, or ctx ends.
func (n *Node) drain(ctx context.Context) {
	if n.local == nil {
		return
	}
	for tick := time.NewTicker(20 * time.Millisecond); ; {
		if n.backlog(ctx) == 0 {
			tick.Stop()
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			tick.Stop()
			n.log.Info("what is left waits on the bus for the next start", "messages", n.backlog(context.WithoutCancel(ctx)))
			return
		}
	}
}

// backlog is what the groups of the local bus have yet to do.
func (n *Node) backlog(ctx context.Context) (messages int64) {
	for _, g := range n.localGroups() {
		lags, err := n.local.Lag(ctx, g)
		if err != nil {
			continue
		}
		for _, l := range lags {
			messages += l.Messages
		}
	}
	return messages
}

// Close releases everything. It may be called on a node that was opened only partly.
func (n *Node) Close() error {
	var errs []error
	for _, a := range n.archives {
		errs = append(errs, a.Close())
	}
	if n.kafka != nil {
		errs = append(errs, n.kafka.Close())
	}
	if n.local != nil {
		errs = append(errs, n.local.Close())
	}
	if n.store != nil {
		errs = append(errs, n.store.Close())
	}
	if n.dir != nil {
		errs = append(errs, n.dir.Close())
	}
	return errors.Join(errs...)
}
