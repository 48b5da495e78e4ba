package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"sluice/console"
	"sluice/internal/app"
)

// page is how many hits one request asks for: what the console's API allows.
const page = 1000

// found is a page of what a search finds, as the API answers it.
type found struct {
	TimedOut bool              `json:"timed_out"`
	Unread   int               `json:"unread_parts"`
	Total    int64             `json:"total"`
	Hits     []json.RawMessage `json:"hits"`
	Next     string            `json:"next"` // where the next page begins; "" behind the last
	Hint     string            `json:"hint"`
}

// pages prints what ask finds, page by page. One that is too large, of events that are long, is asked for
// in halves.
func (c *searchCmd) pages(e *env, ask func(size int, next string) (*found, error)) error {
	shown, all, next := 0, &found{}, ""
	for size := page; ; {
		size = min(size, c.Size-shown)
		got, err := ask(size, next)
		if isTooLarge(err) && size > 1 {
			size /= 2
			continue
		}
		if err != nil {
			return err
		}
		if !c.quiet {
			e.hint(got.Hint)
		}
		if err := printHits(e.stdout, got.Hits); err != nil {
			return err
		}
		shown, next = shown+len(got.Hits), got.Next
		all.Total, all.TimedOut, all.Unread = max(all.Total, got.Total), all.TimedOut || got.TimedOut, max(all.Unread, got.Unread)
		if next == "" || len(got.Hits) == 0 || shown >= c.Size {
			break
		}
	}
	c.note(e, shown, all)
	return nil
}

// isTooLarge says whether fewer hits at once are answered.
func isTooLarge(err error) bool {
	var no *refusal
	var said struct{ Field string }
	return errors.Is(err, console.ErrTooLarge) ||
		errors.As(err, &no) && no.status == http.StatusUnprocessableEntity && json.Unmarshal(no.body, &said) == nil && said.Field == "size"
}

// online asks the running sluice, which has the index.
func (c *searchCmd) online(e *env, from, to time.Time) func(int, string) (*found, error) {
	path := "/api/v1/search"
	q := url.Values{"q": {c.Query}, "from": {from.UTC().Format(time.RFC3339Nano)}, "to": {to.UTC().Format(time.RFC3339Nano)}}
	if c.Alerts {
		path = "/api/v1/alerts"
	}
	if c.Namespace != "*" {
		q.Set("namespace", c.Namespace)
	}
	return func(size int, next string) (*found, error) {
		q.Set("size", fmt.Sprint(size))
		q.Set("after", next)
		got := &found{}
		return got, api(e.ctx, c.Config, path, q, got)
	}
}

// offline asks the index as console/search.go does: the same query finds the same, in the same order,
// whether sluice runs or not.
func (c *searchCmd) offline(e *env, n *app.Node, from, to time.Time) func(int, string) (*found, error) {
	hidden, unique := []any{}, "sluice.id"
	if c.Alerts {
		hidden, unique = console.HiddenAlerts(), "sluice.alert.id"
	}
	indices := []string{c.index()}
	body := map[string]any{
		"track_total_hits": true,
		"sort": []any{
			map[string]any{"@timestamp": map[string]string{"order": "desc", "unmapped_type": "date"}},
			map[string]any{unique: map[string]string{"order": "desc", "unmapped_type": "keyword"}},
		},
		"query": map[string]any{"bool": map[string]any{
			"must_not": hidden,
			"must":     map[string]any{"query_string": map[string]any{"query": c.Query, "default_operator": "AND"}},
			"filter":   map[string]any{"range": map[string]any{"@timestamp": map[string]any{"gte": from.UTC().Format(time.RFC3339Nano), "lt": to.UTC().Format(time.RFC3339Nano)}}},
		}},
	}
	return func(size int, next string) (*found, error) {
		if body["size"] = size; next != "" {
			body["search_after"] = json.RawMessage(next)
		}
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		answer, ok, err := n.Ask(e.ctx, indices, text)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, &refusal{http.StatusBadRequest, answer}
		}
		got, err := readAnswer(answer, size)
		if err == nil && got.Total == 0 && !got.TimedOut && !c.quiet {
			got.Hint = n.Hint(e.ctx, indices, c.Query)
		}
		return got, err
	}
}

// readAnswer reads an answer of the index to a search for so many hits.
func readAnswer(answer []byte, size int) (*found, error) {
	var a struct {
		TimedOut bool `json:"timed_out"`
		Shards   struct {
			Failed int `json:"failed"`
		} `json:"_shards"`
		Hits struct {
			Total struct{ Value int64 }
			Hits  []json.RawMessage `json:"hits"`
		} `json:"hits"`
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return nil, fmt.Errorf("the index's answer: %w", err)
	}
	got := &found{TimedOut: a.TimedOut, Unread: a.Shards.Failed, Total: a.Hits.Total.Value, Hits: a.Hits.Hits}
	if n := len(got.Hits); n > 0 && n == size {
		var last struct{ Sort json.RawMessage }
		if err := json.Unmarshal(got.Hits[n-1], &last); err != nil {
			return nil, fmt.Errorf("the index's answer: %w", err)
		}
		got.Next = string(last.Sort)
	}
	return got, nil
}
