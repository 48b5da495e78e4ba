package journal_test

import (
	"testing"

	"sluice/internal/disk/disktest"
	"sluice/journal"
)

// A number that is given twice, by the original and by a copy that was put back, is of two runs.
func TestRuns(t *testing.T) {
	d := disktest.New()
	j := open(t, d, journal.Options{})
	add(t, j, 2, 1)
	first := j.Run(1)
	j.Close()
	backup := d.Clone()

	j = open(t, d, journal.Options{})
	add(t, j, 1, 1)
	lost := j.Run(3)
	j.Close()

	j = open(t, backup, journal.Options{})
	add(t, j, 1, 1)
	if j.Run(1) != first || j.Run(2) != first {
		t.Errorf("records of the copy are of runs %s and %s, were of %s", j.Run(1), j.Run(2), first)
	}
	if j.Run(3) == lost || j.Run(3) == first {
		t.Errorf("record 3 of the copy is of run %s like the original's", j.Run(3))
	}
	before := j.Run(3)
	j.Close()
	j = open(t, backup, journal.Options{}) // and again without a record
	j.Close()
	j = open(t, backup, journal.Options{})
	add(t, j, 1, 1)
	if j.Run(3) != before || j.Run(1) != first || j.Run(4) == before {
		t.Errorf("runs %s, %s and %s; were %s and %s", j.Run(1), j.Run(3), j.Run(4), first, before)
	}
	if len(backup.Bytes("name")) > 100 {
		t.Errorf("a run without a record is kept:\n%s", backup.Bytes("name"))
	}
}

// Damaged or old names cost at most a double, never the start.
func TestNamesOfAnotherVersion(t *testing.T) {
	for text, kept := range map[string]bool{
		"0123456789abcdef\n": true,
		"0123456789abcdef\n1 fedcba9876543210\n1 0000000000000000\nx": true,
		"0123456789abcdef\n1 \x00\x00":                                true,
		"0123456789abcdef":                                            true,
		"\x00\x00":                                                    false,
		"":                                                            false,
	} {
		d := disktest.New()
		j := open(t, d, journal.Options{})
		add(t, j, 1, 1)
		j.Close()
		f, err := d.Create("new")
		if err != nil {
			t.Fatal(err)
		}
		f.WriteAt([]byte(text), 0)
		f.Sync()
		d.Rename("new", "name")
		j = open(t, d, journal.Options{})
		add(t, j, 1, 1)
		if got := j.Name() == "0123456789abcdef"; got != kept {
			t.Errorf("%q: the name is %s", text, j.Name())
		}
		if j.Run(1) == j.Run(2) || j.Run(1) == "" {
			t.Errorf("%q: runs %s and %s", text, j.Run(1), j.Run(2))
		}
		j.Close()
	}
}
