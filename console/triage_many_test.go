package console_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"sluice/console"
	"sluice/console/consoletest"
)

const many = "/api/v1/alerts/triage"

type manyAnswer struct {
	Changed, Failed int
	Results         []console.TriageResult
}

func (w *world) triageMany(t *testing.T, body string) (a manyAnswer) {
	t.Helper()
	rec := w.request("POST", many, body, "Content-Type", "application/json")
	if err := json.Unmarshal(rec.Body.Bytes(), &a); err != nil || rec.Code != 200 {
		t.Fatalf("%s: %d %s", body, rec.Code, rec.Body)
	}
	return a
}

// Each alert has its own result, in the order of the ids, and the log says who changed how many.
func TestTriageMany(t *testing.T) {
	var log bytes.Buffer
	w := newWorld(t, func(o *console.Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	got := w.triageMany(t, `{"ids":["c3d27e55b4","nobody","a1f09c77d2","../x","c3d27e55b4"],"status":"acknowledged","assignee":"bob","comment":"<b>"}`)
	if got.Changed != 2 || got.Failed != 2 || len(got.Results) != 4 {
		t.Fatalf("%+v", got)
	}
	for i, id := range []string{"c3d27e55b4", "nobody", "a1f09c77d2", "../x"} {
		one := got.Results[i]
		there := i%2 == 0
		if one.ID != id || there != (one.Triage != nil) || there == (one.Error == "no such alert") {
			t.Errorf("%d: %+v", i, one)
		}
		if there && (one.Triage.Status != "acknowledged" || one.Triage.Assignee != "bob" || one.Triage.Comments[0].By != "token" || one.Triage.Comments[0].Text != "<b>") {
			t.Errorf("%d: %+v", i, one.Triage)
		}
	}
	var found console.Found
	if w.get(t, "/api/v1/alerts?status=acknowledged", &found); found.Total != 3 {
		t.Errorf("%d are acknowledged", found.Total)
	}
	if !strings.Contains(log.String(), "alerts triaged at once") || !strings.Contains(log.String(), "by=token") || !strings.Contains(log.String(), "changed=2 failed=2") {
		t.Errorf("the log: %s", &log)
	}
}

// What fails for one alert is told with it, and the others are changed.
func TestTriageManyFails(t *testing.T) {
	w := newWorld(t)
	inner := w.opt.Triage
	w.opt.Triage = func(ctx context.Context, namespace, id string, edit func(json.RawMessage) (json.RawMessage, error)) error {
		switch id {
		case "a1f09c77d2":
			return errors.New("the secret place of the index")
		case "b2e18d66c3":
			_, err := edit(json.RawMessage(`"by hand"`))
			return err
		}
		return inner(ctx, namespace, id, edit)
	}
	w.s = console.New(w.opt)
	got := w.triageMany(t, `{"ids":["a1f09c77d2","b2e18d66c3","c3d27e55b4"],"status":"open"}`)
	if got.Changed != 1 || got.Failed != 2 || got.Results[2].Triage == nil {
		t.Fatalf("%+v", got)
	}
	if e := got.Results[0].Error; strings.Contains(e, "secret") || !strings.Contains(e, "log says why") {
		t.Errorf("said %q", e)
	}
	if e := got.Results[1].Error; !strings.Contains(e, "another form") {
		t.Errorf("said %q", e)
	}
}

func TestTriageManyRefused(t *testing.T) {
	w := newWorld(t)
	before := len(w.index.Searches())
	f := func(body, field string, code int) {
		t.Helper()
		rec := w.request("POST", many, body, "Content-Type", "application/json")
		var e refusal
		if err := json.Unmarshal(rec.Body.Bytes(), &e); err != nil || rec.Code != code || e.Field != field {
			t.Errorf("%.60s: %d %s", body, rec.Code, rec.Body)
		}
	}
	f(`{"status":"closed"}`, "ids", 400)
	f(`{"ids":[],"status":"closed"}`, "ids", 400)
	f(`{"ids":["x"`+strings.Repeat(`,"x"`, 1000)+`],"status":"closed"}`, "ids", 400)
	f(`{"ids":["x"]}`, "body", 400)
	f(`{"ids":["x"],"status":"done"}`, "status", 400)
	f(`{"ids":"x","status":"closed"}`, "ids", 400)
	f(`{"ids":["`+strings.Repeat("x", 600<<10)+`"],"status":"closed"}`, "body", 413)
	if n := len(w.index.Searches()); n != before {
		t.Errorf("%d searches for what is refused", n-before)
	}
	if rec := w.request("POST", many+"?namespace=A-B", `{"ids":["x"],"status":"open"}`, "Content-Type", "application/json"); rec.Code != 400 {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}

// TestTriageManyOfOne: an early alert and the settled one are one alert: a comment on both is noted once.
func TestTriageManyOfOne(t *testing.T) {
	w := newWorld(t)
	at := noon.Add(-time.Minute)
	w.index.Add(
		consoletest.Alert("announced", "low", "a", at, at, nil, map[string]any{"sluice.alert.provisional": true, "sluice.alert.state": "closed"}),
		consoletest.Alert("final", "low", "a", at, at, nil, map[string]any{"sluice.alert.supersedes": []string{"announced"}}),
	)
	got := w.triageMany(t, `{"ids":["announced","gone","final"],"comment":"our own test"}`)
	if got.Changed != 2 || got.Failed != 1 || len(got.Results) != 3 {
		t.Fatalf("%+v", got)
	}
	for i, id := range []string{"announced", "gone", "final"} {
		one := got.Results[i]
		if one.ID != id || id != "gone" && (one.Triage == nil || len(one.Triage.Comments) != 1) {
			t.Errorf("%d: %+v", i, one)
		}
	}
}

// TestTriageManySeen: what somebody else did with one since it was listed is not taken back, and the others are changed.
func TestTriageManySeen(t *testing.T) {
	w := newWorld(t)
	w.triageMany(t, `{"ids":["a1f09c77d2"],"status":"closed","assignee":"dora"}`)
	seen := `"seen":{"a1f09c77d2":{"status":"open","assignee":""},"c3d27e55b4":{"status":"closed"}}`
	got := w.triageMany(t, `{"ids":["a1f09c77d2","c3d27e55b4"],"status":"acknowledged",`+seen+`}`)
	if got.Changed != 1 || got.Failed != 1 || !strings.HasPrefix(got.Results[0].Error, "it is closed by now: token did that at ") {
		t.Errorf("%+v", got)
	}
	if got := w.triageMany(t, `{"ids":["a1f09c77d2"],"comment":"x",`+strings.Replace(seen, `,"c3d27e55b4":{"status":"closed"}`, "", 1)+`}`); got.Changed != 1 {
		t.Errorf("a comment replaces nothing: %+v", got)
	}
	if rec := w.request("POST", many, `{"ids":["x"],"status":"open",`+seen+`}`, "Content-Type", "application/json"); rec.Code != 400 || !strings.Contains(rec.Body.String(), "none of ids") {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}
