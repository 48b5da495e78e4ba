package metrics

// The embedded store. action is create, index, update or delete; result is one of its
// outcomes; both are constants of package store.
var (
	StoreOps      = counter("sluice_store_operations_total", "Operations on documents, by what was asked and what became of it.", "action", "result")
	StoreFlush    = histogram("sluice_store_flush_seconds", "Time to write a segment.", seconds)
	StoreSearch   = histogram("sluice_store_search_seconds", "Time of a search, waiting included.", seconds)
	StoreDamages  = counter("sluice_store_damages_total", "Damaged places found in the store's files.")
	StoreSegments = gauge("sluice_store_segments", "Segment files.")
	StoreBytes    = gauge("sluice_store_bytes", "Bytes of all segment files.")
	StoreRetained = counter("sluice_store_retention_events_total", "Events that retention has removed.")

	StoreDocumentBytes     = gauge("sluice_store_document_bytes", "Bytes that alerts and other documents that change take, once a minute.")
	StoreDocumentsRetained = counter("sluice_store_retention_alerts_total", "Alerts that retention has removed because they took more than their share.")
)
