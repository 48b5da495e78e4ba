package normalize_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/event"
	"sluice/normalize"
)

// TestHeads: of the packs that ship only the head is read at the start. It declares and
// recognizes what the whole file does, and every body compiles.
func TestHeads(t *testing.T) {
	lazy, whole := normalize.Shipped(), normalize.Shipped()
	for i, f := range whole {
		whole[i] = normalize.File{Name: f.Name, Text: f.Text}
	}
	ofHeads, err := normalize.Fields(lazy)
	if err != nil {
		t.Fatal(err)
	}
	ofFiles, err := normalize.Fields(whole)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(ofFiles, ofHeads); d != "" {
		t.Errorf("fields of the files and of their heads (-files +heads):\n%s", d)
	}
	packs := open(t, lazy)
	if err := packs.Compile(); err != nil {
		t.Error(err)
	}
	if d := cmp.Diff(open(t, whole).Info(), packs.Info()); d != "" {
		t.Errorf("packs of the files and of their heads (-files +heads):\n%s", d)
	}
}

// TestHeadUnrelated: what a pack says of all its events stands in the head too.
func TestHeadUnrelated(t *testing.T) {
	packs := open(t, []normalize.File{normalize.Lazy("p.yml", "pack: acme_box\nrecognize: [\"acme: \"]\nunrelated: [host.ip]\nsteps:\n- pattern: \"acme: {source.ip} {host.ip}\"\n")})
	ev, _ := packs.NewWorker().Normalize(&event.Raw{ID: "1", Bytes: []byte("acme: 192.0.2.1 192.0.2.2"), Received: received}, "", received)
	if doc := string(ev.AppendJSON(nil)); !strings.Contains(doc, `"related":{"ip":["192.0.2.1"]}`) {
		t.Errorf("host.ip is related: %s", doc)
	}
}

// TestFirstLines: several workers meet the first line of a pack at once.
func TestFirstLines(t *testing.T) {
	packs := open(t, normalize.Shipped())
	lines := sampleLines(t, "linux_auth")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			ev, by := packs.NewWorker().Normalize(&event.Raw{ID: "1", Bytes: []byte(lines[0]), Received: received}, "", received)
			if by != "linux_auth" || strings.Contains(string(ev.AppendJSON(nil)), `"unparsed"`) {
				t.Errorf("read by %q: %s", by, ev.AppendJSON(nil))
			}
		})
	}
	all.Wait()
}

// TestBrokenBody: lines of a pack whose body does not compile are kept, with the place.
func TestBrokenBody(t *testing.T) {
	packs := open(t, []normalize.File{normalize.Lazy("p.yml", "pack: acme_box\nrecognize: [\"acme: \"]\nsteps:\n- pattern: \"{nosuch.field}\"\n")})
	ev, by := packs.NewWorker().Normalize(&event.Raw{ID: "1", Bytes: []byte("acme: hello"), Received: received}, "", received)
	doc := string(ev.AppendJSON(nil))
	for _, want := range []string{`"acme: hello"`, "the pack does not compile: p.yml:4:12: ", `"unparsed"`} {
		if !strings.Contains(doc, want) {
			t.Errorf("read by %q, without %s: %s", by, want, doc)
		}
	}
	if err := packs.Compile(); err == nil || !strings.Contains(err.Error(), "p.yml:4:12: nosuch.field") {
		t.Errorf("Compile says %v", err)
	}
}
