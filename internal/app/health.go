package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"sluice/alert"
	"sluice/bus"
	"sluice/console"
	"sluice/internal/metrics"
	"sluice/journal"
	"sluice/rules"
	"sluice/store"
)

// recent is how long a failure of a part is worth a warning.
const recent = 5 * time.Minute

// waitsLong is how long senders may wait before the program is no longer ready: a burst ends sooner, a
// full disk does not.
const waitsLong = 15 * time.Second

// littleSpace is what is left on a disk that will soon be full, fewInodes on one that soon
// takes no more files.
const (
	littleSpace = 64 << 20
	fewInodes   = 100
	// certsEvery is how often the files of certificates are read for readiness, whoever asks how often.
	certsEvery = time.Minute
)

// health answers /readyz: what keeps the program from its work, and what will.
type health struct {
	n      *Node
	free   func() (bytes int64, known bool) // for the data directory
	inodes func() (left int64, known bool)

	mu       sync.Mutex
	failures map[string]failure       // by part
	held     map[string]failure       // by input: its senders wait
	channels map[string]failure       // by channel: its messages wait
	refusals map[string]time.Time     // by channel: when it last refused a message for good
	stale    failure                  // since when what runs is not what the configuration says
	degraded map[int][]rules.Degraded // by partition of sluice.matches
	certs    []console.Problem        // what was wrong with certificates at certsAt
	certsAt  time.Time
}

type failure struct {
	at  time.Time
	why error
}

func newHealth(n *Node) *health {
	free := func() (int64, bool) {
		if n.dir == nil {
			return 0, false
		}
		return n.dir.free()
	}
	inodes := func() (int64, bool) {
		if n.dir == nil {
			return 0, false
		}
		return n.dir.inodes()
	}
	return &health{n: n, free: free, inodes: inodes, failures: map[string]failure{}, held: map[string]failure{}, channels: map[string]failure{}, refusals: map[string]time.Time{}, degraded: map[int][]rules.Degraded{}}
}

// failed notes that a part was started again.
func (h *health) failed(part string, why error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.failures[part] = failure{h.n.now(), why}
}

// damaged notes what of the journal no longer reads back.
func (h *health) damaged(d journal.Damage) {
	if d.Torn {
		h.n.log.Warn("the journal ends in an append that never finished; nothing acknowledged is lost", "what", d.String())
		return
	}
	h.n.log.Error("the journal is damaged; it goes on behind the damage", "what", d.String())
	h.n.dir.lose(h.n.now(), lossOfJournal, d.String())
}

// storeDamaged notes what of the store no longer reads.
func (n *Node) storeDamaged(p store.Problem) { n.dir.lose(n.now(), lossOfStore, p.String()) }

// hold notes that an input's senders wait because the bus takes nothing; nil: no more.
func (h *health) hold(input string, why error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if why == nil {
		delete(h.held, input)
		metrics.IngestWaiting.WithLabelValues(input).Set(0)
		return
	}
	metrics.IngestWaiting.WithLabelValues(input).Set(1)
	h.held[input] = failure{h.n.now(), why}
}

// channel notes that messages of a channel wait; nil: no more, or the channel is gone.
func (h *health) channel(name string, why error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if why == nil {
		delete(h.channels, name)
	} else if was, waits := h.channels[name]; waits {
		h.channels[name] = failure{was.at, why}
	} else {
		h.channels[name] = failure{h.n.now(), why}
	}
}

// refused notes that a channel refused a message for good: nobody was told.
func (h *health) refused(name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refusals[name] = h.n.now()
}

// reloaded notes how reading the configuration again went: whoever sent the signal sees
// no answer, and a fault in the log alone is found when the next restart fails.
func (h *health) reloaded(why error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case why == nil:
		h.stale = failure{}
		metrics.ConfigStale.WithLabelValues().Set(0)
	default:
		h.stale = failure{h.n.now(), why}
		metrics.ConfigStale.WithLabelValues().Set(1)
	}
}

// degrade notes the rules whose promise is void for some keys in a partition.
func (h *health) degrade(partition int, d []rules.Degraded) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.degraded[partition] = d
}

