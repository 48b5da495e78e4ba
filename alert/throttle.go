package alert

import (
	"slices"
	"strconv"
	"sync"
	"time"
)

// Budget counts the messages that one channel has sent, by rule and key and in total. The tellers
// of a channel share one within a process, since a rule's alerts are spread over all partitions;
// processes do not share it. It is safe for concurrent use.
type Budget struct {
	mu      sync.Mutex
	channel []time.Time
	keys    map[string][]time.Time
	seen    map[string]time.Time // messages counted, so that a restored one counts once
	failing map[*Teller]bool     // those whose last attempt failed
	waiting map[*Teller]int      // alerts that each holds back
}

// turned notes how an attempt of a teller went. fails says whether the last one of any failed, turned
// whether that is news.
func (b *Budget) turned(t *Teller, failing bool) (turned, fails bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	was := len(b.failing) > 0
	if b.failing[t] = true; !failing {
		delete(b.failing, t)
	}
	fails = len(b.failing) > 0
	return was != fails, fails
}

// waits notes how many alerts a teller holds back, and returns how many all of them do.
func (b *Budget) waits(t *Teller, alerts int) (all int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.waiting[t] = alerts; alerts == 0 {
		delete(b.waiting, t)
	}
	for _, n := range b.waiting {
		all += n
	}
	return all
}

// maxWindow is the longest window that Policy.Validate allows.
const maxWindow = 24 * time.Hour

// NewBudget returns an unspent budget.
func NewBudget() *Budget {
	return &Budget{keys: map[string][]time.Time{}, seen: map[string]time.Time{}, failing: map[*Teller]bool{}, waiting: map[*Teller]int{}}
}

// throttleKey is what per-key throttling counts by.
func throttleKey(namespace, rule, key string) string {
	return namespace + "\x00" + rule + "\x00" + key
}

// atLeast is a throttle key with a severity: what was told of the key with it, or with a higher one.
func atLeast(severity int, key string) string { return strconv.Itoa(severity) + "\x00" + key }

// spend counts a message that was sent at a time for a key, whose alert had the severity. What is more
// severe is not held back by it. Times may come in any order and more than once.
func (b *Budget) spend(message, key, severity string, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := b.seen[message]; !ok {
		b.seen[message] = at
		b.channel = insert(b.channel, at)
	}
	for r := rank(severity); r >= noRank; r-- {
		key := atLeast(r, key)
		if _, ok := b.seen[message+"\x00"+key]; !ok {
			b.seen[message+"\x00"+key] = at
			b.keys[key] = insert(b.keys[key], at)
		}
	}
}

func insert(times []time.Time, at time.Time) []time.Time {
	i, _ := slices.BinarySearchFunc(times, at, time.Time.Compare)
	return slices.Insert(times, i, at)
}

// keyFree and channelFree give when the next message may be sent: not after now
// means at once.
func (b *Budget) keyFree(key, severity string, t Throttle, now time.Time) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return free(b.keys[atLeast(rank(severity), key)], t.KeyMessages, t.KeyEvery, now)
}

func (b *Budget) channelFree(t Throttle, now time.Time) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return free(b.channel, t.Messages, t.Every, now)
}

// free is when fewer than n of times lie in the window that ends then.
func free(times []time.Time, n int, every time.Duration, now time.Time) time.Time {
	if len(times) < n || every == 0 {
		return now
	}
	return times[len(times)-n].Add(every)
}

// forget drops what no window reaches any more.
func (b *Budget) forget(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	old := func(at time.Time) bool { return now.Sub(at) > maxWindow }
	b.channel = slices.DeleteFunc(b.channel, old)
	for k, times := range b.keys {
		if times = slices.DeleteFunc(times, old); len(times) == 0 {
			delete(b.keys, k)
		} else {
			b.keys[k] = times
		}
	}
	for m, at := range b.seen {
		if old(at) {
			delete(b.seen, m)
		}
	}
}
