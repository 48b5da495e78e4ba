package rules

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"sluice/event"
)

// lacks is what WindowOf says is missing for the match with the number at, with the window
// in seconds from start; until is how many seconds after start the last event was.
func lacks(s *Set, at, until int, ms ...Match) string {
	r := s.Rules()[0]
	for i := range ms {
		ms[i].Rule, ms[i].Hash, ms[i].Namespace, ms[i].Origin = r.ID, r.Hash, "default", "o"
		if ms[i].Fields == "" {
			ms[i].Fields = "{}"
		}
	}
	w := s.WindowOf(r, &ms[at], ms, start.Add(time.Duration(until)*time.Second))
	return fmt.Sprintf("%s to %s, %d there, fires %t: %s", seconds(w.From.Sub(start)), seconds(w.To.Sub(start)), w.Count, w.Fires, strings.Join(w.Missing, "; "))
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) }

// TestMissing: each kind says what keeps a window from holding.
func TestMissing(t *testing.T) {
	f := func(text, want string, at, until int, ms ...Match) {
		t.Helper()
		if got := lacks(load(t, Options{}, text), at, until, ms...); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	m := func(id string, second int, steps uint32, value ...string) Match {
		v := strings.Join(value, "")
		return Match{Key: `["x"]`, ID: id, Time: start.Add(time.Duration(second) * time.Second), Steps: steps, Value: v}
	}
	f(noBackupEnd, "0 to 60, 2 there, fires false: the absence: event b at 2026-03-02T08:00:30Z meets without", 0, 200, m("a", 0, absenceWhen), m("b", 30, absenceWithout))
	f(noBackupEnd, "-30 to 30, 2 there, fires false: a beginning: this event answers those before it, here 1, and begins nothing", 1, 200, m("a", 0, absenceWhen), m("b", 30, absenceWithout))
	f(noBackupEnd, "0 to 60, 1 there, fires false: time: the last event that is known of was at 2026-03-02T08:00:40Z, and the window ends at 2026-03-02T08:01:00Z", 0, 40, m("a", 0, absenceWhen))
	f(noBackupEnd, "0 to 60, 1 there, fires true: ", 0, 61, m("a", 0, absenceWhen))
	f(noBackupEnd, "0 to 60, 1 there, fires true: ", 0, 200, m("a", 0, absenceWhen), m("b", 90, absenceWhen|absenceWithout))

	beats := func(seconds ...int) (out []Match) {
		for i, second := range seconds {
			b := m(fmt.Sprint(i), second, 0)
			b.Key = `["x","y"]`
			out = append(out, b)
		}
		return out
	}
	f(callsHome, "-150 to 30, 3 there, fires false: 3 of 5 beats", 2, 200, beats(0, 20, 30)...)
	f(callsHome, "-140 to 40, 5 there, fires false: 5 beats span 40s of 1m0s", 4, 200, beats(0, 10, 20, 30, 40)...)
	f(callsHome, "-40 to 140, 5 there, fires false: regularity: intervals of 32.5s in the middle deviate by 0.846 of that, at most 0.1", 4, 200, beats(0, 5, 10, 80, 140)...)
	f(callsHome, "-90 to 90, 7 there, fires false: longer intervals: their median is 2s, at least 5s", 6, 200, beats(0, 2, 4, 6, 8, 10, 90)...)
	f(callsHome, "-100 to 80, 5 there, fires true: ", 4, 200, beats(0, 20, 40, 60, 80)...)
	f(callsHome, "-99.6 to 80.4, 6 there, fires false: a beat: this event is one with the beat before it", 5, 200, func() []Match {
		out := append(beats(0, 20, 40, 60, 80), m("late", 80, 0))
		out[5].Key, out[5].Time = out[0].Key, out[5].Time.Add(400*time.Millisecond)
		return out
	}()...)

	one := func(weeks, n int) (out []Match) {
		for i := range n {
			out = append(out, m(fmt.Sprintf("%d-%d", weeks, i), weeks*7*24*3600+i, 0))
		}
		return out
	}
	const w2, end2 = 2 * 7 * 24 * 3600, 2*7*24*3600 + 1800
	f(muchRead, fmt.Sprintf("%d to %d, 2 there, fires false: time: the pane is judged when it is over, at 2026-03-16T08:30:00Z; 2 events are in it", w2, end2), 0, w2+60, one(2, 2)...)
	f(muchRead, fmt.Sprintf("%d to %d, 2 there, fires false: 2 of 3 events in the pane", w2, end2), 0, end2+60, one(2, 2)...)
	f(muchRead, fmt.Sprintf("%d to %d, 4 there, fires false: 0 of 2 panes of this hour of the week to compare with", w2, end2), 0, end2+60, one(2, 4)...)
	f(muchRead, fmt.Sprintf("%d to %d, 4 there, fires false: 4 events are 0.577 measures above the usual 3, not more than 1.5", w2, end2), 0, end2+60, append(append(one(2, 4), twice(one(1, 3))...), twice(one(0, 3))...)...)

	scans := func(targets ...string) (out []Match) {
		for i, target := range targets {
			host, port, _ := strings.Cut(target, ":")
			out = append(out, m(fmt.Sprint(i), i, 0, list([]string{host, port})))
		}
		return out
	}
	f(scanner, "-56 to 4, 5 there, fires false: 3 of 4 ports of one host; 2 of 5 hosts with one port; 4 of 9 targets", 4, 99, scans("h:1", "h:2", "h:3", "i:1", "i:1")...)
	f(scanner, "-57 to 3, 4 there, fires true: ", 3, 99, scans("h:1", "h:2", "h:3", "h:4")...)

	const berlin, cologne, tokyo = "52.52,13.405", "50.938,6.96", "35.676,139.65"
	travel := strings.NewReplacer("speed: 100000\n", "", "suppress: 20s\n", "").Replace(twoPlaces)
	f(travel, "-72055 to 0, 1 there, fires false: a place before: there is none within 20h0m55s", 0, 99, m("a", 0, 0, berlin))
	f(travel, "-36055 to 36000, 2 there, fires false: 8916 km from the place at 2026-03-02T08:00:00Z, 892 km/h: not more than 1000 km/h", 1, 36000, m("a", 0, 0, berlin), m("b", 36000, 0, tokyo))
	f(strings.Replace(travel, "300", "500", 1), "-72045 to 10, 2 there, fires false: 477 km from the place at 2026-03-02T08:00:00Z, 171813 km/h: less than 500 km err as much as the place does", 1, 99, m("a", 0, 0, berlin), m("b", 10, 0, cologne))
}

// twice is the same matches in both panes of their hour.
func twice(ms []Match) []Match {
	for _, m := range ms[:len(ms):len(ms)] {
		m.ID, m.Time = m.ID+"'", m.Time.Add(30*time.Minute)
		ms = append(ms, m)
	}
	return ms
}

// TestWhyOver: a rule over alerts says which alerts below it an event is part of, and what
// its own window lacks.
func TestWhyOver(t *testing.T) {
	s := load(t, Options{}, bruteForce, rootShell, strings.Replace(manyRules, `[brute, root, "sc*"]`, "[brute, root]", 1), thenAgain)
	m, ev := s.NewMatcher(), event.NewEvent(testSchema)
	var all []Match
	var asked []Why
	see := func(id, user, outcome string, second int) {
		t.Helper()
		auth(ev, "192.0.2.1", user, outcome)
		w, matches := m.Why(s.Rule("many"), ev, Instant{Time: start.Add(time.Duration(second) * time.Second), ID: id, Namespace: "default"})
		all = append(all, matches...)
		asked = append(asked, w)
	}
	for i, id := range []string{"a", "b", "c"} {
		see(id, "eve", "failure", i)
	}
	see("d", "root", "success", 10)
	see("e", "eve", "unknown", 11)
	f := func(n int, through, because, missing string, fires bool) {
		t.Helper()
		w := asked[n]
		at, chained := s.Over(s.Rule("many"), &w, all, start.Add(time.Minute))
		if len(chained) != 2 {
			t.Fatalf("%d alerts below: %+v", len(chained), chained)
		}
		got := ""
		for _, a := range w.Through {
			got += a.Rule
		}
		if got != through || !strings.Contains(w.Because, because) || w.Matches != (through != "") || len(w.Parts)+len(w.GroupBy) > 0 {
			t.Errorf("event %d: through %q, %+v", n, got, w)
		}
		for i := range at {
			win := s.WindowOf(s.Rule("many"), &at[i], chained, start.Add(time.Minute))
			if text := strings.Join(win.Missing, "; "); text != missing || win.Fires != fires || win.Alert == "" {
				t.Errorf("event %d: missing %q, %+v", n, text, win)
			}
		}
	}
	f(0, "brute", "it is part of the alert ", "1 of 2 values of rule.id", false)
	f(2, "brute", " of brute, at which the rule looks", "1 of 2 values of rule.id", false)
	f(3, "root", "it is part of the alert ", "", true)
	f(4, "", "it looks at the alerts of brute, root; this event is part of none that meets its conditions", "", false)
}
