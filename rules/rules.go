// Package rules compiles rule files into a Set that evaluates events: which rules match (Matcher,
// one per worker), what follows from matches over time (Correlator, one per partition of
// sluice.matches), and what people see of it (Alert). Live detection, `sluice detect`, rule tests
// and backtests run the same code, so they agree.
//
// The package is pure: files come as bytes, time comes from events and arguments.
//
// Read on: matcher.go and correlator.go; then sinks/sinks.go, where events and alerts go.
package rules

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"sluice/event"
	"sluice/internal/condition"
	"sluice/internal/strictyaml"
)

// File is one rule file; Name is what errors name.
type File struct {
	Name string
	Text []byte

	parsed *parsedFile
}

type parsedFile struct {
	docs []*strictyaml.Node
	err  error
}

// Parsed are files that are parsed once, however often they are asked for their documents.
func Parsed(files []File) []File {
	out := slices.Clone(files)
	for i := range out {
		docs, err := strictyaml.ParseAll(out[i].Name, out[i].Text)
		out[i].parsed = &parsedFile{docs, err}
	}
	return out
}

// Docs are the documents of the file, which nobody may change.
func (f *File) Docs() ([]*strictyaml.Node, error) {
	if f.parsed != nil {
		return f.parsed.docs, f.parsed.err
	}
	return strictyaml.ParseAll(f.Name, f.Text)
}

// Options bound what a Set may keep. Zero values stand for the defaults.
type Options struct {
	Lateness   time.Duration // how far apart the events of a lane may arrive
	LaneIdle   time.Duration // a lane other than the live one ends after so much silence
	MaxLanes   int           // of one partition
	MaxEntries int           // of one key
	MaxKeys    int           // of one rule and lane in one partition
	MaxBytes   int64         // of one partition's state

	// Shadow are the ids of rules that are on trial, beside those that say so themselves.
	Shadow []string

	// ShadowAt is the place where one of them stands, as a prefix of faults; default: none.
	ShadowAt func(id string) string

	// Dialect translates documents of another form: those with a detection. nil: such
	// documents are faults.
	Dialect Dialect
}

// Dialect lowers rules of another language to the trees that all rules are
// (rules/sigma). It is called by Load only, from one goroutine.
type Dialect interface {
	// Arrange is given the documents of all files before any is translated, and gives back
	// those to translate: what stands in one document may belong to others.
	Arrange(files []Documents) ([]Documents, error)
	// Translate lowers one document. nil without an error: it is no rule of its own.
	Translate(file string, doc *strictyaml.Node, schema *event.Schema, leaves *condition.Leaves) (*Foreign, error)
}

// Documents are the documents of one file.
type Documents struct {
	File string
	Docs []*strictyaml.Node
	text []byte
}

// Foreign is a rule of another language: a rule of kind match, or one over several events.
type Foreign struct {
	ID, Title, Description, Level, Status, Author string
	Tags, References, Positives                   []string
	When                                          *condition.Node
	Over                                          *Over // nil: one event is enough
	Silent                                        bool  // its alerts are for the rules over it only
	Doubts                                        []Doubt
}

func (o Options) withDefaults() Options {
	def := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	def(&o.Lateness, 15*time.Second) // the same as normalization's
	def(&o.LaneIdle, 10*time.Minute) // as long as a silent partition holds the watermark back
	if o.MaxLanes <= 0 {
		o.MaxLanes = 1000 // collectors that catch up at once after a wide outage
	}
	if o.MaxEntries <= 0 {
		o.MaxEntries = 10_000
	}
	if o.MaxKeys <= 0 {
		o.MaxKeys = 1_000_000
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = 1 << 30 // 1 million keys of 1 KiB
	}
	if o.ShadowAt == nil {
		o.ShadowAt = func(string) string { return "" }
	}
	return o
}

// Set is the rules of one load and everything they share. It is immutable after Load and safe for
// concurrent use.
type Set struct {
	schema *event.Schema
	fields *condition.Fields
	leaves *condition.Leaves
	opt    Options
	rules  []*Rule
	index  *condition.Index // over the conditions of rules, by their number
	plans  []condition.Plan // by number of rule: of its only condition
	byID   map[string]*Rule
	hears  []*Rule // those that ask for the progress of origins

	links      []link             // while loading
	downstream map[string][]*Rule // by rule: those over its alerts
	levels     int

	id event.Field // sluice.id
	ns event.Field // data_stream.namespace
	at event.Field // @timestamp
}

