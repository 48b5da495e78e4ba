package journal_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"sluice/internal/disk"
	"sluice/journal"
)

// TestCopyWithoutASector: of a file that the disk does not read in part, a copy as dd makes it (conv=noerror,sync) has
// zeros for that part and up to a whole block. It costs the records of that part.
func TestCopyWithoutASector(t *testing.T) {
	const block = 4096
	for _, which := range []int{1, -1} { // a segment among others, and the last
		dir := t.TempDir()
		j := open(t, disk.Dir(dir), journal.Options{SegmentBytes: 5 * block})
		acked := add(t, j, 1000, 1)
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		files, err := filepath.Glob(filepath.Join(dir, "*.seg"))
		if err != nil || len(files) < 3 {
			t.Fatal(files, err)
		}
		name := files[(which+len(files))%len(files)]
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		b = append(b, make([]byte, block-len(b)%block)...)
		at := max(0, which) * block // of the last its head
		clear(b[at : at+block])
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
		var damages []journal.Damage
		j = open(t, disk.Dir(dir), journal.Options{Damaged: func(d journal.Damage) { damages = append(damages, d) }})
		check(t, acked, drain(t, j, 1), slices.Clone(damages))
		if len(damages) == 0 {
			t.Error("nothing is told")
		}
		for s, r := range add(t, j, 10, 1) {
			if _, again := acked[s]; again {
				t.Fatalf("number %d is given twice", s)
			}
			acked[s] = r
		}
		check(t, acked, drain(t, j, 1), damages)
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	}
}
