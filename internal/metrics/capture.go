package metrics

// What packet capture sees. input is a configured name; reason is one of the
// constants in capture (a handful).
var (
	CapturePackets  = counter("sluice_capture_packets_total", "Packets read.", "input")
	CaptureBytes    = counter("sluice_capture_bytes_total", "Bytes of the packets read, as on the wire.", "input")
	CaptureInner    = counter("sluice_capture_inner_packets_total", "Packets carried in others over UDP (VXLAN, Geneve, GTP-U, Teredo); each belongs to a flow, as its carrier does.", "input")
	CaptureSkipped  = counter("sluice_capture_skipped_packets_total", "Packets that belong to no flow, by reason: ignored (not IP), malformed, fragment, panic.", "input", "reason")
	CaptureRecords  = counter("sluice_capture_records_total", "Records made, by kind: flow, message.", "input", "kind")
	CaptureEvicted  = counter("sluice_capture_evicted_flows_total", "Flows reported early because the table was full.", "input")
	CaptureBad      = counter("sluice_capture_bad_messages_total", "Messages of a protocol that did not decode.", "input")
	CaptureOpen     = gauge("sluice_capture_open_flows", "Flows in the table now.", "input")
	CaptureFiles    = counter("sluice_capture_files_total", "Capture files read, by result: whole, cut (ended inside a packet), refused.", "input", "result")
	CaptureTableCap = gauge("sluice_capture_max_flows", "Flows that the table takes.", "input")
)
