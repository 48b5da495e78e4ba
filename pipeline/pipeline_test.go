package pipeline

import (
	"strings"
	"testing"
	"time"

	"sluice/event"
	"sluice/normalize"
	"sluice/rules"
	"sluice/tables"
)

var received = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func testSet(t *testing.T) *Set {
	t.Helper()
	rule := "id: any\ntitle: T\nkind: match\nlevel: low\nwhen: process.name == \"prog\"\n"
	set, err := Build(Sources{Packs: normalize.Shipped(), Rules: []rules.File{{Name: "r.yml", Text: []byte(rule)}}})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func syslogAt(at time.Time) *event.Raw {
	return &event.Raw{
		ID: "x", Bytes: []byte("<13>1 " + at.Format("2006-01-02T15:04:05.000000Z") + " host prog - - - fine"),
		Origin: "in:192.0.2.1", Input: "in", Peer: "192.0.2.1", Namespace: "default", Received: received,
	}
}

func TestWindow(t *testing.T) {
	f := func(stamp, want time.Duration) {
		t.Helper()
		if got := window(received.Add(stamp), received, 15*time.Second).Sub(received); got != want {
			t.Errorf("what says %v is at %v, want %v", stamp, got, want)
		}
	}
	f(0, 0)
	f(-10*time.Second, -10*time.Second)
	f(-15*time.Second, -15*time.Second)
	f(-16*time.Second, -15*time.Second)
	f(-time.Hour, -15*time.Second)
	f(time.Millisecond, 0)
	f(time.Hour, 0)
}

// TestLanes: where an event stands in time, and that a document of the index is judged where it
// stood when it came.
func TestLanes(t *testing.T) {
	w := testSet(t).NewWorker()
	f := func(stamp time.Duration, in Input, lane string, window time.Duration) {
		t.Helper()
		in.Now = received
		if in.Raw == nil {
			in.Raw = syslogAt(received.Add(stamp))
		}
		r := w.Process(in)
		if r.Lane != lane || r.Window.Sub(received) != window {
			t.Errorf("lane %q at %v, want %q at %v", r.Lane, r.Window.Sub(received), lane, window)
		}
		if got := r.Event.Text(w.lane); got != lane {
			t.Errorf("sluice.lane is %q, want %q", got, lane)
		}
		if len(r.Matches) != 1 || !r.Matches[0].Time.Equal(r.Window) || r.Matches[0].Lane != lane {
			t.Errorf("matches %+v", r.Matches)
		}
		if in.OneLane { // a file's, which no index has
			return
		}
		at := r.At
		s, err := w.ProcessStored("x", r.Event.AppendJSON(nil), false)
		if err != nil {
			t.Fatal(err)
		}
		if want := "in:192.0.2.1"; s.At.Origin != want {
			t.Errorf("stored: origin %q, want %q", s.At.Origin, want)
		}
		if s.Lane != lane || s.Window.Sub(received) != window || !s.At.Received.Equal(at.Received) || s.At.ID != "x" {
			t.Errorf("stored: lane %q at %v (%+v), want %q at %v", s.Lane, s.Window.Sub(received), s.At, lane, window)
		}
		if len(s.Matches) != 1 {
			t.Errorf("stored: matches %+v", s.Matches)
		}
	}
	const live, origin = "", "in:192.0.2.1"
	f(-5*time.Second, Input{}, live, -5*time.Second)
	f(-time.Minute, Input{}, live, -15*time.Second)
	f(time.Minute, Input{}, live, 0)
	f(-time.Minute, Input{OneLane: true}, live, -time.Minute)
	history := syslogAt(received.Add(-time.Minute))
	history.History = true
	f(-time.Minute, Input{Raw: history}, origin, -time.Minute)
	f(-5*time.Second, Input{Watermark: received.Add(-4 * time.Second)}, origin, -5*time.Second)
	f(-5*time.Second, Input{Watermark: received.Add(-5 * time.Second)}, live, -5*time.Second)
	f(-time.Minute, Input{Watermark: received.Add(-10 * time.Second)}, origin, -time.Minute)
	for ahead, lane := range map[time.Duration]string{Astray: live, Astray + time.Second: origin} { // a collector's clock
		raw := syslogAt(received.Add(ahead))
		raw.Received = received.Add(ahead)
		f(ahead, Input{Raw: raw}, lane, ahead)
	}
	for ahead, lane := range map[time.Duration]string{20 * time.Second: live, 21 * time.Second: origin} { // one clock, set back
		raw := syslogAt(received.Add(ahead))
		raw.Received = received.Add(ahead)
		f(ahead, Input{Raw: raw, Astray: 20 * time.Second}, lane, ahead)
	}
	f(-5*time.Second-500*time.Microsecond, Input{}, live, -5*time.Second-time.Millisecond) // documents hold milliseconds
}

func TestNoRules(t *testing.T) {
	w := testSet(t).NewWorker()
	r := w.Process(Input{Raw: syslogAt(received), Now: received, NoRules: true})
	if len(r.Matches) != 0 {
		t.Errorf("matches %+v", r.Matches)
	}
	doc := r.Event.AppendJSON(nil)
	if s, err := w.ProcessStored("x", doc, true); err != nil || len(s.Matches) != 0 {
		t.Errorf("stored: %+v, %v", s.Matches, err)
	}
	for _, noRules := range []bool{false, true} {
		raw := event.Raw{ID: "x", Bytes: doc, Received: received.Add(time.Hour)}
		s, err := w.ProcessECS(Input{Raw: &raw, NoRules: noRules})
		if err != nil || len(s.Matches) == 1 == noRules || !s.Window.Equal(received) || !s.Stamp.Equal(received) {
			t.Errorf("as a document: %+v at %v, %v", s.Matches, s.Window, err)
		}
	}
	if _, err := w.ProcessECS(Input{Raw: &event.Raw{Bytes: []byte("no document")}}); err == nil {
		t.Error("what is no document is taken for one")
	}
}

// TestElements: each event of a list is a result of its own, with bytes and an id of its own.
func TestElements(t *testing.T) {
	w := testSet(t).NewWorker()
	raw := &event.Raw{ID: "x", Origin: "in:f", Namespace: "default", Received: received, Bytes: []byte(`{"Records":[{"eventVersion":"1.08","eventSource":"iam.amazonaws.com","eventName":"A"},{"eventVersion":"1.08","eventSource":"iam.amazonaws.com","eventName":"B"}]}`)}
	var ids, texts []string
	for r, ok := w.Process(Input{Raw: raw, Now: received}), true; ok; r, ok = w.Next() {
		ids, texts = append(ids, r.At.ID), append(texts, string(r.Raw.Bytes))
	}
	if len(ids) != 2 || ids[0] != event.ElementID("x", 1) || ids[1] != event.ElementID("x", 2) || !strings.Contains(texts[1], `"B"`) || strings.Contains(texts[1], `"A"`) {
		t.Errorf("ids %q of %q", ids, texts)
	}
	n := 0
	if err := w.Normalize(raw, received, func(*event.Event) error { n++; return nil }); err != nil || n != 2 {
		t.Errorf("%d events, %v", n, err)
	}
}

// TestBuildFaults: faulty rules alone leave a Set that runs, with the others.
func TestBuildFaults(t *testing.T) {
	src := Sources{Packs: normalize.Shipped(), Rules: []rules.File{
		{Name: "good.yml", Text: []byte("id: good\ntitle: T\nkind: match\nlevel: low\nwhen: process.name == \"prog\"\n")},
		{Name: "bad.yml", Text: []byte("id: bad\ntitle: T\nkind: match\nlevel: low\nwhen: no.such.field == 1\n")},
	}}
	set, err := Build(src)
	if set == nil || err == nil || !strings.Contains(err.Error(), "bad.yml:5:") {
		t.Fatalf("%v, %v", set != nil, err)
	}
	if set.Rules.Rule("good") == nil || set.Rules.Rule("bad") != nil || set.Lateness != DefaultLateness {
		t.Errorf("rules %v, lateness %v", set.Rules.Rules(), set.Lateness)
	}
	src.Packs = []normalize.File{{Name: "p/pack.yml", Text: []byte("pack: p\nsteps: [{nonsense: 1}]\n")}}
	if set, err := Build(src); set != nil || err == nil {
		t.Errorf("faulty packs: %v, %v", set != nil, err)
	}
}

// TestTables: what tables know is filled in where events are made, and files that change their
// rows alone do not need the rest built anew.
func TestTables(t *testing.T) {
	build := func(text string) *tables.Set {
		t.Helper()
		table, err := tables.NewIdentities().Build([]tables.File{{Name: "people.csv", Data: []byte(text)}})
		if err != nil {
			t.Fatal(err)
		}
		return tables.New([]tables.Named{{Name: "people", Table: table}})
	}
	set, err := Build(Sources{Packs: normalize.Shipped(), Tables: build("user,team\nada,red\n")})
	if err != nil {
		t.Fatal(err)
	}
	raw := &event.Raw{ID: "x", Origin: "in:h", Namespace: "default", Received: received, Bytes: []byte("<86>Mar  2 09:00:00 web1 sshd[7]: Failed password for ada from 203.0.113.9 port 4711 ssh2")}
	team := func(set *Set) (got []string) {
		t.Helper()
		f, ok := set.Schema.Lookup("labels.user_team")
		if !ok {
			t.Fatal("the column is no field")
		}
		w := set.NewWorker()
		got = append(got, strings.Clone(w.Process(Input{Raw: raw, Now: received}).Event.Text(f)))
		if err := w.Normalize(raw, received, func(ev *event.Event) error { got = append(got, ev.Text(f)); return nil }); err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := team(set); len(got) != 2 || got[0] != "red" || got[1] != "red" {
		t.Errorf("teams %q, want red twice", got)
	}
	with, ok := set.WithTables(build("user,team\nada,blue\n"))
	if !ok {
		t.Fatal("the same columns want all built anew")
	}
	if got := team(with); got[0] != "blue" || team(set)[0] != "red" {
		t.Errorf("teams %q behind the change, want blue", got)
	}
	if _, ok := set.WithTables(build("user,group\nada,blue\n")); ok {
		t.Error("other columns are other fields")
	}
}
