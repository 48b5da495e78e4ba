package esapi

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestHistogramWhereClocksAreSet: days of 23 and of 25 hours, and the hour that is there twice, each have
// one bucket, whatever the order of events.
func TestHistogramWhereClocksAreSet(t *testing.T) {
	for _, rows := range []int{1000, 2} {
		e := embedded(t, rows)
		var b strings.Builder
		for i, at := range []string{
			"2026-10-25T00:10:00Z", "2026-10-25T01:10:00Z", "2026-10-24T22:10:00Z", "2026-10-25T22:50:00Z", "2026-10-25T23:10:00Z", "2026-10-26T23:10:00Z",
			"2026-03-28T23:10:00Z", "2026-03-29T22:10:00Z", "2026-03-30T22:10:00Z",
		} {
			fmt.Fprintf(&b, "{\"create\":{\"_id\":\"%d\"}}\n{\"@timestamp\":%q}\n", i, at)
		}
		e.call("POST", "/logs-sluice.x-default/_bulk", b.String(), 200)
		f := func(from, to, every string, want ...string) {
			t.Helper()
			v := e.call("POST", "/_search", `{"size":0,"query":{"range":{"@timestamp":{"gte":"`+from+`","lt":"`+to+`"}}},
				"aggs":{"h":{"date_histogram":{"field":"@timestamp",`+every+`,"time_zone":"Europe/Berlin"}}}}`, 200)
			var got []string
			for _, x := range v["aggregations"].(map[string]any)["h"].(map[string]any)["buckets"].([]any) {
				bucket := x.(map[string]any)
				got = append(got, fmt.Sprint(time.UnixMilli(int64(bucket["key"].(float64))).UTC().Format("2006-01-02T15:04"), " ", bucket["doc_count"]))
			}
			if !slices.Equal(got, want) {
				t.Errorf("rows %d, %s: %q, want %q", rows, every, got, want)
			}
		}
		for _, day := range []string{`"fixed_interval":"24h"`, `"calendar_interval":"day"`} {
			f("2026-10-24T22:00:00Z", "2026-10-27T00:00:00Z", day, "2026-10-24T22:00 4", "2026-10-25T23:00 1", "2026-10-26T23:00 1")
			f("2026-03-28T23:00:00Z", "2026-03-31T00:00:00Z", day, "2026-03-28T23:00 1", "2026-03-29T22:00 1", "2026-03-30T22:00 1")
		}
		for _, hour := range []string{`"fixed_interval":"1h"`, `"calendar_interval":"hour"`} {
			f("2026-10-24T22:00:00Z", "2026-10-25T02:00:00Z", hour, "2026-10-24T22:00 1", "2026-10-24T23:00 0", "2026-10-25T00:00 1", "2026-10-25T01:00 1")
		}
	}
}
