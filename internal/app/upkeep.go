package app

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"sluice/bus"
	"sluice/internal/metrics"
	"sluice/sinks"
	"sluice/sinks/elasticsearch"
)

// lagEvery is how often the groups are asked how far they are behind: often enough for
// an alarm, seldom enough that nobody notices the asking.
const lagEvery = 10 * time.Second

// setUpAsked is how long a cluster that asks for it is left alone at most, and one that refuses our
// credentials: asking faster locks accounts.
const setUpAsked = 5 * time.Minute

// prepareIndex sets the Elasticsearch up before the first event is written, so that no
// data stream is made without its template. A cluster that is away is waited for; one
// that refuses is worked with as it is, since its administrator may have set it up.
func (n *Node) prepareIndex(ctx context.Context) {
	s := n.settings.Load()
	if len(s.Elasticsearch.Addresses) == 0 {
		return
	}
	var told troubles
	for wait := time.Second; ctx.Err() == nil; wait = min(2*wait, 30*time.Second) {
		report, err := setUp(ctx, n.index, s)
		switch {
		case err == nil:
			n.log.Info("the index is set up", "report", report)
			return
		case ctx.Err() != nil:
			return
		case refusedSetup(err):
			n.log.Warn("the index refuses its set-up; events are written all the same, with whatever mapping is there", "why", err)
			n.health.failed("index set-up", err)
			return
		}
		pause := wait
		if asked := (sinks.Wait{}); errors.As(err, &asked) {
			pause = max(wait, min(asked.For, setUpAsked))
		}
		if times, tell := told.due(err.Error(), n.now()); tell {
			n.log.Warn("the index cannot be set up now; events wait on the bus", "times", times, "wait", pause, "why", err)
		}
		n.health.failed("index set-up", err)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

// refusedSetup tells an answer that repeating does not change from a cluster that is away, or takes nothing
// at all yet: one that does not know us, that leads elsewhere, or whose disks are full. What is written once
// that is mended would come before the templates.
func refusedSetup(err error) bool {
	var e *elasticsearch.Error
	if !errors.As(err, &e) || e.Type == "cluster_block_exception" {
		return false
	}
	switch e.Status {
	case http.StatusUnauthorized, http.StatusRequestTimeout, http.StatusTooManyRequests:
		return false
	}
	return e.Status >= http.StatusBadRequest && e.Status < http.StatusInternalServerError
}

// membership is a group that this process takes part in, and the bus that it is on.
type membership struct {
	on    bus.Bus
	group bus.Group
}

// memberships are the groups of this process's roles, of its channels and of its relay.
func (n *Node) memberships() (all []membership) {
	for _, j := range n.jobs() {
		all = append(all, membership{n.bus, j.group})
	}
	if n.has(roleNotify) {
		for _, c := range channelNames(n.settings.Load()) {
			all = append(all, membership{n.bus, bus.Group{Name: bus.GroupNotify + "." + c, Topic: bus.TopicAlerts}})
		}
	}
	if n.local != nil && n.kafka != nil {
		for _, g := range n.localGroups() {
			all = append(all, membership{n.local, g})
		}
	}
	return all
}

// watchLag feeds the gauges of the bus until ctx ends.
func (n *Node) watchLag(ctx context.Context) {
	tick := time.NewTicker(lagEvery)
	defer tick.Stop()
	var asking sync.WaitGroup
	for {
		for _, m := range n.memberships() {
			asking.Go(func() { n.gaugeLag(ctx, m) })
		}
		asking.Wait()
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// gaugeLag leaves the gauges as they are where the bus does not answer: /readyz says that.
func (n *Node) gaugeLag(ctx context.Context, m membership) {
	ctx, stop := context.WithTimeout(ctx, lagEvery)
	defer stop()
	lags, err := m.on.Lag(ctx, m.group)
	if err != nil {
		n.log.Debug("lag is not known", "group", m.group.Name, "topic", m.group.Topic, "why", err)
		return
	}
	messages, oldest := sumLags(lags, n.now())
	metrics.BusLag.WithLabelValues(m.group.Name, m.group.Topic).Set(float64(messages))
	metrics.BusOldest.WithLabelValues(m.group.Name, m.group.Topic).Set(oldest.Seconds())
}

// sumLags is the messages of all partitions, and the age of the oldest.
func sumLags(lags []bus.Lag, now time.Time) (messages int64, oldest time.Duration) {
	for _, l := range lags {
		messages += l.Messages
		if !l.Oldest.IsZero() {
			oldest = max(oldest, now.Sub(l.Oldest))
		}
	}
	return messages, oldest
}
