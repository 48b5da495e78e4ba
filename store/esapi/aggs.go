package esapi

import (
	"slices"
	"strconv"
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
		if strings.ContainsAny(a.Name, "[]>") {
			err = parsing("Invalid aggregation name [%s]. Aggregation names can contain any character except '[', ']', and '>'", clip(a.Name))
		}
		x.GetObject().Visit(func(k []byte, y *fastjson.Value) {
			if err != nil {
				return
			}
			switch kind := string(k); kind {
			case "aggs", "aggregations":
				a.Aggs, err = parseAggs(y, depth+1)
			case "meta":
			default:
				if a.Kind != "" {
					err = parsing("Found two aggregation type definitions in [%s]: [%s] and [%s]", a.Name, a.Kind, clip(kind))
					return
				}
				a.Kind = kind
				err = aggBody(&a, y)
			}
		})
		if a.Kind == "" && err == nil {
			err = parsing("Missing definition for aggregation [%s]", a.Name)
		}
		if len(a.Aggs) > 0 && slices.Contains(metricKinds, a.Kind) && err == nil {
			err = fail(400, "illegal_argument_exception", "Aggregator [%s] of type [%s] cannot accept sub-aggregations", a.Name, a.Kind)
		}
		out = append(out, a)
	})
	return out, err
}

var metricKinds = []string{"cardinality", "min", "max", "avg", "sum", "value_count", "stats"}

// aggOptions are those that are looked at, or that change nothing here.
var aggOptions = map[string][]string{
	"filters":        {"filters"},
	"terms":          {"field", "size", "shard_size", "min_doc_count", "shard_min_doc_count", "missing", "include", "exclude", "order", "collect_mode", "execution_hint", "show_term_doc_count_error"},
	"date_histogram": {"field", "fixed_interval", "calendar_interval", "time_zone", "offset", "min_doc_count", "extended_bounds", "format", "keyed"},
	"histogram":      {"field", "interval", "min_doc_count", "keyed"},
	"cardinality":    {"field", "precision_threshold", "execution_hint"},
}

func aggBody(a *store.Agg, v *fastjson.Value) error {
	if a.Kind == "filter" {
		q, err := parseQuery(v, 0)
		a.Filters = []store.NamedQuery{{Query: q}}
		return err
	}
	known, ok := aggOptions[a.Kind]
	if !ok && a.Kind != "missing" && !slices.Contains(metricKinds, a.Kind) {
		return parsing("Unknown aggregation type [%s]", clip(a.Kind))
	}
	if !ok {
		known = []string{"field"}
	}
	if err := options(a.Kind, v, known...); err != nil {
		return err
	}
	if isTrue(v.Get("keyed")) {
		return parsing("[%s] aggregation does not support [keyed]", a.Kind)
	}
	if a.Kind == "filters" {
		return filtersAgg(a, v)
	}
	if a.Field = string(v.GetStringBytes("field")); a.Field == "" {
		return fail(400, "illegal_argument_exception", "Required one of fields [field, script], but none were specified.")
	}
	switch a.Kind {
	case "terms":
		return termsAgg(a, v)
	case "date_histogram":
		return dateHistogram(a, v)
	case "histogram":
		if a.Step = v.GetFloat64("interval"); !(a.Step > 0) {
			return parsing("[interval] must be greater than 0 for histogram aggregation [%s]", a.Name)
		}
		a.MinCount = v.GetInt64("min_doc_count")
	}
	return nil
}

func filtersAgg(a *store.Agg, v *fastjson.Value) (err error) {
	o := v.GetObject("filters")
	if o == nil || o.Len() == 0 {
		return parsing("[filters] aggregation [%s] takes an object of queries by name", a.Name)
	}
	o.Visit(func(k []byte, x *fastjson.Value) {
		q, e := parseQuery(x, 0)
		if e != nil {
			err = e
		}
		a.Filters = append(a.Filters, store.NamedQuery{Name: string(k), Query: q})
	})
	return err
}

