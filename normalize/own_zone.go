package normalize

import (
	"strings"
	"time"

	"sluice/event"
	"sluice/internal/zone"
	"sluice/normalize/header"
)

// readDate is a date that a step read: devices that write the time of their clock often
// name the zone beside it, which may come later in the line.
type readDate struct {
	field  event.Field
	form   kind
	layout string // of vDate
	text   string
	at     int64 // what was read, in nanoseconds
}

// maxDates is how many dates of a line are kept for its zone.
const maxDates = 8

// putTime sets a date that was read from a text.
func (r *run) putTime(f event.Field, form kind, layout, text string, t time.Time) bool {
	if !r.ev.SetTime(f, t) {
		return false
	}
	if form != vEpoch && len(r.dates) < maxDates {
		r.dates = append(r.dates, readDate{f, form, layout, text, t.UnixNano()})
	}
	return true
}

// inOwnZone reads the dates without a zone anew in the one that the event names
// (event.timezone). What was copied to @timestamp from another field goes with it.
func (r *run) inOwnZone() {
	f := &r.engine.f
	if len(r.dates) == 0 || !r.ev.Has(f.timezone) {
		return
	}
	own := r.ownZone(r.ev.Text(f.timezone))
	if own == nil {
		return
	}
	was := r.zone
	r.zone = own
	for i := range r.dates {
		d := &r.dates[i]
		t, ok := r.readTime(d.form, d.layout, d.text)
		if !ok || t.UnixNano() == d.at {
			continue
		}
		for _, to := range [2]event.Field{d.field, f.timestamp} {
			if v := r.ev.Get(to); v != nil && v.Int() == d.at {
				r.ev.SetTime(to, t)
			}
		}
	}
	r.zone = was
}

// maxZones bounds the names of zones that a worker remembers, known or not.
const maxZones = 256

// ownZone is a zone as devices write it: +0200, UTC+2, (GMT+1:00)Berlin, CEST,
// Europe/Berlin; nil: nobody knows it.
func (r *run) ownZone(text string) *time.Location {
	if inner, ok := strings.CutPrefix(text, "("); ok {
		text, _, _ = strings.Cut(inner, ")")
	}
	text = strings.TrimSpace(text)
	if z, ok := r.ownZones[text]; ok {
		return z
	}
	var z *time.Location
	if east, ok := header.Zone(text); ok {
		z = time.FixedZone("", east)
	} else if strings.IndexByte(text, '/') > 0 {
		z, _ = zone.Load(text) // nil if there is none of that name
	}
	if len(r.ownZones) < maxZones {
		if r.ownZones == nil {
			r.ownZones = map[string]*time.Location{}
		}
		r.ownZones[strings.Clone(text)] = z
	}
	return z
}

// location finds a zone by its name; a wrong one is UTC, since settings are
// checked where they are read.
func (w *Worker) location(name string) *time.Location {
	if name == "" { // the usual case, without a look-up
		return time.UTC
	}
	if z, ok := w.zones[name]; ok {
		return z
	}
	z, err := zone.Load(name)
	if err != nil {
		z = time.UTC
	}
	w.zones[name] = z
	return z
}
