package normalize_test

import (
	"strings"
	"testing"

	"sluice/normalize"
)

// TestRecognizedFirst: a pack's lines are recognized as the first ones of their origin, too. TestPacks
// reads each behind another of its pack, which decides between packs that both recognize it.
func TestRecognizedFirst(t *testing.T) {
	packs := open(t, normalize.Shipped())
	for _, name := range packs.Names() {
		if strings.HasSuffix(name, "_envelope") { // what an envelope wraps is another pack's
			continue
		}
		w := packs.NewWorker()
		for i, line := range sampleLines(t, name) {
			if strings.Contains(line, " lacpd[") {
				continue // a program of Junos and of BIG-IP, of which the first line says no more
			}
			if _, by := w.Normalize(sampleRaw(packs, name, line), "", received); by != name {
				t.Errorf("%s: line %d is read by %q: %s", name, i+1, by, line)
			}
		}
	}
}
