package rules

import (
	"testing"
	"time"

	"sluice/event"
)

// FuzzLoad: no rule file makes the loader panic, and what loads can be asked.
func FuzzLoad(f *testing.F) {
	for _, s := range []string{bruteForce, portScan, successAfter, rootShell, kill, exfiltration + "function: sum\nabove: 1\n", newCountry} {
		f.Add([]byte(s))
	}
	for _, file := range Library()[:4] {
		f.Add(file.Text)
	}
	f.Add([]byte("when: |\n\n"))
	f.Add([]byte("steps:\n- *x\n"))
	ev := event.NewEvent(testSchema)
	auth(ev, "192.0.2.1", "root", "success")
	f.Fuzz(func(t *testing.T, text []byte) {
		files := []File{{Name: "f.yml", Text: text}}
		Fields(files)
		s, err := Load(testSchema, files, Options{})
		if err == nil && len(s.Rules()) == 0 {
			t.Error("nothing loaded, and no fault")
		}
		c := s.NewCorrelator()
		for _, m := range s.NewMatcher().Match(ev, Instant{Time: start, ID: "1"}) {
			if s.Rule(m.Rule).Stateful() {
				c.Observe(&m)
			} else if a := s.Alert(&m); a.ID == "" {
				t.Error("an alert without an id")
			}
		}
		c.End()
		c.Drain()
	})
}

// FuzzMatch: what sluice.matches carries may be anything; what is read can be observed.
func FuzzMatch(f *testing.F) {
	s, err := Load(testSchema, []File{{Name: "a.yml", Text: []byte(bruteForce)}, {Name: "b.yml", Text: []byte(successAfter)}}, Options{})
	if err != nil {
		f.Fatal(err)
	}
	for _, r := range s.Rules() {
		m := Match{Rule: r.ID, Hash: r.Hash, Key: `["x"]`, Time: start, ID: "1", Steps: 3, Fields: `{"user.name":["x"]}`}
		f.Add(m.AppendJSON(nil))
		m.Key, m.Fields = "x", `[1]`
		f.Add(m.AppendJSON(nil))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := ParseMatch(data)
		if err != nil {
			return
		}
		again, err := ParseMatch(m.AppendJSON(nil))
		if err != nil || !again.Time.Equal(m.Time) {
			t.Errorf("%v: %+v is not %+v", err, again, m)
		}
		c := s.NewCorrelator()
		for i := range 4 {
			m.ID = string(rune('a' + i))
			c.Observe(&m)
		}
		c.Advance("", m.Time.Add(time.Hour))
		c.End()
		c.Drain()
	})
}

// FuzzRestore: a damaged changelog is an error or a state, never a panic.
func FuzzRestore(f *testing.F) {
	s := load(f, Options{}, bruteForce+"emit: early\n", successAfter, muchRead, twoPlaces, callsHome, scanner, riskyHost, noBackupEnd, manyNames)
	values := map[string][]string{
		"names": {"a", "b", "c"}, "travel": {"52.5,13.4", "1,2"}, "scanner": {`["10.0.0.1","1"]`, `["10.0.0.1","2"]`, `["10.0.0.1","3"]`, `["10.0.0.1","4"]`}, "risky": {`["brute","73"]`, `["scan","60"]`},
	}
	match := func(r *Rule, at time.Time, i int) *Match {
		m := &Match{Rule: r.ID, Hash: r.Hash, Key: `["x"]`, Time: at, ID: string(rune('a' + i)), Steps: 3}
		if vs := values[r.ID]; vs != nil {
			m.Value = vs[i%len(vs)]
		}
		return m
	}
	c := s.NewCorrelator()
	c.Announce()
	for _, r := range s.Rules() {
		for i := range 6 {
			c.Observe(match(r, start.Add(time.Duration(i)*16*time.Second), i))
		}
	}
	_, records := c.Drain()
	c.Advance("", start.Add(70*time.Second))
	_, settled := c.Drain()
	records = append(records, settled...)
	for _, r := range records {
		f.Add(r.Key, r.Value)
	}
	f.Fuzz(func(t *testing.T, key, value []byte) {
		c := s.NewCorrelator()
		if c.Restore(key, value) != nil {
			return
		}
		for _, r := range s.Rules() {
			for i := range 3 {
				m := match(r, start.Add(80*time.Second+time.Duration(i)*time.Hour), i)
				m.ID, m.Steps = "z"+m.ID, 7
				c.Observe(m)
			}
		}
		c.End()
		c.Drain()
		c.End()
	})
}
