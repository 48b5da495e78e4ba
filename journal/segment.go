package journal

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"sluice/internal/crash"
	"sluice/internal/disk"
)

// segment is one file as the journal remembers it.
type segment struct {
	name  string
	first Seq   // least sequence it may hold
	size  int64 // durable bytes
	epoch int   // grows when Reopen puts another file under the name

	sealed bool   // labels and time are those of all its frames
	labels uint64 // union
	time   int64  // of the last frame, ns

	derived int64 // bytes that were appended with Batch.Reserved; not known of what was there at Open
}

// without says that nothing in the segment carries one of labels.
func (s segment) without(labels uint64) bool {
	return labels != 0 && s.sealed && s.labels&labels == 0
}

// A segment head is written twice, because one flipped bit in the salt would
// make every frame behind it unreadable:
//
//	0 magic "SLUICEJ1"   8 first seq   16 salt   20 CRC of 0..20   24 the same again
const (
	headMagic = "SLUICEJ1"
	headCopy  = 24
	headSize  = 2 * headCopy
	suffix    = ".seg"
)

func segmentName(first Seq) string { return fmt.Sprintf("%020d%s", first, suffix) }

func putHead(first Seq, salt uint32) []byte {
	b := append(make([]byte, 0, headSize), headMagic...)
	b = binary.LittleEndian.AppendUint64(b, uint64(first))
	b = binary.LittleEndian.AppendUint32(b, salt)
	b = binary.LittleEndian.AppendUint32(b, checksum(0, b))
	return append(b, b...)
}

// headless says that a segment cannot be read for good, without its head or as a whole. Any other error
// passes: who runs out of file descriptors has lost nothing.
func headless(err error) bool {
	return errors.Is(err, errCorrupt) || errors.Is(err, io.EOF) || errors.Is(err, fs.ErrNotExist)
}

// readSalt takes the salt from whichever copy of the head is intact.
func readSalt(f disk.File) (uint32, error) {
	var b [headSize]byte
	if _, err := f.ReadAt(b[:], 0); err != nil {
		return 0, fmt.Errorf("segment head: %w", err)
	}
	for c := range slices.Chunk(b[:], headCopy) {
		if binary.LittleEndian.Uint32(c[20:]) == checksum(0, c[:20]) && string(c[:8]) == headMagic {
			return binary.LittleEndian.Uint32(c[16:]), nil
		}
	}
	return 0, fmt.Errorf("segment head: %w", errCorrupt)
}

// list finds the segments on disk, oldest first.
func list(dir disk.FS) ([]segment, error) {
	names, err := dir.List()
	if err != nil {
		return nil, err
	}
	var segs []segment
	for _, name := range names {
		s := segment{name: name}
		if _, err := fmt.Sscanf(strings.TrimSuffix(name, suffix), "%d", &s.first); err != nil || segmentName(s.first) != name {
			continue
		}
		if err := s.look(dir); errors.Is(err, fs.ErrNotExist) { // trimmed while Verify runs beside
			continue
		} else if err != nil {
			return nil, err
		}
		segs = append(segs, s)
	}
	slices.SortFunc(segs, func(a, b segment) int { return strings.Compare(a.name, b.name) })
	return segs, nil
}

// look asks for the size and reads the seal, if there is one.
func (s *segment) look(dir disk.FS) error {
	f, err := dir.Open(s.name)
	if err != nil {
		return err
	}
	defer f.Close()
	if s.size, err = f.Size(); err != nil {
		return err
	}
	salt, err := readSalt(f)
	if err != nil || s.size < headSize+headerSize {
		return nil // recovery and readers judge it
	}
	var b [headerSize]byte
	if _, err := f.ReadAt(b[:], s.size-headerSize); err != nil {
		return nil
	}
	if h, ok := parseHeader(b[:], salt); ok && h.kind == kindSeal {
		s.sealed, s.labels, s.time = true, h.labels, h.time
	}
	return nil
}

// seal puts a last frame without records behind a segment that is full: the union
// of its labels and its time, so that a later Open knows them without reading it. It is
// no loss if it does not get to the disk.
func (j *Journal) seal(tail segment, next Seq) {
	f := frame{header: header{kind: kindSeal, codec: None, first: next, time: tail.time, labels: tail.labels}}
	if _, err := j.file.WriteAt(f.put(nil, j.salt), tail.size); err != nil {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.segs[len(j.segs)-1].sealed = true
}

// create makes a segment durable, with its snapshot, before anything refers to it.
func (j *Journal) create(first Seq) (f disk.File, seg segment, salt uint32, err error) {
	var b [4]byte
	rand.Read(b[:])
	salt = binary.LittleEndian.Uint32(b[:])
	buf := putHead(first, salt)
	if j.opt.State != nil {
		snap, err := newFrame(j.code, kindSnapshot, Batch{Records: [][]byte{j.opt.State.Snapshot()}})
		if err != nil {
			return nil, seg, 0, fmt.Errorf("snapshot: %w", err)
		}
		snap.first, snap.time = first, j.opt.Now().UnixNano()
		// Twice, as the head: it may hold what no other segment does.
		buf = snap.put(snap.put(buf, salt), salt)
	}
	j.epochs++
	seg = segment{name: segmentName(first), first: first, size: int64(len(buf)), epoch: j.epochs, time: j.opt.Now().UnixNano()}
	if f, err = j.fs.Create(seg.name); err != nil {
		return nil, seg, 0, err
	}
	crash.Point("journal.segment_created")
	if _, err = f.WriteAt(buf, 0); err == nil {
		crash.Point("journal.snapshot_written")
		if err = f.Sync(); err == nil {
			err = j.fs.Sync()
		}
	}
	if err != nil {
		f.Close()
		j.fs.Remove(seg.name) // best effort; Open drops a segment without frames
		return nil, seg, 0, err
	}
	return f, seg, salt, nil
}
