package alert

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"sluice/internal/metrics"
)

// Record is one row of sluice.told, a compacted topic; a nil Value deletes Key.
type Record struct {
	Key   []byte
	Value []byte
}

// Options are what a Teller works with.
type Options struct {
	Channel  string // its configured name
	Policy   Policy
	Notifier Notifier
	Budget   *Budget // shared by the channel's tellers; nil is one of its own
	Now      func() time.Time
	Log      *slog.Logger
	Link     func(a Alert) string // to the console; nil: none

	// Note makes records durable at once, all or none, pinned to the partition of the
	// alerts. It is called before and after each message, so that a crash can repeat
	// one message at most, with the same id and content, marked Again. Without it
	// records go out with Handle only: a crash may repeat all messages of one Handle,
	// and those of the first Handle after a restart are marked.
	Note func(ctx context.Context, records []Record) error

	// State is told of each attempt that failed, and nil when the channel answers again. May be nil.
	State func(error)

	// Dead takes a message that the channel refused for good.
	Dead func(ctx context.Context, m Message, reason error) error
}

const (
	// keepMarks is how long it is known that an alert was told after its last change.
	// A revision that comes later counts as a new alert.
	keepMarks = 7 * 24 * time.Hour
	maxMarks  = 100_000 // of one partition: 20 MB; the oldest go first
	sweepTime = time.Minute
)

// Teller decides what one channel is told about the alerts of one partition, and sends it. It is
// not safe for concurrent use. After an error of Handle it must be rebuilt from its records, as
// after a restart: it may know more than is durable.
type Teller struct {
	opt     Options
	budget  *Budget
	told    map[string]*mark
	held    map[string]*held
	sending map[string]Message // restored: a crash may have sent them
	doubt   bool               // restored and nothing handled since
	swept   time.Time
	cause   string          // why the channel failed last; empty when it works
	changed map[change]bool // since the last Handle; not durable yet
}

// change names a mark or a held message that must be written.
type change struct{ sort, name string }

