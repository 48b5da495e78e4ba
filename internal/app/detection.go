package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strconv"
	"strings"

	"sluice/config"
	"sluice/internal/strictyaml"
	"sluice/pipeline"
	"sluice/rules/sigma"
)

// LoadSet builds packs and rules for the commands that need no server: of the
// configuration at path ("": none), or with these rule paths instead of its rules. The Set is nil
// only where nothing can run; faulty rules alone are in the error.
func LoadSet(path string, rulePaths ...string) (*pipeline.Set, error) {
	s, err := readSettings(path, config.System)
	if err != nil {
		return nil, &ConfigError{err}
	}
	if len(rulePaths) > 0 {
		s.Rules = RuleSettings{Mappings: s.Rules.Mappings}
	}
	src, err := s.sources()
	named, missing := RuleFiles(rulePaths)
	src.Rules = append(src.Rules, named...)
	if err := errors.Join(err, missing); err != nil {
		return nil, &ConfigError{s.withFaults(src, err)}
	}
	set, err := compile(src)
	if err != nil {
		err = &ConfigError{err}
	}
	return set, err
}

// compile compiles packs and rules. Looking for garbage all the while is a quarter of the time,
// and what is made at first stays until the end; the memory limit holds as ever.
func compile(src pipeline.Sources) (*pipeline.Set, error) {
	defer debug.SetGCPercent(debug.SetGCPercent(2000))
	return pipeline.Build(src)
}

// withFaults adds to what is wrong with the settings the faults of packs and rules, so that
// one run names all; but not what may follow from a mapping of Sigma that cannot be read, nor
// from tables that are missing.
func (s *Settings) withFaults(src pipeline.Sources, err error) error {
	faults := []error{err}
	if src.Tables == nil && len(s.Enrich) > 0 {
		return err
	}
	_, more := compile(src)
	for _, e := range strictyaml.Joined(more) {
		var f *sigma.Fault
		if !errors.As(e, &f) || f.Reason != sigma.LogSource && f.Reason != sigma.Placeholder {
			faults = append(faults, e)
		}
	}
	return errors.Join(faults...)
}

// LoadPacks is LoadSet with folders of packs beside those of the configuration; the
// folders that hold packs of the user's own come back.
func LoadPacks(path string, dirs []string) (*pipeline.Set, []string, error) {
	s, err := readSettings(path, config.System)
	if err != nil {
		return nil, nil, &ConfigError{err}
	}
	s.Packs.Paths = append(s.Packs.Paths, dirs...)
	s.Rules = RuleSettings{}
	src, err := s.sources()
	if err != nil {
		return nil, nil, &ConfigError{err}
	}
	set, err := compile(src)
	if err != nil {
		err = &ConfigError{err}
	}
	if len(dirs) == 0 {
		dirs = s.Packs.Paths
	}
	return set, dirs, err
}

func didYouMean(name string, names []string) string { return strictyaml.DidYouMean(name, names) }

// Hit is one match or alert of a Detection.
type Hit struct {
	Rule, Title, Level string
	Record             int // of the event, or of the last event behind an alert
	Kept               map[string]json.RawMessage
}

// Detection runs the whole pipeline over records, as one lane: windows move by
// @timestamp alone.
type Detection struct {
	batch *Batch
	judge *judge
	kept  map[int]map[string]json.RawMessage // of records that stateful rules looked at
	last  map[string]string                  // by alert: the last of what is behind it
}

// NewDetection makes one; it belongs to one goroutine.
func NewDetection(set *pipeline.Set, opt Reading) *Detection {
	batch := NewBatch(set, opt)
	batch.worker.Bare()
	judge := newJudge(set.Rules, func() int64 { return 0 })
	return &Detection{batch: batch, judge: judge, kept: map[int]map[string]json.RawMessage{}, last: map[string]string{}}
}

// Process calls hit for every stateless rule that matches the record.
func (d *Detection) Process(rec Record, hit func(Hit) error) error {
	r, err := d.batch.Process(rec)
	for more := err == nil; more && err == nil; r, more = d.batch.Next() {
		err = d.hits(rec, &r, hit)
	}
	return err
}

func (d *Detection) hits(rec Record, r *pipeline.Result, hit func(Hit) error) error {
	d.judge.last = later(d.judge.last, r.Window)
	for i := range r.Matches {
		m := &r.Matches[i]
		rule := d.batch.Set.Rules.Rule(m.Rule)
		d.judge.await(m)
		if rule.Stateful() {
			d.kept[rec.Number] = rec.Kept
			continue
		}
		if d.batch.Set.Rules.Levels() > 0 {
			a := d.batch.Set.Rules.Alert(m)
			d.kept[rec.Number], d.last[a.ID] = rec.Kept, m.ID
		}
		if err := hit(Hit{Rule: rule.ID, Title: d.batch.Set.Rules.Text(m), Level: rule.Level, Record: rec.Number, Kept: rec.Kept}); err != nil {
			return err
		}
	}
	return nil
}

// End settles every window and calls hit for each alert.
func (d *Detection) End(hit func(Hit) error) error {
	d.judge.end()
	alerts := d.judge.alerts()
	for _, a := range alerts {
		if len(a.Events) == 0 {
			return errors.New("BUG: an alert without events")
		}
		d.last[a.ID] = a.Events[len(a.Events)-1]
	}
	for _, a := range alerts {
		last, err := d.record(a.ID)
		if err != nil {
			return err
		}
		if err := hit(Hit{Rule: a.Rule, Title: a.Title, Level: a.Level, Record: last, Kept: d.kept[last]}); err != nil {
			return err
		}
	}
	return nil
}

// Degraded are the rules for which there were more matches, or alerts, than are looked at.
func (d *Detection) Degraded() (out []string) {
	for _, g := range d.judge.core.Degraded() {
		out = append(out, g.Rule+": "+g.Reason)
	}
	if n := d.judge.more; n > 0 {
		out = append(out, fmt.Sprintf("%d alerts beyond the first %d are not listed", n, maxPastAlerts))
	}
	return out
}

// record is the last record behind an alert, through the alerts that led to it.
func (d *Detection) record(id string) (int, error) {
	for range d.batch.Set.Rules.Levels() + 2 {
		if of, ok := d.last[id]; ok {
			id = of
			continue
		}
		break
	}
	number, _, _ := strings.Cut(id, ".") // behind it the element of a list
	n, err := strconv.Atoi(number)
	if err != nil {
		return 0, fmt.Errorf("BUG: an alert's event %q is no record", id)
	}
	return n, nil
}
