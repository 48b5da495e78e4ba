package journal

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"sluice/internal/disk"
)

// unknownLoss is how far sequence numbers jump when the end of the log was
// damaged and nobody knows how many records it held: none may be given twice.
const unknownLoss = 1 << 32

// recover finds the durable end, reading the last segment only, and leaves the
// journal ready to append.
func (j *Journal) recover() error {
	segs, err := list(j.fs)
	if err != nil {
		return err
	}
	j.segs, j.next = segs, 1
	if err := j.recoverTail(); err != nil {
		return err
	}
	if len(j.segs) == 0 && j.name != "" {
		// Numbers begin anew, which under the old name would be taken for doubles.
		j.report(Damage{Gone: true})
		j.christen()
		if err := j.writeNames(); err != nil {
			return err
		}
	}
	if err := j.replay(); err != nil {
		return err
	}
	short := j.next <= j.opt.After
	if short {
		j.next = j.opt.After + 1
		j.report(Damage{First: j.next, Short: true})
	}
	switch {
	case j.file == nil: // a new directory, or the last segment's head is lost
		j.file, err = j.startAt(j.next)
	case short:
		_, err = j.roll(j.next, j.segs[len(j.segs)-1])
	}
	return err
}

func (j *Journal) startAt(first Seq) (disk.File, error) {
	f, seg, salt, err := j.create(first)
	if err != nil {
		return nil, err
	}
	j.salt = salt
	j.segs = append(j.segs, seg)
	return f, nil
}

// recoverTail sets next and opens the last segment, cut to its last intact frame.
func (j *Journal) recoverTail() error {
	for len(j.segs) > 0 {
		tail := &j.segs[len(j.segs)-1]
		cur, err := openCursor(j.fs, tail.name)
		if err == nil {
			j.file, j.salt = cur.f, cur.salt
			return j.scan(cur, tail)
		}
		if !headless(err) {
			return err
		}
		j.next = tail.first
		if finished(j.segs, len(j.segs)-1) {
			j.report(Damage{Segment: tail.name, Length: tail.size, First: tail.first})
			j.next += unknownLoss
			return nil // stays on disk; readers step over it
		}
		// A roll that did not finish. No append waited for this file yet.
		if err := j.fs.Remove(tail.name); err != nil {
			return err
		}
		j.segs = j.segs[:len(j.segs)-1]
	}
	return nil
}

// finished says whether a segment without a head had one: the roll to it came to its end. What is longer
// than a head has it in front, and the segment before is sealed behind that.
func finished(segs []segment, i int) bool {
	return segs[i].size > headSize || i > 0 && segs[i-1].sealed
}

// scan walks the tail. Damage that an intact frame follows stays where it is;
// what nothing intact follows is cut, so that appends go on from there.
func (j *Journal) scan(cur *cursor, tail *segment) error {
	j.next = tail.first
	tail.sealed, tail.labels, tail.time = false, 0, 0 // whatever an earlier roll noted
	var bad []step
	var part chain
	for {
		s, err := cur.next(tail.size, func(header) bool { return true })
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("%s: %w", tail.name, err)
		}
		part.add(s, j.next)
		if s.bad {
			bad = append(bad, s)
			continue
		}
		if s.first > j.next {
			d := Damage{Segment: tail.name, Offset: s.off, First: j.next, Last: s.first - 1}
			if len(bad) > 0 {
				d.Offset, d.Length = bad[0].off, s.off-bad[0].off
			}
			j.report(d)
		}
		for _, b := range bad {
			if b.known { // readers step over what its header says, wherever it stands
				j.next = max(j.next, b.header.end())
			}
		}
		bad, j.next = bad[:0], max(j.next, s.header.end())
		if s.kind == kindBatch {
			tail.labels |= s.labels
		}
		tail.time = s.time
	}
	from := part.off
	switch {
	case part.open:
		j.next = part.first
	case len(bad) == 0:
		return nil
	default:
		from = bad[0].off
	}
	return j.cut(cur, tail, from, bad)
}

