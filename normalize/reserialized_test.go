package normalize_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"sluice/event"
	"sluice/normalize"
)

// TestReserialized: what a collector does to a record when it writes it again, indented or in another order
// of keys with some of its own before, changes nothing of what the record says.
func TestReserialized(t *testing.T) {
	// read by what stands where in the text, which is the point of their lines
	except := map[string]bool{"list_envelope": true, "m365_defender_envelope": true, "relay_envelope": true}
	packs := open(t, normalize.Shipped())
	read := func(line []byte) [4]string {
		ev, _ := packs.NewWorker().Normalize(&event.Raw{Bytes: line, Received: received}, "", received)
		var got [4]string
		for i, field := range []string{"sluice.pack", "event.action", "event.outcome", "user.name"} {
			n, _ := packs.Schema().Lookup(field)
			got[i] = ev.Text(n)
		}
		return got
	}
	files, err := filepath.Glob("packs/*/sample.log")
	if err != nil {
		t.Fatal(err)
	}
	records := 0
	for _, file := range files {
		if except[filepath.Base(filepath.Dir(file))] {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.SplitSeq(text, []byte("\n")) {
			var indented bytes.Buffer
			// a record of two keys says nothing of whose it is
			if !bytes.HasPrefix(line, []byte("{")) || bytes.Count(line, []byte(":")) < 3 || json.Indent(&indented, line, "", "  ") != nil {
				continue
			}
			records++
			want := read(line)
			if got := read(indented.Bytes()); got != want {
				t.Errorf("indented: %s\n%q, want %q", line, got, want)
			}
			tagged := append([]byte(`{"zz_none":null,"zz_empty":"","zz_list":[],`), line[1:]...)
			if got := read(tagged); got != want {
				t.Errorf("with keys before: %s\n%q, want %q", line, got, want)
			}
		}
	}
	if records < 1000 {
		t.Errorf("%d records, want most packs'", records)
	}
}