func termsAgg(a *store.Agg, v *fastjson.Value) error {
	if a.Size = v.GetInt("size"); a.Size > 65536 {
		return fail(400, "illegal_argument_exception", "[size] of aggregation [%s] is greater than 65536", a.Name)
	}
	if v.Exists("size") && a.Size < 1 {
		return fail(400, "illegal_argument_exception", "[size] must be greater than 0. Found [%s] in [%s]", clip(text(v.Get("size"))), a.Name)
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
	return termsOrder(a, v.Get("order"))
}

// termsOrder reads an order, and behind it one by key of what is equal.
func termsOrder(a *store.Agg, v *fastjson.Value) (err error) {
	if v == nil {
		return nil
	}
	list := []*fastjson.Value{v}
	if v.Type() == fastjson.TypeArray {
		list = v.GetArray()
	}
	n := 0
	for _, o := range list {
		o.GetObject().Visit(func(k []byte, x *fastjson.Value) {
			asc := text(x) == "asc"
			switch n++; {
			case !asc && text(x) != "desc":
				err = parsing("Unknown terms order direction [%s]", clip(text(x)))
			case n == 1:
				a.OrderKey, a.OrderAsc = strings.TrimSuffix(string(k), ".value"), asc
			case n == 2 && string(k) == "_key":
				a.KeyDesc = !asc && a.OrderKey != "_key"
			default:
				err = parsing("[terms] aggregation does not support an order of more than a value and [_key]")
			}
		})
	}
	if n == 0 && err == nil {
		err = parsing("Must specify at least one field for [order]")
	}
	return err
}

var calendarUnits = map[string]string{
	"1s": "second", "second": "second", "1m": "minute", "minute": "minute", "1h": "hour", "hour": "hour", "1d": "day", "day": "day",
	"1w": "week", "week": "week", "1M": "month", "month": "month", "1q": "quarter", "quarter": "quarter", "1y": "year", "year": "year",
}

func dateHistogram(a *store.Agg, v *fastjson.Value) (err error) {
	switch fixed := text(v.Get("fixed_interval")); {
	case v.Exists("fixed_interval") && v.Exists("calendar_interval"):
		err = parsing("Cannot use [fixed_interval] with [calendar_interval] configuration option.")
	case strings.Contains(fixed, "."):
		err = parsing("[fixed_interval] %s is no whole number of a unit", clip(fixed))
	case v.Exists("fixed_interval"):
		if a.Interval, err = duration(fixed); err == nil && a.Interval < time.Millisecond {
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
		a.Bounds = [2]string{text(b.Get("min")), text(b.Get("max"))}
	}
	if f := v.Get("format"); f != nil && err == nil {
		if a.Format = text(f); keyFormats[a.Format] == "" {
			err = parsing("[date_histogram] aggregation does not support [format] %s: use epoch_millis, epoch_second, strict_date_optional_time or yyyy-MM-dd", clip(a.Format))
		}
	}
	return err
}

// keyFormats are how keys of dates can be spelled: as a layout, or as a number.
var keyFormats = map[string]string{
	"epoch_millis": "ms", "epoch_second": "s", "strict_date_optional_time": stamp, "date_optional_time": stamp, "strict_date_time": stamp,
	"date_time": stamp, "yyyy-MM-dd": time.DateOnly, "strict_date": time.DateOnly, "date": time.DateOnly,
}

// spelled is a date as its format has it.
func spelled(ms int64, zone *time.Location, format string) string {
	switch layout := keyFormats[format]; layout {
	case "ms":
		return strconv.FormatInt(ms, 10)
	case "s":
		return strconv.FormatInt(ms/1000, 10)
	case "":
		return time.UnixMilli(ms).In(zone).Format(stamp)
	default:
		return time.UnixMilli(ms).In(zone).Format(layout)
	}
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
		return map[string]any{"doc_count_error_upper_bound": 0, "sum_other_doc_count": r.Other, "buckets": buckets(r.Buckets, time.UTC, "")}
	case "date_histogram", "histogram":
		zone := time.UTC
		if r.Agg.Zone != nil {
			zone = r.Agg.Zone
		}
		return map[string]any{"buckets": buckets(r.Buckets, zone, r.Agg.Format)}
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
func buckets(list []store.Bucket, zone *time.Location, format string) []any {
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
				m["key_as_string"] = spelled(k, zone, format)
			}
		}
		out = append(out, m)
	}
	return out
}
