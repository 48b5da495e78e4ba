package app

import (
	"sluice/alert"
	"sluice/alert/email"
	"sluice/alert/slack"
	"sluice/alert/webhook"
	"sluice/capture/live"
	"sluice/capture/pcap"
	"sluice/ingest"
	"sluice/ingest/filetail"
	"sluice/ingest/syslog"
	"sluice/sinks"
	"sluice/sinks/file"
)

// Inputs is every kind of input, by the name users write under kind.
var Inputs = map[string]func() ingest.Settings{
	"capture":   live.Defaults,
	"file_tail": filetail.Defaults,
	"pcap":      pcap.Defaults,
	"syslog":    syslog.Defaults,
}

// Channels is every kind of channel that people are told by.
var Channels = map[string]func() alert.Settings{
	"email":   email.Defaults,
	"slack":   slack.Defaults,
	"webhook": webhook.Defaults,
}

// Archives is every kind of sink that keeps events beside the index.
var Archives = map[string]func() sinks.Settings{
	"file": file.Defaults,
}
