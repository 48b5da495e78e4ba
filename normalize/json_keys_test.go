package normalize_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"sluice/event"
	"sluice/normalize"
)

// TestKeysInAnyOrder: what a worker remembers of the keys of lines before changes nothing,
// wherever a key stands, and though one node is reached at several paths.
func TestKeysInAnyOrder(t *testing.T) {
	const pack = `pack: a_b
last_resort: true
steps:
- json: {a: user.name, b.c: host.name, "*.c": source.domain, b.*: acme.*, d.e.f: message, "x.*.y": event.id}
`
	packs := open(t, []normalize.File{{Name: "p.yml", Text: []byte(pack)}})
	rng := rand.New(rand.NewPCG(1, 2))
	keys := []string{"a", "b", "c", "d", "e", "f", "x", "y", "a.b", "b.c", "d.e", "x.b.y", "q"}
	var object func(depth int) string
	object = func(depth int) string {
		var members []string
		for range rng.IntN(5) {
			value := `"v"`
			if depth < 3 && rng.IntN(2) == 0 {
				value = object(depth + 1)
			}
			members = append(members, fmt.Sprintf("%q:%s", keys[rng.IntN(len(keys))], value))
		}
		return "{" + strings.Join(members, ",") + "}"
	}
	w := packs.NewWorker()
	for range 5000 {
		raw := &event.Raw{Bytes: []byte(object(0)), Received: received}
		ev, _ := w.Normalize(raw, "", received)
		got := ev.AppendJSON(nil)
		fresh, _ := packs.NewWorker().Normalize(raw, "", received)
		if want := fresh.AppendJSON(nil); !bytes.Equal(got, want) {
			t.Fatalf("%s\n%s, want\n%s", raw.Bytes, got, want)
		}
	}
}
