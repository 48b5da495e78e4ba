package filetail

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"sluice/ingest"
	"sluice/internal/columns"
	"sluice/internal/metrics"
	"sluice/internal/unpack"
)

// A file may be rotated and compressed between two looks: while we were down, mostly. Its inode is
// gone, and what was written behind our offset is in the compressed file alone. That is known by its
// bytes, as a copy is, and read to its end; and so are those that were written, rotated and
// compressed behind it, of which we have seen nothing.

// packed reads a compressed file at rising offsets; to go back costs a new beginning.
type packed struct {
	name string
	st   os.FileInfo
	f    *os.File
	z    io.Reader
	head []byte // the first bytes, which are asked for again and again
	at   int64  // offset of win
	win  []byte // what was given out last
}

func openPacked(name string) (*packed, error) {
	f, err := ingest.OpenFile(name)
	if err != nil {
		return nil, err
	}
	p := &packed{name: name, f: f}
	if p.st, err = f.Stat(); err == nil {
		err = p.rewind()
	}
	if err == nil {
		p.head = readAt(p, 0, max(headBytes, columns.MaxHeader))
		return p, nil
	}
	f.Close()
	return nil, err
}

func (p *packed) rewind() (err error) {
	if _, err = p.f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	p.at, p.win = 0, p.win[:0]
	if p.z, err = unpack.Reader(bufio.NewReader(p.f)); p.z == nil && err == nil {
		err = errors.New("it is not compressed, or in no way that is known")
	}
	return err
}

// ReadAt implements io.ReaderAt.
func (p *packed) ReadAt(b []byte, at int64) (int, error) {
	if last := at + int64(len(b)); last <= int64(len(p.head)) {
		return copy(b, p.head[at:last]), nil
	}
	if at < p.at {
		if err := p.rewind(); err != nil {
			return 0, err
		}
	}
	if skip := at - p.at - int64(len(p.win)); skip >= 0 {
		n, err := io.CopyN(io.Discard, p.z, skip)
		p.at, p.win = p.at+int64(len(p.win))+n, p.win[:0]
		if err != nil {
			return 0, err
		}
	} else {
		p.win = p.win[:copy(p.win, p.win[at-p.at:])]
		p.at = at
	}
	have := len(p.win)
	if have >= len(b) {
		return copy(b, p.win), nil
	}
	p.win = slices.Grow(p.win, len(b)-have)[:len(b)]
	n, err := io.ReadFull(p.z, p.win[have:])
	p.win = p.win[:have+n]
	if errors.Is(err, io.ErrUnexpectedEOF) && n > 0 && p.ended() {
		err = io.EOF
	}
	return copy(b, p.win), err
}

// ended says whether what is read is all there is; ReadFull tells a short read and a file that was
// cut off by one word.
func (p *packed) ended() bool {
	_, err := p.z.Read(make([]byte, 1))
	return err == io.EOF
}

// bytes is where the bytes of the file are.
func (f *file) bytes() io.ReaderAt {
	if f.packed != nil {
		return f.packed
	}
	return f.f
}

// unpack looks for what became of a file that is nowhere, among the compressed ones in its folder; if
// it is there, f is read on from it, and what was written behind it and compressed as well is a file
// of its own.
func (in *input) unpack(f *file) bool {
	if f.head.n == 0 {
		return false // nothing was read of it: any file may be the one
	}
	all := in.packedBeside(f)
	at := slices.IndexFunc(all, f.inside)
	for i, p := range all {
		switch {
		case i == at:
			f.packed, f.name, f.dirty, f.flush = p, "", true, false
			in.env.Log.Info("file was compressed; reading on in it", "input", in.env.Name, "file", f.path, "in", p.name, "read", f.offset)
		case at >= 0 && i > at && !in.knows(p):
			next := newFile(inode{}, f.path)
			next.packed, next.name, next.origin = p, "", f.origin
			next.head = markOf(readAt(p, 0, headBytes))
			in.unpacked, in.unsaved = append(in.unpacked, next), true
			in.env.Log.Info("a file was written, rotated and compressed between two looks; reading it", "input", in.env.Name, "file", f.path, "in", p.name)
		default:
			p.f.Close()
		}
	}
	return at >= 0
}

