package console

import "time"

// Histogram counts what was found over time. Buckets follow each other without a gap
// from the one that holds the start of the range to the one that holds its end.
type Histogram struct {
	Interval string   `json:"interval"` // such as 30s; a fixed length, aligned to 1970 UTC
	Seconds  int64    `json:"seconds"`
	Buckets  []Bucket `json:"buckets"`

	from, to time.Time
}

// Bucket is one bar.
type Bucket struct {
	At    time.Time `json:"at"`
	Count int64     `json:"count"`
}

type rawBucket struct {
	Key   int64 `json:"key"` // ms since 1970
	Count int64 `json:"doc_count"`
}

// maxBuckets is how many bars a page shows with room between them.
const maxBuckets = 80

// intervals are lengths that people read as round.
var intervals = []struct {
	name string
	d    time.Duration
}{
	{"1s", time.Second},
	{"5s", 5 * time.Second},
	{"10s", 10 * time.Second},
	{"15s", 15 * time.Second},
	{"30s", 30 * time.Second},
	{"1m", time.Minute},
	{"5m", 5 * time.Minute},
	{"10m", 10 * time.Minute},
	{"15m", 15 * time.Minute},
	{"30m", 30 * time.Minute},
	{"1h", time.Hour},
	{"3h", 3 * time.Hour},
	{"6h", 6 * time.Hour},
	{"12h", 12 * time.Hour},
	{"1d", 24 * time.Hour},
	{"7d", 7 * 24 * time.Hour},
}

// newHistogram chooses the shortest interval that gives at most maxBuckets.
func newHistogram(from, to time.Time) *Histogram {
	best := intervals[len(intervals)-1]
	for _, iv := range intervals {
		if to.Sub(from) <= iv.d*(maxBuckets-1) {
			best = iv
			break
		}
	}
	return &Histogram{Interval: best.name, Seconds: int64(best.d / time.Second), from: from, to: to}
}

// fill takes the buckets that the index counted and puts empty ones between them.
func (h *Histogram) fill(counted []rawBucket) {
	step := h.Seconds * 1000
	counts := make(map[int64]int64, len(counted))
	for _, b := range counted {
		counts[floor(b.Key, step)] += b.Count
	}
	h.Buckets = []Bucket{}
	for at := floor(h.from.UnixMilli(), step); at < h.to.UnixMilli(); at += step {
		h.Buckets = append(h.Buckets, Bucket{At: time.UnixMilli(at).UTC(), Count: counts[at]})
	}
}

// floor rounds down to a multiple of step, before 1970 too.
func floor(n, step int64) int64 {
	m := n % step
	if m < 0 {
		m += step
	}
	return n - m
}
