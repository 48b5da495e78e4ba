package normalize

import (
	"fmt"
	"strings"
	"time"

	"sluice/event"
	"sluice/internal/jsontape"
	"sluice/normalize/header"
)

// Decoder fills events from ECS documents, for rules over stored events. It
// belongs to one goroutine.
type Decoder struct {
	doc  jsontape.Doc
	copy []byte // what doc reads
	path []byte
	buf  []byte
	ev   *event.Event
}

// Decode fills ev from one ECS document: nested or dotted keys, or both. Keys that
// the schema does not have go under sluice.vendor by their dotted path. A value
// that its field cannot hold is left out. ev.Raw becomes event.original.
//
// The event's texts live until the next Decode.
func (d *Decoder) Decode(ev *event.Event, doc []byte) error {
	d.copy = append(d.copy[:0], doc...)
	if err := d.doc.ParseBytes(d.copy); err != nil {
		return fmt.Errorf("decode event: %w, at byte %d", err, d.doc.At())
	}
	v := d.doc.Root()
	if v.Kind() != jsontape.Object {
		return fmt.Errorf("decode event: expected a JSON object, found %s", v.Kind())
	}
	original := v.Get("event", "original")
	if original.Kind() != jsontape.String {
		original = v.Get("event.original")
	}
	ev.Reset(original.Str())
	d.ev, d.path = ev, d.path[:0]
	d.object(v, 0)
	d.ev = nil
	return nil
}

// maxNesting bounds how deep a document is followed; ECS has eight levels.
const maxNesting = 24

func (d *Decoder) object(v jsontape.Value, depth int) {
	if depth > maxNesting {
		return
	}
	at := len(d.path)
	for v = v.First(); v.OK(); v = v.Next() {
		if at > 0 {
			d.path = append(d.path, '.')
		}
		d.path = append(d.path, v.Key()...)
		d.value(v, depth)
		d.path = d.path[:at]
	}
}

// value sets what stands at d.path.
func (d *Decoder) value(v jsontape.Value, depth int) {
	f, ok := d.ev.Schema().LookupBytes(d.path)
	if ok && d.ev.Schema().Spec(f).Vendor {
		ok = false // SetVendor sets it
	}
	if ok && string(d.path) == event.VendorField {
		d.vendor(v)
		return
	}
	if ok && d.ev.Schema().Spec(f).Type == event.JSON {
		d.raw(f, v)
		return
	}
	switch v.Kind() {
	case jsontape.Null:
	case jsontape.Object:
		d.object(v, depth+1)
	case jsontape.Array:
		d.array(f, ok, v, depth)
	default:
		if ok {
			d.scalar(f, v)
		} else {
			d.unknown(v)
		}
	}
}

// array reads a list as Elasticsearch does: of objects, each key is a list.
func (d *Decoder) array(f event.Field, known bool, v jsontape.Value, depth int) {
	if !known {
		for it := v.First(); it.OK(); it = it.Next() {
			if it.Kind() != jsontape.Object {
				d.unknown(v)
				return
			}
		}
	}
	for it := v.First(); it.OK(); it = it.Next() {
		switch it.Kind() {
		case jsontape.Object:
			d.object(it, depth+1)
		case jsontape.Null, jsontape.Array:
		default:
			if sp := d.ev.Schema().Spec(f); known && !v.First().Next().OK() && !sp.Array && sp.Type != event.Keyword {
				d.scalar(f, it)
			} else if known {
				d.ev.Add(f, d.text(it))
			}
		}
	}
}

// scalar sets a field to a text, number or truth.
func (d *Decoder) scalar(f event.Field, v jsontape.Value) {
	if d.ev.Has(f) || d.ev.Schema().Spec(f).Array { // a list, or given again by an array of objects
		d.ev.Add(f, d.text(v))
		return
	}
	switch d.ev.Schema().Spec(f).Type {
	case event.Date:
		if t, ok := date(v); ok {
			d.ev.SetTime(f, t)
		}
	case event.Double:
		if x, ok := v.Float(); ok {
			d.ev.SetFloat(f, x)
			return
		}
		d.ev.SetText(f, d.text(v))
	case event.Long:
		if n, ok := v.Int(); ok {
			d.ev.SetInt(f, n)
			return
		}
		d.ev.SetText(f, d.text(v))
	default:
		d.ev.SetText(f, d.text(v))
	}
}

// date reads ISO 8601 or milliseconds, as Elasticsearch's date fields do.
func date(v jsontape.Value) (time.Time, bool) {
	if v.Kind() == jsontape.Number {
		ms, ok := v.Int()
		return time.UnixMilli(ms).UTC(), ok
	}
	s := v.Str()
	t, n := header.ISO(s, time.UTC)
	return t, n > 0 && n == len(s)
}

// text is a scalar as text.
func (d *Decoder) text(v jsontape.Value) string {
	if v.Kind() < jsontape.Array {
		return d.original(v.Text())
	}
	d.buf = v.Append(d.buf[:0])
	return d.ev.Own(d.buf)
}

// original gives a text that is the whole raw line the raw line's own bytes.
func (d *Decoder) original(s string) string {
	if len(s) == len(d.ev.Raw) && s == d.ev.Raw {
		return d.ev.Raw
	}
	return s
}

// raw sets a field that holds JSON.
func (d *Decoder) raw(f event.Field, v jsontape.Value) {
	if v.Kind() == jsontape.Null {
		return
	}
	d.buf = v.Append(d.buf[:0])
	d.ev.SetText(f, strings.ToValidUTF8(d.ev.Own(d.buf), "\ufffd"))
}

// unknown keeps a value whose field nobody declared.
func (d *Decoder) unknown(v jsontape.Value) {
	if v.Kind() == jsontape.Array {
		setVendorList(d.ev, d.ev.Own(d.path), d.text(v), v)
		return
	}
	d.ev.SetVendor(d.ev.Own(d.path), d.text(v))
}

// vendor reads sluice.vendor back: its keys are flat, or nested by their dots.
func (d *Decoder) vendor(v jsontape.Value) {
	if v.Kind() != jsontape.Object {
		return
	}
	at := len(d.path)
	d.path = d.path[:0]
	d.flat(v, 0)
	d.path = append(d.path[:0], event.VendorField...)[:at]
}

// values reads a key that holds a list under sluice.vendor.
func (d *Decoder) values(list jsontape.Value) {
	k := d.ev.Schema().VendorKey(d.ev.Own(d.path))
	for v := list.First(); v.OK(); v = v.Next() {
		d.ev.AddVendorKey(&k, d.text(v), false)
	}
}

func (d *Decoder) flat(v jsontape.Value, depth int) {
	at := len(d.path)
	for v = v.First(); v.OK(); v = v.Next() {
		if at > 0 {
			d.path = append(d.path, '.')
		}
		d.path = append(d.path, v.Key()...)
		switch {
		case v.Kind() == jsontape.Array:
			d.values(v)
		case v.Kind() != jsontape.Object:
			d.unknown(v)
		case depth < maxNesting:
			d.flat(v, depth+1)
		}
		d.path = d.path[:at]
	}
}
