package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"sluice/rules"
)

// rulesEvery is how often the rule files are looked at: soon enough for who edits one.
const rulesEvery = 2 * time.Second

func ruleStamps(s *Settings) string {
	return stamps(s.Rules.Paths, func(name string) bool { return filepath.Ext(name) == ".yml" || filepath.Ext(name) == ".yaml" })
}

// watchRules reads the rules again when their files change. Where one is faulty the old
// set stays, and it is tried again when they change.
func (n *Node) watchRules(ctx context.Context) {
	n.watch(ctx, rulesEvery, ruleStamps, func(w watched) string { return w.rules }, func() {
		if err := n.reloadRules(); err != nil {
			n.log.Error("changed rules cannot be used; the old ones stay", "why", err)
		}
	})
}

// reloadRules reads packs and rules of the configuration that runs again. On any fault the
// old ones stay, and the error has every fault with its place; health and the list of rules
// show it until a try succeeds. Unchanged rules keep their state.
func (n *Node) reloadRules() error {
	n.reloading.Lock()
	defer n.reloading.Unlock()
	b, err := n.rebuild(n.settings.Load())
	if err != nil {
		return err
	}
	n.set.Store(b.set)
	n.leftOut(b)
	n.stats.loaded(nil)
	n.stats.forget(b.set.Rules)
	n.log.Info("rules reloaded", "rules", len(b.set.Rules.Rules()))
	return nil
}

// rebuild builds the set for a running program: one fault, and the old set stays.
func (n *Node) rebuild(s *Settings) (*built, error) {
	b, err := n.build(s)
	if err == nil {
		err = errors.Join(append(b.faults, vanished(s, n.set.Load().Rules.Rules())...)...)
	}
	if err != nil {
		err = &ConfigError{err}
		n.stats.loaded(err)
		return nil, err
	}
	return b, nil
}

// vanished are the paths whose rules run and which hold no rule file any more: a volume that
// is not mounted, or a checkout in between, must not end detection without a word.
func vanished(s *Settings, running []*rules.Rule) (faults []error) {
	shipped := map[string]bool{} // as rules/library/..., which a path of that name is not
	for _, f := range rules.Library() {
		shipped[f.Name] = true
	}
	for _, p := range s.Rules.Paths {
		if files, err := readRules(p); err != nil || len(files) > 0 {
			continue
		}
		under := filepath.Clean(p) + string(filepath.Separator)
		had := 0
		for _, r := range running {
			if strings.HasPrefix(r.File, under) && !shipped[r.File] {
				had++
			}
		}
		if had > 0 {
			faults = append(faults, fmt.Errorf("rules.paths: %s holds no rule file any more, and what came from it still runs (rules: %d): put them back, or take the path out of the configuration", p, had))
		}
	}
	return faults
}

// loaded notes how reading the rules went.
func (s *ruleStats) loaded(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now().UTC()
	if err != nil {
		s.load.Tried, s.load.Error = now, err.Error()
		return
	}
	s.load = LoadState{At: now}
}

// loadState is how reading the rules went last.
func (s *ruleStats) loadState() LoadState {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.load
}
