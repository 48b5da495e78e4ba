package app

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"runtime"
	"sync"
	"time"

	"sluice/bus"
	"sluice/bus/relay"
	"sluice/config"
)

// systemLookup is where references in the configuration are looked up.
var systemLookup = config.System

// localPartitions is the number of partitions of an embedded bus: one for each core
// works in parallel, and it is fixed when the data directory is made.
func localPartitions() int { return min(max(runtime.NumCPU(), 1), 16) }

// relayTopics are what a collector's journal carries when Kafka is behind it.
func relayTopics(partitions int) []bus.Topic {
	topics := bus.Topics(partitions, 0, nil)
	for i := range topics {
		switch topics[i].Name {
		case bus.TopicRaw, bus.TopicDLQ, bus.TopicAccount:
			topics[i].Groups = []string{bus.GroupRelay}
		default:
			topics[i].Groups = nil
		}
	}
	return topics
}

// job is one consumer group and what it does.
type job struct {
	group bus.Group
	open  bus.OpenWorker
}

// jobs are the groups of this process's roles, on n.bus; the channels' are apart,
// since they come and go with a reload.
func (n *Node) jobs() (jobs []job) {
	add := func(role, group, topic string, open bus.OpenWorker) {
		if n.has(role) {
			jobs = append(jobs, job{bus.Group{Name: group, Topic: topic}, open})
		}
	}
	add(roleProcess, bus.GroupProcess, bus.TopicRaw, n.openProcessor)
	add(roleCorrelate, bus.GroupCorrelate, bus.TopicMatches, n.openCorrelator)
	add(roleIndex, bus.GroupIndex, bus.TopicEvents, n.openIndexer)
	add(roleIndex, bus.GroupIndex, bus.TopicAlerts, n.openAlertIndexer)
	add(roleIndex, bus.GroupIndex, bus.TopicDLQ, n.openDeadIndexer)
	return jobs
}

// startGroups runs every group of the roles until ctx ends.
func (n *Node) startGroups(ctx context.Context, wg *sync.WaitGroup) {
	indexReady := make(chan struct{})
	if n.has(roleIndex) {
		wg.Go(func() { n.prepareIndex(ctx); close(indexReady) })
	}
	for _, j := range n.jobs() {
		wg.Go(func() {
			if j.group.Name == bus.GroupIndex {
				<-indexReady // also when ctx ends
			}
			n.consume(ctx, n.bus, j)
		})
	}
	wg.Go(func() { n.watchLag(ctx) })
	wg.Go(func() { n.watchTables(ctx) })
	wg.Go(func() { n.watchRules(ctx) })
	if n.has(roleNotify) {
		n.tell = newChannels(n, ctx, wg)
		n.tell.apply(n.settings.Load())
		if n.index != nil {
			wg.Go(func() { n.reports(ctx) })
		}
	}
	if n.local != nil && n.kafka != nil {
		r := relay.Relay{
			From: n.local, To: n.kafka, Group: bus.GroupRelay,
			Topics:  []string{bus.TopicRaw, bus.TopicDLQ, bus.TopicAccount},
			Trouble: n.trouble("relay to kafka"),
		}
		wg.Go(func() { n.again(ctx, "relay", func() error { return r.Run(ctx) }) })
	}
}

// consume takes part in a group until ctx ends.
func (n *Node) consume(ctx context.Context, b bus.Bus, j job) {
	n.again(ctx, j.group.Name+" of "+j.group.Topic, func() error { return b.Consume(ctx, j.group, j.open) })
}

// again runs f until ctx ends, with growing pauses between failures.
func (n *Node) again(ctx context.Context, what string, f func() error) {
	var told troubles
	for wait := 200 * time.Millisecond; ; wait = min(2*wait, 15*time.Second) {
		began := n.now()
		err := f()
		if ctx.Err() != nil {
			return
		}
		if n.now().Sub(began) > time.Minute {
			wait = 200 * time.Millisecond
		}
		if times, tell := told.due(err.Error(), n.now()); tell {
			n.log.Error("a part failed; it is started again", "part", what, "times", times, "wait", wait, "why", err)
		}
		n.health.failed(what, err)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
	}
}

// localGroups are the groups that must be done before everything on the local bus is.
func (n *Node) localGroups() (groups []bus.Group) {
	if n.kafka != nil {
		for _, t := range []string{bus.TopicRaw, bus.TopicDLQ, bus.TopicAccount} {
			groups = append(groups, bus.Group{Name: bus.GroupRelay, Topic: t})
		}
		return groups
	}
	for _, j := range n.jobs() {
		groups = append(groups, j.group)
	}
	return groups
}

func random64() uint64 {
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic("BUG: no random numbers: " + err.Error())
	}
	return binary.LittleEndian.Uint64(b[:])
}
