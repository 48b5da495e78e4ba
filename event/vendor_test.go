package event

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestVendor(t *testing.T) {
	s, err := New([]Spec{{Name: VendorField, Type: JSON}, {Name: "user.name"}, {Name: "user", Vendor: true}, {Name: "EventID", Vendor: true}})
	if err != nil {
		t.Fatal(err)
	}
	e := NewEvent(s)
	e.Reset("x")
	if !e.SetVendor("EventID", "1") || !e.SetVendor("EventID", "4688") || !e.SetVendor("a\"b", "c\nd") || !e.SetVendor("user.name", "not the field") {
		t.Error("a key was refused")
	}
	if e.SetVendor("", "x") || e.SetVendor("a\x00b", "x") || e.SetVendor(strings.Repeat("k", MaxVendorKey+1), "x") {
		t.Error("a key that no index takes was kept")
	}
	want := `{"sluice":{"vendor":{"EventID":"4688","a\"b":"c\nd","user.name":"not the field"}}}`
	if got := string(e.AppendJSON(nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	f, _ := s.Lookup("EventID")
	if got := e.Text(f); got != "4688" {
		t.Errorf("EventID = %q", got)
	}
	if f, _ := s.Lookup("user.name"); e.Has(f) {
		t.Error("a vendor key became a field")
	}
	for i := range 2 * MaxVendor {
		e.SetVendor(fmt.Sprint("k", i), strings.Repeat("v", i))
	}
	if doc := e.AppendJSON(nil); !json.Valid(doc) || len(e.vendor) != MaxVendor {
		t.Errorf("%d keys: %.200s", len(e.vendor), doc)
	}
	e.Reset("y")
	if got := string(e.AppendJSON(nil)); got != "{}" {
		t.Errorf("after Reset: %s", got)
	}
	for range e.Vendor {
		t.Error("a key is left")
	}
}

// TestAddVendor: a key that is given for each element of a list holds all its values.
// TestUnsetVendor: keys that are set after all were removed are there.
func TestUnsetVendor(t *testing.T) {
	s, err := New([]Spec{{Name: VendorField, Type: JSON}, {Name: "user", Vendor: true}})
	if err != nil {
		t.Fatal(err)
	}
	e := NewEvent(s)
	e.Reset("x")
	all, _ := s.Lookup(VendorField)
	user, _ := s.Lookup("user")
	e.SetVendor("user", "ann")
	e.Unset(all)
	if got := string(e.AppendJSON(nil)); got != "{}" || e.Has(user) {
		t.Errorf("removed: %s", got)
	}
	e.SetVendor("a", "1")
	if got, want := string(e.AppendJSON(nil)), `{"sluice":{"vendor":{"a":"1"}}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAddVendor(t *testing.T) {
	s, err := New([]Spec{{Name: VendorField, Type: JSON}, {Name: "role", Vendor: true}})
	if err != nil {
		t.Fatal(err)
	}
	e, from := NewEvent(s), NewEvent(s)
	e.Reset("x")
	role, name, id := s.VendorKey("role"), s.VendorKey("name"), s.VendorKey("id")
	e.SetVendorKey(&role, "a")
	e.SetVendorKey(&id, "1")
	e.AddVendorKey(&role, "b", false)
	e.AddVendorKey(&name, "n", true)
	e.AddVendorKey(&name, "n", true)
	e.AddVendorKey(&id, "2", true)
	want := `{"sluice":{"vendor":{"role":["a","b"],"id":["1","2"],"name":["n","n"]}}}`
	if got := string(e.AppendJSON(nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if f, _ := s.Lookup("role"); strings.Join(e.List(f), " ") != "a b" {
		t.Errorf("a rule sees %q", e.List(f))
	}
	seen := ""
	for key, text := range e.Vendor {
		seen += key + "=" + text + " "
	}
	if seen != "role=a id=1 " {
		t.Errorf("readers see %s", seen)
	}
	from.Reset("y")
	from.SetVendor("z", "0")
	from.Inherit(e)
	if got, want := string(from.AppendJSON(nil)), strings.Replace(want, `{"role"`, `{"z":"0","role"`, 1); got != want {
		t.Errorf("inherited %s\nwant      %s", got, want)
	}
	e.SetVendorKey(&role, "c")
	e.AddVendorKey(&role, "d", false)
	for range 2 * maxFurther {
		e.AddVendorKey(&id, "3", false)
	}
	doc := string(e.AppendJSON(nil))
	if !strings.Contains(doc, `"role":["c","d"]`) || strings.Count(doc, `"3"`) != maxFurther-1 {
		t.Errorf("set anew: %s", doc)
	}
}

// TestVendorBits: keys whose bits are the same are still two keys.
func TestVendorBits(t *testing.T) {
	s, err := New([]Spec{{Name: VendorField, Type: JSON}})
	if err != nil {
		t.Fatal(err)
	}
	first := map[uint16]string{}
	for i := 0; ; i++ {
		key := fmt.Sprint("k", i)
		other, ok := first[keyBit(key)]
		if !ok {
			first[keyBit(key)] = key
			continue
		}
		e := NewEvent(s)
		e.Reset("x")
		e.SetVendor(other, "a")
		e.SetVendor(key, "b")
		want := fmt.Sprintf(`{"sluice":{"vendor":{%q:"a",%q:"b"}}}`, other, key)
		if got := string(e.AppendJSON(nil)); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		return
	}
}

func TestSchemaFaults(t *testing.T) {
	f := func(want string, specs ...Spec) {
		t.Helper()
		if _, err := New(specs); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", specs, err, want)
		}
	}
	f("declared twice", Spec{Name: "a"}, Spec{Name: "a"})
	f("declared twice", Spec{Name: "a"}, Spec{Name: "a", Vendor: true})
	f("cannot also be the object", Spec{Name: "a"}, Spec{Name: "a-b"}, Spec{Name: "a.b"})
}

// TestTail: the raw line's last part is escaped once and written twice, and both
// are what escaping them alone gives.
func TestTail(t *testing.T) {
	s, err := New([]Spec{{Name: "event.original"}, {Name: "message"}, {Name: "zone"}})
	if err != nil {
		t.Fatal(err)
	}
	e := NewEvent(s)
	f := func(raw string, at int) {
		t.Helper()
		e.Reset(raw)
		for name, text := range map[string]string{"event.original": raw, "message": raw[at:], "zone": raw[at:]} {
			n, _ := s.Lookup(name)
			e.SetText(n, text)
		}
		want := fmt.Sprintf(`{"event":{"original":%s},"message":%s,"zone":%s}`, AppendString(nil, raw), AppendString(nil, raw[at:]), AppendString(nil, raw[at:]))
		if got := string(e.AppendJSON(nil)); got != want {
			t.Errorf("%q from %d:\ngot  %s\nwant %s", raw, at, got, want)
		}
		if got := string(e.AppendJSON([]byte("before "))); got != "before "+want {
			t.Errorf("behind other bytes: %s", got)
		}
	}
	f("a \"b\" c", 2)
	f("a \"b\" c", 0)
	f("plain", 2)
	f("a \u009b31m c", 2)
	f("é\"é\xff", 3)
	f("é\"é\xff", 1)
	f("\xff\xfe", 1)
	f("", 0)
}

func TestClock(t *testing.T) {
	s, err := New([]Spec{{Name: "t", Type: Date}})
	if err != nil {
		t.Fatal(err)
	}
	e := NewEvent(s)
	n, _ := s.Lookup("t")
	for _, ns := range []int64{0, -1, 1, 999_999, 1_000_000, -62_000_000_000_000_000, 1_772_441_999_999_999_999, 8, 8_000_000_000} {
		e.Reset("")
		e.count = 0
		v := e.put(n)
		v.num = uint64(ns)
		want := v.Time().Format("2006-01-02T15:04:05.000Z")
		if got := string(e.AppendJSON(nil)); got != `{"t":"`+want+`"}` {
			t.Errorf("%d: %s, want %s", ns, got, want)
		}
	}
}

func TestVendorList(t *testing.T) {
	s, err := New([]Spec{{Name: VendorField, Type: JSON}, {Name: "Data", Vendor: true}})
	if err != nil {
		t.Fatal(err)
	}
	e := NewEvent(s)
	e.Reset("x")
	if !e.SetVendorList("Data", `["a\\b","c"]`, []string{`a\b`, "c"}) || !e.SetVendorList("other", "[]", nil) {
		t.Error("a list was refused")
	}
	f, _ := s.Lookup("Data")
	if got := fmt.Sprint(e.List(f)); got != `[a\b c]` {
		t.Errorf("a rule sees %s", got)
	}
	long := NewEvent(s)
	long.Reset("x")
	if !long.SetVendorList("Data", "[]", make([]string, 2*maxItems)) || len(long.List(f)) != maxItems {
		t.Errorf("a rule sees %d of a long list", len(long.List(f)))
	}
	want := `{"sluice":{"vendor":{"Data":"[\"a\\\\b\",\"c\"]","other":"[]"}}}`
	if got := string(e.AppendJSON(nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestVendorCut: a long text is cut between runes, and not in front of what is none.
func TestVendorCut(t *testing.T) {
	s, err := New([]Spec{{Name: VendorField, Type: JSON}})
	if err != nil {
		t.Fatal(err)
	}
	e := NewEvent(s)
	f := func(text string, want int) {
		t.Helper()
		e.Reset("")
		if !e.SetVendor("k", text) || !e.SetVendorList("l", text, nil) {
			t.Fatal("not set")
		}
		e.Vendor(func(key, got string) bool {
			if len(got) != want || !strings.HasPrefix(text, got) {
				t.Errorf("%s has %d bytes of %d, want %d", key, len(got), len(text), want)
			}
			return true
		})
	}
	f(strings.Repeat("a", maxVendorText), maxVendorText)
	f(strings.Repeat("a", maxVendorText+1), maxVendorText)
	f(strings.Repeat("a", maxVendorText-1)+"é", maxVendorText-1)
	f(strings.Repeat("a", maxVendorText-2)+"é", maxVendorText)
	f(strings.Repeat("a", maxVendorText-3)+"😀x", maxVendorText-3)
	f(strings.Repeat("\x80", maxVendorText+9), maxVendorText-utf8.UTFMax)
}