// Load reads and checks files. If the error is not nil it holds every fault of every file,
// joined, and the Set still holds the rules that compile.
func Load(schema *event.Schema, files []File, opt Options) (*Set, error) {
	s := &Set{
		schema: schema, fields: condition.NewFields(schema), leaves: condition.NewLeaves(),
		opt: opt.withDefaults(), byID: map[string]*Rule{},
	}
	s.id, _ = schema.Lookup("sluice.id")
	s.ns, _ = schema.Lookup("data_stream.namespace")
	s.at, _ = schema.Lookup("@timestamp")
	compiler := &condition.Compiler{Fields: s.fields, Leaves: s.leaves}
	parsed, errs := documents(files, opt.Dialect)
	var sources []*strictyaml.Source
	var said []byte
	for _, f := range parsed {
		src := &strictyaml.Source{Name: f.File}
		for _, doc := range f.Docs {
			src.Begins = append(src.Begins, doc.Line)
		}
		for i, doc := range f.Docs {
			r := &reader{set: s, src: src, text: f.text, compiler: compiler, said: said}
			var rule *Rule
			if opt.Dialect != nil && isForeign(doc) {
				var err error
				rule, err = r.foreignRule(doc, opt.Dialect, fmt.Sprintf("%s#%d", f.File, i))
				errs, said = append(errs, err), r.said
			} else {
				rule = r.rule(doc)
			}
			if rule != nil {
				rule.Shadow = rule.Shadow || slices.Contains(opt.Shadow, rule.ID)
				s.rules = append(s.rules, rule)
				s.byID[rule.ID] = rule
			}
		}
		sources = append(sources, src)
	}
	s.chain()
	for _, id := range opt.Shadow {
		if s.byID[id] == nil {
			errs = append(errs, s.unknownShadow(id))
		}
	}
	for _, src := range sources {
		errs = append(errs, src.Err())
	}
	for _, r := range s.rules {
		if r.Kind == KindAbsence {
			s.hears = append(s.hears, r)
		}
	}
	s.plan()
	s.index = condition.NewIndex(schema, s.leaves, s.conditions())
	return s, errors.Join(errs...)
}

// unknownShadow is the fault of an id on trial that no rule has; the name of a file or a title may stand
// for it, which other places take.
func (s *Set) unknownShadow(id string) error {
	var ids []string
	for _, r := range s.rules {
		if strings.EqualFold(r.Title, id) || strings.TrimSuffix(path.Base(r.File), path.Ext(r.File)) == id {
			return fmt.Errorf("%srules.shadow: a rule is put on trial by its id; that of %.64s is %s", s.opt.ShadowAt(id), id, r.ID)
		}
		ids = append(ids, r.ID)
	}
	return fmt.Errorf("%srules.shadow: no rule that is loaded has the id %.64q%s", s.opt.ShadowAt(id), id, strictyaml.DidYouMean(id, ids))
}

// documents parses files, and has the dialect arrange them.
func documents(files []File, d Dialect) (out []Documents, errs []error) {
	for _, f := range files {
		docs, err := f.Docs()
		if err != nil {
			errs = append(errs, err)
			continue
		}
		out = append(out, Documents{File: f.Name, Docs: slices.Clone(docs), text: f.Text})
	}
	if d == nil {
		return out, errs
	}
	out, err := d.Arrange(out)
	return out, append(errs, err)
}

// plan lays out the conditions of rules that have one.
func (s *Set) plan() {
	s.plans = make([]condition.Plan, len(s.rules))
	for i, r := range s.rules {
		if s.plans[i] = condition.NoPlan; r.asksEvents() && r.steps == nil {
			s.plans[i] = s.leaves.Plan(r.when)
		}
	}
}

// conditions are, for each rule, the nodes of which one must be true for it to match an
// event.
func (s *Set) conditions() [][]*condition.Node {
	out := make([][]*condition.Node, len(s.rules))
	for i, r := range s.rules {
		out[i] = s.roots(r)
	}
	return out
}

func (s *Set) roots(r *Rule) []*condition.Node {
	switch {
	case !r.asksEvents():
		return nil
	case r.steps == nil:
		return []*condition.Node{r.when}
	case r.until != nil:
		return append(slices.Clone(r.steps), r.until)
	}
	return r.steps
}

// Fields are the vendor keys that files read (vendor.key), to be numbered with the
// schema that Load gets.
func Fields(files []File) []event.Spec {
	var out []event.Spec
	seen := map[string]bool{}
	for _, f := range files {
		docs, err := f.Docs()
		if err != nil {
			continue // Load says so
		}
		for _, doc := range docs {
			if isForeign(doc) {
				continue // its dialect names them
			}
			for _, name := range vendorNames(doc) {
				if !seen[name] {
					seen[name] = true
					out = append(out, event.Spec{Name: name, Vendor: true})
				}
			}
		}
	}
	return out
}

// vendorNames are the vendor keys that any text of a document names as a condition or
// as a field.
func vendorNames(n *strictyaml.Node) []string {
	n = strictyaml.Follow(n)
	if n.Kind == strictyaml.Scalar {
		if !strings.Contains(n.Value, "vendor") {
			return nil
		}
		var out []string
		for _, name := range condition.Names(n.Value) {
			if key, ok := strings.CutPrefix(name, condition.VendorPrefix); ok {
				out = append(out, key)
			}
		}
		return out
	}
	var out []string
	for _, c := range n.Content {
		out = append(out, vendorNames(c)...)
	}
	return out
}

// Rules returns the rules in the order of their files.
func (s *Set) Rules() []*Rule { return s.rules }

// Rule returns the rule with the given id, or nil.
func (s *Set) Rule(id string) *Rule { return s.byID[id] }

// TakeErrors returns how many expressions have ended in an error, which counts as no match,
// since the last call. It is safe for concurrent use.
func (s *Set) TakeErrors() int64 { return s.leaves.TakeErrors() }

var errUnknown = fmt.Errorf("its rule is gone or has changed")