// Ready implements console.Health.
func (h *health) Ready(ctx context.Context) (out []console.Problem) {
	n := h.n
	if n.inputs != nil {
		for name, why := range n.inputs.problems() {
			out = append(out, console.Problem{Part: "input " + name, Reason: why.Error()})
		}
		for name, what := range n.inputs.warnings() {
			out = append(out, console.Problem{Part: "input " + name, Reason: what, Warning: true})
		}
	}
	if n.index != nil {
		if _, err := n.index.Ping(ctx); err != nil {
			out = append(out, console.Problem{Part: "index", Reason: "does not answer: " + err.Error()})
		}
	}
	out = append(out, n.waits.problems(n.now())...)
	out = append(out, h.disk()...)
	out = append(out, h.certificates()...)
	if l, ok := n.kafka.(*lateBus); ok && !l.opened() { // a collector does its work without it
		out = append(out, console.Problem{Part: "kafka", Reason: errLate.Error(), Warning: true})
	}
	h.mu.Lock()
	for part, f := range h.failures {
		if n.now().Sub(f.at) < recent {
			out = append(out, console.Problem{Part: part, Reason: fmt.Sprintf("failed %s ago and was started again: %v", n.now().Sub(f.at).Round(time.Second), f.why), Warning: true})
		}
	}
	for input, f := range h.held {
		why := "the bus takes nothing, the log says why" // which names files: nobody has to log in for what stands here
		switch {
		case errors.Is(f.why, syscall.ENOSPC):
			why = h.full()
		case errors.Is(f.why, syscall.EDQUOT):
			why = "the disk quota is used up"
		case errors.Is(f.why, bus.ErrFull):
			why = "the bus is full"
		}
		out = append(out, console.Problem{Part: "input " + input, Reason: fmt.Sprintf("senders wait since %s: %s", f.at.UTC().Format(time.RFC3339), why), Warning: h.n.now().Sub(f.at) < waitsLong})
	}
	out = append(out, h.channelProblems()...)
	out = append(out, h.degradedProblems()...)
	if h.stale.why != nil { // the faults themselves, which quote the file, are in the log
		out = append(out, console.Problem{Part: "configuration", Reason: fmt.Sprintf("what was read at %s has faults or needs a restart, the old one stays; the log and sluice check say which", h.stale.at.UTC().Format(time.RFC3339)), Warning: true})
	}
	h.mu.Unlock()
	if n.stats != nil {
		if load := n.stats.loadState(); load.Error != "" { // the faults themselves are for who has a token
			out = append(out, console.Problem{Part: "rules", Reason: fmt.Sprintf("what was read at %s has faults, the rules of %s stay; sluice rules list shows them", load.Tried.Format(time.RFC3339), load.At.Format(time.RFC3339)), Warning: true})
		}
	}
	return append(out, h.behind(ctx)...)
}

// disk warns of what is missing in the data directory, and of what soon will be.
func (h *health) disk() (out []console.Problem) {
	warn := func(part, reason string) {
		out = append(out, console.Problem{Part: part, Reason: reason, Warning: true})
	}
	if free, known := h.free(); known && free < littleSpace {
		warn("disk", fmt.Sprintf("%d MiB are left for the data directory; when there is no space, senders wait", free>>20))
	}
	if left, known := h.inodes(); known && left < fewInodes {
		warn("disk", fmt.Sprintf("%d inodes are left for the data directory (df -i); when it takes no more files, senders wait", left))
	}
	return append(out, h.lost()...)
}

// degradedProblems are for who holds mu: one for each rule and reason, of all partitions.
func (h *health) degradedProblems() (out []console.Problem) {
	type cause struct{ rule, reason string }
	all := map[cause]rules.Degraded{}
	for _, ds := range h.degraded {
		for _, d := range ds {
			c := cause{d.Rule, d.Reason}
			if had, ok := all[c]; ok {
				d.Count += had.Count
				if had.Since.Before(d.Since) {
					d.Since = had.Since
				}
			}
			all[c] = d
		}
	}
	var names map[string]string
	if len(all) > 0 {
		names = h.ruleNames()
	}
	for _, d := range all {
		out = append(out, console.Problem{
			Part: "rule " + d.Rule, Warning: true,
			Reason: fmt.Sprintf("%sdegraded since %s: %s (%d entries)", names[d.Rule], d.Since.UTC().Format(time.RFC3339), d.Reason, d.Count),
		})
	}
	slices.SortFunc(out, func(a, b console.Problem) int {
		return cmp.Or(cmp.Compare(a.Part, b.Part), cmp.Compare(a.Reason, b.Reason))
	})
	return out
}

