package metrics

// What inputs take and drop. input is a configured name; reason is one of a few
// constants of the inputs' code; both are bounded by the configuration and the code.
var (
	IngestEvents    = counter("sluice_ingest_events_total", "Events taken and made durable.", "input")
	IngestBytes     = counter("sluice_ingest_bytes_total", "Raw bytes of the events taken.", "input")
	IngestDropped   = counter("sluice_ingest_dropped_total", "Lines or datagrams that did not become an event, by reason.", "input", "reason")
	IngestRestart   = counter("sluice_ingest_restarts_total", "Times that an input failed and was started again.", "input")
	IngestUp        = gauge("sluice_ingest_up", "1 while the input is open and runs.", "input")
	IngestWaiting   = gauge("sluice_ingest_waiting", "1 while the input's senders wait because the bus takes nothing: the disk or the bus is full, or fails.", "input")
	IngestOpen      = gauge("sluice_ingest_connections", "Connections or files open now.", "input")
	IngestRefused   = counter("sluice_ingest_refused_connections_total", "Connections that were closed by us, by reason: not_allowed, max_connections, evicted (it was silent, and made room), tls_handshake, idle, dead (the peer was gone); of RELP also protocol, memory, slow.", "input", "reason")
	IngestBadFrames = counter("sluice_ingest_bad_frames_total", "Frames whose octet count lied; their bytes were kept as events.", "input")
	IngestJoined    = counter("sluice_ingest_joined_datagrams_total", "Datagrams taken as one message that seem to hold several; see the setting datagram.", "input")
	IngestCut       = counter("sluice_ingest_cut_lines_total", "Parts of lines that were longer than max_line.", "input")
	IngestUnjoined  = counter("sluice_ingest_unjoined_lines_total", "Lines that a container runtime cut into parts and that were taken without their last, by reason: bytes, lines, time, end.", "input", "reason")
	IngestFiles     = gauge("sluice_ingest_files", "Files that the input keeps a position of.", "input")
	IngestClosed    = gauge("sluice_ingest_unreadable_files", "Files under the globs that are not read: they cannot be opened, are none to follow, or are more than max_files.", "input")
	IngestGone      = counter("sluice_ingest_gone_files_total", "Files that vanished, or of which what they were compressed to is damaged, before their end was seen: lines may be lost.", "input")
	IngestBehind    = gauge("sluice_ingest_behind_bytes", "Bytes of the files that were not read yet, or were read and wait to be taken.", "input")
)
