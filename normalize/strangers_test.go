package normalize_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"sluice/normalize"
)

// anybodys are the packs that read what anybody writes; the other ones put a product on the line.
var anybodys = []string{
	"", "cef_generic", "glog", "java_apps", "json_generic", "kv_generic", "leef_generic", "program_logs", "relay_envelope",
	"syslog_generic", "threat_indicators", "xml_generic",
}

// TestRecognizedStrangers: lines of products that there are not, under names and with words and keys that
// products have that there are, are no pack's.
func TestRecognizedStrangers(t *testing.T) {
	text, err := os.ReadFile("testdata/strangers.log")
	if err != nil {
		t.Fatal(err)
	}
	packs := open(t, normalize.Shipped())
	w := packs.NewWorker()
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		if _, by := w.Normalize(packs.Sample("", line), "", received); !slices.Contains(anybodys, by) {
			t.Errorf("%s reads %s", by, line)
		}
	}
}
