package strictyaml

import (
	"strings"
	"unicode/utf8"
	"unsafe"

	"go.yaml.in/yaml/v4"
)

// quick reads the part of YAML that nearly all Sigma rules are written in, in a fraction of
// the library's time: block mappings and lists of scalars that end on their line or are blocks
// behind |, or in brackets. It gives what the library would, but for comments (FuzzQuick), or gives up: what
// it does not know and what is wrong is the library's.
type quick struct {
	s     string // the file
	ascii bool

	line   int // of the line that is read, from 1
	begin  int // of it
	end    int // of it, without the line break
	at     int // what is next in it; its first byte that is no space, at first
	indent int // of at
	depth  int
	nodes  int
	slab   []Node
}

// maxQuickDepth is deeper than any rule is nested.
const maxQuickDepth = 40

// maxQuickKey is less than what YAML bounds keys without a question mark to, in bytes.
const maxQuickKey = 1000

// quickly gives the documents of a file; nil: the library is to read it.
func quickly(text []byte) (docs []*Node) {
	q := quick{s: string(text), end: -1}
	if q.s == "" || q.s[len(q.s)-1] != '\n' || !q.readable() {
		return nil
	}
	for q.next(); q.at >= 0; {
		if q.marker() {
			q.next()
		} else if len(docs) > 0 {
			return nil
		}
		if q.at < 0 || q.marker() {
			return nil // an empty document
		}
		doc := q.block(-1)
		if doc == nil || q.at >= 0 && !q.marker() {
			return nil
		}
		docs = append(docs, doc)
	}
	if q.nodes > maxNodes {
		return nil
	}
	return docs
}

// readable says whether the file holds only runes that stand for themselves, and which.
func (q *quick) readable() bool {
	q.ascii = true
	for i := range len(q.s) {
		switch c := q.s[i]; {
		case c >= utf8.RuneSelf:
			q.ascii = false
		case c < ' ' && c != '\n', c == 0x7f:
			return false
		}
	}
	if q.ascii {
		return true
	}
	for i, r := range q.s {
		switch {
		case r < utf8.RuneSelf:
		case r < 0xa0, r == 0x2028, r == 0x2029, r == 0xfeff, r == 0xfffe, r == 0xffff: // breaks, controls, marks
			return false
		case r == utf8.RuneError && !strings.HasPrefix(q.s[i:], string(utf8.RuneError)):
			return false
		}
	}
	return true
}

// next goes to the next line that holds more than a comment; at is -1 where there is none.
func (q *quick) next() {
	for q.begin = q.end + 1; q.begin < len(q.s); q.begin = q.end + 1 {
		q.line++
		q.at = q.begin
		for q.s[q.at] == ' ' {
			q.at++
		}
		q.end = q.at
		if q.s[q.at] != '\n' {
			q.end += strings.IndexByte(q.s[q.at:], '\n')
			if q.s[q.at] != '#' {
				q.indent = q.at - q.begin
				return
			}
		}
	}
	q.at, q.indent = -1, -1
}

// marker says whether the line begins a document.
func (q *quick) marker() bool {
	return q.indent == 0 && strings.TrimRight(q.s[q.at:q.end], " ") == "---"
}

// ended says whether nothing stands in the line from i on but a comment behind a space.
func (q *quick) ended(i int) bool {
	j := q.spaces(i)
	return j == q.end || q.s[j] == '#' && j > i
}

func (q *quick) spaces(i int) int {
	for i < q.end && q.s[i] == ' ' {
		i++
	}
	return i
}

// entry says whether the rest of the line is an entry of a list.
func (q *quick) entry() bool {
	return q.s[q.at] == '-' && (q.at+1 == q.end || q.s[q.at+1] == ' ')
}

// node makes a node that begins at byte i of the line.
func (q *quick) node(kind yaml.Kind, tag string, i int) *Node {
	if len(q.slab) == 0 {
		q.slab = make([]Node, max(8, min(512, (len(q.s)-i)/32)))
	}
	n := &q.slab[0]
	q.slab = q.slab[1:]
	q.nodes++
	n.Kind, n.Tag, n.Line, n.Column = kind, tag, q.line, i-q.begin+1
	if !q.ascii {
		n.Column = utf8.RuneCountInString(q.s[q.begin:i]) + 1
	}
	return n
}

// block reads a mapping or list that begins at the line's text and is indented more than
// outer; nil: not quickly.
func (q *quick) block(outer int) *Node {
	if q.depth++; q.depth > maxQuickDepth || q.indent <= outer || q.at < 0 || q.marker() {
		return nil
	}
	defer func() { q.depth-- }()
	if q.entry() {
		return q.list(q.indent)
	}
	return q.mapping(q.indent)
}

