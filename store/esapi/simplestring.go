package esapi

import (
	"strconv"
	"strings"

	"sluice/store"

	"github.com/valyala/fastjson"
)

// simpleFlags are the operators that a simple_query_string may be held to, by their bits.
var simpleFlags = map[string]int{
	"ALL": -1, "NONE": 0, "AND": simpleAnd, "NOT": simpleNot, "OR": simpleOr, "PREFIX": simplePrefix, "PHRASE": simplePhrase,
	"PRECEDENCE": simplePrecedence, "ESCAPE": simpleEscape, "WHITESPACE": simpleSpace, "FUZZY": simpleFuzzy, "NEAR": simpleNear, "SLOP": simpleNear,
}

const (
	simpleAnd = 1 << iota
	simpleNot
	simpleOr
	simplePrefix
	simplePhrase
	simplePrecedence
	simpleEscape
	simpleSpace
	simpleFuzzy
	simpleNear
)

// maxSimple bounds a query: each parenthesis that is never closed is looked for to its end.
const maxSimple = 16 << 10

// simpleQueryString reads {"query": TEXT, "fields", "default_operator", "flags", ...}.
func simpleQueryString(v *fastjson.Value) (store.Query, error) {
	if v.Get("query") == nil {
		return nil, parsing("[simple_query_string] query text missing")
	}
	err := stringOptions("simple_query_string", v, "flags", "minimum_should_match", "fuzzy_prefix_length", "fuzzy_max_expansions", "fuzzy_transpositions")
	if err != nil {
		return nil, err
	}
	p := &simpleParser{
		fields: fieldsOf(texts(v.Get("fields"))), and: strings.EqualFold(text(v.Get("default_operator")), "and"), flags: -1,
		fields1: qsParser{lenient: isTrue(v.Get("lenient"))},
	}
	if f := v.Get("flags"); f != nil {
		if p.flags, err = flagsOf(text(f)); err != nil {
			return nil, err
		}
	}
	in := text(v.Get("query"))
	if len(in) > maxSimple {
		return nil, parsing("the query is longer than 16 KiB")
	}
	if strings.TrimSpace(in) == "*" {
		return store.All{}, nil
	}
	t, err := p.parse(in, 0)
	if err != nil {
		return nil, err
	}
	if t.top == nil {
		return store.None{}, nil
	}
	if b, ok := t.top.(store.Bool); ok && t.last != 0 && v.Get("minimum_should_match") != nil {
		b.MinShould, err = minShould(text(v.Get("minimum_should_match")), len(b.Should), len(b.Must))
		return b, err
	}
	return t.top, nil
}

func flagsOf(s string) (flags int, err error) {
	if n, err := strconv.Atoi(s); err == nil {
		return n, nil
	}
	for name := range strings.SplitSeq(s, "|") {
		bits, ok := simpleFlags[strings.ToUpper(strings.TrimSpace(name))]
		if !ok {
			return 0, fail(400, "illegal_argument_exception", "Unknown simple_query_string flag [%s]", clip(name))
		}
		flags |= bits
	}
	return flags, nil
}

// simpleParser reads the syntax that people can make no error in: words, "phrases", word*, + for and,
// | for or, - for not, and parentheses. Operators bind from left to right: each change of the operator
// makes what stands before it one side of the next.
type simpleParser struct {
	fields  []string
	fields1 qsParser // makes the query of one field
	and     bool
	flags   int
	terms   int
}

// simpleTree is what has been read of one pair of parentheses.
type simpleTree struct {
	top      store.Query
	op, last byte // '+', '|', or 0 for none
	not      bool
}

func (p *simpleParser) on(flag int) bool { return p.flags&flag != 0 }

func (p *simpleParser) parse(in string, depth int) (t simpleTree, err error) {
	for at := 0; at < len(in); {
		c := in[at]
		if c == '-' && p.on(simpleNot) {
			t.not = !t.not
			at++
			continue
		}
		n := 1
		switch {
		case c == '(' && p.on(simplePrecedence):
			n, err = p.group(&t, in[at:], depth)
		case c == ')' && p.on(simplePrecedence):
		case c == '"' && p.on(simplePhrase):
			n, err = p.phrase(&t, in[at:])
		case (c == '+' && p.on(simpleAnd) || c == '|' && p.on(simpleOr)):
			if t.op == 0 && t.top != nil {
				t.op = c
			}
		case p.blank(c):
		default:
			n, err = p.word(&t, in[at:])
		}
		if err != nil {
			return t, err
		}
		at += n
		t.not = false
	}
	return t, nil
}

func (p *simpleParser) blank(c byte) bool {
	return p.on(simpleSpace) && strings.IndexByte(" \t\r\n", c) >= 0
}

