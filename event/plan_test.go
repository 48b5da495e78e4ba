package event_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"sluice/event"
)

// TestPlans writes events of many sets of fields, from several goroutines over one schema:
// the first time without a plan, then with one that others may have made.
func TestPlans(t *testing.T) {
	t.Parallel()
	var specs []event.Spec
	for _, a := range strings.Fields("a b.c b.d.e b.d.f g.h i.j.k.l i.j.m n") {
		for i := range 40 {
			specs = append(specs, event.Spec{Name: fmt.Sprintf("o%02d.%s", i, a)})
		}
	}
	specs = append(specs, event.Spec{Name: "_hidden", Hidden: true})
	schema, err := event.New(specs)
	if err != nil {
		t.Fatal(err)
	}
	hidden, _ := schema.Lookup("_hidden")
	var wg sync.WaitGroup
	for seed := range uint64(4) {
		wg.Go(func() {
			e := event.NewEvent(schema)
			for n := range 3000 {
				rnd := rand.New(rand.NewPCG(seed%2, uint64(n%1000))) // two write the same, all write it again
				e.Reset("")
				want := map[string]string{}
				for range rnd.IntN(60) {
					sp := specs[rnd.IntN(len(specs)-1)]
					f, _ := schema.Lookup(sp.Name)
					e.SetText(f, sp.Name)
					want[sp.Name] = sp.Name
				}
				if n%3 == 0 {
					e.SetText(hidden, "x")
				}
				doc := e.AppendJSON([]byte("before "))
				got := map[string]string{}
				var tree map[string]any
				if err := json.Unmarshal(doc[len("before "):], &tree); err != nil {
					t.Errorf("%s: %v", doc, err)
					return
				}
				flat(got, "", tree)
				if fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("%s, want %v", doc, want)
					return
				}
			}
		})
	}
	wg.Wait()
}

func flat(out map[string]string, path string, tree map[string]any) {
	for k, v := range tree {
		switch v := v.(type) {
		case map[string]any:
			flat(out, path+k+".", v)
		case string:
			out[path+k] = v
		}
	}
}
