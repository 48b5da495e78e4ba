package esapi

import "encoding/json"

// answers asks for aggregations, pages and parts of documents, and for what no engine answers.
func (e engine) answers() {
	const path = "/logs-sluice.semantics-default/_search"
	for _, q := range semanticAggs {
		v := e.call("POST", path, `{"size":0,"aggs":{"x":`+q[0]+`}}`, 200)
		b, _ := json.Marshal(v["aggregations"].(map[string]any)["x"])
		if string(b) != q[1] {
			e.t.Errorf("%s: %s gives\n%s\nwant\n%s", e.name, q[0], b, q[1])
		}
	}
	for _, q := range semanticPages {
		v := e.call("POST", path, q[0], 200)
		got := ""
		for _, h := range v["hits"].(map[string]any)["hits"].([]any) {
			h := h.(map[string]any)
			b := []byte(nil)
			if len(q) > 2 {
				b, _ = json.Marshal(h["_source"])
			}
			got += h["_id"].(string) + string(b)
		}
		if got != q[1] {
			e.t.Errorf("%s: %s finds %s, want %s", e.name, q[0], got, q[1])
		}
	}
	for _, body := range semanticBodiesRefused {
		e.call("POST", path, body, 400)
	}
}

// semanticAggs are aggregations with what any engine gives for them.
var semanticAggs = [][2]string{
	{`{"terms":{"field":"user.name"}}`, `{"buckets":[{"doc_count":1,"key":"Alice"},{"doc_count":1,"key":"alice"},{"doc_count":1,"key":"root"}],"doc_count_error_upper_bound":0,"sum_other_doc_count":0}`},
	{`{"terms":{"field":"user.name","size":2,"order":{"_key":"desc"}}}`, `{"buckets":[{"doc_count":1,"key":"root"},{"doc_count":1,"key":"alice"}],"doc_count_error_upper_bound":0,"sum_other_doc_count":1}`},
	{`{"terms":{"field":"event.action","order":[{"_count":"asc"},{"_key":"desc"}]}}`, `{"buckets":[{"doc_count":1,"key":"notify"},{"doc_count":1,"key":"flow_end"},{"doc_count":1,"key":"change"},{"doc_count":1,"key":""},{"doc_count":2,"key":"ssh_login"}],"doc_count_error_upper_bound":0,"sum_other_doc_count":0}`},
	{`{"terms":{"field":"user.name","missing":"nobody","size":2}}`, `{"buckets":[{"doc_count":2,"key":"nobody"},{"doc_count":1,"key":"Alice"}],"doc_count_error_upper_bound":0,"sum_other_doc_count":2}`},
	{`{"terms":{"field":"source.ip"}}`, `{"buckets":[{"doc_count":1,"key":"10.0.0.7"},{"doc_count":1,"key":"10.255.0.1"},{"doc_count":1,"key":"203.0.113.5"},{"doc_count":1,"key":"2001:db8::1"}],"doc_count_error_upper_bound":0,"sum_other_doc_count":0}`},
	{`{"terms":{"field":"source.port","include":[22,443]}}`, `{"buckets":[{"doc_count":1,"key":22},{"doc_count":1,"key":443}],"doc_count_error_upper_bound":0,"sum_other_doc_count":0}`},
	{`{"terms":{"field":"user.name","include":["root","alice"],"exclude":["root"]}}`, `{"buckets":[{"doc_count":1,"key":"alice"}],"doc_count_error_upper_bound":0,"sum_other_doc_count":0}`},
	{`{"terms":{"field":"ok","missing":false}}`, `{"buckets":[{"doc_count":4,"key":0,"key_as_string":"false"},{"doc_count":1,"key":1,"key_as_string":"true"}],"doc_count_error_upper_bound":0,"sum_other_doc_count":0}`},
	{`{"terms":{"field":"nowhere","missing":"x"}}`, `{"buckets":[{"doc_count":5,"key":"x"}],"doc_count_error_upper_bound":0,"sum_other_doc_count":0}`},
	{`{"terms":{"field":"user.name","order":{"m":"desc"}},"aggs":{"m":{"max":{"field":"source.port"}}}}`, `{"buckets":[{"doc_count":1,"key":"alice","m":{"value":443}},{"doc_count":1,"key":"root","m":{"value":22}},{"doc_count":1,"key":"Alice","m":{"value":null}}],"doc_count_error_upper_bound":0,"sum_other_doc_count":0}`},
	{`{"terms":{"field":"user.name","order":{"m":"desc"}},"aggs":{"m":{"avg":{"field":"load"}}}}`, `{"buckets":[{"doc_count":1,"key":"root","m":{"value":null}},{"doc_count":1,"key":"alice","m":{"value":1.5}},{"doc_count":1,"key":"Alice","m":{"value":-2}}],"doc_count_error_upper_bound":0,"sum_other_doc_count":0}`},
	{`{"terms":{"field":"user.name","order":{"m.avg":"asc"},"size":2},"aggs":{"m":{"stats":{"field":"load"}}}}`, `{"buckets":[{"doc_count":1,"key":"Alice","m":{"avg":-2,"count":1,"max":-2,"min":-2,"sum":-2}},{"doc_count":1,"key":"alice","m":{"avg":1.5,"count":1,"max":1.5,"min":1.5,"sum":1.5}}],"doc_count_error_upper_bound":0,"sum_other_doc_count":1}`},
	{`{"terms":{"field":"user.name","order":{"m":"desc"},"size":2},"aggs":{"m":{"filter":{"exists":{"field":"ok"}}}}}`, `{"buckets":[{"doc_count":1,"key":"Alice","m":{"doc_count":1}},{"doc_count":1,"key":"alice","m":{"doc_count":1}}],"doc_count_error_upper_bound":0,"sum_other_doc_count":1}`},
	{`{"cardinality":{"field":"event.action"}}`, `{"value":5}`},
	{`{"value_count":{"field":"event.action"}}`, `{"value":6}`},
	{`{"max":{"field":"@timestamp"}}`, `{"value":1795435199999,"value_as_string":"2026-11-23T11:59:59.999Z"}`},
	{`{"max":{"field":"nowhere"}}`, `{"value":null}`},
	{`{"sum":{"field":"nowhere"}}`, `{"value":0}`},
	{`{"avg":{"field":"load"}}`, `{"value":0.8333333333333334}`},
	{`{"stats":{"field":"source.port"}}`, `{"avg":2848.3333333333335,"count":3,"max":8080,"min":22,"sum":8545}`},
	{`{"stats":{"field":"nowhere"}}`, `{"avg":null,"count":0,"max":null,"min":null,"sum":0}`},
	{`{"missing":{"field":"source.port"}}`, `{"doc_count":2}`},
	{`{"filters":{"filters":{"a":{"term":{"user.name":"root"}},"b":{"exists":{"field":"ok"}}}}}`, `{"buckets":{"a":{"doc_count":1},"b":{"doc_count":2}}}`},
	{`{"histogram":{"field":"source.port","interval":1000,"min_doc_count":1}}`, `{"buckets":[{"doc_count":2,"key":0},{"doc_count":1,"key":8000}]}`},
	{`{"histogram":{"field":"load","interval":2}}`, `{"buckets":[{"doc_count":1,"key":-2},{"doc_count":1,"key":0},{"doc_count":1,"key":2}]}`},
	{`{"date_histogram":{"field":"@timestamp","fixed_interval":"12h"}}`, `{"buckets":[{"doc_count":1,"key":1795348800000,"key_as_string":"2026-11-22T12:00:00.000Z"},{"doc_count":4,"key":1795392000000,"key_as_string":"2026-11-23T00:00:00.000Z"}]}`},
	{`{"date_histogram":{"field":"@timestamp","fixed_interval":"1d","offset":"-13h","min_doc_count":1}}`, `{"buckets":[{"doc_count":1,"key":1795345200000,"key_as_string":"2026-11-22T11:00:00.000Z"},{"doc_count":4,"key":1795431600000,"key_as_string":"2026-11-23T11:00:00.000Z"}]}`},
	{`{"date_histogram":{"field":"@timestamp","fixed_interval":"12h","offset":"+3h","min_doc_count":1}}`, `{"buckets":[{"doc_count":1,"key":1795316400000,"key_as_string":"2026-11-22T03:00:00.000Z"},{"doc_count":4,"key":1795402800000,"key_as_string":"2026-11-23T03:00:00.000Z"}]}`},
	{`{"date_histogram":{"field":"@timestamp","fixed_interval":"1d","time_zone":"+05:30"}}`, `{"buckets":[{"doc_count":1,"key":1795285800000,"key_as_string":"2026-11-22T00:00:00.000+05:30"},{"doc_count":4,"key":1795372200000,"key_as_string":"2026-11-23T00:00:00.000+05:30"}]}`},
	{`{"date_histogram":{"field":"@timestamp","calendar_interval":"1d","time_zone":"Pacific/Auckland"}}`, `{"buckets":[{"doc_count":1,"key":1795345200000,"key_as_string":"2026-11-23T00:00:00.000+13:00"},{"doc_count":4,"key":1795431600000,"key_as_string":"2026-11-24T00:00:00.000+13:00"}]}`},
	{`{"date_histogram":{"field":"@timestamp","calendar_interval":"week","offset":"-1d","min_doc_count":1}}`, `{"buckets":[{"doc_count":5,"key":1795305600000,"key_as_string":"2026-11-22T00:00:00.000Z"}]}`},
	{`{"date_histogram":{"field":"@timestamp","calendar_interval":"month","format":"yyyy-MM-dd"}}`, `{"buckets":[{"doc_count":5,"key":1793491200000,"key_as_string":"2026-11-01"}]}`},
	{`{"date_histogram":{"field":"@timestamp","fixed_interval":"1d","format":"epoch_millis","min_doc_count":1}}`, `{"buckets":[{"doc_count":1,"key":1795305600000,"key_as_string":"1795305600000"},{"doc_count":4,"key":1795392000000,"key_as_string":"1795392000000"}]}`},
	{`{"date_histogram":{"field":"@timestamp","calendar_interval":"1d","extended_bounds":{"min":"2026-11-21","max":"2026-11-24"}}}`, `{"buckets":[{"doc_count":0,"key":1795219200000,"key_as_string":"2026-11-21T00:00:00.000Z"},{"doc_count":1,"key":1795305600000,"key_as_string":"2026-11-22T00:00:00.000Z"},{"doc_count":4,"key":1795392000000,"key_as_string":"2026-11-23T00:00:00.000Z"},{"doc_count":0,"key":1795478400000,"key_as_string":"2026-11-24T00:00:00.000Z"}]}`},
	{`{"date_histogram":{"field":"@timestamp","calendar_interval":"1d","time_zone":"Europe/Berlin","extended_bounds":{"min":"2026-11-21"}}}`, `{"buckets":[{"doc_count":0,"key":1795215600000,"key_as_string":"2026-11-21T00:00:00.000+01:00"},{"doc_count":1,"key":1795302000000,"key_as_string":"2026-11-22T00:00:00.000+01:00"},{"doc_count":4,"key":1795388400000,"key_as_string":"2026-11-23T00:00:00.000+01:00"}]}`},
	{`{"date_histogram":{"field":"@timestamp","fixed_interval":"1d","extended_bounds":{"min":"1795219200000","max":1795478400000},"format":"epoch_millis"}}`, `{"buckets":[{"doc_count":0,"key":1795219200000,"key_as_string":"1795219200000"},{"doc_count":1,"key":1795305600000,"key_as_string":"1795305600000"},{"doc_count":4,"key":1795392000000,"key_as_string":"1795392000000"},{"doc_count":0,"key":1795478400000,"key_as_string":"1795478400000"}]}`},
	{`{"date_histogram":{"field":"@timestamp","fixed_interval":"1d"},"aggs":{"m":{"max":{"field":"load"}},"s":{"sum":{"field":"load"}},"v":{"value_count":{"field":"load"}}}}`, `{"buckets":[{"doc_count":1,"key":1795305600000,"key_as_string":"2026-11-22T00:00:00.000Z","m":{"value":-2},"s":{"value":-2},"v":{"value":1}},{"doc_count":4,"key":1795392000000,"key_as_string":"2026-11-23T00:00:00.000Z","m":{"value":3},"s":{"value":4.5},"v":{"value":2}}]}`},
	{`{"terms":{"field":"sluice.vendor"}}`, `{"buckets":[{"doc_count":1,"key":"7"},{"doc_count":1,"key":"x"}],"doc_count_error_upper_bound":0,"sum_other_doc_count":0}`},
}

