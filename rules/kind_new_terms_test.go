package rules

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"
)

const newCountry = `
id: country
title: A user comes from a new country
kind: new_terms
level: medium
when: event.category == "authentication"
group_by: user.name
term: source.geo.country_iso_code
history: 1m
suppress: 20s
`

// TestNewTermsTruth compares with the definition: not seen in [t-H, t), and the history
// of the rule reaches back to t-H.
func TestNewTermsTruth(t *testing.T) {
	s := load(t, Options{}, newCountry)
	shuffled(t, s, func(rnd *rand.Rand, m *Match) { m.Value = strconv.Itoa(rnd.IntN(6)) }, func(r *Rule, ms, all []Match) []string {
		first := all[0].Time
		for _, m := range all {
			if m.Time.Before(first) {
				first = m.Time
			}
		}
		return instants(r, ms, func(i int) bool {
			from := ms[i].Time.Add(-r.Window)
			if first.After(from) {
				return false
			}
			for j := i; j >= 0 && ms[j].Time.Equal(ms[i].Time); j-- {
				seen := false
				for _, o := range ms {
					seen = seen || o.Value == ms[j].Value && !o.Time.Before(from) && o.Time.Before(ms[i].Time)
				}
				if !seen {
					return true
				}
			}
			return false
		})
	})
}

func TestNewTerms(t *testing.T) {
	s := load(t, Options{}, newCountry)
	f := func(want string, ms ...Match) {
		t.Helper()
		raises(t, s, want, ms...)
	}
	at := func(id string, sec int, v string) Match { return flow(s, id, sec, v) }
	f("", at("1", 0, "DE"), at("2", 59, "FR"))                        // the history is not covered
	f("2;", at("1", 0, "DE"), at("2", 60, "FR"))                      // now it is
	f("", at("1", 0, "DE"), at("2", 60, "DE"))                        // [t-H is inclusive
	f("2;", at("1", 0, "DE"), at("2", 61, "DE"))                      // forgotten
	f("2 3;", at("1", 0, "DE"), at("2", 70, "FR"), at("3", 80, "PL")) // one alert for one occasion
	f("2;3;", at("1", 0, "DE"), at("2", 70, "FR"), at("3", 100, "PL"))
	f("2 3;", at("1", 0, "DE"), at("2", 70, "FR"), at("3", 70, "FR")) // t) is not
	other := at("1", 0, "DE")
	other.Key = `["bob"]`
	f("2;", other, at("2", 60, "FR")) // the rule's history, not the key's
}

// TestNewTermsRestart: since when the history is known survives, also where no key has
// state any more; it ends with the lane.
func TestNewTermsRestart(t *testing.T) {
	s := load(t, Options{}, newCountry)
	c := s.NewCorrelator()
	changelog := &table{values: map[string][]byte{}}
	m := flow(s, "1", 0, "DE")
	c.Observe(&m)
	c.Advance("", start.Add(time.Hour))
	_, records := c.Drain()
	changelog.put(records)
	if c.Keys() != 0 || changelog.live() != 1 {
		t.Fatalf("%d keys, %d records", c.Keys(), changelog.live())
	}
	c = s.NewCorrelator()
	for k, v := range changelog.values {
		if err := c.Restore([]byte(k), v); err != nil {
			t.Fatal(err)
		}
	}
	m = flow(s, "2", 7200, "DE")
	c.Observe(&m)
	c.End()
	alerts, records := c.Drain()
	if changelog.put(records); len(alerts) != 1 || changelog.live() != 0 {
		t.Errorf("%d alerts, %d records", len(alerts), changelog.live())
	}
}

// TestNewTermsBound: over the bound the terms that were longest not seen go, and the
// rule and later alerts say so.
func TestNewTermsBound(t *testing.T) {
	s := load(t, Options{MaxEntries: 10}, newCountry)
	c := s.NewCorrelator()
	for i := range 25 {
		m := flow(s, strconv.Itoa(i), i, strconv.Itoa(i%13))
		c.Observe(&m)
		c.Advance("", start.Add(time.Duration(i)*time.Second))
	}
	m := flow(s, "new", 70, "x")
	c.Observe(&m)
	c.End()
	alerts, _ := c.Drain()
	if d := c.Degraded(); len(d) != 1 || !strings.Contains(d[0].Reason, "more than 10 terms") {
		t.Errorf("%+v", d)
	}
	if len(alerts) != 1 || !strings.Contains(string(alerts[0].Doc), "too many terms") {
		t.Errorf("%+v", alerts)
	}
}

func TestNewTermsFaults(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		_, err := Load(testSchema, []File{{Name: "test.yml", Text: []byte(text)}}, Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	f(strings.Replace(newCountry, "history: 1m", "history: 2161h", 1), "history: from 1m")
	f(strings.Replace(newCountry, "term: source.geo.country_iso_code", "", 1), "term is missing")
	f(strings.Replace(newCountry, "country_iso_code", "country_iso_cod", 1), "did you mean")
	f(newCountry+"window: 1m\n", "takes no window")
	f(newCountry+"count: 3\n", "takes no count")
}
