package rules

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestEarly: announced at once, and the settled alert names what was announced.
func TestEarly(t *testing.T) {
	s := load(t, Options{}, bruteForce+"emit: early\n", portScan+"emit: early\n", successAfter+"emit: early\n")
	c := s.NewCorrelator()
	c.Announce()
	f := func(want string) []Alert {
		t.Helper()
		alerts, _ := c.Drain()
		got := ""
		for _, a := range alerts {
			early := strings.Contains(string(a.Doc), `"provisional":true`)
			got += fmt.Sprintf("%s %d %t %t %d;", a.Rule, a.Count, a.Closed, early, len(a.Replaces))
			if a.New != (!early && a.Revision == 1) {
				t.Errorf("%s: early %t, new %t: an alert is counted once", a.Rule, early, a.New)
			}
		}
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		return alerts
	}
	observe := func(rule, id string, sec int, value string, steps uint32) {
		m := chainMatch(s, rule, `["192.0.2.1"]`, id, sec, value)
		m.Steps = steps
		c.Observe(&m)
	}
	observe("brute", "a", 0, "", 0)
	observe("brute", "c", 20, "", 0)
	f("")
	observe("brute", "b", 10, "", 0) // out of order
	early := f("brute 3 false true 0;")
	observe("brute", "d", 15, "", 0)
	f("") // once
	c.Advance("", start.Add(18*time.Second))
	alerts := f("brute 3 false false 1;brute 3 true true 0;")
	if alerts[1].ID != early[0].ID || alerts[0].Replaces[0] != early[0].ID || alerts[0].ID == early[0].ID {
		t.Errorf("%s, %s, %v", early[0].ID, alerts[1].ID, alerts[0].Replaces)
	}
	for i := range 4 {
		observe("scan", "s"+strconv.Itoa(i), 30, strconv.Itoa(i%3), 0)
	}
	f("")
	for i := range 4 {
		observe("scan", "t"+strconv.Itoa(i), 31, strconv.Itoa(3+i), 0)
	}
	f("scan 5 false true 0;")
	observe("after", "3", 42, "", 4)
	observe("after", "2", 41, "", 2)
	observe("after", "1", 40, "", 1)
	f("after 3 false true 0;")
	c.Advance("", start.Add(time.Minute))
	f("brute 4 false false 1;scan 5 true true 0;scan 8 false false 1;after 3 true true 0;after 3 false false 1;")
}

// TestEarlySettles: whatever was announced, the settled alerts are the same, but for what
// they supersede; and nothing announced stays open, restarts or not.
func TestEarlySettles(t *testing.T) {
	early, plain := load(t, Options{}, bruteForce+"emit: early\n", portScan+"emit: early\n", successAfter+"emit: early\n"), load(t, Options{}, bruteForce, portScan, successAfter)
	named := 0
	for seed := range uint64(200) {
		ms := world(early, rand.New(rand.NewPCG(seed, 1)), 60)
		want, _ := play(t, plain, ms, rand.New(rand.NewPCG(seed, 2)), false)
		got, _ := play(t, early, ms, rand.New(rand.NewPCG(seed, 3)), true)
		announced := map[string]bool{}
		for id, a := range got {
			if strings.Contains(string(a.Doc), `"provisional":true`) {
				if !a.Closed {
					t.Errorf("still open: %s", a.Doc)
				}
				announced[id] = true
				delete(got, id)
			}
		}
		for id, a := range got {
			for _, of := range a.Replaces {
				named++
				if !announced[of] {
					t.Errorf("%s supersedes what was not announced", a.Doc)
				}
				delete(announced, of)
				a.Doc = []byte(strings.Replace(string(a.Doc), `,"supersedes":["`+of+`"]`, "", 1))
			}
			got[id] = a
		}
		if err := equal(want, got); err != nil || len(announced) > 0 {
			t.Fatalf("seed %d: %v, %d were announced and never settled", seed, err, len(announced))
		}
	}
	if named < 100 {
		t.Errorf("%d alerts were announced: the test tests nothing", named)
	}
}

func TestEarlyFaults(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		if _, err := Load(testSchema, []File{{Name: "r.yml", Text: []byte(text)}}, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
	f(bruteForce+"emit: erly\n", "r.yml:12:7: emit: \"erly\" is none of early, settled; did you mean early?")
	f(noBackupEnd+"emit: early\n", "emit: only rules of kind threshold and sequence")
	f(successAfter+"until: has(user.name)\nemit: early\n", "emit: a sequence with until")
}

// TestNew: an alert that begins and ends before it is drained is new all the same, and once.
func TestNew(t *testing.T) {
	s := load(t, Options{}, bruteForce)
	c := s.NewCorrelator()
	f := func(want string) {
		t.Helper()
		alerts, _ := c.Drain()
		got := ""
		for _, a := range alerts {
			got += fmt.Sprintf("revision %d new %t;", a.Revision, a.New)
		}
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	burst := func(sec int) {
		for i := range 3 {
			m := chainMatch(s, "brute", `["192.0.2.1"]`, fmt.Sprint(sec, i), sec+i, "")
			c.Observe(&m)
		}
	}
	burst(0)
	c.Advance("", start.Add(time.Hour))
	f("revision 2 new true;")
	burst(7200)
	c.Advance("", start.Add(2*time.Hour+10*time.Second))
	f("revision 1 new true;")
	c.Advance("", start.Add(4*time.Hour))
	f("revision 2 new false;")
}
