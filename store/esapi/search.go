package esapi

import (
	"encoding/json"
	"math"
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
	f := c.sourceFilter()
	if body != nil && body.Get("_source") != nil {
		if f, err = filterOf(body.Get("_source")); err != nil {
			return answer{}, err
		}
	}
	req.Part = f.apply
	res, err := c.s.Search(c.ctx, *req)
	if err != nil {
		return answer{}, err
	}
	return c.answer(req, res, body)
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
		if req.TrackTotal, err = trackTotal(v); err != nil {
			return nil, nil, err
		}
	}
	if v := c.q.Get("timeout"); v != "" {
		if req.Timeout, err = duration(v); err != nil {
			return nil, nil, err
		}
	}
	for _, s := range targets(c.q.Get("sort")) {
		name, dir, _ := strings.Cut(s, ":")
		one := store.Sort{Field: name, Desc: name == "_score"}
		if dir != "" {
			if one.Desc, err = descending(dir); err != nil {
				return nil, nil, err
			}
		}
		req.Sort = append(req.Sort, one)
	}
	return req, body, pageOf(req)
}

// pageOf refuses what no page is.
func pageOf(req *store.Request) error {
	switch {
	case req.Size < 0:
		return fail(400, "illegal_argument_exception", "[size] parameter cannot be negative, found [%d]", req.Size)
	case req.From < 0:
		return fail(400, "illegal_argument_exception", "[from] parameter cannot be negative but was [%d]", req.From)
	case req.After != nil && len(req.After) == 0:
		return fail(400, "illegal_argument_exception", "Values must contains at least one value.")
	case req.After != nil && len(req.Sort) == 0:
		return fail(400, "illegal_argument_exception", "Sort must contain at least one field.")
	case req.After != nil && req.From > 0:
		return fail(400, "action_request_validation_exception", "Validation Failed: 1: [from] parameter must be set to 0 when [search_after] is used;")
	}
	return nil
}

// descending reads the direction of an order.
func descending(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "asc":
		return false, nil
	case "desc":
		return true, nil
	}
	return false, fail(400, "illegal_argument_exception", "[sort] takes asc or desc, not [%s]", clip(s))
}

func texts2(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func trackTotal(s string) (int, error) {
	switch s {
	case "true":
		return -1, nil
	case "false", "-1":
		return 0, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0, fail(400, "illegal_argument_exception", "[track_total_hits] takes true, false or a number, not [%s]", clip(s))
	}
	return n, nil
}

// whole reads a number, also one in quotes.
func whole(name string, v *fastjson.Value) (int, error) {
	n, err := strconv.Atoi(text(v))
	if err != nil {
		return 0, fail(400, "number_format_exception", "[%s] is a whole number, not [%s]", name, clip(text(v)))
	}
	return n, nil
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
			req.From, err = whole(name, v)
		case "size":
			req.Size, err = whole(name, v)
		case "sort":
			req.Sort, err = parseSort(v)
		case "search_after":
			req.After = afterOf(v)
		case "track_total_hits":
			req.TrackTotal, err = trackTotal(text(v))
		case "timeout":
			req.Timeout, err = duration(text(v))
		case "aggs", "aggregations":
			req.Aggs, err = parseAggs(v, 0)
		case "_source":
			req.NoSource = v.Type() == fastjson.TypeFalse
		case "version", "seq_no_primary_term", "explain", "track_scores", "stored_fields", "docvalue_fields", "fields", "highlight":
		default:
			err = parsing("unknown key [%s] in the body of a search", clip(name))
		}
	})
	return err
}

func afterOf(v *fastjson.Value) []any {
	out := []any{}
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
			s, e := sortKey(string(k), y)
			if e != nil {
				err = e
			}
			out = append(out, s)
		})
		if err != nil {
			return nil, err
		}
	}
	if len(out) > 16 {
		return nil, parsing("[sort] takes at most 16 keys")
	}
	return out, nil
}

// sortKey reads {"order", "missing", ...} or the direction alone.
func sortKey(field string, v *fastjson.Value) (s store.Sort, err error) {
	s = store.Sort{Field: field, Desc: field == "_score"}
	order := v
	if v.Type() == fastjson.TypeObject {
		if err := options("sort", v, "order", "missing", "mode", "unmapped_type", "numeric_type"); err != nil {
			return s, err
		}
		order = v.Get("order")
	}
	if order != nil {
		if s.Desc, err = descending(text(order)); err != nil {
			return s, err
		}
	}
	switch m := text(v.Get("missing")); m {
	case "_first":
		s.MissingFirst = true
	case "", "_last":
	default:
		return s, parsing("[sort] does not support a value for [missing]: use _first or _last, not %s", clip(m))
	}
	// A list counts by its least value, or by its greatest where the order is descending.
	if m := text(v.Get("mode")); m != "" && !(m == "min" && !s.Desc) && !(m == "max" && s.Desc) {
		return s, parsing("[sort] does not support [mode] %s in this order", clip(m))
	}
	return s, nil
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

func (c *call) answer(req *store.Request, res *store.Result, body *fastjson.Value) (answer, error) {
	hits := make([]hitOut, len(res.Hits))
	one := 1.0
	seq := body != nil && body.GetBool("seq_no_primary_term") || c.q.Get("seq_no_primary_term") == "true"
	for i := range res.Hits {
		h := &res.Hits[i]
		hits[i] = hitOut{Index: h.Index, ID: h.ID, Source: h.Source}
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

func filterOf(v *fastjson.Value) (*sourceFilter, error) {
	f := &sourceFilter{}
	switch v.Type() {
	case fastjson.TypeTrue:
	case fastjson.TypeFalse:
		f.none = true
	case fastjson.TypeString, fastjson.TypeArray:
		f.includes = texts(v)
	case fastjson.TypeObject:
		f.includes, f.exclude = texts(first(v, "includes", "include")), texts(first(v, "excludes", "exclude"))
		return f, options("_source", v, "includes", "include", "excludes", "exclude")
	default:
		return nil, parsing("[_source] takes true, false, names or an object, not %s", clip(v.String()))
	}
	return f, nil
}

func first(v *fastjson.Value, names ...string) *fastjson.Value {
	for _, n := range names {
		if x := v.Get(n); x != nil {
			return x
		}
	}
	return nil
}

func (f *sourceFilter) apply(src []byte) ([]byte, error) {
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
		sub.prune(x, name+".")
		return x.GetObject().Len() > 0 || in // an exclude leaves the object that it empties
	case fastjson.TypeArray:
		list, kept := x.GetArray(), 0
		for _, y := range list {
			had := filled(y)
			if f.keeps(y, name, in) && (!had || filled(y)) { // one in a list goes, though
				x.SetArrayItem(kept, y)
				kept++
			}
		}
		for i := len(list) - 1; i >= kept; i-- {
			x.Del(strconv.Itoa(i))
		}
		return kept > 0 || in
	}
	return in
}

func filled(v *fastjson.Value) bool {
	o, err := v.Object()
	return err == nil && o.Len() > 0
}

// covers tells whether a pattern names the field or an object that it is in.
func covers(patterns []string, name string) bool {
	for _, p := range patterns {
		if p == name || strings.HasPrefix(name, p+".") {
			return true
		}
		if matches(p, name) {
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
