package normalize_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fastjson"

	"sluice/event"
	"sluice/normalize"
	"sluice/schemas"
)

// broken are what a line becomes on a bad way, by what happened to it. Of the places where it
// may be cut or hit, every seventh is taken, others for each first.
func broken(line string, first int, do func(what, line string)) {
	cut := first%2 == 0
	for at := first % brokenStep; at < len(line); at += brokenStep {
		if cut {
			do(fmt.Sprintf("cut at byte %d", at), line[:at])
			continue
		}
		hit := []byte(line)
		hit[at] = [...]byte{0, 0xff}[at/brokenStep%2]
		do(fmt.Sprintf("byte %d is %#x", at, hit[at]), string(hit))
	}
	do("twice", line+line)
	do("twice, with a space", line+" "+line)
	do("without its beginning", line[len(line)/3:])
	for _, mark := range []string{" ", ",", "|", "\t", `","`, "><"} {
		parts := strings.Split(line, mark)
		if n := len(parts); n > 3 {
			i, j := n/4+first%(n/4+1), n/2+first%(n/4+1)
			parts[i], parts[j] = parts[j], parts[i]
			do(fmt.Sprintf("parts %d and %d, by %q, are swapped", i, j, mark), strings.Join(parts, mark))
		}
	}
}

const brokenStep = 7

// TestBrokenLines: whatever becomes of a pack's own line, a document comes out that an index
// takes: JSON, with each key once, each field with values of its type and only with those
// that ECS allows, and with the bytes of the line.
func TestBrokenLines(t *testing.T) {
	packs := open(t, normalize.Shipped())
	w := packs.NewWorker()
	c := checker{schema: packs.Schema()}
	var doc []byte
	for p, name := range packs.Names() {
		for i, line := range sampleLines(t, name) {
			if testing.Short() && (i+p)%10 != 0 {
				continue
			}
			broken(line, i+p, func(what, line string) {
				raw := packs.Sample(name, line)
				if strings.HasPrefix(what, "cut") || i%3 == 0 { // else they are recognized by themselves, or not
					raw.Pack = name
				}
				for ev, _ := w.Normalize(raw, "", received); ev != nil; ev, _ = w.Next() {
					doc = ev.AppendJSON(doc[:0])
					if err := c.document(doc, ev, string(w.Raw().Bytes)); err != nil {
						t.Errorf("%s, line %d, %s: %v\nline: %q\ndocument: %s", name, i+1, what, err, line, doc)
					}
				}
			})
		}
	}
}

// checker says what an index would not take of a document.
type checker struct {
	schema *event.Schema
	parser fastjson.Parser
}

func (c *checker) document(doc []byte, ev *event.Event, line string) error {
	if !json.Valid(doc) {
		return fmt.Errorf("no JSON")
	}
	if original, _ := c.schema.Lookup("event.original"); ev.Text(original) != line {
		return fmt.Errorf("event.original is %q", ev.Text(original))
	}
	v, err := c.parser.ParseBytes(doc)
	if err != nil {
		return err
	}
	return c.object("", v.GetObject(), true)
}

// object checks the keys below path; declared: each is a field, or holds fields.
func (c *checker) object(path string, o *fastjson.Object, declared bool) error {
	var fault error
	keys := make(map[string]bool, o.Len())
	o.Visit(func(key []byte, v *fastjson.Value) {
		name := string(key)
		if keys[name] {
			fault = fmt.Errorf("%s%s is there twice", path, name)
		}
		keys[name] = true
		if err := c.value(path+name, v, declared); err != nil {
			fault = err
		}
	})
	return fault
}

func (c *checker) value(name string, v *fastjson.Value, declared bool) error {
	if v.Type() == fastjson.TypeArray {
		for _, one := range v.GetArray() {
			if err := c.value(name, one, declared); err != nil {
				return err
			}
		}
		return nil
	}
	field, isECS := schemas.Lookup(name)
	f, isField := c.schema.Lookup(name)
	isObject := v.Type() == fastjson.TypeObject
	switch {
	case isField:
		typ := c.schema.Spec(f).Type
		if typ == event.JSON && isObject {
			return c.object(name+".", v.GetObject(), false)
		}
		if typ == event.JSON && (name == "labels" || field.Type == "nested") {
			return fmt.Errorf("%s is no object: %s", name, v)
		}
		if isECS && field.Allowed != nil && !allowed(field, string(v.GetStringBytes())) {
			return fmt.Errorf("ECS does not allow %s: %s", name, v)
		}
		return fits(name, typ, v)
	case isObject:
		return c.object(name+".", v.GetObject(), declared)
	case isECS: // within a nested object
		return fits(name, field.Spec().Type, v)
	case declared:
		return fmt.Errorf("%s is no field", name)
	}
	return nil
}

func allowed(f schemas.Field, value string) bool {
	for _, a := range f.Allowed {
		if a == value {
			return true
		}
	}
	return false
}

// fits says what is wrong with a scalar as a value of the type.
func fits(name string, typ event.Type, v *fastjson.Value) error {
	var ok bool
	text := string(v.GetStringBytes())
	switch typ {
	case event.Keyword:
		ok = v.Type() == fastjson.TypeString
	case event.Long:
		_, err := v.Int64()
		ok = err == nil
	case event.Double:
		ok = v.Type() == fastjson.TypeNumber
	case event.Bool:
		ok = v.Type() == fastjson.TypeTrue || v.Type() == fastjson.TypeFalse
	case event.Date:
		at, err := time.Parse(time.RFC3339Nano, text)
		ok = err == nil && at.Year() > 0 && at.Year() < 10000
	case event.IP:
		_, err := netip.ParseAddr(text)
		ok = err == nil && !strings.Contains(text, "%")
	default:
		ok = true
	}
	if !ok {
		return fmt.Errorf("%s cannot hold %s", name, v)
	}
	return nil
}
