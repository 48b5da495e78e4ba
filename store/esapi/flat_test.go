package esapi

import (
	"encoding/json"
	"testing"
)

// TestFlatKeys: a key inside a flattened object is counted and sorted by as any field.
func TestFlatKeys(t *testing.T) {
	for _, rows := range []int{1000, 2} {
		e := embedded(t, rows)
		for _, d := range []string{
			`{"sluice":{"vendor":{"a":"x","b":["1","2"]}}}`, `{"sluice":{"vendor":{"a":["y","x"]}}}`, `{"sluice":{"vendor":{"b":"x"}}}`, `{"ok":true}`,
		} {
			e.call("POST", "/logs-sluice.x-default/_bulk", "{\"create\":{}}\n"+d+"\n", 200)
		}
		v := e.call("POST", "/_search", `{"_source":true,"sort":[{"sluice.vendor.a":"desc"},{"_doc":"asc"}],"aggs":{
			"t":{"terms":{"field":"sluice.vendor.a","missing":"none"}},
			"c":{"cardinality":{"field":"sluice.vendor.b"}},
			"m":{"missing":{"field":"sluice.vendor.b"}},
			"v":{"value_count":{"field":"sluice.vendor.b"}},
			"all":{"terms":{"field":"sluice.vendor","size":1}}}}`, 200)
		b, _ := json.Marshal(v["aggregations"])
		want := `{"all":{"buckets":[{"doc_count":3,"key":"x"}],"doc_count_error_upper_bound":0,"sum_other_doc_count":3},` +
			`"c":{"value":3},"m":{"doc_count":2},` +
			`"t":{"buckets":[{"doc_count":2,"key":"none"},{"doc_count":2,"key":"x"},{"doc_count":1,"key":"y"}],"doc_count_error_upper_bound":0,"sum_other_doc_count":0},"v":{"value":3}}`
		if string(b) != want {
			t.Errorf("rows %d: got  %s\nwant %s", rows, b, want)
		}
		order := ""
		for _, h := range v["hits"].(map[string]any)["hits"].([]any) {
			s, _ := json.Marshal(h.(map[string]any)["sort"].([]any)[0])
			order += string(s)
		}
		if order != `"y""x"nullnull` {
			t.Errorf("rows %d: sorted %s", rows, order)
		}
	}
}
