package journal

import (
	"context"
	"fmt"

	"sluice/internal/crash"
	"sluice/internal/disk"
)

// group is the appends that share one write and one fsync.
type group struct {
	frames []*frame
	size   int64
	taken  chan struct{} // closed when the group takes no more
	done   chan struct{}
	err    error
}

// groupBytes bounds a group, and so the buffer that it is laid out in.
const groupBytes = maxFrame

// Append makes the batches durable, all or none, and returns the sequence of the first record.
// They are stored next to each other but compressed separately, so that a reader of one need not
// decompress the others. Concurrent appends share an fsync.
//
// ctx is checked only before the batches join a group; after that Append waits for the outcome,
// so that the caller always knows it. Only after ErrFailed may the batches still turn up at the
// next Open.
func (j *Journal) Append(ctx context.Context, batches ...Batch) (Seq, error) {
	if err := ctx.Err(); err != nil || len(batches) == 0 {
		return 0, err
	}
	fs := make([]*frame, len(batches))
	var size int64
	for i, b := range batches {
		f, err := newFrame(j.code, kindBatch, b)
		if err != nil {
			return 0, fmt.Errorf("append: %w", err)
		}
		f.more = i < len(batches)-1
		fs[i], size = f, size+f.len()
	}
	if err := j.room(size, batches[0].Reserved); err != nil {
		return 0, fmt.Errorf("append: %w", err)
	}
	g, leads := j.join(fs, size)
	if leads {
		j.lead(g)
	} else {
		<-g.done
	}
	if g.err != nil {
		return 0, fmt.Errorf("append: %w", g.err)
	}
	return fs[0].first, nil
}

// room checks the bound. Appends on their way are not counted: the bound may be
// passed by one group, which is what a soft bound costs.
func (j *Journal) room(size int64, reserved bool) error {
	if reserved {
		return nil
	}
	j.mu.Lock()
	n, most, spent := j.bytes(), j.maxBytes, j.spent
	j.mu.Unlock()
	if most > 0 && n+size > most {
		return fmt.Errorf("%w: %d bytes of at most %d are not trimmed yet", ErrFull, n, most)
	}
	if spent {
		return j.refill()
	}
	return nil
}

// join puts the frames into the group that waits. Whoever finds none starts one
// and leads it: no goroutine of our own is needed.
func (j *Journal) join(fs []*frame, size int64) (g *group, leads bool) {
	for {
		j.mu.Lock()
		g = j.waiting
		if g != nil && g.size+size > groupBytes {
			j.mu.Unlock()
			<-g.taken
			continue
		}
		if g == nil {
			g = &group{taken: make(chan struct{}), done: make(chan struct{})}
			j.waiting, leads = g, true
		}
		g.frames = append(g.frames, fs...)
		g.size += size
		j.mu.Unlock()
		return g, leads
	}
}

func (j *Journal) lead(g *group) {
	j.committing.Lock() // the group before writes; others join g meanwhile
	defer j.committing.Unlock()
	j.mu.Lock()
	j.waiting = nil
	close(g.taken)
	next, err, tail := j.next, j.failed, j.segs[len(j.segs)-1]
	j.mu.Unlock()
	if err == nil {
		err = j.commit(g, next, tail)
	}
	g.err = err
	close(g.done)
}

