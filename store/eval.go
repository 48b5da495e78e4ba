package store

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"time"
)

// maxClauses bounds a query, as indices.query.bool.max_clause_count does.
const maxClauses = 4096

// QueryError is a query that can't be answered, in Elasticsearch's words.
type QueryError struct{ Kind, Reason string }

func (e *QueryError) Error() string { return e.Reason }

func badQuery(format string, a ...any) error {
	return &QueryError{"query_shard_exception", fmt.Sprintf(format, a...)}
}

// part is rows that a query is asked of: a segment, or a view of memory.
type part interface {
	rows() int
	name() string
	dead() rows64
	bounds() (from, to int64)
	seqNos() ([]int64, error)
	column(name string) (*column, error)
	columnsBelow(prefix string) ([]string, error)
	fieldNum(name string) int
	text(want rows64, f func(row uint32, records []byte) bool) error
	candidates(field, word string) (rows rows64, exact bool, err error)
	byIDs(ids []string) (rows64, error)
	doc(row uint32, source bool) (Doc, error)
}

// leafTest asks the values of one field: a query, made ready once and used on every part.
type leafTest struct {
	base, sub string
	class     class // as declared
	// intervals of a column's class; nil with test nil: nothing matches.
	intervals func(class) ([]interval, error)
	test      func(v string) bool // of strings, beside the intervals
}

// eval answers one query.
type eval struct {
	s   *Store
	now time.Time
	n   int // clauses so far

	buckets int // of the answer so far
}

// node is a query made ready.
type node interface {
	run(e *eval, p part) (rows64, error)
}

type (
	allNode  struct{}
	noneNode struct{}
	// wordlessNode is what a person typed on text without a word in it: nothing by itself, and no
	// condition beside others.
	wordlessNode struct{ noneNode }
	boolNode     struct {
		must, should, not []node
		min               int
	}
	idsNode    struct{ ids []string }
	existsNode struct{ field string }
)

func (allNode) run(_ *eval, p part) (rows64, error)   { return allRows(p.rows()), nil }
func (noneNode) run(_ *eval, p part) (rows64, error)  { return newRows(p.rows()), nil }
func (n idsNode) run(_ *eval, p part) (rows64, error) { return p.byIDs(n.ids) }

func (n existsNode) run(_ *eval, p part) (rows64, error) {
	out := newRows(p.rows())
	names, err := p.columnsBelow(n.field + ".")
	if err != nil {
		return nil, err
	}
	for _, name := range append(names, n.field) {
		c, err := p.column(name)
		if err != nil {
			return nil, err
		}
		if c != nil {
			out.or(c.present())
		}
	}
	return out, nil
}

func (n *boolNode) run(e *eval, p part) (rows64, error) {
	out := allRows(p.rows())
	for _, m := range n.must {
		b, err := m.run(e, p)
		if err != nil {
			return nil, err
		}
		if out.and(b); out.empty() {
			return out, nil
		}
	}
	if n.min > 0 {
		b, err := n.atLeast(e, p)
		if err != nil {
			return nil, err
		}
		out.and(b)
	}
	for _, m := range n.not {
		if out.empty() {
			break
		}
		b, err := m.run(e, p)
		if err != nil {
			return nil, err
		}
		out.without(b)
	}
	return out, nil
}

func (n *boolNode) atLeast(e *eval, p part) (rows64, error) {
	out := newRows(p.rows())
	counts := []uint16(nil)
	if n.min > 1 {
		counts = make([]uint16, p.rows())
	}
	for _, m := range n.should {
		b, err := m.run(e, p)
		if err != nil {
			return nil, err
		}
		if counts == nil {
			out.or(b)
			continue
		}
		b.each(func(r uint32) bool {
			if counts[r]++; int(counts[r]) >= n.min {
				out.set(r)
			}
			return true
		})
	}
	return out, nil
}

// prepare checks a query and makes it ready.
func (e *eval) prepare(q Query) (node, error) {
	if e.n++; e.n > maxClauses {
		return nil, &QueryError{"too_many_clauses", "maxClauseCount is set to " + strconv.Itoa(maxClauses)}
	}
	switch q := q.(type) {
	case nil, All:
		return allNode{}, nil
	case None:
		return noneNode{}, nil
	case IDs:
		return idsNode{q.Values}, nil
	case Exists:
		return e.exists(q.Field), nil
	case Lenient:
		n, err := e.prepare(q.Query)
		var bad *QueryError
		if errors.As(err, &bad) && bad.Kind != "too_many_clauses" {
			return noneNode{}, nil
		}
		return n, err
	case Bool:
		return e.prepareBool(q)
	case Terms:
		return e.terms(q)
	case Range:
		return e.ranged(q)
	case Prefix:
		return e.prefix(q)
	case Wildcard:
		return e.wildcard(q)
	case Regexp:
		if _, err := syntax.Parse(q.Pattern, syntax.Perl); err != nil { // by itself: a)|(b would part what is laid around it
			return nil, badRegexp(q.Field, err)
		}
		return e.pattern(q.Field, "^(?:"+q.Pattern+")$", q.Fold, "")
	case AnyField:
		return e.anyField(q)
	case Match:
		return e.match(q)
	case Phrase:
		return e.phrase(q)
	}
	return nil, badQuery("unknown query %T", q)
}

