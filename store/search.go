package store

import (
	"context"
	"errors"
	"io/fs"
	"math"
	"slices"
	"sync"
	"time"

	"sluice/internal/metrics"
)

const (
	// MaxResult bounds From + Size, as index.max_result_window does.
	MaxResult = 10000
	// defaultTimeout of a search that names none.
	defaultTimeout = 10 * time.Second
	// workers of one search: both cores, while the writer keeps its share by the scheduler.
	workers = 2
)

// errGone tells that a segment went away between the look at the list and its opening: its events are in
// another one by now.
var errGone = errors.New("segment is gone")

// maxGone bounds how often a search begins anew for that; its time does, too.
const maxGone = 20

// ErrTooLarge is returned where the documents of an answer take more than a sixth of the memory, and
// more than 16 MiB: fewer at once are answered.
var ErrTooLarge = errors.New("the documents of the answer take too much memory; ask for fewer at once")

// Room is how many bytes the documents of one answer may take together. One alone is always given.
func (s *Store) Room() int { return int(max(s.opt.MemoryBytes/aggShare, 2*maxSource)) }

// ErrBusy is returned by Search where others run for as long as it may take.
var ErrBusy = errors.New("too many searches run at once")

// Search answers a request. What can't be read is named in Failures; the rest is the answer.
func (s *Store) Search(ctx context.Context, q Request) (*Result, error) {
	start := time.Now()
	defer func() { metrics.StoreSearch.WithLabelValues().Observe(time.Since(start).Seconds()) }()
	if q.From < 0 || q.Size < 0 || q.From > MaxResult-q.Size {
		return nil, &QueryError{"illegal_argument_exception", "Result window is too large, from + size must be less than or equal to: [10000]. See search_after."}
	}
	if q.Timeout <= 0 {
		q.Timeout = defaultTimeout
	}
	ctx, cancel := context.WithTimeoutCause(ctx, q.Timeout, errTimeout)
	defer cancel()
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		if err := context.Cause(ctx); !errors.Is(err, errTimeout) {
			return nil, err
		}
		return nil, ErrBusy
	}
	r, err := s.page(ctx, &q)
	if r != nil {
		r.Took = time.Since(start)
	}
	return r, err
}

// maxWide bounds how many unreadable documents a page steps over: two segments.
const maxWide = 1 << 16

// page searches again with room for more candidates while damage or retention leaves a page short:
// readers take a short page for the last one.
func (s *Store) page(ctx context.Context, q *Request) (r *Result, err error) {
	wide, gone := 0, 0
	for {
		var short bool
		r, short, err = s.search(ctx, q, wide)
		switch {
		case errors.Is(err, errGone) && gone < maxGone:
			gone++
		case err == nil && short && wide < maxWide:
			wide = max(4*wide, 1024)
		default:
			return r, err
		}
	}
}

var errTimeout = errors.New("the search took too long")

// run is one search under way.
type run struct {
	s     *Store
	q     *Request
	e     *eval
	query node
	names map[string]bool
	all   bool
	from  int64 // bounds of @timestamp that the query implies
	to    int64
	sort  []Sort
	after []sortValue
	aggs  []*aggPlan

	mu    sync.Mutex
	total int64
	hits  hitHeap
	parts int
	fails []Problem
	gone  bool // retention has taken a document away that was found
	sums  []aggSum
	heavy int64 // what sums weighed when last looked at, and what was added since
	dead  map[*segment]rows64
}

// search gives a page. short tells that damage or retention took documents off it, and that more
// candidates than wide beyond the page may fill it.
func (s *Store) search(ctx context.Context, q *Request, wide int) (found *Result, short bool, err error) {
	r := &run{s: s, q: q, e: &eval{s: s, now: s.opt.Now()}, sort: q.Sort}
	if r.names, r.all, err = s.Resolve(q.Indices, q.AllowAbsent); err != nil {
		return nil, false, err
	}
	if r.query, err = r.e.prepare(q.Query); err != nil {
		return nil, false, err
	}
	r.from, r.to = r.e.window(q.Query)
	if len(r.sort) == 0 {
		r.sort = []Sort{{Field: "@timestamp", Desc: true}}
	}
	for _, x := range q.Sort {
		if _, _, c := s.fields.classFor(x.Field); c == classText {
			return nil, false, noFieldData(x.Field)
		}
	}
	if r.after, err = r.afterValues(); err != nil {
		return nil, false, err
	}
	if r.aggs, err = planAggs(r.e, q.Aggs, 0); err != nil {
		return nil, false, err
	}
	r.sums = newSums(r.aggs)
	r.fails = s.missing(q.Indices)
	r.hits.sort, r.hits.max = r.sort, q.From+q.Size
	if q.Size > 0 {
		r.hits.max += wide
	}
	err = r.everything(ctx)
	timedOut := errors.Is(err, errTimeout)
	if err != nil && !timedOut {
		return nil, false, err
	}
	full := r.hits.max > 0 && len(r.hits.list) == r.hits.max
	found, err = r.result(ctx, timedOut)
	return found, err == nil && full && !timedOut && len(found.Hits) < q.Size && (r.gone || len(found.Failures) > 0), err
}

