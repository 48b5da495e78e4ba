package filetail

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestWrittenAnew: rsync and its like write a file anew, with what was added, and rename it into the place of the old
// one: it is read on where that one was read to, and so is one that was rotated where it comes from. Another one is
// read from its start.
func TestWrittenAnew(t *testing.T) {
	f := func(down bool) {
		t.Helper()
		dir := t.TempDir()
		log := filepath.Join(dir, "x.log")
		var want []string
		for i := range 40 {
			want = append(want, fmt.Sprintf("%d a line of some thirty bytes", i))
		}
		text := strings.Join(want, "\n") + "\n"
		write(t, log, text+"the beginning of ")
		w := start(t, settings(t, log+"*"))
		w.want(len(want))
		put := func(text, name string) {
			t.Helper()
			write(t, filepath.Join(dir, "aside"), text)
			if err := os.Rename(filepath.Join(dir, "aside"), filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
		anew := func(change func()) {
			t.Helper()
			if down {
				w.stop()
			}
			change()
			if down {
				w.run()
			}
			w.exactly(slices.Clone(want)...)
		}
		for i := range 3 {
			text += fmt.Sprintf("the beginning of line %d\n", i)
			want = append(want, fmt.Sprintf("the beginning of line %d", i))
			anew(func() { put(text+"the beginning of ", "x.log") })
		}
		text += "the beginning of the end\n"
		want = append(want, "the beginning of the end", "a fresh one")
		anew(func() {
			put("a fresh one\n", "x.log")
			put(text, "x.log.1")
		})
		want = append(append(want, "another"), strings.Split(strings.TrimSpace(text), "\n")...)
		anew(func() { put("another\n"+text, "x.log.1") })
	}
	f(false)
	f(true)
}
