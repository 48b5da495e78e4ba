package esapi

import (
	"encoding/json"
	"testing"
)

// TestSourceOfLists: a filter reaches into the objects of a list.
func TestSourceOfLists(t *testing.T) {
	e := embedded(t, 100)
	e.call("POST", "/logs-sluice.x-default/_bulk", `{"create":{}}
{"a":{"rows":[{"b":1,"c":{"d":2}},{"b":3},{"c":{"d":4}},5]},"tags":["x"],"none":[]}
`, 200)
	for _, q := range [][2]string{
		{`["a.rows.b"]`, `{"a":{"rows":[{"b":1},{"b":3}]}}`},
		{`["a.rows.c.d","tags"]`, `{"a":{"rows":[{"c":{"d":2}},{"c":{"d":4}}]},"tags":["x"]}`},
		{`"a.rows"`, `{"a":{"rows":[{"b":1,"c":{"d":2}},{"b":3},{"c":{"d":4}},5]}}`},
		{`{"excludes":["a.rows.c","tags"]}`, `{"a":{"rows":[{"b":1},{"b":3},5]},"none":[]}`},
		{`["a.*.b"]`, `{"a":{"rows":[{"b":1},{"b":3}]}}`},
		{`["a.rows.x"]`, `{}`},
	} {
		v := e.call("POST", "/_search", `{"_source":`+q[0]+`}`, 200)
		b, _ := json.Marshal(v["hits"].(map[string]any)["hits"].([]any)[0].(map[string]any)["_source"])
		if string(b) != q[1] {
			t.Errorf("%s: %s, want %s", q[0], b, q[1])
		}
	}
}
