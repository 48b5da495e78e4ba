package main

import "fmt"

// general are the packs that know no product, by what they read.
var general = []struct{ pack, title string }{
	{"syslog_generic", "text"},
	{"json_generic", "JSON"},
	{"kv_generic", "pairs"},
	{"xml_generic", "XML"},
	{"cef_generic", "CEF"},
	{"leef_generic", "LEEF"},
}

// unknown scores what becomes of the same records where nobody has written a pack for their product: those
// records that the general packs read when the pack that knows them is passed over.
func unknown(t *tools, p *page, all []pair, known string) error {
	actual, err := normalizeZones(t, all, "unknown.jsonl", "--unknown")
	if err != nil {
		return err
	}
	was, err := packOf(known)
	if err != nil {
		return err
	}
	now, err := packOf(actual)
	if err != nil {
		return err
	}
	p.printf(`
## Unknown products

The same records with the pack that knows them passed over, as a product gets it for which nobody has written one
(sluice normalize --unknown): those that a general pack read then. No pack can know of a text who made it, and what its
codes mean, so recall is far from the one above; what is said ought to be right all the same.

| records as | records | recall | rule fields | precision |
|---|---:|---:|---:|---:|
`)
	of := func(pack string) func(*pair) bool {
		return func(r *pair) bool { return now[r.ID] == pack && was[r.ID] != pack }
	}
	for _, g := range general {
		s, err := scored(t, all, actual, "family", of(g.pack))
		if err != nil {
			return err
		}
		if s.Total.Recall == nil || s.Total.Rule == nil || s.Total.Precision == nil {
			return fmt.Errorf("no record is read by %s when its pack is passed over", g.pack)
		}
		hold := func(what string, v float64) string { return p.hold("documents/unknown/"+g.pack+"/"+what, 100*v) }
		p.printf("| %s | %d | %s | %s | %s |\n", g.title, s.Total.Events,
			hold("recall", *s.Total.Recall), hold("rule_fields", *s.Total.Rule), hold("precision", *s.Total.Precision))
	}
	return nil
}

// packOf is the pack that read each record; of several events of one, the last.
func packOf(actual string) (map[string]string, error) {
	out := map[string]string{}
	err := read(actual, func(d *document) error {
		if d != nil {
			out[d.Labels.ID] = d.Sluice.Pack
		}
		return nil
	})
	return out, err
}