// packedBeside opens the compressed files that f may have become, and those of its successors, in the
// order in which they were written last.
func (in *input) packedBeside(f *file) (all []*packed) {
	for _, place := range f.places() {
		dir := filepath.Dir(place)
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			end := filepath.Ext(e.Name())
			plain := strings.TrimSuffix(e.Name(), end)
			if !slices.Contains(unpack.Ends, end) || !rotatedFrom(plain, place) || len(all) == maxOrphans {
				continue
			}
			if _, err := os.Lstat(filepath.Join(dir, plain)); err == nil {
				continue // in the making
			}
			if p, err := openPacked(filepath.Join(dir, e.Name())); err == nil {
				all = append(all, p)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b *packed) int { return a.st.ModTime().Compare(b.st.ModTime()) })
	return all
}

// numbered is the end that rotation gives a name, where the file was first seen under such a one.
var numbered = regexp.MustCompile(`\.\d+$`)

func unnumbered(path string) string { return numbered.ReplaceAllString(path, "") }

// rotatedFrom says whether rotation may have given name to the file at path.
func rotatedFrom(name, path string) bool {
	return name == filepath.Base(path) || rotatedName(name, path) || rotatedName(name, unnumbered(path))
}

// inside reports whether p holds what was read of f.
func (f *file) inside(p *packed) bool { return f.head.fits(readAt(p, 0, f.head.n)) && f.intact(p) }

// knows says whether p is one of the files that have been read, or are being.
func (in *input) knows(p *packed) bool {
	for _, known := range [][]*file{in.files, in.orphans, in.unpacked} {
		if slices.ContainsFunc(known, func(k *file) bool {
			return k.head.n > 0 && (k.packed != nil && k.packed.name == p.name || k.inside(p))
		}) {
			return true
		}
	}
	return false
}

// unpacking says whether another file of the same log is being read from a compressed one. Until it
// is done f is known, though read: after a new start that one is looked for again, and whatever was
// compressed behind it and nobody knows is taken for a file that we have seen nothing of.
func (in *input) unpacking(f *file) bool {
	return slices.ContainsFunc(in.files, func(k *file) bool {
		return k != f && k.packed != nil && k.dirty && unnumbered(k.path) == unnumbered(f.path)
	})
}

// survived says whether another file of the same log is there. Rotation deletes the oldest first, so f
// was rotated before that one was begun, and nobody wrote to it behind what was read.
func (in *input) survived(f *file, all map[inode]found) bool {
	return slices.ContainsFunc(in.files, func(k *file) bool {
		_, there := all[k.id]
		return k != f && unnumbered(k.path) == unnumbered(f.path) && (there || k.packed != nil)
	})
}

// lost says that a file is gone of which there may be more than we have read.
func (in *input) lost(f *file) {
	metrics.IngestGone.WithLabelValues(in.env.Name).Inc()
	in.env.Log.Warn("file is gone, and neither it nor a compressed one (.bz2, .gz, .xz, .zst) of it is in its folder; what was written behind the last byte read is not seen. "+
		"Let the globs fit the rotated names, and rotation compress one turn later (delaycompress)",
		"input", in.env.Name, "file", f.path, "read", f.offset)
}

// broken says why the rest of a compressed file is not read.
func (in *input) broken(f *file, err error) error {
	metrics.IngestGone.WithLabelValues(in.env.Name).Inc()
	return fmt.Errorf("%s is damaged, its rest is not read: %w", f.packed.name, err)
}

// merge takes the files up that were found in compressed ones.
func (in *input) merge() {
	for _, f := range in.unpacked {
		f.origin = ingest.Origin(in.env.Name, f.path)
		in.files = append(in.files, f)
	}
	in.unpacked = nil
}
