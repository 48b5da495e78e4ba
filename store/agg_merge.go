package store

import (
	"slices"
	"strconv"
)

// mergeSums adds from to to. A part that gave nothing adds nothing.
func mergeSums(plans []*aggPlan, to, from []aggSum) error {
	for i := range from {
		a, b := &to[i], &from[i]
		a.count += b.count
		a.sum += b.sum
		a.min, a.max = min(a.min, b.min), max(a.max, b.max)
		if plans[i].Kind == "terms" && (a.class == classNumber && b.class == classString || a.class == classString && b.class == classNumber) {
			for _, s := range []*aggSum{a, b} {
				if err := s.asText(plans[i].subs); err != nil {
					return err
				}
			}
		} else if b.class != classAuto {
			a.class = b.class
		}
		if err := a.mergeDistinct(b); err != nil {
			return err
		}
		for k, x := range b.buckets {
			y := a.at(k)
			y.count += x.count
			if y.subs == nil {
				y.subs = x.subs
			} else if err := mergeSums(plans[i].subs, y.subs, x.subs); err != nil {
				return err
			}
		}
		if n := len(a.buckets); n > maxBuckets && plans[i].Kind != "terms" {
			return errTooManyBuckets
		} else if n > maxTerms || n > maxBuckets && len(plans[i].subs) > 0 {
			a.forget(n / 2)
		}
	}
	return nil
}

// asText turns numbers into text: an undeclared field that is a number here is text elsewhere.
func (s *aggSum) asText(subs []*aggPlan) error {
	old, was := s.buckets, s.class
	s.buckets, s.class = nil, classString
	for k, x := range old {
		if was == classNumber && k.s == "" {
			k = bucketKey{s: strconv.FormatFloat(k.n, 'f', -1, 64)}
		}
		y := s.at(k)
		y.count += x.count
		if y.subs == nil {
			y.subs = x.subs
		} else if err := mergeSums(subs, y.subs, x.subs); err != nil {
			return err
		}
	}
	return nil
}

func (s *aggSum) mergeDistinct(b *aggSum) error {
	for h := range b.exact {
		s.distinct(h)
	}
	if b.sketch == nil {
		return nil
	}
	if s.sketch == nil {
		old := s.exact
		s.sketch, s.exact = b.sketch, nil
		for h := range old {
			s.distinct(h)
		}
		return nil
	}
	return s.sketch.Merge(b.sketch)
}

// forget drops the n rarest buckets.
func (s *aggSum) forget(n int) {
	counts := make([]int64, 0, len(s.buckets))
	for _, x := range s.buckets {
		counts = append(counts, x.count)
	}
	slices.Sort(counts)
	limit := counts[n]
	for k, x := range s.buckets {
		if x.count <= limit && n > 0 {
			s.lost += x.count
			delete(s.buckets, k)
			n--
		}
	}
}

// weight is about how many bytes sums take.
func weight(sums []aggSum) (n int64) {
	for i := range sums {
		s := &sums[i]
		n += int64(32 * len(s.exact))
		if s.sketch != nil {
			n += 64 << 10
		}
		for _, x := range s.buckets {
			n += int64(128+128*len(x.subs)) + weight(x.subs)
		}
	}
	return n
}
