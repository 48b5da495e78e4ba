// Package filetail follows files that other programs write: by glob, through rotation by rename,
// copytruncate and delete, truncation and inode reuse. A line's position (file number, offset) is
// its id, and the checkpoint written with each batch holds the state of every file, so that a
// restart at any point neither loses nor duplicates a line. docs/decisions/0010 and 0011 have the
// reasons and figures.
package filetail

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"sluice/ingest"
	"sluice/internal/zone"
)

// Settings configure one input: any number of globs.
type Settings struct {
	Paths   []string `yaml:"paths" instead:"files globs"` // absolute globs; ** crosses folders
	Exclude []string `yaml:"exclude"`                     // globs; compressed files are left out anyway

	Start        Start         `yaml:"start"`         // where the files of the very first start are begun
	MaxLine      int           `yaml:"max_line"`      // bytes; a longer line becomes numbered parts
	PartialAfter time.Duration `yaml:"partial_after"` // emit a last line without its end after this silence; 0: when the file was rotated away
	Rescan       time.Duration `yaml:"rescan"`        // how often the globs are looked at, besides the system's notices
	MaxFiles     int           `yaml:"max_files"`     // tracked at a time
	MaxOpen      int           `yaml:"max_open"`      // open at a time
	Follow       Follow        `yaml:"follow"`        // which reader

	Zone string `yaml:"zone"` // of stamps without one: Europe/Berlin, Local, +05:30; default UTC
	Pack string `yaml:"pack"` // the pack to use; empty: recognized line by line
}

// Start is where a file is begun that was there when the input ran for the first time.
type Start string

// The starts. Files that appear later are always read from their beginning.
const (
	StartBeginning Start = "beginning"
	StartEnd       Start = "end"
)

// Follow names the reader of an opened file. What a file is, its rotation and its
// positions are the same for both.
type Follow string

// The readers.
const (
	FollowOwn  Follow = "own"
	FollowTail Follow = "tail" // nxadm/tail
)

const (
	defaultMaxLine = 256 << 10
	minMaxLine     = 480
	maxMaxLine     = 1 << 20
	// defaultRescan covers notices that the system drops when its queue overflows.
	defaultRescan = 2 * time.Second
	minRescan     = 100 * time.Millisecond
	// defaultMaxFiles keeps a checkpoint, which goes out with each batch, below 300 KiB.
	defaultMaxFiles = 2000
	maxMaxFiles     = 5000
	// defaultMaxOpen leaves half of the usual 1,024 descriptors to the rest.
	defaultMaxOpen = 512
)

// Defaults are the settings of an empty section.
func Defaults() ingest.Settings {
	return &Settings{
		Start:    StartBeginning,
		MaxLine:  defaultMaxLine,
		Rescan:   defaultRescan,
		MaxFiles: defaultMaxFiles,
		MaxOpen:  defaultMaxOpen,
		Follow:   FollowOwn,
	}
}

// Validate reports every fault, each with its key.
func (s *Settings) Validate() error {
	var all []error
	bad := func(format string, args ...any) { all = append(all, fmt.Errorf(format, args...)) }
	if len(s.Paths) == 0 {
		bad("paths: names no file; write a glob such as /var/log/nginx/*.log*")
	}
	for _, p := range s.Paths {
		if !filepath.IsAbs(p) {
			bad("paths: %q is not absolute", p)
		}
		if !doublestar.ValidatePathPattern(p) {
			bad("paths: %q is no glob", p)
		}
	}
	for _, p := range s.Exclude {
		if !doublestar.ValidatePathPattern(p) {
			bad("exclude: %q is no glob", p)
		}
	}
	if s.Start != StartBeginning && s.Start != StartEnd {
		bad("start: %q is none of beginning, end", s.Start)
	}
	if s.Follow != FollowOwn && s.Follow != FollowTail {
		bad("follow: %q is none of own, tail", s.Follow)
	}
	if s.MaxLine < minMaxLine || s.MaxLine > maxMaxLine {
		bad("max_line: %d is outside of %d to %d bytes", s.MaxLine, minMaxLine, maxMaxLine)
	}
	if s.PartialAfter < 0 {
		bad("partial_after: must not be negative")
	}
	if s.Rescan < minRescan {
		bad("rescan: %v is below %v", s.Rescan, minRescan)
	}
	if s.MaxFiles < 1 || s.MaxFiles > maxMaxFiles {
		bad("max_files: %d is outside of 1 to %d", s.MaxFiles, maxMaxFiles)
	}
	if s.MaxOpen < 1 {
		bad("max_open: must be at least 1")
	}
	if _, err := zone.Load(s.Zone); err != nil {
		bad("zone: %v", err)
	}
	return errors.Join(all...)
}

// Open reads the checkpoint; files are opened by Run.
func (s *Settings) Open(env ingest.Env) (ingest.Input, error) {
	own := *s
	own.MaxOpen = ingest.Descriptors(env.Log, env.Name, "max_open", s.MaxOpen)
	in := &input{settings: &own, env: env, held: map[inode]*candidate{}}
	if env.From == nil {
		in.first = true
		return in, nil
	}
	var err error
	in.files, in.orphans, err = decode(env.From)
	return in, err
}

// Reading implements ingest.Reads.
func (s *Settings) Reading() (pack, zone string) { return s.Pack, s.Zone }
