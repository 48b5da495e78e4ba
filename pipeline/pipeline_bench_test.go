package pipeline_test

import (
	"testing"
	"time"

	"sluice/event"
	"sluice/normalize"
	"sluice/pipeline"
	"sluice/tables"
)

// BenchmarkTables is a log-in through the pipeline, without tables and with those that need
// no file and two that do: what is not configured costs nothing.
func BenchmarkTables(b *testing.B) {
	f := func(name string, set *tables.Set) {
		s, err := pipeline.Build(pipeline.Sources{Packs: normalize.Shipped(), Tables: set})
		if s == nil {
			b.Fatal(err)
		}
		w := s.NewWorker()
		now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		raw := &event.Raw{ID: "1", Bytes: []byte("<86>Mar  2 09:00:00 web1 sshd[7]: Failed password for ada from 203.0.113.9 port 4711 ssh2"), Received: now}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w.Process(pipeline.Input{Raw: raw, Now: now, NoRules: true})
			}
		})
	}
	f("none", nil)
	var all []tables.Named
	for name, text := range map[string]string{"networks": "", "domains": "", "user_agents": "", "indicators": "203.0.113.0/24\n", "identities": "user,team\nada,red\n"} {
		settings := map[string]tables.Settings{
			"networks": tables.NewNetworks(), "domains": tables.NewDomains(), "user_agents": tables.NewUserAgents(),
			"indicators": tables.NewIndicators(), "identities": tables.NewIdentities(),
		}[name]
		t, err := settings.Build([]tables.File{{Name: name, Data: []byte(text)}})
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, tables.Named{Name: name, Table: t})
	}
	f("five", tables.New(all))
}
