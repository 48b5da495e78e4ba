package journal

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"sluice/internal/disk"
)

// nameFile holds the name in its first line, and one line "SEQ NAME" for each run.
const nameFile = "name"

// run is what was appended between two calls of Open.
type run struct {
	from Seq
	name string
}

// Name is drawn at random when the directory is made and stays while its segments do: it tells
// this journal from all others that ever were, on this machine or another.
func (j *Journal) Name() string { return j.name }

// Run names the time between two calls of Open in which seq was appended. Who remembers the
// greatest number that it had of this journal remembers it by this name: a directory that was
// put back from a backup gives numbers again that the original gave behind it, to other records.
func (j *Journal) Run(seq Seq) string {
	i, found := slices.BinarySearchFunc(j.runs, seq, func(r run, seq Seq) int { return cmp.Compare(r.from, seq) })
	switch {
	case found:
		return j.runs[i].name
	case i == 0: // older than what tells runs apart
		return j.name
	}
	return j.runs[i-1].name
}

// identify reads the names, if they are there. One that was lost is drawn anew, which
// may at worst show doubles that the old one would have told.
func (j *Journal) identify() error {
	f, err := j.fs.Open(nameFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		return err
	}
	text, err := io.ReadAll(io.NewSectionReader(f, 0, size))
	if err != nil {
		return nil
	}
	first, rest, _ := strings.Cut(string(text), "\n")
	if !isName(first) {
		return nil
	}
	j.name = first
	for line := range strings.Lines(rest) {
		from, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		seq, err := strconv.ParseUint(from, 10, 64)
		if n := len(j.runs); err != nil || !isName(name) || n > 0 && Seq(seq) <= j.runs[n-1].from {
			break
		}
		j.runs = append(j.runs, run{Seq(seq), name})
	}
	return nil
}

func isName(s string) bool {
	raw, err := hex.DecodeString(s)
	return err == nil && len(raw) == 8
}

func newName() string {
	var raw [8]byte
	rand.Read(raw[:])
	return hex.EncodeToString(raw[:])
}

// christen gives a journal that begins anew its name.
func (j *Journal) christen() { j.name, j.runs = newName(), nil }

// begin notes that what is appended from now on is of a new run, and forgets those of which
// no record is left. A full disk may not take the note: then the name is of this process only, and
// records may be doubled behind its end that it would have told.
func (j *Journal) begin() error {
	j.runs = slices.DeleteFunc(j.runs, func(r run) bool { return r.from >= j.next })
	for len(j.runs) > 1 && j.runs[1].from <= j.segs[0].first {
		j.runs = j.runs[1:]
	}
	j.runs = append(j.runs, run{j.next, newName()})
	if err := j.writeNames(); err != nil && !disk.NoSpace(err) {
		return err
	}
	return nil
}

func (j *Journal) writeNames() error {
	var text bytes.Buffer
	fmt.Fprintln(&text, j.name)
	for _, r := range j.runs {
		fmt.Fprintln(&text, r.from, r.name)
	}
	const draft = "name.tmp"
	if err := j.fs.Remove(draft); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := j.fs.Create(draft)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(text.Bytes(), 0)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = j.fs.Rename(draft, nameFile)
	}
	if err == nil {
		err = j.fs.Sync()
	}
	if err != nil {
		return fmt.Errorf("name of the journal: %w", err)
	}
	return nil
}
