package esapi

import (
	"encoding/json"
	"math"
	"path"
	"strconv"
	"strings"
	"time"

	"sluice/store"

	"github.com/valyala/fastjson"
)

// defaultTrack is how far totals are counted where a request does not say.
const defaultTrack = 10000

func (c *call) search(index string) (answer, error) {
	req, body, err := c.request(index)
	if err != nil {
		return answer{}, err
	}
	res, err := c.s.Search(c.ctx, *req)
	if err != nil {
		return answer{}, err
	}
	f := c.sourceFilter()
	if body != nil && body.Get("_source") != nil {
		f = filterOf(body.Get("_source"))
	}
	return c.answer(req, res, f, body)
}

// request reads the body and the parameters of a search.
func (c *call) request(index string) (*store.Request, *fastjson.Value, error) {
	req := &store.Request{Indices: targets(index), Size: 10, TrackTotal: defaultTrack, AllowAbsent: c.q.Get("ignore_unavailable") == "true"}
	var body *fastjson.Value
	var err error
	if len(c.body) > 0 {
		if body, err = fastjson.ParseBytes(c.body); err != nil {
			return nil, nil, parsing("%s", clip(err.Error()))
		}
		if err := requestBody(req, body); err != nil {
			return nil, nil, err
		}
	}
	for name, to := range map[string]*int{"size": &req.Size, "from": &req.From} {
		if v := c.q.Get(name); v != "" {
			if *to, err = strconv.Atoi(v); err != nil {
				return nil, nil, fail(400, "illegal_argument_exception", "failed to parse int parameter [%s] with value [%s]", name, clip(v))
			}
		}
	}
	if v := c.q.Get("q"); v != "" {
		q, err := parseQueryString(v, texts2(c.q.Get("df")), strings.EqualFold(c.q.Get("default_operator"), "and"))
		if err != nil {
			return nil, nil, err
		}
		req.Query = q
	}
	if v := c.q.Get("track_total_hits"); v != "" {
		req.TrackTotal = trackTotal(v)
	}
	if v := c.q.Get("timeout"); v != "" {
		if req.Timeout, err = duration(v); err != nil {
			return nil, nil, err
		}
	}
	for _, s := range targets(c.q.Get("sort")) {
		name, dir, _ := strings.Cut(s, ":")
		req.Sort = append(req.Sort, store.Sort{Field: name, Desc: dir == "desc" || dir == "" && name == "_score"})
	}
	return req, body, nil
}

