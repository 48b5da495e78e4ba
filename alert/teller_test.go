package alert

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// fake takes messages; fail, if set, answers instead.
type fake struct {
	sent []Message
	fail func(n int) error
	n    int
}

func (f *fake) Send(_ context.Context, m Message) error {
	f.n++
	if f.fail != nil {
		if err := f.fail(f.n); err != nil {
			return err
		}
	}
	f.sent = append(f.sent, m)
	return nil
}

// table is sluice.told as a compacted topic keeps it.
type table map[string][]byte

func (t table) note(_ context.Context, records []Record) error {
	for _, r := range records {
		if r.Value == nil {
			delete(t, string(r.Key))
		} else {
			t[string(r.Key)] = r.Value
		}
	}
	return nil
}

func (t table) open(tb testing.TB, n Notifier, p Policy) *Teller {
	tb.Helper()
	tl := NewTeller(Options{Channel: "c", Policy: p, Notifier: n, Note: t.note, Now: time.Now})
	for _, k := range slices.Sorted(maps.Keys(t)) {
		if err := tl.Restore([]byte(k), t[k]); err != nil {
			tb.Fatal(err)
		}
	}
	return tl
}

// handle runs Handle and makes its records durable, as the bus does.
func (t table) handle(tb testing.TB, tl *Teller, alerts ...Alert) {
	tb.Helper()
	out, err := tl.Handle(tb.Context(), alerts)
	if err != nil {
		tb.Fatal(err)
	}
	_ = t.note(tb.Context(), out)
}

func one(id string, rev int, edit ...func(*Alert)) Alert {
	a := Alert{
		ID: id, Revision: rev, Rule: "r1", Title: "Many failed logins", Severity: "high", Key: "k-" + id, Namespace: "default",
		State: "open", Count: 3, Start: time.Now(), Last: time.Now(), Doc: []byte(`{"sluice":{}}`),
	}
	for _, e := range edit {
		e(&a)
	}
	return a
}

func with(severity, state string) func(*Alert) {
	return func(a *Alert) { a.Severity, a.State = severity, state }
}

// loose is the default policy without bounds on messages.
func loose() Policy {
	p := DefaultPolicy()
	p.Throttle = Throttle{KeyMessages: 1, Messages: 1}
	return p
}

func TestToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, tab := new(fake), table{}
		tl := tab.open(t, f, loose())
		step := func(want int, why string, alerts ...Alert) {
			t.Helper()
			n := len(f.sent)
			tab.handle(t, tl, alerts...)
			if got := len(f.sent) - n; got != want {
				t.Errorf("%s: %d messages, want %d", why, got, want)
			}
			tl = tab.open(t, f, loose()) // a restart after every step must change nothing
		}
		step(1, "new", one("a", 1))
		step(0, "the same again", one("a", 1))
		step(0, "only more events", one("a", 2))
		step(1, "raised", one("a", 3, with("critical", "open")))
		step(0, "falls", one("a", 4, with("high", "open")))
		step(0, "rises to what was told", one("a", 5, with("critical", "open")))
		step(0, "closes", one("a", 6, with("critical", "closed")))
		step(1, "opens again", one("a", 7, with("critical", "open")))
		step(0, "an old revision", one("a", 2, with("critical", "open")))
		step(1, "another namespace is another alert", one("a", 1, func(a *Alert) { a.Namespace = "other" }))
		step(0, "below the default route", one("b", 1, with("low", "open")))
		step(1, "two at once of one rule are one message", one("c", 1), one("d", 1))
	})
}

func TestKeptFromPeople(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := loose()
		p.Route = []Match{{Rules: []string{"r*"}, Tags: []string{"attack.t1110*"}}}
		p.Silence = []Silence{{Keys: []string{"k-quiet*"}, Until: time.Now().Add(time.Hour)}}
		f, tab := new(fake), table{}
		tl := tab.open(t, f, p)
		tagged := func(a *Alert) { a.Tags = []string{"attack.t1110.001"} }
		tab.handle(t, tl, one("untagged", 1), one("quiet", 1, tagged),
			one("stale", 1, tagged, func(a *Alert) { a.Late, a.Last = true, time.Now().Add(-25*time.Hour) }))
		if len(f.sent) != 0 {
			t.Fatalf("told of %d", len(f.sent))
		}
		tab.handle(t, tl, one("young", 1, tagged, func(a *Alert) { a.Late, a.Last = true, time.Now().Add(-23*time.Hour) }))
		time.Sleep(2 * time.Hour)
		tab.handle(t, tl, one("quiet", 2, tagged))
		if len(f.sent) != 2 || f.sent[1].Alerts[0].ID != "quiet" {
			t.Errorf("after the silence: %d messages", len(f.sent))
		}
	})
}

