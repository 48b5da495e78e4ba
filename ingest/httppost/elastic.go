package httppost

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	"sluice/internal/jsontape"
)

// What sends to Elasticsearch (Beats, Logstash, Fluent Bit, Vector, OpenTelemetry) may send to an input: it
// asks who is there, and posts pairs of lines, an action and a document, to /_bulk.
// https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk

// elastic is what such senders are told that ask before they send.
var elastic = map[string]string{
	"/": `{"name":"sluice","cluster_name":"sluice","cluster_uuid":"sluice","version":{"number":"8.19.0","build_flavor":"default",` +
		`"minimum_wire_compatibility_version":"7.17.0","minimum_index_compatibility_version":"7.0.0"},"tagline":"You Know, for Search"}`,
	"/_license":        `{"license":{"uid":"sluice","type":"basic","status":"active"}}`,
	"/_cluster/health": `{"cluster_name":"sluice","status":"green","timed_out":false}`,
	"/_cat/health":     `[{"cluster":"sluice","status":"green"}]`,
}

// isBulk reports whether a request is one that holds events for Elasticsearch.
func isBulk(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/_bulk") }

// elasticAsks reports whether a request is a sender's that asks what it talks to.
func elasticAsks(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && elastic[r.URL.Path] != ""
}

// apiKey is the secret of an API key as it is shown: id and key, a colon between, in base64.
func apiKey(shown string) string {
	pair, err := base64.StdEncoding.DecodeString(strings.TrimSpace(shown))
	if err != nil {
		return ""
	}
	_, key, _ := strings.Cut(string(pair), ":")
	return key
}

// bulkItem is one action of a request. Its texts are parts of the body.
type bulkItem struct {
	action string
	index  string // as JSON; "" where the path or nothing names it
	taken  bool   // a document to add; others are not
}

// bulk is the actions of a request, and the documents of those that add one: its events.
func bulk(body []byte) (items []bulkItem, events [][]byte, err error) {
	doc := jsontape.Doc{Max: maxValues}
	number := 0
	line := func() []byte {
		one, rest, _ := bytes.Cut(body, []byte("\n"))
		body = rest
		number++
		return bytes.TrimSuffix(one, []byte("\r"))
	}
	for len(body) > 0 {
		text := line()
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		item := bulkItem{}
		if err := doc.ParseBytes(text); err == nil {
			item = action(doc.Root())
		}
		if item.action == "" {
			return nil, nil, fmt.Errorf("line %d: %.40q is no action; a document follows each {\"create\":{}} or {\"index\":{}}", number, text)
		}
		if len(items) == maxEvents {
			return nil, nil, errMany
		}
		if item.action != "delete" {
			if text = line(); len(bytes.TrimSpace(text)) == 0 {
				return nil, nil, fmt.Errorf("line %d: the document of the action in front of it is missing", number)
			}
		}
		if item.taken = item.action == "create" || item.action == "index"; item.taken {
			events = append(events, text)
		}
		items = append(items, item)
	}
	return items, events, nil
}

// action is what an object says is to be done; none where it says something else.
func action(v jsontape.Value) (item bulkItem) {
	what := v.First()
	if v.Kind() != jsontape.Object || v.Len() != 1 || what.Kind() != jsontape.Object {
		return item
	}
	switch key := what.Key(); key {
	case "create", "index", "update", "delete":
		item.action = key
	}
	if index := what.Get("_index"); index.Kind() == jsontape.String {
		item.index = index.Raw()
	}
	return item
}

// bulkAnswer says what became of each action, in the request's order.
func bulkAnswer(items []bulkItem) []byte {
	refused := false
	for i := range items {
		refused = refused || !items[i].taken
	}
	out := fmt.Appendf(nil, `{"took":0,"errors":%t,"items":[`, refused)
	for i := range items {
		if i > 0 {
			out = append(out, ',')
		}
		out = fmt.Appendf(out, `{"%s":{`, items[i].action)
		if items[i].index != "" {
			out = fmt.Appendf(out, `"_index":%s,`, items[i].index)
		}
		if items[i].taken {
			out = append(out, `"result":"created","status":201}}`...)
		} else {
			out = append(out, `"status":400,"error":{"type":"illegal_argument_exception","reason":"events are only added, by create or index"}}}`...)
		}
	}
	return append(out, "]}\n"...)
}

// receiveBulk takes the events of a request.
func (in *input) receiveBulk(r *http.Request, body []byte) (answer []byte, bad *fault) {
	items, events, err := bulk(body)
	if bad := bodyFault(len(items), err); bad != nil {
		return nil, bad
	}
	if bad := in.take(r, events); bad != nil {
		return nil, bad
	}
	return bulkAnswer(items), nil
}

// elasticFault is a refusal in the words of Elasticsearch.
type elasticFault struct {
	Error struct {
		Type   string `json:"type"`
		Reason string `json:"reason"`
	} `json:"error"`
	Status int `json:"status"`
}

func newElasticFault(bad *fault) (f elasticFault) {
	f.Error.Type, f.Error.Reason, f.Status = "sluice_"+bad.reason, bad.text, bad.status
	return f
}
