package journal_test

import (
	"fmt"
	"slices"
	"testing"

	"sluice/internal/disk"
	"sluice/internal/disk/disktest"
	"sluice/journal"
)

// noting notes which files are opened.
type noting struct {
	*disktest.Disk
	opened []string
}

func (n *noting) Open(name string) (disk.File, error) {
	n.opened = append(n.opened, name)
	return n.Disk.Open(name)
}

// TestReaderSkipsSegments: a segment that holds none of a reader's labels is not opened, also
// after a restart, when its seal says so.
func TestReaderSkipsSegments(t *testing.T) {
	d := &noting{Disk: disktest.New()}
	opt := journal.Options{SegmentBytes: 1 << 10, Codec: journal.None}
	j := open(t, d, opt)
	write := func(labels uint64, n int) {
		for i := range n {
			if _, err := j.Append(t.Context(), journal.Batch{Labels: labels, Records: [][]byte{fmt.Appendf(nil, "%0100d", i)}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	write(1, 40)
	write(2, 1)
	write(1, 40)
	read := func() {
		t.Helper()
		d.opened = nil
		r := j.Reader(1, 2)
		defer r.Close()
		n := 0
		for {
			b, ok, err := r.TryNext()
			if err != nil {
				t.Fatal(err)
			}
			if !ok {
				break
			}
			n += len(b.Records)
		}
		if n != 1 {
			t.Errorf("%d records, want 1", n)
		}
		if slices.Sort(d.opened); len(slices.Compact(d.opened)) > 2 {
			t.Errorf("of %d segments %d were opened, want the one with the label and the last", len(segments(d.Disk)), len(d.opened))
		}
	}
	if len(segments(d.Disk)) < 6 {
		t.Fatalf("%d segments are too few for this test", len(segments(d.Disk)))
	}
	read()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = open(t, d, opt)
	read()
}

// TestOpenNamesDamage: what is damaged in the last segment is counted when the journal is
// opened, not only when somebody reads there.
func TestOpenNamesDamage(t *testing.T) {
	d := disktest.New()
	j := open(t, d, journal.Options{})
	add(t, j, 30, 10)
	b := d.Bytes(segments(d)[0])
	b[len(b)/2] ^= 1 // in the second of three batches
	var told []journal.Damage
	j = open(t, d.Clone(), journal.Options{Damaged: func(d journal.Damage) { told = append(told, d) }})
	if len(told) != 1 || told[0].First != 11 || told[0].Last != 20 || told[0].Torn || j.Stats().Damages != 1 {
		t.Errorf("told of %v, %d counted", told, j.Stats().Damages)
	}
}
