package esapi

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"sluice/internal/zone"
	"sluice/store"

	"github.com/valyala/fastjson"
)

// maxDepth of a query, as indices.query.bool.max_nested_depth.
const maxDepth = 30

func parsing(format string, v ...any) error { return fail(400, "parsing_exception", format, v...) }

// parseQuery reads a query of the DSL; nil is match_all.
func parseQuery(v *fastjson.Value, depth int) (store.Query, error) {
	if v == nil || v.Type() == fastjson.TypeNull {
		return store.All{}, nil
	}
	if depth > maxDepth {
		return nil, parsing("the query is nested deeper than %d", maxDepth)
	}
	o, err := v.Object()
	if err != nil || o.Len() != 1 {
		return nil, parsing("[_na] query malformed, one query with a name expected")
	}
	var q store.Query
	o.Visit(func(k []byte, x *fastjson.Value) { q, err = oneQuery(string(k), x, depth) })
	return q, err
}

func oneQuery(kind string, v *fastjson.Value, depth int) (store.Query, error) {
	switch kind {
	case "match_all":
		return store.All{}, options(kind, v)
	case "match_none":
		return store.None{}, options(kind, v)
	case "bool":
		return boolQuery(v, depth)
	case "constant_score":
		if v.Get("filter") == nil {
			return nil, parsing("[constant_score] requires a 'filter' element")
		}
		if err := options(kind, v, "filter"); err != nil {
			return nil, err
		}
		return parseQuery(v.Get("filter"), depth+1)
	case "ids":
		return store.IDs{Values: texts(v.Get("values"))}, options(kind, v, "values")
	case "exists":
		if text(v.Get("field")) == "" {
			return nil, parsing("[exists] must be provided with a [field]")
		}
		return existsQuery(text(v.Get("field"))), options(kind, v, "field")
	case "query_string":
		return queryString(v)
	case "simple_query_string":
		return simpleQueryString(v)
	case "multi_match":
		return multiMatch(v)
	case "terms":
		return termsQuery(v)
	case "term", "match", "match_phrase", "match_phrase_prefix", "prefix", "wildcard", "regexp", "range":
		return fieldQuery(kind, v)
	}
	return nil, parsing("unknown query [%s]", clip(kind))
}

// options refuses what a query has beside the known ones: to pass it over would find something else.
func options(kind string, v *fastjson.Value, known ...string) (err error) {
	if v.Type() != fastjson.TypeObject {
		return nil
	}
	v.GetObject().Visit(func(k []byte, _ *fastjson.Value) {
		if name := string(k); err == nil && name != "boost" && name != "_name" && !slices.Contains(known, name) {
			err = parsing("[%s] does not support [%s]", kind, clip(name))
		}
	})
	return err
}

// existsQuery is of a field, or of any whose name fits a pattern.
func existsQuery(field string) store.Query {
	if !strings.Contains(field, "*") {
		return store.Exists{Field: field}
	}
	return store.AnyField{Pattern: field, Query: func(name string) store.Query { return store.Exists{Field: name} }}
}

func boolQuery(v *fastjson.Value, depth int) (store.Query, error) {
	var b store.Bool
	o, err := v.Object()
	if err != nil {
		return nil, parsing("[bool] query malformed")
	}
	min := ""
	o.Visit(func(k []byte, x *fastjson.Value) {
		if err != nil {
			return
		}
		var list []store.Query
		switch name := string(k); name {
		case "must", "filter", "should", "must_not":
			if list, err = queries(x, depth+1); err != nil {
				return
			}
			switch name {
			case "should":
				b.Should = append(b.Should, list...)
			case "must_not":
				b.MustNot = append(b.MustNot, list...)
			default:
				b.Must = append(b.Must, list...)
			}
		case "minimum_should_match":
			min = text(x)
		case "boost", "_name", "adjust_pure_negative":
		default:
			err = parsing("[bool] query does not support [%s]", clip(name))
		}
	})
	if err != nil {
		return nil, err
	}
	if len(b.Must)+len(b.Should)+len(b.MustNot) == 0 {
		return store.All{}, nil
	}
	if b.MinShould, err = minShould(min, len(b.Should), len(b.Must)); err != nil {
		return nil, err
	}
	return b, nil
}

// minShould reads minimum_should_match: a number, or a share in percent; negative: may be missing.
func minShould(s string, n, must int) (int, error) {
	least := 0
	if n > 0 && must == 0 { // a bool of should alone has to match by one
		least = 1
	}
	if s == "" {
		return least, nil
	}
	num, percent := strings.CutSuffix(s, "%")
	k, err := strconv.Atoi(num)
	if err != nil {
		return 0, parsing("minimum_should_match [%s] is not supported", clip(s))
	}
	if percent {
		k = int(math.Trunc(float64(n) * float64(k) / 100))
	}
	if k < 0 {
		k += n
	}
	return max(least, k), nil
}

