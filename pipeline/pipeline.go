// Package pipeline takes one event from raw bytes to matches in a single pure call: normalize,
// enrich, detect. Live detection, `sluice normalize`, `sluice detect`, rule tests and
// reprocessing all use it, so they agree.
//
// Read on: normalize/normalize.go and a pack, normalize/packs/linux_auth/pack.yml.
package pipeline

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"sluice/event"
	"sluice/normalize"
	"sluice/rules"
	"sluice/schemas"
	"sluice/tables"
)

// DefaultLateness is how far apart the collectors' events may arrive and still be
// judged together: syslog relays batch for up to ten seconds.
const DefaultLateness = normalize.DefaultLateness

// Sources are the inputs of Build.
type Sources struct {
	Packs    []normalize.File
	Rules    []rules.File
	Lateness time.Duration          // 0: DefaultLateness
	Shadow   []string               // ids of rules on trial
	ShadowAt func(id string) string // the place where an id of Shadow stands, as a prefix; nil: none has one
	MaxState int64                  // bytes of correlation state in one partition; 0: the rules' default
	Dialect  Dialect                // of rules of another language; nil: they are faults
	Tables   *tables.Set            // what is known beside the lines; nil: nothing
}

// Dialect translates rules written in another language (rules/sigma) and names the vendor keys
// that they read.
type Dialect interface {
	rules.Dialect
	Fields(files []rules.File, known func(name string) bool) []event.Spec
}

// Set is the schema, packs, rules and tables as one immutable value, built as a whole on reload
// and swapped in. An event is processed by one Set from start to end. A Set is safe for
// concurrent use; its Workers are not.
type Set struct {
	Schema   *event.Schema
	Packs    *normalize.Packs
	Rules    *rules.Set
	Tables   *tables.Set
	Lateness time.Duration
}

// WithTables returns a copy of the Set with other tables, for when only their files have changed.
// ok is false if their columns differ: columns are fields, so everything has to be rebuilt.
func (s *Set) WithTables(t *tables.Set) (with *Set, ok bool) {
	if !slices.Equal(s.Tables.Fields(), t.Fields()) {
		return nil, false
	}
	c := *s
	c.Tables = t
	return &c, true
}

// Build compiles src. It returns the faults of all packs and rules, joined. If only rules are
// faulty the Set is still usable and holds the rules that compile.
func Build(src Sources) (*Set, error) {
	if src.Lateness == 0 {
		src.Lateness = DefaultLateness
	}
	src.Rules = rules.Parsed(src.Rules)
	declared, err := normalize.Fields(src.Packs)
	if err != nil {
		return nil, err
	}
	specs := append(schemas.ECS(), declared...)
	specs = append(specs, rules.Fields(src.Rules)...)
	specs = append(specs, src.Tables.Fields()...)
	opt := rules.Options{Lateness: src.Lateness, MaxBytes: src.MaxState, Shadow: src.Shadow, ShadowAt: src.ShadowAt}
	if src.Dialect != nil { // opt.Dialect stays nil otherwise: an interface that holds nil is not
		opt.Dialect = src.Dialect
		specs = append(specs, src.Dialect.Fields(src.Rules, names(specs))...)
	}
	schema, err := event.New(unique(specs))
	if err != nil {
		return nil, err
	}
	packs, err := normalize.Load(schema, src.Packs, normalize.Lateness(src.Lateness))
	if err != nil {
		return nil, err
	}
	set, err := rules.Load(schema, src.Rules, opt)
	if set == nil {
		return nil, errors.Join(err, errors.New("no rule could be loaded"))
	}
	return &Set{Schema: schema, Packs: packs, Rules: set, Tables: src.Tables, Lateness: src.Lateness}, err
}

// names says whether one of specs has a name.
func names(specs []event.Spec) func(string) bool {
	known := make(map[string]bool, len(specs))
	for _, s := range specs {
		known[s.Name] = true
	}
	return func(name string) bool { return known[name] }
}

// unique keeps the first of the specs of each name: what ECS declares, then packs,
// then rules.
func unique(specs []event.Spec) []event.Spec {
	seen := make(map[string]bool, len(specs))
	out := specs[:0]
	for _, s := range specs {
		if !seen[s.Name] {
			seen[s.Name] = true
			out = append(out, s)
		}
	}
	return out
}

