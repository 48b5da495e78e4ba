package tables

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"sluice/event"
	"sluice/schemas"
)

// BenchmarkApply is what each kind costs an event of a firewall or proxy.
func BenchmarkApply(b *testing.B) {
	var list, rows strings.Builder
	rows.WriteString("ip,name,owner\n")
	for i := range 100_000 {
		fmt.Fprintf(&list, "198.%d.%d.%d\nhost%d.bad.example\n%064x\n", 18+i>>16, i>>8&255, i&255, i, i)
		fmt.Fprintf(&rows, "10.%d.%d.%d,host%d,team%d\n", i>>16, i>>8&255, i&255, i, i%50)
	}
	texts := map[string]string{"city.mmdb": city(b), "list.txt": list.String(), "rows.csv": rows.String()}
	ind := NewIndicators().(*Indicators)
	ind.File = "list.txt"
	kinds := map[string]Settings{
		"geoip": &GeoIP{File: "city.mmdb"}, "networks": &Networks{}, "domains": NewDomains(), "user_agents": NewUserAgents(),
		"indicators": ind, "assets": &Assets{File: "rows.csv"},
	}
	var all []Named
	for name, s := range kinds {
		t, err := s.Build([]File{{s.Path(), []byte(texts[s.Path()])}})
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, Named{name, t})
	}
	for _, tables := range append([][]Named{all}, split(all)...) {
		name := "all"
		if len(tables) == 1 {
			name = tables[0].Name
		}
		b.Run(name, func(b *testing.B) {
			set := New(tables)
			schema, err := event.New(append(schemas.ECS(), set.Fields()...))
			if err != nil {
				b.Fatal(err)
			}
			w, ev := set.NewWorker(schema), event.NewEvent(schema)
			fields := map[event.Field]string{}
			for name, text := range map[string]string{
				"source.ip": "10.0.3.7", "destination.ip": "203.0.113.9", "url.domain": "www.shop.example.co.uk", "url.full": "https://www.shop.example.co.uk/a/b?c=d",
				"user.name": "ada", "user_agent.original": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
			} {
				f, _ := schema.Lookup(name)
				fields[f] = text
			}
			b.ReportAllocs()
			for b.Loop() {
				ev.Reset("x")
				for f, text := range fields {
					ev.SetText(f, text)
				}
				w.Apply(ev)
			}
		})
	}
	b.Run("nothing", func(b *testing.B) { // what setting the fields costs
		schema, _ := event.New(schemas.ECS())
		ev := event.NewEvent(schema)
		var w *Worker
		f, _ := schema.Lookup("source.ip")
		for b.Loop() {
			ev.Reset("x")
			ev.SetText(f, "10.0.3.7")
			if w != nil {
				w.Apply(ev)
			}
		}
	})
}

func split(all []Named) (out [][]Named) {
	for _, n := range all {
		out = append(out, []Named{n})
	}
	return out
}

// BenchmarkUserAgent is one that no cache has.
func BenchmarkUserAgent(b *testing.B) {
	t, err := NewUserAgents().Build(nil)
	if err != nil {
		b.Fatal(err)
	}
	i := 0
	for b.Loop() {
		i++
		t.(*agents).parse(fmt.Sprintf("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 Safari/537.36", i))
	}
}

// BenchmarkMemory reports what an entry takes.
func BenchmarkMemory(b *testing.B) {
	const n = 200_000
	var list strings.Builder
	for i := range n {
		fmt.Fprintf(&list, "host%d.bad.example\n", i)
	}
	ind := NewIndicators().(*Indicators)
	ind.File = "list.txt"
	var before, after runtime.MemStats
	text := []byte(list.String())
	for b.Loop() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		t, err := ind.Build([]File{{"list.txt", text}})
		if err != nil {
			b.Fatal(err)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/n, "B/entry")
		runtime.KeepAlive(t)
	}
}