func queries(v *fastjson.Value, depth int) ([]store.Query, error) {
	list := []*fastjson.Value{v}
	if v.Type() == fastjson.TypeArray {
		list = v.GetArray()
	}
	var out []store.Query
	for _, x := range list {
		q, err := parseQuery(x, depth)
		if err != nil {
			return nil, err
		}
		out = append(out, q)
	}
	return out, nil
}

func texts(v *fastjson.Value) (out []string) {
	if v == nil {
		return nil
	}
	if v.Type() != fastjson.TypeArray {
		return []string{text(v)}
	}
	for _, x := range v.GetArray() {
		out = append(out, text(x))
	}
	return out
}

func termsQuery(v *fastjson.Value) (q store.Query, err error) {
	v.GetObject().Visit(func(k []byte, x *fastjson.Value) {
		switch {
		case string(k) == "boost" || string(k) == "_name":
		case q != nil:
			err = parsing("[terms] query does not support multiple fields")
		case x.Type() == fastjson.TypeArray && slices.ContainsFunc(x.GetArray(), func(y *fastjson.Value) bool { return y.Type() == fastjson.TypeNull }):
			err = parsing("No value specified for terms query")
		case x.Type() != fastjson.TypeArray:
			err = parsing("[terms] query requires an array for [%s]", k)
		default:
			q = byID(string(k), texts(x))
		}
	})
	if q == nil && err == nil {
		err = parsing("[terms] query requires a field name")
	}
	return q, err
}

func byID(field string, values []string) store.Query {
	if field == "_id" {
		return store.IDs{Values: values}
	}
	return store.Terms{Field: field, Values: values}
}

// fieldQuery is one of those written {"kind": {"field": value or {...}}}.
func fieldQuery(kind string, v *fastjson.Value) (q store.Query, err error) {
	o, e := v.Object()
	if e != nil {
		return nil, parsing("[%s] query malformed, no start_object after query name", kind)
	}
	n := 0
	o.Visit(func(k []byte, x *fastjson.Value) {
		if err != nil {
			return
		}
		if n++; n > 1 {
			err = parsing("[%s] query doesn't support multiple fields", kind)
			return
		}
		q, err = onField(kind, string(k), x)
	})
	if q == nil && err == nil {
		err = parsing("[%s] query requires a field", kind)
	}
	return q, err
}

// fieldOptions are those of the queries of one field that change nothing here, or are looked at.
var fieldOptions = map[string][]string{
	"term":                {"value", "case_insensitive"},
	"match":               {"query", "operator", "minimum_should_match", "fuzziness", "lenient", "zero_terms_query", "auto_generate_synonyms_phrase_query", "prefix_length", "max_expansions", "fuzzy_transpositions", "fuzzy_rewrite"},
	"match_phrase":        {"query", "slop"},
	"match_phrase_prefix": {"query", "slop", "max_expansions"},
	"prefix":              {"value", "case_insensitive", "rewrite"},
	"wildcard":            {"value", "wildcard", "case_insensitive", "rewrite"},
	"regexp":              {"value", "case_insensitive", "rewrite", "flags", "max_determinized_states"},
}

// valueOf checks that a query of one field has a value, and one alone.
func valueOf(kind string, x *fastjson.Value) error {
	y := x
	if x.Type() == fastjson.TypeObject {
		y = first(x, "value", "query", "wildcard")
	}
	switch {
	case y == nil || y.Type() == fastjson.TypeNull:
		return parsing("[%s] query requires a value", kind)
	case y.Type() == fastjson.TypeArray || y.Type() == fastjson.TypeObject:
		return parsing("[%s] query takes one value", kind)
	}
	return options(kind, x, fieldOptions[kind]...)
}

func onField(kind, field string, x *fastjson.Value) (store.Query, error) {
	if kind != "range" {
		if err := valueOf(kind, x); err != nil {
			return nil, err
		}
	}
	arg := func(names ...string) string {
		if x.Type() != fastjson.TypeObject {
			return text(x)
		}
		for _, n := range names {
			if y := x.Get(n); y != nil {
				return text(y)
			}
		}
		return ""
	}
	fold := x.GetBool("case_insensitive")
	switch kind {
	case "term":
		if field == "_id" {
			return store.IDs{Values: []string{arg("value")}}, nil
		}
		return store.Terms{Field: field, Values: []string{arg("value")}, Fold: fold}, nil
	case "match":
		return match(field, arg("query"), x)
	case "match_phrase", "match_phrase_prefix":
		if err := exactWords(kind, x); err != nil {
			return nil, err
		}
		return store.Phrase{Field: field, Text: arg("query"), Prefix: kind == "match_phrase_prefix"}, nil
	case "prefix":
		return store.Prefix{Field: field, Value: arg("value"), Fold: fold}, nil
	case "wildcard":
		return store.Wildcard{Field: field, Pattern: arg("value", "wildcard"), Fold: fold}, nil
	case "regexp":
		return store.Regexp{Field: field, Pattern: arg("value"), Fold: fold}, nil
	}
	return rangeQuery(field, x)
}

