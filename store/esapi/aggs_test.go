package esapi

import (
	"encoding/json"
	"testing"
)

func (e engine) aggs(body string) string {
	e.t.Helper()
	b, _ := json.Marshal(e.call("POST", "/_search", `{"size":0,"aggs":{"x":`+body+`}}`, 200)["aggregations"].(map[string]any)["x"])
	return string(b)
}

// TestBuckets: keys as Elasticsearch orders, counts and spells them.
func TestBuckets(t *testing.T) {
	for _, rows := range []int{1000, 2} {
		e := embedded(t, rows)
		for _, d := range []string{
			`{"@timestamp":"2026-11-22T23:30:00Z","source":{"ip":"9.1.1.1","port":80},"load":[1,100,2],"x":7}`,
			`{"@timestamp":"2026-11-23T11:00:00Z","source":{"ip":"10.1.1.1","port":9},"load":3,"x":8}`,
			`{"@timestamp":"2026-11-23T12:00:00Z","source":{"ip":"2001:db8::1"},"x":"word"}`,
			`{"@timestamp":"2026-11-23T13:00:00Z","x":"8"}`,
			`{"@timestamp":"2026-11-23T14:00:00Z","source":{"port":-1},"x":7}`,
		} {
			e.call("POST", "/logs-sluice.x-default/_bulk", "{\"create\":{}}\n"+d+"\n", 200)
		}
		const tail = `],"doc_count_error_upper_bound":0,"sum_other_doc_count":0}`
		for _, q := range []struct{ body, want string }{
			{`{"terms":{"field":"source.ip","order":{"_key":"asc"}}}`, `{"buckets":[{"doc_count":1,"key":"9.1.1.1"},{"doc_count":1,"key":"10.1.1.1"},{"doc_count":1,"key":"2001:db8::1"}` + tail},
			{`{"terms":{"field":"source.ip"}}`, `{"buckets":[{"doc_count":1,"key":"9.1.1.1"},{"doc_count":1,"key":"10.1.1.1"},{"doc_count":1,"key":"2001:db8::1"}` + tail},
			{`{"terms":{"field":"source.port","missing":-1}}`, `{"buckets":[{"doc_count":3,"key":-1},{"doc_count":1,"key":9},{"doc_count":1,"key":80}` + tail},
			{`{"terms":{"field":"source.port","exclude":["9","-1"]}}`, `{"buckets":[{"doc_count":1,"key":80}` + tail},
			{`{"terms":{"field":"x"}}`, `{"buckets":[{"doc_count":2,"key":"7"},{"doc_count":2,"key":"8"},{"doc_count":1,"key":"word"}` + tail},
			{`{"terms":{"field":"x"},"aggs":{"m":{"max":{"field":"source.port"}}}}`, `{"buckets":[{"doc_count":2,"key":"7","m":{"value":80}},{"doc_count":2,"key":"8","m":{"value":9}},{"doc_count":1,"key":"word","m":{"value":null}}` + tail},
			{`{"histogram":{"field":"load","interval":10,"min_doc_count":1}}`, `{"buckets":[{"doc_count":2,"key":0},{"doc_count":1,"key":100}]}`},
			{`{"terms":{"field":"ok","size":1,"missing":"true"},"aggs":{"s":{"stats":{"field":"load"}}}}`, `{"buckets":[{"doc_count":5,"key":1,"key_as_string":"true","s":{"avg":26.5,"count":4,"max":100,"min":1,"sum":106}}` + tail},
			{`{"terms":{"field":"source.port","size":1,"order":{"s.max":"desc"}},"aggs":{"s":{"stats":{"field":"load"}}}}`, `{"buckets":[{"doc_count":1,"key":80,"s":{"avg":34.333333333333336,"count":3,"max":100,"min":1,"sum":103}}],"doc_count_error_upper_bound":0,"sum_other_doc_count":2}`},
			{`{"terms":{"field":"source.port","size":1,"order":{"s.max":"asc"},"include":["9","80"]},"aggs":{"s":{"stats":{"field":"load"}}}}`, `{"buckets":[{"doc_count":1,"key":9,"s":{"avg":3,"count":1,"max":3,"min":3,"sum":3}}],"doc_count_error_upper_bound":0,"sum_other_doc_count":1}`},
			{`{"date_histogram":{"field":"@timestamp","calendar_interval":"1d","time_zone":"Europe/Berlin"}}`, `{"buckets":[{"doc_count":5,"key":1795388400000,"key_as_string":"2026-11-23T00:00:00.000+01:00"}]}`},
		} {
			if got := e.aggs(q.body); got != q.want {
				t.Errorf("rows %d: %s gives %s\nwant %s", rows, q.body, got, q.want)
			}
		}
	}
}
