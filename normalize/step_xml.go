package normalize

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"sluice/event"
	"sluice/internal/jsontape"
	"sluice/internal/strictyaml"
)

// xmlStep reads an XML element by paths, as the json step does: child elements by
// name, attributes as @name, text beside attributes as #text, and <Data Name="X">v</Data>
// as the key X. Elements of the same name are a list. The outermost element is not
// part of the paths; prefixes of namespaces are left out.
type xmlStep struct {
	root *jsonNode
	at   string
}

// Bounds of one document: what is beyond is left in event.original.
const (
	maxElements = 4000
	maxElement  = 32 // deep
)

func (s *xmlStep) apply(r *run) bool {
	x := xmlReader{text: r.text, buf: r.xml[:0]}
	ok := x.document()
	r.xml = x.buf
	if !ok {
		r.miss(s.at, "no XML", x.pos)
		return false
	}
	r.buf = x.json(r.buf[:0], outermost)
	v := r.parseJSON(r.ev.Own(r.buf))
	if !v.OK() {
		r.miss(s.at, "no XML", 0)
		return false
	}
	r.path = r.path[:0]
	if v.Kind() != jsontape.Object {
		return true
	}
	r.told = true
	return s.root.walk(r, v, s.at)
}

func (l *loader) xml(n *strictyaml.Node) step {
	s := &xmlStep{root: &jsonNode{}, at: l.place(n)}
	l.jsonPaths(s.root, n)
	return s
}

// xmlNode is an element or an attribute. Its kids are linked by next.
type xmlNode struct {
	name, text string
	parts      []byte // what text lies in, where it was put together
	first      int32  // kid; 0: none
	last       int32
	next       int32
	alike      int32 // the next kid of the same key; 0: none
	again      bool  // an earlier kid has its key, and is written with it
	attribute  bool
}

// xmlReader reads what devices write of XML, and forgives what an XML parser would
// not: unknown entities, missing ends. There are no DTDs, no external entities.
type xmlReader struct {
	text string
	pos  int
	buf  []xmlNode // 0 is no node
}

// outermost is where the buf of an xmlReader has the outermost element.
const outermost = 1

// document reads that. False: there is none.
func (x *xmlReader) document() bool {
	x.buf = append(x.buf, xmlNode{})
	var stack [maxElement]int32
	depth := 0
	for {
		lt := markup(x.text[x.pos:])
		if lt < 0 {
			if depth > 0 {
				x.addText(stack[depth-1], x.text[x.pos:])
			}
			return len(x.buf) > outermost
		}
		if depth > 0 {
			x.addText(stack[depth-1], x.text[x.pos:x.pos+lt])
		}
		x.pos += lt
		rest := x.text[x.pos:]
		switch {
		case strings.HasPrefix(rest, "<![CDATA["):
			end := strings.Index(rest, "]]>")
			if end < 0 {
				end = len(rest)
			}
			if depth > 0 {
				x.buf[stack[depth-1]].add(rest[9:max(9, end)])
			}
			x.pos = min(len(x.text), x.pos+end+3)
		case strings.HasPrefix(rest, "<!--"):
			x.skip("-->")
		case strings.HasPrefix(rest, "<?"), strings.HasPrefix(rest, "<!"):
			x.skip(">")
		case strings.HasPrefix(rest, "</"):
			x.skip(">")
			if depth--; depth <= 0 {
				return len(x.buf) > outermost
			}
		default:
			parent := int32(0)
			if depth > 0 {
				parent = stack[depth-1]
			}
			n, closed := x.element(parent)
			if n == 0 || len(x.buf) > maxElements || depth == maxElement-1 {
				return len(x.buf) > outermost
			}
			if !closed {
				stack[depth] = n
				depth++
			} else if depth == 0 {
				return true
			}
		}
	}
}

// markup is where the next tag or its like begins, or -1: some write "a < b" and "<3" as they are.
func markup(s string) int {
	for from := 0; ; {
		lt := strings.IndexByte(s[from:], '<')
		if lt < 0 {
			return -1
		}
		if from += lt + 1; from == len(s) || strings.IndexByte(" \t\r\n=<0123456789", s[from]) < 0 {
			return from - 1
		}
	}
}

func (x *xmlReader) skip(end string) {
	i := strings.Index(x.text[x.pos:], end)
	if i < 0 {
		x.pos = len(x.text)
		return
	}
	x.pos += i + len(end)
}

func (x *xmlReader) add(parent int32, n xmlNode) int32 {
	id := int32(len(x.buf))
	x.buf = append(x.buf, n)
	if parent > 0 {
		p := &x.buf[parent]
		if p.last > 0 {
			x.buf[p.last].next = id
		} else {
			p.first = id
		}
		p.last = id
	}
	return id
}

func (x *xmlReader) addText(n int32, text string) {
	if text = strings.TrimSpace(text); text != "" {
		x.buf[n].add(unescapeXML(text))
	}
}

// add appends to the node's text; it may have thousands of parts.
func (n *xmlNode) add(text string) {
	switch {
	case n.text == "":
		n.text = text
	case text != "":
		if n.parts == nil {
			n.parts = []byte(n.text)
		}
		n.parts = append(n.parts, text...)
		n.text = view(n.parts)
	}
}

