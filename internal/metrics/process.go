package metrics

// What the normalizer does. dataset is bounded by the packs.
var (
	ProcessEvents   = counter("sluice_process_events_total", "Raws normalized.", "dataset")
	ProcessUnparsed = counter("sluice_process_unparsed_total", "Events kept whole that no pack could read, or not wholly.", "dataset")
	ProcessDoubles  = counter("sluice_process_doubles_total", "Messages that came again and were dropped by their position.")
	ProcessDead     = counter("sluice_process_dead_total", "Messages that could not be decoded, or read because of a fault in sluice, and went to sluice.dlq.")
)
