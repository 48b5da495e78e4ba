package metrics

// What the indexer does beside the sink's own figures.
var (
	IndexDoubles = counter("sluice_index_doubles_total", "Events that came again and were dropped by their position.")
	IndexDead    = counter("sluice_index_dead_total", "Events that the index refused for good and that went to sluice.dlq.")
	// IndexDeadRefused is no part of the account: they are dead letters already.
	IndexDeadRefused = counter("sluice_index_dead_refused_total", "Dead letters that the index refused as well.")

	IndexRetries = counter("sluice_index_retries_total", "Attempts to write events that failed and were repeated.")
)
