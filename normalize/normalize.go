// Package normalize turns raw lines into ECS events with packs: YAML files that say how a
// device's lines are recognized, parsed and mapped. Packs contain no code. The engine fills in
// what is the same for all devices, so that no pack has to and none can forget it. No line is
// lost: what no pack can parse becomes an event with its raw bytes and the reason.
//
// docs/packs.md describes the language; packs/ holds the shipped packs.
//
// Read on: worker.go, which takes a line through all of it. The files, as a line meets them:
//
//	normalize.go, file.go, load*.go, pack.go    packs are read and compiled
//	worker.go, unwrap.go, list.go, row.go       a line, lines inside it, the elements of a list, the rows below a header
//	readable.go, header_pack.go, flattened.go   its text, its header, its nested form
//	recognize*.go, choice.go, doubt.go          whose line it is, and who is asked where that one doubts
//	step.go, step_VERB.go                       what its pack does with it: a file a verb of docs/packs.md
//	keys.go, json_scan.go, kv_blanks.go, step_VERB_*.go
//	                                            helpers of verbs
//	target*.go, type_TYPE.go, url.go            how a text becomes a field's value
//	rescue.go                                   what its pack could not read
//	finish.go, front.go, own_zone.go, batches.go, related.go, community.go
//	                                            what the engine fills in for all packs
//	values*.go, decode.go, sample.go            for those who check rules and read stored events
//
// Devices that no pack knows are read by two verbs, which share a dictionary of what keys are commonly
// called (dictionary*.go and known.yml; entities.go and first_object.go for lists):
//
//   - known reads records. step_known.go has the order of its questions, step_known_*.go the questions:
//     what was done (what, typed, warns), how it ended (result), by whom and to whom (people), on which
//     machine (whose), when; and what only records of databases, DNS, files, sessions and the web say.
//   - glean reads prose. step_glean.go walks over the words (glean_words.go) with what the vocabularies say
//     of each (glean_lexicon.go); glean_*.go are what it looks for: persons, places, log-ins, deeds, leases,
//     pairs of keys and values, cells without names, other tongues, and what a switch says of its ports.
package normalize

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"sluice/event"
	"sluice/internal/condition"
	"sluice/internal/strictyaml"
	"sluice/normalize/header"
)

// engineVars are scratch fields between the engine and packs: of ICMP a pack tells it
// what has no field in ECS; _relay is who passed the line on, by the header in front;
// _address is the host's address, where the header has it behind the name.
var engineVars = []event.Spec{
	{Name: "_icmp_type", Type: event.Long, Hidden: true},
	{Name: "_icmp_code", Type: event.Long, Hidden: true},
	{Name: "_relay", Type: event.Keyword, Hidden: true},
	{Name: "_address", Type: event.Keyword, Hidden: true},
}

// Fields are the fields that packs add to ECS: those that they declare, and their
// scratch variables. They are needed to build the schema that Load takes.
func Fields(files []File) ([]event.Spec, error) {
	out := slices.Clone(engineVars)
	seen := map[string]event.Type{}
	for _, s := range out {
		seen[s.Name] = s.Type
	}
	var faults []error
	parseAll(files)
	for i := range files {
		f := &files[i]
		root, err := f.parse()
		if err != nil {
			faults = append(faults, err)
			continue
		}
		src := &strictyaml.Source{Name: f.Name}
		for _, d := range declared(src, root) {
			t, ok := seen[d.spec.Name]
			switch {
			case !ok:
				seen[d.spec.Name] = d.spec.Type
				out = append(out, d.spec)
			case t != d.spec.Type:
				src.Fail(d.node, "another pack declares %s with another type; packs share their fields", d.spec.Name)
			}
		}
		faults = append(faults, src.Err())
	}
	return out, errors.Join(faults...)
}

type declaration struct {
	spec event.Spec
	node *strictyaml.Node
}

// fieldTypes are the types under a pack's fields.
var fieldTypes = map[string]event.Type{
	"keyword": event.Keyword, "long": event.Long, "double": event.Double, "bool": event.Bool,
	"date": event.Date, "ip": event.IP, "json": event.JSON,
}

