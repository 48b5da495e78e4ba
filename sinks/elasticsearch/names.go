package elasticsearch

import "strings"

// Names of what we keep. A namespace holds no '-', so the last part of a data stream's
// name is its namespace.
const (
	eventPattern = "logs-sluice.*-" // + namespace
	alertAlias   = "sluice-alerts-" // + namespace
)

// EventIndex is the pattern of all events of a namespace; "*" is every namespace.
func EventIndex(namespace string) string { return eventPattern + namespace }

// AlertIndex is the alias of a namespace's alerts; "*" is every namespace.
func AlertIndex(namespace string) string { return alertAlias + namespace }

// namespaceOf is the namespace of a data stream, "" if it is none of ours.
func namespaceOf(stream string) string {
	if !strings.HasPrefix(stream, "logs-sluice.") {
		return ""
	}
	return stream[strings.LastIndexByte(stream, '-')+1:]
}