func (j *Journal) commit(g *group, next Seq, tail segment) error {
	var raw int64
	var labels uint64
	derived := int64(0)
	plain := false // somebody without the right to the reserve got through
	now := j.opt.Now().UnixNano()
	for _, f := range g.frames {
		f.first, f.time = next, now
		next = f.end()
		raw += int64(f.raw)
		labels |= f.labels
		plain = plain || !f.reserved
		if f.reserved {
			derived += f.len()
		}
	}
	if tail.size+g.size > j.segmentBytes() && tail.first < g.frames[0].first {
		var err error
		if tail, err = j.roll(g.frames[0].first, tail); err != nil {
			return err
		}
	}
	if err := j.write(g, tail.size); err != nil {
		return err
	}
	if j.opt.State != nil {
		for _, f := range g.frames {
			j.opt.State.Apply(f.batch(f.records))
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.next = next
	last := &j.segs[len(j.segs)-1]
	last.size = tail.size + g.size
	last.labels |= labels
	last.derived += derived
	last.time = now
	j.stats.Appends += uint64(len(g.frames))
	j.stats.Syncs++
	j.stats.RawBytes += uint64(raw)
	j.stats.StoredBytes += uint64(g.size)
	j.full = j.full && !plain
	j.wake()
	return nil
}

// write puts the frames at off in one call and syncs. A full disk leaves the file
// as it was; any other error ends this journal (see ErrFailed).
func (j *Journal) write(g *group, off int64) error {
	j.buf = j.buf[:0]
	for _, f := range g.frames {
		j.buf = f.put(j.buf, j.salt)
	}
	_, err := j.file.WriteAt(j.buf, off)
	if disk.NoSpace(err) {
		if err := j.squeeze(g, off, err); err != nil {
			return err
		}
	} else if err != nil {
		return j.fail(err) // what it has written lies behind the end: a shorter append would leave a whole frame of it
	}
	crash.Point("journal.before_sync")
	if err := j.file.Sync(); err != nil {
		return j.fail(err) // also ENOSPC: the pages may already be marked clean
	}
	crash.Point("journal.after_sync")
	return nil
}

// squeeze is called when the disk is full: it takes the write back, gives up the
// reserve if the group may have it, and tries once more.
func (j *Journal) squeeze(g *group, off int64, cause error) error {
	j.mu.Lock()
	j.full = true
	j.mu.Unlock()
	if err := j.file.Truncate(off); err != nil {
		return j.fail(err)
	}
	full := fmt.Errorf("%w: %w", ErrFull, cause)
	if !g.reserved() || !j.giveUp() {
		return full
	}
	_, err := j.file.WriteAt(j.buf, off)
	if !disk.NoSpace(err) {
		if err != nil {
			return j.fail(err)
		}
		return nil
	}
	if err := j.file.Truncate(off); err != nil {
		return j.fail(err)
	}
	return full
}

func (g *group) reserved() bool {
	for _, f := range g.frames {
		if f.reserved {
			return true
		}
	}
	return false
}

// segmentBytes is an eighth of the bound where that is less: only whole segments can be
// trimmed, so with one alone a full journal could never have room again.
func (j *Journal) segmentBytes() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.maxBytes > 0 {
		return min(j.opt.SegmentBytes, j.maxBytes/8)
	}
	return j.opt.SegmentBytes
}

// roll ends the last segment, which is durable to its last byte, and starts another.
func (j *Journal) roll(first Seq, tail segment) (segment, error) {
	f, seg, salt, err := j.create(first)
	if disk.NoSpace(err) && j.giveUp() {
		f, seg, salt, err = j.create(first)
	}
	if disk.NoSpace(err) {
		j.mu.Lock()
		j.full = true
		j.mu.Unlock()
		return seg, fmt.Errorf("%w: %w", ErrFull, err)
	}
	if err != nil {
		return seg, j.fail(err)
	}
	crash.Point("journal.in_roll")
	j.seal(tail, first)
	j.file.Close() // nothing unsynced is in it that matters
	j.file, j.salt = f, salt
	j.mu.Lock()
	defer j.mu.Unlock()
	j.segs = append(j.segs, seg)
	return seg, nil
}

func (j *Journal) fail(err error) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.failed = fmt.Errorf("%w: %w", ErrFailed, err)
	return j.failed
}

// wake tells waiting readers that the end has moved. The caller holds mu.
func (j *Journal) wake() {
	close(j.moved)
	j.moved = make(chan struct{})
}

// bytes is the size on disk. The caller holds mu.
func (j *Journal) bytes() (n int64) {
	for _, s := range j.segs {
		n += s.size
	}
	return n
}

// Plain returns how many bytes were appended at or after seq without Batch.Reserved, rounded to
// whole segments. In segments that existed at Open all bytes count.
func (j *Journal) Plain(seq Seq) (n int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for i, s := range j.segs {
		if i+1 == len(j.segs) || j.segs[i+1].first > seq {
			n += s.size - s.derived
		}
	}
	return n
}
