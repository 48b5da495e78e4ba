package esapi

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/valyala/fastjson"
)

func (c *call) info() (answer, error) {
	return answer{200, map[string]any{
		"name": "sluice", "cluster_name": "sluice", "cluster_uuid": "sluice-embedded-store",
		"version": map[string]any{
			"number": version, "build_flavor": "default", "build_type": "embedded", "build_snapshot": false,
			"minimum_wire_compatibility_version": "7.17.0", "minimum_index_compatibility_version": "7.0.0",
		},
		"tagline": "You Know, for Search",
	}}, nil
}

func (c *call) health() (answer, error) {
	status := "green"
	if len(c.s.Stats().Problems) > 0 {
		status = "yellow"
	}
	return answer{200, map[string]any{
		"cluster_name": "sluice", "status": status, "timed_out": false, "number_of_nodes": 1, "number_of_data_nodes": 1,
		"active_primary_shards": 1, "active_shards": 1, "relocating_shards": 0, "initializing_shards": 0, "unassigned_shards": 0,
		"delayed_unassigned_shards": 0, "number_of_pending_tasks": 0, "number_of_in_flight_fetch": 0,
		"task_max_waiting_in_queue_millis": 0, "active_shards_percent_as_number": 100.0,
	}}, nil
}

// refreshed has nothing to do: what was acknowledged can be searched.
func (c *call) refreshed() (answer, error) {
	return answer{200, map[string]any{"_shards": map[string]any{"total": 1, "successful": 1, "failed": 0}}}, nil
}

func (c *call) catIndices(pattern string) (answer, error) {
	list, err := c.s.Indices()
	if err != nil {
		return answer{}, err
	}
	type line struct {
		Health string `json:"health"`
		Status string `json:"status"`
		Index  string `json:"index"`
		Docs   string `json:"docs.count"`
		Size   string `json:"store.size"`
	}
	out := []line{}
	var b strings.Builder
	for _, x := range list {
		if pattern != "" {
			set, all, err := c.s.Resolve(targets(pattern), true)
			if err != nil {
				return answer{}, err
			}
			if !all && !set[x.Name] {
				continue
			}
		}
		out = append(out, line{"green", "open", x.Name, strconv.FormatInt(x.Docs, 10), strconv.FormatInt(x.Bytes, 10) + "b"})
		fmt.Fprintf(&b, "green open %s %d %db\n", x.Name, x.Docs, x.Bytes)
	}
	if c.q.Get("format") == "json" || strings.Contains(c.r.Header.Get("Accept"), "json") {
		return answer{200, out}, nil
	}
	return answer{200, b.String()}, nil
}

// index is PUT, GET, HEAD or DELETE of one index.
func (c *call) index(method, name string) (answer, error) {
	switch method {
	case "PUT":
		aliases := map[string]bool{}
		if len(c.body) > 0 {
			v, err := fastjson.ParseBytes(c.body)
			if err != nil {
				return answer{}, fail(400, "parse_exception", "%s", clip(err.Error()))
			}
			if o := v.GetObject("aliases"); o != nil {
				o.Visit(func(k []byte, x *fastjson.Value) { aliases[string(k)] = x.GetBool("is_write_index") })
			}
		}
		made, err := c.s.CreateIndex(c.ctx, name, aliases)
		if err != nil {
			return answer{}, fail(400, "invalid_index_name_exception", "%s", err)
		}
		if !made {
			return answer{}, fail(400, "resource_already_exists_exception", "index [%s] already exists", name)
		}
		return answer{200, map[string]any{"acknowledged": true, "shards_acknowledged": true, "index": name}}, nil
	case "GET":
		return c.describe(name)
	}
	return answer{}, fail(400, "illegal_argument_exception", "indices go by retention, not by request")
}

// describe is an index with its aliases and the mapping of the fields seen.
func (c *call) describe(name string) (answer, error) {
	set, all, err := c.s.Resolve(targets(name), false)
	if err != nil {
		return answer{}, err
	}
	list, err := c.s.Indices()
	if err != nil {
		return answer{}, err
	}
	props := map[string]any{}
	for _, f := range c.s.Fields() {
		if f.Type != "object" {
			props[f.Name] = map[string]any{"type": f.Type}
		}
	}
	out := map[string]any{}
	for _, x := range list {
		if all || set[x.Name] {
			out[x.Name] = map[string]any{"aliases": c.aliasesOf(x.Name, ""), "mappings": map[string]any{"properties": props}, "settings": map[string]any{"index": map[string]any{"number_of_shards": "1"}}}
		}
	}
	return answer{200, out}, nil
}

