package esapi

import (
	"encoding/json"
	"testing"
)

// TestSourceOfLists: a filter reaches into the objects of a list.
func TestSourceOfLists(t *testing.T) {
	engines := []engine{embedded(t, 100)}
	if e, ok := realEngine(t); ok {
		engines = append(engines, e)
	}
	for _, e := range engines {
		e.sourceOfLists()
	}
}

func (e engine) sourceOfLists() {
	e.fill() // the template
	e.call("POST", "/logs-sluice.semantics-lists/_bulk?refresh=true", `{"create":{"_id":"2"}}
{"@timestamp":"2026-11-23T11:00:00Z","a":{"rows":[{"b":1,"c":{"d":2}},{"b":3},{"c":{"d":4}}]},"tags":["x"],"none":[],"only":[{"x":1}],"o":{"x":1}}
`, 200)
	for _, q := range [][2]string{
		{`["a.rows.b"]`, `{"a":{"rows":[{"b":1},{"b":3}]}}`},
		{`["a.rows.c.d","tags"]`, `{"a":{"rows":[{"c":{"d":2}},{"c":{"d":4}}]},"tags":["x"]}`},
		{`"a.rows"`, `{"a":{"rows":[{"b":1,"c":{"d":2}},{"b":3},{"c":{"d":4}}]}}`},
		{`{"excludes":["a.rows.c","tags","@*","o*.x"]}`, `{"a":{"rows":[{"b":1},{"b":3}]},"none":[],"o":{},"only":[]}`},
		{`["a.*.b"]`, `{"a":{"rows":[{"b":1},{"b":3}]}}`},
		{`["a.rows.x"]`, `{}`},
	} {
		v := e.call("POST", "/logs-sluice.semantics-lists/_search", `{"query":{"ids":{"values":["2"]}},"_source":`+q[0]+`}`, 200)
		b, _ := json.Marshal(v["hits"].(map[string]any)["hits"].([]any)[0].(map[string]any)["_source"])
		if string(b) != q[1] {
			e.t.Errorf("%s: %s: %s, want %s", e.name, q[0], b, q[1])
		}
	}
}
