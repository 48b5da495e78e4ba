package httppost

import (
	"net/http"
	"slices"
	"testing"
)

// TestBulk: what senders to Elasticsearch post is taken, and each action is answered in its place.
func TestBulk(t *testing.T) {
	w := start(t, settings(func(*Settings) {}))
	f := func(path, body, answer string, want ...string) {
		t.Helper()
		resp, err := http.DefaultClient.Do(w.request("POST", path, body, "Content-Type", "application/x-ndjson"))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.Header.Get("X-Elastic-Product") != "Elasticsearch" {
			t.Errorf("clients of Elasticsearch do not take the answer: %v", resp.Header)
		}
		w.taken()
		if status, got := w.do(w.request("POST", path, body)); status != 200 || got != answer {
			t.Errorf("%d %s, want %s", status, got, answer)
		}
		if got := w.taken(); !slices.Equal(got, want) {
			t.Errorf("took %q, want %q", got, want)
		}
	}
	const no = `"status":400,"error":{"type":"illegal_argument_exception","reason":"events are only added, by create or index"}`
	f("/_bulk", "{\"create\":{\"_index\":\"winlogbeat-8.19.0\",\"_id\":\"1\"}}\n{\"a\":1}\n{\"index\":{}}\r\n{\"a\":2}\r\n",
		`{"took":0,"errors":false,"items":[{"create":{"_index":"winlogbeat-8.19.0","result":"created","status":201}},{"index":{"result":"created","status":201}}]}`,
		`{"a":1}`, `{"a":2}`)
	f("/logs-x/_bulk?filter_path=errors", "{ \"create\" : { } }\n{\"cut", // a document that is none stays a line
		`{"took":0,"errors":false,"items":[{"create":{"result":"created","status":201}}]}`, `{"cut`)
	f("/_bulk", "{\"delete\":{\"_id\":\"1\"}}\n{\"update\":{\"_index\":\"i\\\"\"}}\n{\"doc\":{}}\n\n{\"create\":{}}\n{\"b\":1}",
		`{"took":0,"errors":true,"items":[{"delete":{`+no+`}},{"update":{"_index":"i\"",`+no+`}},{"create":{"result":"created","status":201}}]}`, `{"b":1}`)
	f("/_bulk", "{\"delete\":{\"_id\":\"1\"}}\n", `{"took":0,"errors":true,"items":[{"delete":{`+no+`}}]}`)
}

func FuzzBulk(f *testing.F) {
	f.Add([]byte("{\"create\":{\"_index\":\"i\"}}\n{\"a\":1}\n{\"delete\":{}}\n"))
	f.Add([]byte("{\"update\":{}}\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		items, events, err := bulk(body)
		taken := 0
		for _, item := range items {
			if item.taken {
				taken++
			}
		}
		if err == nil && taken != len(events) || err != nil && len(events) > 0 {
			t.Errorf("%d events of %d actions, %v", len(events), taken, err)
		}
	})
}
