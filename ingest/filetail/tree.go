package filetail

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
)

// tree is the file system below base until ctx ends: a walk over millions of folders must not
// hold up a stop. It notes what it could not look at.
type tree struct {
	ctx context.Context
	fs.FS
	base  string
	blind map[string]bool
}

func (t tree) ReadDir(name string) ([]fs.DirEntry, error) {
	if err := t.ctx.Err(); err != nil {
		return nil, err
	}
	entries, err := fs.ReadDir(t.FS, name)
	t.note(name, err)
	return entries, err
}

func (t tree) Stat(name string) (fs.FileInfo, error) {
	if err := t.ctx.Err(); err != nil {
		return nil, err
	}
	st, err := fs.Stat(t.FS, name)
	t.note(name, err)
	return st, err
}

func (t tree) note(name string, err error) {
	if hides(err) {
		t.blind[filepath.Join(t.base, filepath.FromSlash(name))] = true
	}
}

// hides says whether an error leaves open what is there: out of descriptors, no permission, a
// file system that is away.
func hides(err error) bool { return err != nil && !errors.Is(err, fs.ErrNotExist) }

// hidden says whether the last look could not see what is at path.
func (in *input) hidden(path string) bool {
	for name := range in.blind {
		if path == name || strings.HasPrefix(path, strings.TrimSuffix(name, "/")+"/") {
			return true
		}
	}
	return false
}
