package normalize

import (
	_ "embed"
	"slices"
	"strings"
	"time"

	"sluice/event"
	"sluice/internal/strictyaml"
	"sluice/normalize/header"
	"sluice/schemas"
)

// knownStep fills fields from the keys that the pack left under sluice.vendor, by what
// such keys are commonly called (known.yml). It never changes a field that is set, and
// the key stays where it is. It is written
//
//	known: {}
//
// With categories: true it also tells log-ins and connections where no category is
// set, as the packs of formats want it that know nothing else of the device.
type knownStep struct {
	names      *dictionary
	categories bool
	action     event.Field
	category   event.Field
	kind       event.Field
	source     event.Field
	target     event.Field
}

func (s *knownStep) apply(r *run) bool {
	for key, text := range r.ev.Vendor {
		s.names.fill(r, key, text)
	}
	if s.categories && !r.ev.Has(s.category) {
		s.categorize(r.ev)
	}
	return true
}

// loginWords stand in the names of actions that are log-ins.
var loginWords = []string{"login", "logon", "log-in", "log_in", "signin", "sign-in", "sign_in", "authent"}

func (s *knownStep) categorize(ev *event.Event) {
	if action := ev.Text(s.action); action != "" && len(action) < 128 {
		action = lower(ev, action)
		for _, w := range loginWords {
			if strings.Contains(action, w) {
				ev.Add(s.category, "authentication")
				if !ev.Has(s.kind) {
					ev.Add(s.kind, "start")
				}
				return
			}
		}
	}
	if ev.Has(s.source) && ev.Has(s.target) {
		ev.Add(s.category, "network")
	}
}

//go:embed known.yml
var knownKeys []byte

// dictionary maps what keys are called to fields; where a name stands under several,
// the first that takes the value gets it. A key that is ECS's own name of a field
// needs no entry. It is immutable.
type dictionary struct {
	targets map[string][]*target
	schema  *event.Schema
}

// maxKnown is the longest name in the dictionary, without its separators.
const maxKnown = 32

// fill stores text where a key of that name belongs, if nothing stands there yet.
func (d *dictionary) fill(r *run, key, text string) {
	if text == "" || len(text) > 1024 || isNothing(text) {
		return
	}
	if d.ecs(r.ev, key, text) {
		return
	}
	var buf [maxKnown]byte
	for {
		if ts := d.targets[string(plainKey(buf[:0], key))]; ts != nil {
			for _, t := range ts {
				if t.isSet(r.ev) {
					return
				}
				if t.suits(text) && t.put(r, text) && t.isSet(r.ev) {
					return
				}
			}
			return
		}
		dot := strings.IndexByte(key, '.')
		if dot < 0 {
			return
		}
		key = key[dot+1:]
	}
}

// ecs sets a field whose name the key is, as shippers that know ECS write it.
func (d *dictionary) ecs(ev *event.Event, key, text string) bool {
	f, ok := d.schema.Lookup(key)
	if !ok || strings.IndexByte(key, '.') < 0 || strings.HasPrefix(key, "sluice.") || ev.Has(f) {
		return false
	}
	sp := d.schema.Spec(f)
	if sp.Vendor || sp.Hidden || sp.Type == event.JSON || text[0] == '[' {
		return false
	}
	known, isECS := schemas.Lookup(key)
	if !isECS || known.Allowed != nil && !slices.Contains(known.Allowed, text) {
		return false
	}
	if sp.Type == event.Date {
		t, ok := header.Any(text, time.Time{}, time.UTC)
		return ok && ev.SetTime(f, t)
	}
	if sp.Array {
		return ev.Add(f, text)
	}
	return ev.SetText(f, text)
}

// isNothing knows how sources write that a value is missing.
func isNothing(text string) bool {
	switch text {
	case "-", "--", "N/A", "n/a", "NA", "null", "NULL", "None", "none", "nil", "unknown", "Unknown", "undefined", "(null)", "<null>", "[]", "{}":
		return true
	}
	return false
}

// plainKey is a key without case and separators; empty where it is too long to be known.
func plainKey(dst []byte, key string) []byte {
	for i := 0; i < len(key); i++ {
		c := key[i]
		switch {
		case c-'A' < 26:
			c |= 0x20
		case c == '_', c == '-', c == '.', c == ' ', c == '@', c == '$', c == '[', c == ']':
			continue
		}
		if len(dst) == cap(dst) {
			return nil
		}
		dst = append(dst, c)
	}
	return dst
}

// isSet says whether the target's field, or the first of its fields, is set.
func (t *target) isSet(ev *event.Event) bool {
	if t.kind == vAdd || t.kind == vIPs || t.kind == vHash {
		return false // there may be several
	}
	if t.field != event.None {
		return ev.Has(t.field)
	}
	for _, f := range t.kids {
		if f != event.None && ev.Has(f) {
			return true
		}
	}
	return false
}

// suits keeps from the dictionary's fields what a key of that name may hold elsewhere:
// an object or list as text, prose where a name belongs.
func (t *target) suits(text string) bool {
	if c := text[0]; c == '{' || c == '[' {
		return false
	}
	switch t.kind {
	case vAddr:
		return len(text) < 256 && !strings.ContainsAny(text, " /=,")
	case vUser:
		return len(text) < 128 && !strings.ContainsAny(text, "\t\n{}=") && strings.Count(text, " ") < 4
	case vProto:
		return len(text) < 16 && strings.IndexByte(text, ' ') < 0
	case vHash:
		return len(text) >= 32
	case vExe, vPath:
		return len(text) < 512
	}
	return true
}

// loadDictionary reads known.yml; a fault in it is a bug, which its test finds.
func loadDictionary(schema *event.Schema) *dictionary {
	const name = "normalize/known.yml"
	dict := &dictionary{targets: map[string][]*target{}, schema: schema}
	root, err := strictyaml.Parse(name, knownKeys)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	own := &loader{Source: &strictyaml.Source{Name: name}, schema: schema, tables: map[string]*table{}, trial: event.NewEvent(schema)}
	own.Pairs(root, func(key string, k, v *strictyaml.Node) {
		switch key {
		case "tables":
			own.Pairs(v, func(name string, _, v *strictyaml.Node) { own.tables[name] = own.table(v) })
		case "fields":
			own.Pairs(v, func(field string, k, v *strictyaml.Node) {
				t := own.target(k, field)
				for _, w := range own.Words(v) {
					dict.targets[w.Value] = append(dict.targets[w.Value], &t)
				}
			})
		default:
			own.Fail(k, "known.yml has tables and fields")
		}
	})
	if err := own.Err(); err != nil {
		panic("BUG: " + err.Error())
	}
	return dict
}

func (l *loader) known(n *strictyaml.Node) step {
	s := &knownStep{names: l.names()}
	l.Pairs(n, func(key string, k, v *strictyaml.Node) {
		if key != "categories" {
			l.Fail(k, "known takes nothing, or categories: true")
			return
		}
		s.categories = l.flag(v)
	})
	for name, f := range map[string]*event.Field{
		"event.action": &s.action, "event.category": &s.category, "event.type": &s.kind, "source.ip": &s.source, "destination.ip": &s.target,
	} {
		*f = l.field(n, name)
	}
	return s
}
