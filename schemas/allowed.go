package schemas

// allowed are the values that the ECS reference allows for its enumerations
// (https://www.elastic.co/docs/reference/ecs/ecs-allowed-values-event-kind and
// its siblings).
var allowed = map[string][]string{
	"event.kind":    {"alert", "asset", "enrichment", "event", "metric", "pipeline_error", "signal", "state"},
	"event.outcome": {"failure", "success", "unknown"},
	"event.category": {
		"api", "authentication", "configuration", "database", "driver", "email", "file", "host", "iam", "intrusion_detection",
		"library", "malware", "network", "package", "process", "registry", "session", "threat", "vulnerability", "web",
	},
	"event.type": {
		"access", "admin", "allowed", "change", "connection", "creation", "deletion", "denied", "device", "end", "error", "group",
		"indicator", "info", "installation", "protocol", "start", "user",
	},
	"sluice.time":           {"skewed"},
	"sluice.alert.severity": {"informational", "low", "medium", "high", "critical"},
	"event.agent_id_status": {"auth_metadata_missing", "missing", "mismatch", "verified"},
	"network.direction":     {"egress", "external", "inbound", "ingress", "internal", "outbound", "unknown"},
	"dns.type":              {"answer", "query"},
}
