package store

import (
	"slices"
	"strings"
)

// aggPlan is an aggregation made ready.
type aggPlan struct {
	*Agg
	filters []node
	include map[string]bool
	exclude map[string]bool
	exists  node // a document with the field
	class   class
	subs    []*aggPlan
	e       *eval
	bounds  []int64
}

func planAggs(e *eval, aggs []Agg, depth int) ([]*aggPlan, error) {
	if depth > maxAggDepth {
		return nil, badQuery("aggregations are nested deeper than %d", maxAggDepth)
	}
	var out []*aggPlan
	for i := range aggs {
		a := &aggPlan{Agg: &aggs[i], e: e}
		_, _, a.class = e.s.fields.classFor(a.Field)
		a.exists = e.exists(a.Field)
		for _, f := range a.Filters {
			n, err := e.prepare(f.Query)
			if err != nil {
				return nil, err
			}
			a.filters = append(a.filters, n)
		}
		a.include, a.exclude = setOf(a.Include), setOf(a.Exclude)
		var err error
		if a.subs, err = planAggs(e, a.Aggs, depth+1); err != nil {
			return nil, err
		}
		if err := a.check(); err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

// check refuses what the kind cannot do, and reads its bounds.
func (a *aggPlan) check() error {
	switch a.Kind {
	case "min", "max", "avg", "sum", "stats", "histogram":
		if a.class == classString || a.class == classIP || a.class == classFlat || a.class == classBool && a.Kind == "histogram" {
			return &QueryError{"illegal_argument_exception", "Field [" + a.Field + "] is no number and is not supported for aggregation [" + a.Kind + "]"}
		}
	case "terms":
		if k := a.OrderKey; k != "" && k != "_count" && k != "_key" && !a.ordersBy(k) {
			return &QueryError{"illegal_argument_exception", "Invalid aggregation order path [" + clip(k) + "]: name a metric below, or a filter, or NAME.max and the like of stats"}
		}
	case "date_histogram":
		for _, s := range a.Bounds {
			if s == "" {
				continue
			}
			ns, err := dateMath(s, "", a.Zone, a.e.now, false)
			if err != nil {
				return &QueryError{"parse_exception", err.Error()}
			}
			a.bounds = append(a.bounds, floorMilli(ns))
		}
		if b := a.bounds; len(b) == 2 && b[0] > b[1] {
			return &QueryError{"illegal_argument_exception", "[extended_bounds.min] cannot be greater than [extended_bounds.max] for histogram aggregation [" + a.Name + "]"}
		}
	}
	return nil
}

// setOf is nil for no list.
func setOf(list []string) map[string]bool {
	if list == nil {
		return nil
	}
	set := map[string]bool{}
	for _, v := range list {
		set[v] = true
	}
	return set
}

// ordersBy tells whether terms can be ordered by what is below: a value, or one of a stats.
func (a *aggPlan) ordersBy(path string) bool {
	name, part, _ := strings.Cut(path, ".")
	for _, sub := range a.subs {
		switch sub.Kind {
		case "stats":
			if sub.Name == name && slices.Contains([]string{"count", "min", "max", "avg", "sum"}, part) {
				return true
			}
		case "min", "max", "avg", "sum", "cardinality", "value_count", "filter", "missing":
			if sub.Name == path {
				return true
			}
		}
	}
	return false
}

func noFieldData(field string) error {
	return &QueryError{"illegal_argument_exception", "Text fields are not optimised for operations that require per-document field data like aggregations and sorting. Please use a keyword field instead: [" + clip(field) + "]"}
}
