package netflow

import (
	"encoding/json"
	"net/netip"
	"path"
	"reflect"
	"testing"
	"time"

	"sluice/internal/corpus"
)

// goldenFile is recorded traffic of many exporters with what another collector made of it.
const goldenFile = "netflow/netflow-ipfix-golden.tar.gz"

type golden struct {
	tests map[string]struct {
		Files  []string
		Golden string
	}
	files map[string][]byte
}

func readGolden(t *testing.T) golden {
	t.Helper()
	g := golden{files: map[string][]byte{}}
	corpus.Files(t, goldenFile, func(name string, content []byte) { g.files[path.Base(name)] = content })
	if err := json.Unmarshal(g.files["manifest.json"], &g.tests); err != nil {
		t.Fatal(err)
	}
	return g
}

// TestGolden: every flow that the other collector read of recorded traffic comes out
// with every value that it has. What it names by numbers of another registry is ours to
// name: scopes of NetFlow v9's options.
func TestGolden(t *testing.T) {
	g := readGolden(t)
	flows := 0
	for name, test := range g.tests {
		var want struct {
			Events []struct {
				Fields struct{ Netflow map[string]any }
			}
		}
		if err := json.Unmarshal(g.files[test.Golden], &want); err != nil {
			t.Fatal(err)
		}
		var got []map[string]any
		d := newDecoder(Defaults().(*Settings), "golden", func(_ string, b []byte) {
			var doc struct{ Netflow map[string]any }
			if err := json.Unmarshal(b, &doc); err != nil {
				t.Fatalf("%s: %v in %s", name, err, b)
			}
			got = append(got, doc.Netflow)
		}, func(_, reason string, n int) { t.Logf("%s: dropped %d: %s", name, n, reason) })
		for _, file := range test.Files {
			d.datagram(netip.MustParseAddrPort("192.0.2.1:4444"), "o", g.files[file], time.Unix(1e9, 0))
		}
		if len(got) != len(want.Events) {
			t.Errorf("%s: %d records, want %d", name, len(got), len(want.Events))
			continue
		}
		for i, w := range want.Events {
			flows++
			if w.Fields.Netflow["exporter"].(map[string]any)["version"].(float64) == 9 {
				delete(w.Fields.Netflow, "scope")
			}
			for k, v := range w.Fields.Netflow {
				if !reflect.DeepEqual(got[i][k], v) {
					t.Errorf("%s, record %d: %s is %v, want %v", name, i, k, got[i][k], v)
				}
			}
		}
	}
	if flows == 0 {
		t.Error("nothing was compared")
	}
}
