package console_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/console"
	"sluice/console/consoletest"
)

func TestValues(t *testing.T) {
	w := newWorld(t)
	var v console.Values
	if code := w.get(t, "/api/v1/search/values?field=user.name&from=now-1h&q=openssh&size=2", &v); code != 200 {
		t.Fatalf("status %d", code)
	}
	if v.Total != 114 || v.With != 114 || v.Distinct != 5 || len(v.Values) != 2 || v.Values[0].Count < v.Values[1].Count {
		t.Errorf("%+v", v)
	}
	v = console.Values{}
	w.get(t, "/api/v1/search/values?field=url.path&from=now-1h", &v)
	if v.Total != 314 || v.With != 100 || v.Distinct != 100 || len(v.Values) != 10 {
		t.Errorf("%+v", v)
	}
	v = console.Values{}
	w.get(t, "/api/v1/alerts/values?field=rule.name&severity=medium", &v)
	if v.Total != 1 || len(v.Values) != 1 || string(v.Values[0].Value) != `"Port scan over flow records"` || v.Values[0].Count != 1 {
		t.Errorf("of alerts: %+v", v)
	}
}

// Booleans and times, which an index counts as numbers, are told as a document has them.
func TestValuesOfOtherTypes(t *testing.T) {
	w := newWorld(t)
	f := func(bucket, want string) {
		t.Helper()
		w.opt.Index = rawIndex(`{"took":3,"_shards":{"failed":1},"aggregations":{"values":{"buckets":[` + bucket + `]}}}`)
		w.s = console.New(w.opt)
		var v console.Values
		w.get(t, "/api/v1/search/values?field=a.b", &v)
		if v.Took != 3 || v.Unread != 1 || len(v.Values) != 1 || string(v.Values[0].Value) != want || v.Values[0].Count != 2 {
			t.Errorf("%s: %+v; want %s", bucket, v, want)
		}
	}
	f(`{"key":1,"key_as_string":"true","doc_count":2}`, `true`)
	f(`{"key":0,"key_as_string":"false","doc_count":2}`, `false`)
	f(`{"key":1772366400000,"key_as_string":"2026-03-01T12:00:00.000Z","doc_count":2}`, `"2026-03-01T12:00:00.000Z"`)
	f(`{"key":"true","doc_count":2}`, `"true"`)
	f(`{"key":9007199254740993,"doc_count":2}`, `9007199254740993`)
	f(`{"key":"\"<b>","doc_count":2}`, `"\"\u003cb\u003e"`)
}

// rawIndex answers the same to every search.
type rawIndex string

func (x rawIndex) Search(context.Context, []string, []byte) ([]byte, error) { return []byte(x), nil }

func TestValuesRefused(t *testing.T) {
	w := newWorld(t)
	f := func(query, field string) {
		t.Helper()
		rec := w.request("GET", "/api/v1/search/values?"+query, "")
		var e refusal
		if err := json.Unmarshal(rec.Body.Bytes(), &e); err != nil || rec.Code != 400 || e.Field != field {
			t.Errorf("%s: %d %s", query, rec.Code, rec.Body)
		}
	}
	f("", "field")
	f("field=a%20b", "field")
	f("field=message", "field")
	f("field=user.name&size=101", "size")
	f("field=user.name&size=x", "size")
	if text := w.request("GET", "/api/v1/search/values?field=user.name&size=5000", "").Body.String(); !strings.Contains(text, "from 1 to 100\"") {
		t.Errorf("the bound is another: %s", text)
	}
	f("field=user.name&severity=high", "severity")
	f("field=user.name&sort=user.name:asc", "sort")
}

// TestOrderOfAlerts: by severity, by rule, by status, and what is equal newest first.
func TestOrderOfAlerts(t *testing.T) {
	w := newWorld(t)
	f := func(sort string, want ...string) {
		t.Helper()
		var got []string
		after := ""
		for range want { // a page each: a page token holds as many values as the order has fields
			var page console.Found
			w.get(t, "/api/v1/alerts?size=1&sort="+sort+after, &page)
			if len(page.Hits) != 1 {
				break
			}
			got, after = append(got, page.Hits[0].ID), "&after="+page.Next
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", sort, diff)
		}
	}
	const high, medium, low = "a1f09c77d2", "b2e18d66c3", "c3d27e55b4"
	f("event.severity:desc", high, medium, low)
	f("event.severity:asc", low, medium, high)
	f("rule.name:asc", low, medium, high)
	f("sluice.triage.status:asc", medium, low, high)
	f("sluice.triage.status:desc", high, low, medium) // open without a status, closed, acknowledged
	f("event.kind:asc", medium, high, low)
	var found console.Found
	if w.get(t, "/api/v1/alerts?rule=Port+scan+over+flow+records", &found); found.Total != 1 || found.Hits[0].ID != medium {
		t.Errorf("a rule by its name: %+v", found)
	}
}

// TestPagesOfLongValues: an order by the longest values that an index sorts by has further pages too.
func TestPagesOfLongValues(t *testing.T) {
	w := newWorld(t)
	at := noon.Add(-time.Minute)
	for _, id := range []string{"long-1", "long-2", "long-3"} {
		w.index.Add(consoletest.Event(id, "proxy", "default", at, map[string]any{"url.original": "/" + strings.Repeat("x", 8190), "sluice.id": id}))
	}
	after := ""
	for i, want := range []string{"long-3", "long-2", "long-1"} {
		var f console.Found
		if code := w.get(t, "/api/v1/search?q=event.dataset:sluice.proxy&size=1&sort=url.original:desc&after="+after, &f); code != 200 || len(f.Hits) != 1 || f.Hits[0].ID != want {
			t.Fatalf("page %d: status %d, %d hits", i, code, len(f.Hits))
		}
		after = f.Next
	}
}
