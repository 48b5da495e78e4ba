package console_test

import (
	"context"
	"strings"
	"testing"

	"sluice/console"
)

// TestUnreadBehindAnAlert: events that damaged parts of the index may hold are not merely missing, and an alert in one is
// not said to be gone.
func TestUnreadBehindAnAlert(t *testing.T) {
	var alert string
	w := newWorld(t, func(o *console.Options) {
		o.Index = searchFunc(func(_ context.Context, indices []string, _ []byte) ([]byte, error) {
			hits := ""
			if strings.HasPrefix(indices[0], "sluice-alerts") {
				hits = alert
			}
			return []byte(`{"_shards":{"failed":2},"hits":{"total":{"value":1},"hits":[` + hits + `]}}`), nil
		})
	})
	var e refusal
	if code := w.get(t, "/api/v1/alerts/a", &e); code != 404 || !strings.Contains(e.Hint, "2 parts of the index are damaged") {
		t.Errorf("%d %+v", code, e)
	}
	alert = `{"_id":"a","_index":"sluice-alerts-default","_source":{"sluice":{"alert":{"id":"a","events":["x"]}}}}`
	var f console.AlertFound
	if code := w.get(t, "/api/v1/alerts/a", &f); code != 200 || f.Missing != 1 || f.Unread != 2 {
		t.Errorf("%d %+v", code, f)
	}
}

// TestUnreadParts: an answer without what damage took says so, and one of all parts does not.
func TestUnreadParts(t *testing.T) {
	for shards, want := range map[string]bool{`{"total":3,"failed":2}`: true, `{"total":3,"failed":0}`: false} {
		w := newWorld(t, func(o *console.Options) {
			o.Index = searchFunc(func(context.Context, []string, []byte) ([]byte, error) {
				return []byte(`{"took":1,"timed_out":false,"_shards":` + shards + `,"hits":{"total":{"value":0},"hits":[]}}`), nil
			})
		})
		if got := w.request("GET", "/api/v1/search", "").Body.String(); strings.Contains(got, `"unread_parts":2`) != want {
			t.Errorf("shards %s: %s", shards, got)
		}
	}
}