// semanticPages are bodies of searches with the ids that they find, in their order, and with a third text the sources.
var semanticPages = [][]string{
	{`{"sort":[{"@timestamp":"DESC"}],"size":2}`, `de`},
	{`{"sort":[{"source.port":"asc"},{"@timestamp":"asc"}]}`, `abdce`},
	{`{"sort":[{"source.port":{"order":"desc","missing":"_first"}},{"@timestamp":"asc"}]}`, `cedba`},
	{`{"sort":[{"source.port":{"order":"desc","mode":"max","unmapped_type":"long"}},{"@timestamp":"asc"}]}`, `dbace`},
	{`{"sort":[{"source.port":"asc"},{"@timestamp":"asc"}],"search_after":["22",1795431600000]}`, `bdce`},
	{`{"sort":[{"source.port":"desc"},{"@timestamp":"asc"}],"search_after":[443,0]}`, `bace`},
	{`{"sort":[{"event.action":"asc"},{"@timestamp":"asc"}]}`, `ecdab`},
	{`{"sort":[{"event.action":"desc"},{"@timestamp":"asc"}]}`, `abcde`},
	{`{"sort":[{"user.name":"asc"},{"@timestamp":"desc"}],"search_after":["alice",0]}`, `ade`},
	{`{"sort":[{"source.ip":"asc"},{"@timestamp":"asc"}]}`, `bdace`},
	{`{"sort":[{"source.ip":"desc"},{"@timestamp":"asc"}],"search_after":["203.0.113.5",0]}`, `adbe`},
	{`{"sort":[{"ok":"desc"},{"@timestamp":"asc"}]}`, `bcaed`},
	{`{"sort":[{"@timestamp":"asc"}],"search_after":["2026-11-23"]}`, `abed`},
	{`{"sort":[{"@timestamp":"asc"}],"from":1,"size":"2"}`, `ab`},
	{`{"sort":["@timestamp"],"size":1,"_source":["user.nam?","even*"]}`, `c{"event":{"action":["change","notify"]}}`, "_source"},
	{`{"sort":["@timestamp"],"size":1,"_source":{"excludes":["user.name","*ted","message","*p"]}}`, `c{"event":{"action":["change","notify"]},"load":-2,"ok":false,"source":{},"user":{}}`, "_source"},
	{`{"sort":["@timestamp"],"size":1,"_source":{"includes":["user"],"excludes":["user.*"]}}`, `c{"user":{}}`, "_source"},
	{`{"sort":["@timestamp"],"size":1,"_source":["*.name","load"]}`, `c{"load":-2,"user":{"name":"Alice"}}`, "_source"},
	{`{"sort":["@timestamp"],"size":1,"_source":["user.name.x"]}`, `c{}`, "_source"},
}