func (q *quick) list(indent int) *Node {
	n := q.node(Sequence, "!!seq", q.at)
	for q.indent == indent && q.entry() {
		dash := q.at
		q.at = q.spaces(dash + 1)
		q.indent = q.at - q.begin
		item := (*Node)(nil)
		switch {
		case q.ended(dash + 1):
			item = q.below(indent, dash+1, false)
		case q.entry():
			return nil
		case q.s[q.at] != '[' && q.s[q.at] != '{' && q.keyEnd() >= 0:
			item = q.block(indent)
		default:
			item = q.scalar(indent)
		}
		if item == nil {
			return nil
		}
		n.Content = append(n.Content, item)
	}
	if q.indent > indent {
		return nil
	}
	return n
}

func (q *quick) mapping(indent int) *Node {
	n := q.node(Mapping, "!!map", q.at)
	for q.indent == indent && !q.marker() {
		colon := q.keyEnd()
		if colon < 0 {
			return nil
		}
		key := q.oneLine(colon)
		if key == nil {
			return nil
		}
		value := (*Node)(nil)
		if q.ended(colon + 1) {
			value = q.below(indent, colon+1, true)
		} else {
			q.at = q.spaces(colon + 1)
			value = q.scalar(indent)
		}
		if value == nil {
			return nil
		}
		if n.Content == nil {
			n.Content = make([]*Node, 0, 8)
		}
		n.Content = append(n.Content, key, value)
	}
	if q.indent > indent {
		return nil
	}
	return n
}

// below reads what stands in the lines below a key or dash that end at byte i of the line:
// what is indented more; a key's list may be indented as the key is.
func (q *quick) below(indent, i int, ofKey bool) *Node {
	null := q.node(Scalar, "!!null", i)
	q.next()
	switch {
	case q.indent > indent:
		return q.block(indent)
	case ofKey && q.indent == indent && !q.marker() && q.entry():
		return q.list(indent)
	}
	return null
}

// keyEnd is where the colon stands that makes a key of what is next; -1: it is none.
func (q *quick) keyEnd() int {
	i := q.at
	if c := q.s[i]; c == '"' || c == '\'' {
		if i = q.quoteEnd(i); i < 0 {
			return -1
		}
		i = q.spaces(i)
		if i >= q.end || q.s[i] != ':' || i+1 < q.end && q.s[i+1] != ' ' || i-q.at > maxQuickKey {
			return -1
		}
		return i
	}
	for ; i < q.end; i++ {
		switch q.s[i] {
		case ':':
			if i+1 == q.end || q.s[i+1] == ' ' {
				if i-q.at > maxQuickKey {
					return -1
				}
				return i
			}
		case '#':
			if i > q.at && q.s[i-1] == ' ' {
				return -1
			}
		}
	}
	return -1
}

// quoteEnd is the byte behind the quote that ends what the quote at i begins; -1: none in
// this line.
func (q *quick) quoteEnd(i int) int {
	quote := q.s[i]
	for i++; i < q.end; i++ {
		switch c := q.s[i]; {
		case c == '\\' && quote == '"':
			i++
		case c == quote && quote == '\'' && i+1 < q.end && q.s[i+1] == quote:
			i++
		case c == quote:
			return i + 1
		}
	}
	return -1
}

// scalar reads a value, and goes to the next line. The indent is that of what holds it.
func (q *quick) scalar(indent int) *Node {
	n := (*Node)(nil)
	switch c := q.s[q.at]; c {
	case '|':
		return q.literal(indent)
	case '"', '\'':
		end := q.quoteEnd(q.at)
		if end < 0 || !q.ended(end) {
			return nil
		}
		n = q.oneLine(end)
	case '[', '{':
		if n = q.flow(indent); n == nil || !q.ended(q.at) {
			return nil
		}
	default:
		if q.keyEnd() >= 0 {
			return nil
		}
		end := q.end
		if i := strings.Index(q.s[q.at:q.end], " #"); i >= 0 {
			end = q.at + i
		}
		n = q.oneLine(end)
	}
	if n != nil {
		q.next()
	}
	return n
}

// oneLine is a scalar that stands between what is next and end.
func (q *quick) oneLine(end int) *Node {
	text := strings.TrimRight(q.s[q.at:end], " ")
	if text == "" {
		return nil
	}
	switch c := text[0]; c {
	case '\'':
		n := q.node(Scalar, "!!str", q.at)
		n.Style = yaml.SingleQuotedStyle
		if n.Value = text[1 : len(text)-1]; strings.IndexByte(n.Value, '\'') >= 0 {
			n.Value = strings.ReplaceAll(n.Value, "''", "'")
		}
		return n
	case '"':
		n := q.node(Scalar, "!!str", q.at)
		n.Style = yaml.DoubleQuotedStyle
		if n.Value = text[1 : len(text)-1]; strings.IndexByte(n.Value, '\\') >= 0 {
			return unescaped(n)
		}
		return n
	case ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '%', '@', '`', '<':
		return nil
	case '-', '?', ':':
		if len(text) == 1 || text[1] == ' ' {
			return nil
		}
	}
	if q.at == q.begin && (strings.HasPrefix(text, "---") || strings.HasPrefix(text, "...")) {
		return nil
	}
	tag := plainTag(text)
	if tag == "" {
		if tag = askedTag(text); tag == "" {
			return nil
		}
	}
	n := q.node(Scalar, tag, q.at)
	n.Value = text
	return n
}

