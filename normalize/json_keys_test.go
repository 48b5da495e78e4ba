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

// TestKeysInAnyOrderCount: of several paths to one field the last one of the pack counts, whatever comes first.
func TestKeysInAnyOrderCount(t *testing.T) {
	const pack = `pack: a_b
last_resort: true
steps:
- json: {a: "user:user", b.c: user.name, "d[]": {where: {e: x}, take: {f: user.name}}, g: user.domain, h: "process.args", i: process.args, j: [event.id, related.user:add], k: related.user:add}
`
	packs := open(t, []normalize.File{{Name: "p.yml", Text: []byte(pack)}})
	w := packs.NewWorker()
	f := func(want string, members ...string) {
		t.Helper()
		rng := rand.New(rand.NewPCG(1, 2))
		for range 20 {
			rng.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
			line := "{" + strings.Join(members, ",") + "}"
			ev, _ := w.Normalize(&event.Raw{Bytes: []byte(line), Received: received}, "", received)
			n, _ := packs.Schema().Lookup("user.name")
			d, _ := packs.Schema().Lookup("user.domain")
			args, _ := packs.Schema().Lookup("process.args")
			if got := fmt.Sprint(ev.Text(n), " ", ev.Text(d), " ", ev.List(args)); got != want {
				t.Fatalf("%s: %s, want %s", line, got, want)
			}
		}
	}
	f("ann EX []", `"a":"EX\\ann"`, `"z":1`)
	f("bob EX []", `"a":"EX\\ann"`, `"b":{"c":"bob"}`, `"z":1`)
	f("bob EX []", `"a":"EX\\ann"`, `"b.c":"bob"`, `"z":1`)
	f("bob EX []", `"a":"EX\\ann"`, `"b.c":"bob"`, `"d":[{"e":"y","f":"eve"}]`)
	f("eve B [1 2 3]", `"a":"EX\\ann"`, `"b.c":"bob"`, `"d":[{"e":"x","f":"eve"}]`, `"g":"B"`, `"h":"1"`, `"i":["2","3"]`)
	f("ann B []", `"a":"EX\\ann"`, `"b.c":""`, `"d":null`, `"g":"B"`)
}
