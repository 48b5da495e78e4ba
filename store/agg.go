package store

import (
	"context"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/axiomhq/hyperloglog"
	"github.com/cespare/xxhash/v2"
)

const (
	// maxBuckets of one aggregation, as search.max_buckets.
	maxBuckets = 65536
	// maxTerms distinct values are counted exactly; beyond, the rarer half is forgotten, and
	// counts of what remains may be low, as across Elasticsearch's shards.
	maxTerms = 400000
	// exactValues of a cardinality are counted one by one, more by a sketch (0.4 % off).
	exactValues = 40000
	maxAggDepth = 8
)

var errTooManyBuckets = error(&QueryError{"too_many_buckets_exception", "Trying to create too many buckets. Must be less than or equal to: [65536]. Ask for a shorter time, a greater interval or fewer aggregations below each other."})

// bucketKey is what a bucket is of: text, or a number.
type bucketKey struct {
	s string
	n float64
}

type bucketSum struct {
	count int64
	subs  []aggSum
}

// aggSum is what an aggregation has gathered so far.
type aggSum struct {
	count    int64
	sum      float64
	min, max float64
	exact    map[uint64]struct{}
	sketch   *hyperloglog.Sketch
	buckets  map[bucketKey]*bucketSum
	class    class
	lost     int64
}

func newSums(plans []*aggPlan) []aggSum {
	out := make([]aggSum, len(plans))
	for i := range out {
		out[i].min, out[i].max = math.Inf(1), math.Inf(-1)
	}
	return out
}

func collectAggs(ctx context.Context, r *run, p part, got rows64) ([]aggSum, error) {
	if len(r.aggs) == 0 {
		return nil, nil
	}
	return collectPlans(ctx, r, r.aggs, p, got)
}

func collectPlans(ctx context.Context, r *run, plans []*aggPlan, p part, got rows64) ([]aggSum, error) {
	sums := newSums(plans)
	for i, a := range plans {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		if err := a.collect(ctx, r, p, got, &sums[i]); err != nil {
			return nil, err
		}
	}
	return sums, nil
}

func (a *aggPlan) collect(ctx context.Context, r *run, p part, got rows64, sum *aggSum) error {
	switch a.Kind {
	case "filter", "filters":
		for i, f := range a.filters {
			b, err := f.run(r.e, p)
			if err != nil {
				return err
			}
			b.and(got)
			if err := a.bucket(ctx, r, p, b, sum, bucketKey{n: float64(i)}); err != nil {
				return err
			}
		}
		return nil
	case "missing":
		b, err := a.exists.run(r.e, p)
		if err != nil {
			return err
		}
		rest := append(rows64(nil), got...)
		rest.without(b)
		return a.bucket(ctx, r, p, rest, sum, bucketKey{})
	}
	c, err := r.values(p, a.Field)
	if err != nil {
		return err
	}
	if c != nil && c.class == classText {
		return noFieldData(a.Field)
	}
	if c != nil {
		sum.class = c.class
	}
	switch a.Kind {
	case "terms":
		return a.terms(ctx, r, p, c, got, sum)
	case "date_histogram", "histogram":
		return a.histogram(ctx, r, p, c, got, sum)
	}
	if c == nil {
		return nil
	}
	return a.metric(c, got, sum)
}

// bucket adds the rows of b to the bucket of k, and asks the aggregations below.
func (a *aggPlan) bucket(ctx context.Context, r *run, p part, b rows64, sum *aggSum, k bucketKey) error {
	x := sum.at(k)
	x.count += int64(b.count())
	if len(a.subs) == 0 {
		return nil
	}
	subs, err := collectPlans(ctx, r, a.subs, p, b)
	if err != nil {
		return err
	}
	if x.subs == nil {
		x.subs = subs
		return nil
	}
	return mergeSums(a.subs, x.subs, subs)
}

func (s *aggSum) at(k bucketKey) *bucketSum {
	if s.buckets == nil {
		s.buckets = map[bucketKey]*bucketSum{}
	}
	x := s.buckets[k]
	if x == nil {
		x = &bucketSum{}
		s.buckets[k] = x
	}
	return x
}

