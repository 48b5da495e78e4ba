package normalize_test

import (
	"fmt"
	"strings"
	"testing"

	"sluice/event"
	"sluice/normalize"
)

// TestFullEvent: a line that sets more fields than an event holds keeps its bytes, its times and its id, and
// is marked.
func TestFullEvent(t *testing.T) {
	packs := open(t, normalize.Shipped())
	s := packs.Schema()
	var keys []string
	for i := 1; i < s.Len(); i++ {
		f := event.Field(i)
		sp, value := s.Spec(f), `"x"`
		switch {
		case sp.Hidden || sp.Vendor || strings.HasPrefix(sp.Name, "sluice."):
			continue
		case sp.Type == event.Long || sp.Type == event.Double:
			value = "7"
		case sp.Type == event.IP:
			value = `"192.0.2.1"`
		case sp.Type == event.Bool:
			value = "true"
		case sp.Type == event.Date:
			value = `"2026-03-02T08:59:59Z"`
		}
		keys = append(keys, fmt.Sprintf(`"%s":%s`, sp.Name, value))
	}
	line := "{" + strings.Join(keys, ",") + "}"
	w := packs.NewWorker()
	for _, pack := range []string{"", "windows_event", "json_generic"} {
		raw := &event.Raw{ID: "1", Bytes: []byte(line), Received: received, Pack: pack}
		read(t, w, raw, pack)
		ev, _ := w.Normalize(raw, "", received)
		for _, name := range []string{"@timestamp", "event.original", "event.kind", "event.created", "event.ingested", "data_stream.dataset", "data_stream.namespace", "ecs.version", "sluice.id"} {
			if f, _ := s.Lookup(name); !ev.Has(f) {
				t.Errorf("pack %q: no %s", pack, name)
			}
		}
		if f, _ := s.Lookup("sluice.unparsed"); pack == "windows_event" && !ev.Has(f) {
			t.Errorf("pack %q: nothing says that values were left out", pack)
		}
	}
}
