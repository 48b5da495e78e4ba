package app

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"sluice/console"
)

// lossesFile lies in the data directory and has a line for each thing that was found lost: its time, the
// part and what. A restart finds nothing of it any more, so readiness speaks of it until a person removes
// the file.
const lossesFile = "losses"

// mostLosses bounds the file: a disk that goes bad is known by far fewer.
const mostLosses = 1000

// The parts that losses are of.
const (
	lossOfDir     = "data directory"
	lossOfJournal = "journal"
	lossOfStore   = "store"
)

// loss is one line of the file.
type loss struct {
	at         time.Time
	part, what string
}

func (l loss) String() string { return l.at.UTC().Format(time.RFC3339) + " " + l.part + ": " + l.what }

// parseLoss reads a line; what somebody wrote there by hand is none.
func parseLoss(line string) (l loss, ok bool) {
	at, rest, _ := strings.Cut(line, " ")
	l.part, l.what, ok = strings.Cut(rest, ": ")
	var err error
	l.at, err = time.Parse(time.RFC3339, at)
	return l, ok && err == nil
}

// lose notes what is lost; what is known already is not noted again.
func (d *dataDir) lose(at time.Time, part, what string) {
	all := d.losses()
	if len(all) >= mostLosses || slices.ContainsFunc(all, func(l loss) bool { return l.part == part && l.what == what }) {
		return
	}
	l := loss{at, part, what}
	if err := d.appendLine(lossesFile, l.String()); err != nil { // it holds for as long as we run
		d.mu.Lock()
		defer d.mu.Unlock()
		d.unwritten = append(d.unwritten, l)
	}
}

// losses are those in the file, and those that the disk did not take.
func (d *dataDir) losses() (all []loss) {
	text, _ := os.ReadFile(d.join(lossesFile))
	for line := range strings.Lines(string(text)) {
		if l, ok := parseLoss(strings.TrimSpace(line)); ok {
			all = append(all, l)
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return append(all, d.unwritten...)
}

// lost are the losses as readiness tells them; it names no files beyond our own.
func (h *health) lost() (out []console.Problem) {
	if h.n.dir == nil {
		return nil
	}
	damages, last := map[string]int{}, map[string]time.Time{}
	for _, l := range h.n.dir.losses() {
		if l.part == lossOfJournal || l.part == lossOfStore {
			damages[l.part], last[l.part] = damages[l.part]+1, l.at
			continue
		}
		out = append(out, console.Problem{Part: l.part, Warning: true, Reason: fmt.Sprintf("%s (found %s; told until the file %s in the data directory is removed)", l.what, l.at.UTC().Format(time.RFC3339), lossesFile)})
	}
	for _, part := range slices.Sorted(maps.Keys(damages)) {
		out = append(out, console.Problem{Part: part, Warning: true, Reason: fmt.Sprintf("%d damaged places were found, the last %s, and what they held is lost; the file %s in the data directory names them (told until it is removed)", damages[part], last[part].UTC().Format(time.RFC3339), lossesFile)})
	}
	return out
}
