package metrics

// What the normalizer and the rules do. dataset is bounded by the packs, rule by the
// loaded rules.
var (
	ProcessEvents      = counter("sluice_process_events_total", "Raws normalized.", "dataset")
	ReprocessDocuments = counter("sluice_reprocess_documents_total", "Events that reprocessing wrote anew, or could not.", "result")
	ProcessUnparsed    = counter("sluice_process_unparsed_total", "Events kept whole that no pack could read, or not wholly.", "dataset")
	ProcessDoubles     = counter("sluice_process_doubles_total", "Messages that came again and were dropped by their position.")
	ProcessDead        = counter("sluice_process_dead_total", "Messages that could not be decoded and went to sluice.dlq.")
	RulesLeftOut       = gauge("sluice_rules_left_out", "Rules that are configured and do not run: for a fault, or since they cannot run here.", "why")
	RuleMatches        = counter("sluice_rules_matches_total", "Events that a rule matched.", "rule")
	RuleSeconds        = counter("sluice_rules_seconds_total", "Time that a rule took on events, estimated from one in 64; windows are not in it.", "rule")
	RuleErrors         = counter("sluice_rules_expression_errors_total", "Expressions of rules that ended in an error on an event, which counts as no match.")
	CorrelateAlerts    = counter("sluice_correlate_alerts_total", "Revisions of alerts sent.", "rule")
	CorrelateDead      = counter("sluice_correlate_dead_total", "Matches that could not be decoded.")
)