// NewTeller returns a teller that has told nothing yet.
func NewTeller(opt Options) *Teller {
	if opt.Budget == nil {
		opt.Budget = NewBudget()
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	return &Teller{opt: opt, budget: opt.Budget, told: map[string]*mark{}, held: map[string]*held{}, sending: map[string]Message{}, changed: map[change]bool{}}
}

// Restore takes back one record, oldest first, before the first Handle. Records of other channels
// are skipped. An error names a record that cannot be read; the teller works without it.
func (t *Teller) Restore(key, value []byte) error {
	sort, name, ours := t.splitKey(key)
	if !ours {
		return nil
	}
	t.doubt = true
	switch sort {
	case sortMark:
		return restore(t.told, name, value, func(m *mark) {
			if m.Message != "" && !m.Sent.IsZero() {
				namespace, _, _ := cutKey(name)
				t.budget.spend(m.Message, throttleKey(namespace, m.Rule, m.Key), m.Severity, t.past(m.Sent))
			}
		})
	case sortHeld:
		return restore(t.held, name, value, func(h *held) {
			if most := t.opt.Now().Add(maxWindow); h.Due.After(most) {
				h.Due = most
			}
		})
	case sortSend:
		if value == nil {
			delete(t.sending, name)
			return nil
		}
		var m Message
		if err := json.Unmarshal(value, &m); err != nil {
			return fmt.Errorf("told record %q: %w", name, err)
		}
		t.sending[name] = m
	}
	return nil
}

// past is a time that was, and now where the clock was ahead then: it would count for as long.
func (t *Teller) past(at time.Time) time.Time {
	if now := t.opt.Now(); at.After(now) {
		return now
	}
	return at
}

// restore puts one decoded value into a table, or takes it out.
func restore[T any](into map[string]*T, name string, value []byte, then func(*T)) error {
	if value == nil {
		delete(into, name)
		return nil
	}
	v := new(T)
	if err := json.Unmarshal(value, v); err != nil {
		return fmt.Errorf("told record %q: %w", name, err)
	}
	if into[name] = v; then != nil {
		then(v)
	}
	return nil
}

// Handle sends what is new in alerts, and what was held back and is due. It retries until the
// channel accepts or refuses each message, or until ctx ends; then it returns an error, and the
// alerts have to be delivered again. The returned records must become durable with the commit.
func (t *Teller) Handle(ctx context.Context, alerts []Alert) ([]Record, error) {
	if err := t.finish(ctx); err != nil {
		return nil, err
	}
	if err := t.due(ctx); err != nil {
		return nil, err
	}
	names, groups := t.opt.Policy.grouped(t.decide(alerts))
	for _, name := range names {
		if err := t.emit(ctx, name, groups[name]); err != nil {
			return nil, err
		}
	}
	t.sweep()
	waiting := 0
	for _, h := range t.held {
		waiting += len(h.Alerts) + h.More
	}
	t.waits(waiting)
	if len(alerts) > 0 {
		t.doubt = false
	}
	return t.records(), nil
}

// Close says that another teller has the partition now, and what waits there.
func (t *Teller) Close() {
	t.waits(0)
	if turned, _ := t.budget.turned(t, false); !turned {
		return
	}
	metrics.AlertFailing.WithLabelValues(t.opt.Channel).Set(0)
	if t.opt.State != nil {
		t.opt.State(nil)
	}
}

// waits tells how many alerts this teller and the channel's others hold back.
func (t *Teller) waits(alerts int) {
	metrics.AlertWaiting.WithLabelValues(t.opt.Channel).Set(float64(t.budget.waits(t, alerts)))
}

// records are the changes as they are now, in a fixed order.
func (t *Teller) records() []Record {
	var out []Record
	for _, c := range slices.SortedFunc(maps.Keys(t.changed), func(a, b change) int {
		return cmp.Or(cmp.Compare(a.sort, b.sort), cmp.Compare(a.name, b.name))
	}) {
		if m := t.told[c.name]; c.sort == sortMark && m != nil {
			out = append(out, t.record(c.sort, c.name, m))
		} else if h := t.held[c.name]; c.sort == sortHeld && h != nil {
			out = append(out, t.record(c.sort, c.name, h))
		} else {
			out = append(out, t.record(c.sort, c.name, nil))
		}
	}
	clear(t.changed)
	return out
}

// decide runs the stages that look at one alert and gives those to be told now.
func (t *Teller) decide(alerts []Alert) []Alert {
	p, now := &t.opt.Policy, t.opt.Now()
	kept := func(reason string) { metrics.AlertKept.WithLabelValues(t.opt.Channel, reason).Inc() }
	var tell []Alert
	for i := range alerts {
		a := &alerts[i]
		key := alertKey(a)
		if t.announced(a) {
			kept("known")
			continue
		}
		told := t.told[key]
		news, changed := p.news(a, told)
		switch {
		case a.Shadow:
			kept("shadow")
		case !p.routed(t.opt.Channel, a):
			kept("not_routed")
		case p.stale(a, now):
			kept("late")
		case p.silenced(a, now):
			kept("silenced")
		case !news:
			kept("known")
			if changed {
				t.mark(a, "", now)
			}
		default:
			if until := t.budget.keyFree(throttleKey(a.Namespace, a.Rule, a.Key), a.Severity, p.Throttle, now); until.After(now) {
				kept("throttled")
				t.mark(a, "", now)
				t.hold("key\x00"+throttleKey(a.Namespace, a.Rule, a.Key), &held{Alerts: []Alert{*a}, Due: until, Summary: true})
				continue
			}
			// The mark is durable with the message; until then it keeps a second
			// revision in this batch from being told as well.
			t.told[key] = note(a, told, "", now)
			tell = append(tell, *a)
		}
	}
	return tell
}

// mark notes what is known of an alert, durable with the commit.
func (t *Teller) mark(a *Alert, message string, now time.Time) {
	key := alertKey(a)
	t.told[key] = note(a, t.told[key], message, now)
	t.changed[change{sortMark, key}] = true
}

// emit sends a group now, or lets it wait for more, or for the channel's budget.
func (t *Teller) emit(ctx context.Context, name string, h *held) error {
	now := t.opt.Now()
	switch until := t.budget.channelFree(t.opt.Policy.Throttle, now); {
	case until.After(now):
		metrics.AlertKept.WithLabelValues(t.opt.Channel, "throttled").Add(float64(len(h.Alerts) + h.More))
		h.Due, h.Summary, name = until, true, channelHeld
	case t.opt.Policy.Group.Wait > 0:
		h.Due = now.Add(t.opt.Policy.Group.Wait)
	default:
		return t.tell(ctx, h.message(), "", h.keys)
	}
	for _, key := range h.keys {
		t.changed[change{sortMark, key}] = true
	}
	t.hold(name, h)
	return nil
}

// hold puts a message to be aside, together with what already waits under its name.
func (t *Teller) hold(name string, h *held) {
	if t.held[name] == nil && len(t.held) >= maxHeld {
		name, h.Summary = channelHeld, true
	}
	have := t.held[name]
	if have == nil {
		have = &held{Due: h.Due, Summary: h.Summary}
		t.held[name] = have
	}
	for i := range h.Alerts {
		have.add(&h.Alerts[i], t.opt.Policy.Group.Max)
	}
	for _, key := range h.Over {
		have.over(key)
	}
	have.More += h.More - len(h.Over)
	t.changed[change{sortHeld, name}] = true
}

// due sends what has waited long enough and fits the channel's budget.
func (t *Teller) due(ctx context.Context) error {
	for _, name := range slices.Sorted(maps.Keys(t.held)) {
		now := t.opt.Now()
		h := t.held[name]
		if h.Due.After(now) {
			continue
		}
		if until := t.budget.channelFree(t.opt.Policy.Throttle, now); until.After(now) {
			h.Due = until // not noted: a restart finds the same
			continue
		}
		if err := t.tell(ctx, h.message(), name, nil); err != nil {
			return err
		}
	}
	return nil
}

// sweep forgets marks that are too old or too many.
func (t *Teller) sweep() {
	now := t.opt.Now()
	if now.Sub(t.swept) < sweepTime {
		return
	}
	t.swept = now
	t.budget.forget(now)
	drop := func(key string) {
		delete(t.told, key)
		t.changed[change{sortMark, key}] = true
	}
	for key, m := range t.told {
		if now.Sub(m.At) > keepMarks {
			drop(key)
		}
	}
	if over := len(t.told) - maxMarks; over > 0 {
		keys := slices.SortedFunc(maps.Keys(t.told), func(a, b string) int { return t.told[a].At.Compare(t.told[b].At) })
		for _, key := range keys[:over] {
			drop(key)
		}
	}
}
