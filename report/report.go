// Package report sums up on a schedule what the index holds: the alerts and events of a
// day, a week. It says when a report is due and what is in it; sending it, and sending it
// once, is internal/app's.
package report

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"sluice/internal/zone"
)

const (
	leastGap = time.Hour
	mostLast = 366 * 24 * time.Hour

	mostShift = 2 * time.Hour // of any clock change; that of Antarctica/Troll
)

// Settings are one report.
type Settings struct {
	Schedule  string        `yaml:"schedule"`  // five fields as in cron, or @daily, @weekly, @monthly
	Zone      string        `yaml:"zone"`      // of the schedule, as Europe/Berlin or +05:30; default UTC
	Channels  []string      `yaml:"channels"`  // who gets it
	Last      time.Duration `yaml:"last"`      // how far it looks back; 0: to the report before
	Namespace string        `yaml:"namespace"` // whose alerts and events; "": all
}

// Validate reports every fault, each naming its key.
func (s *Settings) Validate() error {
	var all []error
	fault := func(format string, args ...any) { all = append(all, fmt.Errorf(format, args...)) }
	if _, err := zone.Load(s.Zone); err != nil {
		fault("zone: %w", err)
	}
	if plan, err := s.plan(); err != nil {
		fault("schedule: %w; write minute, hour, day, month and weekday, as in 0 7 * * 1", err)
	} else if plan.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		fault("schedule: %q never comes: no month that it names has that day", s.Schedule)
	} else if often(plan) {
		fault("schedule: %q comes more than once in %v", s.Schedule, leastGap)
	}
	if len(s.Channels) == 0 {
		fault("channels: name who gets it")
	}
	if s.Last < 0 || s.Last > mostLast {
		fault("last: %v is not between 0 and %v", s.Last, mostLast)
	}
	return errors.Join(all...)
}

func (s *Settings) plan() (cron.Schedule, error) {
	if s.Schedule == "" {
		return nil, errors.New("it is missing")
	}
	if strings.HasPrefix(s.Schedule, "@every") {
		return nil, errors.New("@every counts from whenever the program starts")
	}
	if strings.Contains(s.Schedule, "TZ=") {
		return nil, errors.New("the zone has a key of its own")
	}
	return cron.ParseStandard(s.Schedule)
}

// often says whether two of the next instants lie too near.
func often(plan cron.Schedule) bool {
	at := plan.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	for range 100 {
		next := plan.Next(at)
		if next.IsZero() {
			return false
		}
		if next.Sub(at) < leastGap {
			return true
		}
		at = next
	}
	return false
}

// Location is the zone of the schedule. The settings must be valid.
func (s *Settings) Location() *time.Location {
	at, err := zone.Load(s.Zone)
	if err != nil {
		return time.UTC
	}
	return at
}

// Due is the latest instant of the schedule after since and not after now, and the time
// that its report is about; ok is false where there is none. What was due while nothing
// ran is one report about all of it. The settings must be valid.
func (s *Settings) Due(since, now time.Time) (due, from time.Time, ok bool) {
	plan, err := s.plan()
	if err != nil {
		return due, from, false
	}
	zone := s.Location()
	if at := next(plan, since, zone); at.IsZero() || at.After(now) {
		return due, from, false // as nearly always
	}
	before := func(t time.Time) (last time.Time) { // the instant before t
		for at := next(plan, t.Add(-mostLast), zone); !at.IsZero() && at.Before(t); at = next(plan, at, zone) {
			last = at
		}
		return last
	}
	due = before(now.Add(time.Second))
	if due.IsZero() || !due.After(since) {
		return time.Time{}, time.Time{}, false
	}
	switch from = before(due); {
	case s.Last > 0:
		from = due.Add(-s.Last)
	case from.IsZero():
		from = due.Add(-mostLast)
	case since.Before(from):
		from = since
	}
	return due.UTC(), from.UTC(), true
}

// next is the first instant of the schedule after t. The library leaves out what lies in an hour
// that the clock skips, and has what lies in a repeated one twice; so it plans days that all have
// 24 hours, and what it says is looked up in the zone.
func next(plan cron.Schedule, t time.Time, zone *time.Location) time.Time {
	// Begun earlier, for what was put off out of a skipped hour.
	y, m, d := t.Add(-mostShift).In(zone).Date()
	h, min, s := t.Add(-mostShift).In(zone).Clock()
	wall := time.Date(y, m, d, h, min, s, 0, time.UTC)
	for {
		if wall = plan.Next(wall); wall.IsZero() {
			return wall
		}
		if at := shown(wall, zone); at.After(t) {
			return at
		}
	}
}

// shown is when clocks of the zone show what wall reads: the first time where they do twice; and
// where they never do, when they would have without the change (02:30 is then 03:30).
func shown(wall time.Time, zone *time.Location) time.Time {
	by := func(probe time.Duration) time.Time { // wall, by the offset that holds around then
		_, offset := wall.Add(probe).In(zone).Zone()
		return wall.Add(-time.Duration(offset) * time.Second)
	}
	const day = 24 * time.Hour // more than any zone is away from UTC
	first, second := by(-day), by(day)
	reads := func(at time.Time) bool { return at.In(zone).Format(time.DateTime) == wall.Format(time.DateTime) }
	if !reads(first) && reads(second) {
		return second
	}
	return first
}
