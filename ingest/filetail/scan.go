package filetail

import (
	"bytes"
	"context"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"sluice/ingest"
	"sluice/internal/metrics"
)

const (
	// settle is how long a file that looks like a copy in the making must be unchanged
	// before it is taken for a file of its own.
	settle = 10 * time.Second
	// oldFile: what appears with an older last write was moved here, and is history.
	oldFile = time.Minute
)

// compressed are the ends of names that rotation gives to what was read before.
var compressed = []string{".gz", ".bz2", ".xz", ".zst", ".lz4", ".lzma", ".Z", ".zip"}

// found is one file under the globs.
type found struct {
	path string
	info os.FileInfo
}

// candidate is a file that is not decided about: it is empty, or looks like a copy.
type candidate struct {
	size  int64
	since time.Time // it has that size
	at    int64     // the original's offset when the copy was found; 0: not a whole copy
}

func inodeOf(st os.FileInfo) inode {
	sys, ok := st.Sys().(*syscall.Stat_t)
	if !ok {
		return inode{}
	}
	return inode{uint64(sys.Dev), sys.Ino}
}

// scan looks at the globs: which files are there, what became of those we know.
// Once ctx ended it looks no further: what it did not come to is not gone.
func (in *input) scan(ctx context.Context) {
	now := time.Now()
	all := in.glob(ctx)
	if ctx.Err() != nil {
		return
	}
	paths := map[string]inode{}
	for id, m := range all {
		paths[m.path] = id
	}
	fresh := maps.Clone(all)
	for _, f := range in.files {
		delete(fresh, f.id)
	}
	kept := in.files[:0]
	for _, f := range in.files {
		if _, ok := all[f.id]; !ok && f.packed == nil {
			in.again(f, fresh)
		}
		if in.follow(f, all, paths, now) {
			kept = append(kept, f)
		} else {
			in.closeFile(f)
			in.unsaved = true
		}
	}
	clear(in.files[len(kept):])
	in.files = kept
	in.merge()
	in.unreadable = in.misnamed
	in.discover(all, now)
	in.unread.Store(int64(in.unreadable))
	metrics.IngestClosed.WithLabelValues(in.env.Name).Set(float64(in.unreadable))
	if in.first {
		in.first, in.unsaved = false, true
	}
	in.scanned, in.took = now, time.Since(now)

	metrics.IngestFiles.WithLabelValues(in.env.Name).Set(float64(len(in.files)))
	in.measure(0, func(f *file) int64 { return f.size })
}

// measure tells how far the input is behind; waiting is what was read and is not taken yet.
func (in *input) measure(waiting int64, size func(*file) int64) {
	behind := waiting
	for _, f := range in.files {
		behind += max(size(f)-f.offset, 0)
	}
	metrics.IngestBehind.WithLabelValues(in.env.Name).Set(float64(behind))
}

// sizeNow is how long the file is by now, as far as it can be asked.
func (f *file) sizeNow() int64 {
	if f.packed != nil {
		return f.size
	}
	if f.f != nil {
		if st, err := f.f.Stat(); err == nil {
			return st.Size()
		}
	} else if st, err := os.Stat(f.name); err == nil && inodeOf(st) == f.id {
		return st.Size()
	}
	return f.size
}

// likeShells lets a glob pass names with a dot in front by that it does not write, as those of files that rsync and
// editors have in the making. And ** passes links to folders by: a few that lead in a circle have more
// paths than there is time for, and whoever may write below a folder of logs can make them.
func likeShells(pattern string) []doublestar.GlobOption {
	if strings.Contains(pattern, "**") {
		return []doublestar.GlobOption{doublestar.WithNoHidden(), doublestar.WithNoFollow()}
	}
	return []doublestar.GlobOption{doublestar.WithNoHidden()}
}