// semanticBodiesRefused are searches that no engine answers.
var semanticBodiesRefused = []string{
	`{"size":"x"}`,
	`{"size":-1}`,
	`{"from":-1}`,
	`{"track_total_hits":"x"}`,
	`{"track_total_hits":-5}`,
	`{"search_after":[1]}`,
	`{"sort":["@timestamp"],"search_after":[]}`,
	`{"sort":["@timestamp"],"search_after":[1],"from":1}`,
	`{"sort":["source.port"],"search_after":["x"]}`,
	`{"sort":[{"@timestamp":"up"}]}`,
	`{"sort":[{"@timestamp":{"order":"asc","nope":1}}]}`,
	`{"sort":["message"]}`,
	`{"_source":5}`,
	`{"_source":{"includes":["a"],"nope":1}}`,
	`{"aggs":{"x":{"terms":{}}}}`,
	`{"aggs":{"x":{"terms":{"field":"user.name","size":0}}}}`,
	`{"aggs":{"x":{"terms":{"field":"user.name","nope":1}}}}`,
	`{"aggs":{"x":{"terms":{"field":"user.name","order":{"nope":"asc"}}}}}`,
	`{"aggs":{"x":{"terms":{"field":"user.name","order":{"_count":"up"}}}}}`,
	`{"aggs":{"x":{"terms":{"field":"user.name","order":{"m":"asc"}},"aggs":{"m":{"terms":{"field":"ok"}}}}}}`,
	`{"aggs":{"x":{"terms":{"field":"user.name"},"max":{"field":"load"}}}}`,
	`{"aggs":{"x":{"max":{"field":"load"},"aggs":{"t":{"terms":{"field":"user.name"}}}}}}`,
	`{"aggs":{"x":{"max":{"field":"user.name"}}}}`,
	`{"aggs":{"x":{"stats":{"field":"source.ip"}}}}`,
	`{"aggs":{"x":{"histogram":{"field":"user.name","interval":1}}}}`,
	`{"aggs":{"x":{"filters":{"filters":{}}}}}`,
	`{"aggs":{"x":{"date_histogram":{"fixed_interval":"1d"}}}}`,
	`{"aggs":{"x":{"date_histogram":{"field":"@timestamp","fixed_interval":"1.5h"}}}}`,
	`{"aggs":{"x":{"date_histogram":{"field":"@timestamp","fixed_interval":"1d","calendar_interval":"1d"}}}}`,
	`{"aggs":{"x":{"date_histogram":{"field":"@timestamp","fixed_interval":"1s"}}}}`,
	`{"aggs":{"x":{"date_histogram":{"field":"@timestamp","fixed_interval":"1d","extended_bounds":{"min":"2026-11-25","max":"2026-11-15"}}}}}`,
	`{"aggs":{"a[b]":{"max":{"field":"load"}}}}`,
}
