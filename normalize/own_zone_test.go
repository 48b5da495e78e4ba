package normalize_test

import (
	"testing"

	"sluice/event"
	"sluice/normalize"
)

// TestOwnZone: times without a zone are read in the one that the event names, in whatever
// order the two stand and however it is written.
func TestOwnZone(t *testing.T) {
	packs := open(t, []normalize.File{{Name: "a_b", Text: []byte(`pack: a_b
vars: [_p]
recognize: ["CD "]
steps:
- pattern: "CD {_p:rest}"
- in: _p
  kv: {pair: ";", value: "=", map: {at: "event.start:anydate", copy: "event.end:anydate", tz: event.timezone}}
- first: {"@timestamp": [event.start]}
`)}})
	w := packs.NewWorker()
	field := func(name string) event.Field { f, _ := packs.Schema().Lookup(name); return f }
	stamp, start, end := field("@timestamp"), field("event.start"), field("event.end")
	f := func(line, zone, want string) {
		t.Helper()
		ev, _ := w.Normalize(&event.Raw{Bytes: []byte("CD " + line), Received: received, Zone: zone}, "", received)
		for _, f := range []event.Field{stamp, start} {
			if got := ev.Get(f).Time().Format("15:04"); got != want {
				t.Errorf("%s: %s, want %s", line, got, want)
			}
		}
		if v := ev.Get(end); v != nil && v.Time().Format("15:04") != "08:00" {
			t.Errorf("%s: a date with its own zone became %v", line, v.Time())
		}
	}
	f("at=2026-03-02 08:00:00;tz=+0200", "", "06:00")
	f("tz=+0200;at=2026-03-02 08:00:00", "", "06:00")
	f("tz=UTC+2;at=2026-03-02 08:00:00", "", "06:00")
	f("tz=(GMT-5:00)Eastern Time(US & Canada);at=2026-03-02 08:00:00", "", "13:00")
	f("tz=CET;at=2026-03-02 08:00:00", "", "07:00")
	f("tz=Europe/Athens;at=2026-03-02 08:00:00;copy=2026-03-02T08:00:00Z", "", "06:00")
	f("tz=Europe/Athens;at=2026-03-02T08:00:00Z", "", "08:00")
	f("tz=+0200;at=1772438400", "", "08:00") // seconds since 1970 have no zone
	f("tz=+0200;at=2026-03-02 08:00:00", "Asia/Tokyo", "06:00")
	f("tz=nowhere;at=2026-03-02 08:00:00", "Asia/Tokyo", "23:00")
	f("tz=Europe/Nowhere;at=2026-03-02 08:00:00", "", "08:00")
	f("tz=+9900;at=2026-03-02 08:00:00", "", "08:00")
	f("at=2026-03-02 08:00:00", "", "08:00")
}