// glob returns every file under the globs, by inode.
func (in *input) glob(ctx context.Context) map[inode]found {
	all := map[inode]found{}
	before := in.blind
	in.blind, in.none, in.misnamed = map[string]bool{}, nil, 0
	defer func() {
		for path := range before {
			if !in.blind[path] {
				delete(in.warned, "blind "+path)
			}
		}
	}()
	for _, pattern := range in.settings.Paths {
		base, below := doublestar.SplitPattern(filepath.ToSlash(filepath.Clean(pattern)))
		in.watchDir(base)
		paths, err := doublestar.Glob(ingest.NewTree(ctx, base, in.cannotLook), below, likeShells(pattern)...)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			in.once(pattern, "glob cannot be read", "glob", pattern, "error", err)
		}
		if len(paths) == 0 {
			in.none = append(in.none, pattern)
			in.once("none "+pattern, "no file fits the glob, or its folder may not be listed; the positions of those that did are kept", "glob", pattern)
		} else {
			delete(in.warned, "none "+pattern)
		}
		slices.Sort(paths)
		for _, p := range paths {
			p = filepath.Join(base, filepath.FromSlash(p))
			if in.barred(p) || len(p) > maxPath {
				continue
			}
			st, err := os.Stat(p)
			if ingest.Hides(err) {
				in.cannotLook(p, err)
			}
			if err != nil {
				continue
			}
			if !st.Mode().IsRegular() || isCompressed(p) {
				in.odd(p, st)
				continue
			}
			in.watchDir(filepath.Dir(p))
			if id := inodeOf(st); all[id].path == "" {
				all[id] = found{p, st}
			}
		}
	}
	return all
}

// excluded says that path is none to follow.
func (in *input) excluded(path string) bool { return isCompressed(path) || in.barred(path) }

// barred says that the settings keep path from being read, or that it is ours.
func (in *input) barred(path string) bool {
	for _, dir := range in.env.Own {
		if strings.HasPrefix(path, dir+"/") {
			in.once("own "+dir, "a glob fits what this program writes itself; it is not read", "folder", dir)
			return true
		}
	}
	for _, x := range in.settings.Exclude {
		if ok, _ := doublestar.PathMatch(x, path); ok {
			return true
		}
	}
	return false
}

// follow brings one known file up to date; false: it is gone, and read.
func (in *input) follow(f *file, all map[inode]found, paths map[string]inode, now time.Time) bool {
	if f.packed != nil {
		return f.dirty || in.unpacking(f)
	}
	m, ok := all[f.id]
	var st os.FileInfo
	var err error
	switch {
	case ok:
		f.name, st = m.path, m.info
		in.back(f, st)
	case in.hidden(f.path) || in.hidden(f.name):
		if f.f == nil {
			return true
		}
		if st, err = f.f.Stat(); err != nil {
			return true
		}
	case f.f == nil:
		// Rotated to a name that no glob names, while nobody looked.
		name, err := in.locate(f)
		if f.name = name; name == "" && err == nil {
			if in.away(f, now) {
				return true
			}
			if in.unpack(f) {
				return true
			}
			if (f.grown.IsZero() || f.offset < f.size) && !in.survived(f, all) { // else its end was seen
				in.lost(f)
			}
			return false
		}
		if err != nil || !in.openFile(f) {
			return true // the next look may find it, or have a descriptor for it
		}
		fallthrough
	default:
		f.name = ""
		if st, err = f.f.Stat(); err != nil {
			return false
		}
	}
	if st.Size() != f.size || f.grown.IsZero() {
		f.size, f.grown, f.dirty = st.Size(), now, true
	}
	if f.dirty {
		return true
	}
	silent := now.Sub(f.grown)
	if id, there := paths[f.path]; f.size > f.offset {
		rotated := f.name == "" || there && id != f.id
		f.dirty = !f.waits.IsZero() && now.Sub(f.waits) >= joinWait
		if rotated && silent >= rotatedIdle || in.settings.PartialAfter > 0 && silent >= in.settings.PartialAfter {
			f.flush, f.dirty = true, true
		}
		return true
	}
	return f.name != "" || silent < forgetIdle || in.away(f, now) || silent < writesOn && in.mayStay(st)
}

