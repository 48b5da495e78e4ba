package filetail

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/fsnotify/fsnotify"

	"sluice/event"
	"sluice/ingest"
	"sluice/internal/metrics"
)

const (
	// gather is how long lines are waited for that share an append to the journal.
	gather      = 50 * time.Millisecond
	worthAppend = 100 // lines
	maxOrphans  = 64  // replaced files whose copy may still turn up
	// rotatedIdle is how long a file that was rotated away must be silent before its
	// last line is taken as it is: writers go on until they are told of the rotation.
	rotatedIdle = 5 * time.Second
	// forgetIdle is the same for closing one that is nowhere under the globs: removed, or where many are open.
	forgetIdle = 30 * time.Second
	// writesOn is that for one that has another name: a program that is not told of the rotation writes on into it,
	// and rotation that allows for it (delaycompress) leaves it there until the next day's.
	writesOn = 25 * time.Hour
)

// input is one open file_tail input. All of it belongs to Run's goroutine.
type input struct {
	settings *Settings
	env      ingest.Env

	files   []*file
	orphans []*file
	// unpacked were found in compressed files, or are still open behind others that took their place, and are
	// not among files yet.
	unpacked []*file
	held     map[inode]*candidate // files not yet decided about
	first    bool                 // no checkpoint: what is there now is history
	unsaved  bool                 // the state has numbers that are not durable
	scanned  time.Time            // the last scan
	took     time.Duration        // what it took
	next     int                  // the file whose turn it is
	open     int
	buf      []byte
	scratch  []byte
	batch    batch
	warned   map[string]bool // what was logged once

	skipped    int             // bytes of holes, in this turn
	unreadable int             // files that the last scan did not take on
	misnamed   int             // of them the paths that name what is no file to follow
	unread     atomic.Int64    // the same, for others
	blind      map[string]bool // what it could not look at
	none       []string        // globs that nothing fits

	watcher *fsnotify.Watcher // nil: the system gave none
	watched map[string]bool
}

// Warning says that not all is read that the globs name.
func (in *input) Warning() string {
	if n := in.unread.Load(); n > 0 {
		return fmt.Sprintf("%d files under its globs cannot be opened, are none to follow, or are more than max_files; the log says which", n)
	}
	return ""
}

// Run follows the files until ctx ends.
func (in *input) Run(ctx context.Context, emit ingest.Emit) error {
	in.buf = make([]byte, tailBytes+max(readBytes, in.settings.MaxLine+slack))
	in.scratch = make([]byte, 0, 2*tailBytes)
	in.warned, in.watched = map[string]bool{}, map[string]bool{}
	for _, f := range in.files {
		f.dirty, f.origin = true, ingest.Origin(in.env.Name, f.path)
	}
	defer in.close()
	in.watch()

	rescan := time.NewTicker(in.settings.Rescan)
	defer rescan.Stop()
	in.scan(ctx)
	for {
		n, err := in.turn(ctx, emit)
		if err != nil {
			return err
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case n >= worthAppend: // there may be more at once
			select {
			case <-rescan.C:
				in.scan(ctx)
			default:
			}
			continue
		case n == 0 && !in.busy():
			if err := in.wait(ctx, rescan.C); err != nil {
				return err
			}
		}
		if err := in.listen(ctx, rescan.C); err != nil {
			return err
		}
	}
}

func (in *input) close() {
	for _, f := range in.files {
		in.closeFile(f)
	}
	if in.watcher != nil {
		in.watcher.Close()
	}
	metrics.IngestOpen.WithLabelValues(in.env.Name).Set(0)
}

// busy reports whether a file waits to be read.
func (in *input) busy() bool {
	if in.unsaved {
		return true
	}
	for _, f := range in.files {
		if f.dirty {
			return true
		}
	}
	return false
}

// turn reads from each file that has something, makes one batch durable, and returns
// how many lines it had, or worthAppend where there was but a hole.
func (in *input) turn(ctx context.Context, emit ingest.Emit) (int, error) {
	if in.unsaved {
		// The numbers of new files, before their first line.
		if err := in.hand(ctx, emit, nil); err != nil {
			return 0, err
		}
		in.unsaved = false
		for _, f := range in.files {
			f.fresh = false
		}
	}
	in.batch.reset()
	in.skipped = 0
	for range in.files {
		if in.batch.full() {
			break
		}
		in.next = (in.next + 1) % len(in.files)
		f := in.files[in.next]
		if !f.dirty || f.fresh || !in.openFile(f) {
			continue
		}
		changed, err := in.read(f)
		f.flush = false
		switch {
		case err != nil:
			f.dirty = false // until it grows, or the next scan
			in.once("read "+f.path, "file cannot be read", "file", f.path, "error", err)
			if f.packed == nil && f.name != "" {
				in.closeFile(f) // what was opened may be stale, as behind a restart of an NFS server
			}
		case changed:
			in.retire(f)
		default:
			delete(in.warned, "read "+f.path)
		}
	}
	in.merge()
	n := len(in.batch.raws)
	if n == 0 && in.skipped > 0 {
		return worthAppend, nil
	}
	if n == 0 {
		return 0, nil
	}
	return n, in.hand(ctx, emit, in.batch.raws)
}

// hand gives a batch over. That may take as long as a disk is full: files grow meanwhile, and how far the
// input is behind is told all the same.
func (in *input) hand(ctx context.Context, emit ingest.Emit, batch []event.Raw) error {
	done := make(chan error, 1)
	go func(at ingest.Checkpoint) { done <- emit(ctx, batch, at) }(encode(in.files, in.orphans))
	tick := time.NewTicker(in.settings.Rescan)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-tick.C:
			waiting := 0
			for i := range batch {
				waiting += len(batch[i].Bytes) + len("\n")
			}
			in.measure(int64(waiting), (*file).sizeNow)
		}
	}
}

