package store

import (
	"fmt"
	"strings"
	"sync"
)

// class is how the values of a field are kept and compared.
type class uint8

const (
	classAuto   class = iota // not declared: numbers while all values are, else strings
	classString              // by bytes
	classNumber              // by value
	classIP                  // by address
	classDate                // nanoseconds, kept as numbers
	classBool                // true and false
	classText                // words; kept with the row
	classFlat                // an object of any keys: one column of key, 0, value
	classes
)

func classOf(typ string) class {
	switch typ {
	case "long", "integer", "short", "byte", "double", "float", "half_float", "scaled_float", "unsigned_long":
		return classNumber
	case "ip":
		return classIP
	case "date", "date_nanos":
		return classDate
	case "boolean":
		return classBool
	case "text", "match_only_text":
		return classText
	case "flattened":
		return classFlat
	}
	return classString
}

// alwaysText are the fields that are read by words whatever the schema says: ECS maps
// event.original unindexed, and searching raw lines is what people do first.
var alwaysText = map[string]bool{"message": true, "event.original": true}

// maxFields bounds the names that documents may bring: each costs a column in every
// segment. Elasticsearch stops at 1,000 per index; the store holds all indices.
const maxFields = 10000

// field is one name as the whole store knows it. It never changes.
type field struct {
	num   int
	name  string // dotted
	key   string // its last part
	up    *field // nil: top level
	typ   string // Elasticsearch's name, "" when not declared
	class class
	alt   *field // of dates: holds spellings that are not canonical
}

// fields numbers the names of a store, for as long as the process lives. Segments hold names.
type fields struct {
	types func(string) (string, bool)
	mu    sync.RWMutex
	all   []*field
	under map[*field]map[string]*field
	index map[string]*field
}

func newFields(types func(string) (string, bool)) *fields {
	return &fields{types: types, under: map[*field]map[string]*field{nil: {}}, index: map[string]*field{}}
}

// child finds or adds the field named key below up. The caller holds mu for reading.
func (f *fields) child(up *field, key string) (*field, error) {
	if c := f.under[up][key]; c != nil {
		return c, nil
	}
	f.mu.RUnlock()
	defer f.mu.RLock()
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.add(up, strings.Clone(key)) // it lies in a document
}

// guide finds the fields of documents without asking a map for each key: documents of one
// source name the same fields in the same order, so what came behind the last field the
// time before is tried first.
type guide struct {
	fs   *fields
	at   int      // 1 + the number of the field met last; 0: none yet
	next []*field // by at
}

func (g *guide) begin(fs *fields) {
	if g.at = 0; g.fs != fs {
		g.fs, g.next = fs, nil
	}
}

// child is fields.child of the fields given to begin.
func (g *guide) child(up *field, key string) (*field, error) {
	if g.at < len(g.next) {
		if f := g.next[g.at]; f != nil && f.up == up && f.key == key {
			g.at = f.num + 1
			return f, nil
		}
	}
	f, err := g.fs.child(up, key)
	if err != nil {
		return nil, err
	}
	if n := g.at + 1 - len(g.next); n > 0 {
		g.next = append(g.next, make([]*field, n+64)...)
	}
	g.next[g.at], g.at = f, f.num+1
	return f, nil
}

func (f *fields) add(up *field, key string) (*field, error) {
	if c := f.under[up][key]; c != nil {
		return c, nil
	}
	if len(f.all) >= maxFields {
		return nil, fmt.Errorf("limit of total fields [%d] has been exceeded while adding new fields", maxFields)
	}
	if len(key) > 512 {
		return nil, fmt.Errorf("field name of %d bytes is longer than 512", len(key))
	}
	n := &field{num: len(f.all), key: key, up: up, name: key}
	if up != nil {
		n.name = up.name + "." + key
	}
	n.class = f.class(n)
	f.all = append(f.all, n)
	if f.under[up] == nil {
		f.under[up] = map[string]*field{}
	}
	f.under[up][key] = n
	if f.index[n.name] == nil {
		f.index[n.name] = n
	}
	if n.class == classDate {
		n.alt = &field{num: len(f.all), name: n.name + "\x00text", class: classString}
		f.all = append(f.all, n.alt)
	}
	return n, nil
}

func (f *fields) class(n *field) class {
	if alwaysText[n.name] {
		n.typ = "text"
		return classText
	}
	typ, ok := f.types(n.name)
	if !ok && n.name == "@timestamp" {
		typ, ok = "date", true
	}
	if !ok {
		return classAuto
	}
	n.typ = typ
	return classOf(typ)
}

// classFor tells how a query reads a field, with the key inside a flattened object.
func (f *fields) classFor(name string) (base string, sub string, c class) {
	if alwaysText[name] {
		return name, "", classText
	}
	if name == "@timestamp" {
		return name, "", classDate
	}
	if typ, ok := f.types(name); ok {
		return name, "", classOf(typ)
	}
	for at := strings.LastIndexByte(name, '.'); at > 0; at = strings.LastIndexByte(name[:at], '.') {
		typ, ok := f.types(name[:at])
		switch {
		case ok && typ == "flattened":
			return name[:at], name[at+1:], classFlat
		case ok && name[at+1:] == "text": // a multi-field: the words of a keyword
			return name[:at], "text", classText
		}
	}
	return name, "", classAuto
}

// named lists what the store has seen, for field capabilities.
func (f *fields) named(yield func(name string, c class, typ string)) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	for name, n := range f.index {
		if len(f.under[n]) > 0 { // an object
			continue
		}
		yield(name, n.class, n.typ)
	}
}

func (f *fields) key(num int) (string, bool) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if num >= len(f.all) {
		return "", false
	}
	return f.all[num].key, true
}

func (f *fields) len() int {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return len(f.all)
}
