package event

import (
	"strings"
	"unicode/utf8"
)

// vendor is one key of the source that no field was declared for.
type vendor struct{ key, text string }

// Bounds of what one event keeps under sluice.vendor. The line itself is kept
// whole in event.original.
const (
	maxVendor     = 200  // keys; the widest device record known has about 180
	fewKeys       = 16   // that are compared as fast as looked up
	maxVendorKey  = 256  // bytes
	maxVendorText = 8191 // bytes; with four bytes a rune still below the 32,766 of an indexed term
)

// SetVendor keeps text under key in the flattened object sluice.vendor. Where the
// schema has a Vendor field of that name (a rule reads it), that field is set too.
// A key given again replaces what it had. False: the event is full, or the key is
// none that an index takes. The texts must live as long as the event's values.
func (e *Event) SetVendor(key, text string) bool {
	text = cut(text)
	if !e.keepVendor(key, text) {
		return false
	}
	f, ok := e.vendorField(key)
	return !ok || e.SetText(f, text)
}

// SetVendorList is SetVendor for a list: sluice.vendor keeps it as the text asJSON, and
// a Vendor field holds items, so that a rule asks each of them.
func (e *Event) SetVendorList(key, asJSON string, items []string) bool {
	asJSON = cut(asJSON)
	if !e.keepVendor(key, asJSON) {
		return false
	}
	f, ok := e.vendorField(key)
	return !ok || e.SetList(f, items[:min(len(items), maxItems)])
}

// cut bounds a text, and leaves no half of a rune at its end.
func cut(text string) string {
	if len(text) <= maxVendorText {
		return text
	}
	end := maxVendorText
	for end > maxVendorText-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

// keepVendor puts a text under key in sluice.vendor.
func (e *Event) keepVendor(key, text string) bool {
	if e.schema.vendor == None || key == "" || len(key) > maxVendorKey || strings.IndexByte(key, 0) >= 0 {
		return false
	}
	if len(e.vendor) < fewKeys || e.vendorKeys.has(key) {
		for i := range e.vendor {
			if e.vendor[i].key == key {
				e.vendor[i].text = text
				return true
			}
		}
	}
	if len(e.vendor) >= maxVendor {
		return false
	}
	if len(e.vendor) == 0 && e.put(e.schema.vendor) == nil {
		return false
	}
	e.vendor = append(e.vendor, vendor{key, text})
	e.vendorKeys.add(key)
	return true
}

// keySet tells most keys that an event does not have without comparing them: a line may
// hold ten thousand. It has a bit for the ends of each key.
type keySet [16]uint64

func keyBit(key string) (word uint32, bit uint64) {
	h := uint32(len(key))
	for i := max(0, len(key)-6); i < len(key); i++ {
		h = h*37 + uint32(key[i])
	}
	h = (h + uint32(key[0])) * 2654435769 >> 22
	return h >> 6, 1 << (h & 63)
}

func (s *keySet) add(key string) {
	w, bit := keyBit(key)
	s[w] |= bit
}

// has says whether key may have been added.
func (s *keySet) has(key string) bool {
	w, bit := keyBit(key)
	return s[w]&bit != 0
}

// vendorField is the field that a rule declared for key.
func (e *Event) vendorField(key string) (Field, bool) {
	f, ok := e.schema.keys[key]
	return f, ok
}

// Vendor calls yield with every key and text under sluice.vendor, in the order
// they were set.
func (e *Event) Vendor(yield func(key, text string) bool) {
	if !e.Has(e.schema.vendor) {
		return
	}
	for _, v := range e.vendor {
		if !yield(v.key, v.text) {
			return
		}
	}
}

func (e *Event) appendVendor(dst []byte) []byte {
	dst = append(dst, '{')
	for i, v := range e.vendor {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(e.appendText(dst, v.key), ':')
		dst = e.appendText(dst, v.text)
	}
	return append(dst, '}')
}
