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
	shown, all, next, show := 0, &found{}, "", printHits
	if people := rowsOn(e.stdout, c.Alerts); people != nil && !c.JSON {
		show = people.print
	}
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
		if err := show(e.stdout, got.Hits); err != nil {
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

// params are those of the API for what is asked.
func (c *searchCmd) params(from, to time.Time) map[string]string {
	return map[string]string{
		"q": c.Query, "from": from.UTC().Format(time.RFC3339Nano), "to": to.UTC().Format(time.RFC3339Nano), "namespace": string(c.Namespace),
	}
}

// online asks the running sluice, which has the index.
func (c *searchCmd) online(e *env, from, to time.Time) func(int, string) (*found, error) {
	path := "/api/v1/search"
	if c.Alerts {
		path = "/api/v1/alerts"
	}
	q := url.Values{}
	for name, v := range c.params(from, to) {
		q.Set(name, v)
	}
	return func(size int, next string) (*found, error) {
		q.Set("size", fmt.Sprint(size))
		q.Set("after", next)
		got := &found{}
		return got, api(e.ctx, c.Config, path, q, got)
	}
}

// offline asks the index what the running sluice would: the same query finds the same, in the same order,
// whether sluice runs or not.
func (c *searchCmd) offline(e *env, n *app.Node, from, to time.Time) func(int, string) (*found, error) {
	indices, body, refused := console.SearchOf(c.Alerts, c.params(from, to), time.Now())
	delete(body, "timeout") // nobody else waits for the index
	return func(size int, next string) (*found, error) {
		if refused != nil {
			return nil, refused
		}
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
			got.Hint = n.Hint(e.ctx, indices, c.Query, body)
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
