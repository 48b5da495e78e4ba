package app

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ShadowReport is what the rules on trial would have told.
type ShadowReport struct {
	Since time.Time    `json:"since"`
	Rules []ShadowRule `json:"rules"` // all that are on trial, those that say most first
	More  bool         `json:"more,omitempty"`
	Damage
}

// ShadowRule is one rule's part.
type ShadowRule struct {
	Rule     string         `json:"rule"`
	Title    string         `json:"title"`
	Level    string         `json:"level"`
	Alerts   int            `json:"alerts"`
	Days     map[string]int `json:"days"`
	Entities []EntityAlerts `json:"entities"`
	Last     []string       `json:"last"` // the texts of the last alerts
}

const (
	maxShadow = 100_000 // alerts that a report counts
	lastTexts = 5
)

// Shadow reads the alerts of rules on trial from the index.
func (n *Node) Shadow(ctx context.Context, since time.Time) (*ShadowReport, error) {
	set, _, err := n.sets(nil)
	if err != nil {
		return nil, err
	}
	out := &ShadowReport{Since: since.UTC(), Rules: []ShadowRule{}}
	byRule := map[string][]*PastAlert{}
	p := shadowPages(since)
	for count := 0; ; {
		hits, err := p.next(ctx, n.index)
		if err != nil {
			return nil, err
		}
		if len(hits) == 0 {
			break
		}
		if count += len(hits); count > maxShadow {
			out.More = true
			break
		}
		for i := range hits {
			a, err := shadowAlert(hits[i].Source)
			if err != nil {
				return nil, err
			}
			byRule[a.Rule] = append(byRule[a.Rule], a)
		}
	}
	out.Damage = p.damage
	for _, r := range set.Rules.Rules() {
		if !r.Shadow {
			continue
		}
		one := ShadowRule{Rule: r.ID, Title: r.Title, Level: r.Level, Alerts: len(byRule[r.ID]), Days: map[string]int{}, Entities: entities(byRule[r.ID]), Last: []string{}}
		for i, a := range byRule[r.ID] {
			one.Days[day(a)]++
			if i >= len(byRule[r.ID])-lastTexts {
				one.Last = append(one.Last, a.Title)
			}
		}
		out.Rules = append(out.Rules, one)
	}
	slices.SortStableFunc(out.Rules, func(a, b ShadowRule) int { return cmp.Or(b.Alerts-a.Alerts, strings.Compare(a.Rule, b.Rule)) })
	return out, nil
}

// shadowPages leave out what was announced early: the settled alert is another document.
func shadowPages(since time.Time) *pages {
	filter := []any{map[string]any{"term": map[string]any{"sluice.alert.shadow": true}}}
	early := []any{map[string]any{"term": map[string]any{"sluice.alert.provisional": true}}}
	return &pages{
		indices: []string{"sluice-alerts-*"}, size: pastPage, order: [2]string{"@timestamp", "sluice.alert.id"},
		query: map[string]any{"bool": map[string]any{"filter": append(filter, within("@timestamp", since, time.Time{})...), "must_not": early}},
	}
}

// shadowAlert reads an alert's document.
func shadowAlert(doc []byte) (*PastAlert, error) {
	var d struct {
		Message string
		Rule    struct{ ID string }
		User    struct{ Name string }
		Host    struct{ Name, Hostname string }
		Source  struct{ IP string }
		Sluice  struct {
			Alert struct {
				Key         []string
				First, Last time.Time
			}
		}
	}
	if err := json.Unmarshal(doc, &d); err != nil {
		return nil, fmt.Errorf("an alert of the index: %w", err)
	}
	about := strings.TrimSpace(strings.Join(d.Sluice.Alert.Key, " "))
	if about == "" {
		about = cmp.Or(d.User.Name, d.Host.Hostname, d.Host.Name, d.Source.IP)
	}
	return &PastAlert{Rule: d.Rule.ID, Title: d.Message, Entity: about, First: d.Sluice.Alert.First, Last: d.Sluice.Alert.Last}, nil
}
