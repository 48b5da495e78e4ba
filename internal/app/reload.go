package app

import (
	"context"
	"fmt"
	"reflect"
	"slices"
)

// Reload rereads the configuration, packs and rules. On any fault nothing changes, and the error
// holds every fault with its position. Only what changed is restarted: an untouched socket loses
// no datagram, an unchanged rule keeps its state.
func (n *Node) Reload(ctx context.Context) error {
	n.reloading.Lock()
	defer n.reloading.Unlock()
	s, err := n.read()
	if err != nil {
		n.health.reloaded(err)
		return err
	}
	b, err := n.rebuild(s)
	if ctx.Err() != nil { // it stops, and may have closed what the new settings would be applied to
		return ctx.Err()
	}
	if err != nil && s.same(n.settings.Load()) {
		n.health.reloaded(nil) // not the configuration has the faults but the rules: they are told of until those are mended
		return err
	}
	if err == nil {
		err = n.apply(ctx, s, b)
	}
	n.health.reloaded(err)
	return err
}

// apply makes settings those that run.
func (n *Node) apply(ctx context.Context, s *Settings, b *built) error {
	if _, err := checkCertificates(s, n.now()); err != nil { // a listener without one would take the place of one that works
		return &ConfigError{err}
	}
	old := n.settings.Load()
	if what := n.needRestart(old, s); len(what) > 0 {
		return &ConfigError{fmt.Errorf("%v changed, which a reload cannot do; restart to use the new configuration", what)}
	}
	if n.inputs != nil {
		if err := cannotListen(old, s); err != nil {
			return &ConfigError{err}
		}
	}
	n.settings.Store(s)
	n.set.Store(b.set)
	n.leftOut(b)
	n.stats.loaded(nil)
	n.stats.forget(b.set.Rules)
	if n.inputs != nil {
		n.inputs.apply(s.Inputs)
	}
	if ctx.Err() != nil { // what ends waits for those that run, not for new ones
		return ctx.Err()
	}
	if n.tell != nil {
		n.tell.apply(s)
	}
	if w := s.unfed(); w != "" && n.inputs != nil {
		n.log.Warn(w)
	}
	n.log.Info("reloaded", "inputs", len(s.Inputs), "channels", len(s.Channels), "rules", len(b.set.Rules.Rules()))
	return ctx.Err()
}

// needRestart names the sections that cannot change while the program runs.
func (n *Node) needRestart(old, now *Settings) (what []string) {
	for name, same := range map[string]bool{
		"data":          old.Main.Data == now.Main.Data,
		"name":          old.Main.Name == now.Main.Name,
		"ack":           old.Main.Ack == now.Main.Ack,
		"lateness":      old.Main.Lateness == now.Main.Lateness, // windows are settled by it
		"kafka":         reflect.DeepEqual(old.Kafka, now.Kafka),
		"elasticsearch": reflect.DeepEqual(old.Elasticsearch, now.Elasticsearch),
		"archives":      reflect.DeepEqual(old.Archives, now.Archives),
		"console":       reflect.DeepEqual(old.Console, now.Console),
		"health":        old.Main.Health == now.Main.Health,
		"limits":        old.Limits == now.Limits,
		"retention":     old.Retention == now.Retention,
		// The embedded bus keeps messages for the groups that it was opened with.
		"channels (names)": slices.Equal(sorted(channelNames(old)), sorted(channelNames(now))),
		// They need the index, which a process that only notifies opens where it has any at its start.
		"reports (the first)": n.index != nil || !n.sendsReports(now),
	} {
		if !same {
			what = append(what, name)
		}
	}
	slices.Sort(what)
	return what
}

func sorted(s []string) []string {
	slices.Sort(s)
	return s
}
