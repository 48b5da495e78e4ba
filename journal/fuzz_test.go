package journal_test

import (
	"testing"

	"sluice/internal/disk/disktest"
	"sluice/journal"
)

// Whatever the bytes of a segment are: the journal opens, reads, verifies and goes on.
func FuzzSegment(f *testing.F) {
	for _, codec := range []journal.Codec{journal.None, journal.S2, journal.Zstd} {
		d := disktest.New()
		j, err := journal.Open(d, journal.Options{Codec: codec})
		if err != nil {
			f.Fatal(err)
		}
		for range 3 {
			if _, err := j.Append(f.Context(), journal.Batch{Labels: 5, Records: [][]byte{[]byte("a record"), make([]byte, 300), {}}}); err != nil {
				f.Fatal(err)
			}
		}
		f.Add(d.Bytes(segments(d)[0]))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d := disktest.New()
		file, err := d.Create("00000000000000000001.seg")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.WriteAt(b, 0); err != nil {
			t.Fatal(err)
		}
		if _, err := journal.Verify(d, func(journal.Damage) {}); err != nil {
			t.Errorf("verify: %v", err)
		}
		j, err := journal.Open(d, journal.Options{})
		if err != nil {
			t.Fatal(err)
		}
		before := len(drain(t, j, 1))
		if _, err := j.Append(t.Context(), journal.Batch{Records: [][]byte{[]byte("one more")}}); err != nil {
			t.Fatal(err)
		}
		if after := len(drain(t, j, 1)); after != before+1 {
			t.Errorf("%d records, then %d after one append", before, after)
		}
	})
}
