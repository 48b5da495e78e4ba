package jsontape

import "strconv"

// Kind is what a value is.
type Kind uint8

// The kinds of values. None is that of a value that is not there.
const (
	None Kind = iota
	Null
	False
	True
	Number
	String
	Array
	Object
)

// String is the kind's name.
func (k Kind) String() string {
	return [...]string{"none", "null", "false", "true", "number", "string", "array", "object"}[k]
}

// Value is a value of a Doc. The zero Value is one that is not there. All values of an object
// or list:
//
//	for v := list.First(); v.OK(); v = v.Next() {
//		use(v.Key(), v.Kind(), v.Text())
//	}
type Value struct {
	d  *Doc
	at uint32
}

// OK says whether there is a value.
func (v Value) OK() bool { return v.d != nil }

func (v Value) entry() *entry { return &v.d.tape[v.at] }

// Kind is what the value is.
func (v Value) Kind() Kind {
	if v.d == nil {
		return None
	}
	return v.entry().kind
}

// Key is the key of an object's member, without escapes; "" of all others.
func (v Value) Key() string {
	e := v.entry()
	if e.flags&keyOdd == 0 {
		return v.d.text[e.key:e.keyEnd]
	}
	n := unescape(v.d.plain[e.key:e.keyEnd], v.d.text[e.key:e.keyEnd])
	return view(v.d.plain[e.key:][:n])
}

// Text is a string without its quotes and escapes, and any other value as it stands in the
// text.
func (v Value) Text() string {
	if v.d == nil {
		return ""
	}
	if e := v.entry(); e.flags&odd == 0 {
		return v.d.text[e.start:e.end]
	}
	return v.plain()
}

// Str is the text of a string, and "" of all others.
func (v Value) Str() string {
	if v.Kind() != String {
		return ""
	}
	return v.Text()
}

// plain is a string that has escapes. They are taken out once.
func (v Value) plain() string {
	e := v.entry()
	to := v.d.plain[e.start:e.end]
	if e.next == 0 {
		e.next = 1 + uint32(unescape(to, v.d.text[e.start:e.end]))
	}
	return view(to[:e.next-1])
}

// Raw is the value as it stands in the text, a string with its quotes.
func (v Value) Raw() string {
	from, to := v.Span()
	if v.d == nil {
		return ""
	}
	return v.d.text[from:to]
}

// Span is where the value stands in the text, a string with its quotes.
func (v Value) Span() (from, to int) {
	if v.d == nil {
		return 0, 0
	}
	e := v.entry()
	if e.kind == String {
		return int(e.start) - 1, int(e.end) + 1
	}
	return int(e.start), int(e.end)
}

// Odd says whether a string has escapes or control bytes: its Text is no part of what was read.
func (v Value) Odd() bool { return v.d != nil && v.entry().flags&odd != 0 }

// Loose says whether a string, a number or its key is none by the grammar of JSON.
func (v Value) Loose() bool {
	if v.d == nil {
		return false
	}
	return v.loose() || v.looseKey()
}

func (v Value) loose() bool {
	e := v.entry()
	return e.flags&loose != 0 || e.flags&odd != 0 && !isText(v.d.text[e.start:e.end])
}

func (v Value) looseKey() bool {
	e := v.entry()
	return e.flags&keyOdd != 0 && !isText(v.d.text[e.key:e.keyEnd])
}

// First is the first value of an object or list.
func (v Value) First() Value {
	if v.d == nil {
		return v
	}
	if e := v.entry(); e.kind < Array || e.next == v.at+1 {
		return Value{}
	}
	return Value{v.d, v.at + 1}
}

// Next is the value behind this one in its object or list.
func (v Value) Next() Value {
	e := v.entry()
	switch {
	case e.flags&last != 0:
		return Value{}
	case e.kind >= Array:
		return Value{v.d, e.next}
	}
	return Value{v.d, v.at + 1}
}

// Len counts the values of an object or list.
func (v Value) Len() int {
	n := 0
	for kid := v.First(); kid.OK(); kid = kid.Next() {
		n++
	}
	return n
}

// Get follows a path of keys, of which the first of its name counts. The keys of a list are
// its elements' numbers, from 0.
func (v Value) Get(path ...string) Value {
	for _, key := range path {
		v = v.kid(key)
	}
	return v
}

func (v Value) kid(key string) Value {
	switch v.Kind() {
	case Object:
		for v = v.First(); v.OK() && v.Key() != key; v = v.Next() {
		}
		return v
	case Array:
		n, err := strconv.ParseUint(key, 10, 32)
		if err != nil {
			return Value{}
		}
		for v = v.First(); v.OK() && n > 0; v = v.Next() {
			n--
		}
		return v
	}
	return Value{}
}

// Int is a number without fraction or exponent that 64 bits hold.
func (v Value) Int() (int64, bool) {
	if v.Kind() != Number {
		return 0, false
	}
	s := v.Text()
	if n := len(s); n > 0 && n <= 18 && s[0] != '0' || n == 1 {
		var x int64
		for i := range n {
			d := s[i] - '0'
			if d > 9 {
				return slowInt(s)
			}
			x = x*10 + int64(d)
		}
		return x, true
	}
	return slowInt(s)
}

func slowInt(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// Float is a number that is finite.
func (v Value) Float() (float64, bool) {
	if v.Kind() != Number {
		return 0, false
	}
	x, err := strconv.ParseFloat(v.Text(), 64)
	return x, err == nil && x-x == 0
}