// Worker processes events one after another. It is not safe for concurrent use.
type Worker struct {
	set       *Set
	norm      *normalize.Worker
	enrich    *tables.Worker // nil: no tables
	match     *rules.Matcher
	stored    *event.Event // of ProcessECS
	decode    normalize.Decoder
	timestamp event.Field
	created   event.Field
	dataset   event.Field
	lane      event.Field
	unparsed  event.Field
	in        Input // of Process
	input     event.Field
	peer      event.Field
}

// NewWorker returns a worker for one goroutine.
func (s *Set) NewWorker() *Worker {
	get := func(name string) event.Field { f, _ := s.Schema.Lookup(name); return f }
	return &Worker{
		set: s, norm: s.Packs.NewWorker(), enrich: s.Tables.NewWorker(s.Schema), match: s.Rules.NewMatcher(), stored: event.NewEvent(s.Schema),
		timestamp: get("@timestamp"), created: get("event.created"), dataset: get("data_stream.dataset"),
		lane: get("sluice.lane"), unparsed: get("sluice.unparsed"),
		input: get("sluice.input"), peer: get("log.source.address"),
	}
}

// Bare says that nobody will make alerts out of the matches; see rules.Matcher.Bare.
func (w *Worker) Bare() { w.match.Bare = true }

// Input is one raw and its context.
type Input struct {
	Raw       *event.Raw
	Last      string        // the pack that the origin's last line had; breaks ties
	Now       time.Time     // event.ingested
	Watermark time.Time     // of the raw partition: what is behind it goes to its origin's lane
	OneLane   bool          // a file is judged on its own: window time is @timestamp
	NoRules   bool          // only normalize
	Astray    time.Duration // 0: Astray
}

// Result is what one raw, or one element of a list of events, became. It is valid until the next
// call of Process or Next.
type Result struct {
	Raw      *event.Raw // of this event: of an element of a list its own bytes and id
	Event    *event.Event
	Pack     string
	Dataset  string
	Unparsed bool
	Lane     string // "": the live lane
	Window   time.Time
	Stamp    time.Time // @timestamp, or the receive time where there is none
	At       rules.Instant
	Matches  []rules.Match
}

// Process normalizes, enriches and matches one raw. If the raw holds a list of events, the result
// is the first of them, and Next returns the others.
func (w *Worker) Process(in Input) Result {
	w.in = in
	return w.result(w.norm.Normalize(in.Raw, in.Last, in.Now))
}

// Next returns the next event of the raw given to Process, or false if there is none.
func (w *Worker) Next() (Result, bool) {
	ev, pack := w.norm.Next()
	if ev == nil {
		return Result{}, false
	}
	return w.result(ev, pack), true
}

func (w *Worker) result(ev *event.Event, pack string) Result {
	in := &w.in
	if w.enrich != nil {
		w.enrich.Apply(ev)
	}
	r := Result{Raw: w.norm.Raw(), Event: ev, Pack: pack, Dataset: ev.Text(w.dataset), Unparsed: ev.Has(w.unparsed)}
	// Documents hold milliseconds; with more, history would not find the same instants.
	received := in.Raw.Received.Truncate(time.Millisecond)
	stamp := received
	if v := ev.Get(w.timestamp); v != nil {
		stamp = v.Time().Truncate(time.Millisecond)
	}
	r.Stamp, r.Window = stamp, window(stamp, received, w.set.Lateness)
	switch {
	case in.OneLane:
		r.Window = stamp
	case in.Raw.History || r.Window.Before(in.Watermark) || received.After(in.Now.Add(cmp.Or(in.Astray, Astray))):
		r.Lane, r.Window = in.Raw.Origin, stamp
		ev.SetText(w.lane, r.Lane)
	}
	r.At = rules.Instant{
		Time: r.Window, Received: in.Raw.Received, Lane: r.Lane,
		Origin: in.Raw.Origin, ID: r.Raw.ID, Namespace: in.Raw.Namespace,
	}
	if !in.NoRules {
		r.Matches = w.match.Match(ev, r.At)
	}
	return r
}

// Astray is how far a clock is off at least for it to be wrong and not merely another's: events of
// a collector that is so far ahead have a lane of their own, and time that goes back so far begins
// anew. Less than that is waited for. Where one clock stamps all events, less is enough: Input.Astray.
const Astray = 10 * time.Minute

// window returns the window time of an event: what its source says, clamped to between received -
// lateness and received, so that one device's clock cannot move the windows of others.
func window(stamp, received time.Time, lateness time.Duration) time.Time {
	if stamp.After(received) {
		return received
	}
	if first := received.Add(-lateness); stamp.Before(first) {
		return first
	}
	return stamp
}

