package app

import (
	"encoding/json"
	"testing"

	"sluice/rules"
)

// TestKeyFilter: the index is asked for the events of a key, also where the key is that a
// field is missing; what is about nobody is about whom its events name.
func TestKeyFilter(t *testing.T) {
	r := &rules.Rule{GroupBy: []string{"observer.name", "source.ip", "vendor.x", "user.name ?? user.id"}}
	got, err := json.Marshal(keyFilter(r, `["sw1","","y","7"]`))
	if err != nil {
		t.Fatal(err)
	}
	if want := `[{"term":{"observer.name":"sw1"}},{"bool":{"must_not":{"exists":{"field":"source.ip"}}}}]`; string(got) != want {
		t.Errorf("%s, want %s", got, want)
	}
	f := func(key, want string) {
		t.Helper()
		if got := entity(r, key, `{"user.name":["bob"]}`); got != want {
			t.Errorf("entity(%s) = %q, want %q", key, got, want)
		}
	}
	f(`["sw1","","y","7"]`, "observer.name=sw1 vendor.x=y user.name ?? user.id=7")
	f(`["","","",""]`, "user.name=bob")
	f(`[]`, "user.name=bob")
}
