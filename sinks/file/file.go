// Package file appends documents to files of JSON lines, for archives. What Write accepted is on
// disk; a full file is closed and left to whoever collects archives. After a crash a document may
// be there twice, with the same sluice.id.
package file

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"sluice/event"
	"sluice/internal/disk"
	"sluice/internal/metrics"
	"sluice/sinks"
)

const (
	// maxBytes of one file: it is copied in seconds and still read by a person's tools.
	maxBytes = 256 << 20

	suffix = ".jsonl"
	layout = "20060102T150405.000000000Z" // names sort by time
)

// Settings say where the files lie.
type Settings struct {
	Path     string `yaml:"path"`      // a directory of its own, made on first use
	MaxBytes int64  `yaml:"max_bytes"` // of one file
}

// Defaults are the settings of a file that names none.
func Defaults() sinks.Settings { return &Settings{MaxBytes: maxBytes} }

// Validate reports every fault, each naming its key.
func (s *Settings) Validate() error {
	var faults []error
	if s.Path == "" {
		faults = append(faults, errors.New("path: the directory of the archive is missing"))
	}
	if s.MaxBytes < 1<<20 {
		faults = append(faults, fmt.Errorf("max_bytes: %d is below 1048576", s.MaxBytes))
	}
	return errors.Join(faults...)
}

// Open makes the directory.
func (s *Settings) Open(env sinks.Env) (sinks.Sink, error) {
	if err := os.MkdirAll(s.Path, 0o700); err != nil {
		return nil, fmt.Errorf("%w; choose another directory for path", err)
	}
	parent, err := os.Open(filepath.Dir(s.Path))
	if err != nil {
		return nil, err
	}
	if err := errors.Join(parent.Sync(), parent.Close()); err != nil {
		return nil, err
	}
	return newArchive(disk.Dir(s.Path), s.MaxBytes, env.Name, time.Now), nil
}

// Archive writes into one directory. It never writes into a file of an earlier life, whose
// last line may be cut.
type Archive struct {
	fs   disk.FS
	max  int64
	name string
	now  func() time.Time
	file disk.File
	size int64
	buf  []byte
}

// newArchive makes an archive of files of at most max bytes, unless one batch is larger.
// name labels metrics.
func newArchive(fs disk.FS, max int64, name string, now func() time.Time) *Archive {
	return &Archive{fs: fs, max: max, name: name, now: now}
}

// Write appends a batch and makes it durable. A full disk leaves the file as it was: each attempt
// would take of the room that becomes free. After another error the file is left as it is and the
// next Write begins another one: pages that a failed fsync dropped are not believed.
func (a *Archive) Write(ctx context.Context, batch []event.Document) ([]sinks.Refusal, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var refused []sinks.Refusal
	buf := a.buf[:0]
	for i := range batch {
		if text := batch[i].JSON; len(text) == 0 || bytes.IndexByte(text, '\n') >= 0 {
			refused = append(refused, sinks.Refusal{Index: i, Final: true, Reason: errors.New("the document is empty or holds a line end")})
			continue
		}
		buf = append(append(buf, batch[i].JSON...), '\n')
	}
	if a.buf = buf; len(buf) == 0 {
		return refused, nil
	}
	start := time.Now()
	if err := a.append(buf); err != nil {
		metrics.SinkFailures.WithLabelValues(a.name, "disk").Inc()
		return nil, fmt.Errorf("append to archive: %w", err)
	}
	metrics.SinkSeconds.WithLabelValues(a.name).Observe(time.Since(start).Seconds())
	metrics.SinkBytes.WithLabelValues(a.name).Add(float64(len(buf)))
	metrics.SinkDocuments.WithLabelValues(a.name, "written").Add(float64(len(batch) - len(refused)))
	metrics.SinkDocuments.WithLabelValues(a.name, "refused").Add(float64(len(refused)))
	return refused, nil
}

func (a *Archive) append(buf []byte) error {
	if a.file != nil && a.size > 0 && a.size+int64(len(buf)) > a.max {
		if err := a.Close(); err != nil {
			return err
		}
	}
	if a.file == nil {
		f, err := a.fs.Create(a.now().UTC().Format(layout) + suffix)
		if err != nil {
			return err
		}
		a.file, a.size = f, 0
		if err := a.fs.Sync(); err != nil {
			a.drop()
			return err
		}
	}
	if _, err := a.file.WriteAt(buf, a.size); err != nil {
		if !disk.NoSpace(err) || a.file.Truncate(a.size) != nil {
			a.drop()
		}
		return err
	}
	if err := a.file.Sync(); err != nil {
		a.drop()
		return err
	}
	a.size += int64(len(buf))
	return nil
}

// drop gives up the file that cannot be trusted.
func (a *Archive) drop() {
	if a.file != nil {
		a.file.Close()
		a.file = nil
	}
}

// Close ends the file.
func (a *Archive) Close() error {
	if a.file == nil {
		return nil
	}
	err := a.file.Close()
	a.file = nil
	return err
}
