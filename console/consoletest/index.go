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

func (q *search) orders() []bool {
	var out []bool
	for _, s := range q.Sort {
		for _, v := range s {
			o, _ := v.(object)
			out = append(out, o["order"] == "desc")
		}
	}
	return out
}

func compare(a, b []any, desc []bool) int {
	for i := range min(len(a), len(b)) {
		c := cmp.Compare(fmt.Sprintf("%T%024v", a[i], a[i]), fmt.Sprintf("%T%024v", b[i], b[i]))
		if x, ok := a[i].(float64); ok {
			y, _ := b[i].(float64)
			c = cmp.Compare(x, y)
		}
		if desc[i] {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
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
