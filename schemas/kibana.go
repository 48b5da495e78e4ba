package schemas

import _ "embed" // for Kibana

// Kibana is two data views and a saved search, as Kibana's import takes them (NDJSON).
//
//go:embed kibana/sluice.ndjson
var Kibana []byte
