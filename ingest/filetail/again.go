package filetail

import (
	"bytes"
	"path/filepath"

	"sluice/ingest"
)

// A file may have another identity than before and be the same all the same: its file system was given
// another device number, or it was written anew and renamed into the old one's place. Its bytes tell.

// again finds f, whose inode is gone, under one of those that nobody knows yet.
func (in *input) again(f *file, fresh map[inode]found) {
	take := func(id inode) {
		f.id, in.unsaved = id, true
		delete(fresh, id)
	}
	for id, m := range fresh {
		if f.renumbered(id, m) {
			in.closeFile(f)
			take(id)
			return
		}
	}
	for id, m := range fresh { // which costs more
		if in.rewritten(f, m) {
			take(id)
			return
		}
	}
}

func beside(f *file, m found) bool { return filepath.Dir(m.path) == filepath.Dir(f.path) }

// renumbered says whether f's file system has another device number than before, as those of networks,
// overlays and btrfs may have behind each mount. The marks tell at the next look whether it is f.
func (f *file) renumbered(id inode, m found) bool {
	return id.number == f.id.number && id.device != f.id.device && beside(f, m) && (f.head.n > 0 || m.path == f.path)
}

// rewritten says whether m holds what was read of f and took its place, as rsync and its like write files:
// anew, and then by rename. What follows is read there, under f's number. Who has the old one open may write to
// it still, so that stays open behind what m has of it. Short files may begin alike by chance.
func (in *input) rewritten(f *file, m found) bool {
	if f.offset < headBytes || m.info.Size() < f.offset || !beside(f, m) || !rotatedFrom(filepath.Base(m.path), f.path) {
		return false
	}
	r, err := ingest.OpenFile(m.path)
	if err != nil {
		return false
	}
	defer r.Close()
	if !f.intact(r) {
		return false
	}
	if f.f == nil {
		return true
	}
	if len(in.files)+len(in.unpacked) >= in.settings.MaxFiles {
		in.closeFile(f)
		return true
	}
	rest := readAt(f.f, f.offset, readBytes)
	if len(rest) == readBytes || !bytes.Equal(rest, readAt(r, f.offset, len(rest))) {
		return false // it is read first
	}
	old := newFile(f.id, f.path)
	old.f, old.name, old.origin, old.dirty = f.f, "", f.origin, false
	old.offset = f.offset + int64(len(rest))
	old.head, old.tail = markOf(readAt(old.f, 0, headBytes)), markBefore(old.f, old.offset)
	if f.tailer != nil {
		f.tailer.stop()
	}
	f.f, f.tailer = nil, nil
	in.unpacked = append(in.unpacked, old)
	return true
}
