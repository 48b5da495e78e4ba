package esapi

import (
	"strings"
	"time"

	"sluice/store"

	"github.com/valyala/fastjson"
)

func parseAggs(v *fastjson.Value, depth int) (out []store.Agg, err error) {
	if depth > 8 {
		return nil, parsing("aggregations are nested deeper than 8")
	}
	o, e := v.Object()
	if e != nil {
		return nil, parsing("[aggs] malformed")
	}
	o.Visit(func(k []byte, x *fastjson.Value) {
		if err != nil {
			return
		}
		a := store.Agg{Name: string(k)}
		x.GetObject().Visit(func(k []byte, y *fastjson.Value) {
			if err != nil {
				return
			}
			switch kind := string(k); kind {
			case "aggs", "aggregations":
				a.Aggs, err = parseAggs(y, depth+1)
			case "meta":
			default:
				a.Kind = kind
				err = aggBody(&a, y)
			}
		})
		if a.Kind == "" && err == nil {
			err = parsing("Missing definition for aggregation [%s]", a.Name)
		}
		out = append(out, a)
	})
	return out, err
}

func aggBody(a *store.Agg, v *fastjson.Value) (err error) {
	a.Field = string(v.GetStringBytes("field"))
	switch a.Kind {
	case "filter":
		q, err := parseQuery(v, 0)
		a.Filters = []store.NamedQuery{{Query: q}}
		return err
	case "filters":
		v.GetObject("filters").Visit(func(k []byte, x *fastjson.Value) {
			q, e := parseQuery(x, 0)
			if e != nil {
				err = e
			}
			a.Filters = append(a.Filters, store.NamedQuery{Name: string(k), Query: q})
		})
		return err
	case "terms":
		return termsAgg(a, v)
	case "date_histogram":
		return dateHistogram(a, v)
	case "histogram":
		if a.Step = v.GetFloat64("interval"); !(a.Step > 0) {
			return parsing("[interval] must be greater than 0 for histogram aggregation [%s]", a.Name)
		}
		a.MinCount = v.GetInt64("min_doc_count")
	case "cardinality", "min", "max", "avg", "sum", "value_count", "stats", "missing":
	default:
		return parsing("Unknown aggregation type [%s]", clip(a.Kind))
	}
	if a.Field == "" {
		return fail(400, "illegal_argument_exception", "Required one of fields [field, script], but none were specified.")
	}
	return nil
}

func termsAgg(a *store.Agg, v *fastjson.Value) error {
	if a.Size = v.GetInt("size"); a.Size > 65536 {
		return fail(400, "illegal_argument_exception", "[size] of aggregation [%s] is greater than 65536", a.Name)
	}
	a.MinCount = 1
	if v.Exists("min_doc_count") {
		a.MinCount = v.GetInt64("min_doc_count")
	}
	if m := v.Get("missing"); m != nil {
		a.Missing, a.HasMissing = text(m), true
	}
	for name, to := range map[string]*[]string{"include": &a.Include, "exclude": &a.Exclude} {
		if in := v.Get(name); in != nil {
			if in.Type() != fastjson.TypeArray {
				return parsing("[%s] takes a list of values", name)
			}
			*to = texts(in)
		}
	}
	order := v.Get("order")
	if order != nil && order.Type() == fastjson.TypeArray && len(order.GetArray()) > 0 {
		order = order.GetArray()[0]
	}
	if order != nil {
		order.GetObject().Visit(func(k []byte, x *fastjson.Value) {
			a.OrderKey, a.OrderAsc = strings.TrimSuffix(string(k), ".value"), text(x) == "asc"
		})
	}
	return nil
}

var calendarUnits = map[string]string{
	"1s": "second", "second": "second", "1m": "minute", "minute": "minute", "1h": "hour", "hour": "hour", "1d": "day", "day": "day",
	"1w": "week", "week": "week", "1M": "month", "month": "month", "1q": "quarter", "quarter": "quarter", "1y": "year", "year": "year",
}

