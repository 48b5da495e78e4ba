package app

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// walk calls fn for path if it is a file, else for every file below it. A link to a folder counts as that
// folder, since checkouts and packages are linked to where they are used; a folder is read once, however many
// links lead there, which also ends circles. Folders that begin with a dot are passed over: .git of a
// checkout, and ..data of a Kubernetes volume, which has each file a second time.
func walk(path string, fn func(name string) error) error {
	return walkOnce(path, true, map[string]bool{}, fn)
}

func walkOnce(path string, top bool, seen map[string]bool, fn func(string) error) error {
	hidden := !top && strings.HasPrefix(filepath.Base(path), ".")
	info, err := os.Stat(path)
	switch {
	case err != nil && hidden: // an editor's lock is a link to nothing
		return nil
	case err != nil:
		if to, lerr := os.Readlink(path); lerr == nil {
			return &fs.PathError{Op: "stat", Path: path + ", a link to " + to, Err: errors.Unwrap(err)}
		}
		return err
	case !info.IsDir():
		return fn(path)
	case hidden:
		return nil
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil || seen[real] {
		return err
	}
	seen[real] = true
	entries, err := os.ReadDir(path)
	if err != nil {
		return err
	}
	for _, links := range []bool{false, true} { // what is here keeps its name where a link leads to it as well
		for _, e := range entries {
			if links != (e.Type()&fs.ModeSymlink != 0) {
				continue
			}
			if err := walkOnce(filepath.Join(path, e.Name()), false, seen, fn); err != nil {
				return err
			}
		}
	}
	return nil
}