// mayStay says whether a file that is nowhere under the globs has another name, and takes nobody's place.
func (in *input) mayStay(st os.FileInfo) bool {
	sys, ok := st.Sys().(*syscall.Stat_t)
	return ok && sys.Nlink > 0 && in.open <= in.settings.MaxOpen/2 && len(in.files) <= in.settings.MaxFiles/2
}

// away keeps a file that is gone together with all others of its glob: their file system is not
// mounted, and when it is they would be read again from their start.
func (in *input) away(f *file, now time.Time) bool {
	if !slices.ContainsFunc(in.none, func(glob string) bool { ok, _ := doublestar.PathMatch(glob, f.path); return ok }) {
		return false
	}
	in.closeFile(f)
	if f.away.IsZero() {
		f.away = now
	}
	return true
}

// back takes a file up again that was away; one that was written since, and holds no more than
// what was read, was made anew.
func (in *input) back(f *file, st os.FileInfo) {
	if !f.away.IsZero() && st.Size() <= f.offset && st.ModTime().After(f.away) {
		in.retire(f)
	}
	f.away = time.Time{}
}

// cannotLook notes what the look could not see.
func (in *input) cannotLook(path string, why error) {
	in.blind[path] = true
	in.once("blind "+path, "cannot be looked at; what may be there is not read", "path", path, "error", why)
}

// hidden says whether the last look could not see what is at path.
func (in *input) hidden(path string) bool {
	for name := range in.blind {
		if path == name || strings.HasPrefix(path, strings.TrimSuffix(name, "/")+"/") {
			return true
		}
	}
	return false
}

// locate looks for the file's inode in the folders where it was; an error leaves open whether it
// is there.
func (in *input) locate(f *file) (string, error) {
	for _, place := range f.places() {
		dir := filepath.Dir(place)
		entries, err := os.ReadDir(dir)
		if ingest.Hides(err) {
			return "", err
		}
		for _, e := range entries {
			if st, err := e.Info(); err == nil && st.Mode().IsRegular() && inodeOf(st) == f.id && !in.excluded(e.Name()) {
				return filepath.Join(dir, e.Name()), nil
			}
		}
	}
	return "", nil
}

// discover decides about the files that nobody knows yet, oldest first.
func (in *input) discover(all map[inode]found, now time.Time) {
	for _, f := range in.files {
		delete(all, f.id)
	}
	for id := range in.held {
		if _, ok := all[id]; !ok {
			delete(in.held, id)
		}
	}
	if len(all) == 0 {
		return
	}
	// A copy is told by what the original was: so those that changed come first.
	for _, f := range in.files {
		if f.name != "" && in.openFile(f) && f.offset > 0 && !f.intact(f.f) {
			in.retire(f)
		}
	}
	ids := make([]inode, 0, len(all))
	for id := range all {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b inode) int {
		if c := all[a].info.ModTime().Compare(all[b].info.ModTime()); c != 0 {
			return c
		}
		return strings.Compare(all[a].path, all[b].path)
	})
	for i, id := range ids {
		if len(in.files) >= in.settings.MaxFiles {
			in.unreadable += len(ids) - i
			in.once("max_files", "more files than max_files; the newest are not read", "max_files", in.settings.MaxFiles, "file", all[id].path)
			return
		}
		if f := in.decide(id, all[id], now); f != nil {
			f.origin = ingest.Origin(in.env.Name, f.path)
			f.size, f.grown, f.dirty = all[id].info.Size(), now, true
			in.files = append(in.files, f)
			in.unsaved = true
			delete(in.held, id)
		}
	}
}