// ruleNames are how people call the rules, by id: many ids are UUIDs. Of a rule's file the folder is left
// out: nobody has to log in for what stands here.
func (h *health) ruleNames() map[string]string {
	names := map[string]string{}
	if set := h.n.set.Load(); set != nil {
		for _, r := range set.Rules.Rules() {
			names[r.ID] = fmt.Sprintf("%s (%s:%d): ", r.Title, filepath.Base(r.File), r.Line)
		}
	}
	return names
}

// certificates tells which ends, and which could not be read if its listener began now. The files
// have names that are for who may log in, and are read without mu: a disk may be slow.
func (h *health) certificates() []console.Problem {
	now := h.n.now()
	h.mu.Lock()
	all, ago := h.certs, now.Sub(h.certsAt)
	h.mu.Unlock()
	if ago >= 0 && ago < certsEvery {
		return all
	}
	all = nil
	warnings, err := checkCertificates(h.n.settings.Load(), now)
	for _, w := range warnings {
		where, _, _ := strings.Cut(w, ":")
		where = strings.Replace(where, "s.", " ", 1) // input office, not inputs.office
		all = append(all, console.Problem{Part: where, Reason: "its certificate has expired, expires soon or is not valid yet; sluice check says which", Warning: true})
	}
	if err != nil {
		all = append(all, console.Problem{Part: "certificates", Reason: "one cannot be read again, what was read before stays in use; sluice check says which", Warning: true})
	}
	h.mu.Lock()
	h.certs, h.certsAt = all, now
	h.mu.Unlock()
	return all
}

// channelProblems are for who holds mu. What the far side said is in the log.
func (h *health) channelProblems() (out []console.Problem) {
	for name, f := range h.channels {
		what := "its messages wait and are tried again, the log says why"
		if errors.Is(f.why, alert.ErrSettings) {
			what = "its receiver refuses its settings, not what is sent, the log says why; its messages wait until channels." + name + " is mended and reloaded"
		}
		out = append(out, console.Problem{Part: "channel " + name, Warning: true, Reason: fmt.Sprintf("fails since %s; %s", f.at.UTC().Format(time.RFC3339), what)})
	}
	for name, at := range h.refusals {
		if ago := h.n.now().Sub(at); ago < recent {
			out = append(out, console.Problem{Part: "channel " + name, Warning: true, Reason: fmt.Sprintf("refused a message for good %s ago; its alerts are dead letters, the log says why", ago.Round(time.Second))})
		}
	}
	return out
}

// behind warns of groups whose oldest message is older than half of what Kafka keeps:
// what is not read in time is gone.
func (h *health) behind(ctx context.Context) (out []console.Problem) {
	n := h.n
	for _, m := range n.memberships() {
		var half time.Duration // on the embedded bus a message waits for its slowest reader
		if k := n.settings.Load().Kafka; k != nil && m.on == n.kafka {
			half = k.Retention / 2
		}
		lags, err := m.on.Lag(ctx, m.group)
		if err != nil {
			out = append(out, console.Problem{Part: "bus", Reason: "does not answer: " + err.Error()})
			return out
		}
		for _, l := range lags {
			if age := n.now().Sub(l.Oldest); !l.Oldest.IsZero() && half > 0 && age > half {
				out = append(out, console.Problem{
					Part: m.group.Name, Warning: true,
					Reason: fmt.Sprintf("partition %d of %s is %s behind, more than half of what the bus keeps; add processes of this role", l.Partition, m.group.Topic, age.Round(time.Minute)),
				})
			}
		}
	}
	return out
}

// lag is how many messages a group has yet to handle.
func lag(ctx context.Context, b bus.Bus, g bus.Group) (int64, error) {
	lags, err := b.Lag(ctx, g)
	if err != nil {
		return 0, err
	}
	var sum int64
	for _, l := range lags {
		sum += l.Messages
	}
	return sum, nil
}
