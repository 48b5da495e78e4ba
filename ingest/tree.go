package ingest

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Tree is the file system below a folder until ctx ends, for globs: a walk over millions of
// folders must not hold up a stop.
type Tree struct {
	fs.FS
	base   string
	ctx    context.Context
	hidden func(path string, why error)
}

// NewTree is the tree below base. hidden is told of each path that cannot be looked at, though
// something may be there; nil: nobody asks.
func NewTree(ctx context.Context, base string, hidden func(path string, why error)) Tree {
	return Tree{os.DirFS(base), base, ctx, hidden}
}

// ReadDir implements fs.ReadDirFS.
func (t Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	if err := t.ctx.Err(); err != nil {
		return nil, err
	}
	entries, err := fs.ReadDir(t.FS, name)
	t.note(name, err)
	return entries, err
}

// Stat implements fs.StatFS.
func (t Tree) Stat(name string) (fs.FileInfo, error) {
	if err := t.ctx.Err(); err != nil {
		return nil, err
	}
	st, err := fs.Stat(t.FS, name)
	t.note(name, err)
	return st, err
}

func (t Tree) note(name string, err error) {
	if Hides(err) && t.hidden != nil {
		t.hidden(filepath.Join(t.base, filepath.FromSlash(name)), err)
	}
}

// OpenFile opens a regular file to read. A pipe that took its place meanwhile would hold the opener up
// until somebody writes to it.
func OpenFile(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: name, Err: errors.New("it is no regular file")}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// Hides says whether an error leaves open what is there: out of descriptors, no permission, a
// file system that is away.
func Hides(err error) bool { return err != nil && !errors.Is(err, fs.ErrNotExist) }
