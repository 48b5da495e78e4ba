package store

import (
	"bytes"
	"cmp"
	"math"
	"slices"
	"strings"
	"time"
)

// finishAggs turns what was gathered into answers.
func finishAggs(plans []*aggPlan, sums []aggSum) []AggResult {
	out := make([]AggResult, len(plans))
	for i, a := range plans {
		s := &aggSum{min: math.Inf(1), max: math.Inf(-1)}
		if i < len(sums) {
			s = &sums[i]
		}
		out[i] = a.finish(s)
	}
	return out
}

func (a *aggPlan) finish(s *aggSum) AggResult {
	r := AggResult{Agg: a.Agg, Count: s.count, Min: s.min, Max: s.max, Sum: s.sum, HasVal: s.count > 0, IsDate: s.class == classDate || a.class == classDate}
	switch a.Kind {
	case "terms":
		a.finishTerms(s, &r)
	case "date_histogram", "histogram":
		a.finishHistogram(s, &r)
	case "filter", "filters":
		for i, f := range a.Filters {
			x := s.at(bucketKey{n: float64(i)})
			r.Buckets = append(r.Buckets, Bucket{Key: f.Name, Name: f.Name, Count: x.count, Subs: finishAggs(a.subs, x.subs)})
		}
	case "missing":
		x := s.at(bucketKey{})
		r.Buckets = []Bucket{{Count: x.count, Subs: finishAggs(a.subs, x.subs)}}
	case "cardinality":
		r.HasVal = true
		r.Value = float64(len(s.exact))
		if s.sketch != nil {
			r.Value = float64(s.sketch.Estimate())
		}
	case "value_count":
		r.Value, r.HasVal = float64(s.count), true
	case "sum":
		r.Value, r.HasVal = s.sum, true
	case "avg":
		r.Value = s.sum / float64(max(1, s.count))
	case "min":
		r.Value = s.min
	case "max":
		r.Value = s.max
	}
	return r
}

func (a *aggPlan) bucketOf(s *aggSum, k bucketKey, x *bucketSum) Bucket {
	b := Bucket{Count: x.count, Subs: finishAggs(a.subs, x.subs)}
	switch s.class {
	case classNumber:
		b.Key = k.n
		if k.n == math.Trunc(k.n) && math.Abs(k.n) < 1<<53 {
			b.Key = int64(k.n)
		}
		if k.s != "" { // of documents without the field
			b.Key = k.s
		}
	case classDate:
		if b.Key, b.IsDate = int64(k.n), true; k.s != "" {
			b.Key, b.IsDate = k.s, false
		}
	case classBool:
		b.Key = k.s == "true"
	default:
		b.Key = k.s
	}
	return b
}

func (a *aggPlan) finishTerms(s *aggSum, r *AggResult) {
	type entry struct {
		k  bucketKey
		x  *bucketSum
		ip [16]byte // addresses go by their bytes, IPv4 as mapped ones
	}
	var list []entry
	for k, x := range s.buckets {
		if x.count >= max(1, a.MinCount) {
			y := entry{k: k, x: x}
			if addr, ok := parseAddr(k.s); ok && s.class == classIP {
				y.ip = addr.As16()
			}
			list = append(list, y)
		}
	}
	slices.SortFunc(list, func(p, q entry) int {
		byKey := cmp.Or(cmp.Compare(p.k.n, q.k.n), bytes.Compare(p.ip[:], q.ip[:]), cmp.Compare(p.k.s, q.k.s))
		if a.KeyDesc {
			byKey = -byKey
		}
		if a.OrderKey == "_key" {
			if a.OrderAsc {
				return byKey
			}
			return -byKey
		}
		c := cmp.Compare(q.x.count, p.x.count)
		if v, ok := a.orderBySub(p.x, q.x); ok {
			c = v
		} else if a.OrderAsc {
			c = -c
		}
		return cmp.Or(c, byKey)
	})
	r.Other = s.lost
	size := a.Size
	if size <= 0 {
		size = 10
	}
	for i, e := range list {
		if i >= size {
			r.Other += e.x.count
			continue
		}
		if !a.room() {
			return
		}
		r.Buckets = append(r.Buckets, a.bucketOf(s, e.k, e.x))
	}
}

