package filetail

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestLinked: the names under a glob may be links into other folders, where rotation renames and compresses
// what they lead to, as Kubernetes has it.
func TestLinked(t *testing.T) {
	f := func(name string, down, packed bool) {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			links, pod := filepath.Join(dir, "containers"), filepath.Join(dir, "pods", "a")
			file, old := filepath.Join(pod, "0.log"), filepath.Join(pod, "0.log.20260302-090000")
			if err := errors.Join(os.MkdirAll(links, 0o700), os.MkdirAll(pod, 0o700), os.Symlink(file, filepath.Join(links, "a.log"))); err != nil {
				t.Fatal(err)
			}
			write(t, file, "one\ntwo\n")
			w := start(t, settings(t, filepath.Join(links, "*.log")))
			w.want(2)
			if down {
				w.stop()
			}
			write(t, file, "three\n")
			if !down {
				w.want(3)
				write(t, file, "four\n")
			}
			if err := os.Rename(file, old); err != nil {
				t.Fatal(err)
			}
			if packed {
				pack(t, old)
			}
			write(t, file, "five\n")
			if down {
				w.run()
			}
			want := 5
			if down {
				want = 4
			}
			w.want(want)
		})
	}
	f("while it runs", false, false)
	f("while it is down", true, false)
	f("while it is down, compressed", true, true)
}
