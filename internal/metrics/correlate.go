package metrics

// The windows of the correlators. partition is bounded by the topic, rule by the loaded
// rules.
var (
	CorrelateKeys     = gauge("sluice_correlate_keys", "Keys with state.", "partition")
	CorrelateBytes    = gauge("sluice_correlate_state_bytes", "About how much memory the state takes.", "partition")
	CorrelateLate     = counter("sluice_correlate_late_matches_total", "Matches behind the watermark, correlated in their origin's own lane.", "partition")
	CorrelateTooLate  = counter("sluice_correlate_dropped_matches_total", "Matches behind their lane's watermark as well: not correlated.", "partition")
	CorrelateEvicted  = counter("sluice_correlate_evicted_entries_total", "Entries dropped by a bound: the rule is degraded.", "partition")
	CorrelateDegraded = gauge("sluice_correlate_degraded", "1 while a rule's promise is void for some keys.", "partition", "rule")
	CorrelateAlerts   = counter("sluice_correlate_alerts_total", "Revisions of alerts sent.", "rule")
	CorrelateDead     = counter("sluice_correlate_dead_total", "Matches that could not be decoded.")
)
