package metrics

// What inputs take and drop. input is a configured name; reason is one of the
// constants of package ingest; both are bounded by the configuration and the code.
var (
	IngestEvents  = counter("sluice_ingest_events_total", "Events taken and made durable.", "input")
	IngestBytes   = counter("sluice_ingest_bytes_total", "Raw bytes of the events taken.", "input")
	IngestDropped = counter("sluice_ingest_dropped_total", "Lines or datagrams that did not become an event, by reason.", "input", "reason")
	IngestRestart = counter("sluice_ingest_restarts_total", "Times that an input failed and was started again.", "input")
	IngestOpen    = gauge("sluice_ingest_connections", "Connections or files open now.", "input")
)

var _, _ = histogram, seconds