func dateHistogram(a *store.Agg, v *fastjson.Value) (err error) {
	switch {
	case v.Exists("fixed_interval"):
		if a.Interval, err = duration(text(v.Get("fixed_interval"))); err == nil && a.Interval < time.Millisecond {
			err = parsing("[fixed_interval] must be at least 1ms")
		}
	case v.Exists("calendar_interval"):
		s := text(v.Get("calendar_interval"))
		if a.Calendar = calendarUnits[s]; a.Calendar == "" {
			err = fail(400, "illegal_argument_exception", "The supplied interval [%s] could not be parsed as a calendar interval.", clip(s))
		}
	default:
		err = fail(400, "illegal_argument_exception", "Invalid interval specified, must be non-null and non-empty")
	}
	if z := v.Get("time_zone"); z != nil && err == nil {
		a.Zone, err = zoneOf(text(z))
	}
	if o := v.Get("offset"); o != nil && err == nil {
		s, neg := strings.CutPrefix(strings.TrimPrefix(text(o), "+"), "-")
		if a.Offset, err = duration(s); neg {
			a.Offset = -a.Offset
		}
	}
	a.MinCount = v.GetInt64("min_doc_count")
	if b := v.Get("extended_bounds"); b != nil && err == nil {
		for i, k := range []string{"min", "max"} {
			x := b.Get(k)
			if x == nil {
				return parsing("[extended_bounds] needs min and max")
			}
			if a.Bounds[i], err = x.Int64(); err != nil {
				t, e := time.Parse(time.RFC3339Nano, text(x))
				if e != nil {
					return parsing("[extended_bounds] takes milliseconds or RFC 3339")
				}
				a.Bounds[i], err = t.UnixMilli(), nil
			}
		}
		a.HasBounds = true
	}
	return err
}

func aggsOut(list []store.AggResult) map[string]any {
	out := map[string]any{}
	for i := range list {
		out[list[i].Agg.Name] = aggOut(&list[i])
	}
	return out
}

const stamp = "2006-01-02T15:04:05.000Z07:00"

func aggOut(r *store.AggResult) any {
	switch r.Agg.Kind {
	case "terms":
		return map[string]any{"doc_count_error_upper_bound": 0, "sum_other_doc_count": r.Other, "buckets": buckets(r.Buckets, time.UTC)}
	case "date_histogram", "histogram":
		zone := time.UTC
		if r.Agg.Zone != nil {
			zone = r.Agg.Zone
		}
		return map[string]any{"buckets": buckets(r.Buckets, zone)}
	case "filter", "missing":
		m := aggsOut(r.Buckets[0].Subs)
		m["doc_count"] = r.Buckets[0].Count
		return m
	case "filters":
		m := map[string]any{}
		for _, b := range r.Buckets {
			x := aggsOut(b.Subs)
			x["doc_count"] = b.Count
			m[b.Name] = x
		}
		return map[string]any{"buckets": m}
	case "cardinality", "value_count":
		return map[string]any{"value": int64(r.Value)}
	case "stats":
		m := map[string]any{"count": r.Count, "min": nil, "max": nil, "avg": nil, "sum": number(r.Sum)}
		if r.Count > 0 {
			m["min"], m["max"], m["avg"] = number(r.Min), number(r.Max), number(r.Sum/float64(r.Count))
		}
		return m
	}
	if !r.HasVal {
		return map[string]any{"value": nil}
	}
	m := map[string]any{"value": number(r.Value)}
	if r.IsDate {
		m["value_as_string"] = time.UnixMilli(int64(r.Value)).UTC().Format(stamp)
	}
	return m
}

// buckets writes times as of zone.
func buckets(list []store.Bucket, zone *time.Location) []any {
	out := make([]any, 0, len(list))
	for _, b := range list {
		m := aggsOut(b.Subs)
		m["key"], m["doc_count"] = b.Key, b.Count
		switch k := b.Key.(type) {
		case float64:
			m["key"] = number(k)
		case bool:
			m["key"], m["key_as_string"] = 0, "false"
			if k {
				m["key"], m["key_as_string"] = 1, "true"
			}
		case int64:
			if b.IsDate {
				m["key_as_string"] = time.UnixMilli(k).In(zone).Format(stamp)
			}
		}
		out = append(out, m)
	}
	return out
}
