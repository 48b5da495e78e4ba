package elasticsearch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// Edit changes one small document of an index of ours, or makes it: edit gets it as it is
// (nil: it is not there) and gives it as it should be. It is called again when somebody
// else was faster, so it must have no other effect; its error ends the change and is
// returned. When Edit returns, searches see the change. It is safe for concurrent use.
func (c *Client) Edit(ctx context.Context, index, id string, edit func(source json.RawMessage) (json.RawMessage, error)) error {
	return c.edit(ctx, index, id, nil, func(source json.RawMessage) ([]byte, error) { return edit(source) })
}

func (c *Client) edit(ctx context.Context, index, id string, more url.Values, edit func(json.RawMessage) ([]byte, error)) error {
	path := "/" + url.PathEscape(index) + "/_doc/" + url.PathEscape(id)
	var last error
	for range conflicts {
		now, err := c.stored(ctx, path)
		if err != nil {
			return err
		}
		doc, err := edit(now.Source)
		if err != nil {
			return err
		}
		params := url.Values{"refresh": {"wait_for"}}
		for k, v := range more {
			params[k] = v
		}
		if now.Found {
			params.Set("if_seq_no", strconv.FormatInt(now.SeqNo, 10))
			params.Set("if_primary_term", strconv.FormatInt(now.PrimaryTerm, 10))
		} else {
			params.Set("op_type", "create")
		}
		_, last = c.do(ctx, call{method: http.MethodPut, path: path, params: params, body: doc})
		var e *Error
		if !errors.As(last, &e) || e.Status != http.StatusConflict {
			return last
		}
	}
	return fmt.Errorf("%s in %s changed %d times while it was edited: %w", id, index, conflicts, last)
}

// stored reads one document as it is now, not by search. One that is not there, or whose
// index is not, is Stored{}.
func (c *Client) stored(ctx context.Context, path string) (s Stored, err error) {
	answer, err := c.do(ctx, call{method: http.MethodGet, path: path})
	if NotFound(err) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(answer, &s); err != nil || !s.Found {
		return s, fmt.Errorf("get %s: not a document: %s", path, excerpt(answer))
	}
	return s, nil
}
