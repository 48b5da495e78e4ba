package app

import (
	"os"
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

// TestVanishedRules: a folder that has lost all its rules, as a volume that is not mounted
// has, is a fault of a reload; one that never had any is none.
func TestVanishedRules(t *testing.T) {
	dir, empty := t.TempDir(), t.TempDir()
	file := filepath.Join(dir, "good.yml")
	write(t, file, "id: good\ntitle: Good\nlevel: low\nkind: match\nwhen: user.name == \"root\"\n")
	s, err := parse("rules: {library: false, paths: [" + dir + "/, " + empty + "]}\n")
	if err != nil {
		t.Fatal(err)
	}
	b, err := buildRest(s)
	if err != nil {
		t.Fatal(err)
	}
	if faults := vanished(s, b.set.Rules.Rules()); len(faults) > 0 {
		t.Errorf("all are there: %v", faults)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	faults := vanished(s, b.set.Rules.Rules())
	t.Chdir(empty) // where the shipped rules are said to lie in rules/ too
	if err := os.Mkdir("rules", 0o700); err != nil {
		t.Fatal(err)
	}
	if s, err := parse("rules: {paths: [rules]}\n"); err != nil {
		t.Error(err)
	} else if b, err := buildRest(s); err != nil || len(vanished(s, b.set.Rules.Rules())) > 0 {
		t.Errorf("of an empty folder called rules: %v", vanished(s, b.set.Rules.Rules()))
	}
	if len(faults) != 1 || !strings.Contains(faults[0].Error(), dir+"/ holds no rule file any more, and what came from it still runs (rules: 1)") {
		t.Errorf("got %v", faults)
	}
}
