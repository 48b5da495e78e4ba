package jsontape

// Append writes a value as JSON without blanks. Of keys that an object gives again the last
// one counts: an index refuses an object that has both. What was loose is written so that it
// is JSON: a number that is none becomes a string. Bytes that are no UTF-8 stay.
func (v Value) Append(dst []byte) []byte {
	if v.d == nil {
		return append(dst, "null"...)
	}
	if v.entry().kind >= Array && !v.d.blank && !v.d.cut && !v.d.Loose() && !v.repeats() {
		return append(dst, v.Raw()...)
	}
	return v.write(dst)
}

// write is Append, value by value.
func (v Value) write(dst []byte) []byte {
	switch v.Kind() {
	case Object:
		return v.writeObject(dst)
	case Array:
		dst = append(dst, '[')
		for kid := v.First(); kid.OK(); kid = kid.Next() {
			if kid.at > v.at+1 {
				dst = append(dst, ',')
			}
			dst = kid.write(dst)
		}
		return append(dst, ']')
	}
	if v.loose() {
		return appendString(dst, v.Text())
	}
	return append(dst, v.Raw()...)
}

func (v Value) writeObject(dst []byte) []byte {
	dst = append(dst, '{')
	begin := len(dst)
	var later map[string]uint32
	several := v.repeatsKey()
	if several {
		later = map[string]uint32{}
		for kid := v.First(); kid.OK(); kid = kid.Next() {
			later[kid.Key()] = kid.at
		}
	}
	for kid := v.First(); kid.OK(); kid = kid.Next() {
		if several && later[kid.Key()] != kid.at {
			continue
		}
		if len(dst) > begin {
			dst = append(dst, ',')
		}
		dst = kid.write(append(kid.writeKey(dst), ':'))
	}
	return append(dst, '}')
}

func (v Value) writeKey(dst []byte) []byte {
	if v.looseKey() {
		return appendString(dst, v.Key())
	}
	e := v.entry()
	return append(dst, v.d.text[e.key-1:e.keyEnd+1]...)
}

// repeats says whether a key is given again in an object of the value.
func (v Value) repeats() bool {
	if v.entry().kind == Object && v.repeatsKey() {
		return true
	}
	for kid := v.First(); kid.OK(); kid = kid.Next() {
		if kid.entry().kind >= Array && kid.repeats() {
			return true
		}
	}
	return false
}

// maxCompared is how many keys are compared one by one.
const maxCompared = 64

// repeatsKey says whether an object gives a key again.
func (v Value) repeatsKey() bool {
	var seen uint64
	n := 0
	for kid := v.First(); kid.OK(); kid = kid.Next() {
		key := kid.Key()
		if n++; n > maxCompared {
			return v.repeatsOfMany()
		}
		bit := uint64(1)
		if key != "" {
			bit <<= (len(key)*7 + int(key[0])*3 + int(key[len(key)-1])) & 63
		}
		if seen&bit != 0 {
			for before := v.First(); before.at < kid.at; before = before.Next() {
				if before.Key() == key {
					return true
				}
			}
		}
		seen |= bit
	}
	return false
}

func (v Value) repeatsOfMany() bool {
	seen := make(map[string]struct{}, maxCompared*2)
	n := 0
	for kid := v.First(); kid.OK(); kid = kid.Next() {
		seen[kid.Key()] = struct{}{}
		if n++; len(seen) < n {
			return true
		}
	}
	return false
}

const hexDigits = "0123456789abcdef"

func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
