package normalize_test

import (
	"encoding/json"
	"testing"
	"time"

	"sluice/event"
	"sluice/normalize"
)

// FuzzNormalize: no line may panic, take long, lose its bytes or give broken
// JSON, whichever pack reads it.
func FuzzNormalize(f *testing.F) {
	packs := open(f, normalize.Shipped())
	names := packs.Names()
	for i, name := range names {
		for _, line := range sampleLines(f, name) {
			f.Add([]byte(line), i)
		}
	}
	f.Add([]byte(`{"event_type":"dns","flow_id":1,"dns":{"answers":[{"rrname":"a","rrname":"b","rdata":NaN},7,null]},"a":{"":{"\u0000":1}}}`), 0)
	f.Add([]byte("<1>1 2026-03-02T09:00:00Z h a - - [x a=\"\\]"), 0)
	w := packs.NewWorker()
	back := event.NewEvent(packs.Schema())
	f.Fuzz(func(t *testing.T, line []byte, i int) {
		raw := &event.Raw{ID: "1", Bytes: line, Received: received}
		if i >= 0 {
			raw.Pack = names[i%len(names)]
		}
		began := time.Now()
		ev, _ := w.Normalize(raw, "", received)
		doc := ev.AppendJSON(nil)
		if took := time.Since(began); took > time.Second && len(line) < 64<<10 {
			t.Errorf("took %v", took)
		}
		if !json.Valid(doc) {
			t.Fatalf("no JSON: %s", doc)
		}
		if original, _ := ev.Schema().Lookup("event.original"); ev.Text(original) != string(line) {
			t.Errorf("event.original = %q", ev.Text(original))
		}
		if err := normalize.DecodeECS(back, doc); err != nil {
			t.Error(err)
		}
	})
}

// FuzzDecode: what is stored, or what claims to be, never panics.
func FuzzDecode(f *testing.F) {
	packs := open(f, normalize.Shipped())
	for _, doc := range []string{`{"a":{"b":[1,{"c":true}]},"source":{"ip":"x","port":"7"},"@timestamp":12,"sluice":{"vendor":{"a":{"b":1},"c":"d"}}}`, `[]`, `{"tags":[[1]],"dns":{"answers":[{"a":1}]}}`} {
		f.Add([]byte(doc))
	}
	ev := event.NewEvent(packs.Schema())
	f.Fuzz(func(t *testing.T, doc []byte) {
		if normalize.DecodeECS(ev, doc) == nil && !json.Valid(ev.AppendJSON(nil)) {
			t.Errorf("no JSON from %q: %s", doc, ev.AppendJSON(nil))
		}
	})
}

// FuzzPack: what users write as a pack is refused with a place, or works.
func FuzzPack(f *testing.F) {
	for _, p := range normalize.Shipped() {
		f.Add(p.Text)
	}
	f.Add([]byte("pack: a\nrecognize: [abc]\nsteps:\n- pattern: '{|{?{x'\n"))
	base := open(f, normalize.Shipped()).Schema()
	f.Fuzz(func(t *testing.T, text []byte) {
		files := []normalize.File{{Name: "p.yml", Text: text}}
		_, _ = normalize.Fields(files)
		packs, err := normalize.Load(base, files)
		if err != nil {
			return
		}
		ev, _ := packs.NewWorker().Normalize(&event.Raw{Bytes: []byte("abc %ASA-1-2: x"), Received: received}, "", received)
		if !json.Valid(ev.AppendJSON(nil)) {
			t.Errorf("no JSON: %s", ev.AppendJSON(nil))
		}
	})
}
