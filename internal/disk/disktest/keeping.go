package disktest

import "syscall"

// Keeping is a disk that removes nothing while Keeps is true.
type Keeping struct {
	*Disk
	Keeps bool
}

// Remove implements disk.FS.
func (d *Keeping) Remove(name string) error {
	if d.Keeps {
		return syscall.EIO
	}
	return d.Disk.Remove(name)
}