func TestThrottleThenSummary(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := DefaultPolicy() // one message for a key in 10 minutes
		p.Group.Max = 3
		f, tab := new(fake), table{}
		tl := tab.open(t, f, p)
		same := func(a *Alert) { a.Key = "10.0.0.1" }
		for i := range 8 {
			tab.handle(t, tl, one(fmt.Sprint("a", i), 1, same))
			tl = tab.open(t, f, p)
			time.Sleep(time.Minute)
		}
		if len(f.sent) != 1 {
			t.Fatalf("%d messages within the window, want 1", len(f.sent))
		}
		time.Sleep(2 * time.Minute)
		tab.handle(t, tl)
		if len(f.sent) != 2 {
			t.Fatalf("%d messages after the window, want 2", len(f.sent))
		}
		if m := f.sent[1]; !m.Summary || len(m.Alerts) != 3 || m.Dropped != 4 {
			t.Errorf("summary %v of %d alerts and %d more, want 3 and 4", m.Summary, len(m.Alerts), m.Dropped)
		}
		tab.handle(t, tl)
		if len(f.sent) != 2 || len(tl.held) != 0 {
			t.Error("the summary is not gone")
		}
	})
}

func TestChannelLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := DefaultPolicy()
		p.Throttle = Throttle{KeyMessages: 1, Messages: 2, Every: time.Hour}
		f, tab := new(fake), table{}
		tl := tab.open(t, f, p)
		for i := range 6 {
			tab.handle(t, tl, one(fmt.Sprint("a", i), 1))
		}
		if len(f.sent) != 2 {
			t.Fatalf("%d messages, want 2", len(f.sent))
		}
		time.Sleep(time.Hour)
		tab.handle(t, tl)
		if len(f.sent) != 3 || len(f.sent[2].Alerts) != 4 || !f.sent[2].Summary {
			t.Errorf("after an hour: %d messages", len(f.sent))
		}
	})
}

func TestGroupWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := loose()
		p.Group.Wait = 30 * time.Second
		f, tab := new(fake), table{}
		tl := tab.open(t, f, p)
		tab.handle(t, tl, one("a", 1))
		time.Sleep(20 * time.Second)
		tl = tab.open(t, f, p)
		tab.handle(t, tl, one("b", 1), one("a", 2, with("critical", "open")))
		time.Sleep(10 * time.Second)
		tab.handle(t, tl)
		if len(f.sent) != 1 || len(f.sent[0].Alerts) != 2 || f.sent[0].Alerts[0].Revision != 2 {
			t.Fatalf("sent %+v", f.sent)
		}
	})
}

// TestCrash ends the process before and after every step of a message: each alert is
// told, at most one message comes twice, with the same id, and only that one says so.
func TestCrash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		die := errors.New("killed")
		for at := 1; at < 14; at++ {
			f, tab, steps := new(fake), table{}, 0
			f.fail = func(int) error { return nil }
			killed := func() bool { steps++; return steps == at }
			tl := tab.open(t, f, loose())
			tl.opt.Note = func(ctx context.Context, r []Record) error {
				if killed() {
					return die // before it was durable
				}
				_ = tab.note(ctx, r)
				if killed() {
					return die // after
				}
				return nil
			}
			in := []Alert{one("a", 1), one("b", 1, func(a *Alert) { a.Rule = "r2" }), one("c", 1, func(a *Alert) { a.Rule = "r3" })}
			out, err := tl.Handle(t.Context(), in)
			if err == nil {
				_ = tab.note(t.Context(), out)
			}
			tl = tab.open(t, f, loose())
			tab.handle(t, tl, in...)
			ids, again := map[string]int{}, 0
			for _, m := range f.sent {
				if ids[m.ID]++; m.Again {
					again++
				}
			}
			twice := len(f.sent) - len(ids)
			if len(ids) != 3 || twice > 1 || again > 1 || twice > again {
				t.Errorf("killed at step %d: %d messages of %d, %d marked again", at, len(f.sent), len(ids), again)
			}
			if left := slices.Collect(maps.Keys(tab)); slices.ContainsFunc(left, func(k string) bool { return strings.Contains(k, sortSend) }) {
				t.Errorf("killed at step %d: a message is still being sent", at)
			}
		}
	})
}

func TestRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, tab := new(fake), table{}
		f.fail = func(n int) error {
			switch n {
			case 1:
				return fmt.Errorf("busy: %w", ErrNotTaken)
			case 2:
				return RetryAfter{Wait: 7 * time.Minute, Err: fmt.Errorf("429: %w", ErrNotTaken)}
			case 4:
				return RetryAfter{Wait: time.Minute, Err: errors.New("504")}
			case 6:
				return errors.New("connection reset")
			}
			return nil
		}
		tl := tab.open(t, f, loose())
		start := time.Now()
		for _, id := range []string{"a", "b", "c"} {
			tab.handle(t, tl, one(id, 1))
		}
		if took := time.Since(start); len(f.sent) != 3 || took < 8*time.Minute || took > 9*time.Minute {
			t.Fatalf("%d messages after %v", len(f.sent), took)
		}
		for i, why := range []string{"", "a gateway that gave up", "a reset connection"} {
			if again := f.sent[i].Again; again != (why != "") {
				t.Errorf("message %d is marked %t: %s may hide one that arrived", i, again, why)
			}
		}

		var dead []Message
		tl.opt.Dead = func(_ context.Context, m Message, _ error) error { dead = append(dead, m); return nil }
		f.fail = func(int) error { return fmt.Errorf("no such recipient: %w", ErrFinal) }
		tab.handle(t, tl, one("d", 1))
		f.fail = nil
		tab.handle(t, tl, one("d", 1))
		if len(dead) != 1 || len(f.sent) != 3 {
			t.Errorf("%d dead, %d sent", len(dead), len(f.sent))
		}

		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		f.fail = func(int) error { return errors.New("away") }
		if _, err := tl.Handle(ctx, []Alert{one("e", 1)}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("err %v", err)
		}
	})
}

func TestWithoutNote(t *testing.T) {
	f, tab := new(fake), table{}
	open := func() *Teller { tl := tab.open(t, f, loose()); tl.opt.Note = nil; return tl }
	tl := open()
	tab.handle(t, tl, one("a", 1))
	tl = open()
	tab.handle(t, tl, one("b", 1))
	tab.handle(t, tl, one("c", 1))
	if len(f.sent) != 3 || f.sent[0].Again || !f.sent[1].Again || f.sent[2].Again {
		t.Errorf("%d sent; only the first after a restart may be a repetition", len(f.sent))
	}
}

func TestMarksExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, tab := new(fake), table{}
		tl := tab.open(t, f, loose())
		tab.handle(t, tl, one("a", 1))
		time.Sleep(keepMarks + time.Minute)
		tab.handle(t, tl)
		if len(tl.told) != 0 || len(tab) != 0 || len(tl.budget.seen) != 0 {
			t.Errorf("%d marks, %d records, %d messages counted", len(tl.told), len(tab), len(tl.budget.seen))
		}
	})
}

func TestPolicyFaults(t *testing.T) {
	f := func(want string, edit func(*Policy)) {
		t.Helper()
		p := DefaultPolicy()
		edit(&p)
		err := p.Validate()
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	f("", func(*Policy) {})
	f("tell: ", func(p *Policy) { p.Tell = "some" })
	f("route[0].min_severity", func(p *Policy) { p.Route = []Match{{MinSeverity: "hihg"}} })
	f("silence[0].until", func(p *Policy) { p.Silence = []Silence{{Reason: "x"}} })
	f("group.by", func(p *Policy) { p.Group.By = []string{"host"} })
	f("group.max", func(p *Policy) { p.Group.Max = 0 })
	f("throttle", func(p *Policy) { p.Throttle.Messages = 0 })
	f("", func(p *Policy) { p.Throttle.KeyEvery, p.Throttle.Every = 24*time.Hour, 24*time.Hour })
	f("throttle", func(p *Policy) { p.Throttle.KeyEvery = 24*time.Hour + 1 })
	f("throttle", func(p *Policy) { p.Throttle.Every = 24*time.Hour + 1 })
}

// TestRaisedIsNotThrottled: the message about a medium alert does not hold back that it became critical.
func TestRaisedIsNotThrottled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := DefaultPolicy()
		f, tab := new(fake), table{}
		tl := tab.open(t, f, p)
		step := func(want int, why string, a Alert) {
			t.Helper()
			n := len(f.sent)
			tab.handle(t, tl, a)
			time.Sleep(p.Group.Wait)
			tab.handle(t, tl)
			if got := len(f.sent) - n; got != want {
				t.Errorf("%s: %d messages, want %d", why, got, want)
			}
			tl = tab.open(t, f, p) // which counts as before
		}
		same := func(a *Alert) { a.Key = "k" }
		step(1, "new", one("a", 1, same, with("medium", "open")))
		step(0, "another of the key", one("b", 1, same, with("medium", "open")))
		step(1, "raised", one("a", 2, same, with("critical", "open")))
		step(0, "another that is less", one("c", 1, same, with("high", "open")))
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"message":"m","rule":{"id":"r"},"tags":"x","threat":{"technique":{"id":["T1110"]}},"sluice":{"alert":{"id":"a","revision":2,"severity":"high","key":["a","b"],"count":3,"state":"open"}}}`))
	f.Add([]byte(`{"sluice":{"alert":null}}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		if a, err := Parse(doc); err == nil && (a.ID == "" || rank(a.Severity) < 0) {
			t.Errorf("took %q", doc)
		}
	})
}

