package console

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func FuzzSearchParameters(f *testing.F) {
	f.Add("q=failed+password&from=now-1h&to=now&size=10&sort=@timestamp:asc")
	f.Add("after=eyJzIjoiQHRpbWVzdGFtcDpkZXNjIiwiZiI6IjIwMjYtMDMtMDFUMTE6MDA6MDBaIiwidCI6IjIwMjYtMDMtMDFUMTI6MDA6MDBaIiwiYSI6WzEsIngiXX0")
	f.Add("from=0000-01-01T00:00:00Z&to=9999-12-31T23:59:59.999999999%2B23:59")
	f.Add("from=now-999999w&namespace=a.b&q=%22")
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s := New(Options{Now: func() time.Time { return now }})
	f.Fuzz(func(t *testing.T, raw string) {
		p, err := params(raw, pageParams...)
		if err != nil {
			return
		}
		q, err := s.parseRequest(p, time.Hour)
		if err != nil {
			return
		}
		if q.size < 1 || q.size > maxSize || !q.from.Before(q.to) || q.to.Sub(q.from) > maxRange || utf8.RuneCountInString(q.query) > maxQuery {
			t.Fatalf("a limit was passed: %+v", q)
		}
		if strings.ContainsAny(q.namespace, "*,/ ") {
			t.Fatalf("a namespace that names other indices: %q", q.namespace)
		}
		h := newHistogram(q.from, q.to)
		h.fill(nil)
		if len(h.Buckets) == 0 || len(h.Buckets) > maxBuckets {
			t.Fatalf("%d buckets of %s for %v to %v", len(h.Buckets), h.Interval, q.from, q.to)
		}
		if _, err := json.Marshal(q.body("sluice.id", h)); err != nil {
			t.Fatalf("the search cannot be written: %v", err)
		}
		if token := q.next([]json.RawMessage{[]byte("1"), []byte(`"x"`)}); token != "" {
			again := request{sort: q.sort}
			if err := again.resume(token); err != nil || again.from != q.from || again.to != q.to {
				t.Fatalf("our own page token: %v, %v %v", err, again.from, again.to)
			}
		}
	})
}

func FuzzRefusal(f *testing.F) {
	f.Add([]byte(`{"error":{"reason":"all shards failed","failed_shards":[{"reason":{"reason":"x","caused_by":{"reason":"Cannot parse 'a AND': Encountered \"<EOF>\" at line 1, column 5.\nWas"}}}]}}`))
	f.Add([]byte(strings.Repeat("[", 20000)))
	f.Add([]byte(`{"reason":"Encountered \" <OR> \"OR \"\" at line 1, column 0."}`))
	s := New(Options{})
	f.Fuzz(func(t *testing.T, body []byte) {
		err := s.explain(&IndexError{Status: 400, Body: body})
		e, ok := err.(*apiError)
		if !ok || e.Message == "" || len(e.Message) > 400 || strings.Contains(e.Message, "\n") {
			t.Fatalf("%v", err)
		}
	})
}

func TestHistogramIntervals(t *testing.T) {
	f := func(span time.Duration, want string) {
		t.Helper()
		from := time.Date(2026, 3, 1, 11, 59, 59, 999e6, time.UTC)
		h := newHistogram(from, from.Add(span))
		h.fill([]rawBucket{{Key: from.UnixMilli(), Count: 3}})
		if h.Interval != want || len(h.Buckets) > maxBuckets || h.Buckets[0].Count != 3 {
			t.Errorf("%v: %s, %d buckets, first %+v; want %s", span, h.Interval, len(h.Buckets), h.Buckets[0], want)
		}
	}
	f(time.Millisecond, "1s")
	f(time.Minute, "1s")
	f(15*time.Minute, "15s")
	f(time.Hour, "1m")
	f(4*time.Hour, "5m")
	f(24*time.Hour, "30m")
	f(7*24*time.Hour, "3h")
	f(30*24*time.Hour, "12h")
	f(400*24*time.Hour, "7d")
}

func BenchmarkParseAnswer(b *testing.B) {
	hit := `{"_id":"x","_index":"logs-sluice.a-default","_source":{"@timestamp":"2026-03-01T12:00:00Z","event":{"original":"` + strings.Repeat("x", 800) + `"}},"sort":[1,"x"]}`
	body := []byte(`{"took":1,"hits":{"total":{"value":50},"hits":[` + strings.Repeat(hit+",", 49) + hit + `]}}`)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		a, err := parseAnswer(body)
		if err != nil || len(a.list()) != 50 {
			b.Fatal(err)
		}
	}
}
