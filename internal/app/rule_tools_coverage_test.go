package app

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// TestCoverageAsked: a page that has left is not answered, and rules that were read again are.
func TestCoverageAsked(t *testing.T) {
	file := filepath.Join(t.TempDir(), "r.yml")
	rule := func(id string) {
		write(t, file, "id: "+id+"\ntitle: R\nlevel: low\nkind: match\nwhen: has(user.name)\n")
	}
	rule("first")
	n := reloadable(t, func() (*Settings, error) { return parse("rules: {library: false, paths: [" + file + "]}\n") })
	for _, id := range []string{"first", "second"} {
		rule(id)
		s, err := n.read()
		if err != nil {
			t.Fatal(err)
		}
		b, err := n.build(s)
		if err != nil {
			t.Fatal(err)
		}
		n.set.Store(b.set)
		for range 2 {
			got, err := ruleTools{n}.covered(t.Context(), time.Time{})
			if err != nil || len(got.Rules) != 1 || got.Rules[0].Rule != id || got.Rules[0].Status != StatusRuns {
				t.Errorf("%s: %+v, %v", id, got.Rules, err)
			}
		}
	}
	ctx, leave := context.WithCancel(t.Context())
	leave()
	if got, err := (ruleTools{n}).covered(ctx, time.Time{}); !errors.Is(err, context.Canceled) || got.Rules != nil {
		t.Errorf("left: %+v, %v", got.Rules, err)
	}
}

// TestCoverageOnce: a rule with several faults is one rule that cannot run.
func TestCoverageOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "r.yml")
	write(t, file, `id: two-faults
title: T
level: hgh
kind: match
when: user.nme == "root"
---
id: none
title: T
level: low
kind: match
when: user.name == "root"
---
id: another
title: T
level: low
kind: match
when: user.nme == "root"
unknown: 1
`)
	s, err := parse("rules: {library: false, paths: [" + file + "]}\n")
	if err != nil {
		t.Fatal(err)
	}
	set, err := build(s)
	var places []string
	for _, c := range Coverage(set, err, nil) {
		places = append(places, c.Status+" "+filepath.Base(c.Place))
	}
	if want := []string{"runs r.yml:7", "cannot r.yml:3:8", "cannot r.yml:17:7"}; !slices.Equal(places, want) {
		t.Errorf("%q, not %q", places, want)
	}
}
