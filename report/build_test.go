package report

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// canned answers by the index that is asked, and notes what it was asked.
type canned struct {
	answers map[string]string
	asked   map[string]string
	err     error
}

func (c *canned) Search(_ context.Context, indices []string, body []byte) ([]byte, error) {
	c.asked[indices[0]] = string(body)
	return []byte(c.answers[indices[0]]), c.err
}

func TestBuild(t *testing.T) {
	from := time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC)
	x := &canned{asked: map[string]string{}, answers: map[string]string{
		"sluice-alerts-prod": `{"hits":{"total":{"value":1204}},"aggregations":{
			"severity":{"buckets":[{"key":"low","doc_count":1200},{"key":"high","doc_count":4}]},
			"status":{"buckets":[{"key":"closed","doc_count":1000},{"key":"open","doc_count":3},{"key":"acknowledged","doc_count":1}]},
			"rule":{"buckets":[{"key":"Password guessing","doc_count":1204}]},"key":{"buckets":[]}}}`,
		"logs-sluice.*-prod": `{"hits":{"total":{"value":1234567}},"aggregations":{
			"dataset":{"buckets":[{"key":"sluice.cisco_asa","doc_count":1234567}]},"host":{"buckets":[]},"unparsed":{"doc_count":12}}}`,
	}}
	got, err := Build(t.Context(), x, "prod", from, from.Add(7*24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	want := []Section{
		{"Alerts", []Row{{"In all", "1,204"}, {"Open", "203"}}},
		{"Alerts by severity", []Row{{"low", "1,200"}, {"high", "4"}}},
		{"Alerts by rule", []Row{{"Password guessing", "1,204"}}},
		{"Events", []Row{{"Received", "1,234,567"}, {"Not parsed", "12"}}},
		{"Events by source", []Row{{"sluice.cisco_asa", "1,234,567"}}},
	}
	if diff := cmp.Diff(want, got.Sections); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(x.asked["sluice-alerts-prod"], `"must_not":[{"term":{"sluice.alert.shadow":true}},{"term":{"sluice.alert.provisional":true}}]`) {
		t.Errorf("alerts on trial, or those announced early, count beside the settled ones: %s", x.asked["sluice-alerts-prod"])
	}
	for index, has := range map[string]string{
		"sluice-alerts-prod": `"@timestamp":{"gte":"2026-03-02T07:00:00Z","lt":"2026-03-09T07:00:00Z"}`,
		"logs-sluice.*-prod": `"event.created":{"gte":"2026-03-02T07:00:00Z","lt":"2026-03-09T07:00:00Z"}`,
	} {
		if !strings.Contains(x.asked[index], has) {
			t.Errorf("%s was asked %s", index, x.asked[index])
		}
	}
}

// A report that counts too little is none.
func TestBuildFails(t *testing.T) {
	f := func(x *canned, want string) {
		t.Helper()
		x.asked = map[string]string{}
		if _, err := Build(t.Context(), x, "", time.Time{}, time.Now()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	f(&canned{err: errors.New("away")}, "sluice-alerts-*: away")
	f(&canned{answers: map[string]string{"sluice-alerts-*": `<html>`}}, "the answer of sluice-alerts-*")
	f(&canned{answers: map[string]string{"sluice-alerts-*": `{"timed_out":true}`}}, "did not answer in full")
	f(&canned{answers: map[string]string{"sluice-alerts-*": `{}`, "logs-sluice.*-*": `{"_shards":{"failed":1}}`}}, "logs-sluice.*-* did not answer in full")
}
