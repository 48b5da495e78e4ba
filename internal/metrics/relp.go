package metrics

// What RELP inputs see. input is a configured name; reason is one of a few constants of ingest/relp.
var (
	RelpRefused        = counter("sluice_relp_refused_frames_total", "Frames that were refused, by reason: header, end, offer, order, command.", "input", "reason")
	RelpRepeated       = counter("sluice_relp_repeated_messages_total", "Messages that were sent again after a lost answer, known, and answered without being taken twice.", "input")
	RelpPossibleDouble = counter("sluice_relp_possible_double_total", "Messages that may have been sent again and cannot be told from new ones: they are kept.", "input")
)
