package pcap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"sluice/capture"
	"sluice/event"
	"sluice/ingest"
	"sluice/internal/metrics"
)

const (
	batchRecords = 500
	batchBytes   = 1 << 20
	maxFiles     = 30_000 // fingerprints in a checkpoint of at most 1 MiB
	// A file that the disk did not give to its end is read again so often, and so much later: a share may
	// be away for a while.
	maxTries = 10
	tryAgain = time.Minute
)

type input struct {
	set   Settings
	env   ingest.Env
	mark  mark
	seen  map[string]looked // by path: spares reading a known file again on every look
	ahead map[string]ahead  // by path: files whose last write is in our future
	meter capture.Meter

	batch []event.Raw
	arena []byte
}

// looked is what a path was when it was last read or refused.
type looked struct {
	size  int64
	at    time.Time
	print print
	shut  bool // it could not be opened, or not be read to its end
	tries int  // how often it could not
	next  time.Time
}

// ahead is a file that the clock of another machine stamps, and since when it has been the same.
type ahead struct {
	size      int64
	at, since time.Time
}

// Run reads every file that is there, and those that come until ctx ends.
func (in *input) Run(ctx context.Context, emit ingest.Emit) error {
	for {
		faults, err := in.look(ctx, emit)
		if err != nil {
			return err
		}
		if !in.set.Watch {
			return errors.Join(faults...)
		}
		for _, f := range faults {
			in.env.Log.Warn("capture file not read", "input", in.env.Name, "error", f)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(in.set.Rescan):
		}
	}
}

// look reads what is new. faults are of single files; err ends the run.
func (in *input) look(ctx context.Context, emit ingest.Emit) (faults []error, err error) {
	paths, faults := in.paths(ctx)
	if err := ctx.Err(); err != nil { // what was not looked at is not gone
		return nil, err
	}
	if len(paths) > maxFiles {
		return nil, fmt.Errorf("input %s: files match %d paths, more than %d; move away what was read", in.env.Name, len(paths), maxFiles)
	}
	gone := func(path string) bool {
		_, there := slices.BinarySearch(paths, path)
		return !there
	}
	maps.DeleteFunc(in.seen, func(path string, _ looked) bool { return gone(path) })
	maps.DeleteFunc(in.ahead, func(path string, _ ahead) bool { return gone(path) })
	for _, path := range paths {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		fault, err := in.file(ctx, path, emit)
		if err != nil {
			return nil, err
		}
		if fault != nil {
			faults = append(faults, fault)
		}
	}
	in.forget()
	return faults, nil
}

// paths are the files that match, sorted: rotated captures are named in their order.
func (in *input) paths(ctx context.Context) (paths []string, faults []error) {
	for _, g := range in.set.Files {
		// A copy in the making has a dot in front; links that lead in a circle have no end.
		opt := []doublestar.GlobOption{doublestar.WithFilesOnly(), doublestar.WithNoHidden()}
		if strings.Contains(g, "**") {
			opt = append(opt, doublestar.WithNoFollow())
		}
		base, below := doublestar.SplitPattern(filepath.ToSlash(filepath.Clean(g)))
		found, err := doublestar.Glob(ingest.NewTree(ctx, base, nil), below, opt...)
		for i, path := range found {
			found[i] = filepath.Join(base, filepath.FromSlash(path))
		}
		found = slices.DeleteFunc(found, func(path string) bool { // a link to a folder counts as a file then
			st, err := os.Stat(path)
			return err == nil && st.IsDir()
		})
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", g, err))
		}
		if len(found) == 0 && !in.set.Watch {
			faults = append(faults, fmt.Errorf("%s: no such file", g))
		}
		paths = append(paths, found...)
	}
	slices.Sort(paths)
	return slices.Compact(paths), faults
}

// file reads one file unless it is known or still being written.
func (in *input) file(ctx context.Context, path string, emit ingest.Emit) (fault, err error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, nil // gone between two system calls: rotation
	}
	last, known := in.seen[path]
	same := known && last.size == st.Size() && last.at.Equal(st.ModTime())
	switch {
	case !st.Mode().IsRegular():
		if known { // and told
			return nil, nil
		}
		in.seen[path] = looked{shut: true}
		in.refused(path)
		return fmt.Errorf("%s is no regular file but a pipe, a socket or a device; it is not read", path), nil
	case st.Size() == 0 && in.set.Watch:
		return nil, nil // its writer has begun, and flushed nothing yet
	}
	if same && (!last.shut || in.env.Now().Before(last.next)) {
		return nil, nil
	}
	if in.set.Watch && !in.settled(path, st) {
		return nil, nil
	}
	if known && !last.shut {
		in.env.Log.Warn("capture file has changed since it was read: it is read again as a new one; let the writer rotate, or move finished files here",
			"input", in.env.Name, "path", path)
	}
	f, err := ingest.OpenFile(path)
	if err != nil {
		in.seen[path] = looked{size: st.Size(), at: st.ModTime(), shut: true}
		if same { // and that was told
			return nil, nil
		}
		in.refused(path)
		return fmt.Errorf("%w; give the user that sluice runs as the right to read it", err), nil
	}
	defer f.Close()
	p, err := printOf(f)
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err), nil
	}
	seen := looked{size: st.Size(), at: st.ModTime(), print: p}
	if !slices.Contains(in.mark.Done, p) {
		if same {
			seen.tries = last.tries
		}
		seen.tries++
		seen.shut = in.set.Watch && seen.tries < maxTries
		if fault, err = in.read(ctx, path, f, p, seen.shut, emit); err != nil {
			return nil, err
		}
		seen.shut = seen.shut && errors.Is(fault, errRead)
		seen.next = in.env.Now().Add(tryAgain)
	}
	in.seen[path] = seen
	return fault, nil
}