// metric reads the values of a column once: each distinct value is parsed once.
func (a *aggPlan) metric(c *column, got rows64, sum *aggSum) error {
	if c.class == classDate {
		c.each(func(row uint32, i int) {
			if got.has(row) {
				ms := floorMilli(c.nums[i])
				sum.value(float64(ms), 1, a.Kind == "cardinality", uint64(ms)*0x9E3779B97F4A7C15)
			}
		})
		return nil
	}
	counts := make([]int64, c.dict.len())
	c.each(func(row uint32, i int) {
		if got.has(row) {
			counts[c.code(i)]++
		}
	})
	counted := a.Kind == "cardinality" || a.Kind == "value_count"
	return c.dict.each(func(code int, v string) {
		if n := counts[code]; n > 0 {
			f := 0.0
			switch {
			case c.class == classNumber:
				f = numberKey(v).f
			case counted:
			case v == "true":
				f = 1
			case isNumber(v):
				f = numberKey(v).f
			case v != "false": // a field that is not declared, and text here
				return
			}
			sum.value(f, n, a.Kind == "cardinality", hashValue(c.class, v))
		}
	})
}

func hashValue(c class, v string) uint64 {
	switch c {
	case classIP: // ::ffff:1.2.3.4 is 1.2.3.4
		if a, ok := parseAddr(v); ok {
			b := a.As16()
			return xxhash.Sum64(b[:])
		}
	case classNumber:
		return xxhash.Sum64String(strconv.FormatFloat(numberKey(v).f, 'g', -1, 64))
	}
	return xxhash.Sum64String(v)
}

func (s *aggSum) value(f float64, n int64, distinct bool, h uint64) {
	s.count += n
	s.sum += f * float64(n)
	s.min, s.max = min(s.min, f), max(s.max, f)
	if distinct {
		s.distinct(h)
	}
}

func (s *aggSum) distinct(h uint64) {
	if s.sketch != nil {
		s.sketch.InsertHash(h)
		return
	}
	if s.exact == nil {
		s.exact = map[uint64]struct{}{}
	}
	s.exact[h] = struct{}{}
	if len(s.exact) > exactValues {
		s.sketch = hyperloglog.New16()
		for h := range s.exact {
			s.sketch.InsertHash(h)
		}
		s.exact = nil
	}
}

func (a *aggPlan) terms(ctx context.Context, r *run, p part, c *column, got rows64, sum *aggSum) error {
	if a.HasMissing {
		rest := append(rows64(nil), got...)
		if c != nil {
			rest.without(c.present())
		}
		if !rest.empty() {
			if sum.class == classAuto {
				sum.class = a.class
			}
			if err := a.bucket(ctx, r, p, rest, sum, a.missingKey()); err != nil {
				return err
			}
		}
	}
	if c == nil {
		return nil
	}
	if c.class == classDate {
		return a.grouped(ctx, r, p, c, got, sum, func(i int) (bucketKey, bool) {
			return bucketKey{n: float64(floorMilli(c.nums[i]))}, true
		})
	}
	// Count codes first: one document counts once for a value, however often it has it.
	counts := make([]int64, c.dict.len())
	last := make([]uint32, len(counts))
	c.each(func(row uint32, i int) {
		if k := c.code(i); got.has(row) && last[k] != row+1 {
			last[k] = row + 1
			counts[k]++
		}
	})
	keys := make([]bucketKey, len(counts))
	use := make([]bool, len(counts))
	err := c.dict.each(func(code int, v string) {
		if counts[code] == 0 {
			return
		}
		if c.class == classFlat { // the values of all keys
			_, v, _ = strings.Cut(v, "\x00")
		}
		if a.include != nil && !a.include[v] || a.exclude[v] {
			return
		}
		use[code], keys[code] = true, termKey(c.class, v)
		if len(a.subs) == 0 {
			sum.at(keys[code]).count += counts[code]
		}
	})
	if err != nil || len(a.subs) == 0 {
		return err
	}
	return a.grouped(ctx, r, p, c, got, sum, func(i int) (bucketKey, bool) {
		k := c.code(i)
		return keys[k], use[k]
	})
}

func termKey(c class, v string) bucketKey {
	switch c {
	case classNumber:
		return bucketKey{n: numberKey(v).f}
	case classIP:
		if a, ok := parseAddr(v); ok {
			return bucketKey{s: a.String()}
		}
	}
	return bucketKey{s: v}
}