// group reads what stands in parentheses; one that is never closed counts for nothing.
func (p *simpleParser) group(t *simpleTree, in string, depth int) (int, error) {
	open := 0
	for i := 0; i < len(in); i++ {
		switch c := in[i]; {
		case c == '\\':
			i++
		case c == '(':
			open++
		case c == ')':
			open--
		}
		if open > 0 {
			continue
		}
		if i == 1 {
			t.op = 0
			return 2, nil
		}
		if depth >= maxDepth {
			return 0, parsing("the query is nested deeper than %d", maxDepth)
		}
		inner, err := p.parse(in[1:i], depth+1)
		p.add(t, inner.top)
		return i + 1, err
	}
	return 1, nil
}

// phrase reads what stands in quotes; a quote that is never closed counts for nothing.
func (p *simpleParser) phrase(t *simpleTree, in string) (int, error) {
	var b strings.Builder
	for i := 1; i < len(in); i++ {
		switch c := in[i]; {
		case c == '\\' && p.on(simpleEscape) && i+1 < len(in):
			i++
			b.WriteByte(in[i])
		case c != '"':
			b.WriteByte(c)
		case i == 1:
			t.op = 0
			return 2, nil
		default:
			n, err := p.tilde(in[i+1:], simpleNear)
			if err == nil {
				err = p.leaf(t, func(f string) store.Query { return store.Phrase{Field: f, Text: b.String(), Typed: true} })
			}
			return i + 1 + n, err
		}
	}
	return 1, nil
}

func (p *simpleParser) word(t *simpleTree, in string) (int, error) {
	var b strings.Builder
	i, prefix := 0, false
	for ; i < len(in) && !p.ends(in[i]); i++ {
		c := in[i]
		if c == '~' && b.Len() > 0 && p.on(simpleFuzzy) {
			break
		}
		if prefix = c == '*' && b.Len() > 0 && p.on(simplePrefix); c == '\\' && p.on(simpleEscape) {
			if i++; i == len(in) {
				break
			}
		}
		b.WriteByte(in[i])
	}
	n, err := p.tilde(in[i:], simpleFuzzy)
	v := b.String()
	if err != nil || v == "" {
		return i + n, err
	}
	return i + n, p.leaf(t, func(f string) store.Query {
		switch {
		case prefix:
			return store.Wildcard{Field: f, Pattern: literal.Replace(v[:len(v)-1]) + "*", Typed: true}
		case strings.ContainsAny(v, " \t\r\n"):
			return store.Match{Field: f, Text: v, And: p.and}
		}
		return store.Phrase{Field: f, Text: v, Typed: true}
	})
}

// literal takes the signs of a pattern as they are.
var literal = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`)

func (p *simpleParser) ends(c byte) bool {
	return c == '"' && p.on(simplePhrase) || c == '|' && p.on(simpleOr) || c == '+' && p.on(simpleAnd) || (c == '(' || c == ')') && p.on(simplePrecedence) || p.blank(c)
}

// tilde steps over ~0, which asks for nothing, and refuses ~1.
func (p *simpleParser) tilde(in string, flag int) (int, error) {
	if in == "" || in[0] != '~' || !p.on(flag) {
		return 0, nil
	}
	n := 1
	for n < len(in) && !p.ends(in[n]) {
		n++
	}
	if k, err := strconv.Atoi(in[1:n]); err == nil && k > 0 || n == 1 && flag == simpleFuzzy {
		return 0, parsing("[simple_query_string] query does not support ~: words that are alike or near each other are not searched for; use * or +")
	}
	return n, nil
}

// leaf adds one term over the fields.
func (p *simpleParser) leaf(t *simpleTree, q func(field string) store.Query) error {
	if p.terms++; p.terms > 1024 {
		return fail(400, "query_shard_exception", "the query has more than 1024 clauses")
	}
	one := func(f string) store.Query { return p.fields1.leaf(q(f)) }
	b := store.Bool{MinShould: 1, Typed: true}
	for _, f := range p.fields {
		b.Should = append(b.Should, onFields(f, one))
	}
	if len(b.Should) == 1 {
		p.add(t, b.Should[0])
	} else {
		p.add(t, b)
	}
	return nil
}

// add puts q into the tree by the operator before it.
func (p *simpleParser) add(t *simpleTree, q store.Query) {
	if q != nil && t.not {
		q = store.Bool{MustNot: []store.Query{q}, Typed: true}
	}
	switch {
	case q == nil:
	case t.top == nil:
		t.top = q
	default:
		op := t.op
		if op == 0 && p.and {
			op = '+'
		} else if op == 0 {
			op = '|'
		}
		both := []store.Query{q}
		b, _ := t.top.(store.Bool)
		if op != t.last {
			b, both = store.Bool{Typed: true}, []store.Query{t.top, q}
		}
		if op == '+' {
			b.Must = append(b.Must, both...)
		} else {
			b.Should, b.MinShould = append(b.Should, both...), 1
		}
		t.top, t.last = b, op
	}
	t.op = 0
}
