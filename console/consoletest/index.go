// Package consoletest is an in-memory index for tests of the console: it answers the subset of
// Elasticsearch's _search that the console uses, over a few documents.
package consoletest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Doc is one document.
type Doc struct {
	ID     string
	Index  string
	Source map[string]any // nested, as in JSON
}

// Index holds documents. It is safe for concurrent use.
type Index struct {
	mu       sync.Mutex
	docs     []Doc
	searches [][]byte
	// Fail, when set, answers instead of a search.
	Fail func(ctx context.Context) error
}

// Add puts documents in.
func (x *Index) Add(docs ...Doc) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.docs = append(x.docs, docs...)
}

// Triage changes what people wrote about an alert, as console.Triage.
func (x *Index) Triage(_ context.Context, namespace, id string, edit func(json.RawMessage) (json.RawMessage, error)) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, d := range x.docs {
		if d.ID != id || d.Index != "sluice-alerts-"+namespace {
			continue
		}
		ours := d.Source["sluice"].(object)
		var now json.RawMessage
		if ours["triage"] != nil {
			now, _ = json.Marshal(ours["triage"]) // it came from JSON
		}
		after, err := edit(now)
		if err != nil {
			return err
		}
		var triage any
		if err := json.Unmarshal(after, &triage); err != nil {
			return err
		}
		ours["triage"] = triage
		return nil
	}
	return errors.New("BUG: a triage of an alert that was not found before")
}

// Searches are the bodies that were sent so far.
func (x *Index) Searches() [][]byte {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.Clone(x.searches)
}

type object = map[string]any

type search struct {
	Query       object           `json:"query"`
	Size        int              `json:"size"`
	Sort        []map[string]any `json:"sort"`
	SearchAfter []any            `json:"search_after"`
	Aggs        struct {
		Histogram struct {
			Date struct {
				Interval string `json:"fixed_interval"`
			} `json:"date_histogram"`
		} `json:"histogram"`
		Values struct {
			Terms struct {
				Field string `json:"field"`
				Size  int    `json:"size"`
			} `json:"terms"`
		} `json:"values"`
	} `json:"aggs"`
}

// Search answers as Elasticsearch would. took is always 1.
func (x *Index) Search(ctx context.Context, indices []string, body []byte) ([]byte, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.searches = append(x.searches, slices.Clone(body))
	if x.Fail != nil {
		if err := x.Fail(ctx); err != nil {
			return nil, err
		}
	}
	var q search
	if err := json.Unmarshal(body, &q); err != nil {
		return nil, err
	}
	var found []Doc
	for _, d := range x.docs {
		if !inIndices(indices, d.Index) {
			continue
		}
		ok, err := matches(q.Query, d)
		if err != nil {
			return nil, err
		}
		if ok {
			found = append(found, d)
		}
	}
	return json.Marshal(q.answer(found))
}

func inIndices(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, _ := path.Match(p, name)
		return ok
	})
}

func (q *search) answer(found []Doc) object {
	slices.SortStableFunc(found, func(a, b Doc) int { return compare(q.keys(a), q.keys(b), q.orders()) })
	hits := []any{}
	for _, d := range found {
		keys := q.keys(d)
		if q.SearchAfter != nil && compare(keys, q.SearchAfter, q.orders()) <= 0 {
			continue
		}
		if len(hits) == q.Size {
			break
		}
		hits = append(hits, object{"_id": d.ID, "_index": d.Index, "_source": d.Source, "sort": keys})
	}
	out := object{
		"took": 1, "timed_out": false,
		"hits": object{"total": object{"value": len(found), "relation": "eq"}, "hits": hits},
	}
	if iv := q.Aggs.Histogram.Date.Interval; iv != "" {
		out["aggregations"] = object{"histogram": object{"buckets": buckets(found, iv)}}
	}
	if terms := q.Aggs.Values.Terms; terms.Field != "" {
		out["aggregations"] = counted(found, terms.Field, terms.Size)
	}
	return out
}

func (q *search) keys(d Doc) []any {
	var out []any
	for _, s := range q.Sort {
		for field := range s {
			v := first(values(d, field))
			if field == "@timestamp" {
				v = float64(at(d).UnixMilli())
			}
			out = append(out, v)
		}
	}
	return out
}

// An order is of one key; what lacks it comes last, or first.
type order struct{ desc, missingFirst bool }

func (q *search) orders() []order {
	var out []order
	for _, s := range q.Sort {
		for _, v := range s {
			o, _ := v.(object)
			out = append(out, order{o["order"] == "desc", o["missing"] == "_first"})
		}
	}
	return out
}

func compare(a, b []any, by []order) int {
	for i := range min(len(a), len(b)) {
		if (a[i] == nil) != (b[i] == nil) {
			if (a[i] == nil) == by[i].missingFirst {
				return -1
			}
			return 1
		}
		c := strings.Compare(fmt.Sprint(a[i]), fmt.Sprint(b[i]))
		x, xIs := number(a[i])
		if y, yIs := number(b[i]); xIs && yIs {
			c = cmp.Compare(x, y)
		}
		if by[i].desc {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// number is a value of a document, or of a page token, that is one.
func number(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int:
		return float64(v), true
	}
	return 0, false
}

func buckets(docs []Doc, interval string) []any {
	if n, ok := strings.CutSuffix(interval, "d"); ok {
		interval = n + "h"
		if d, err := time.ParseDuration(interval); err == nil {
			interval = (24 * d).String()
		}
	}
	step, err := time.ParseDuration(interval)
	if err != nil {
		return nil
	}
	counts := map[int64]int{}
	for _, d := range docs {
		counts[at(d).Truncate(step).UnixMilli()]++
	}
	var out []any
	for key, n := range counts {
		out = append(out, object{"key": key, "doc_count": n})
	}
	return out
}

// counted answers the aggregations with, distinct and values: how many documents have a field, how
// many values it has, and how often the most frequent ones are there.
func counted(docs []Doc, field string, size int) object {
	with, counts := 0, map[any]int{}
	for _, d := range docs {
		vs := values(d, field)
		if len(vs) > 0 {
			with++
		}
		for _, v := range vs {
			counts[fmt.Sprint(v)]++
		}
	}
	all := []any{}
	for v, n := range counts {
		all = append(all, object{"key": v, "doc_count": n})
	}
	slices.SortFunc(all, func(a, b any) int {
		x, y := a.(object), b.(object)
		return cmp.Or(y["doc_count"].(int)-x["doc_count"].(int), strings.Compare(x["key"].(string), y["key"].(string)))
	})
	return object{
		"with": object{"doc_count": with}, "distinct": object{"value": len(all)},
		"values": object{"buckets": all[:min(size, len(all))]},
	}
}

func at(d Doc) time.Time {
	t, _ := time.Parse(time.RFC3339Nano, fmt.Sprint(first(values(d, "@timestamp"))))
	return t
}

func first(vs []any) any {
	if len(vs) == 0 {
		return nil
	}
	return vs[0]
}

// values are what a document has under a dotted name.
func values(d Doc, field string) []any {
	var v any = d.Source
	for part := range strings.SplitSeq(field, ".") {
		o, ok := v.(object)
		if !ok {
			return nil
		}
		if v, ok = o[part]; !ok {
			return nil
		}
	}
	switch v := v.(type) {
	case []any:
		return v
	case []string:
		out := make([]any, len(v))
		for i := range v {
			out[i] = v[i]
		}
		return out
	}
	return []any{v}
}

var wholeWord = regexp.MustCompile(`[\p{L}\p{N}_.@:-]+`)
