package app

import (
	"context"
	"encoding/json"

	"sluice/console"
	"sluice/sinks/elasticsearch"
)

// ExportRequest says which events are exported.
type ExportRequest = console.ExportRequest

// ExportPlace is a document's in the order of an export.
type ExportPlace = console.ExportPlace

// Exported counts them.
type Exported struct {
	Documents int `json:"documents"`
	Damage
	Nameless int `json:"nameless,omitempty"` // dead letters of an older version, which have no id to be ordered by: left out
}

// exportPage is how many documents are asked for at once; fewer, where they are large.
const exportPage = 1000

// Export calls fn with the documents of all events that the request finds, in the order of @timestamp and
// what is equal by id, a page at a time. What was there when it began is in it once; what comes in meanwhile
// may be. An index that is away for half a minute ends nothing; what was ended goes on with After.
func (n *Node) Export(ctx context.Context, req ExportRequest, fn func(page []json.RawMessage, total int64) error) (Exported, error) {
	indices, order := elasticsearch.EventIndex(anyNamespace(req.Namespace)), [2]string{"@timestamp", "sluice.id"}
	not := []any{}
	if req.Alerts {
		indices, order = elasticsearch.AlertIndex(anyNamespace(req.Namespace)), [2]string{"@timestamp", "sluice.alert.id"}
		not = console.HiddenAlerts()
	}
	var out Exported
	if err := n.index.Refresh(ctx, indices); err != nil {
		return out, err
	}
	named := map[string]any{"exists": map[string]string{"field": order[1]}}
	filter := exportFilter(&req, order)
	p := &pages{
		indices: []string{indices}, size: exportPage, order: order,
		query: map[string]any{"bool": map[string]any{"filter": append(filter, named), "must_not": not}},
	}
	for {
		hits, err := p.again(ctx, n.index)
		if err != nil {
			return out, err
		}
		if len(hits) == 0 {
			break
		}
		docs := make([]json.RawMessage, len(hits))
		for i := range hits {
			docs[i] = hits[i].Source
		}
		if err := fn(docs, p.total); err != nil {
			return out, err
		}
		out.Documents += len(docs)
	}
	rest := &pages{
		indices: p.indices, size: 1, order: order, fields: []string{order[0]},
		query: map[string]any{"bool": map[string]any{"filter": filter, "must_not": append(not, named)}},
	}
	_, err := rest.again(ctx, n.index)
	out.Damage, out.Nameless = p.damage, int(rest.total)
	out.add(rest.damage)
	return out, err
}

func exportFilter(req *ExportRequest, order [2]string) []any {
	filter := []any{map[string]any{"match_all": map[string]any{}}}
	filter = append(filter, within("@timestamp", req.From, req.To)...)
	if req.Query != "" && req.Query != "*" {
		filter = append(filter, map[string]any{"query_string": map[string]any{"query": req.Query, "default_operator": "AND"}})
	}
	if at := req.After; at.ID != "" {
		stamp := at.Time.UTC().Format("2006-01-02T15:04:05.000Z") // gt a second without its fraction is behind all of it
		rng := func(field, op, value string) any {
			return map[string]any{"range": map[string]any{field: map[string]string{op: value}}}
		}
		same := map[string]any{"bool": map[string]any{"filter": []any{rng(order[0], "gte", stamp), rng(order[1], "gt", at.ID)}}}
		filter = append(filter, map[string]any{"bool": map[string]any{"minimum_should_match": 1, "should": []any{rng(order[0], "gt", stamp), same}}})
	}
	return filter
}

// exportFor is Export as the API calls it.
func (n *Node) exportFor(ctx context.Context, req ExportRequest, fn func(page []json.RawMessage, total int64) error) (any, error) {
	return n.Export(ctx, req, fn)
}
