package metrics

// What the bus carries and how its disk does. kind is "embedded" or "kafka"; group
// and topic are those of the table of topics, so all are bounded by the code.
var (
	BusProduceSeconds = histogram("sluice_bus_produce_seconds", "How long messages took to become durable.", seconds, "kind")
	BusRetries        = counter("sluice_bus_retries_total", "Requests to Kafka that failed and were repeated.", "what")
	BusRefused        = counter("sluice_bus_refused_total", "Messages that were refused for good and went to sluice.dlq.", "topic")
	BusRelayed        = counter("sluice_bus_relayed_total", "Messages copied to another bus.", "topic")
	BusLag            = gauge("sluice_bus_lag_messages", "Messages that a group has yet to commit.", "group", "topic")
	BusOldest         = gauge("sluice_bus_lag_oldest_seconds", "Age of the oldest message that a group has yet to commit.", "group", "topic")
	BusBytes          = gauge("sluice_bus_journal_bytes", "Size of the journal on disk.")
	BusDamaged        = counter("sluice_bus_journal_damages_total", "Damaged places found in the journal and stepped over.")
	BusFailures       = counter("sluice_bus_journal_failures_total", "Failed writes or fsyncs after which the journal was reopened.")
)