func (e *eval) prepareBool(q Bool) (node, error) {
	n := &boolNode{min: q.MinShould}
	for _, x := range []struct {
		from []Query
		to   *[]node
	}{{q.Must, &n.must}, {q.Should, &n.should}, {q.MustNot, &n.not}} {
		for _, c := range x.from {
			m, err := e.prepare(c)
			if err != nil {
				return nil, err
			}
			if _, wordless := m.(wordlessNode); wordless && q.Typed {
				continue
			}
			*x.to = append(*x.to, m)
		}
	}
	if q.Typed && len(n.must)+len(n.should)+len(n.not) == 0 {
		return wordlessNode{}, nil
	}
	if q.Typed && len(n.should) == 0 {
		n.min = 0
	}
	return n, nil
}

func (e *eval) leaf(field string) *leafTest {
	l := &leafTest{}
	l.base, l.sub, l.class = e.s.fields.classFor(field)
	return l
}

// flat puts the key of a flattened object before a value.
func (l *leafTest) flat(v string) string {
	if l.class == classFlat && l.sub != "" {
		return l.sub + "\x00" + v
	}
	return v
}

// onValue asks the value behind the key of a flattened object.
func (l *leafTest) onValue(test func(string) bool) func(string) bool {
	if l.class != classFlat {
		return test
	}
	return func(v string) bool {
		k, v, ok := strings.Cut(v, "\x00")
		return ok && (l.sub == "" || k == l.sub) && test(v)
	}
}

func (e *eval) terms(q Terms) (node, error) {
	l := e.leaf(q.Field)
	if l.isWords() {
		n := &boolNode{min: 1}
		for _, v := range q.Values {
			if q.Fold {
				v = strings.ToLower(v)
			}
			n.should = append(n.should, l.wordNode([]string{v}, false, true))
		}
		return n, nil
	}
	if q.Fold || l.class == classFlat && l.sub == "" {
		l.test = l.onValue(func(v string) bool {
			for _, x := range q.Values {
				if v == x || q.Fold && strings.EqualFold(v, x) {
					return true
				}
			}
			return false
		})
		return l, nil
	}
	l.intervals = func(c class) ([]interval, error) { return l.exact(c, q.Values, q.Zone, e.now) }
	_, err := l.intervals(l.class)
	return l, err
}

// exact is the values as intervals of a class. A value that a declared field can't have is an
// error, one that an undeclared column can't have matches nothing.
func (l *leafTest) exact(c class, values []string, zone *time.Location, now time.Time) (out []interval, err error) {
	for _, v := range values {
		switch c {
		case classIP:
			if a, ok := parseAddr(v); ok {
				out = append(out, exactly(c, key{a: a}))
			} else if iv, ok := network(v); ok {
				out = append(out, iv)
			} else {
				err = badQuery("failed to create query: '%s' is not an IP string literal.", clip(v))
			}
		case classNumber:
			if !isNumber(v) {
				err = badQuery("failed to create query: For input string: \"%s\"", clip(v))
				continue
			}
			out = append(out, exactly(c, numberKey(v)))
		case classBool:
			if v != "true" && v != "false" {
				err = badBool(v)
			}
			out = append(out, exactly(classString, key{s: v}))
		case classDate:
			from, e1 := dateMath(v, "", zone, now, false)
			to, e2 := dateMath(v, "", zone, now, true)
			if e1 != nil || e2 != nil {
				err = badQuery("failed to create query: failed to parse date field [%s]", clip(v))
				continue
			}
			out = append(out, exactly(c, key{i: floorMilli(from) * 1e6}))
			out[len(out)-1].to.i = floorMilli(to)*1e6 + 999999
		default:
			out = append(out, exactly(classString, key{s: l.flat(v)}))
		}
	}
	if l.class == classAuto {
		err = nil
	}
	return out, err
}

func (e *eval) ranged(q Range) (node, error) {
	l := e.leaf(q.Field)
	if l.isWords() {
		iv, err := l.between(classString, q, e.now)
		return l.tokenNode(func(w []byte) bool { return iv.has(string(w)) }), err
	}
	l.intervals = func(c class) ([]interval, error) {
		iv, err := l.between(c, q, e.now)
		if err != nil && l.class == classAuto {
			return nil, nil
		}
		return []interval{iv}, err
	}
	_, err := l.intervals(l.class)
	return l, err
}

