package store

import (
	"encoding/binary"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// errCorrupt is bytes that no version of this package has written.
var errCorrupt = errors.New("corrupt")

// rebuilder writes a document again from its shape and the values of its row.
type rebuilder struct {
	row    uint32
	text   []byte                       // records not used yet
	key    func(n int) (string, bool)   // the last part of a field's name
	column func(n int) (*column, error) // of a field
	file   bool                         // the shape is of a file: it names a date's other column
	at     map[int]int                  // next value of each column
	cols   map[int]*column
	whole  []byte
	out    []byte
}

func (b *rebuilder) run(shape string) ([]byte, error) {
	b.cols = map[int]*column{}
	if b.at == nil {
		b.at = map[int]int{}
	}
	b.out = append(b.out, '{')
	rest, err := b.members(shape, false, -1, 0)
	if err == nil && rest != "" {
		err = errCorrupt
	}
	return append(b.out, '}'), err
}

// members writes what an object or a list holds, up to its end. flat is the flattened field
// that it belongs to, or -1.
func (b *rebuilder) members(shape string, list bool, flat, depth int) (string, error) {
	if depth > 2*maxDepth+2 {
		return "", errCorrupt
	}
	for first := true; ; first = false {
		if shape == "" {
			if depth > 0 {
				return "", errCorrupt
			}
			return "", nil
		}
		o := shape[0]
		shape = shape[1:]
		if o == opEnd {
			if depth == 0 {
				return "", errCorrupt
			}
			return shape, nil
		}
		if !first {
			b.out = append(b.out, ',')
		}
		n, k := uvarint(shape)
		if k <= 0 {
			return "", errCorrupt
		}
		shape = shape[k:]
		var key string
		if o&opInline != 0 {
			if n > uint64(len(shape)) || flat < 0 {
				return "", errCorrupt
			}
			key, shape = shape[:n], shape[n:]
			n = uint64(flat)
		} else {
			var ok bool
			if key, ok = b.key(int(n)); !ok {
				return "", errCorrupt
			}
		}
		if !list {
			b.out = append(appendString(b.out, key), ':')
		}
		var err error
		if shape, err = b.one(o, int(n), shape, depth); err != nil {
			return "", err
		}
	}
}

func (b *rebuilder) one(o op, n int, shape string, depth int) (string, error) {
	var err error
	switch o &^ opInline {
	case opObject, opArray:
		list := o&^opInline == opArray
		open, end := byte('{'), byte('}')
		if list {
			open, end = '[', ']'
		}
		b.out = append(b.out, open)
		shape, err = b.members(shape, list, n, depth+1)
		b.out = append(b.out, end)
		return shape, err
	case opNull:
		b.out = append(b.out, "null"...)
	case opTrue, opFalse, opNumber, opString:
		return shape, b.plain(o, n)
	case opText:
		return shape, b.fromText()
	case opTime:
		if shape == "" {
			return "", errCorrupt
		}
		ns, err := b.stamp(n)
		b.out = append(appendStamp(append(b.out, '"'), ns, byte(shape[0])), '"')
		return shape[1:], err
	case opTimeMilli:
		ns, err := b.stamp(n)
		b.out = strconv.AppendInt(b.out, ns/1e6, 10)
		return shape, err
	case opTimeText:
		if _, err := b.stamp(n); err != nil {
			return "", err
		}
		at := n + 1
		if b.file {
			alt, k := uvarint(shape)
			if k <= 0 {
				return "", errCorrupt
			}
			at, shape = int(alt), shape[k:]
		}
		return shape, b.plain(opString, at)
	default:
		return "", errCorrupt
	}
	return shape, nil
}

// next gives the column of a field and the index of its next value in this row.
func (b *rebuilder) next(n int) (*column, int, error) {
	c := b.cols[n]
	if c == nil {
		var err error
		if c, err = b.column(n); err != nil {
			return nil, 0, err
		}
		if c == nil {
			return nil, 0, errCorrupt
		}
		b.cols[n] = c
		b.at[n], _ = c.span(b.row)
	}
	i := b.at[n]
	if i >= c.values() {
		return nil, 0, errCorrupt
	}
	b.at[n] = i + 1
	return c, i, nil
}

func (b *rebuilder) plain(o op, n int) error {
	c, i, err := b.next(n)
	if err != nil {
		return err
	}
	if c.dict == nil {
		return errCorrupt
	}
	v, err := c.value(i)
	if err != nil {
		return err
	}
	if o&opInline != 0 {
		at := strings.IndexByte(v, 0)
		if at < 0 {
			return errCorrupt
		}
		v = v[at+1:]
	}
	switch o &^ opInline {
	case opTrue:
		b.out = append(b.out, "true"...)
	case opFalse:
		b.out = append(b.out, "false"...)
	case opNumber:
		b.out = append(b.out, v...)
	default:
		b.out = appendString(b.out, v)
	}
	return nil
}

func (b *rebuilder) stamp(n int) (int64, error) {
	c, i, err := b.next(n)
	if err != nil {
		return 0, err
	}
	if c.nums == nil {
		return 0, errCorrupt
	}
	return c.nums[i], nil
}

func (b *rebuilder) fromText() error {
	k, n := binary.Uvarint(b.text)
	if n <= 0 {
		return errCorrupt
	}
	l, m := binary.Uvarint(b.text[n:])
	if m <= 0 {
		return errCorrupt
	}
	b.text = b.text[n+m:]
	if k%4 == textTail {
		if l > uint64(len(b.whole)) {
			return errCorrupt
		}
		b.out = appendString(b.out, b.whole[len(b.whole)-int(l):])
		return nil
	}
	if l > uint64(len(b.text)) {
		return errCorrupt
	}
	s := b.text[:l]
	b.text = b.text[l:]
	if len(b.whole) == 0 && k%4 == textOwn {
		b.whole = s
	}
	b.out = appendString(b.out, s)
	return nil
}

func uvarint(s string) (uint64, int) {
	var x uint64
	for i := 0; i < len(s) && i < 10; i++ {
		if s[i] < 0x80 {
			return x | uint64(s[i])<<(7*i), i + 1
		}
		x |= uint64(s[i]&0x7f) << (7 * i)
	}
	return 0, -1
}

const hexDigits = "0123456789abcdef"

// appendString writes a JSON string (RFC 8259, section 7). Bytes that are not UTF-8 become U+FFFD.
func appendString[T string | []byte](dst []byte, s T) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(string(s[i:min(len(s), i+utf8.UTFMax)]))
			if r == utf8.RuneError && n == 1 {
				dst = append(append(dst, s[from:i]...), "\ufffd"...)
				from = i + 1
			}
			i += n
			continue
		}
		dst = append(dst, s[from:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		from = i
	}
	return append(append(dst, s[from:]...), '"')
}
