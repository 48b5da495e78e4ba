package capture

import "sluice/internal/metrics"

// Meter publishes an engine's counts as the metrics of one input. It belongs to the
// engine's goroutine.
type Meter struct {
	Input string
	last  Stats
}

// Update adds what has happened since the last Update.
func (m *Meter) Update(e *Engine) {
	s, l := e.stats, m.last
	m.last = s
	metrics.CapturePackets.WithLabelValues(m.Input).Add(float64(s.Packets - l.Packets))
	metrics.CaptureBytes.WithLabelValues(m.Input).Add(float64(s.Bytes - l.Bytes))
	metrics.CaptureInner.WithLabelValues(m.Input).Add(float64(s.Inner - l.Inner))
	skipped := func(reason string, n uint64) {
		metrics.CaptureSkipped.WithLabelValues(m.Input, reason).Add(float64(n))
	}
	skipped("ignored", s.Ignored-l.Ignored)
	skipped("malformed", s.Malformed-l.Malformed)
	skipped("fragment", s.Fragments-l.Fragments)
	skipped("panic", s.Panics-l.Panics)
	metrics.CaptureRecords.WithLabelValues(m.Input, "flow").Add(float64(s.Flows - l.Flows))
	metrics.CaptureRecords.WithLabelValues(m.Input, "message").Add(float64(s.Messages - l.Messages))
	metrics.CaptureEvicted.WithLabelValues(m.Input).Add(float64(s.Evicted - l.Evicted))
	metrics.CaptureBad.WithLabelValues(m.Input).Add(float64(s.BadMessages - l.BadMessages))
	metrics.CaptureOpen.WithLabelValues(m.Input).Set(float64(e.openFlows()))
	metrics.CaptureTableCap.WithLabelValues(m.Input).Set(float64(e.limits.MaxFlows))
}

// Reset begins with another engine.
func (m *Meter) Reset() { m.last = Stats{} }
