package metrics

// What inputs of flows see. input is a configured name; protocol and kind are constants
// of ingest/netflow (a handful), what is exporter or template, unit is flows or datagrams.
var (
	NetflowDatagrams = counter("sluice_netflow_datagrams_total", "Datagrams decoded, by protocol: v5, v9, ipfix, sflow.", "input", "protocol")
	NetflowRecords   = counter("sluice_netflow_records_total", "Records made, by kind: flow, options, sample, counters.", "input", "kind")
	NetflowMissing   = counter("sluice_netflow_missing_total", "What exporters numbered and nobody received, by unit: flows (v5, ipfix) or datagrams (v9, sflow).", "input", "protocol", "unit")
	NetflowExporters = gauge("sluice_netflow_exporters", "Exporters whose templates are remembered.", "input")
	NetflowTemplates = gauge("sluice_netflow_templates", "Templates remembered.", "input")
	NetflowEvicted   = counter("sluice_netflow_evicted_total", "Exporters and templates that were forgotten to make room.", "input", "what")
	NetflowHeld      = gauge("sluice_netflow_held_bytes", "Bytes of data that wait for their template.", "input")
)
