package normalize

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/valyala/fastjson"

	"sluice/event"
	"sluice/normalize/header"
)

// Decoder fills events from ECS documents, for rules over stored events. It
// belongs to one goroutine.
type Decoder struct {
	parser fastjson.Parser
	path   []byte
	buf    []byte
	ev     *event.Event
}

// DecodeECS fills ev from one ECS document with a decoder of its own. Who decodes
// many keeps a Decoder.
func DecodeECS(ev *event.Event, doc []byte) error { return new(Decoder).Decode(ev, doc) }

// Decode fills ev from one ECS document: nested or dotted keys, or both. Keys that
// the schema does not have go under sluice.vendor by their dotted path. A value
// that its field cannot hold is left out. ev.Raw becomes event.original.
//
// The event's texts live until the next Decode.
func (d *Decoder) Decode(ev *event.Event, doc []byte) error {
	v, err := d.parser.ParseBytes(doc)
	if err != nil {
		return fmt.Errorf("decode event: %w", err)
	}
	if v.Type() != fastjson.TypeObject {
		return fmt.Errorf("decode event: expected a JSON object, found %s", v.Type())
	}
	original := v.GetStringBytes("event", "original")
	if original == nil {
		original = v.GetStringBytes("event.original")
	}
	ev.Reset(view(original))
	d.ev, d.path = ev, d.path[:0]
	d.object(v.GetObject(), 0)
	d.ev = nil
	return nil
}

// maxNesting bounds how deep a document is followed; ECS has eight levels.
const maxNesting = 24

func (d *Decoder) object(o *fastjson.Object, depth int) {
	if depth > maxNesting {
		return
	}
	at := len(d.path)
	o.Visit(func(key []byte, v *fastjson.Value) {
		if at > 0 {
			d.path = append(d.path, '.')
		}
		d.path = append(d.path, key...)
		d.value(v, depth)
		d.path = d.path[:at]
	})
}

// value sets what stands at d.path.
func (d *Decoder) value(v *fastjson.Value, depth int) {
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
	switch v.Type() {
	case fastjson.TypeNull:
	case fastjson.TypeObject:
		d.object(v.GetObject(), depth+1)
	case fastjson.TypeArray:
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
func (d *Decoder) array(f event.Field, known bool, v *fastjson.Value, depth int) {
	list := v.GetArray()
	if !known {
		for _, it := range list {
			if it.Type() != fastjson.TypeObject {
				d.unknown(v)
				return
			}
		}
	}
	for _, it := range list {
		switch it.Type() {
		case fastjson.TypeObject:
			d.object(it.GetObject(), depth+1)
		case fastjson.TypeNull, fastjson.TypeArray:
		default:
			if sp := d.ev.Schema().Spec(f); known && len(list) == 1 && !sp.Array && sp.Type != event.Keyword {
				d.scalar(f, it)
			} else if known {
				d.ev.Add(f, d.text(it))
			}
		}
	}
}

// scalar sets a field to a text, number or truth.
func (d *Decoder) scalar(f event.Field, v *fastjson.Value) {
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
		if x, err := v.Float64(); err == nil {
			d.ev.SetFloat(f, x)
			return
		}
		d.ev.SetText(f, d.text(v))
	case event.Long:
		if n, err := v.Int64(); err == nil {
			d.ev.SetInt(f, n)
			return
		}
		d.ev.SetText(f, d.text(v))
	default:
		d.ev.SetText(f, d.text(v))
	}
}

// date reads ISO 8601 or milliseconds, as Elasticsearch's date fields do.
func date(v *fastjson.Value) (time.Time, bool) {
	if v.Type() == fastjson.TypeNumber {
		ms, err := v.Int64()
		return time.UnixMilli(ms).UTC(), err == nil
	}
	s := view(v.GetStringBytes())
	t, n := header.ISO(s, time.UTC)
	return t, n > 0 && n == len(s)
}

// text is a scalar as text.
func (d *Decoder) text(v *fastjson.Value) string {
	if v.Type() == fastjson.TypeString {
		return d.original(view(v.GetStringBytes()))
	}
	d.buf = v.MarshalTo(d.buf[:0])
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
func (d *Decoder) raw(f event.Field, v *fastjson.Value) {
	if v.Type() == fastjson.TypeNull {
		return
	}
	d.buf = v.MarshalTo(d.buf[:0])
	if json.Valid(d.buf) {
		d.ev.SetText(f, strings.ToValidUTF8(d.ev.Own(d.buf), "\ufffd"))
	}
}

// unknown keeps a value whose field nobody declared.
func (d *Decoder) unknown(v *fastjson.Value) {
	if v.Type() == fastjson.TypeArray {
		setVendorList(d.ev, d.ev.Own(d.path), d.text(v), v.GetArray())
		return
	}
	d.ev.SetVendor(d.ev.Own(d.path), d.text(v))
}

// vendor reads sluice.vendor back: its keys are flat, or nested by their dots.
func (d *Decoder) vendor(v *fastjson.Value) {
	if v.Type() != fastjson.TypeObject {
		return
	}
	at := len(d.path)
	d.path = d.path[:0]
	d.flat(v.GetObject(), 0)
	d.path = append(d.path[:0], event.VendorField...)[:at]
}

func (d *Decoder) flat(o *fastjson.Object, depth int) {
	at := len(d.path)
	o.Visit(func(key []byte, v *fastjson.Value) {
		if at > 0 {
			d.path = append(d.path, '.')
		}
		d.path = append(d.path, key...)
		switch {
		case v.Type() != fastjson.TypeObject:
			d.unknown(v)
		case depth < maxNesting:
			d.flat(v.GetObject(), depth+1)
		}
		d.path = d.path[:at]
	})
}
