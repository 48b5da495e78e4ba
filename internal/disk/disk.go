// Package disk is the file system as seen by what must survive a crash. Journal and store access
// files only through it, so that tests can substitute a disk that fills up, fails and forgets
// unsynced writes.
package disk

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// ErrLocked is returned by Lock while another process has the directory.
var ErrLocked = errors.New("directory is in use by another process")

// FS is a single directory, owned by whoever opened it.
type FS interface {
	List() ([]string, error)
	Create(name string) (File, error) // must not exist
	Open(name string) (File, error)   // for reading and writing
	Remove(name string) error
	Rename(from, to string) error // replaces to
	Sync() error                  // makes creations and removals durable
	Lock() (io.Closer, error)
}

// File is the subset of *os.File that is needed, plus Allocate.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Size() (int64, error)
	Sync() error
	Truncate(size int64) error
	Allocate(size int64) error // extends the file to size and makes the disk keep that room for it
}

// Dir returns the directory at path, which is created on first use. Only its owner can read it
// and its files, because they hold other people's logs.
func Dir(path string) FS { return dir(path) }

type dir string

type file struct{ *os.File }

func (f file) Size() (int64, error) {
	st, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return st.Size(), nil
}

// Allocate falls back to writing zeros where the file system cannot promise room.
func (f file) Allocate(size int64) error {
	err := syscall.Fallocate(int(f.Fd()), 0, 0, size)
	if !errors.Is(err, syscall.EOPNOTSUPP) && !errors.Is(err, syscall.ENOSYS) {
		return err
	}
	zero := make([]byte, 1<<20)
	for off := int64(0); off < size; off += int64(len(zero)) {
		if _, err := f.WriteAt(zero[:min(int64(len(zero)), size-off)], off); err != nil {
			return err
		}
	}
	return f.File.Sync()
}

func (d dir) path(name string) string { return filepath.Join(string(d), name) }

func (d dir) open(name string, flag int) (File, error) {
	f, err := os.OpenFile(d.path(name), flag|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	return file{f}, nil
}

func (d dir) Create(name string) (File, error) { return d.open(name, os.O_CREATE|os.O_EXCL) }
func (d dir) Open(name string) (File, error)   { return d.open(name, 0) }
func (d dir) Rename(from, to string) error     { return os.Rename(d.path(from), d.path(to)) }
func (d dir) Remove(name string) error         { return os.Remove(d.path(name)) }

func (d dir) List() ([]string, error) {
	entries, err := os.ReadDir(string(d))
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, err
}

func (d dir) Sync() error { return syncDir(string(d)) }

// Lock also makes the directory: it is the first thing Open does.
func (d dir) Lock() (io.Closer, error) {
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return nil, err
	}
	if err := syncDir(filepath.Dir(string(d))); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(d.path("lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if errors.Is(err, syscall.EROFS) { // who holds it must be seen there too
		f, err = os.Open(d.path("lock"))
	}
	if err != nil {
		return nil, err
	}
	// flock and not a pid file: the kernel drops it with the process.
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = ErrLocked
		}
		return nil, fmt.Errorf("%s: %w", string(d), err)
	}
	return f, nil
}

func syncDir(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// NoSpace tells the errors that pass when somebody frees space from those
// after which the file cannot be trusted.
func NoSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
