package relp

import (
	"crypto/sha256"
	"net/netip"
	"slices"
	"sync"
	"time"

	"sluice/internal/metrics"
)

// A sender whose connection breaks sends what has no answer again, in order and before anything new. What
// of it we have is known by what its last session left: the same sender, the same bytes, the same order.
//
//	its last session:   a b c d e f      of which a b c were answered, and the answer to c may be lost
//	its next session:         c d e f g  c to f are known, g is new
//
// That d, e and f have no answer is certain: it was not sent, or the sender's machine has not confirmed its
// bytes in all the time it had. Only a repetition that reaches what is certain is taken for one. Where all
// was answered, equal bytes may as well be a new message of the same text: it is kept, and counted as a
// possible double.

const (
	// ackTime is more than any machine delays its confirmation (RFC 9293: half a second).
	ackTime = time.Second
	// returnTime is in what time a sender is back that lost its connection; rsyslog tries every 30 s.
	returnTime = time.Minute
	// maxTails bounds the ended sessions of one sender that are remembered, maxKept the messages of all.
	maxTails = 16
	maxKept  = 1 << 16
	// maxMissed is how many sessions of a sender may begin with something else before what another left
	// is forgotten: senders with several connections come back in any order.
	maxMissed = 16
	// maxFirst bounds the senders of whom it is known that they were here since the start.
	maxFirst = 1 << 14
)

type sum [16]byte

// sumOf tells messages apart. An attacker who writes into a log cannot make two of one sum.
func sumOf(line []byte) sum {
	s := sha256.Sum256(line)
	return sum(s[:])
}

// kept is a message that we took.
type kept struct {
	sum   sum
	batch uint64        // that it is in
	sent  int64         // the bytes that were written to its sender up to its answer; 0: it has none
	when  time.Duration // that was, by the input's clock
}

// tail is what a session that ended left behind: its last messages, in their order.
type tail struct {
	sender   netip.Addr
	messages []kept
	ended    time.Duration
	sure     int // from here on there was certainly no answer
	missed   int // sessions of the sender that began with something else since
}

// certain is the first of the messages to which their sender has certainly no answer. confirmed is how many
// bytes its machine had confirmed by now.
func certain(messages []kept, confirmed int64, now time.Duration) int {
	for i, m := range messages {
		if m.sent == 0 || m.sent > confirmed && now-m.when >= ackTime {
			return i
		}
	}
	return len(messages)
}

// weight is what it counts against maxKept: few messages take room, too.
func (t *tail) weight() int { return max(len(t.messages), 16) }

// find is where a repetition that begins with s begins; -1: nowhere. What has certainly no answer is
// repeated, so that it begins there or before. Of several places the last one is right: to take too
// few for known doubles a message, to take too many loses one.
func (t *tail) find(s sum) int {
	for at := min(t.sure, len(t.messages)-1); at >= 0; at-- {
		if t.messages[at].sum == s {
			return at
		}
	}
	return -1
}

// memory is what senders may send again. It is safe for concurrent use.
type memory struct {
	input string

	mu    sync.Mutex
	tails []*tail // the oldest first
	count int     // messages in all of them
	first map[netip.Addr]bool
	blind bool // the program before us did not end in order: nobody knows what was answered
}

// possibly counts messages that may be doubles and are kept.
func (m *memory) possibly(n int) {
	metrics.RelpPossibleDouble.WithLabelValues(m.input).Add(float64(n))
}

// keep remembers what a session left.
func (m *memory) keep(t *tail) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tails = append(m.tails, t)
	m.count += t.weight()
	own := 0
	for _, o := range m.tails {
		if o.sender == t.sender {
			own++
		}
	}
	for at := 0; at < len(m.tails) && (m.count > maxKept || own > maxTails); {
		if o := m.tails[at]; m.count > maxKept || o.sender == t.sender {
			if o.sender == t.sender {
				own--
			}
			m.forget(at)
			continue
		}
		at++
	}
}

// forget counts what is certainly to come again: when it does, nobody knows it.
func (m *memory) forget(at int) {
	m.possibly(len(m.tails[at].messages) - m.tails[at].sure)
	m.remove(at)
}

func (m *memory) remove(at int) {
	m.count -= m.tails[at].weight()
	m.tails = slices.Delete(m.tails, at, at+1)
}

// claim finds the session that a new one repeats, by its first message, and where in it. What is certain
// goes before what is not, and the latest before older ones.
func (m *memory) claim(sender netip.Addr, first sum) (*tail, int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	best, from := -1, -1
	for i := len(m.tails) - 1; i >= 0; i-- {
		t := m.tails[i]
		if t.sender != sender {
			continue
		}
		at := t.find(first)
		if at >= 0 && (best < 0 || t.sure < len(t.messages) && m.tails[best].sure == len(m.tails[best].messages)) {
			best, from = i, at
		}
	}
	if best < 0 {
		m.miss(sender)
		return nil, 0
	}
	t := m.tails[best]
	m.remove(best)
	return t, from
}

// miss ages what is remembered of a sender.
func (m *memory) miss(sender netip.Addr) {
	for at := 0; at < len(m.tails); {
		t := m.tails[at]
		if t.sender == sender {
			t.missed++
		}
		if t.missed > maxMissed {
			m.forget(at)
			continue
		}
		at++
	}
}

// unknown reports whether the first messages of a session may be doubles for all that we know: it is the
// sender's first since a start behind no orderly end.
func (m *memory) unknown(sender netip.Addr) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.blind || m.first[sender] || len(m.first) >= maxFirst {
		return false
	}
	m.first[sender] = true
	return true
}

// nothing reports whether nothing is remembered that senders will or might just be sending again.
func (m *memory) nothing(now time.Duration) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return !slices.ContainsFunc(m.tails, func(t *tail) bool { return t.sure < len(t.messages) || now-t.ended < returnTime })
}
