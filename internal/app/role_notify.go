package app

import (
	"context"
	"fmt"
	"net/url"
	"reflect"
	"sync"

	"sluice/alert"
	"sluice/bus"
	"sluice/internal/crash"
)

// channels runs one consumer group for each channel, so that a channel that is away
// holds up no other, and what it has to tell waits on the bus.
type channels struct {
	n    *Node
	work context.Context
	wg   *sync.WaitGroup

	mu      sync.Mutex
	running map[string]*runningChannel
}

type runningChannel struct {
	conf Named[alert.Settings]
	stop context.CancelFunc
	done chan struct{}
}

func newChannels(n *Node, work context.Context, wg *sync.WaitGroup) *channels {
	return &channels{n: n, work: work, wg: wg, running: map[string]*runningChannel{}}
}

// channelNames are the configured channels: each is a group of sluice.alerts.
func channelNames(s *Settings) (names []string) {
	for _, c := range s.Channels {
		names = append(names, c.Name)
	}
	return names
}

// apply starts what is new, stops what is gone and restarts what changed.
func (c *channels) apply(s *Settings) {
	c.mu.Lock()
	defer c.mu.Unlock()
	keep := map[string]bool{}
	for _, want := range s.Channels {
		r := c.running[want.Name]
		keep[want.Name] = r != nil && reflect.DeepEqual(r.conf, want)
	}
	for name, r := range c.running {
		if !keep[name] {
			r.stop()
			<-r.done
			delete(c.running, name)
		}
	}
	for _, want := range s.Channels {
		if !keep[want.Name] {
			c.running[want.Name] = c.start(want)
		}
	}
}

// channelWarning is what settings know of themselves that will keep the channel from its work.
func channelWarning(conf Named[alert.Settings]) string {
	if s, ok := conf.Settings.(interface{ Refusal() string }); ok {
		if w := s.Refusal(); w != "" {
			return "channels." + conf.Name + ": url: " + w + ": nothing is sent there unless allow has its address"
		}
	}
	return ""
}

func (c *channels) start(conf Named[alert.Settings]) *runningChannel {
	if w := channelWarning(conf); w != "" {
		c.n.log.Warn(w)
	}
	ctx, stop := context.WithCancel(c.work)
	r := &runningChannel{conf: conf, stop: stop, done: make(chan struct{})}
	budget := alert.NewBudget()
	c.wg.Go(func() {
		defer close(r.done)
		defer c.n.health.channel(conf.Name, nil)
		c.n.again(ctx, "channel "+conf.Name, func() error {
			notifier, err := conf.Settings.Open(alert.Env{Name: conf.Name, Log: c.n.log})
			if err != nil {
				return fmt.Errorf("open channel %s: %w", conf.Name, err)
			}
			return c.n.bus.Consume(ctx, bus.Group{Name: bus.GroupNotify + "." + conf.Name, Topic: bus.TopicAlerts},
				func(ctx context.Context, a bus.Assignment) (bus.Worker, error) {
					return c.n.openTeller(ctx, a, conf, notifier, budget)
				})
		})
	})
	return r
}

// teller tells the alerts of one partition by one channel.
type teller struct {
	n    *Node
	a    bus.Assignment
	core *alert.Teller
}

func (n *Node) openTeller(ctx context.Context, a bus.Assignment, conf Named[alert.Settings], to alert.Notifier, budget *alert.Budget) (bus.Worker, error) {
	t := &teller{n: n, a: a}
	t.core = alert.NewTeller(alert.Options{
		Channel: conf.Name, Policy: conf.Policy, Notifier: to, Budget: budget,
		Now: n.now, Log: n.log, Link: n.linkTo,
		State: func(err error) { n.health.channel(conf.Name, err) },
		Note:  func(ctx context.Context, r []alert.Record) error { return n.bus.Produce(ctx, t.messages(r)) },
		Dead: func(ctx context.Context, m alert.Message, reason error) error {
			n.health.refused(conf.Name)
			return t.bury(ctx, &m, reason)
		},
	})
	err := n.bus.Table(ctx, bus.TopicTold, a.Partition, func(m bus.Message) error {
		if err := t.core.Restore(m.Key, m.Value); err != nil {
			n.log.Warn("a record of what was told cannot be read", "channel", conf.Name, "why", err)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what was told: %w", err)
	}
	return t, nil
}

// Handle implements bus.Worker.
func (t *teller) Handle(ctx context.Context, in []bus.Message) (out []bus.Message, err error) {
	alerts := make([]alert.Alert, 0, len(in))
	for i := range in {
		a, err := alert.Parse(in[i].Value)
		if err != nil {
			out = append(out, deadLetter(&in[i], "notify", err))
			continue
		}
		a.Namespace = string(in[i].Get(bus.HeaderNamespace))
		alerts = append(alerts, a)
	}
	told, err := t.core.Handle(ctx, alerts)
	if err != nil {
		return nil, err
	}
	crash.Point("notify/after-send")
	return append(out, t.messages(told)...), nil
}

func (t *teller) messages(records []alert.Record) []bus.Message {
	out := make([]bus.Message, len(records))
	for i, r := range records {
		out[i] = bus.Message{Topic: bus.TopicTold, Key: r.Key, Value: r.Value, Pinned: true, Partition: t.a.Partition}
	}
	return out
}

// bury keeps a message that its channel refused for good: the alerts in it go to
// sluice.dlq with the reason.
func (t *teller) bury(ctx context.Context, m *alert.Message, reason error) error {
	out := make([]bus.Message, 0, len(m.Alerts))
	for i := range m.Alerts {
		a := &m.Alerts[i]
		out = append(out, deadLetter(&bus.Message{
			Topic: bus.TopicAlerts, Key: []byte(a.ID), Value: a.Doc, Time: t.n.now(),
			Headers: []bus.Header{{Key: bus.HeaderID, Value: []byte(a.ID)}, {Key: bus.HeaderNamespace, Value: []byte(a.Namespace)}},
		}, "notify", reason))
	}
	return t.n.bus.Produce(ctx, out)
}

// Close implements bus.Worker.
func (t *teller) Close() error {
	t.core.Close()
	return nil
}

// linkTo is the alert's page in the console, "" where this node serves none.
func (n *Node) linkTo(a alert.Alert) string {
	if n.ready.Console == "" {
		return ""
	}
	return n.ready.Console + "/alerts/" + url.PathEscape(a.ID)
}