// match reads how many of the words must be there.
func match(field, words string, x *fastjson.Value) (store.Query, error) {
	if err := exactWords("match", x); err != nil {
		return nil, err
	}
	m := store.Match{Field: field, Text: words, And: strings.EqualFold(string(x.GetStringBytes("operator")), "and")}
	if strings.EqualFold(string(x.GetStringBytes("zero_terms_query")), "all") {
		m.NoWords = store.All{}
	}
	if least := x.Get("minimum_should_match"); least != nil {
		s := text(least)
		if _, err := minShould(s, 1, 0); err != nil {
			return nil, err
		}
		m.Least = func(n int) int { k, _ := minShould(s, n, 0); return k }
	}
	if isTrue(x.Get("lenient")) {
		return store.Lenient{Query: m}, nil
	}
	return m, nil
}

func isTrue(v *fastjson.Value) bool { return text(v) == "true" }

// exactWords refuses what looks for words that are alike, or near each other: to pass it over
// would find something else.
func exactWords(kind string, x *fastjson.Value) error {
	for _, name := range []string{"fuzziness", "slop"} {
		if y := x.Get(name); y != nil && text(y) != "0" {
			return parsing("[%s] query does not support [%s]", kind, name)
		}
	}
	return nil
}

func rangeQuery(field string, x *fastjson.Value) (store.Query, error) {
	q := store.Range{Field: field}
	o, err := x.Object()
	if err != nil {
		return nil, parsing("[range] query malformed, no start_object after field name")
	}
	bound := func(to *string, empty *bool, y *fastjson.Value) {
		*to = text(y)
		*empty = *to == ""
	}
	o.Visit(func(k []byte, y *fastjson.Value) {
		if y.Type() == fastjson.TypeNull || err != nil {
			return
		}
		switch name := string(k); name {
		case "gte", "from":
			bound(&q.From, &q.Empty[0], y)
		case "gt":
			bound(&q.From, &q.Empty[0], y)
			q.OpenFrom = true
		case "lte", "to":
			bound(&q.To, &q.Empty[1], y)
		case "lt":
			bound(&q.To, &q.Empty[1], y)
			q.OpenTo = true
		case "format":
			if q.Format = text(y); !knownFormat(q.Format) {
				err = parsing("[range] query does not support [format] %s: use epoch_millis, epoch_second or strict_date_optional_time", clip(q.Format))
			}
		case "time_zone":
			q.Zone, err = zoneOf(text(y))
		case "boost", "_name", "relation":
		default:
			err = parsing("[range] query does not support [%s]", clip(name))
		}
	})
	return q, err
}

// knownFormat tells the formats of dates that are read; all of them also take what has none.
func knownFormat(s string) bool {
	for f := range strings.SplitSeq(s, "||") {
		switch f {
		case "epoch_millis", "epoch_second", "strict_date_optional_time", "date_optional_time", "strict_date_optional_time_nanos",
			"date_time", "strict_date_time", "strict_date", "date", "yyyy-MM-dd", "uuuu-MM-dd", "iso8601":
		default:
			return false
		}
	}
	return true
}

// zoneOf reads a name of the time zone database, or +01:00.
func zoneOf(s string) (*time.Location, error) {
	l, err := zone.Load(s)
	if err != nil {
		return nil, parsing("unknown time zone [%s]", clip(s))
	}
	return l, nil
}

func multiMatch(v *fastjson.Value) (store.Query, error) {
	fields := texts(v.Get("fields"))
	if len(fields) == 0 {
		fields = defaultFields
	}
	if v.Get("query") == nil {
		return nil, parsing("[multi_match] No text specified for multi_match query")
	}
	if err := exactWords("multi_match", v); err != nil {
		return nil, err
	}
	if err := options("multi_match", v, append([]string{"fields", "type", "tie_breaker", "slop"}, fieldOptions["match"]...)...); err != nil {
		return nil, err
	}
	lenient := isTrue(v.Get("lenient"))
	b := store.Bool{MinShould: 1}
	for _, f := range fields {
		f, _, _ = strings.Cut(f, "^")
		t := text(v.Get("query"))
		switch typ := string(v.GetStringBytes("type")); typ {
		case "phrase", "phrase_prefix":
			phrase := store.Query(store.Phrase{Field: f, Text: t, Prefix: typ == "phrase_prefix"})
			if lenient {
				phrase = store.Lenient{Query: phrase}
			}
			b.Should = append(b.Should, phrase)
		case "", "best_fields", "most_fields":
			m, err := match(f, t, v)
			if err != nil {
				return nil, err
			}
			b.Should = append(b.Should, m)
		default:
			return nil, parsing("[multi_match] query does not support [type] %s", clip(typ))
		}
	}
	return b, nil
}
