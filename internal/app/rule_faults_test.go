package app

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestRestRuns: a rule with a fault is left out and named, one that cannot run here is
// counted, and the others run.
func TestRestRuns(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "good.yml"), "id: good\ntitle: Good\nlevel: low\nkind: match\nwhen: user.name == \"root\"\n")
	write(t, filepath.Join(dir, "typo.yml"), "id: typo\ntitle: Typo\nlevel: low\nkind: match\nwhen: user.nmae == \"root\"\n")
	write(t, filepath.Join(dir, "modem.yml"), "title: Modem\nlogsource: {product: modem}\ndetection: {s: {a: b}, condition: s}\n")
	write(t, filepath.Join(dir, "sigma.yml"), "title: Broken\nlogsource: {product: linux}\ndetection: {s: {a: b}, condition: t}\n")
	s, err := parse("rules: {library: false, paths: [" + dir + "]}\n")
	if err != nil {
		t.Fatal(err)
	}
	b, err := buildRest(s)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(b.set.Rules.Rules()); n != 1 || len(b.faults) != 2 || b.cannot != 1 {
		t.Errorf("%d run, faults %v, %d cannot", n, b.faults, b.cannot)
	}
	if !strings.Contains(b.faults[0].Error()+b.faults[1].Error(), "typo.yml:5:7: ") {
		t.Errorf("without its place: %v", b.faults)
	}
}
