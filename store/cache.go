package store

import (
	"container/list"
	"sync"

	"sluice/internal/metrics"
)

var (
	cacheHits   = metrics.StoreCached.WithLabelValues("hit")
	cacheMisses = metrics.StoreCached.WithLabelValues("miss")
	cacheBytes  = metrics.StoreCache.WithLabelValues()
)

// cache keeps decoded pieces of segments, the most recently used, within bytes.
type cache struct {
	mu    sync.Mutex
	max   int64
	size  int64
	order list.List // of *cached, newest first
	byKey map[cacheKey]*list.Element
}

type cacheKey struct {
	owner any // a segment, or a chunk of documents
	what  string
	off   int64
}

type cached struct {
	key  cacheKey
	v    any
	size int64
}

func newCache(max int64) *cache { return &cache{max: max, byKey: map[cacheKey]*list.Element{}} }

// get gives what is kept under k or makes it with load. Two may load the same at once: that
// costs time, a lock around every read of the disk would cost more.
func get[T any](c *cache, k cacheKey, load func() (T, int64, error)) (T, error) {
	c.mu.Lock()
	if e := c.byKey[k]; e != nil {
		c.order.MoveToFront(e)
		v := e.Value.(*cached).v.(T)
		c.mu.Unlock()
		cacheHits.Inc()
		return v, nil
	}
	c.mu.Unlock()
	cacheMisses.Inc()
	v, size, err := load()
	if err == nil {
		c.put(k, v, size)
	}
	return v, err
}

func (c *cache) put(k cacheKey, v any, size int64) {
	size += 160 // the entry itself
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byKey[k] != nil || size > c.max/4 {
		return
	}
	c.byKey[k] = c.order.PushFront(&cached{k, v, size})
	c.size += size
	cacheBytes.Add(float64(size))
	for c.size > c.max {
		c.remove(c.order.Back())
	}
}

func (c *cache) remove(e *list.Element) {
	x := c.order.Remove(e).(*cached)
	delete(c.byKey, x.key)
	c.size -= x.size
	cacheBytes.Sub(float64(x.size))
}

func (c *cache) forget(k cacheKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.byKey[k]; e != nil {
		c.remove(e)
	}
}

// drop forgets everything of one owner.
func (c *cache) drop(owner any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for e := c.order.Front(); e != nil; {
		next := e.Next()
		if e.Value.(*cached).key.owner == owner {
			c.remove(e)
		}
		e = next
	}
}
