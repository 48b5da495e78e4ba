// Package pcap is the input that reads capture files, pcap and pcapng, plain or packed, each
// once, and emits flows and DNS messages. Reading a file again gives the same records with the
// same ids.
package pcap

import (
	"errors"
	"fmt"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"sluice/capture"
	"sluice/ingest"
)

// When the records of a file count as history (Settings.Replay).
const (
	ReplayAuto    = "auto"
	ReplayHistory = "history"
	ReplayLive    = "live"
)

// liveWithin is how far from the present the first packet of a file may lie for the
// file to be live under ReplayAuto: the default lateness of correlation.
const liveWithin = 15 * time.Second

// Settings are the keys of an input of kind pcap.
type Settings struct {
	Files  []string       `yaml:"files" instead:"paths globs"` // paths or globs (`**` goes into subfolders)
	Replay string         `yaml:"replay"`                      // auto: live if the first packet is at most 15 s off, else history
	Watch  bool           `yaml:"watch"`                       // go on looking for new files; false: end when all were read
	Rescan time.Duration  `yaml:"rescan"`                      // between two looks
	Settle time.Duration  `yaml:"settle"`                      // a file is read once it was not written to for so long
	Flows  capture.Limits `yaml:"flows"`                       // when a flow ends, and how many are open at once
}

// Defaults are the settings of an input that names only its files.
func Defaults() ingest.Settings {
	return &Settings{
		Replay: ReplayAuto,
		Watch:  true,
		Rescan: time.Second,
		Settle: 2 * time.Second, // tcpdump writes at least each 4 KiB of a busy wire; a file put there by rename needs none
		Flows:  capture.DefaultLimits(),
	}
}

// Validate reports every fault, naming its key.
func (s *Settings) Validate() error {
	var faults []error
	if len(s.Files) == 0 {
		faults = append(faults, errors.New("files: missing; give paths or globs such as /var/captures/*.pcap"))
	}
	for _, g := range s.Files {
		if g == "" {
			faults = append(faults, errors.New("files: one of them is empty"))
		}
		if !doublestar.ValidatePathPattern(g) {
			faults = append(faults, fmt.Errorf("files: %q is no valid glob", g))
		}
	}
	switch s.Replay {
	case ReplayAuto, ReplayHistory, ReplayLive:
	default:
		faults = append(faults, fmt.Errorf("replay: %q is not one of auto, history, live", s.Replay))
	}
	if s.Rescan < 10*time.Millisecond || s.Rescan > time.Hour {
		faults = append(faults, fmt.Errorf("rescan: %v is not between 10ms and 1h", s.Rescan))
	}
	if s.Settle < 0 || s.Settle > time.Hour {
		faults = append(faults, fmt.Errorf("settle: %v is not between 0s and 1h", s.Settle))
	}
	return errors.Join(append(faults, s.Flows.Validate())...)
}

// Open reads the checkpoint; files are opened as they come.
func (s *Settings) Open(env ingest.Env) (ingest.Input, error) {
	m, err := parseMark(env.From)
	if err != nil {
		return nil, fmt.Errorf("input %s: checkpoint: %w", env.Name, err)
	}
	return &input{set: *s, env: env, mark: m, seen: map[string]looked{}, ahead: map[string]ahead{}, meter: capture.Meter{Input: env.Name}}, nil
}
