package elasticsearch

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func revision(id string, n int) Revision {
	return Revision{ID: id, Namespace: "default", Revision: n, Doc: fmt.Appendf(nil, `{"@timestamp":"2026-01-02T03:04:05Z","message":"<m> %d","sluice":{"alert":{"id":%q,"revision":%d},"triage":{"status":"forged"}}}`, n, id, n)}
}

func TestAlertRevisions(t *testing.T) {
	fake, c := newCluster(t)
	write := func(revs ...Revision) {
		t.Helper()
		if refused, err := c.WriteAlerts(t.Context(), revs); err != nil || len(refused) != 0 {
			t.Fatal(refused, err)
		}
	}
	source := func() string { return string(fake.find("sluice-alerts-default", "a").source) }
	write(revision("a", 1), revision("b", 1), revision("a", 3), revision("a", 2))
	if s := source(); !strings.Contains(s, `"revision":3`) || strings.Contains(s, "forged") || !strings.Contains(s, "<m>") {
		t.Errorf("stored %s", s)
	}
	seq := fake.find("sluice-alerts-default", "a").seq
	write(revision("a", 2), revision("a", 3))
	if d := fake.find("sluice-alerts-default", "a"); !strings.Contains(source(), `"revision":3`) || d.seq != seq {
		t.Errorf("what is not newer was written: %s", d.source)
	}
	d := fake.find("sluice-alerts-default", "a")
	d.source, _ = withTriage(d.source, json.RawMessage(`{"status":"closed","assignee":"ann"}`))
	write(revision("a", 4))
	if s := source(); !strings.Contains(s, `"revision":4`) || !strings.Contains(s, `"assignee":"ann"`) {
		t.Errorf("what people wrote is gone: %s", s)
	}
}

// TestAlertSettled: what people wrote about an alert that was announced early is of the settled one, as long as
// nobody has written about that itself.
func TestAlertSettled(t *testing.T) {
	fake, c := newCluster(t)
	settled := func(n int) Revision {
		r := revision("settled", n)
		r.Supersedes = []string{"gone", "early"}
		return r
	}
	write := func(revs ...Revision) string {
		t.Helper()
		if refused, err := c.WriteAlerts(t.Context(), revs); err != nil || len(refused) != 0 {
			t.Fatal(refused, err)
		}
		if d := fake.find("sluice-alerts-default", "settled"); d != nil {
			return string(d.source)
		}
		return ""
	}
	triage := func(id, text string) {
		d := fake.find("sluice-alerts-default", id)
		d.source, _ = withTriage(d.source, json.RawMessage(text))
	}
	write(revision("early", 1))
	if s := write(revision("early", 2), settled(1)); strings.Contains(s, "triage") {
		t.Errorf("nobody wrote, stored %s", s)
	}
	triage("early", `{"assignee":"ann"}`) // by a page that was opened before
	if s := write(settled(2)); !strings.Contains(s, `"assignee":"ann"`) || !strings.Contains(s, `"revision":2`) {
		t.Errorf("what people wrote of the early one is gone: %s", s)
	}
	triage("settled", `{"assignee":"bob"}`)
	if s := write(settled(3)); !strings.Contains(s, `"assignee":"bob"`) {
		t.Errorf("what people wrote of it is gone: %s", s)
	}
}

// TestAlertConflict: somebody changes the alert between our reading and writing.
func TestAlertConflict(t *testing.T) {
	fake, c := newCluster(t)
	if _, err := c.WriteAlerts(t.Context(), []Revision{revision("a", 1)}); err != nil {
		t.Fatal(err)
	}
	races := 3
	fake.refuse = func(id string, _ []byte) (int, string) {
		if races--; races >= 0 {
			d := fake.find("sluice-alerts-default", id)
			d.seq += 100
			d.source, _ = withTriage(d.source, fmt.Appendf(nil, `{"status":"s%d"}`, races))
		}
		return 0, ""
	}
	if refused, err := c.WriteAlerts(t.Context(), []Revision{revision("a", 2)}); err != nil || len(refused) != 0 {
		t.Fatal(refused, err)
	}
	if s := string(fake.find("sluice-alerts-default", "a").source); !strings.Contains(s, `"revision":2`) || !strings.Contains(s, `"s0"`) {
		t.Errorf("stored %s", s)
	}
	races = 1000
	refused, err := c.WriteAlerts(t.Context(), []Revision{revision("a", 3)})
	if err != nil || len(refused) != 1 || refused[0].Final {
		t.Errorf("endless conflicts: %v, %v", refused, err)
	}
}