func (l *leafTest) between(c class, q Range, now time.Time) (interval, error) {
	iv := interval{class: c, hasFrom: q.From != "" || q.Empty[0], hasTo: q.To != "" || q.Empty[1], openFrom: q.OpenFrom, openTo: q.OpenTo}
	empty := q.Empty
	if c != classNumber && c != classIP && c != classDate {
		iv.class = classString
	}
	if c == classFlat && l.sub != "" {
		if !iv.hasTo { // not into the next key
			iv.to, iv.hasTo, iv.openTo = key{s: l.sub + "\x01"}, true, true
		}
		iv.hasFrom, empty[0] = true, true
	}
	for _, x := range []struct {
		text  string
		empty bool
		to    *key
		up    bool // gt and lte round up
	}{{q.From, empty[0], &iv.from, q.OpenFrom}, {q.To, empty[1], &iv.to, !q.OpenTo}} {
		if x.text == "" && !x.empty {
			continue
		}
		switch c {
		case classNumber:
			if !isNumber(x.text) {
				return iv, badQuery("failed to create query: For input string: \"%s\"", clip(x.text))
			}
			*x.to = numberKey(x.text)
		case classIP:
			a, ok := parseAddr(x.text)
			if !ok {
				return iv, badQuery("failed to create query: '%s' is not an IP string literal.", clip(x.text))
			}
			x.to.a = a
		case classDate:
			ns, err := dateMath(x.text, q.Format, q.Zone, now, x.up)
			if err != nil {
				return iv, &QueryError{"parse_exception", err.Error()}
			}
			if x.to.i = floorMilli(ns) * 1e6; x.up { // dates are compared in milliseconds
				x.to.i += 999999
			}
		case classBool:
			if x.text != "true" && x.text != "false" {
				return iv, badBool(x.text)
			}
			x.to.s = x.text
		default:
			x.to.s = l.flat(x.text)
		}
	}
	return iv, nil
}

func badBool(v string) error {
	return badQuery("failed to create query: Can't parse boolean value [%s], expected [true] or [false]", clip(v))
}

// noPatterns refuses a pattern on times: no text of one is kept to compare it with.
func (l *leafTest) noPatterns(kind, field string) error {
	if l.class != classDate {
		return nil
	}
	return badQuery("Can only use %s queries on keyword, text and wildcard fields - not on [%s] which is of type [date]; use a range, as in [2026-11-01 TO 2026-11-02]", kind, field)
}

func (e *eval) prefix(q Prefix) (node, error) {
	l := e.leaf(q.Field)
	if err := l.noPatterns("prefix", q.Field); err != nil {
		return nil, err
	}
	v := q.Value
	if l.isWords() {
		if q.Fold {
			v = strings.ToLower(v)
		}
		return l.tokenNode(func(w []byte) bool { return strings.HasPrefix(string(w), v) }), nil
	}
	has := func(s string) bool { return strings.HasPrefix(s, v) }
	if q.Fold {
		has = func(s string) bool { return len(s) >= len(v) && strings.EqualFold(s[:len(v)], v) }
	}
	if q.Fold || l.class == classFlat && l.sub == "" {
		l.test = l.onValue(has)
		return l, nil
	}
	l.intervals = func(c class) ([]interval, error) {
		if c == classNumber || c == classIP || c == classDate {
			return nil, nil
		}
		return []interval{prefixInterval(classString, l.flat(v))}, nil
	}
	if l.class == classIP || l.class == classNumber || l.class == classAuto {
		l.test = has // 10.1.* typed on an address, 40* on a status: by the text
		l.intervals = nil
	}
	return l, nil
}

// pattern asks with a regular expression; glob is its pattern where it came from one.
func (e *eval) pattern(field, expr string, fold bool, glob string) (node, error) {
	l := e.leaf(field)
	if n := len(glob); n > 1 && !fold && strings.HasSuffix(glob, "*") && !strings.ContainsAny(glob[:n-1], `*?\`) {
		return e.prefix(Prefix{Field: field, Value: glob[:n-1]})
	}
	if fold {
		expr = "(?i)" + expr
	}
	if len(expr) > 4096 {
		return nil, badQuery("the pattern on field [%s] is longer than 4096 bytes", field)
	}
	re, err := regexp.Compile("(?s)" + expr)
	if err != nil {
		return nil, badRegexp(field, err)
	}
	if glob == "*" {
		return e.exists(field), nil
	}
	if err := l.noPatterns("wildcard", field); err != nil {
		return nil, err
	}
	if l.isWords() {
		return l.tokenNode(re.Match), nil
	}
	l.test = l.onValue(re.MatchString)
	return l, nil
}

func badRegexp(field string, err error) error {
	var bad *syntax.Error
	if errors.As(err, &bad) { // its text would show what was laid around the expression
		return badQuery("failed to create query: the regular expression on field [%s] cannot be read: %s", field, bad.Code)
	}
	return badQuery("failed to create query: %s", err)
}

func wildcardExpr(p string) string {
	var b strings.Builder
	b.WriteByte('^')
	for i := 0; i < len(p); i++ {
		switch c := p[i]; {
		case c == '*':
			b.WriteString(".*")
		case c == '?':
			b.WriteByte('.')
		case c == '\\' && i+1 < len(p):
			i++
			b.WriteString(regexp.QuoteMeta(p[i : i+1]))
		case c >= 0x80:
			b.WriteByte(c)
		default:
			b.WriteString(regexp.QuoteMeta(string(rune(c))))
		}
	}
	return b.String() + "$"
}