// everything asks all parts, those first that are the likelier to fill the page.
func (r *run) everything(ctx context.Context) error {
	s := r.s
	var views []*memView
	s.mu.RLock()
	read := func(f func()) { s.mu.RLock(); defer s.mu.RUnlock(); f() }
	for _, m := range []*mem{s.mem, s.old} {
		if m != nil && m.n > 0 {
			views = append(views, m.view(read))
		}
	}
	var segs []*segment
	r.dead = map[*segment]rows64{}
	for _, seg := range s.parts {
		if r.wants(seg) {
			// As of now, as what memory holds: a document that is written anew meanwhile would be in neither.
			segs, r.dead[seg] = append(segs, seg), seg.dead()
		}
	}
	s.mu.RUnlock()
	if r.wantsDocuments() {
		if err := s.docs.views(ctx, func(p part) error { return r.ask(ctx, p) }); err != nil {
			return firstOf(context.Cause(ctx), err)
		}
	}
	if !r.sort[0].Desc {
		if err := r.segments(ctx, segs); err != nil {
			return err
		}
		return r.views(ctx, views)
	}
	slices.Reverse(segs)
	if err := r.views(ctx, views); err != nil {
		return err
	}
	return r.segments(ctx, segs)
}

func (r *run) views(ctx context.Context, views []*memView) error {
	for _, v := range views {
		if err := r.ask(ctx, v); err != nil {
			return err
		}
	}
	return nil
}

// segments are asked in their order, by two workers.
func (r *run) segments(ctx context.Context, segs []*segment) error {
	todo := make(chan *segment, len(segs))
	for _, seg := range segs {
		todo <- seg
	}
	close(todo)
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for p := range todo {
				if errs[w] = r.segment(ctx, p); errs[w] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	return firstOf(errs...)
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *run) segment(ctx context.Context, p *segment) error {
	if r.needless(p) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.parts++ // it has answered, with nothing
		return context.Cause(ctx)
	}
	switch err := p.acquire(); {
	case errors.Is(err, fs.ErrNotExist) && p.expired.Load():
		return nil // what it had is gone: to begin anew would be in vain where the oldest go every second
	case errors.Is(err, fs.ErrNotExist):
		return errGone
	case err != nil:
		return r.failed(p, err)
	}
	defer p.release()
	return r.ask(ctx, p)
}

// wants tells by names and time whether a segment can have an answer.
func (r *run) wants(p *segment) bool {
	if p.sum.maxTime < r.from || p.sum.minTime > r.to {
		return false
	}
	return r.all || slices.ContainsFunc(p.sum.streams, func(n string) bool { return r.names[n] })
}

func (r *run) wantsDocuments() bool {
	if r.all {
		return true
	}
	for name := range r.names {
		if mutable(name) {
			return true
		}
	}
	return false
}

