package app

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sluice/internal/strictyaml"
)

// inOrder sorts faults of several checks as whoever mends the file meets them: those with a place
// in it from its top, then the others as they came.
func inOrder(file string, err error) error {
	type placed struct {
		line, column int // 0: not in the file
		fault        error
	}
	var all []placed
	for _, e := range strictyaml.Joined(err) {
		p := placed{fault: e}
		if rest, ok := strings.CutPrefix(e.Error(), file+":"); ok {
			_, _ = fmt.Sscanf(rest, "%d:%d:", &p.line, &p.column)
		}
		all = append(all, p)
	}
	slices.SortStableFunc(all, func(a, b placed) int {
		if (a.line == 0) != (b.line == 0) {
			return cmp.Compare(b.line, a.line)
		}
		return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column))
	})
	var out []error
	for _, p := range all {
		out = append(out, p.fault)
	}
	return errors.Join(out...)
}

// unread says in plain words why a path of the configuration cannot be read, and from where a
// relative one is looked for.
func unread(err error) error {
	var p *fs.PathError
	if !errors.As(err, &p) { // none too
		return err
	}
	if wd, e := os.Getwd(); e == nil && !filepath.IsAbs(p.Path) && errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w; relative paths start at the working directory, here %s", p.Path, p.Err, wd)
	}
	return fmt.Errorf("%s: %w", p.Path, p.Err)
}