func texts2(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func trackTotal(s string) int {
	switch s {
	case "true":
		return -1
	case "false":
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return defaultTrack
	}
	return n
}

// duration reads 500ms, 10s, 5m, 1h, 1d.
func duration(s string) (time.Duration, error) {
	if d, ok := strings.CutSuffix(s, "d"); ok {
		if n, err := strconv.Atoi(d); err == nil && n > 0 && n < 36500 {
			return time.Duration(n) * 24 * time.Hour, nil
		}
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, fail(400, "illegal_argument_exception", "failed to parse [%s] as a time value", clip(s))
	}
	return d, nil
}

func requestBody(req *store.Request, body *fastjson.Value) (err error) {
	o, e := body.Object()
	if e != nil {
		return parsing("the body of a search is an object")
	}
	o.Visit(func(k []byte, v *fastjson.Value) {
		if err != nil {
			return
		}
		switch name := string(k); name {
		case "query":
			req.Query, err = parseQuery(v, 0)
		case "from":
			req.From, err = v.Int()
		case "size":
			req.Size, err = v.Int()
		case "sort":
			req.Sort, err = parseSort(v)
		case "search_after":
			req.After = afterOf(v)
		case "track_total_hits":
			req.TrackTotal = trackTotal(text(v))
		case "timeout":
			req.Timeout, err = duration(text(v))
		case "aggs", "aggregations":
			req.Aggs, err = parseAggs(v, 0)
		case "_source":
			req.NoSource = v.Type() == fastjson.TypeFalse
		case "version", "seq_no_primary_term", "explain", "track_scores", "stored_fields", "docvalue_fields", "fields", "min_score", "highlight":
		default:
			err = parsing("unknown key [%s] in the body of a search", clip(name))
		}
	})
	return err
}

func afterOf(v *fastjson.Value) (out []any) {
	for _, x := range v.GetArray() {
		switch x.Type() {
		case fastjson.TypeString:
			out = append(out, string(x.GetStringBytes()))
		case fastjson.TypeNumber:
			if n, err := x.Int64(); err == nil {
				out = append(out, n)
			} else {
				out = append(out, x.GetFloat64())
			}
		case fastjson.TypeNull:
			out = append(out, nil)
		default:
			out = append(out, x.GetBool())
		}
	}
	return out
}

func parseSort(v *fastjson.Value) ([]store.Sort, error) {
	list := []*fastjson.Value{v}
	if v.Type() == fastjson.TypeArray {
		list = v.GetArray()
	}
	var out []store.Sort
	for _, x := range list {
		if x.Type() == fastjson.TypeString {
			f := string(x.GetStringBytes())
			out = append(out, store.Sort{Field: f, Desc: f == "_score"})
			continue
		}
		o, err := x.Object()
		if err != nil {
			return nil, parsing("[sort] malformed")
		}
		o.Visit(func(k []byte, y *fastjson.Value) {
			s := store.Sort{Field: string(k), Desc: string(k) == "_score"}
			order := y
			if y.Type() == fastjson.TypeObject {
				order = y.Get("order")
				s.MissingFirst = string(y.GetStringBytes("missing")) == "_first"
			}
			if order != nil {
				s.Desc = text(order) == "desc"
			}
			out = append(out, s)
		})
	}
	if len(out) > 16 {
		return nil, parsing("[sort] takes at most 16 keys")
	}
	return out, nil
}

type hitOut struct {
	Index   string          `json:"_index"`
	ID      string          `json:"_id"`
	Score   *float64        `json:"_score"`
	Version int64           `json:"_version,omitempty"`
	SeqNo   *int64          `json:"_seq_no,omitempty"`
	Term    int64           `json:"_primary_term,omitempty"`
	Source  json.RawMessage `json:"_source,omitempty"`
	Sort    []any           `json:"sort,omitempty"`
}

func (c *call) answer(req *store.Request, res *store.Result, f *sourceFilter, body *fastjson.Value) (answer, error) {
	hits := make([]hitOut, len(res.Hits))
	one := 1.0
	seq := body != nil && body.GetBool("seq_no_primary_term") || c.q.Get("seq_no_primary_term") == "true"
	for i := range res.Hits {
		h := &res.Hits[i]
		src, err := f.apply(h.Source)
		if err != nil {
			return answer{}, err
		}
		hits[i] = hitOut{Index: h.Index, ID: h.ID, Source: src}
		if len(req.Sort) > 0 {
			hits[i].Sort = h.Sort
		} else {
			hits[i].Score = &one
		}
		if seq {
			hits[i].SeqNo, hits[i].Term = &h.SeqNo, store.PrimaryTerm
		}
		if body != nil && body.GetBool("version") {
			hits[i].Version = h.Version
		}
	}
	inner := map[string]any{"hits": hits, "max_score": nil}
	if req.TrackTotal != 0 {
		relation := "eq"
		if res.AtLeast {
			relation = "gte"
		}
		inner["total"] = map[string]any{"value": res.Total, "relation": relation}
	}
	if len(req.Sort) == 0 && len(hits) > 0 {
		inner["max_score"] = 1.0
	}
	out := map[string]any{"took": res.Took.Milliseconds(), "timed_out": res.TimedOut, "_shards": shards(res), "hits": inner}
	if len(req.Aggs) > 0 {
		out["aggregations"] = aggsOut(res.Aggs)
	}
	return answer{200, out}, nil
}

func shards(res *store.Result) map[string]any {
	out := map[string]any{"total": res.Parts + len(res.Failures), "successful": res.Parts, "skipped": 0, "failed": len(res.Failures)}
	var list []any
	for i, p := range res.Failures {
		if i == 20 {
			break
		}
		list = append(list, map[string]any{"shard": i, "index": p.File, "reason": map[string]any{"type": "corrupt_index_exception", "reason": p.String()}})
	}
	if list != nil {
		out["failures"] = list
	}
	return out
}

func (c *call) count(index string) (answer, error) {
	req, _, err := c.request(index)
	if err != nil {
		return answer{}, err
	}
	req.Size, req.From, req.TrackTotal, req.Aggs = 0, 0, -1, nil
	res, err := c.s.Search(c.ctx, *req)
	if err != nil {
		return answer{}, err
	}
	return answer{200, map[string]any{"count": res.Total, "_shards": shards(res)}}, nil
}

// sourceFilter says which fields of a document are given.
type sourceFilter struct {
	none              bool
	includes, exclude []string
}

func (c *call) sourceFilter() *sourceFilter {
	f := &sourceFilter{includes: targets(c.q.Get("_source_includes")), exclude: targets(c.q.Get("_source_excludes"))}
	switch v := c.q.Get("_source"); v {
	case "", "true":
	case "false":
		f.none = true
	default:
		f.includes = targets(v)
	}
	return f
}

func filterOf(v *fastjson.Value) *sourceFilter {
	f := &sourceFilter{}
	switch v.Type() {
	case fastjson.TypeFalse:
		f.none = true
	case fastjson.TypeString, fastjson.TypeArray:
		f.includes = texts(v)
	case fastjson.TypeObject:
		f.includes, f.exclude = texts(first(v, "includes", "include")), texts(first(v, "excludes", "exclude"))
	}
	return f
}

func first(v *fastjson.Value, names ...string) *fastjson.Value {
	for _, n := range names {
		if x := v.Get(n); x != nil {
			return x
		}
	}
	return nil
}

func (f *sourceFilter) apply(src []byte) (json.RawMessage, error) {
	if f.none || len(src) == 0 {
		return nil, nil
	}
	if len(f.includes) == 0 && len(f.exclude) == 0 {
		return src, nil
	}
	v, err := fastjson.ParseBytes(src)
	if err != nil {
		return nil, err
	}
	f.prune(v, "")
	return v.MarshalTo(nil), nil
}

// prune removes what is not asked for, and objects that are left empty by it.
func (f *sourceFilter) prune(v *fastjson.Value, prefix string) {
	var drop []string
	v.GetObject().Visit(func(k []byte, x *fastjson.Value) {
		name := prefix + string(k)
		in := len(f.includes) == 0 || covers(f.includes, name)
		if covers(f.exclude, name) || !f.keeps(x, name, in) {
			drop = append(drop, string(k))
		}
	})
	for _, k := range drop {
		v.Del(k)
	}
}

// keeps prunes what is below name, and tells whether that leaves something; in: it is asked for itself.
func (f *sourceFilter) keeps(x *fastjson.Value, name string, in bool) bool {
	sub := f
	if in {
		sub = &sourceFilter{exclude: f.exclude}
	}
	switch x.Type() {
	case fastjson.TypeObject:
		before := x.GetObject().Len()
		sub.prune(x, name+".")
		return x.GetObject().Len() > 0 || in && before == 0
	case fastjson.TypeArray:
		list, kept := x.GetArray(), 0
		for _, y := range list {
			if f.keeps(y, name, in) {
				x.SetArrayItem(kept, y)
				kept++
			}
		}
		for i := len(list) - 1; i >= kept; i-- {
			x.Del(strconv.Itoa(i))
		}
		return kept > 0 || in && len(list) == 0
	}
	return in
}

// covers tells whether a pattern names the field or an object that it is in.
func covers(patterns []string, name string) bool {
	for _, p := range patterns {
		if p == name || strings.HasPrefix(name, p+".") {
			return true
		}
		if ok, err := path.Match(p, name); ok && err == nil {
			return true
		}
	}
	return false
}

// number writes whole values as Elasticsearch does, with ".0".
func number(f float64) any {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return nil
	}
	if f == math.Trunc(f) && math.Abs(f) < 1e15 {
		return json.RawMessage(strconv.FormatFloat(f, 'f', 1, 64))
	}
	return f
}
