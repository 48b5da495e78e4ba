package metrics

// What sinks write and refuse. sink is a configured name; reason and result are
// constants of packages sinks and sinks/elasticsearch; all are bounded by the
// configuration and the code.
var (
	SinkDocuments = counter("sluice_sinks_documents_total", "Documents by what became of them: written, there_already, refused, again.", "sink", "result")
	SinkBytes     = counter("sluice_sinks_bytes_total", "Bytes of documents that were written.", "sink")
	SinkFailures  = counter("sluice_sinks_failures_total", "Whole writes that failed and are repeated, by reason.", "sink", "reason")
	SinkSeconds   = histogram("sluice_sinks_write_seconds", "Time of one bulk request or file write.", seconds, "sink")
)