// unescaped takes the simplest escapes out of a text in double quotes; nil: it has others.
func unescaped(n *Node) *Node {
	var b strings.Builder
	for i := 0; i < len(n.Value); i++ {
		c := n.Value[i]
		if c == '\\' {
			if i++; i == len(n.Value) || n.Value[i] != '\\' && n.Value[i] != '"' {
				return nil
			}
			c = n.Value[i]
		}
		b.WriteByte(c)
	}
	n.Value = b.String()
	return n
}

// plainTag is the tag of a scalar without quotes; "": the library is asked.
func plainTag(text string) string {
	switch text {
	case "true", "True", "TRUE", "false", "False", "FALSE":
		return "!!bool"
	case "~", "null", "Null", "NULL":
		return "!!null"
	}
	if c := text[0]; c-'0' >= 10 && c != '+' && c != '-' && c != '.' && c != '~' {
		return "!!str"
	}
	digits := 0
	for digits < len(text) && text[digits]-'0' < 10 {
		digits++
	}
	switch {
	case digits == len(text) && (text[0] != '0' || digits == 1) && digits < 19:
		return "!!int"
	case isDate(text):
		return "!!timestamp"
	}
	if digits == 4 && len(text) > 5 && text[4] == '-' && text[5]-'0' < 10 {
		return "" // perhaps a time
	}
	number := strings.TrimLeft(text, "+-")
	if len(number) > 1 && (number[0]-'0' < 10 && number[1]|0x20 > 'e' || number[0] == '.') {
		return "" // perhaps of another base, or .inf
	}
	for i := range len(number) {
		if strings.IndexByte("0123456789+-._eEbB", number[i]) < 0 {
			return "!!str"
		}
	}
	return ""
}

// monthDays are how many days each month has in every year.
var monthDays = map[string]string{"01": "31", "02": "28", "03": "31", "04": "30", "05": "31", "06": "30", "07": "31", "08": "31", "09": "30", "10": "31", "11": "30", "12": "31"}

// isDate says whether text is a date that there is in each year.
func isDate(text string) bool {
	if len(text) != 10 || text[4] != '-' || text[7] != '-' {
		return false
	}
	for i := range len(text) {
		if i != 4 && i != 7 && text[i]-'0' >= 10 {
			return false
		}
	}
	return text[8:] >= "01" && text[8:] <= monthDays[text[5:7]]
}

// askedTag is the tag that the library gives a scalar; "": it does not read it as one.
func askedTag(text string) string {
	var list yaml.Node
	if yaml.Unmarshal([]byte("- "+text+"\n"), &list) != nil || len(list.Content) != 1 || len(list.Content[0].Content) != 1 {
		return ""
	}
	if n := list.Content[0].Content[0]; n.Kind == Scalar && n.Value == text {
		return n.Tag
	}
	return ""
}

// literal reads a block behind |.
func (q *quick) literal(indent int) *Node {
	chomp := strings.TrimRight(q.s[q.at+1:q.end], " ")
	if chomp != "" && chomp != "-" {
		return nil
	}
	n := q.node(Scalar, "!!str", q.at)
	n.Style = yaml.LiteralStyle
	from := q.end + 1
	m := 0
	for from+m < len(q.s) && q.s[from+m] == ' ' {
		m++
	}
	if from+m >= len(q.s) || q.s[from+m] == '\n' || m <= indent || m == 0 {
		return nil // begins with an empty line, or is empty
	}
	out, empty := make([]byte, 0, 256), 0
	for q.begin = from; q.begin < len(q.s); q.begin = q.end + 1 {
		end := q.begin + strings.IndexByte(q.s[q.begin:], '\n')
		spaces := 0
		for spaces < m && q.s[q.begin+spaces] == ' ' {
			spaces++
		}
		switch {
		case q.begin+spaces == end:
			empty++
		case spaces < m:
			q.end = q.begin - 1
			return q.chomped(n, out, chomp)
		default:
			for ; empty > 0; empty-- {
				out = append(out, '\n')
			}
			out = append(append(out, q.s[q.begin+m:end]...), '\n')
		}
		q.end = end
		q.line++
	}
	return q.chomped(n, out, chomp)
}

// chomped ends a block, and goes to the next line.
func (q *quick) chomped(n *Node, out []byte, chomp string) *Node {
	if chomp == "-" {
		out = out[:len(out)-1]
	}
	n.Value = unsafe.String(unsafe.SliceData(out), len(out)) // nobody else has it
	q.next()
	return n
}
