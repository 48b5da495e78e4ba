package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"sluice/internal/disk"
)

// The reserve is a file that only takes room.
const reserveName = "reserve"

// setAside allocates the reserve at Open. Without room for it the journal opens all
// the same, and only Reserved appends go through.
func (j *Journal) setAside() error {
	if j.opt.ReserveBytes <= 0 {
		return nil
	}
	err := j.allocate()
	if disk.NoSpace(err) {
		j.spent = true
		return nil
	}
	if err != nil {
		return fmt.Errorf("reserve: %w", err)
	}
	return nil
}

func (j *Journal) allocate() error {
	f, err := j.fs.Open(reserveName)
	if errors.Is(err, fs.ErrNotExist) {
		f, err = j.fs.Create(reserveName)
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if size, err := f.Size(); err == nil && size == j.opt.ReserveBytes {
		return nil
	}
	err = f.Truncate(0)
	if err == nil {
		err = f.Allocate(j.opt.ReserveBytes)
	}
	if err != nil {
		return errors.Join(err, j.fs.Remove(reserveName))
	}
	return j.fs.Sync()
}

// giveUp frees the reserve; false: there is none left. The caller holds committing.
func (j *Journal) giveUp() bool {
	j.mu.Lock()
	spent := j.spent
	j.spent = j.opt.ReserveBytes > 0
	j.mu.Unlock()
	if spent || j.opt.ReserveBytes <= 0 {
		return false
	}
	if err := j.fs.Remove(reserveName); err != nil {
		return false
	}
	return j.fs.Sync() == nil // a file system frees the blocks with its next transaction
}

// refill tries once a second to set the reserve aside again, and refuses until that
// has worked: or else producers would eat up what outputs and commits need.
func (j *Journal) refill() error {
	j.committing.Lock()
	defer j.committing.Unlock()
	if j.Err() != nil {
		return nil // the append will say so
	}
	if now := j.opt.Now(); now.Sub(j.refilled) < time.Second {
		return fmt.Errorf("%w: the disk is", ErrFull)
	} else {
		j.refilled = now
	}
	if err := j.allocate(); err != nil {
		return fmt.Errorf("%w: %d MiB have to be free before it goes on: %w", ErrFull, (j.opt.ReserveBytes+1<<20-1)>>20, err)
	}
	j.mu.Lock()
	j.spent, j.full = false, false
	j.mu.Unlock()
	return nil
}
