package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sluice/sinks/elasticsearch"
)

// pages asks for all that a query finds, page by page, in an order that stays: by two fields, the
// second without doubles. Memory holds one page.
type pages struct {
	indices  []string
	query    any
	order    [2]string // ascending
	size     int       // of a page at most; one whose documents are too large together is asked for in halves
	fields   []string  // of the documents; nil: whole
	versions bool      // with what a change of them needs

	total  int64 // as the first page found
	damage Damage
	after  []json.RawMessage
	begun  bool
}

// each calls fn with every page.
func (p *pages) each(ctx context.Context, index *elasticsearch.Client, fn func([]storedHit) error) error {
	for {
		hits, err := p.next(ctx, index)
		if err != nil || len(hits) == 0 {
			return err
		}
		if err := fn(hits); err != nil {
			return err
		}
	}
}

// next is the next page; an empty one is behind the last.
func (p *pages) next(ctx context.Context, index *elasticsearch.Client) ([]storedHit, error) {
	body := map[string]any{
		"query": p.query, "track_total_hits": !p.begun, "seq_no_primary_term": p.versions,
		"sort": []any{
			map[string]any{p.order[0]: map[string]string{"order": "asc", "unmapped_type": "date"}},
			map[string]any{p.order[1]: map[string]string{"order": "asc", "unmapped_type": "keyword"}},
		},
	}
	if p.fields != nil {
		body["_source"] = p.fields
	}
	if p.after != nil {
		body["search_after"] = p.after
	}
	for {
		body["size"] = p.size
		var got pastHits
		err := ask(ctx, index, p.indices, body, &got)
		if errors.Is(err, elasticsearch.ErrTooLarge) && p.size > 1 {
			p.size /= 2
			continue
		}
		if err != nil {
			return nil, err
		}
		if !p.begun {
			p.begun, p.total = true, got.Hits.Total.Value
		}
		p.damage.see(&got.answered)
		hits := got.Hits.Hits
		if len(hits) > 0 {
			if p.after = hits[len(hits)-1].Sort; len(p.after) != len(p.order) {
				return nil, fmt.Errorf("the index's answer: a hit is ordered by %d values, not by %d", len(p.after), len(p.order))
			}
		}
		return hits, nil
	}
}

// again is next, which asks an index that is away again for half a minute: who has a part of the pages
// would have to begin anew. The first page is asked for once, since it shows whether the query is one.
func (p *pages) again(ctx context.Context, index *elasticsearch.Client) (hits []storedHit, err error) {
	if !p.begun {
		return p.next(ctx, index)
	}
	err = patient(ctx, func() (err error) {
		hits, err = p.next(ctx, index)
		return err
	})
	return hits, err
}

// within says that a time is one of since and behind, and before until, as an index is asked; nothing
// where neither bounds it.
func within(field string, since, until time.Time) []any {
	span := map[string]string{}
	if !since.IsZero() {
		span["gte"] = since.UTC().Format(time.RFC3339Nano)
	}
	if !until.IsZero() {
		span["lt"] = until.UTC().Format(time.RFC3339Nano)
	}
	if len(span) == 0 {
		return nil
	}
	return []any{map[string]any{"range": map[string]any{field: span}}}
}

// anyNamespace is a namespace in the name of an index; "" is all.
func anyNamespace(name string) string {
	if name == "" {
		return "*"
	}
	return name
}
