// Package tables enriches events with what is known about their values: where an address is and
// who announces it, whether a threat feed lists it, which asset or person it belongs to, under
// which domain a name is registered. It fills fields that are not set and never changes what the
// source said.
//
// It is pure: a table is built from the bytes of its files, which the caller reads, and is an
// immutable value shared by any number of workers.
//
// Read on: geoip.go for a simple kind, indicators.go for a complex one.
package tables

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"sluice/event"
	"sluice/internal/metrics"
	"sluice/internal/strictyaml"
)

// Settings describe one table, as users write it.
type Settings interface {
	// Validate reports every fault, each with its key.
	Validate() error
	// Path is the file or folder that the table is made of; "": it needs none.
	Path() string
	// Build makes the table of its files' bytes, which it may keep.
	Build(files []File) (Table, error)
}

// File is one file of a table.
type File struct {
	Name string
	Data []byte
}

// Table is what was built: immutable, shared by all workers.
type Table interface {
	// Size is the number of entries.
	Size() int
	// bind makes what applies the table to events of a schema, for one goroutine.
	bind(look lookup) applier
	// fields are those that the table fills beside ECS. They are written under labels.
	fields() []string
	// rank orders tables: domains are cut before indicators are looked for.
	rank() rank
}

// applier fills what its table knows of an event. True: it knew something.
type applier interface {
	apply(w *Worker, ev *event.Event) bool
}

// lookup finds a field by its name; event.None where the schema has none.
type lookup func(name string) event.Field

type rank int

const (
	rankDomains rank = iota
	rankNetworks
	rankGeo
	rankAgents
	rankPeople // after what may name a host or user
	rankIndicators
)

// Named is a table with the name that users gave it. It labels its metrics.
type Named struct {
	Name  string
	Table Table
}

// Set is all tables as one immutable value: built whole when a file has changed, and
// swapped.
type Set struct{ tables []Named }

// New makes a Set. nil: there are no tables, and events cost nothing.
func New(all []Named) *Set {
	if len(all) == 0 {
		return nil
	}
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b Named) int { return int(a.Table.rank() - b.Table.rank()) })
	return &Set{all}
}

// Tables are the tables in the order in which they are applied.
func (s *Set) Tables() []Named {
	if s == nil {
		return nil
	}
	return s.tables
}

// Fields are what the tables fill beside ECS: one field a column of assets and
// identities, named labels.COLUMN. Rules may read them; documents have them under labels.
func (s *Set) Fields() []event.Spec {
	var out []event.Spec
	seen := map[string]bool{}
	for _, t := range s.Tables() {
		for _, name := range t.Table.fields() {
			if !seen[name] {
				seen[name] = true
				out = append(out, event.Spec{Name: labelsField + "." + name, Hidden: true})
			}
		}
	}
	slices.SortFunc(out, func(a, b event.Spec) int { return compare(a.Name, b.Name) })
	return out
}

const labelsField = "labels"

// Worker applies a Set to events, one after another. It belongs to one goroutine.
type Worker struct {
	steps  []step
	labels event.Field
	out    labels
	buf    []byte
}

type step struct {
	applier
	hits interface{ Inc() }
}

// NewWorker makes a worker for events of a schema that has the fields of ECS and of
// the Set. nil for a Set that is nil.
func (s *Set) NewWorker(schema *event.Schema) *Worker {
	if s == nil {
		return nil
	}
	look := func(name string) event.Field {
		f, _ := schema.Lookup(name)
		return f
	}
	w := &Worker{labels: look(labelsField)}
	for _, t := range s.tables {
		w.steps = append(w.steps, step{t.Table.bind(look), metrics.EnrichHits.WithLabelValues(t.Name)})
	}
	return w
}

// Apply fills what the tables know of an event.
func (w *Worker) Apply(ev *event.Event) {
	w.out.reset()
	for i := range w.steps {
		if w.steps[i].apply(w, ev) {
			w.steps[i].hits.Inc()
		}
	}
	w.out.write(ev, w.labels)
}

// readAll builds a table of each file's entries, and puts the file's name in front of those
// of its faults that have no place. Faults of single entries are not fatal: feeds have them
// every day.
func readAll(files []File, read func(File) error) error {
	var faults []error
	for _, f := range files {
		for _, err := range strictyaml.Joined(read(f)) {
			if !strings.HasPrefix(err.Error(), f.Name+":") {
				err = fmt.Errorf("%s: %w", f.Name, err)
			}
			faults = append(faults, err)
		}
	}
	return errors.Join(faults...)
}

// atLine is an error at a line of a file, from 1.
func atLine(name string, line int, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %w", name, line, fmt.Errorf(format, args...))
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