// settled says whether a file was not written to for long enough, by its stamp, or by our own clock where
// that of its machine is ahead.
func (in *input) settled(path string, st os.FileInfo) bool {
	now := in.env.Now()
	since := st.ModTime()
	if since.After(now) {
		a, ok := in.ahead[path]
		if !ok || a.size != st.Size() || !a.at.Equal(since) {
			a = ahead{st.Size(), since, now}
			in.ahead[path] = a
		}
		since = a.since
	}
	if now.Sub(since) < in.set.Settle {
		return false
	}
	delete(in.ahead, path)
	return true
}

func (in *input) refused(path string) {
	metrics.CaptureFiles.WithLabelValues(in.env.Name, "refused").Inc()
	in.env.Drop(in.origin(path), "bad_capture", 1)
}

func (in *input) origin(path string) string { return in.env.Name + ":" + path }

// read plays one file through an engine of its own. fault says what is wrong with the
// file; err is Emit's. again: where the disk fails it is read once more.
func (in *input) read(ctx context.Context, path string, f io.Reader, p print, again bool, emit ingest.Emit) (fault, err error) {
	src, err := newSource(f)
	if again && errors.Is(err, errRead) {
		return fmt.Errorf("%s: %w; it is tried again", path, err), nil
	}
	if err != nil {
		in.refused(path)
		return fmt.Errorf("%s is no capture file: %w", path, err), nil
	}
	made := makeupOf(in.set.Flows)
	if in.mark.File != p || in.mark.Makeup != made {
		in.mark.File, in.mark.Records, in.mark.Makeup = p, 0, made
	}
	r := reading{in: in, path: path, print: p, skip: in.mark.Records, history: in.set.Replay == ReplayHistory}
	r.flush = func() error { return in.flush(ctx, emit) }
	engine := capture.New(in.set.Flows, r.take)
	defer in.meter.Reset()
	fault, err = r.packets(ctx, src, engine)
	again = again && errors.Is(fault, errRead)
	if err == nil && !again {
		engine.Flush()
		err = r.refused
	}
	if err != nil {
		in.drop()
		return nil, err
	}
	in.meter.Update(engine)
	if again { // from its start, but for what is durable
		return fmt.Errorf("%s: %w; it is tried again", path, fault), in.flush(ctx, emit)
	}
	in.mark.Done = append(in.mark.Done, p)
	in.mark.File, in.mark.Records, in.mark.Makeup = 0, 0, 0
	if err := in.flush(ctx, emit); err != nil {
		return nil, err
	}
	result := "whole"
	if fault != nil {
		result = "cut"
		fault = fmt.Errorf("%s: %w", path, fault)
	}
	metrics.CaptureFiles.WithLabelValues(in.env.Name, result).Inc()
	return fault, nil
}

// forget takes the files that are gone out of Done, so that checkpoints stay small: all that match have
// been looked at by now.
func (in *input) forget() {
	if len(in.mark.Done) < maxFiles/2 {
		return
	}
	there := map[print]bool{}
	for _, l := range in.seen {
		there[l.print] = true
	}
	in.mark.Done = slices.DeleteFunc(in.mark.Done, func(p print) bool { return !there[p] })
}

// reading is one pass over one file.
type reading struct {
	in      *input
	path    string
	print   print
	skip    uint64 // records that were durable before a restart
	history bool
	now     time.Time
	flush   func() error
	refused error // what flush said; nothing more is taken then
}

// packets plays the file. A damaged end is a fault, not an error.
func (r *reading) packets(ctx context.Context, src *source, engine *capture.Engine) (fault, err error) {
	in := r.in
	for n := 0; ; n++ {
		var p capture.Packet
		if err := src.packet(&p); errors.Is(err, io.EOF) && !errors.Is(err, errCut) {
			return nil, nil
		} else if err != nil {
			return err, nil
		}
		if n%1024 == 0 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			in.meter.Update(engine)
			r.now = in.env.Now()
			if n == 0 && in.set.Replay == ReplayAuto {
				r.history = r.now.Sub(p.Time).Abs() > liveWithin
			}
		}
		if engine.Packet(p); r.refused != nil {
			return nil, r.refused
		}
	}
}

// take copies a record into the batch, and hands on a full one: all flows that are open may end at once.
func (r *reading) take(rec capture.Record) {
	if r.skip > 0 {
		r.skip--
		return
	}
	if r.refused != nil {
		return
	}
	in := r.in
	from := len(in.arena)
	in.arena = append(in.arena, rec.JSON...)
	raw := in.arena[from:len(in.arena):len(in.arena)]
	in.batch = append(in.batch, event.Raw{
		ID:        ingest.PlaceID(rec.First<<12|uint64(rec.Ordinal)&0xfff, uint64(r.print), raw),
		Bytes:     raw,
		Origin:    in.origin(r.path),
		Input:     in.env.Name,
		Listener:  r.path,
		Namespace: in.env.Namespace,
		Received:  r.now,
		Pack:      rec.Pack,
		History:   r.history,
	})
	if in.mark.File != 0 {
		in.mark.Records++
	}
	if len(in.batch) >= batchRecords || len(in.arena) >= batchBytes {
		r.refused = r.flush()
		r.now = in.env.Now()
	}
}

// flush makes the batch and the mark durable.
func (in *input) flush(ctx context.Context, emit ingest.Emit) error {
	at, err := in.mark.encode()
	if err != nil {
		return err
	}
	err = emit(ctx, in.batch, at)
	in.drop()
	return err
}

func (in *input) drop() {
	clear(in.batch)
	in.batch, in.arena = in.batch[:0], in.arena[:0]
}