func TestParse(t *testing.T) {
	a, err := Parse([]byte(`{"@timestamp":"2026-01-02T03:04:05Z","message":"m","rule":{"id":"r","name":"n"},"threat":{"technique":{"id":["T1110"]}},"sluice":{"alert":{"id":"a","revision":2,"severity":"high","key":["a","b"],"count":3,"state":"open","late":true}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if a.ID != "a" || a.Revision != 2 || a.Key != `["a","b"]` || a.Tags[0] != "attack.t1110" || !a.Late || a.Last.Year() != 2026 || a.Title != "m" {
		t.Errorf("%+v", a)
	}
}

// TestParseDefaults: what an alert of an older version or of somebody else leaves out.
func TestParseDefaults(t *testing.T) {
	a, err := Parse([]byte(`{"@timestamp":"2026-01-02T03:04:05Z","rule":{"id":"r","name":"n"},"sluice":{"alert":{"id":"a","severity":"low"}}}`))
	if err != nil || a.Title != "n" || a.Last.Year() != 2026 || !a.Start.Equal(a.Last) {
		t.Errorf("%+v, %v", a, err)
	}
}

// TestGlobs: a key is silenced as it stands in a message, brackets and all.
func TestGlobs(t *testing.T) {
	f := func(glob, value string, want bool) {
		t.Helper()
		if got := anyFits([]string{glob}, value); got != want {
			t.Errorf("%q fits %q: %t, want %t", glob, value, got, want)
		}
	}
	key := `["10.0.0.9","CORP\ann","/bin/sh"]`
	f(key, key, true)
	f(`*10.0.0.9*`, key, true)
	f(`["10.0.0.?",*`, key, true)
	f(`*"CORP\ann"*`, key, true)
	f(`*/bin/*`, key, true)
	f(`*10.0.0.8*`, key, false)
	f(`[a-z]`, "b", false)
	f(`*`, "", true)
	f(`?`, "", false)
	f(`?`, "é", true)
	f(`a*b*c`, "a1b2b3c", true)
	f(`a*b*c`, "a1b2b3", false)
	f("*a*a*a*a*a*a*a*a*a*b", strings.Repeat("a", 5000), false)
}

// TestClockWasAhead: what was sent, or held back, while the clock was a year ahead keeps nothing from
// people for longer than the policy says, once it is right again.
func TestClockWasAhead(t *testing.T) {
	now := time.Date(2027, 3, 2, 9, 0, 0, 0, time.UTC)
	f, tab := new(fake), table{}
	p := DefaultPolicy()
	open := func() *Teller {
		tl := NewTeller(Options{Channel: "c", Policy: p, Notifier: f, Note: tab.note, Now: func() time.Time { return now }})
		for k, v := range tab {
			if err := tl.Restore([]byte(k), v); err != nil {
				t.Fatal(err)
			}
		}
		return tl
	}
	same := func(a *Alert) { a.Key = "k" }
	tl := open()
	tab.handle(t, tl, one("a", 1, same))
	tab.handle(t, tl, one("b", 1, same)) // held back: one for a key in ten minutes
	if len(f.sent) != 1 {
		t.Fatalf("%d messages, want 1", len(f.sent))
	}
	now = now.AddDate(-1, 0, 0)
	tl = open()
	now = now.Add(maxWindow)
	tab.handle(t, tl)
	if len(f.sent) != 2 || !f.sent[1].Summary {
		t.Errorf("%d messages after a day, want the summary, too", len(f.sent))
	}
	now = now.Add(p.Throttle.KeyEvery)
	tab.handle(t, tl, one("c", 1, same))
	if len(f.sent) != 3 {
		t.Errorf("%d messages, want one about the new alert, too", len(f.sent))
	}
}