// TestAlertIndexDeleted: somebody deletes the alerts' index while we run. It is made
// again at the second try, not at the next start.
func TestAlertIndexDeleted(t *testing.T) {
	fake, c := newCluster(t)
	if _, err := c.WriteAlerts(t.Context(), []Revision{revision("a", 1)}); err != nil {
		t.Fatal(err)
	}
	fake.mu.Lock()
	fake.docs, fake.aliases = nil, map[string]bool{}
	fake.mu.Unlock()
	if _, err := c.WriteAlerts(t.Context(), []Revision{revision("a", 2)}); err == nil {
		t.Fatal("a write without an index is no error")
	}
	if refused, err := c.WriteAlerts(t.Context(), []Revision{revision("a", 2)}); err != nil || len(refused) != 0 {
		t.Fatal(refused, err)
	}
	if fake.count("a") != 1 {
		t.Error("the alert is not there")
	}
	// between our reading and our writing
	fake.refuse = func(string, []byte) (int, string) {
		fake.docs, fake.aliases, fake.refuse = nil, map[string]bool{}, nil
		return 404, "index_not_found_exception"
	}
	if refused, err := c.WriteAlerts(t.Context(), []Revision{revision("a", 3)}); err != nil || len(refused) != 1 || refused[0].Final {
		t.Fatal(refused, err)
	}
	if refused, err := c.WriteAlerts(t.Context(), []Revision{revision("a", 3)}); err != nil || len(refused) != 0 || fake.count("a") != 1 {
		t.Fatal(refused, err)
	}
}

// TestAlertsTooLarge: a proxy takes no request as long as all alerts together. They go through in
// smaller ones, and an alert that is too long by itself holds up none of the others.
func TestAlertsTooLarge(t *testing.T) {
	fake, c := newCluster(t)
	fake.fault = func(w http.ResponseWriter, lines [][]byte) bool {
		if size := len(bytes.Join(lines, nil)); size < 1000 {
			return false
		}
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return true
	}
	var revs []Revision
	for i := range 20 {
		revs = append(revs, revision(fmt.Sprint("a", i), 1))
	}
	revs[7].Doc = bytes.Replace(revs[7].Doc, []byte("<m>"), bytes.Repeat([]byte("x"), 1000), 1)
	refused, err := c.WriteAlerts(t.Context(), revs)
	if err != nil || len(refused) != 1 || refused[0].Index != 7 || !refused[0].Final {
		t.Fatal(refused, err)
	}
	for i, r := range revs {
		if n := fake.count(r.ID); n != 1 && i != 7 {
			t.Errorf("alert %s is there %d times", r.ID, n)
		}
	}
}

// TestAlertsInPortions: alerts keep to the size of requests that the settings name.
func TestAlertsInPortions(t *testing.T) {
	fake, c := newCluster(t)
	c.settings.BulkBytes = 1000
	var revs []Revision
	for i := range 20 {
		revs = append(revs, revision(fmt.Sprint("a", i), 1))
	}
	if refused, err := c.WriteAlerts(t.Context(), revs); err != nil || len(refused) != 0 || len(fake.docs) != 20 {
		t.Fatal(refused, err, len(fake.docs))
	}
	if fake.largest > 2000 {
		t.Errorf("a request of %d bytes", fake.largest)
	}
}
