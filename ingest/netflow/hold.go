package netflow

import (
	"slices"
	"time"

	"sluice/internal/metrics"
)

const (
	// holdTime is how long data waits: exporters send their templates every 20 packets
	// to 30 minutes; what is older than this belongs to a template of before.
	holdTime = 10 * time.Minute
	// heldOverhead is what a set costs beside its bytes.
	heldOverhead = 160
)

// held are sets of data that came before their templates, the oldest first.
type held struct {
	max     int // bytes
	bytes   int
	sets    []heldSet
	waiting map[awaited]int // how many of sets
}

// awaited is a template that is not known yet.
type awaited struct {
	exporter exporterID
	template uint16
}

type heldSet struct {
	awaited
	header header
	origin string
	body   []byte
	since  time.Time
}

func (s *heldSet) cost() int { return len(s.body) + heldOverhead }

// hold keeps a set for its template; the oldest make room.
func (d *decoder) hold(h *header, template uint16, body []byte, now time.Time) {
	s := heldSet{awaited{exporterID{h.peer.Addr(), h.version, h.domain}, template}, *h, d.origin, slices.Clone(body), now}
	if s.cost() > d.held.max {
		d.drop(d.origin, dropNoTemplate, 1)
		return
	}
	for d.held.bytes+s.cost() > d.held.max {
		d.discard()
	}
	d.held.sets = append(d.held.sets, s)
	d.held.bytes += s.cost()
	d.held.waiting[s.awaited]++
	metrics.NetflowHeld.WithLabelValues(d.input).Set(float64(d.held.bytes))
}

// discard counts the oldest set as dropped.
func (d *decoder) discard() {
	s := &d.held.sets[0]
	d.drop(s.origin, dropNoTemplate, 1)
	d.held.bytes -= s.cost()
	if d.held.waiting[s.awaited]--; d.held.waiting[s.awaited] == 0 {
		delete(d.held.waiting, s.awaited)
	}
	*s = heldSet{}
	d.held.sets = d.held.sets[1:] // no moving of all others: a flood would be a walk through the whole buffer for each set
}

// expire discards what has waited for too long.
func (d *decoder) expire(now time.Time) {
	before := d.held.bytes
	for len(d.held.sets) > 0 && now.Sub(d.held.sets[0].since) > holdTime {
		d.discard()
	}
	if d.held.bytes < before {
		metrics.NetflowHeld.WithLabelValues(d.input).Set(float64(d.held.bytes))
	}
}

// take removes the sets of a template, in the order in which they came. Exporters repeat their
// templates, so that seldom one is awaited: only then are the sets gone through.
func (q *held) take(a awaited) (sets []heldSet) {
	if q.waiting[a] == 0 {
		return nil
	}
	delete(q.waiting, a)
	rest := q.sets[:0]
	for i := range q.sets {
		if s := q.sets[i]; s.awaited == a {
			sets = append(sets, s)
			q.bytes -= s.cost()
		} else {
			rest = append(rest, s)
		}
	}
	clear(q.sets[len(rest):])
	q.sets = rest
	return sets
}

func (q *held) clear() {
	q.sets, q.bytes = nil, 0
	clear(q.waiting)
}
