package app

import (
	"regexp"
	"sync"
	"time"
)

const (
	// troubleEvery is how often one trouble is in the log while it lasts: with a broker away each
	// partition of each group fails, again and again.
	troubleEvery = time.Minute
	// mostTroubles bounds what is remembered; others are told each time until some are forgotten.
	mostTroubles = 200
)

// numbers are what is other in texts of the same trouble: ports, partitions, offsets.
var numbers = regexp.MustCompile(`\d+`)

// troubles remembers what was told of late.
type troubles struct {
	mu  sync.Mutex
	all map[string]*repeated
}

type repeated struct {
	told  time.Time
	since int // how often it came since it was told
}

// due counts one trouble, and reports whether it is to be told now and for how many it stands.
func (t *troubles) due(text string, now time.Time) (times int, tell bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	key := numbers.ReplaceAllString(text, "#")
	r := t.all[key]
	if r != nil && now.Sub(r.told) < troubleEvery {
		r.since++
		return 0, false
	}
	for k, old := range t.all {
		if now.Sub(old.told) >= 2*troubleEvery {
			delete(t.all, k)
		}
	}
	times = 1
	if r != nil {
		times += r.since
	}
	if t.all == nil {
		t.all = map[string]*repeated{}
	}
	if r != nil || len(t.all) < mostTroubles {
		t.all[key] = &repeated{told: now}
	}
	return times, true
}

// trouble logs errors that a part goes on from by itself.
func (n *Node) trouble(part string) func(error) {
	return func(err error) {
		err = unreadable(err)
		if times, tell := n.troubles.due(part+" "+err.Error(), n.now()); tell {
			n.log.Warn("trouble; it is tried again", "part", part, "times", times, "why", err)
		}
	}
}
