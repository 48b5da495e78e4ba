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
	"sluice/ingest/httppost"
	"sluice/ingest/netflow"
	"sluice/ingest/relp"
	"sluice/ingest/syslog"
	"sluice/sinks"
	"sluice/sinks/file"
	"sluice/tables"
)

// Inputs is every kind of input, by the name users write under kind.
var Inputs = map[string]func() ingest.Settings{
	"capture":   live.Defaults,
	"file_tail": filetail.Defaults,
	"http":      httppost.Defaults,
	"netflow":   netflow.Defaults,
	"pcap":      pcap.Defaults,
	"relp":      relp.Defaults,
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

// Tables is every kind of table that tells what is known of the values in an event.
var Tables = map[string]func() tables.Settings{
	"assets":      tables.NewAssets,
	"domains":     tables.NewDomains,
	"geoip":       tables.NewGeoIP,
	"identities":  tables.NewIdentities,
	"indicators":  tables.NewIndicators,
	"networks":    tables.NewNetworks,
	"user_agents": tables.NewUserAgents,
}
