package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluice/internal/testbed"
)

// lists is a story of lines that hold 1 to 40 events each.
type lists struct {
	t        *testing.T
	file     *os.File
	lines    int
	elements map[string]bool
}

func (s *lists) written() int { return s.lines }

func (s *lists) write(lines int) {
	for range lines {
		var all []string
		for e := range 1 + s.lines%40 {
			one := fmt.Sprintf(`{"eventVersion":"1.09","eventSource":"iam.amazonaws.com","eventName":"CreateUser","eventID":"%d-%d"}`, s.lines, e)
			all, s.elements[one] = append(all, one), true
		}
		if _, err := fmt.Fprintf(s.file, `{"Records": [%s]}`+"\n", strings.Join(all, ", ")); err != nil {
			s.t.Fatal(err)
		}
		s.lines++
	}
}

// TestListsUnderKills: lines that hold lists of events go into a file while the program
// dies between two hops. Every element is in the index once, with its own bytes, and the
// account comes to nothing missing.
func TestListsUnderKills(t *testing.T) {
	const total = 1000
	w := testbed.New(t, testbed.Real(), "lateness: 2s\n")
	w.Rules(rules)
	w.Up()
	if err := os.MkdirAll(w.Logs(), 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(w.Logs(), "trail.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := &lists{t: t, file: f, elements: map[string]bool{}}
	k := newKiller(t, w, out, total)
	points := []string{"process/after-batch:1", "index/after-write:1", "process/after-batch:2", "index/after-write:2"}
	for i, point := range points {
		k.atPoint(point, total*(i+1)/len(points))
	}
	k.write(total - out.lines)
	a := w.Settle(total, 2*time.Minute)
	events := len(out.elements)
	if a.Sum.Received != total || a.Sum.Indexed != int64(events) || a.Sum.Split != int64(events-total) {
		t.Errorf("account: %+v; %d lines with %d events", a.Sum, total, events)
	}
	ids := map[string]bool{}
	for _, e := range w.Events() {
		if !out.elements[e.Original] {
			t.Errorf("an event that nobody wrote, or again: %s", e.Original)
		}
		delete(out.elements, e.Original)
		ids[e.ID] = true
	}
	if len(out.elements) > 0 || len(ids) != events {
		t.Errorf("%d events are missing; %d ids of %d", len(out.elements), len(ids), events)
	}
	t.Logf("deaths: %v; %d lines, %d events", k.by, total, events)
}
