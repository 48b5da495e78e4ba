package normalize_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sluice/event"
	"sluice/internal/jsontape"
	"sluice/normalize"
)

// TestReserialized: what a collector does to a record when it writes it again, indented or in another order
// of keys with some of its own before, without those that are empty or without the objects in it, changes nothing of
// what the record says.
func TestReserialized(t *testing.T) {
	// read by what stands where in the text, which is the point of their lines
	except := map[string]bool{"list_envelope": true, "m365_defender_envelope": true, "relay_envelope": true}
	// what is left is an indicator that might be anybody's; the event's name is the key of an object that is empty; the sample has two keys; what is inside is an empty object
	exceptPruned := map[string]bool{"alienvault_otx": true, "aws_envelope": true, "security_event_token": true, "zeek": true}
	packs := open(t, normalize.Shipped())
	// they read texts around what stands in an object, a list of events there, or have a key with dots or two, which makes no flattened record
	exceptFlat := map[string]bool{"bitdefender_gravityzone": true, "entra_id": true, "java_apps": true, "microsoft_defender_alerts": true, "netskope": true, "zeek": true}
	w := packs.NewWorker()
	// whole is all that has one value, but for what repeats the text
	whole := func(line []byte) string {
		ev, _ := w.Normalize(&event.Raw{Bytes: line, Received: received}, "", received)
		var text strings.Builder
		ev.Range(func(f event.Field, v *event.Value) bool {
			switch spec := packs.Schema().Spec(f); {
			case spec.Hidden, v.IsList(), spec.Type == event.JSON, spec.Name == "sluice.id", spec.Name == "event.original", spec.Name == "message", spec.Name == "sluice.envelope":
			default:
				fmt.Fprintf(&text, "%s=%s%d\n", spec.Name, ev.Text(f), v.Int())
			}
			return true
		})
		return text.String()
	}
	read := func(line []byte) [4]string {
		ev, _ := w.Normalize(&event.Raw{Bytes: line, Received: received}, "", received)
		var got [4]string
		for i, field := range []string{"sluice.pack", "event.action", "event.outcome", "user.name"} {
			n, _ := packs.Schema().Lookup(field)
			got[i] = strings.Clone(ev.Text(n)) // the next line overwrites it
		}
		return got
	}
	files, err := filepath.Glob("packs/*/sample.log")
	if err != nil {
		t.Fatal(err)
	}
	records := 0
	for _, file := range files {
		pack := filepath.Base(filepath.Dir(file))
		if except[pack] {
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
			if pruned := rewritten(line, pruned); !exceptPruned[pack] && pruned != nil {
				if got := read(pruned); got != want {
					t.Errorf("without empty keys: %s\n%q, want %q", pruned, got, want)
				}
			}
			if flat := flattened(line); !exceptFlat[pack] && flat != nil {
				if got := read(flat); got != want {
					t.Errorf("flattened: %s\n%q, want %q", flat, got, want)
				}
			}
			if sorted := rewritten(line, sorted); sorted != nil {
				if want, got := whole(line), whole(sorted); got != want {
					t.Errorf("with sorted keys: %s\n%s, want\n%s", sorted, got, want)
				}
			}
		}
	}
	if records < 1000 {
		t.Errorf("%d records, want most packs'", records)
	}
}

// rewritten is a record as a collector writes it that does something to its objects; nil: as it was.
func rewritten(line []byte, members func(v jsontape.Value) []member) []byte {
	var d jsontape.Doc
	if d.ParseBytes(line) != nil {
		return nil
	}
	if out := appendRewritten(nil, d.Root(), members); !bytes.Equal(out, d.Root().Append(nil)) {
		return out
	}
	return nil
}

// member is a key of an object with its value.
type member struct {
	key   string
	value jsontape.Value
}

func appendRewritten(dst []byte, v jsontape.Value, members func(v jsontape.Value) []member) []byte {
	switch v.Kind() {
	case jsontape.Object:
		dst = append(dst, '{')
		for i, m := range members(v) {
			if i > 0 {
				dst = append(dst, ',')
			}
			key, _ := json.Marshal(m.key)
			dst = appendRewritten(append(append(dst, key...), ':'), m.value, members)
		}
		return append(dst, '}')
	case jsontape.Array:
		dst = append(dst, '[')
		for kid := v.First(); kid.OK(); kid = kid.Next() {
			if dst[len(dst)-1] != '[' {
				dst = append(dst, ',')
			}
			dst = appendRewritten(dst, kid, members)
		}
		return append(dst, ']')
	}
	return append(dst, v.Raw()...)
}

// pruned are the keys that hold something.
func pruned(v jsontape.Value) (out []member) {
	for kid := v.First(); kid.OK(); kid = kid.Next() {
		if kind := kid.Kind(); kind != jsontape.Null && kid.Raw() != `""` && (kind < jsontape.Array || kid.First().OK()) {
			out = append(out, member{kid.Key(), kid})
		}
	}
	return out
}

// sorted are the keys as one writes them who keeps a record in a map.
func sorted(v jsontape.Value) (out []member) {
	for kid := v.First(); kid.OK(); kid = kid.Next() {
		out = append(out, member{kid.Key(), kid})
	}
	slices.SortStableFunc(out, func(a, b member) int { return strings.Compare(a.key, b.key) })
	return out
}

// flattened is a record without the objects in it: their keys stand behind each other, with dots between them.
func flattened(line []byte) []byte {
	var d jsontape.Doc
	if d.ParseBytes(line) != nil {
		return nil
	}
	out := appendFlat([]byte("{"), "", d.Root())
	out = append(out[:len(out)-1], '}')
	if bytes.Equal(out, d.Root().Append(nil)) {
		return nil
	}
	return out
}

func appendFlat(dst []byte, path string, v jsontape.Value) []byte {
	for kid := v.First(); kid.OK(); kid = kid.Next() {
		if kid.Kind() == jsontape.Object && kid.First().OK() {
			dst = appendFlat(dst, path+kid.Key()+".", kid)
			continue
		}
		key, _ := json.Marshal(path + kid.Key())
		dst = append(append(append(append(dst, key...), ':'), kid.Raw()...), ',')
	}
	return dst
}
