package event

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func groupSchema(tb testing.TB) *Schema {
	tb.Helper()
	s, err := New([]Spec{
		{Name: "a"},
		{Name: "log.syslog.appname"},
		{Name: "log.syslog.facility.code", Type: Long},
		{Name: "log.syslog.facility.name"},
		{Name: "log.syslog.hostname"},
		{Name: "message"},
		{Name: "tags", Array: true},
		{Name: "source.ip", Type: IP},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func facility(tb testing.TB, s *Schema) *Group {
	e := NewEvent(s)
	e.SetInt(field(tb, s, "log.syslog.facility.code"), 10)
	e.SetConst(field(tb, s, "log.syslog.facility.name"), NewConst("authpriv"))
	return e.Group("log.syslog.facility")
}

func TestGroup(t *testing.T) {
	s := groupSchema(t)
	code, name, app, tags := field(t, s, "log.syslog.facility.code"), field(t, s, "log.syslog.facility.name"), field(t, s, "log.syslog.appname"), field(t, s, "tags")
	var b Batch
	b.Group(facility(t, s))
	e := NewEvent(s)
	f := func(want string, change func()) {
		t.Helper()
		for range 3 { // the first time without a plan
			e.Reset("x")
			if !e.SetBatch(&b) {
				t.Fatal("the event is full")
			}
			change()
			if got := string(e.AppendJSON(nil)); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		}
	}
	f(`{"log":{"syslog":{"facility":{"code":10,"name":"authpriv"}}}}`, func() {})
	if e.Text(name) != "authpriv" || e.Get(code).Int() != 10 {
		t.Errorf("the group's values read %q, %d", e.Text(name), e.Get(code).Int())
	}
	f(`{"log":{"syslog":{"appname":"x","facility":{"code":10,"name":"authpriv"}}},"tags":["y"]}`, func() { e.SetText(app, e.Raw); e.Add(tags, "y") })
	f(`{"log":{"syslog":{"facility":{"code":4,"name":"authpriv"}}}}`, func() { e.SetInt(code, 4) })
	f(`{"log":{"syslog":{"facility":{"code":10}}}}`, func() { e.Unset(name) })
	f(`{"log":{"syslog":{"facility":{"code":10,"name":["authpriv","auth"]}}}}`, func() { e.Add(name, "auth") })
	f(`{"log":{"syslog":{"facility":{"code":10,"name":"authpriv"}}}}`, func() { e.SetInt(code, 4); e.SetBatch(&b) })
}

// TestGroupHasHoles: where other fields of the object may come between, the values
// are set together and written one by one.
func TestGroupHasHoles(t *testing.T) {
	s := groupSchema(t)
	e := NewEvent(s)
	e.SetText(field(t, s, "log.syslog.appname"), "a")
	var b Batch
	b.Group(e.Group("log.syslog"))
	e = NewEvent(s)
	e.SetText(field(t, s, "log.syslog.hostname"), "h")
	e.SetBatch(&b)
	if got, want := string(e.AppendJSON(nil)), `{"log":{"syslog":{"appname":"a","hostname":"h"}}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestMask(t *testing.T) {
	s := groupSchema(t)
	e := NewEvent(s)
	a, m, app := field(t, s, "a"), field(t, s, "message"), field(t, s, "log.syslog.appname")
	mask := NewMask([]Field{m, a, app})
	e.SetText(a, "x")
	e.SetText(m, "x")
	if got := e.Which(&mask); got != 0b011 {
		t.Errorf("Which = %b", got)
	}
	e.Unset(m)
	if got := e.Which(&mask); got != 0b010 {
		t.Errorf("Which = %b", got)
	}
}

func TestConstList(t *testing.T) {
	s := groupSchema(t)
	e := NewEvent(s)
	tags := field(t, s, "tags")
	e.SetConstList(tags, NewConstList("a", `"`))
	if got, want := string(e.AppendJSON(nil)), `{"tags":["a","\""]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	e.Add(tags, "b")
	if got := e.List(tags); !slices.Equal(got, []string{"a", `"`, "b"}) {
		t.Errorf("got %q", got)
	}
	if got, want := string(e.AppendJSON(nil)), `{"tags":["a","\"","b"]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestEscapesParts compares the ways in which parts of a line are written, with and
// without marks, with the library's reading of them.
func TestEscapesParts(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	rnd := rand.New(rand.NewPCG(seed, 2))
	s := groupSchema(t)
	e := NewEvent(s)
	fields := []Field{field(t, s, "a"), field(t, s, "log.syslog.appname"), field(t, s, "log.syslog.hostname"), field(t, s, "message")}
	alphabet := []string{"a", "bcdefghijklmnop", `"`, `\`, "\n", "\x01", "\t", " ", "ü", "\xff", "x", "0123456789abcdef0123456789abcdef"}
	for range 20_000 {
		raw := ""
		kinds := 1 + rnd.IntN(len(alphabet))
		for range rnd.IntN(70) {
			raw += alphabet[rnd.IntN(kinds)]
		}
		e.Reset(raw)
		want := map[string]string{}
		for i, f := range fields {
			from := rnd.IntN(len(raw) + 1)
			to := from + rnd.IntN(len(raw)-from+1)
			switch rnd.IntN(4) {
			case 0:
				from, to = 0, len(raw)
			case 1:
				to = len(raw)
			}
			e.SetText(f, raw[from:to])
			text := string([]rune(raw[from:to])) // what is no UTF-8 becomes U+FFFD
			want[[]string{"a", "appname", "hostname", "message"}[i]] = text
		}
		var doc struct {
			A, Message string
			Log        struct {
				Syslog struct{ Appname, Hostname string }
			}
		}
		out := e.AppendJSON(nil)
		if err := json.Unmarshal(out, &doc); err != nil {
			t.Fatalf("seed %d: %q: %v in %s", seed, raw, err, out)
		}
		got := map[string]string{"a": doc.A, "appname": doc.Log.Syslog.Appname, "hostname": doc.Log.Syslog.Hostname, "message": doc.Message}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("seed %d: %q: %s", seed, raw, d)
		}
	}
}
