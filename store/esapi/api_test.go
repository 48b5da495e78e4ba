package esapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/store"

	"github.com/elastic/go-elasticsearch/v8"
	"github.com/valyala/fastjson"
)

var testNow = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// testTypes is the mapping that both engines of the differential test get.
var testTypes = map[string]string{
	"@timestamp": "date", "source.ip": "ip", "related.ip": "ip", "source.port": "long", "message": "text",
	"event.action": "keyword", "event.created": "date", "event.outcome": "keyword", "user.name": "keyword", "ok": "boolean",
	"load": "double", "sluice.vendor": "flattened",
}

func openAPI(t testing.TB, rows int) (*API, *store.Store) {
	t.Helper()
	s, err := store.Open(t.TempDir(), store.Options{SegmentRows: rows, Now: func() time.Time { return testNow }, Types: func(f string) (string, bool) {
		typ, ok := testTypes[f]
		return typ, ok
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return New(s), s
}

// engine is either of the two that must agree.
type engine struct {
	t    testing.TB
	name string
	do   func(method, path, body string) (int, []byte)
}

func (e engine) call(method, path, body string, want int) map[string]any {
	e.t.Helper()
	status, b := e.do(method, path, body)
	if status != want {
		e.t.Fatalf("%s: %s %s = %d, want %d: %s", e.name, method, path, status, want, b)
	}
	var v map[string]any
	if err := json.Unmarshal(b, &v); err != nil {
		e.t.Fatalf("%s: %s %s: %v: %s", e.name, method, path, err, b)
	}
	return v
}

func embedded(t testing.TB, rows int) engine {
	a, _ := openAPI(t, rows)
	return engine{t, "embedded", func(method, path, body string) (int, []byte) {
		w := httptest.NewRecorder()
		a.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
		return w.Code, w.Body.Bytes()
	}}
}

// real is Elasticsearch, when SLUICE_TEST_ES names one.
func realEngine(t testing.TB) (engine, bool) {
	base := os.Getenv("SLUICE_TEST_ES")
	return engine{t, "elasticsearch", func(method, path, body string) (int, []byte) {
		r, err := http.NewRequest(method, base+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, _ := io.ReadAll(res.Body)
		return res.StatusCode, b
	}}, base != ""
}

// semanticDocs are the documents of the query table, by id.
var semanticDocs = []struct{ id, doc string }{
	{"a", `{"@timestamp":"2026-11-23T11:00:00.000Z","message":"Failed password for root from 203.0.113.5 port 22 ssh2","source":{"ip":"203.0.113.5","port":22},"event":{"action":"ssh_login","outcome":"failure"},"user":{"name":"root"},"related":{"ip":["203.0.113.5","10.0.0.1"]}}`},
	{"b", `{"@timestamp":"2026-11-23T11:50:00.123Z","message":"Accepted password for alice","source":{"ip":"10.0.0.7","port":443},"event":{"action":"ssh_login","outcome":"success"},"user":{"name":"alice"},"ok":true,"load":1.5}`},
	{"c", `{"@timestamp":"2026-11-22T12:00:00.000Z","message":"password password changed","source":{"ip":"2001:db8::1"},"event":{"action":["change","notify"]},"user":{"name":"Alice"},"ok":false,"load":-2}`},
	{"d", `{"@timestamp":"2026-11-23T11:59:59.999Z","message":"teardown tcp","source":{"ip":"10.255.0.1","port":8080},"event":{"action":"flow_end","created":"2026-11-23T12:00:00.500+01:00"},"sluice":{"vendor":{"a b":"x","policy":{"id":7}}}}`},
	{"e", `{"@timestamp":"2026-11-23T11:59:00.000Z","event":{"action":""},"user":{"name":null},"load":3}`},
}

// semanticQueries are queries with the ids that they find, in any engine.
var semanticQueries = []struct{ query, want string }{
	{`{"match_all":{}}`, "a b c d e"},
	{`{"term":{"user.name":"alice"}}`, "b"},
	{`{"term":{"user.name":{"value":"alice","case_insensitive":true}}}`, "b c"},
	{`{"terms":{"user.name":["root","Alice","nobody"]}}`, "a c"},
	{`{"term":{"event.action":"notify"}}`, "c"},
	{`{"term":{"source.ip":"10.0.0.0/8"}}`, "b d"},
	{`{"term":{"related.ip":"10.0.0.1"}}`, "a"},
	{`{"range":{"source.ip":{"gte":"10.0.0.0","lt":"10.1.0.0"}}}`, "b"},
	{`{"term":{"source.ip":"2001:db8::/32"}}`, "c"},
	{`{"term":{"source.port":443}}`, "b"},
	{`{"term":{"source.port":"443"}}`, "b"},
	{`{"range":{"source.port":{"gt":22,"lte":8080}}}`, "b d"},
	{`{"range":{"load":{"lt":0}}}`, "c"},
	{`{"range":{"load":{"gte":1.5}}}`, "b e"},
	{`{"term":{"ok":true}}`, "b"},
	{`{"term":{"ok":"false"}}`, "c"},
	{`{"range":{"@timestamp":{"gte":"2026-11-23"}}}`, "a b d e"},
	{`{"range":{"@timestamp":{"lte":"2026-11-22"}}}`, "c"},
	{`{"range":{"@timestamp":{"gt":"2026-11-22"}}}`, "a b d e"},
	{`{"range":{"@timestamp":{"gte":"2026-11-23T12:00:00Z||-15m","lt":"2026-11-23T12:00:00Z"}}}`, "b d e"},
	{`{"range":{"@timestamp":{"gte":"2026-11-23T12:00:00Z||/d"}}}`, "a b d e"},
	{`{"range":{"@timestamp":{"gte":1795431599999,"format":"epoch_millis"}}}`, "a b d e"},
	{`{"range":{"event.created":{"gte":"2026-11-23T11:00:00.500Z","lte":"2026-11-23T11:00:00.500Z"}}}`, "d"},
	// A second without its fraction is all of it, and what is finer than a millisecond is not seen.
	{`{"range":{"@timestamp":{"lte":"2026-11-23T11:59:59"}}}`, "a b c d e"},
	{`{"range":{"@timestamp":{"gt":"2026-11-23T11:59:59Z"}}}`, ""},
	{`{"range":{"@timestamp":{"lt":"2026-11-23T11:59:59Z"}}}`, "a b c e"},
	{`{"range":{"@timestamp":{"gt":"2026-11-23T11:59:59.0Z"}}}`, "d"},
	{`{"term":{"@timestamp":"2026-11-23T11:50:00"}}`, "b"},
	{`{"range":{"@timestamp":{"gte":"2026-11-23T11:50:00.1234Z"}}}`, "b d e"},
	{`{"range":{"@timestamp":{"lt":"2026-11-23T11:50:00.1234Z"}}}`, "a c"},
	{`{"match":{"message":"password failed"}}`, "a b c"},
	{`{"match":{"message":{"query":"Password FAILED","operator":"and"}}}`, "a"},
	{`{"match_phrase":{"message":"password for"}}`, "a b"},
	{`{"match_phrase":{"message":"password changed"}}`, "c"},
	{`{"match_phrase":{"message":"for password"}}`, ""},
	{`{"match_phrase_prefix":{"message":"password cha"}}`, "c"},
	{`{"term":{"message":"Failed"}}`, ""},
	{`{"term":{"message":"failed"}}`, "a"},
	{`{"prefix":{"message":"tear"}}`, "d"},
	{`{"prefix":{"event.action":"ssh"}}`, "a b"},
	{`{"wildcard":{"event.action":"*_e?d"}}`, "d"},
	{`{"wildcard":{"user.name":{"value":"A*E","case_insensitive":true}}}`, "b c"},
	{`{"regexp":{"user.name":"[ar].*"}}`, "a b"},
	{`{"exists":{"field":"user.name"}}`, "a b c"},
	{`{"exists":{"field":"user"}}`, "a b c"},
	{`{"exists":{"field":"message"}}`, "a b c d"},
	{`{"exists":{"field":"event.action"}}`, "a b c d e"},
	{`{"ids":{"values":["a","zz","d"]}}`, "a d"},
	{`{"bool":{"must":[{"term":{"event.action":"ssh_login"}}],"must_not":[{"term":{"user.name":"root"}}]}}`, "b"},
	{`{"bool":{"should":[{"term":{"user.name":"root"}},{"term":{"source.port":8080}}]}}`, "a d"},
	{`{"bool":{"filter":[{"exists":{"field":"source.ip"}}],"should":[{"term":{"user.name":"root"}}]}}`, "a b c d"},
	{`{"bool":{"should":[{"term":{"user.name":"root"}},{"term":{"source.port":22}},{"term":{"source.port":443}}],"minimum_should_match":2}}`, "a"},
	{`{"bool":{"must_not":{"exists":{"field":"source.ip"}}}}`, "e"},
	{`{"term":{"sluice.vendor.policy.id":"7"}}`, "d"},
	{`{"term":{"sluice.vendor":"x"}}`, "d"},
	{`{"exists":{"field":"sluice.vendor.policy.id"}}`, "d"},
	{`{"exists":{"field":"sluice.vendor.policy"}}`, ""},
	{`{"query_string":{"query":"sluice.vendor.policy.id:* OR user.name:root"}}`, "a d"},
	{`{"query_string":{"query":"NOT _exists_:sluice.vendor.policy.id"}}`, "a b c e"},
	{`{"term":{"nowhere":"x"}}`, ""},
	{`{"query_string":{"query":"password","default_field":"message"}}`, "a b c"},
	{`{"query_string":{"query":"password AND NOT changed","default_field":"message"}}`, "a b"},
	{`{"query_string":{"query":"source.ip:10.0.0.0\\/8"}}`, "b d"},
	{`{"query_string":{"query":"source.ip:\"10.0.0.0/8\" AND source.port:[1 TO 1000]"}}`, "b"},
	{`{"query_string":{"query":"source.port:{22 TO 8080}"}}`, "b"},
	{`{"query_string":{"query":"source.port:>=443"}}`, "b d"},
	{`{"query_string":{"query":"user.name:(root OR Alice)"}}`, "a c"},
	{`{"query_string":{"query":"user.name:al* OR event.action:flow?end"}}`, "b d"},
	{`{"query_string":{"query":"_exists_:ok"}}`, "b c"},
	{`{"query_string":{"query":"(user.name:root OR user.name:alice) AND -event.outcome:failure"}}`, "b"},
	{`{"query_string":{"query":"message:\"password for alice\""}}`, "b"},
	{`{"query_string":{"query":"NOT source.ip:*"}}`, "e"},
	{`{"query_string":{"query":"+event.action:ssh_login +user.name:root"}}`, "a"},
	{`{"query_string":{"query":"+event.action : ssh_login +user.name :root"}}`, "a"},
	{`{"query_string":{"query":"*:*"}}`, "a b c d e"},
	{`{"query_string":{"query":"@timestamp:[2026-11-22 TO 2026-11-22]"}}`, "c"},
	{`{"query_string":{"query":"user.name:/r.+t/"}}`, "a"},
	// What is typed is compared with the words of text, which are in lower case.
	{`{"query_string":{"query":"message:Fail*"}}`, "a"},
	{`{"query_string":{"query":"message:*SWORD"}}`, "a b c"},
	{`{"query_string":{"query":"message:/fail.*/"}}`, "a"},
	{`{"query_string":{"query":"message:/Fail.*/"}}`, ""}, // the words of text are in lower case
	{`{"query_string":{"query":"message:203.0.113.*"}}`, "a"},
	{`{"query_string":{"query":"message:203.0.?13.5"}}`, "a"},
	{`{"query_string":{"query":"message:203.0.114.*"}}`, ""},
	{`{"query_string":{"query":""}}`, ""},
	{`{"query_string":{"query":"  "}}`, ""},
	{`{"query_string":{"query":"source.ip:\"10.0.0.0/8\" OR source.ip:\"2001:db8::/32\""}}`, "b c d"},
	{`{"query_string":{"query":"@timestamp:[* TO *} AND NOT _exists_:nowhere"}}`, "a b c d e"},
	{`{"query_string":{"query":"user.name:R*"}}`, ""},
	{`{"query_string":{"query":"us\\*:root"}}`, "a"},
	{`{"query_string":{"query":"mess\\*:(teardown OR accepted)"}}`, "b d"},
	{`{"query_string":{"query":"_exists_:user.*"}}`, ""}, // no pattern of names
	{`{"query_string":{"query":"@timestamp:[2026\\-11\\-23T11\\:50\\:00Z TO *]"}}`, "b d e"},
}

func (e engine) fill() {
	props := map[string]any{}
	for f, typ := range testTypes {
		props[f] = map[string]any{"type": typ}
	}
	tpl, _ := json.Marshal(map[string]any{"index_patterns": []string{"logs-sluice.semantics-*"}, "priority": 300, "data_stream": map[string]any{}, "template": map[string]any{"mappings": map[string]any{"dynamic_templates": []any{map[string]any{"s": map[string]any{"match_mapping_type": "string", "mapping": map[string]any{"type": "keyword"}}}}, "properties": props}}})
	e.call("PUT", "/_index_template/sluice-semantics", string(tpl), 200)
	var b bytes.Buffer
	for _, d := range semanticDocs {
		fmt.Fprintf(&b, "{\"create\":{\"_id\":%q}}\n%s\n", d.id, d.doc)
	}
	if v := e.call("POST", "/logs-sluice.semantics-default/_bulk?refresh=true", b.String(), 200); v["errors"] == true && e.name == "embedded" {
		e.t.Fatalf("%s: %v", e.name, v)
	}
}

func (e engine) ids(query string) string {
	v := e.call("POST", "/logs-sluice.semantics-default/_search", `{"size":100,"sort":[{"@timestamp":"desc"}],"query":`+query+`}`, 200)
	var ids []string
	for _, h := range v["hits"].(map[string]any)["hits"].([]any) {
		ids = append(ids, h.(map[string]any)["_id"].(string))
	}
	slices.Sort(ids)
	return strings.Join(ids, " ")
}

// TestSemantics asks one table of the memory, of segments and, where there is one, of Elasticsearch.
func TestSemantics(t *testing.T) {
	engines := []engine{embedded(t, 1000), embedded(t, 2)}
	if e, ok := realEngine(t); ok {
		engines = append(engines, e)
	} else if os.Getenv("SLUICE_TEST_ENGINES") == "must" {
		t.Error("SLUICE_TEST_ES names no Elasticsearch")
	} else {
		t.Log("SLUICE_TEST_ES names no Elasticsearch: only the embedded store is asked")
	}
	for _, e := range engines {
		e.fill()
		for _, q := range slices.Concat(semanticQueries, semanticMatches, semanticMore, semanticWritten) {
			if got := e.ids(q.query); got != q.want {
				t.Errorf("%s: %s finds %q, want %q", e.name, q.query, got, q.want)
			}
		}
		for _, q := range semanticRefused {
			e.call("POST", "/logs-sluice.semantics-default/_search", `{"query":`+q+`}`, 400)
		}
		e.answers()
	}
}

func TestErrors(t *testing.T) {
	e := embedded(t, 100)
	e.fill()
	f := func(method, path, body string, status int, kind string) {
		t.Helper()
		v := e.call(method, path, body, status)
		if got := v["error"].(map[string]any)["type"]; got != kind {
			t.Errorf("%s %s: %v, want %s", method, path, got, kind)
		}
	}
	f("POST", "/_search", `{"query":{"term":{"source.ip":"no"}}}`, 400, "query_shard_exception")
	f("POST", "/_search", `{"query":{"nope":{}}}`, 400, "parsing_exception")
	f("POST", "/_search", `{"query":{"exists":{}}}`, 400, "parsing_exception")
	f("POST", "/_search", `{"query":{"multi_match":{"fields":["message"]}}}`, 400, "parsing_exception")
	f("POST", "/_search", `{"size":10001}`, 400, "illegal_argument_exception")
	f("POST", "/_search", `{"from":9223372036854775807,"size":1}`, 400, "illegal_argument_exception")
	f("POST", "/nowhere/_search", ``, 404, "index_not_found_exception")
	f("POST", "/_search", `{"query":{"query_string":{"query":"a:(b"}}}`, 400, "query_shard_exception")
	f("POST", "/_search", `{"query":{"query_string":{"query":"message:pasword~"}}}`, 400, "query_shard_exception")
	f("POST", "/_search", `{"query":{"query_string":{"query":"\"failed root\"~3"}}}`, 400, "query_shard_exception")
	f("POST", "/_search", `{"query":{"regexp":{"user.name":"root)|(x"}}}`, 400, "query_shard_exception")
	f("POST", "/_bulk", "{\"nope\":{}}\n{}\n", 400, "illegal_argument_exception")
	f("GET", "/a/_nothing", ``, 400, "illegal_argument_exception")
	v := e.call("POST", "/logs-sluice.x-default/_bulk", `{"create":{"_id":"a1"}}
{"source":{"ip":"nope"}}
{"create":{"_id":"a2"}}
{"source":{"port":"x"}}
{"create":{"_id":"a3"}}
{"source":{"port":5}}
{"create":{"_id":"a3"}}
{"source":{"port":5}}
`, 200)
	var got []string
	for _, i := range v["items"].([]any) {
		c := i.(map[string]any)["create"].(map[string]any)
		s := fmt.Sprint(c["status"])
		if e, ok := c["error"].(map[string]any); ok {
			s += " " + e["type"].(string)
		}
		got = append(got, s)
	}
	want := []string{"400 document_parsing_exception", "400 document_parsing_exception", "201", "409 version_conflict_engine_exception"}
	if !slices.Equal(got, want) {
		t.Errorf("items %q, want %q", got, want)
	}
}

func TestMutable(t *testing.T) {
	e := embedded(t, 100)
	e.call("PUT", "/sluice-alerts-default-1", `{"aliases":{"sluice-alerts-default":{"is_write_index":true}}}`, 200)
	v := e.call("PUT", "/sluice-alerts-default/_create/x", `{"rule":{"name":"one"},"n":1}`, 201)
	if v["_index"] != "sluice-alerts-default-1" {
		t.Errorf("written to %v", v["_index"])
	}
	seq := int(v["_seq_no"].(float64))
	e.call("PUT", "/sluice-alerts-default/_create/x", `{}`, 409)
	e.call("PUT", fmt.Sprintf("/sluice-alerts-default/_doc/x?if_seq_no=%d&if_primary_term=1", seq), `{"rule":{"name":"two"},"n":2}`, 200)
	e.call("PUT", fmt.Sprintf("/sluice-alerts-default/_doc/x?if_seq_no=%d&if_primary_term=1", seq), `{}`, 409)
	e.call("POST", "/sluice-alerts-default/_update/x", `{"doc":{"status":"closed","rule":{"id":"7"}}}`, 200)
	v = e.call("GET", "/sluice-alerts-default/_doc/x", "", 200)
	b, _ := json.Marshal(v["_source"])
	if string(b) != `{"n":2,"rule":{"id":"7","name":"two"},"status":"closed"}` {
		t.Errorf("source %s", b)
	}
	v = e.call("POST", "/sluice-alerts-*/_search", `{"query":{"term":{"status":"closed"}}}`, 200)
	if n := v["hits"].(map[string]any)["total"].(map[string]any)["value"]; n != 1.0 {
		t.Errorf("found %v", n)
	}
	e.call("DELETE", "/sluice-alerts-default/_doc/x", "", 200)
	e.call("GET", "/sluice-alerts-default/_doc/x", "", 404)
	if v = e.call("POST", "/sluice-alerts-default/_count", "", 200); v["count"] != 0.0 {
		t.Errorf("count %v after delete", v["count"])
	}
}

func TestAggs(t *testing.T) {
	for _, rows := range []int{1000, 2} {
		e := embedded(t, rows)
		e.fill()
		v := e.call("POST", "/_search", `{"size":0,"aggs":{
			"who":{"terms":{"field":"user.name"},"aggs":{"p":{"max":{"field":"source.port"}}}},
			"h":{"date_histogram":{"field":"@timestamp","fixed_interval":"1h","min_doc_count":1}},
			"n":{"cardinality":{"field":"event.action"}},
			"s":{"stats":{"field":"load"}},
			"f":{"filter":{"term":{"event.outcome":"failure"}},"aggs":{"c":{"value_count":{"field":"source.ip"}}}}}}`, 200)
		b, _ := json.Marshal(v["aggregations"])
		want := `{"f":{"c":{"value":1},"doc_count":1},"h":{"buckets":[{"doc_count":1,"key":1795348800000,"key_as_string":"2026-11-22T12:00:00.000Z"},{"doc_count":4,"key":1795431600000,"key_as_string":"2026-11-23T11:00:00.000Z"}]},"n":{"value":5},"s":{"avg":0.8333333333333334,"count":3,"max":3,"min":-2,"sum":2.5},"who":{"buckets":[{"doc_count":1,"key":"Alice","p":{"value":null}},{"doc_count":1,"key":"alice","p":{"value":443}},{"doc_count":1,"key":"root","p":{"value":22}}],"doc_count_error_upper_bound":0,"sum_other_doc_count":0}}`
		if string(b) != want {
			t.Errorf("rows %d: got  %s\nwant %s", rows, b, want)
		}
	}
}

// TestHistogram: buckets of numbers, and of times as milliseconds.
func TestHistogram(t *testing.T) {
	for _, rows := range []int{1000, 2} {
		e := embedded(t, rows)
		e.fill()
		v := e.call("POST", "/_search", `{"size":0,"aggs":{
			"n":{"histogram":{"field":"load","interval":2,"min_doc_count":1}},
			"t":{"histogram":{"field":"@timestamp","interval":3600000,"min_doc_count":1}}}}`, 200)
		b, _ := json.Marshal(v["aggregations"])
		want := `{"n":{"buckets":[{"doc_count":1,"key":-2},{"doc_count":1,"key":0},{"doc_count":1,"key":2}]},"t":{"buckets":[{"doc_count":1,"key":1795348800000},{"doc_count":4,"key":1795431600000}]}}`
		if string(b) != want {
			t.Errorf("rows %d: got  %s\nwant %s", rows, b, want)
		}
	}
}

func TestPaging(t *testing.T) {
	e := embedded(t, 2)
	e.fill()
	after, seen := "", ""
	for range 10 {
		v := e.call("POST", "/_search", `{"size":2,"sort":[{"source.port":{"order":"asc","missing":"_last"}},{"_id":"asc"}]`+after+`}`, 200)
		hits := v["hits"].(map[string]any)["hits"].([]any)
		if len(hits) == 0 {
			break
		}
		for _, h := range hits {
			seen += h.(map[string]any)["_id"].(string)
			b, _ := json.Marshal(h.(map[string]any)["sort"])
			after = `,"search_after":` + string(b)
		}
	}
	if seen != "abdce" {
		t.Errorf("pages give %q, want abdce", seen)
	}
}

func TestSource(t *testing.T) {
	for _, rows := range []int{1000, 2} {
		e := embedded(t, rows)
		e.fill()
		for _, d := range semanticDocs {
			v := e.call("POST", "/_search", `{"query":{"ids":{"values":["`+d.id+`"]}}}`, 200)
			got, _ := json.Marshal(v["hits"].(map[string]any)["hits"].([]any)[0].(map[string]any)["_source"])
			var x any
			if err := json.Unmarshal([]byte(d.doc), &x); err != nil {
				t.Fatal(err)
			}
			if want, _ := json.Marshal(x); !bytes.Equal(got, want) {
				t.Errorf("source of %s:\n%s\n%s", d.id, got, want)
			}
		}
		v := e.call("POST", "/_search", `{"query":{"ids":{"values":["a"]}},"_source":{"includes":["source.*","user"],"excludes":["*.port"]}}`, 200)
		got, _ := json.Marshal(v["hits"].(map[string]any)["hits"].([]any)[0].(map[string]any)["_source"])
		if string(got) != `{"source":{"ip":"203.0.113.5"},"user":{"name":"root"}}` {
			t.Errorf("filtered source %s", got)
		}
	}
}

// TestClient goes the way that the program goes: go-elasticsearch over the transport.
func TestClient(t *testing.T) {
	a, _ := openAPI(t, 100)
	c, err := elasticsearch.NewClient(elasticsearch.Config{Transport: a})
	if err != nil {
		t.Fatal(err)
	}
	res, err := c.Bulk(strings.NewReader("{\"create\":{\"_id\":\"1\"}}\n{\"a\":1}\n"), c.Bulk.WithIndex("logs-sluice.x-default"))
	if err != nil || res.IsError() {
		t.Fatal(err, res)
	}
	res, err = c.Search(c.Search.WithIndex("logs-sluice.*-default"), c.Search.WithQuery("a:1"))
	if err != nil || res.IsError() {
		t.Fatal(err, res)
	}
	b, _ := io.ReadAll(res.Body)
	if !strings.Contains(string(b), `"value":1`) {
		t.Errorf("answer %s", b)
	}
}

func FuzzQueryString(f *testing.F) {
	for _, q := range semanticQueries {
		f.Add(q.query)
	}
	f.Add(`a:(b OR "c d") AND NOT e:[1 TO *} -f:/x/ \( ~2 ^3`)
	f.Fuzz(func(t *testing.T, s string) {
		q, err := parseQueryString(s, nil, false)
		if (q == nil) == (err == nil) {
			t.Errorf("query %v, error %v", q, err)
		}
		text, _ := json.Marshal(s)
		v := fastjson.MustParse(`{"query":` + string(text) + `}`)
		if q, err := simpleQueryString(v); (q == nil) == (err == nil) {
			t.Errorf("simple query %v, error %v", q, err)
		}
	})
}

func FuzzBulk(f *testing.F) {
	f.Add([]byte("{\"create\":{\"_id\":\"1\"}}\n{\"a\":1}\n{\"update\":{\"_id\":\"1\"}}\n{\"doc\":{}}\n{\"delete\":{\"_id\":\"1\"}}\n"))
	a, _ := openAPI(f, 100)
	f.Fuzz(func(t *testing.T, b []byte) {
		w := httptest.NewRecorder()
		a.ServeHTTP(w, httptest.NewRequest("POST", "/logs-sluice.fuzz-default/_bulk", bytes.NewReader(b)))
		if w.Code >= 500 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}

// TestFieldsByName: unlike the typed fields of one query, a pattern of names passes over those
// that cannot have the value.
func TestFieldsByName(t *testing.T) {
	for _, rows := range []int{1000, 2} {
		e := embedded(t, rows)
		e.fill()
		f := func(query, want string) {
			t.Helper()
			q, _ := json.Marshal(query)
			if got := e.ids(`{"query_string":{"query":` + string(q) + `}}`); got != want {
				t.Errorf("%s finds %q, want %q", query, got, want)
			}
		}
		f(`source.\*:10.0.0.7`, "b")
		f(`\*.ip:10.0.0.1`, "a")
		f(`\*.ip:10.0.0.0/8 AND NOT source.\*:8080`, "a b")
		f(`nothing.\*:x`, "")
	}
}

// TestPlaceOfFault: the store says where a query ends to be one in the words of Elasticsearch, in
// which the console looks for it.
func TestPlaceOfFault(t *testing.T) {
	f := func(query, want string) {
		t.Helper()
		_, err := parseQueryString(query, nil, false)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", query, err, want)
		}
	}
	f("user.name:root AND", `Encountered "<EOF>" at line 1, column 18`)
	f("root) x", `Encountered ")" at line 1, column 4`)
	f("é🙂 )", `Encountered ")" at line 1, column 4`)
	f("a~2", "~ is not known here")
	f(`file.path:"C:\users"`, "no four hexadecimal digits in Unicode escape sequence")
	f(`C\:\users`, "no four hexadecimal digits in Unicode escape sequence")
}
