package console_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"sluice/console"
	"sluice/console/consoletest"
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

// TestExportOfADamagedIndex: all that can be read is in the file, and its last line says that this is not all.
func TestExportOfADamagedIndex(t *testing.T) {
	office := &consoletest.Index{}
	consoletest.Office(office, noon, 1500)
	w := newWorld(t, func(o *console.Options) {
		o.Index = searchFunc(func(ctx context.Context, indices []string, body []byte) ([]byte, error) {
			raw, err := office.Search(ctx, indices, body)
			return append([]byte(`{"_shards":{"failed":2},`), bytes.TrimPrefix(raw, []byte("{"))...), err
		})
	})
	f := func(limit string, least int, want string) {
		t.Helper()
		text := strings.TrimSpace(w.request("GET", "/api/v1/search/export?format=ndjson&from=now-1h&limit="+limit, "").Body.String())
		lines := strings.Split(text, "\n")
		if last := lines[len(lines)-1]; len(lines) < least || !strings.HasSuffix(last, want) {
			t.Errorf("%d lines, at last %s", len(lines), last)
		}
	}
	f("10000", 1501, `{"not_all":"not all: 2 parts of the index are damaged, sluice verify names them"}`)
	f("1200", 1201, `; narrow the time range or the query; 2 parts of the index are damaged, sluice verify names them"}`)
}