// chain is the frames that count only together, as far as they were read.
type chain struct {
	open  bool // the last one is not among them
	off   int64
	first Seq
}

// add is told each step in turn, and the sequence that is next before it. What is
// damaged inside a chain does not end it: the frame behind tells.
func (c *chain) add(s step, next Seq) {
	switch {
	case s.bad:
	case !s.more:
		c.open = false
	case !c.open:
		*c = chain{true, s.off, next}
	}
}

// cut ends the tail at from: bad lies behind it, or the rest of a chain is missing.
func (j *Journal) cut(cur *cursor, tail *segment, from int64, bad []step) error {
	d := Damage{Segment: tail.name, Offset: from, Length: tail.size - from, First: j.next, Torn: true}
	for _, s := range bad {
		torn, err := cur.torn(s)
		if err != nil {
			return err
		}
		switch {
		case torn:
		case s.known:
			d.Torn, d.Last = false, s.header.end()-1
			j.next = max(j.next, s.header.end())
		default:
			d.Torn, d.Last = false, 0
			j.next += unknownLoss
		}
	}
	j.report(d)
	if d.Torn {
		j.stats.TornBytes = d.Length
	}
	tail.size = d.Offset
	return errors.Join(cur.f.Truncate(tail.size), cur.f.Sync())
}

// torn tells an append that was cut short from a finished one that was damaged
// later: it ends before its header says, or holds nothing but zeros.
func (c *cursor) torn(s step) (bool, error) {
	if s.known {
		return s.end-s.off < headerSize+int64(s.size), nil
	}
	if s.end-s.off < headerSize {
		return true, nil
	}
	zero := make([]byte, window)
	for off := s.off; off < s.end; off += window {
		b, err := c.peek(off, int(min(window, s.end-off)))
		if err != nil || !bytes.Equal(b, zero[:len(b)]) {
			return false, err
		}
	}
	return true, nil
}

// replay brings State up to the durable end from the last intact snapshot.
func (j *Journal) replay() error {
	state := j.opt.State
	if state == nil {
		return nil
	}
	if len(j.segs) == 0 {
		return state.Restore(nil)
	}
	var snapshot []byte
	i := len(j.segs)
	for i > 0 && snapshot == nil {
		i--
		var err error
		if snapshot, err = j.snapshot(j.segs[i]); err != nil {
			return fmt.Errorf("read snapshot of %s: %w", j.segs[i].name, err)
		}
	}
	if snapshot == nil && j.segs[0].first > 1 {
		j.report(Damage{Segment: j.segs[0].name, Offset: headSize, State: true})
	}
	if err := state.Restore(snapshot); err != nil {
		return fmt.Errorf("restore snapshot of %s: %w", j.segs[i].name, err)
	}
	r := j.Reader(j.segs[i].first, 0)
	defer r.Close()
	for {
		b, ok, err := r.TryNext()
		if j.file == nil && err != nil && headless(err) {
			return nil // of the last segment, which recoverTail has reported
		}
		if !ok || err != nil {
			return err
		}
		state.Apply(b)
		j.stats.ReplayedRecords += uint64(len(b.Records))
	}
}

// snapshot returns nil if the segment has no intact one.
func (j *Journal) snapshot(seg segment) ([]byte, error) {
	cur, err := openCursor(j.fs, seg.name)
	if err != nil {
		if headless(err) {
			err = nil
		}
		return nil, err
	}
	defer cur.f.Close()
	for range 2 { // copies
		s, err := cur.next(seg.size, func(header) bool { return true })
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if s.known && s.kind != kindSnapshot {
			break
		}
		if s.bad {
			continue
		}
		if records, err := j.code.unpackN(s.header, s.payload, 1); err == nil {
			return records[0], nil
		}
	}
	return nil, nil
}
