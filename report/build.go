package report

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// Index is what reports are made of: it answers Elasticsearch's _search.
type Index interface {
	Search(ctx context.Context, indices []string, body []byte) ([]byte, error)
}

// Report is what was found from From (included) to To (not included).
type Report struct {
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	Sections []Section `json:"sections"`
}

// Section is a list of names and values, the greatest first where they are counts. Names
// may be log content.
type Section struct {
	Title string `json:"title"`
	Rows  []Row  `json:"rows"`
}

// Row is one line of a section.
type Row struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// rows is how many values of a field a section shows.
const rows = 10

type object = map[string]any

// Build asks the index. An answer that is not of all its parts is an error: a report that
// counts too little would be worse than a late one.
func Build(ctx context.Context, index Index, namespace string, from, to time.Time) (*Report, error) {
	if namespace == "" {
		namespace = "*"
	}
	r := &Report{From: from, To: to}
	for _, part := range []struct {
		index string
		body  object
		add   func(*Report, *answer)
	}{
		{"sluice-alerts-" + namespace, alertBody(from, to), (*Report).alerts},
		{"logs-sluice.*-" + namespace, eventBody(from, to), (*Report).events},
	} {
		body, err := json.Marshal(part.body)
		if err != nil {
			return nil, err
		}
		raw, err := index.Search(ctx, []string{part.index}, body)
		if err != nil {
			return nil, fmt.Errorf("report: %s: %w", part.index, err)
		}
		var a answer
		if err := json.Unmarshal(raw, &a); err != nil {
			return nil, fmt.Errorf("report: the answer of %s: %w", part.index, err)
		}
		if a.TimedOut || a.Shards.Failed > 0 {
			return nil, fmt.Errorf("report: %s did not answer in full", part.index)
		}
		part.add(r, &a)
	}
	return r, nil
}

func terms(field string) object {
	return object{"terms": object{"field": field, "size": rows}}
}

func between(field string, from, to time.Time) object {
	return object{"range": object{field: object{"gte": from.Format(time.RFC3339Nano), "lt": to.Format(time.RFC3339Nano)}}}
}

// alertBody leaves out rules on trial, and what was announced early: the settled alert is another
// document. An alert belongs to the time of its last event.
func alertBody(from, to time.Time) object {
	return object{
		"size": 0, "track_total_hits": true,
		"query": object{"bool": object{
			"filter":   []any{between("@timestamp", from, to)},
			"must_not": []any{object{"term": object{"sluice.alert.shadow": true}}, object{"term": object{"sluice.alert.provisional": true}}},
		}},
		"aggs": object{
			"severity": terms("sluice.alert.severity"), "status": terms("sluice.triage.status"),
			"rule": terms("rule.name"), "key": terms("sluice.alert.key"),
		},
	}
}

// eventBody goes by the time of receipt: what came late belongs to when it came.
func eventBody(from, to time.Time) object {
	return object{
		"size": 0, "track_total_hits": true,
		"query": object{"bool": object{"filter": []any{between("event.created", from, to)}}},
		"aggs": object{
			"dataset": terms("event.dataset"), "host": terms("host.name"),
			"unparsed": object{"filter": object{"term": object{"tags": "unparsed"}}},
		},
	}
}

type answer struct {
	TimedOut bool `json:"timed_out"`
	Shards   struct {
		Failed int `json:"failed"`
	} `json:"_shards"`
	Hits struct {
		Total struct {
			Value int64 `json:"value"`
		} `json:"total"`
	} `json:"hits"`
	Aggs map[string]struct {
		Count   int64 `json:"doc_count"`
		Buckets []struct {
			Key   any   `json:"key"`
			Count int64 `json:"doc_count"`
		} `json:"buckets"`
	} `json:"aggregations"`
}

func (a *answer) list(name string) (out []Row) {
	for _, b := range a.Aggs[name].Buckets {
		out = append(out, Row{fmt.Sprint(b.Key), count(b.Count)})
	}
	return out
}

// add leaves out a section that has nothing to say.
func (r *Report) add(title string, list []Row) {
	if len(list) > 0 {
		r.Sections = append(r.Sections, Section{title, list})
	}
}

func (r *Report) alerts(a *answer) {
	total := a.Hits.Total.Value
	open := total
	for _, b := range a.Aggs["status"].Buckets {
		if b.Key != "open" { // what nobody has touched is open
			open -= b.Count
		}
	}
	r.add("Alerts", []Row{{"In all", count(total)}, {"Open", count(open)}})
	r.add("Alerts by severity", a.list("severity"))
	r.add("Alerts by rule", a.list("rule"))
	r.add("Alerts by key", a.list("key"))
}

func (r *Report) events(a *answer) {
	r.add("Events", []Row{{"Received", count(a.Hits.Total.Value)}, {"Not parsed", count(a.Aggs["unparsed"].Count)}})
	r.add("Events by source", a.list("dataset"))
	r.add("Events by host", a.list("host"))
}

// count writes 1234567 as 1,234,567.
func count(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
