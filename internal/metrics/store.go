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
	StoreCache    = gauge("sluice_store_cache_bytes", "Bytes of decoded pieces of segments that are kept for searches; a part of the memory budget bounds them.")
	StoreCached   = counter("sluice_store_cache_reads_total", "Pieces of segments that searches asked for, by result: hit (was kept), miss (read anew).", "result")
	StoreRetained = counter("sluice_store_retention_events_total", "Events that retention has removed.")

	StoreDocumentBytes     = gauge("sluice_store_document_bytes", "Bytes that alerts and other documents that change take, once a minute.")
	StoreDocumentsRetained = counter("sluice_store_retention_alerts_total", "Alerts that retention has removed because they took more than their share.")
)
