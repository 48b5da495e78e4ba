package metrics

// What tables know of events. table is bounded by the names in the section enrich.
var (
	EnrichHits    = counter("sluice_enrich_hits_total", "Events that a table knew something of.", "table")
	EnrichEntries = gauge("sluice_enrich_entries", "Entries of a table: addresses, domains, hashes, rows.", "table")
	EnrichBytes   = gauge("sluice_enrich_file_bytes", "Size of the files that a table was built of.", "table")
	EnrichSkipped = counter("sluice_enrich_skipped_agents_total", "User agents that were not taken apart, because more new ones came than anybody has.")
	EnrichLoads   = counter("sluice_enrich_loads_total", "Times that tables were built because files changed, by result: loaded, failed (the old ones stay).", "result")
)
