package rules

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"
)

const riskyHost = `
id: risky
title: Much happens on one host
kind: risk
level: critical
group_by: source.ip
score: 100
window: 1m
suppress: 20s
message: "{source.ip}: risk {score} by {rules} rules: {rule.name}"
`

// risky makes a match of the alert of a rule.
func risky(s *Set, id string, seconds int, rule string, x float64) Match {
	m := step(s, id, seconds, 0)
	m.Value = list([]string{rule, strconv.FormatFloat(x, 'g', -1, 64)})
	m.Fields = fmt.Sprintf(`{"rule.name":["Rule %s"]}`, rule)
	return m
}

// TestRiskTruth compares with the definition, spelled out from the newest alert of each
// rule backwards.
func TestRiskTruth(t *testing.T) {
	s := load(t, Options{}, riskyHost, bruteForce)
	shuffled(t, s, func(rnd *rand.Rand, m *Match) {
		rule := rnd.IntN(4)
		m.Value = list([]string{"r" + strconv.Itoa(rule), []string{"21", "47", "30.5", "73"}[rule]})
	}, func(r *Rule, ms, _ []Match) []string {
		return episodes(r, ms, func(window []Match) bool {
			sum, parts := 0.0, map[string]float64{}
			for i := len(window) - 1; i >= 0; i-- {
				rule, x := riskOf(window[i].Value)
				if _, ok := parts[rule]; !ok {
					parts[rule] = 1
				}
				if sum += x * parts[rule]; parts[rule] == 1.0/128 {
					parts[rule] = 0
				}
				parts[rule] /= 2
			}
			return len(parts) >= 2 && sum >= 100
		})
	})
}

func TestRisk(t *testing.T) {
	s := load(t, Options{}, riskyHost, bruteForce)
	f := func(want string, ms ...Match) {
		t.Helper()
		titled(t, s, want, ms...)
	}
	at := func(id string, sec int, rule string, x float64) Match { return risky(s, id, sec, rule, x) }
	f("192.0.2.1: risk 120 by 2 rules: Rule a, Rule b;", at("1", 0, "a", 73), at("2", 9, "b", 47))
	f("", at("1", 0, "a", 73), at("2", 9, "b", 21))
	f("", at("1", 0, "a", 73), at("2", 60, "b", 47))                     // the window is (t-T, t]
	f("", at("1", 0, "a", 99), at("2", 1, "a", 99), at("3", 2, "a", 99)) // one rule alone is no incident
	f("192.0.2.1: risk 103 by 2 rules: Rule a, Rule b;", at("1", 0, "a", 40), at("2", 1, "a", 40), at("3", 2, "b", 43))
	f("192.0.2.1: risk 167 by 3 rules: Rule a, Rule b, Rule c;", at("1", 0, "a", 73), at("2", 9, "b", 47), at("3", 10, "c", 47)) // one incident
	f("", at("1", 0, "a", 73), Match{Rule: "risky", Hash: s.Rule("risky").Hash, Key: `["192.0.2.1"]`, Time: start, ID: "x", Value: "nonsense"})
}

// TestRiskOfAlerts goes the whole way: alerts of other rules, with the risk that they say
// or that their level stands for, add up to an incident that lists them.
func TestRiskOfAlerts(t *testing.T) {
	s := load(t, Options{}, riskyHost, bruteForce, strings.Replace(portScan, "level: medium", "level: medium\nrisk: 30.5", 1), successAfter)
	c := s.NewCorrelator()
	for i := range 3 {
		m := chainMatch(s, "brute", `["192.0.2.1"]`, "b"+strconv.Itoa(i), i, "")
		c.Observe(&m)
	}
	for i := range 4 {
		m := chainMatch(s, "scan", `["192.0.2.1","198.51.100.1"]`, "s"+strconv.Itoa(i), 30+i, strconv.Itoa(i))
		c.Observe(&m)
	}
	c.End()
	alerts, _ := c.Drain()
	var incident *Alert
	for i := range alerts {
		if alerts[i].Rule == "risky" {
			incident = &alerts[i]
		}
	}
	if incident == nil || incident.Title != "192.0.2.1: risk 103.5 by 2 rules: Many failed logins, Port scan" || incident.Count != 2 || len(incident.Events) != 2 {
		t.Fatalf("%+v", alerts)
	}
	var doc struct {
		Event  struct{ Risk_score float64 }
		Sluice struct {
			Alert struct {
				Values map[string]any
				Alerts []string
			}
		}
		Threat struct{ Technique struct{ ID []string } }
	}
	if err := json.Unmarshal(incident.Doc, &doc); err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(doc.Event.Risk_score, doc.Sluice.Alert.Values, len(doc.Sluice.Alert.Alerts), doc.Threat.Technique.ID)
	if got != "99 map[rule.id:[brute scan] rules:2 score:103.5] 2 [T1110]" {
		t.Errorf("%s\n%s", got, incident.Doc)
	}
}

// TestRiskBound: a rule that is noisy costs a few alerts and counts no more than twice.
func TestRiskBound(t *testing.T) {
	s := load(t, Options{}, riskyHost, bruteForce)
	c := s.NewCorrelator()
	for i := range 500 {
		m := risky(s, strconv.Itoa(i), i/10, "r"+strconv.Itoa(i%2), 21)
		c.Observe(&m)
	}
	c.Advance("", start.Add(50*time.Second))
	if k := onlyKey(t, c); len(k.kept) != 2*maxRiskAlerts || k.ep != nil || len(c.Degraded()) > 0 {
		t.Errorf("%d kept, %+v, %+v", len(k.kept), k.ep, c.Degraded())
	}
	m := risky(s, "last", 51, "r3", 73)
	c.Observe(&m)
	c.End()
	alerts, _ := c.Drain()
	if len(alerts) != 1 || alerts[0].Count != 501 {
		t.Errorf("%+v", alerts)
	}
}

// TestRiskDegraded: more alerts of different rules than a key may keep are said.
func TestRiskDegraded(t *testing.T) {
	s := load(t, Options{MaxEntries: 10}, riskyHost, bruteForce)
	c := s.NewCorrelator()
	for i := range 20 {
		m := risky(s, strconv.Itoa(i), i, "r"+strconv.Itoa(i), 21)
		c.Observe(&m)
		c.Advance("", m.Time)
	}
	c.End()
	alerts, _ := c.Drain()
	if len(alerts) != 1 || !strings.Contains(string(alerts[0].Doc), "too many alerts") {
		t.Errorf("%+v", alerts)
	}
}

func TestRiskFaults(t *testing.T) {
	f := func(from, to, want string) {
		t.Helper()
		refuses(t, strings.Replace(riskyHost, from, to, 1)+"---"+bruteForce, want)
	}
	f("score: 100", "", "test.yml:2:1: score: the sum of risk")
	f("score: 100", "score: -1", "score: the sum of risk")
	f("score: 100", "score: 100\ncount: 101", "count: the least number of different rules")
	f("group_by: source.ip", "", "group_by is missing")
	f("window: 1m", "", "window: is missing")
	f("window: 1m", "window: 1m\nrules: brutal", "did you mean brute?")
	f("window: 1m", "window: 1m\ndistinct: rule.id", "takes no distinct")
	f("level: critical", "level: critical\nrisk: 101", "test.yml:6:7: risk: a number from 0 to 100")
	f("level: critical", "level: critical\nrisk: high", "risk: a number from 0 to 100")
	refuses(t, riskyHost, `no rule over events is loaded that fits "*"`)
}
