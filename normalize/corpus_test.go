package normalize_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sluice/event"
	"sluice/internal/corpus"
	"sluice/normalize"
)

// TestCorpus normalizes every line of the families that the shipped packs are
// for. With SLUICE_SCORE_OUT it writes what score_ecs.py reads.
func TestCorpus(t *testing.T) {
	families := []string{"cisco_asa_ftd", "linux_auth", "linux_syslog", "nginx", "apache_httpd", "suricata", "iptables_netfilter"}
	if testing.Short() {
		families = families[1:2]
	}
	w := open(t, normalize.Shipped()).NewWorker()
	out := os.Getenv("SLUICE_SCORE_OUT")
	for _, family := range families {
		var buf []byte
		n, unread := 0, 0
		corpus.Lines(t, "normalize/ecs-elastic/"+family+".jsonl.gz", func(line []byte) {
			var rec struct {
				ID    string          `json:"id"`
				Raw   json.RawMessage `json:"raw"`
				Input json.RawMessage `json:"input"`
			}
			if err := json.Unmarshal(line, &rec); err != nil {
				t.Fatal(err)
			}
			var text string
			if json.Unmarshal(rec.Raw, &text) != nil || text == "" {
				if json.Unmarshal(rec.Input, &text) != nil {
					text = string(rec.Input)
				}
			}
			ev, _ := w.Normalize(&event.Raw{Bytes: []byte(text), Received: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), History: true}, "", received)
			doc := ev.AppendJSON(nil)
			if !json.Valid(doc) {
				t.Fatalf("no JSON: %s", doc)
			}
			if f, _ := ev.Schema().Lookup("sluice.unparsed"); ev.Has(f) {
				unread++
				if out != "" {
					t.Logf("%s: %s\n\t%.300s", rec.ID, ev.Text(f), text)
				}
			}
			n++
			id, _ := json.Marshal(rec.ID)
			buf = append(append(append(append(buf, `{"id":`...), id...), `,"event":`...), doc...)
			buf = append(buf, "}\n"...)
		})
		t.Logf("%s: %d lines, %d marked", family, n, unread)
		if out != "" {
			if err := os.WriteFile(filepath.Join(out, family+".jsonl"), buf, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}
