package console_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"sluice/console"
)

// TestMisspelledField: a search that finds nothing says which of its fields nothing has, and the
// name that may be meant; of one that finds something it says nothing.
func TestMisspelledField(t *testing.T) {
	w := newWorld(t, func(o *console.Options) { o.Fields = []string{"source.ip", "user.name", "user.email"} })
	f := func(path, query, want string) {
		t.Helper()
		got := w.request(http.MethodGet, path+"?from=now-1h&q="+url.QueryEscape(query), "")
		var found struct {
			Total int64
			Hint  string
		}
		if err := json.Unmarshal(got.Body.Bytes(), &found); got.Code != http.StatusOK || err != nil {
			t.Fatalf("%s: %d %s %v", query, got.Code, got.Body, err)
		}
		if found.Hint != want {
			t.Errorf("%s: %d found, hint %q, want %q", query, found.Total, found.Hint, want)
		}
	}
	const events = "/api/v1/search"
	misspelled := "nothing here has a field user.nmae; did you mean user.name?"
	f(events, "user.nmae:root", misspelled)
	f(events, "+user.nmae:root AND source.ip:1.2.3.4", misspelled)
	f(events, "(source.ip:1.2.3.4 OR user.nmae:root)", misspelled)
	f(events, "_exists_:user.nmae", misspelled)
	f("/api/v1/alerts", "user.nmae:root", misspelled)
	f(events, "qqqqqqqqqqqq:1", "nothing here has a field qqqqqqqqqqqq")
	whole := "the value of a field counts whole and with its case; "
	f(events, "user.name:nobody", whole+"user.name:*nobody* finds it as a part")     // known
	f(events, "sluice.pack:nobody", whole+"sluice.pack:*nobody* finds it as a part") // not known, and events have it
	f(events, "USER.NAME:root", "nothing here has a field USER.NAME; did you mean user.name?")
	f(events, "src_ip:1.2.3.4", "nothing here has a field src_ip; did you mean source.ip?")
	f(events, "SrcIpAddr:1.2.3.4", "nothing here has a field SrcIpAddr; did you mean source.ip?")
	f(events, "dst_ip:1.2.3.4", "nothing here has a field dst_ip") // no field of these events
	f(events, "user.name:root", "")                                // found
	f(events, `"user.nmae:root and such"`, "")                     // a phrase
	f(events, "user.nm*:root", "")
}

// TestOutsideOfTheTime: a query that finds nothing in its time, and something before or behind it, has no other fault.
func TestOutsideOfTheTime(t *testing.T) {
	w := newWorld(t)
	f := func(query, want string) {
		t.Helper()
		got := w.request(http.MethodGet, "/api/v1/search?"+query, "")
		var found struct{ Hint string }
		if err := json.Unmarshal(got.Body.Bytes(), &found); got.Code != http.StatusOK || err != nil {
			t.Fatalf("%s: %d %s %v", query, got.Code, got.Body, err)
		}
		if found.Hint != want {
			t.Errorf("%s: hint %q, want %q", query, found.Hint, want)
		}
	}
	const early = "from=2001-01-01T00:00:00Z&to=2001-01-02T00:00:00Z&q="
	f(early+"user.name:root", "there are 14 outside of the time that was asked for")
	f(early+"user.name:nobody", "the value of a field counts whole and with its case; user.name:*nobody* finds it as a part")
}
