package elasticsearch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

// Names of what Setup puts into a cluster.
const (
	componentName = "sluice@mappings"
	eventTemplate = "sluice-events"
	alertTemplate = "sluice-alerts"
	policyName    = "sluice-events"
	ecsComponent  = "ecs@mappings" // Elastic's own, where the cluster has it

	// templatePriority is above the built-in template of logs-*-* (100) and below
	// what users take to override ours (500 by Elastic's advice).
	templatePriority = 200
)

// SetupOptions say what a cluster shall hold.
type SetupOptions struct {
	Fields     []FieldMapping // the field table; without it strings become keywords as they come
	Namespaces []string       // whose alert indices are made now; others come with their first alert
	Retention  time.Duration  // of events, by index lifecycle; 0 keeps them for ever
}

// Report is what Setup did, and what it could not because the cluster lacks something.
type Report struct {
	Done    []string
	LeftOut []string
}

func (r *Report) did(format string, args ...any) {
	r.Done = append(r.Done, fmt.Sprintf(format, args...))
}

func (r *Report) left(format string, args ...any) {
	r.LeftOut = append(r.LeftOut, fmt.Sprintf(format, args...))
}

// Setup puts the index templates, the lifecycle policy and the alert indices into the
// cluster, as far as it knows them. It may be repeated at any time: what is there is
// replaced by the same, except the policy, which people may have changed.
func (c *Client) Setup(ctx context.Context, opt SetupOptions) (Report, error) {
	var r Report
	types, err := c.askTypes(ctx, opt.Fields, &r)
	if err != nil {
		return r, err
	}
	lifecycle, err := c.putPolicy(ctx, opt.Retention, &r)
	if err != nil {
		return r, err
	}
	composed := []string{componentName}
	if _, err := c.do(ctx, call{method: http.MethodGet, path: "/_component_template/" + ecsComponent}); err == nil {
		composed = []string{ecsComponent, componentName} // the later one wins
	} else if !refusal(err) {
		return r, fmt.Errorf("set up: %w", err)
	} else {
		r.left("component template %s is not in this cluster; our own field table is used alone", ecsComponent)
	}
	for _, p := range []struct {
		path string
		body any
	}{
		{"/_component_template/" + componentName, component(opt.Fields, types)},
		{"/_index_template/" + eventTemplate, eventsTemplate(composed, lifecycle)},
		{"/_index_template/" + alertTemplate, alertsTemplate(composed)},
	} {
		if err := c.put(ctx, p.path, p.body); err != nil {
			return r, err
		}
		r.did("put %s", p.path[1:])
	}
	for _, ns := range opt.Namespaces {
		if err := c.ensureAlias(ctx, ns); err != nil {
			return r, err
		}
		r.did("alias %s", AlertIndex(ns))
	}
	return r, nil
}

func (c *Client) put(ctx context.Context, path string, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	if _, err := c.do(ctx, call{method: http.MethodPut, path: path, body: text}); err != nil {
		return fmt.Errorf("set up %s: %w", path[1:], err)
	}
	return nil
}

// refusal says whether the cluster answered that it does not know what was asked.
func refusal(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.Status == http.StatusBadRequest || e.Status == http.StatusNotFound || e.Status == http.StatusMethodNotAllowed)
}

// askTypes finds out which field types the cluster has, by asking it to think a template
// through that uses one; nothing is written. It gives the types to use instead.
func (c *Client) askTypes(ctx context.Context, fields []FieldMapping, r *Report) (map[string]string, error) {
	want := map[string]bool{"match_only_text": true, "flattened": true} // of our own fields
	for _, f := range fields {
		want[f.Type] = true
	}
	if err := c.think(ctx, "keyword"); err != nil {
		if !refusal(err) {
			return nil, fmt.Errorf("set up: %w", err)
		}
		r.left("the cluster cannot be asked for its field types; only the basic ones are used")
	}
	instead := map[string]string{}
	for _, t := range slices.Sorted(maps.Keys(want)) {
		other, special := fallbacks[t]
		if !special {
			continue
		}
		err := c.think(ctx, t)
		if err == nil {
			continue
		}
		if !refusal(err) {
			return nil, fmt.Errorf("set up: %w", err)
		}
		instead[t] = other
		r.left("field type %s is not in this cluster; %s is used", t, other)
	}
	return instead, nil
}

func (c *Client) think(ctx context.Context, fieldType string) error {
	body, err := json.Marshal(map[string]any{
		"index_patterns": []string{"sluice-probe-*"}, "priority": 999_999,
		"template": map[string]any{"mappings": map[string]any{"properties": map[string]any{"field": parameters(fieldType)}}},
	})
	if err != nil {
		return err
	}
	_, err = c.do(ctx, call{method: http.MethodPost, path: "/_index_template/_simulate", body: body})
	return err
}

// putPolicy makes the lifecycle policy unless it is there; "" if the cluster has none.
func (c *Client) putPolicy(ctx context.Context, retention time.Duration, r *Report) (string, error) {
	_, err := c.do(ctx, call{method: http.MethodGet, path: "/_ilm/status"})
	if refusal(err) {
		r.left("index lifecycle is not in this cluster: data streams neither roll over nor end by themselves")
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("set up: %w", err)
	}
	_, err = c.do(ctx, call{method: http.MethodGet, path: "/_ilm/policy/" + policyName})
	if err == nil {
		r.did("lifecycle policy %s is there already and stays as it is", policyName)
		return policyName, nil
	}
	if !NotFound(err) {
		return "", fmt.Errorf("set up: %w", err)
	}
	phases := map[string]any{
		// 50 GB is Elastic's advice for a shard; a day keeps deletion by age exact.
		"hot": map[string]any{"actions": map[string]any{"rollover": map[string]any{"max_primary_shard_size": "50gb", "max_age": "1d"}}},
	}
	if retention > 0 {
		phases["delete"] = map[string]any{"min_age": fmt.Sprintf("%dh", int(retention.Hours())), "actions": map[string]any{"delete": map[string]any{}}}
	}
	if err := c.put(ctx, "/_ilm/policy/"+policyName, map[string]any{"policy": map[string]any{"phases": phases}}); err != nil {
		return "", err
	}
	r.did("put lifecycle policy %s", policyName)
	return policyName, nil
}
