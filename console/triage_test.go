package console_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"sluice/console"
)

// scan is an alert of the test office that anna has acknowledged.
const scan = "/api/v1/alerts/b2e18d66c3/triage"

func TestTriage(t *testing.T) {
	w := newWorld(t)
	change := func(body string) (console.Triaged, int) {
		t.Helper()
		rec := w.request("POST", scan, body, "Content-Type", "application/json")
		var a struct{ Triage console.Triaged }
		if err := json.Unmarshal(rec.Body.Bytes(), &a); err != nil {
			t.Fatalf("%s: %v in %s", body, err, rec.Body)
		}
		return a.Triage, rec.Code
	}
	got, code := change(`{"assignee":"bob","comment":"ours? <b>"}`)
	if code != 200 || got.Status != "acknowledged" || got.Assignee != "bob" || len(got.Comments) != 1 {
		t.Fatalf("%d %+v", code, got)
	}
	if c := got.Comments[0]; !c.At.Equal(noon) || c.By != "token" || c.Status != "" || *c.Assignee != "bob" || c.Text != "ours? <b>" {
		t.Errorf("noted %+v", c)
	}
	if got, _ = change(`{"status":"closed","assignee":""}`); got.Status != "closed" || got.Assignee != "" || len(got.Comments) != 2 || *got.Comments[1].Assignee != "" {
		t.Errorf("closed: %+v", got)
	}
	if got, _ = change(`{"status":"closed"}`); len(got.Comments) != 2 {
		t.Errorf("what changes nothing is noted: %+v", got)
	}
	var f console.AlertFound
	if w.get(t, strings.TrimSuffix(scan, "/triage"), &f); !strings.Contains(string(f.Alert.Source), `"status":"closed"`) || !strings.Contains(string(f.Alert.Source), `"revision":1`) {
		t.Errorf("the alert is %s", f.Alert.Source)
	}
	for n := range 110 {
		got, _ = change(fmt.Sprintf(`{"comment":"c%d"}`, n))
	}
	if len(got.Comments) != 100 || got.Comments[99].Text != "c109" {
		t.Errorf("%d comments, the last %+v", len(got.Comments), got.Comments[len(got.Comments)-1])
	}
}

// TestTriageOvertaken: a change that names what its author saw is refused where somebody else was faster.
func TestTriageOvertaken(t *testing.T) {
	w := newWorld(t)
	f := func(body string, code int, say string) {
		t.Helper()
		if rec := w.request("POST", scan, body, "Content-Type", "application/json"); rec.Code != code || !strings.Contains(rec.Body.String(), say) {
			t.Errorf("%s: %d, %s", body, rec.Code, rec.Body)
		}
	}
	f(`{"status":"closed","assignee":"bob","was":{"status":"acknowledged","assignee":"anna"}}`, 200, `"closed"`)
	f(`{"status":"open","was":{"status":"acknowledged"}}`, 409, "it is closed by now: token did that at "+noon.Format(time.RFC3339))
	f(`{"assignee":"carla","was":{"assignee":""}}`, 409, "it is assigned to bob by now: token did that at ")
	f(`{"status":"closed","was":{"status":"open"}}`, 200, `"closed"`)
	f(`{"comment":"x","was":{"status":"open","assignee":"carla"}}`, 200, `"text":"x"`)
	f(`{"status":"open","was":{"status":"closed","assignee":"carla"}}`, 200, `"status":"open"`)
	f(`{"status":"open","was":{"state":"closed"}}`, 400, "")
}

// What is refused changes nothing, and says which part is at fault.
func TestTriageRefused(t *testing.T) {
	w := newWorld(t)
	f := func(target, body, field string, code int, header ...string) {
		t.Helper()
		rec := w.request("POST", target, body, append([]string{"Content-Type", "application/json"}, header...)...)
		var e refusal
		if err := json.Unmarshal(rec.Body.Bytes(), &e); err != nil || rec.Code != code || e.Field != field {
			t.Errorf("%s %.60s: %d, %s", target, body, rec.Code, rec.Body)
		}
	}
	f(scan, `{}`, "body", 400)
	f(scan, `{"status":"done"}`, "status", 400)
	f(scan, `{"state":"closed"}`, "body", 400)
	f(scan, `[]`, "body", 400)
	f(scan, `{"assignee":"`+strings.Repeat("ä", 201)+`"}`, "assignee", 400)
	f(scan, `{"comment":"`+strings.Repeat("x", 2001)+`"}`, "comment", 400)
	f(scan, `{"status":"closed"}`, "", 415, "Content-Type", "text/plain")
	f(scan, `{"status":"closed"}`, "", 403, "Origin", "http://evil.example", "Sec-Fetch-Site", "cross-site")
	f(scan, `{"status":"closed"}`, "", 401, "Authorization", "")
	f("/api/v1/alerts/nobody/triage", `{"status":"closed"}`, "", 404)
	f(scan+"?namespace=other", `{"status":"closed"}`, "", 404)
	f(scan+"?x=y", `{"status":"closed"}`, "x", 400)

	w.opt.Triage = func(context.Context, string, string, func(json.RawMessage) (json.RawMessage, error)) error {
		return console.ErrNoAlert
	}
	w.s = console.New(w.opt)
	f(scan, `{"status":"closed"}`, "", 404)
	w.opt.Triage = func(_ context.Context, namespace, _ string, edit func(json.RawMessage) (json.RawMessage, error)) error {
		_, err := edit(json.RawMessage(`"by hand"`))
		if namespace != "default" {
			t.Errorf("namespace %q", namespace)
		}
		return err
	}
	w.s = console.New(w.opt)
	f(scan, `{"status":"closed"}`, "", 409)
}

// TestTriageKeepsWhatIsNotOurs: a ticket that another program noted with an alert is there after a change.
func TestTriageKeepsWhatIsNotOurs(t *testing.T) {
	stored := json.RawMessage(`{"status":"open","assignee":"anna","ticket":{"id":"INC-7"}}`)
	w := newWorld(t, func(o *console.Options) {
		o.Triage = func(_ context.Context, _, _ string, edit func(json.RawMessage) (json.RawMessage, error)) (err error) {
			stored, err = edit(stored)
			return err
		}
	})
	for _, body := range []string{`{"assignee":""}`, `{"status":"closed"}`} {
		if rec := w.request("POST", scan, body, "Content-Type", "application/json"); rec.Code != 200 {
			t.Fatalf("%s: %d %s", body, rec.Code, rec.Body)
		}
	}
	var got struct {
		console.Triaged
		Ticket struct{ ID string }
	}
	if err := json.Unmarshal(stored, &got); err != nil || got.Ticket.ID != "INC-7" || got.Status != "closed" || got.Assignee != "" || len(got.Comments) != 2 {
		t.Errorf("%s, %v", stored, err)
	}
}