// missingKey is the bucket of documents without the field: that of a value, where Missing is one of its class.
func (a *aggPlan) missingKey() bucketKey {
	switch a.class {
	case classNumber:
		if _, err := strconv.ParseFloat(a.Missing, 64); err == nil {
			return termKey(classNumber, a.Missing)
		}
	case classDate:
		if ns, err := parseDate(a.Missing, "", nil, false); err == nil {
			return bucketKey{n: float64(floorMilli(ns))}
		}
	case classIP:
		return termKey(classIP, a.Missing)
	}
	return bucketKey{s: a.Missing}
}

// grouped puts rows into buckets by key, and asks the aggregations below for each.
func (a *aggPlan) grouped(ctx context.Context, r *run, p part, c *column, got rows64, sum *aggSum, keyAt func(i int) (bucketKey, bool)) error {
	rows := map[bucketKey][]uint32{}
	type tally struct {
		n    int64
		last uint32 // row; a document counts once, wherever in its list the value stands
	}
	counts := map[bucketKey]tally{}
	c.each(func(row uint32, i int) {
		if !got.has(row) {
			return
		}
		k, ok := keyAt(i)
		if !ok {
			return
		}
		if len(a.subs) > 0 {
			if l := rows[k]; len(l) == 0 || l[len(l)-1] != row {
				rows[k] = append(l, row)
			}
			return
		}
		if t := counts[k]; t.n == 0 || t.last != row {
			counts[k] = tally{t.n + 1, row}
		}
	})
	for k, t := range counts {
		sum.at(k).count += t.n
	}
	b := newRows(p.rows())
	for k, list := range rows {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		clear(b)
		for _, row := range list {
			b.set(row)
		}
		if err := a.bucket(ctx, r, p, b, sum, k); err != nil {
			return err
		}
	}
	return nil
}

func (a *aggPlan) histogram(ctx context.Context, r *run, p part, c *column, got rows64, sum *aggSum) error {
	if c == nil {
		return nil
	}
	if a.Kind == "histogram" {
		return a.grouped(ctx, r, p, c, got, sum, func(i int) (bucketKey, bool) {
			if c.class == classDate {
				return bucketKey{n: math.Floor(float64(floorMilli(c.nums[i]))/a.Step) * a.Step}, true
			}
			v, err := c.value(i)
			return bucketKey{n: math.Floor(numberKey(v).f/a.Step) * a.Step}, err == nil && c.class == classNumber
		})
	}
	if c.class != classDate {
		return &QueryError{"illegal_argument_exception", "Field [" + a.Field + "] of type [keyword] is not supported for aggregation [date_histogram]"}
	}
	floor := a.floor()
	even := a.Calendar == "" && a.zone() == time.UTC // elsewhere a day may have 23 hours
	// Times are nearly sorted: most values fall where the one before fell.
	var at, from, to int64 = 0, 1, 0
	return a.grouped(ctx, r, p, c, got, sum, func(i int) (bucketKey, bool) {
		ms := floorMilli(c.nums[i])
		if ms < from || ms >= to {
			from = floor(ms)
			at, to = from, from+1
			if even {
				to = from + a.Interval.Milliseconds()
			}
		}
		return bucketKey{n: float64(at)}, true
	})
}

func (a *aggPlan) zone() *time.Location {
	if a.Zone == nil {
		return time.UTC
	}
	return a.Zone
}

// floor gives the start of a bucket, in milliseconds.
func (a *aggPlan) floor() func(ms int64) int64 {
	zone := a.zone()
	off := a.Offset.Milliseconds()
	if a.Calendar != "" {
		unit := map[string]byte{"second": 's', "minute": 'm', "hour": 'h', "day": 'd', "week": 'w', "month": 'M', "quarter": 'q', "year": 'y'}[a.Calendar]
		return func(ms int64) int64 {
			return floor(time.UnixMilli(ms-off).In(zone), unit).UnixMilli() + off
		}
	}
	step := max(1, a.Interval.Milliseconds())
	ahead := func(ms int64) int64 { // of UTC
		_, z := time.UnixMilli(ms).In(zone).Zone()
		return int64(z) * 1000
	}
	return func(ms int64) int64 {
		z := ahead(ms)
		n := ms + z - off
		q := n / step
		if n%step < 0 {
			q--
		}
		local := q*step + off
		// Clocks may have been set since the bucket began.
		if from := local - ahead(local-z); from <= ms {
			return from
		}
		return local - z
	}
}

func addr16(s string) string {
	var b [16]byte
	copy(b[:], s)
	return netip.AddrFrom16(b).Unmap().String()
}
