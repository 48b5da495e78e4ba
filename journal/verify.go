package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"sluice/internal/disk"
)

// Report summarizes what Verify has read.
type Report struct {
	Segments, Damages      int
	Frames, Records, Bytes int64
}

// Verify reads a whole journal and calls fn with every damage, with file and range. It changes
// nothing and takes no lock, so it may run beside the owner; an append in progress then shows as
// Torn. The returned error is the disk's.
func Verify(dir disk.FS, fn func(Damage)) (Report, error) {
	segs, err := list(dir)
	if err != nil {
		return Report{}, fmt.Errorf("verify journal: %w", err)
	}
	code, err := newCoder(S2)
	if err != nil {
		return Report{}, err
	}
	v := verifier{dir: dir, code: code, fn: fn}
	names, err := dir.List()
	named := err == nil && slices.Contains(names, nameFile)
	if named && len(segs) == 0 {
		v.tell(Damage{Gone: true})
	}
	for i, s := range segs {
		v.after, v.finished, v.alone = 0, finished(segs, i), named && len(segs) == 1
		if i+1 < len(segs) {
			v.after = segs[i+1].first
		}
		if err := v.segment(s); err != nil {
			return v.Report, fmt.Errorf("verify %s: %w", s.name, err)
		}
	}
	return v.Report, nil
}

type verifier struct {
	Report
	dir   disk.FS
	code  *coder
	fn    func(Damage)
	after Seq // first sequence of the segment behind; 0: this is the last

	finished bool // the segment had a head once
	alone    bool // it is the only one of a journal that had some
}

func (v *verifier) tell(d Damage) {
	if !d.Torn {
		v.Damages++
	}
	v.fn(d)
}

func (v *verifier) segment(seg segment) error {
	cur, err := openCursor(v.dir, seg.name)
	if errors.Is(err, fs.ErrNotExist) { // the owner has trimmed it since it was listed
		return nil
	}
	if err != nil && !headless(err) {
		return err
	}
	v.Segments++
	v.Bytes += seg.size
	if err != nil {
		if v.after == 0 && !v.finished {
			v.tell(Damage{Segment: seg.name, Length: seg.size, First: seg.first, Torn: !v.alone, Gone: v.alone})
			return nil
		}
		v.tell(Damage{Segment: seg.name, Length: seg.size, First: seg.first, Last: max(v.after, 1) - 1})
		return nil
	}
	defer cur.f.Close()
	if err := v.head(cur, seg); err != nil {
		return err
	}
	next, bad := seg.first, []step(nil)
	var part chain
	for {
		s, err := cur.next(seg.size, func(header) bool { return true })
		if err == io.EOF {
			return v.end(cur, seg, next, part, bad)
		}
		if err != nil {
			return err
		}
		s.bad = s.bad || !v.intact(s)
		part.add(s, next)
		if s.bad {
			bad = append(bad, s)
			continue
		}
		if len(bad) > 0 || s.first > next {
			d := Damage{Segment: seg.name, Offset: s.off, First: next, Last: max(s.first, 1) - 1, Spare: s.first <= next}
			if len(bad) > 0 {
				d.Offset, d.Length = bad[0].off, s.off-bad[0].off
			}
			v.tell(d)
		}
		bad, next = bad[:0], max(next, s.header.end())
		v.Frames++
		v.Records += int64(s.count)
	}
}

// head checks both copies: one is enough to read by.
func (v *verifier) head(cur *cursor, seg segment) error {
	var b [headSize]byte
	if _, err := cur.f.ReadAt(b[:], 0); err != nil {
		return err
	}
	for off := 0; off < headSize; off += headCopy {
		c := b[off : off+headCopy]
		if binary.LittleEndian.Uint32(c[20:]) != checksum(0, c[:20]) {
			v.tell(Damage{Segment: seg.name, Offset: int64(off), Length: headCopy, First: seg.first, Last: seg.first - 1, Spare: true})
		}
	}
	return nil
}

func (v *verifier) intact(s step) bool {
	if s.kind != kindBatch {
		return true
	}
	_, err := v.code.unpack(s.header, s.payload)
	return err == nil
}

// end judges what follows the last intact frame.
func (v *verifier) end(cur *cursor, seg segment, next Seq, part chain, bad []step) error {
	if len(bad) == 0 && !part.open && v.after <= next {
		return nil
	}
	d := Damage{Segment: seg.name, Offset: seg.size, First: next, Last: max(v.after, 1) - 1, Spare: v.after == next}
	switch {
	case part.open:
		d.Offset, d.First, d.Spare = part.off, part.first, false
	case len(bad) > 0:
		d.Offset = bad[0].off
	}
	d.Length, d.Torn = seg.size-d.Offset, d.Offset < seg.size && v.after <= next
	for _, s := range bad {
		torn, err := cur.torn(s)
		if err != nil {
			return err
		}
		d.Torn = d.Torn && torn
	}
	v.tell(d)
	return nil
}