// element reads a start tag with its attributes. 0: there is none.
func (x *xmlReader) element(parent int32) (id int32, closed bool) {
	x.pos++
	name := x.name()
	if name == "" {
		return 0, false
	}
	id = x.add(parent, xmlNode{name: name})
	for {
		rest := strings.TrimLeft(x.text[x.pos:], " \t\r\n")
		x.pos = len(x.text) - len(rest)
		switch {
		case rest == "":
			return id, true
		case rest[0] == '>':
			x.pos++
			return id, false
		case strings.HasPrefix(rest, "/>"):
			x.pos += 2
			return id, true
		}
		key := x.name()
		rest = strings.TrimLeft(x.text[x.pos:], " \t\r\n")
		if key == "" || rest == "" || rest[0] != '=' {
			x.pos = min(len(x.text), x.pos+1) // what is no attribute
			if x.pos >= len(x.text) {
				return id, true
			}
			continue
		}
		rest = strings.TrimLeft(rest[1:], " \t\r\n")
		x.pos = len(x.text) - len(rest)
		if rest == "" || rest[0] != '"' && rest[0] != '\'' {
			continue
		}
		end := strings.IndexByte(rest[1:], rest[0])
		if end < 0 {
			end = len(rest) - 1
		}
		if len(x.buf) <= maxElements {
			x.add(id, xmlNode{name: key, text: unescapeXML(rest[1 : 1+end]), attribute: true})
		}
		x.pos = min(len(x.text), x.pos+end+2)
	}
}

// name reads a name without the prefix of its namespace.
func (x *xmlReader) name() string {
	start := x.pos
	for x.pos < len(x.text) && strings.IndexByte(" \t\r\n=/><\"'", x.text[x.pos]) < 0 {
		x.pos++
	}
	name := x.text[start:x.pos]
	if i := strings.IndexByte(name, ':'); i > 0 && name[:i] != "xmlns" {
		name = name[i+1:]
	}
	return name
}

// key is the name under which a kid stands in its parent.
func (x *xmlReader) key(n *xmlNode) string {
	if !n.attribute && n.name == "Data" {
		for id := n.first; id > 0; id = x.buf[id].next {
			if a := &x.buf[id]; a.attribute && a.name == "Name" && a.text != "" {
				return a.text
			}
		}
	}
	return n.name
}

// json writes an element as JSON: its text, or an object of its kids.
func (x *xmlReader) json(dst []byte, id int32) []byte {
	n := &x.buf[id]
	if n.attribute || n.first == 0 || x.key(n) != n.name && n.first == n.last {
		return event.AppendString(dst, n.text)
	}
	dst = append(dst, '{')
	first := true
	x.pair(n)
	for kid := n.first; kid > 0; kid = x.buf[kid].next {
		k := &x.buf[kid]
		if k.again {
			continue
		}
		key := x.key(k)
		if !first {
			dst = append(dst, ',')
		}
		first = false
		if k.attribute {
			at := len(dst)
			dst = event.AppendString(append(dst, '"', '@'), key)
			dst = append(slices.Delete(dst, at+2, at+3), ':') // the quotation mark that begins the key stands before its @
		} else {
			dst = append(event.AppendString(dst, key), ':')
		}
		dst = x.same(dst, kid)
	}
	if n.text != "" {
		if !first {
			dst = append(dst, ',')
		}
		dst = event.AppendString(append(dst, `"#text":`...), n.text)
	}
	return append(dst, '}')
}

// fewKids is how many kids are compared each with each: a table of them would take longer.
const fewKids = 32

// pair links the kids that have the same key.
func (x *xmlReader) pair(parent *xmlNode) {
	type kidKey struct {
		name      string
		attribute bool
	}
	var last map[kidKey]int32 // by key
	count := 0
	for kid := parent.first; kid > 0; kid = x.buf[kid].next {
		count++
	}
	if count > fewKids {
		last = make(map[kidKey]int32, count)
	}
	for kid := parent.first; kid > 0; kid = x.buf[kid].next {
		k := &x.buf[kid]
		key := kidKey{x.key(k), k.attribute}
		if last != nil {
			if id := last[key]; id > 0 {
				x.buf[id].alike, k.again = kid, true
			}
			last[key] = kid
			continue
		}
		for id := k.next; id > 0; id = x.buf[id].next {
			if o := &x.buf[id]; o.attribute == k.attribute && x.key(o) == key.name {
				k.alike, o.again = id, true
				break
			}
		}
	}
}

// same writes the kid, with later ones of the same key as a list.
func (x *xmlReader) same(dst []byte, kid int32) []byte {
	many := x.buf[kid].alike > 0
	if many {
		dst = append(dst, '[')
	}
	dst = x.json(dst, kid)
	for id := x.buf[kid].alike; id > 0; id = x.buf[id].alike {
		dst = x.json(append(dst, ','), id)
	}
	if many {
		dst = append(dst, ']')
	}
	return dst
}

// unescapeXML replaces the entities of XML; an unknown one stays as it is.
func unescapeXML(s string) string {
	amp := strings.IndexByte(s, '&')
	if amp < 0 {
		return s
	}
	out := append(make([]byte, 0, len(s)), s[:amp]...)
	for s = s[amp:]; s != ""; {
		if s[0] != '&' {
			i := strings.IndexByte(s, '&')
			if i < 0 {
				i = len(s)
			}
			out, s = append(out, s[:i]...), s[i:]
			continue
		}
		semi := strings.IndexByte(s[:min(len(s), 12)], ';')
		if semi < 0 {
			out, s = append(out, '&'), s[1:]
			continue
		}
		if c, ok := entity(s[1:semi]); ok {
			out = utf8.AppendRune(out, c)
		} else {
			out = append(out, s[:semi+1]...)
		}
		s = s[semi+1:]
	}
	return string(out)
}

func entity(name string) (rune, bool) {
	switch name {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	digits, ok := strings.CutPrefix(name, "#")
	if !ok {
		return 0, false
	}
	base := 10
	if hex, ok := strings.CutPrefix(strings.ToLower(digits), "x"); ok {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || !utf8.ValidRune(rune(n)) {
		return 0, false
	}
	return rune(n), true
}
