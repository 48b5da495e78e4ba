package event

import (
	"slices"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// vendor is one key of the source that no field was declared for.
type vendor struct {
	key, text string
	bit       uint16 // keyBit of key
	more      uint8  // further values that it has in Event.more
	aside     bool   // Vendor and VendorOf leave it out
}

// further is one more value of the key at of.
type further struct {
	of   int
	text string
}

// Bounds of what one event keeps under sluice.vendor. The line itself is kept
// whole in event.original.
const (
	MaxVendor     = 200  // keys; the widest device record known has about 180
	MaxVendorKey  = 256  // bytes; what has a longer key is not kept
	maxVendorText = 8191 // bytes; with four bytes a rune still below the 32,766 of an indexed term
	maxFurther    = 63   // values of a key behind the first: 64 elements of a list
)

// VendorKey is a key for SetVendorKey, resolved once for use with many events.
type VendorKey struct {
	key      string
	field    Field
	declared bool // a rule reads it from field
	refused  bool // no index takes it
	bit      uint16
}

// VendorKey resolves key for SetVendorKey.
func (s *Schema) VendorKey(key string) (k VendorKey) {
	if s.vendor == None || key == "" || len(key) > MaxVendorKey || strings.IndexByte(key, 0) >= 0 {
		return VendorKey{refused: true}
	}
	k = VendorKey{key: key, bit: keyBit(key)}
	k.field, k.declared = s.keys[key]
	return k
}

// SetVendor stores text under key in the flattened object sluice.vendor, and in the Vendor field
// of that name if the schema has one, which means that a rule reads it. Setting a key again
// replaces its text. It returns false if the event is full or an index would not accept the key.
// Both texts must outlive the event's values.
func (e *Event) SetVendor(key, text string) bool {
	k := e.schema.VendorKey(key)
	return e.SetVendorKey(&k, text)
}

// SetVendorKey is SetVendor for a key resolved by Schema.VendorKey.
func (e *Event) SetVendorKey(k *VendorKey, text string) bool {
	text = cut(text)
	return e.keepVendor(k, text) && (!k.declared || e.SetText(k.field, text))
}

// SetVendorList is SetVendor for a list: sluice.vendor stores asJSON as text, while a Vendor
// field holds items, so that rules can ask about each of them.
func (e *Event) SetVendorList(key, asJSON string, items []string) bool {
	k := e.schema.VendorKey(key)
	return e.keepVendor(&k, cut(asJSON)) && (!k.declared || e.SetList(k.field, items))
}

// AddVendorKey is SetVendorKey for one more value of a key, such as the next element of a list
// has: a key that is set already becomes a list of up to 64 texts, of which Vendor and VendorOf
// show the first. Where aside is true and the key is not set, they do not show it at all.
func (e *Event) AddVendorKey(k *VendorKey, text string, aside bool) bool {
	text = cut(text)
	i := e.findVendor(k)
	switch {
	case i < 0 && !e.keepVendor(k, text):
		return false
	case i < 0:
		e.vendor[len(e.vendor)-1].aside = aside
	case e.vendor[i].more >= maxFurther:
		return false
	default:
		e.vendor[i].more++
		e.more = append(e.more, further{i, text})
	}
	return !k.declared || e.Add(k.field, text)
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

// keepVendor puts a text under a key in sluice.vendor.
func (e *Event) keepVendor(k *VendorKey, text string) bool {
	if k.refused {
		return false
	}
	if i := e.findVendor(k); i >= 0 {
		v := &e.vendor[i]
		if v.more > 0 {
			e.more = slices.DeleteFunc(e.more, func(f further) bool { return f.of == i })
		}
		v.text, v.more, v.aside = text, 0, false
		return true
	}
	if len(e.vendor) >= MaxVendor {
		return false
	}
	if len(e.vendor) == 0 && e.put(e.schema.vendor) == nil {
		return false
	}
	e.vendor = append(e.vendor, vendor{key: k.key, text: text, bit: k.bit})
	e.vendorKeys.add(k.bit)
	return true
}

// findVendor is where a key stands in vendor; -1: nowhere.
func (e *Event) findVendor(k *VendorKey) int {
	if e.vendorKeys.has(k.bit) {
		for i := range e.vendor {
			if v := &e.vendor[i]; v.bit == k.bit && v.key == k.key {
				return i
			}
		}
	}
	return -1
}

// KeySet is a small Bloom filter over keys, one bit chosen by the first and last bytes of each:
// most keys that it does not hold are ruled out without comparing, and a line may have ten
// thousand.
type KeySet [16]uint64

func keyBit(key string) uint16 {
	h := uint32(len(key))
	for i := max(0, len(key)-6); i < len(key); i++ {
		h = h*37 + uint32(key[i])
	}
	return uint16((h + uint32(key[0])) * 2654435769 >> 22)
}

// Add adds a key, which must not be empty.
func (s *KeySet) Add(key string) { s.add(keyBit(key)) }

func (s *KeySet) add(bit uint16) { s[bit>>6&15] |= 1 << (bit & 63) }

// has says whether a key of that bit may have been added.
func (s *KeySet) has(bit uint16) bool { return s[bit>>6&15]&(1<<(bit&63)) != 0 }

// VendorOf is Vendor, restricted to the keys in set; being a Bloom filter, it may let others
// through.
func (e *Event) VendorOf(set *KeySet, yield func(key, text string)) {
	if !e.Has(e.schema.vendor) {
		return
	}
	for i := range len(e.vendor) { // yield may add more, which are not its concern
		if v := &e.vendor[i]; set.has(v.bit) && !v.aside {
			yield(v.key, v.text)
		}
	}
}

// Vendor calls yield with every key and its text, the first of a list, under sluice.vendor, in the order in which they were
// set.
func (e *Event) Vendor(yield func(key, text string) bool) {
	if !e.Has(e.schema.vendor) {
		return
	}
	for _, v := range e.vendor {
		if !v.aside && !yield(v.key, v.text) {
			return
		}
	}
}

// Undeclared calls yield with every text, also of lists, under the keys of sluice.vendor that no
// Vendor field holds; without inRaw, except for texts that are substrings of Raw.
func (e *Event) Undeclared(inRaw bool, yield func(text string) bool) {
	if !e.Has(e.schema.vendor) {
		return
	}
	raw, n := uintptr(unsafe.Pointer(unsafe.StringData(e.Raw))), uintptr(len(e.Raw))
	wanted := func(key, text string) bool {
		if text == "" || !inRaw && uintptr(unsafe.Pointer(unsafe.StringData(text)))-raw < n {
			return false
		}
		_, declared := e.schema.keys[key]
		return !declared
	}
	for i := range e.vendor {
		if v := &e.vendor[i]; wanted(v.key, v.text) && !yield(v.text) {
			return
		}
	}
	for i := range e.more {
		if f := &e.more[i]; wanted(e.vendor[f.of].key, f.text) && !yield(f.text) {
			return
		}
	}
}

// DropVendor removes the keys that begin with prefix from sluice.vendor.
func (e *Event) DropVendor(prefix string) {
	if !e.Has(e.schema.vendor) {
		return
	}
	at := make([]int, len(e.vendor)) // where each key stands now; -1: nowhere
	kept := e.vendor[:0]
	for i, v := range e.vendor {
		if at[i] = len(kept); !strings.HasPrefix(v.key, prefix) {
			kept = append(kept, v)
			continue
		}
		at[i] = -1
		if f, declared := e.schema.keys[v.key]; declared {
			e.Unset(f)
		}
	}
	e.vendor = kept
	for i := range e.more {
		e.more[i].of = at[e.more[i].of]
	}
	e.more = slices.DeleteFunc(e.more, func(f further) bool { return f.of < 0 })
	if len(kept) == 0 {
		e.Unset(e.schema.vendor)
	}
}

func (e *Event) appendVendor(dst []byte) []byte {
	dst = append(dst, '{')
	for i, v := range e.vendor {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(e.appendText(dst, v.key), ':')
		if v.more == 0 {
			dst = e.appendText(dst, v.text)
			continue
		}
		dst = e.appendText(append(dst, '['), v.text)
		for _, f := range e.more {
			if f.of == i {
				dst = e.appendText(append(dst, ','), f.text)
			}
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}