func (r *run) failed(p part, err error) error {
	var x Problem
	if !errors.As(err, &x) {
		if !errors.Is(err, errCorrupt) {
			return err
		}
		x = Problem{p.name(), 0, err.Error()}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fails = append(r.fails, x)
	return nil
}

// ask collects one part's answer.
func (r *run) ask(ctx context.Context, p part) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	got, err := r.query.run(r.e, p)
	if err == nil {
		if seg, ok := p.(*segment); ok {
			got.without(r.dead[seg])
		} else {
			got.without(p.dead())
		}
		err = r.ofNames(p, got)
	}
	var hits []hit
	var sums []aggSum
	if err == nil && r.hits.max > 0 {
		hits, err = r.collect(p, got)
	}
	if err == nil {
		sums, err = collectAggs(ctx, r, p, got)
	}
	if errors.Is(err, errTooManyBuckets) || ctx.Err() != nil {
		return firstOf(err, context.Cause(ctx))
	}
	if err != nil {
		return r.failed(p, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.parts++
	r.total += int64(got.count())
	for _, h := range hits {
		r.hits.offer(h)
	}
	if err := mergeSums(r.aggs, r.sums, sums); err != nil {
		return err
	}
	// What is added may be there already: it is looked at when it has become as much again.
	if r.heavy += weight(sums); r.heavy > 2*r.s.opt.MemoryBytes/aggShare {
		if r.heavy = weight(r.sums); r.heavy > r.s.opt.MemoryBytes/aggShare {
			return errTooManyBuckets
		}
	}
	return nil
}

// ofNames leaves the rows of the indices asked for.
func (r *run) ofNames(p part, got rows64) error {
	if r.all || got.empty() {
		return nil
	}
	c, err := p.column("_index")
	if err != nil {
		return err
	}
	in := make([]bool, c.dict.len())
	every := true
	_ = c.dict.each(func(i int, v string) {
		in[i] = r.names[v]
		every = every && in[i]
	})
	if !every {
		c.each(func(row uint32, i int) {
			if !in[c.code(i)] {
				got.clear(row)
			}
		})
	}
	return nil
}

// window finds the time that a query leaves open, from what must hold.
func (e *eval) window(q Query) (from, to int64) {
	from, to = math.MinInt64, math.MaxInt64
	switch q := q.(type) {
	case Range:
		if q.Field != "@timestamp" {
			return from, to
		}
		l := e.leaf(q.Field)
		iv, err := l.between(classDate, q, e.now)
		if err != nil {
			return from, to
		}
		if iv.hasFrom {
			from = iv.from.i
		}
		if iv.hasTo {
			to = iv.to.i
		}
	case Bool:
		for _, m := range q.Must {
			a, b := e.window(m)
			from, to = max(from, a), min(to, b)
		}
	}
	return from, to
}

// result orders the hits and reads their documents.
func (r *run) result(ctx context.Context, timedOut bool) (*Result, error) {
	out := &Result{Total: r.total, TimedOut: timedOut, Parts: r.parts, Failures: r.fails}
	if n := int64(r.q.TrackTotal); n >= 0 && out.Total > n {
		out.Total, out.AtLeast = n, true
	}
	out.AtLeast = out.AtLeast || timedOut
	list := r.hits.list
	slices.SortStableFunc(list, func(a, b hit) int { return compareKeys(r.sort, a.keys, b.keys) })
	list = list[min(r.q.From, len(list)):]
	size := 0
	for _, h := range list {
		if len(out.Hits) == r.q.Size {
			break
		}
		if err := ctx.Err(); err != nil && !timedOut {
			return nil, context.Cause(ctx)
		}
		d, err := r.fetch(h)
		if seg, ok := h.p.(*segment); ok && errors.Is(err, errGone) && seg.expired.Load() {
			r.gone = true
			continue
		}
		if errors.Is(err, errGone) {
			return nil, err
		}
		if err != nil {
			if err := r.failed(h.p, err); err != nil {
				return nil, err
			}
			out.Failures = r.fails
			continue
		}
		if size += len(d.Source); len(out.Hits) > 0 && size > r.s.Room() {
			return nil, ErrTooLarge
		}
		x := Hit{Doc: d}
		for i, k := range h.keys {
			x.Sort = append(x.Sort, r.shown(i, k))
		}
		out.Hits = append(out.Hits, x)
	}
	if out.Aggs = finishAggs(r.aggs, r.sums); r.e.buckets > maxBuckets {
		return nil, errTooManyBuckets
	}
	return out, nil
}

func (r *run) shown(i int, v sortValue) any {
	if _, _, c := r.s.fields.classFor(r.sort[i].Field); c == classIP && v.isText && len(v.s) == 16 {
		return addr16(v.s)
	}
	return v.out()
}

func (r *run) fetch(h hit) (Doc, error) {
	if seg, ok := h.p.(*segment); ok {
		if err := seg.acquire(); err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return Doc{}, errGone
			}
			return Doc{}, err
		}
		defer seg.release()
	}
	d, err := h.p.doc(h.row, !r.q.NoSource)
	if err == nil && r.q.Part != nil {
		d.Source, err = r.q.Part(d.Source)
	}
	return d, err
}
