package elasticsearch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"sluice/event"
)

// idsAtOnce bounds one ids query. The answer may name an id twice, so it asks for
// twice as many hits, well below the 10,000 that an index gives.
const idsAtOnce = 1000

// lookUp gives the ids of batch that the index has, in any data stream of their
// namespace: a pack that was renamed meanwhile would name another one today.
func (w *Writer) lookUp(ctx context.Context, batch []event.Document, rest []int) (map[string]bool, error) {
	patterns, groups := []string(nil), map[string][]string{}
	for _, i := range rest {
		p := batch[i].Stream
		if ns := namespaceOf(p); ns != "" {
			p = EventIndex(ns)
		}
		if groups[p] == nil {
			patterns = append(patterns, p)
		}
		groups[p] = append(groups[p], batch[i].ID)
	}
	if w.refresh {
		if err := w.c.Refresh(ctx, patterns...); err != nil {
			return nil, fmt.Errorf("look up what is there: %w", err)
		}
	}
	there := map[string]bool{}
	for _, p := range patterns {
		for ids := groups[p]; len(ids) > 0; {
			n := min(idsAtOnce, len(ids))
			if err := w.c.present(ctx, p, ids[:n], there); err != nil {
				return nil, fmt.Errorf("look up what is there: %w", red(err))
			}
			ids = ids[n:]
		}
	}
	// What was in flight before is visible from now on: one refresh is enough until
	// the next answer is lost.
	w.refresh = false
	return there, nil
}

// red says what helps where an index has lost shards: it may have the events, so they are written to none.
func red(err error) error {
	var e *Error
	if errors.As(err, &e) && e.Type == "search_phase_execution_exception" && e.Status >= http.StatusInternalServerError {
		return fmt.Errorf("%w; where an index has lost its shards for good (GET _cat/indices?health=red), restore or delete it: until then nobody knows which events it has, and none is written", err)
	}
	return err
}

// present adds to there what a search over pattern finds of ids. Shards of a cluster that fail come back;
// those of the built-in store are its damaged parts, which never answer again: who waited for them would
// write nothing any more.
func (c *Client) present(ctx context.Context, pattern string, ids []string, there map[string]bool) error {
	body, err := json.Marshal(map[string]any{
		"size":             2 * len(ids),
		"_source":          false,
		"track_total_hits": false,
		"query":            map[string]any{"ids": map[string]any{"values": ids}},
	})
	if err != nil {
		return err
	}
	answer, err := c.Search(ctx, []string{pattern}, body)
	if err != nil {
		return err
	}
	var a struct {
		TimedOut bool   `json:"timed_out"`
		Shards   shards `json:"_shards"`
		Hits     *struct {
			Hits []struct {
				ID string `json:"_id"`
			} `json:"hits"`
		} `json:"hits"`
	}
	err = json.Unmarshal(answer, &a)
	partial := a.Shards.Failed > 0 && len(c.settings.Addresses) > 0
	if err != nil || a.Hits == nil || a.TimedOut || partial {
		return fmt.Errorf("not a whole answer: %s", excerpt(answer))
	}
	for _, h := range a.Hits.Hits {
		there[h.ID] = true
	}
	return nil
}

// without drops from rest what is there.
func without(rest []int, batch []event.Document, there map[string]bool) []int {
	if len(there) == 0 {
		return rest
	}
	left := rest[:0]
	for _, i := range rest {
		if !there[batch[i].ID] {
			left = append(left, i)
		}
	}
	return left
}
