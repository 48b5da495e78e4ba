package journal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

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
