package app

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestLinksAreFollowed: folders that are linked to where they are used are read, each once, and what a
// Kubernetes volume or an editor keeps beside them is not.
func TestLinksAreFollowed(t *testing.T) {
	top, far := t.TempDir(), t.TempDir()
	dir := func(names ...string) {
		t.Helper()
		for _, name := range names {
			if err := os.MkdirAll(name, 0o700); err != nil {
				t.Fatal(err)
			}
		}
	}
	link := func(to, name string) {
		t.Helper()
		if err := os.Symlink(to, filepath.Join(top, name)); err != nil {
			t.Fatal(err)
		}
	}
	dir(top+"/here", top+"/..2026_11_30", top+"/.git", far+"/deep")
	for _, name := range []string{top + "/here/a.yml", top + "/..2026_11_30/b.yml", top + "/.git/c.yml", far + "/d.yml", far + "/deep/e.yaml"} {
		write(t, name, "x: 1\n")
	}
	link("..2026_11_30", "..data")
	link("..data/b.yml", "b.yml")
	link(far, "team")
	link(far, "team_again")
	link("here", "also_here")
	link(".", "here/circle")
	link("nobody@host:1", ".#a.yml")
	got, err := yamlNames(top)
	var want []string
	for _, name := range []string{"b.yml", "here/a.yml", "team/d.yml", "team/deep/e.yaml"} {
		want = append(want, filepath.Join(top, name))
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %q", err, got)
	}
	if got, err := yamlNames(filepath.Join(top, "team")); err != nil || len(got) != 2 {
		t.Errorf("a path that is a link itself: %v, %q", err, got)
	}
	stamp := func() string { return stamps([]string{top}, func(string) bool { return true }) }
	before := stamp()
	write(t, far+"/d.yml", "x: 10\n")
	if stamp() == before {
		t.Error("a change behind a link is not seen")
	}
	link("/nowhere/packs", "gone")
	if _, err := yamlNames(top); err == nil || !strings.Contains(err.Error(), "gone, a link to /nowhere/packs: no such file") {
		t.Errorf("a link to nothing: %v", err)
	}
}