// Chain returns the matches that rules over alerts find in an alert.
func (w *Worker) Chain(a *rules.Alert) []rules.Match { return w.match.Chain(a) }

// Choice explains how the pack of the last processed line was chosen.
func (w *Worker) Choice() normalize.Choice { return w.norm.Choice() }

// Trace makes Choice include what was read of the line.
func (w *Worker) Trace() { w.norm.Trace() }

// AsUnknown has lines read as if the packs that know them were not there; see normalize.Worker.
func (w *Worker) AsUnknown() { w.norm.AsUnknown() }

// ProcessECS matches a document that is already normalized: the input's raw bytes are one ECS
// JSON object.
func (w *Worker) ProcessECS(in Input) (Result, error) {
	ev, err := w.Decode(in.Raw.Bytes)
	if err != nil {
		return Result{}, err
	}
	r := Result{Raw: in.Raw, Event: ev, Dataset: ev.Text(w.dataset), Window: in.Raw.Received}
	if v := ev.Get(w.timestamp); v != nil {
		r.Window = v.Time()
	}
	r.Stamp = r.Window
	r.At = rules.Instant{Time: r.Window, Received: in.Raw.Received, Origin: in.Raw.Origin, ID: in.Raw.ID, Namespace: in.Raw.Namespace}
	if !in.NoRules {
		r.Matches = w.match.Match(ev, r.At)
	}
	return r, nil
}

// ProcessStored matches a document from the index as it was matched when it arrived, with the
// window time and lane that it had then.
func (w *Worker) ProcessStored(id string, doc []byte, noRules bool) (Result, error) {
	r, err := w.Stored(id, doc)
	if err == nil && !noRules {
		w.MatchStored(&r)
	}
	return r, err
}

// MatchStored runs the rules on the last result of Stored.
func (w *Worker) MatchStored(r *Result) { r.Matches = w.match.Match(r.Event, r.At) }

// Stored is ProcessStored without the rules.
func (w *Worker) Stored(id string, doc []byte) (Result, error) {
	ev, err := w.Decode(doc)
	if err != nil {
		return Result{}, err
	}
	r := Result{Event: ev, Dataset: ev.Text(w.dataset), Unparsed: ev.Has(w.unparsed)}
	received := time.Time{}
	if v := ev.Get(w.created); v != nil && !v.IsList() {
		received = v.Time()
	}
	if v := ev.Get(w.timestamp); v != nil && !v.IsList() {
		r.Stamp = v.Time()
	}
	if received.IsZero() {
		received = r.Stamp
	}
	r.Window = window(r.Stamp, received, w.set.Lateness)
	if lane := ev.Text(w.lane); lane != "" {
		r.Lane, r.Window = strings.Clone(lane), r.Stamp
	}
	origin := r.Lane
	if origin == "" { // documents do not name it; this tells sources apart as well
		origin = ev.Text(w.input) + ":" + ev.Text(w.peer)
	}
	r.At = rules.Instant{Time: r.Window, Received: received, Lane: r.Lane, Origin: origin, ID: id}
	return r, nil
}

// Measure makes the worker measure the cost of rules on every n-th event; see
// rules.Matcher.Measure.
func (w *Worker) Measure(every int, now func() int64) { w.match.Measure(every, now) }

// Costs returns what each rule has cost since Measure, and what it cost to find the candidate
// rules.
func (w *Worker) Costs() ([]rules.Cost, int64) { return w.match.Costs() }

// TakeErrors is rules.Set.TakeErrors of the worker's Set, which all of its workers share.
func (w *Worker) TakeErrors() int64 { return w.set.Rules.TakeErrors() }

// Why explains what a rule makes of the event of r, which must be this worker's last result.
func (w *Worker) Why(rule *rules.Rule, r *Result) (rules.Why, []rules.Match) {
	return w.match.Why(rule, r.Event, r.At)
}

// Normalize normalizes and enriches each event in raw. An event is valid until yield returns.
func (w *Worker) Normalize(raw *event.Raw, now time.Time, yield func(*event.Event) error) error {
	for ev, _ := w.norm.Normalize(raw, "", now); ev != nil; ev, _ = w.norm.Next() {
		if w.enrich != nil {
			w.enrich.Apply(ev)
		}
		if err := yield(ev); err != nil {
			return err
		}
	}
	return nil
}

// Decode reads an ECS document. The event is valid until the next call.
func (w *Worker) Decode(doc []byte) (*event.Event, error) {
	w.stored.Reset("")
	err := w.decode.Decode(w.stored, doc)
	return w.stored, err
}