var (
	fieldName = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$`)
	varName   = regexp.MustCompile(`^_[a-z0-9_]+$`)
)

// declared reads the fields and vars of one pack. Faults are noted in src.
func declared(src *strictyaml.Source, root *strictyaml.Node) []declaration {
	var out []declaration
	add := func(n *strictyaml.Node, spec event.Spec) { out = append(out, declaration{spec, n}) }
	src.Pairs(root, func(key string, _, v *strictyaml.Node) {
		switch key {
		case "vars":
			for _, n := range src.Words(v) {
				if !varName.MatchString(n.Value) {
					src.Fail(n, "%s is no name of a variable: expected _ and lower-case letters", n.Value)
					continue
				}
				add(n, event.Spec{Name: n.Value, Hidden: true})
			}
		case "fields":
			src.Pairs(v, func(typ string, k, v *strictyaml.Node) {
				t, ok := fieldTypes[typ]
				if !ok {
					src.Fail(k, "%s is no type%s (keyword, long, double, bool, date, ip or json)", typ, strictyaml.DidYouMean(typ, sortedKeys(fieldTypes)))
					return
				}
				for _, n := range src.Words(v) {
					if !fieldName.MatchString(n.Value) || strings.HasPrefix(n.Value, "sluice.") {
						src.Fail(n, "%s is no name for a pack's field: expected vendor.product.name in lower case, and not under sluice", n.Value)
						continue
					}
					add(n, event.Spec{Name: n.Value, Type: t})
				}
			})
		}
	})
	return out
}

// Packs are packs compiled against a schema. They are immutable and safe for concurrent use; a
// Worker holds the state of one goroutine.
type Packs struct {
	schema   *event.Schema
	packs    []*pack
	byName   map[string]*pack
	fallback *pack // reads what no other pack recognizes, or nil
	recog    *recognizer
	lowered  smallKeys
	programs header.Programs
	protos   *keys[proto]
	f        engineFields
	related  relations
	derive   event.Mask     // of engineFields.derived
	vars     event.FieldSet // of all packs, but the engine's own
	lateness time.Duration
	priority [192]event.Batch
}

// Option changes how packs are loaded.
type Option func(*Packs)

// DefaultLateness is how long behind the receive time an event's own time may lie
// and still count as it says: senders buffer, and their clocks are not ours.
const DefaultLateness = 15 * time.Second

// Lateness sets how far @timestamp may lie behind the receive time before the
// event is marked sluice.time: skewed. It must be that of the correlation.
func Lateness(d time.Duration) Option { return func(p *Packs) { p.lateness = d } }

// Load compiles packs against a schema that has the fields of ECS (schemas.ECS)
// and of the packs (Fields). All faults of all packs are returned together, each
// with file:line:column.
func Load(schema *event.Schema, files []File, opts ...Option) (*Packs, error) {
	p := &Packs{schema: schema, vars: varsOf(schema), byName: map[string]*pack{}, protos: protocols(), lateness: DefaultLateness}
	for _, o := range opts {
		o(p)
	}
	var err error
	if p.f, err = lookupFields(schema); err != nil {
		return nil, err
	}
	var faults []error
	shared := &common{
		fields: condition.WithVars(schema),
		names:  sync.OnceValue(func() *dictionary { return loadDictionary(schema) }),
	}
	for i := range files {
		f := &files[i]
		one, err := load(f, schema, shared)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		if p.byName[one.name] != nil {
			faults = append(faults, fmt.Errorf("%s:1:1: another pack is called %s too", f.Name, one.name))
			continue
		}
		one.order = len(p.packs)
		p.byName[one.name] = one
		if one.lastResort {
			p.fallback = one
		}
		p.packs = append(p.packs, one)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	p.recog, p.programs = newRecognizer(p.packs), programsOf(p.packs)
	p.related = newRelations(schema)
	for _, one := range p.byName {
		one.hidden = p.related.bits(one.unrelated)
	}
	p.derive = event.NewMask(p.f.derived())
	p.priorities()
	return p, nil
}

// Names are the packs' names, sorted.
func (p *Packs) Names() []string { return sortedKeys(p.byName) }

// Text is the text of a pack's file.
func (p *Packs) Text(name string) []byte { return p.byName[name].text }

// Schema returns the schema that the packs were compiled against.
func (p *Packs) Schema() *event.Schema { return p.schema }
