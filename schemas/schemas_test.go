package schemas

import (
	"slices"
	"strings"
	"testing"

	"sluice/event"
)

func TestLookup(t *testing.T) {
	f := func(name, typ string, array, dev bool) {
		t.Helper()
		got, ok := Lookup(name)
		if !ok || got.Type != typ || got.Array != array || got.Dev != dev {
			t.Errorf("%s = %+v (%v), want %s, array %v, dev %v", name, got, ok, typ, array, dev)
		}
	}
	f("@timestamp", "date", false, false)
	f("source.ip", "ip", false, false)
	f("related.ip", "ip", true, false)
	f("event.category", "keyword", true, false)
	f("dns.answers", "object", true, false)
	f("log.syslog.structured_data", "flattened", false, false)
	f("entity.id", "keyword", false, true)
	f("host.entity.id", "keyword", false, true)
	f("sluice.vendor", "flattened", false, false)
	f("sluice.alert.revision", "long", false, false)
	for _, name := range []string{"", "source", "dns.answers.data", "message.text", "no.such"} {
		if got, ok := Lookup(name); ok {
			t.Errorf("%q is a field: %+v", name, got)
		}
	}
}

func TestAllowed(t *testing.T) {
	for name, values := range allowed {
		f, ok := Lookup(name)
		if !ok {
			t.Errorf("%s is no field", name)
		}
		if !slices.Equal(f.Allowed, values) {
			t.Errorf("%s: %v", name, f.Allowed)
		}
	}
}

// TestECS: all fields together make a schema, and none of them is unreleased.
func TestECS(t *testing.T) {
	specs := ECS()
	if _, err := event.New(specs); err != nil {
		t.Fatal(err)
	}
	if len(specs) < 1300 {
		t.Errorf("only %d fields", len(specs))
	}
	for _, s := range specs {
		if f, _ := Lookup(s.Name); f.Dev {
			t.Errorf("%s is in no release", s.Name)
		}
	}
}

func TestOwnFaults(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		if _, err := parseOwn([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	f("sluice.x: {type: keywrd, about: y}", "keywrd is no type")
	f("sluice.x: {type: keyword}", "sluice.x does not say")
	f("sluice.x: {typ: keyword, about: y}", "unknown key typ; did you mean type?")
}
