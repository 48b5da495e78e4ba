package metrics

// ReprocessDocuments counts what reprocessing did; result is one of its few constants.
var ReprocessDocuments = counter("sluice_reprocess_documents_total", "Events that reprocessing wrote anew, or could not.", "result")
