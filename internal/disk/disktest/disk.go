// Package disktest is an in-memory disk that fills up, fails and forgets what was not synced. The
// tests of journal and store run on it.
package disktest

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"slices"
	"sync"
	"syscall"

	"sluice/internal/disk"
)

// Disk implements disk.FS. Zero Room means no bound.
type Disk struct {
	mu     sync.Mutex
	files  map[string]*data // as processes see them
	names  map[string]*data // directory entries that survive Crash
	locked bool
	Room   int   // bytes that one write may take; -1: none
	Size   int   // bytes that all files together may take; 0: no bound
	Broken error // returned by every File.Sync
	Syncs  int
}

type data struct {
	now, synced []byte
	kept        int // allocated beyond now
}

// used is what all files take. The caller holds mu.
func (d *Disk) used() (n int) {
	for _, f := range d.files {
		n += max(len(f.now), f.kept)
	}
	return n
}

func New() *Disk { return &Disk{files: map[string]*data{}, names: map[string]*data{}} }

// Crash is a power cut: only what was synced is left.
func (d *Disk) Crash() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.files = maps.Clone(d.names)
	for _, f := range d.files {
		f.now = slices.Clone(f.synced)
	}
	d.locked, d.Broken, d.Room, d.Size = false, nil, 0, 0
}

// Bytes gives a file to be damaged in place.
func (d *Disk) Bytes(name string) []byte { return d.files[name].now }

// Cut shortens a file by n bytes.
func (d *Disk) Cut(name string, n int) { f := d.files[name]; f.now = f.now[:len(f.now)-n] }

// Clone copies the disk, unlocked.
func (d *Disk) Clone() *Disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := New()
	for name, f := range d.files {
		c.files[name] = &data{slices.Clone(f.now), slices.Clone(f.now), f.kept}
	}
	c.names = maps.Clone(c.files)
	return c
}

func (d *Disk) List() ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Sorted(maps.Keys(d.files)), nil
}

func (d *Disk) Create(name string) (disk.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.files[name] != nil {
		return nil, fs.ErrExist
	}
	d.files[name] = &data{}
	return &file{d, d.files[name]}, nil
}

func (d *Disk) Open(name string) (disk.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.files[name] == nil {
		return nil, fs.ErrNotExist
	}
	return &file{d, d.files[name]}, nil
}

func (d *Disk) Remove(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.files, name)
	return nil
}

// Rename replaces to with from; like all names it survives Crash only after Sync.
func (d *Disk) Rename(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.files[from] == nil {
		return fs.ErrNotExist
	}
	d.files[to] = d.files[from]
	delete(d.files, from)
	return nil
}

func (d *Disk) Sync() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.names = maps.Clone(d.files)
	return nil
}

func (d *Disk) Lock() (io.Closer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.locked {
		return nil, disk.ErrLocked
	}
	d.locked = true
	return unlock{d}, nil
}

type unlock struct{ d *Disk }

func (u unlock) Close() error { u.d.locked = false; return nil }

type file struct {
	d *Disk
	f *data
}

func (f *file) Close() error { return nil }
func (f *file) Size() (int64, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	return int64(max(len(f.f.now), f.f.kept)), nil
}

func (f *file) ReadAt(p []byte, off int64) (int, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if off > int64(len(f.f.now)) {
		return 0, io.EOF
	}
	n := copy(p, f.f.now[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *file) WriteAt(p []byte, off int64) (int, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	var err error
	if room := f.d.Room; room != 0 && len(p) > room {
		p, err = p[:max(room, 0)], syscall.ENOSPC // a full disk takes what fits
	}
	if grow := int(off) + len(p) - max(len(f.f.now), f.f.kept); f.d.Size != 0 && grow > 0 && f.d.used()+grow > f.d.Size {
		p, err = p[:max(len(p)-(f.d.used()+grow-f.d.Size), 0)], syscall.ENOSPC
	}
	if end := int(off) + len(p); end > len(f.f.now) {
		f.f.now = append(f.f.now, make([]byte, end-len(f.f.now))...)
	}
	return copy(f.f.now[off:], p), err
}

func (f *file) Sync() error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	f.d.Syncs++
	if f.d.Broken != nil {
		return errors.Join(errors.New("sync"), f.d.Broken)
	}
	f.f.synced = slices.Clone(f.f.now)
	return nil
}

func (f *file) Truncate(size int64) error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	f.f.now, f.f.kept = f.f.now[:size], 0
	return nil
}

// Allocate keeps room without holding the bytes.
func (f *file) Allocate(size int64) error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if f.d.Size != 0 && f.d.used()+int(size)-max(len(f.f.now), f.f.kept) > f.d.Size {
		return syscall.ENOSPC
	}
	f.f.kept = int(size)
	return nil
}

// Break sets Broken while others use the disk.
func (d *Disk) Break(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.Broken = err
}

// Resize sets Size while others use the disk.
func (d *Disk) Resize(bytes int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.Size = bytes
}
