package netflow

import (
	"log/slog"
	"net/netip"
	"time"

	"sluice/internal/metrics"
)

const (
	// settled is how many datagrams come behind a gap before it counts as a loss: the network may
	// have changed their order.
	settled = 16
	// lateBy is how far behind what is expected a number may be and still be late. One further behind
	// is the exporter's first since it restarted; so is one leapBy ahead.
	lateBy = 1 << 10
	leapBy = 1 << 24
	// sureBy is how many datagrams may speak against what an exporter numbered so far before the other
	// unit is believed.
	sureBy = 8
	// missedEvery is how often the log names exporters whose datagrams are missing.
	missedEvery = time.Minute
)

// What an exporter numbers.
const (
	unitFlows     = "flows"     // NetFlow v5, and the records of IPFIX
	unitDatagrams = "datagrams" // NetFlow v9 and sFlow
)

// sequenceID names who counts by itself: the processes of one exporter do.
type sequenceID struct {
	addr     netip.Addr
	protocol string
	domain   uint32
}

// numbered is what a datagram says of its place among those of its exporter.
type numbered struct {
	id     sequenceID
	port   uint16
	unit   string
	number uint32
	step   uint32 // to the next number
	other  uint32 // the step of exporters that number the other unit, against their protocol; 0: none
	open   bool   // the step is not known: a template is missing
}

// sequence is where an exporter is.
type sequence struct {
	numbered
	against int    // by how many datagrams more the exporter numbered the other unit; within sureBy
	missing uint32 // the last gap, less what came late; counted once it has settled
	since   int    // datagrams behind the gap
}

// sequences finds what exporters sent and nobody received.
type sequences struct {
	input string
	max   int
	log   *slog.Logger
	all   map[sequenceID]*sequence

	told   time.Time
	missed map[string]int // by origin, since then
}

// see takes the number of one datagram.
func (s *sequences) see(n numbered, origin string, now time.Time) {
	q := s.all[n.id]
	if q == nil {
		if len(s.all) >= s.max {
			clear(s.all) // whoever goes on begins anew
		}
		s.all[n.id] = &sequence{numbered: n}
		return
	}
	ahead := int32(n.number - q.number - q.learn(n.number-q.number))
	switch {
	case n.port != q.port: // another process of the exporter, or it restarted
		s.count(q, origin)
	case q.open, ahead == 0:
		if q.since++; q.since >= settled {
			s.count(q, origin)
		}
	case ahead > 0 && ahead < leapBy:
		s.count(q, origin)
		q.missing = uint32(ahead)
	case ahead < 0 && ahead >= -lateBy:
		q.missing -= min(q.missing, n.step)
		return
	default:
		s.count(q, origin)
	}
	q.numbered = n
	s.tell(now)
}

// learn returns the step to the next number, by the unit that the exporter was seen to number.
func (q *sequence) learn(stepped uint32) uint32 {
	switch {
	case q.open || q.other == 0 || q.other == q.step:
	case stepped == q.other:
		q.against = min(q.against+1, sureBy)
	case stepped == q.step:
		q.against = max(q.against-1, -sureBy)
	}
	if q.against > 0 {
		return q.other
	}
	return q.step
}

// count makes a gap a loss.
func (s *sequences) count(q *sequence, origin string) {
	if q.missing > 0 {
		metrics.NetflowMissing.WithLabelValues(s.input, q.id.protocol, q.unit).Add(float64(q.missing))
		if _, ok := s.missed[origin]; ok || len(s.missed) < s.max {
			s.missed[origin] += int(q.missing)
		}
	}
	q.missing, q.since = 0, 0
}

// tell names the exporter that misses most in the log.
func (s *sequences) tell(now time.Time) {
	if len(s.missed) == 0 || now.Sub(s.told) < missedEvery {
		return
	}
	worst := ""
	for origin, n := range s.missed {
		if n > s.missed[worst] || n == s.missed[worst] && origin < worst {
			worst = origin
		}
	}
	s.log.Warn("exporters number flows that did not arrive: the network or this host dropped their datagrams",
		"input", s.input, "exporters", len(s.missed), "most", worst, "missing", s.missed[worst])
	s.told = now
	clear(s.missed)
}
