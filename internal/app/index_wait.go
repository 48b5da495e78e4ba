package app

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"sluice/console"
	"sluice/sinks/elasticsearch"
)

// patience is how long writing may fail before readiness speaks of it: a cluster that is only busy
// takes the next attempts.
const patience = 10 * time.Second

// writing is what one partition brings to a sink. It tells once that the sink does not take it now,
// and once that it does again, however many partitions and attempts there are.
type writing struct {
	n         *Node
	sink      string // the index, the archive
	what      string // events, alerts, dead letters
	partition int
}

// waits remembers which partitions wait for a sink, and since when.
type waits struct {
	mu    sync.Mutex
	since map[writing]time.Time
}

// trouble is told of every failed attempt.
func (w writing) trouble(err error) {
	w.n.waits.mu.Lock()
	if w.n.waits.since == nil {
		w.n.waits.since = map[writing]time.Time{}
	}
	if _, waits := w.n.waits.since[w]; !waits {
		w.n.waits.since[w] = w.n.now()
	}
	w.n.waits.mu.Unlock()
	// What the answers say has ids in it, so it is the class that tells one trouble from another.
	key := w.sink + " " + w.what + " " + classWord(err)
	if times, tell := w.n.troubles.due(key, w.n.now()); tell {
		w.n.log.Warn(fmt.Sprintf("%s does not take %s now; they wait on the bus", w.sink, w.what), "times", times, "why", err)
	}
}

// classWord is the class of an error without digits: troubles takes texts that differ in those for one, and
// credentials that are refused (401) are another than a cluster that is busy (429).
func classWord(err error) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r - '0' + 'a'
		}
		return r
	}, elasticsearch.Class(err))
}

// ended is told that a batch was written, or of the error that ended the attempts.
func (w writing) ended(err error) {
	w.n.waits.mu.Lock()
	_, waited := w.n.waits.since[w]
	delete(w.n.waits.since, w)
	for other := range w.n.waits.since {
		waited = waited && (other.sink != w.sink || other.what != w.what)
	}
	w.n.waits.mu.Unlock()
	if err != nil || !waited {
		return
	}
	if _, tell := w.n.troubles.due(w.sink+" "+w.what+" again", w.n.now()); tell {
		w.n.log.Info(fmt.Sprintf("%s takes %s again", w.sink, w.what))
	}
}

// dead tells of a document that the sink refuses for good.
func (w writing) dead(id, stream string, reason error) {
	key := "dead " + w.what + " " + stream + " " + classWord(reason)
	if times, tell := w.n.troubles.due(key, w.n.now()); tell {
		w.n.log.Warn(fmt.Sprintf("%s refuses one of the %s for good; it is a dead letter now", w.sink, w.what), "id", id, "stream", stream, "times", times, "why", reason)
	}
}

// problems are what has waited longer than patience. Why is in the log: the answer may quote what
// nobody should read without a token.
func (w *waits) problems(now time.Time) (out []console.Problem) {
	w.mu.Lock()
	defer w.mu.Unlock()
	first := map[string]time.Time{}
	for one, since := range w.since {
		key := strings.TrimPrefix(one.sink, "the ") + "\x00" + one.what
		if old, ok := first[key]; !ok || since.Before(old) {
			first[key] = since
		}
	}
	for _, key := range slices.Sorted(maps.Keys(first)) {
		if now.Sub(first[key]) < patience {
			continue
		}
		part, what, _ := strings.Cut(key, "\x00")
		out = append(out, console.Problem{
			Part: part, Warning: true,
			Reason: fmt.Sprintf("takes no %s since %s, or not all; they wait on the bus, the log says why", what, first[key].UTC().Format(time.RFC3339)),
		})
	}
	return out
}