// metric is a value of stats by its name, of what has one value alone that.
func (r AggResult) metric(name string) float64 {
	switch name {
	case "count":
		return float64(r.Count)
	case "min":
		return r.Min
	case "max":
		return r.Max
	case "sum":
		return r.Sum
	case "avg":
		if r.Count == 0 { // behind all others
			return math.Inf(1)
		}
		return r.Sum / float64(r.Count)
	}
	if r.Agg.Kind == "avg" {
		return r.metric("avg")
	}
	return r.Value
}

// orderValue is what terms are ordered by: a metric, or the documents of a filter.
func (a *aggPlan) orderValue(s *aggSum, part string) float64 {
	if a.Kind != "filter" && a.Kind != "missing" {
		return a.finish(s).metric(part)
	}
	if x := s.buckets[bucketKey{}]; x != nil {
		return float64(x.count)
	}
	return 0
}

// room counts a bucket of the answer, and tells whether it may have one more.
func (a *aggPlan) room() bool {
	a.e.buckets++
	return a.e.buckets <= maxBuckets
}

// orderBySub compares by a metric below, named by OrderKey: NAME, or of stats NAME.max.
func (a *aggPlan) orderBySub(p, q *bucketSum) (int, bool) {
	name, part, _ := strings.Cut(a.OrderKey, ".")
	for i, sub := range a.subs {
		if sub.Name == a.OrderKey {
			part = ""
		} else if sub.Name != name {
			continue
		}
		if i < len(p.subs) && i < len(q.subs) {
			c := cmp.Compare(sub.orderValue(&q.subs[i], part), sub.orderValue(&p.subs[i], part))
			if a.OrderAsc {
				c = -c
			}
			return c, true
		}
	}
	return 0, false
}

// finishHistogram orders the buckets and, unless MinCount says otherwise, fills the gaps.
func (a *aggPlan) finishHistogram(s *aggSum, r *AggResult) {
	var keys []float64
	for k := range s.buckets {
		keys = append(keys, k.n)
	}
	floor := func(v int64) float64 { return math.Floor(float64(v)/max(a.Step, 1e-9)) * a.Step }
	if a.Kind == "date_histogram" {
		f := a.floor()
		floor = func(v int64) float64 { return float64(f(v)) }
	}
	for _, ms := range a.bounds {
		keys = append(keys, floor(ms))
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	if a.MinCount <= 0 && len(keys) > 1 {
		keys = a.fill(keys)
	}
	for _, k := range keys {
		x := s.buckets[bucketKey{n: k}]
		if x == nil {
			x = &bucketSum{}
		}
		if x.count < a.MinCount {
			continue
		}
		if !a.room() {
			return
		}
		b := Bucket{Key: k, Count: x.count, Subs: finishAggs(a.subs, x.subs)}
		if a.Kind == "date_histogram" {
			b.Key, b.IsDate = int64(k), true
		}
		r.Buckets = append(r.Buckets, b)
	}
}

// fill gives every bucket from the first to the last, up to one more than there may be.
func (a *aggPlan) fill(keys []float64) []float64 {
	var out []float64
	last := keys[len(keys)-1]
	next := func(k float64) float64 { return k + a.Step }
	if a.Kind == "date_histogram" {
		f := a.floor()
		next = func(k float64) float64 {
			// Far enough into the next bucket, whatever its length, then to its start.
			ms := int64(k)
			if a.Calendar == "" {
				step := a.Interval.Milliseconds()
				if n := f(ms + step); n > ms {
					return float64(n)
				}
				return float64(f(ms + step + (2 * time.Hour).Milliseconds())) // a day of 25 hours
			}
			unit := map[string]time.Duration{"second": time.Second, "minute": time.Minute, "hour": time.Hour, "day": 26 * time.Hour, "week": 8 * 24 * time.Hour, "month": 32 * 24 * time.Hour, "quarter": 93 * 24 * time.Hour, "year": 367 * 24 * time.Hour}[a.Calendar]
			return float64(f(ms + unit.Milliseconds()))
		}
	}
	for k := keys[0]; k <= last && len(out) <= maxBuckets; {
		out = append(out, k)
		n := next(k)
		if n <= k {
			return keys
		}
		k = n
	}
	return out
}
