package metrics

// What the rules do, and cost. rule is bounded by the loaded rules.
var (
	RulesLeftOut = gauge("sluice_rules_left_out", "Rules that are configured and do not run: for a fault, or since they cannot run here.", "why")
	RuleMatches  = counter("sluice_rules_matches_total", "Events that a rule matched.", "rule")
	RuleSeconds  = counter("sluice_rules_seconds_total", "Time that a rule took on events, estimated from one in 64; windows are not in it.", "rule")
	RuleErrors   = counter("sluice_rules_expression_errors_total", "Expressions of rules that ended in an error on an event, which counts as no match.")
)
