package bus

import "time"

// The topics of the pipeline. docs/kafka.md documents each for readers downstream.
const (
	TopicRaw     = "sluice.raw"     // key: origin; value: raw bytes
	TopicEvents  = "sluice.events"  // key: origin; value: one ECS document
	TopicMatches = "sluice.matches" // key: consuming rule + its group-by values
	TopicAlerts  = "sluice.alerts"  // key: alert id; value: one revision of an alert, ECS
	TopicDLQ     = "sluice.dlq"     // what can't be decoded or indexed, with reason and stage

	TopicCheckpoints = "sluice.checkpoints" // key: input name; how far it has read
	TopicPositions   = "sluice.positions"   // pinned; key: stage + producer; what was handled
	TopicState       = "sluice.state"       // pinned; correlation
	TopicAccount     = "sluice.account"     // pinned; running totals
	TopicTold        = "sluice.told"        // pinned; messages sent to people
)

// The consumer groups. Notifying groups are one per channel: GroupNotify + "." + name,
// so that a channel that is away holds up no other.
const (
	GroupProcess   = "sluice.process"
	GroupCorrelate = "sluice.correlate"
	GroupIndex     = "sluice.index"
	GroupNotify    = "sluice.notify"
	GroupRelay     = "sluice.relay"
)

// Topics is the table of topics with n partitions each; notify lists the channels.
// All have the same count: state is pinned to the partition of what it describes.
func Topics(n int, retention time.Duration, notify []string) []Topic {
	told := []string{GroupIndex}
	for _, c := range notify {
		told = append(told, GroupNotify+"."+c)
	}
	return []Topic{
		{Name: TopicRaw, Partitions: n, Retention: retention, Groups: []string{GroupProcess}},
		{Name: TopicEvents, Partitions: n, Retention: retention, Groups: []string{GroupIndex}},
		{Name: TopicMatches, Partitions: n, Retention: retention, Groups: []string{GroupCorrelate}},
		{Name: TopicAlerts, Partitions: n, Retention: retention, Groups: told},
		{Name: TopicDLQ, Partitions: n, Retention: retention, Groups: []string{GroupIndex}},
		{Name: TopicCheckpoints, Partitions: n, Compacted: true},
		{Name: TopicPositions, Partitions: n, Compacted: true},
		{Name: TopicState, Partitions: n, Compacted: true},
		{Name: TopicAccount, Partitions: n, Compacted: true},
		{Name: TopicTold, Partitions: n, Compacted: true},
	}
}
