package journal

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"sluice/internal/disk"
)

// Reopen makes a failed journal (ErrFailed) usable again, in place; readers continue. What the
// kernel holds of the last segment is not trusted: its acknowledged part is written to a new
// file, synced, and renamed over it. So whatever failed is not in the journal, and nothing that
// was acknowledged is missing. On an error the journal stays failed; try again later. It returns
// nil if there was nothing to repair.
func (j *Journal) Reopen() error {
	j.committing.Lock()
	defer j.committing.Unlock()
	j.mu.Lock()
	failed, tail, next := j.failed, j.segs[len(j.segs)-1], j.next
	j.mu.Unlock()
	if failed == nil || !errors.Is(failed, ErrFailed) {
		return failed
	}
	if name := segmentName(next); name != tail.name {
		if err := j.fs.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) { // of a failed roll
			return fmt.Errorf("%w: reopen: %w", ErrFailed, err)
		}
	}
	f, err := j.rewrite(tail)
	if disk.NoSpace(err) && j.giveUp() {
		f, err = j.rewrite(tail)
	}
	if err != nil {
		return fmt.Errorf("%w: reopen: %w", ErrFailed, err)
	}
	j.file.Close()
	j.file = f
	j.mu.Lock()
	defer j.mu.Unlock()
	j.epochs++
	j.segs[len(j.segs)-1].epoch = j.epochs
	j.failed = nil
	j.wake()
	return nil
}

// rewrite copies the durable bytes of a segment into a new file under its name.
func (j *Journal) rewrite(tail segment) (disk.File, error) {
	const copyName = "rewrite.tmp"
	if err := j.fs.Remove(copyName); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	src, err := j.fs.Open(tail.name)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	dst, err := j.fs.Create(copyName)
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(io.NewOffsetWriter(dst, 0), io.NewSectionReader(src, 0, tail.size))
	if err == nil {
		err = dst.Sync()
	}
	if err == nil {
		err = j.fs.Rename(copyName, tail.name)
	}
	if err == nil {
		err = j.fs.Sync()
	}
	if err != nil {
		j.fs.Remove(copyName) // best effort; the next attempt removes it too
		return nil, errors.Join(err, dst.Close())
	}
	return dst, nil
}

const nameFile = "name"

// Name is drawn at random when the directory is made and stays while its segments do: it tells
// this journal from all others that ever were, on this machine or another.
func (j *Journal) Name() string { return j.name }

// identify reads the name, if there is one. A name that was lost is drawn anew, which
// may at worst show doubles that the old one would have told.
func (j *Journal) identify() error {
	f, err := j.fs.Open(nameFile)
	if err == nil {
		defer f.Close()
		b := make([]byte, 17)
		n, _ := f.ReadAt(b, 0)
		name := strings.TrimSuffix(string(b[:n]), "\n")
		if raw, err := hex.DecodeString(name); err == nil && len(raw) == 8 {
			j.name = name
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (j *Journal) christen() error {
	var raw [8]byte
	rand.Read(raw[:])
	name := hex.EncodeToString(raw[:])
	const draft = "name.tmp"
	if err := j.fs.Remove(draft); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := j.fs.Create(draft)
	if err != nil {
		return err
	}
	_, err = f.WriteAt([]byte(name+"\n"), 0)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = j.fs.Rename(draft, nameFile)
	}
	if err == nil {
		err = j.fs.Sync()
	}
	if err != nil {
		return fmt.Errorf("name of the journal: %w", err)
	}
	j.name = name
	return nil
}
