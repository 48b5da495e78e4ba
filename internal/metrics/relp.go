package metrics

// What RELP inputs see. input is a configured name; reason is one of a few constants of ingest/relp.
var (
	RelpRefused = counter("sluice_relp_refused_frames_total", "Frames that were refused, by reason: header, end, offer, order, command.", "input", "reason")
)