// retire gives the file a new number, from offset 0: its inode holds another file now.
func (in *input) retire(f *file) {
	old := f.replaced()
	old.origin = ingest.Origin(in.env.Name, old.path)
	f.origin = ingest.Origin(in.env.Name, f.path)
	in.unsaved = true
	switch {
	case old.offset == 0 || old.head.n == 0:
	case in.unpack(old): // a copy, compressed since
		in.unpacked = append(in.unpacked, old)
	default:
		in.orphans = append(in.orphans, old)
		in.orphans = in.orphans[max(0, len(in.orphans)-maxOrphans):]
	}
	in.env.Log.Info("file was truncated or replaced; reading it from its start", "input", in.env.Name, "file", f.path, "read_before", old.offset)
}

// maxWarned bounds what once remembers: names of files may be anybody's.
const maxWarned = 10_000

// once logs what would else come at every scan.
func (in *input) once(key, msg string, args ...any) {
	if !in.warned[key] && len(in.warned) < maxWarned {
		in.warned[key] = true
		in.env.Log.Warn(msg, append(args, "input", in.env.Name)...)
	}
}

// openFile makes sure that f is open, within max_open; false: not now.
func (in *input) openFile(f *file) bool {
	if f.f != nil || f.packed != nil {
		return true
	}
	if f.name == "" {
		f.dirty = false
		return false
	}
	if in.open >= in.settings.MaxOpen && !in.closeIdle() {
		return false
	}
	r, err := ingest.OpenFile(f.name)
	if err != nil {
		f.dirty = false
		if !errors.Is(err, os.ErrNotExist) { // else the next scan finds its new name
			in.once(f.path, "file cannot be opened", "file", f.name, "error", err)
		}
		return false
	}
	if st, err := r.Stat(); err != nil || inodeOf(st) != f.id {
		r.Close() // renamed between scan and open: the next scan knows
		f.dirty = false
		return false
	}
	delete(in.warned, f.path)
	f.f = r
	in.open++
	metrics.IngestOpen.WithLabelValues(in.env.Name).Set(float64(in.open))
	return true
}

// closeIdle closes the file that was silent the longest, of those that are read to their
// end and can be found again by name.
func (in *input) closeIdle() bool {
	var idle *file
	for _, f := range in.files {
		if f.f != nil && !f.dirty && f.name != "" && f.size == f.offset && (idle == nil || f.grown.Before(idle.grown)) {
			idle = f
		}
	}
	if idle == nil {
		return false
	}
	in.closeFile(idle)
	return true
}

func (in *input) closeFile(f *file) {
	if f.tailer != nil {
		f.tailer.stop()
		f.tailer = nil
	}
	if f.packed != nil {
		f.packed.f.Close()
		f.packed = nil
	}
	if f.f != nil {
		f.f.Close()
		f.f = nil
		in.open--
		metrics.IngestOpen.WithLabelValues(in.env.Name).Set(float64(in.open))
	}
}

// wait waits for a notice or the next scan.
func (in *input) wait(ctx context.Context, rescan <-chan time.Time) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case e := <-in.events():
		if in.notice(e) {
			in.scan(ctx)
		}
	case <-in.faults():
		in.scan(ctx)
	case <-rescan:
		in.scan(ctx)
	}
	return nil
}

// listen takes in notices for as long as lines are gathered.
func (in *input) listen(ctx context.Context, rescan <-chan time.Time) error {
	until := time.NewTimer(gather)
	defer until.Stop()
	again := false
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case e := <-in.events():
			again = in.notice(e) || again
		case <-in.faults():
			again = true
		case <-rescan:
			again = true
		case <-until.C:
			if again {
				in.scan(ctx)
			}
			return nil
		}
	}
}

func (in *input) events() <-chan fsnotify.Event {
	if in.watcher == nil {
		return nil
	}
	return in.watcher.Events
}

// faults tells that notices were lost: the queue was full.
func (in *input) faults() <-chan error {
	if in.watcher == nil {
		return nil
	}
	return in.watcher.Errors
}

// restAfterScan is how much longer than a scan it takes until a write to a file that is not followed is
// worth the next one: a folder may have other files, which somebody writes to all the time. The rescan
// sees what such a write had to tell.
const restAfterScan = 20

// notice marks the file that grew, and reports whether a scan must look what happened.
func (in *input) notice(e fsnotify.Event) (scan bool) {
	if e.Op&^fsnotify.Write == 0 {
		for _, f := range in.files {
			if f.name == e.Name {
				f.dirty = true
				return false
			}
		}
		return time.Since(in.scanned) > restAfterScan*in.took
	}
	if e.Op&(fsnotify.Remove|fsnotify.Rename) != 0 && in.watched[e.Name] {
		delete(in.watched, e.Name)    // one that takes its place is asked about anew
		_ = in.watcher.Remove(e.Name) // of one that was moved
	}
	return true
}

// watch asks the system for notices. Without them the scans do it all.
func (in *input) watch() {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		in.once("watch", "no file notices; files are looked at every rescan", "error", err, "rescan", in.settings.Rescan)
		return
	}
	in.watcher = w
}

// watchDir asks for notices of one folder.
func (in *input) watchDir(dir string) {
	if in.watcher == nil || in.watched[dir] {
		return
	}
	if err := in.watcher.Add(dir); err != nil {
		if !errors.Is(err, os.ErrNotExist) {
			in.once("watch "+dir, "no notices of a folder; it is looked at every rescan", "folder", dir, "error", fmt.Sprint(err))
		}
		return
	}
	in.watched[dir] = true
}