// decide tells what an unknown file is: a copy of one that we read, or a new one. nil:
// it cannot be told yet.
func (in *input) decide(id inode, m found, now time.Time) *file {
	r, err := ingest.OpenFile(m.path)
	if err != nil {
		in.once(m.path, "file cannot be opened; it is tried again", "file", m.path, "error", err)
		in.unreadable++
		return nil
	}
	delete(in.warned, m.path)
	defer r.Close()
	st, err := r.Stat()
	if err != nil || inodeOf(st) != id {
		return nil
	}
	size := st.Size()
	head := readAt(r, 0, headBytes)
	for i, o := range in.orphans {
		if at := o.copied(r, head, size); at >= 0 {
			in.orphans = slices.Delete(in.orphans, i, i+1)
			o.adopt(id, m.path, r, at)
			return o
		}
	}
	if len(head) == 0 && !in.first {
		return nil // a copy begins like this, too
	}
	at, like := in.original(r, head, size)
	if !like {
		if in.amid(r, size) {
			return nil
		}
		return in.newFile(id, m, r, head)
	}
	c := in.held[id]
	if c == nil || c.size != size {
		c = &candidate{size: size, since: now}
		in.held[id] = c
	}
	c.at = max(c.at, at)
	if now.Sub(c.since) < settle {
		return nil
	}
	f := in.newFile(id, m, r, head)
	f.offset = c.at // what lies before it was read from the original
	f.tail = markBefore(r, f.offset)
	return f
}

// original looks for a file of which r is a copy, whole or in the making. at is how far the
// original was read: of one in the making 0, and of one that may as well be another host's file,
// by its name; what no truncation has shown to be a copy until then is read.
func (in *input) original(r *os.File, head []byte, size int64) (at int64, like bool) {
	for _, k := range in.files {
		if k.f == nil || len(head) == 0 || size > sizeOf(k.f) {
			continue // no copy is longer than its original is
		}
		if k.offset > 0 && size >= k.offset && k.intact(r) {
			if rotatedName(r.Name(), k.path) {
				return k.offset, true
			}
			like = true
		}
		// The original may be not read yet, or read further than the copy goes so far.
		last := max(size-tailBytes, 0)
		if bytes.Equal(head, readAt(k.f, 0, len(head))) &&
			bytes.Equal(readAt(r, last, int(size-last)), readAt(k.f, last, int(size-last))) {
			like = true
		}
	}
	return 0, like
}

// sizeOf is how long an open file is now; one that cannot be asked is longer than any.
func sizeOf(f *os.File) int64 {
	st, err := f.Stat()
	if err != nil {
		return math.MaxInt64
	}
	return st.Size()
}

// amid reports whether something changed while it was looked for: the file, or one that
// it may be a copy of, which was truncated since. The next scan sees what came of it.
func (in *input) amid(r *os.File, size int64) bool {
	if st, err := r.Stat(); err != nil || st.Size() != size {
		return true
	}
	return slices.ContainsFunc(in.files, func(k *file) bool { return k.f != nil && k.offset > 0 && !k.intact(k.f) })
}

func (in *input) newFile(id inode, m found, r *os.File, head []byte) *file {
	f := newFile(id, m.path)
	f.head = markOf(head)
	size := m.info.Size()
	old := !in.scanned.IsZero() && m.info.ModTime().Before(in.scanned.Add(-oldFile))
	switch {
	case in.first && in.settings.Start == StartEnd:
		f.offset = lastLine(r, size, in.settings.MaxLine)
		f.tail = markBefore(r, f.offset)
	case in.first || old:
		f.history = size
	}
	return f
}

// lastLine is where the last line of a file begins that has no end yet; a line longer
// than limit is begun in its middle.
func lastLine(r *os.File, size int64, limit int) int64 {
	from := max(size-int64(limit), 0)
	b := readAt(r, from, int(size-from))
	if i := bytes.LastIndexByte(b, '\n'); i >= 0 {
		return from + int64(i) + 1
	}
	return from
}