func (c *call) aliasesOf(index, pattern string) map[string]any {
	out := map[string]any{}
	for alias, of := range c.s.Aliases() {
		write, ok := of[index]
		if pattern != "" && !slices.ContainsFunc(targets(pattern), func(p string) bool { return matches(p, alias) }) || !ok {
			continue
		}
		body := map[string]any{}
		if write {
			body["is_write_index"] = true
		}
		out[alias] = body
	}
	return out
}

// matches knows * alone: ? and [ are signs as any.
func matches(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == name
	}
	rest, ok := strings.CutPrefix(name, parts[0])
	if !ok {
		return false
	}
	for _, p := range parts[1 : len(parts)-1] {
		at := strings.Index(rest, p)
		if at < 0 {
			return false
		}
		rest = rest[at+len(p):]
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}

func (c *call) aliases(index, pattern string) (answer, error) {
	set, all, err := c.s.Resolve(targets(index), false)
	if err != nil {
		return answer{}, err
	}
	out := map[string]any{}
	for _, of := range c.s.Aliases() {
		for name := range of {
			if a := c.aliasesOf(name, pattern); (all || set[name]) && len(a) > 0 {
				out[name] = map[string]any{"aliases": a}
			}
		}
	}
	if len(out) == 0 && pattern != "" && !strings.Contains(pattern, "*") {
		return answer{404, map[string]any{"error": fmt.Sprintf("alias [%s] missing", pattern), "status": 404}}, nil
	}
	return answer{200, out}, nil
}

// changeAliases is POST _aliases with its list of add and remove.
func (c *call) changeAliases() (answer, error) {
	var body struct {
		Actions []map[string]struct {
			Index string `json:"index"`
			Alias string `json:"alias"`
			Write bool   `json:"is_write_index"`
		} `json:"actions"`
	}
	if err := json.Unmarshal(c.body, &body); err != nil {
		return answer{}, fail(400, "parse_exception", "%s", clip(err.Error()))
	}
	for _, a := range body.Actions {
		for kind, x := range a {
			var err error
			switch kind {
			case "add":
				err = c.s.PutAlias(c.ctx, x.Alias, x.Index, x.Write)
			case "remove":
				err = c.s.DropAlias(c.ctx, x.Alias, x.Index)
			default:
				err = fail(400, "illegal_argument_exception", "unknown alias action [%s]", clip(kind))
			}
			if err != nil {
				return answer{}, err
			}
		}
	}
	return acknowledged(nil)
}

// template keeps templates so that a set-up can be checked; types come from the schema.
func (c *call) template(method, kind, name string) (answer, error) {
	key := strings.TrimPrefix(kind, "_") + "/"
	if method == "PUT" || method == "POST" {
		if name == "" {
			return answer{}, c.unknown()
		}
		if err := fastjson.ValidateBytes(c.body); err != nil {
			return answer{}, fail(400, "parse_exception", "%s", clip(err.Error()))
		}
		return acknowledged(c.s.PutTemplate(c.ctx, key+name, c.body))
	}
	if method != "GET" {
		return answer{}, c.unknown()
	}
	if name == "" {
		name = "*"
	}
	have, err := c.s.Templates(c.ctx, key+name)
	if err != nil {
		return answer{}, err
	}
	if len(have) == 0 && !strings.Contains(name, "*") {
		return answer{}, fail(404, "resource_not_found_exception", "%s matching [%s] not found", strings.ReplaceAll(key[:len(key)-1], "_", " "), name)
	}
	list := []any{}
	for n, body := range have {
		list = append(list, map[string]any{"name": strings.TrimPrefix(n, key), key[:len(key)-1]: json.RawMessage(body)})
	}
	return answer{200, map[string]any{key[:len(key)-1] + "s": list}}, nil
}

func (c *call) fieldCaps(index string) (answer, error) {
	if _, _, err := c.s.Resolve(targets(index), false); err != nil {
		return answer{}, err
	}
	want := targets(c.q.Get("fields"))
	if len(want) == 0 {
		want = []string{"*"}
	}
	fields := map[string]any{}
	for _, f := range c.s.Fields() {
		if slices.ContainsFunc(want, func(p string) bool { return matches(p, f.Name) }) {
			text := f.Type == "text" || f.Type == "match_only_text"
			fields[f.Name] = map[string]any{f.Type: map[string]any{"type": f.Type, "metadata_field": false, "searchable": true, "aggregatable": !text}}
		}
	}
	return answer{200, map[string]any{"indices": targets(index), "fields": fields}}, nil
}
