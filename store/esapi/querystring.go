package esapi

import (
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"sluice/store"

	"github.com/valyala/fastjson"
)

// defaultFields are searched where a query names none.
var defaultFields = []string{"message", "event.original"}

// queryString reads {"query": TEXT, "fields"/"default_field", "default_operator", ...}.
func queryString(v *fastjson.Value) (store.Query, error) {
	q := v.Get("query")
	if q == nil {
		return nil, parsing("[query_string] must be provided with a [query]")
	}
	if err := stringOptions("query_string", v, "default_field", "enable_position_increments", "allow_leading_wildcard", "phrase_slop", "rewrite", "tie_breaker",
		"max_determinized_states", "fuzzy_prefix_length", "fuzzy_max_expansions", "fuzzy_transpositions", "fuzzy_rewrite", "fuzziness"); err != nil {
		return nil, err
	}
	fields := texts(v.Get("fields"))
	if f := v.GetStringBytes("default_field"); f != nil {
		fields = []string{string(f)}
	}
	p := &qsParser{in: text(q), fields: fieldsOf(fields), and: strings.EqualFold(string(v.GetStringBytes("default_operator")), "and"), lenient: isTrue(v.Get("lenient"))}
	if z := v.GetStringBytes("time_zone"); z != nil {
		var err error
		if p.zone, err = zoneOf(string(z)); err != nil {
			return nil, err
		}
	}
	return p.parse()
}

// stringOptions refuses options of a written query that are not known, or that would find something else here.
func stringOptions(kind string, v *fastjson.Value, more ...string) error {
	for _, x := range [][]string{
		{"default_operator", "and", "or"}, {"type", "best_fields", "most_fields"}, {"phrase_slop", "0"}, {"allow_leading_wildcard", "true"},
	} {
		if y := v.Get(x[0]); y != nil && !slices.Contains(x[1:], strings.ToLower(text(y))) {
			return parsing("[%s] query does not support [%s] %s", kind, x[0], clip(text(y)))
		}
	}
	known := []string{"query", "fields", "default_operator", "lenient", "analyze_wildcard", "auto_generate_synonyms_phrase_query", "time_zone", "type"}
	return options(kind, v, append(known, more...)...)
}

// fieldsOf are the names without their boosts, which only change scores.
func fieldsOf(list []string) []string {
	var out []string
	for _, f := range list {
		f, _, _ = strings.Cut(f, "^")
		out = append(out, f)
	}
	if len(out) == 0 || len(out) == 1 && out[0] == "*" {
		return defaultFields
	}
	return out
}

// parseQueryString reads Lucene's query syntax: words and "phrases" over fields, field:value,
// field:(a OR b), AND, OR, NOT, &&, ||, !, + and -, parentheses, * and ?, [a TO b], {a TO b},
// >, >=, <, <=, /regular expressions/, _exists_:field, addresses by CIDR, and user.\*:value over
// the fields whose names fit. What it does not know, such as ~, is refused: skipping it would
// find something else.
func parseQueryString(s string, fields []string, and bool) (store.Query, error) {
	if len(fields) == 0 {
		fields = defaultFields
	}
	return (&qsParser{in: s, fields: fields, and: and}).parse()
}

type qsParser struct {
	in     string
	at     int
	fields []string
	and    bool
	zone   *time.Location
	depth  int
	terms  int

	lenient  bool // a field that cannot have the value is passed over
	noNumber bool // a \u without its four digits was met
}

func (p *qsParser) parse() (store.Query, error) {
	if len(p.in) > 64<<10 {
		return nil, parsing("the query is longer than 64 KiB")
	}
	if strings.TrimSpace(p.in) == "" {
		return store.None{}, nil
	}
	return p.list(p.fields, false)
}

// bad names the place as Elasticsearch's parser does, which counts UTF-16 units.
func (p *qsParser) bad() error {
	if p.noNumber {
		return fail(400, "query_shard_exception", "Failed to parse query [%s]: no four hexadecimal digits in Unicode escape sequence", clip(p.in))
	}
	near := "<EOF>"
	if rest := strings.Fields(p.in[min(p.at, len(p.in)):]); len(rest) > 0 {
		near = rest[0]
	}
	return fail(400, "query_shard_exception", "Failed to parse query [%s]: Encountered \"%s\" at line 1, column %d.", clip(p.in), clip(near), p.column())
}

func (p *qsParser) column() int { return len(utf16.Encode([]rune(p.in[:min(p.at, len(p.in))]))) }

func (p *qsParser) space() {
	for p.at < len(p.in) && strings.IndexByte(" \t\r\n", p.in[p.at]) >= 0 {
		p.at++
	}
}

// sign takes one that has no blank behind it: by itself it is a word without a letter.
func (p *qsParser) sign(s string) bool {
	if rest := p.in[p.at:]; len(rest) > 1 && strings.IndexByte(" \t\r\n", rest[1]) >= 0 {
		return false
	}
	return p.take(s)
}

func (p *qsParser) take(s string) bool {
	if strings.HasPrefix(p.in[p.at:], s) {
		p.at += len(s)
		return true
	}
	return false
}

// word takes AND, OR, NOT only as a whole word.
func (p *qsParser) word(s string) bool {
	rest := p.in[p.at:]
	if !strings.HasPrefix(rest, s) || len(rest) > len(s) && !strings.ContainsRune(" \t\r\n()\"", rune(rest[len(s)])) {
		return false
	}
	p.at += len(s)
	return true
}

// clause is one part of a list with what its operators say: as Lucene's classic parser, AND
// makes both sides required, OR leaves them as they are.
type clause struct {
	q        store.Query
	must, no bool
}

func (p *qsParser) list(fields []string, inner bool) (store.Query, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, p.bad()
	}
	defer func() { p.depth-- }()
	var all []clause
	for {
		p.space()
		if p.at >= len(p.in) || p.in[p.at] == ')' {
			break
		}
		and := p.word("AND") || p.take("&&")
		or := !and && (p.word("OR") || p.take("||"))
		if (and || or) && len(all) == 0 {
			return nil, p.bad()
		}
		p.space()
		if at := p.at; (and || or) && (p.word("AND") || p.take("&&") || p.word("OR") || p.take("||")) {
			p.at = at
			return nil, p.bad()
		}
		c := clause{must: p.and && !or || and}
		for more := true; more; p.space() {
			switch {
			case p.word("NOT") || p.sign("!") || p.sign("-"):
				c.no = !c.no
			case p.sign("+"):
				c.must = true
			default:
				more = false
			}
		}
		if last := len(all) - 1; and && last >= 0 {
			all[last].must = true
		} else if or && p.and && last >= 0 && !all[last].no {
			all[last].must = false
		}
		var err error
		if c.q, err = p.primary(fields); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	if inner == (p.at >= len(p.in)) || len(all) == 0 {
		return nil, p.bad()
	}
	return join(all), nil
}

func join(all []clause) store.Query {
	if len(all) == 1 && !all[0].no {
		return all[0].q
	}
	b := store.Bool{Typed: true}
	for _, c := range all {
		switch {
		case c.no:
			b.MustNot = append(b.MustNot, c.q)
		case c.must:
			b.Must = append(b.Must, c.q)
		default:
			b.Should = append(b.Should, c.q)
		}
	}
	if len(b.Should) > 0 && len(b.Must) == 0 {
		b.MinShould = 1
	}
	return b
}

func (p *qsParser) primary(fields []string) (store.Query, error) {
	if p.terms++; p.terms > 1024 {
		return nil, fail(400, "query_shard_exception", "the query has more than 1024 clauses")
	}
	if p.take("(") {
		return p.group(fields)
	}
	start := p.at
	name, wild, quoted, ok := p.token(true)
	if ok && !quoted && !wild && name != "" {
		if p.space(); p.take(":") { // blanks may stand on both sides
			return p.value(name)
		}
	}
	if ok && !quoted && p.at < len(p.in) && p.in[p.at] == ':' {
		if name == "*" && strings.HasPrefix(p.in[p.at:], ":*") { // *:*
			p.at += 2
			return store.All{}, nil
		}
		return nil, p.bad() // no name, or a pattern of names that has no \
	}
	p.at = start
	return p.any(fields)
}

// group is what stands in parentheses; the first one is taken.
func (p *qsParser) group(fields []string) (store.Query, error) {
	q, err := p.list(fields, true)
	if err == nil && !p.take(")") {
		err = p.bad()
	}
	if err == nil {
		err = p.boost()
	}
	return q, err
}

// value is what stands behind a field's name.
func (p *qsParser) value(field string) (store.Query, error) {
	p.space()
	if p.take("(") {
		return p.group([]string{field})
	}
	return p.any([]string{field})
}

// any is one term over several fields.
func (p *qsParser) any(fields []string) (store.Query, error) {
	q, err := p.term()
	if err == nil {
		err = p.boost()
	}
	if err != nil {
		return nil, err
	}
	if len(fields) == 1 {
		return onFields(fields[0], q), nil
	}
	b := store.Bool{MinShould: 1, Typed: true}
	for _, f := range fields {
		b.Should = append(b.Should, onFields(f, q))
	}
	return b, nil
}

// onFields asks a field, or those that a pattern of names means.
func onFields(name string, q func(string) store.Query) store.Query {
	if strings.Contains(name, "*") {
		return store.AnyField{Pattern: name, Query: q}
	}
	return q(name)
}

// term reads one value and gives the query of it on a field.
func (p *qsParser) term() (func(field string) store.Query, error) {
	if p.at >= len(p.in) {
		return nil, p.bad()
	}
	switch c := p.in[p.at]; {
	case c == '[' || c == '{':
		return p.bracket()
	case c == '>' || c == '<':
		return p.compare()
	case c == '/':
		return p.regexp()
	}
	v, wild, quoted, ok := p.token(false)
	if !ok || v == "" && !quoted {
		return nil, p.bad()
	}
	return func(field string) store.Query {
		switch {
		case field == "_exists_" && wild: // a pattern of names has a \ before its stars
			return store.None{}
		case field == "_exists_":
			return existsQuery(v)
		case wild && v == "*":
			return store.Exists{Field: field}
		case field == "_id":
			return store.IDs{Values: []string{v}}
		case wild:
			return p.leaf(store.Wildcard{Field: field, Pattern: v, Typed: true})
		}
		// A word with signs in it, such as an address, is a phrase of its parts on text.
		word := store.Phrase{Field: field, Text: v, Typed: true}
		if !quoted {
			word.Zone = p.zone
		}
		return p.leaf(word)
	}, nil
}

// leaf is the query of one field.
func (p *qsParser) leaf(q store.Query) store.Query {
	if p.lenient {
		return store.Lenient{Query: q}
	}
	return q
}

func (p *qsParser) bracket() (func(string) store.Query, error) {
	r := store.Range{OpenFrom: p.in[p.at] == '{', Zone: p.zone}
	p.at++
	p.space()
	var ok bool
	if r.From, ok = p.bound(); !ok {
		return nil, p.bad()
	}
	p.space()
	if !p.word("TO") {
		return nil, p.bad()
	}
	p.space()
	if r.To, ok = p.bound(); !ok {
		return nil, p.bad()
	}
	p.space()
	switch {
	case p.take("}"):
		r.OpenTo = true
	case !p.take("]"):
		return nil, p.bad()
	}
	return p.onRange(r), nil
}

func (p *qsParser) onRange(r store.Range) func(string) store.Query {
	return func(field string) store.Query {
		x := r
		x.Field = field
		if x.From == "" && x.To == "" {
			return store.Exists{Field: field}
		}
		return p.leaf(x)
	}
}

// bound is one end of a range; * is none.
func (p *qsParser) bound() (string, bool) {
	if p.at < len(p.in) && p.in[p.at] == '"' {
		v, _, _, ok := p.token(false)
		return v, ok
	}
	var b strings.Builder
	for ; p.at < len(p.in) && strings.IndexByte(" ]}\t\r\n", p.in[p.at]) < 0; p.at++ {
		if p.in[p.at] == '\\' && p.at+1 < len(p.in) {
			p.at++
		}
		b.WriteByte(p.in[p.at])
	}
	v := b.String()
	if v == "*" {
		return "", true
	}
	return v, v != ""
}

func (p *qsParser) compare() (func(string) store.Query, error) {
	less := p.in[p.at] == '<'
	p.at++
	open := !p.take("=")
	p.space()
	v, _, _, ok := p.token(false)
	if !ok || v == "" {
		return nil, p.bad()
	}
	r := store.Range{From: v, OpenFrom: open, Zone: p.zone}
	if less {
		r = store.Range{To: v, OpenTo: open, Zone: p.zone}
	}
	return p.onRange(r), nil
}

func (p *qsParser) regexp() (func(string) store.Query, error) {
	var b strings.Builder
	for p.at++; p.at < len(p.in) && p.in[p.at] != '/'; p.at++ {
		if p.in[p.at] == '\\' && p.at+1 < len(p.in) && p.in[p.at+1] == '/' {
			p.at++
		}
		b.WriteByte(p.in[p.at])
	}
	if !p.take("/") {
		return nil, p.bad()
	}
	return func(field string) store.Query { return p.leaf(store.Regexp{Field: field, Pattern: b.String()}) }, nil
}

// boost skips ^2, which only changes scores, and refuses ~1 behind a word or a phrase.
func (p *qsParser) boost() error {
	for p.take("^") {
		if p.at >= len(p.in) || p.in[p.at] < '0' || p.in[p.at] > '9' {
			return p.bad()
		}
		for p.at < len(p.in) && (p.in[p.at] >= '0' && p.in[p.at] <= '9' || p.in[p.at] == '.') {
			p.at++
		}
	}
	if p.at < len(p.in) && p.in[p.at] == '~' {
		return fail(400, "query_shard_exception", "~ is not known here: words that are alike or near each other are not searched for; use * or AND")
	}
	return nil
}

// token reads a word or a quoted phrase. In a word with wildcards escapes stay, so that \*
// is a star; name stops at a colon.
func (p *qsParser) token(name bool) (v string, wild, quoted, ok bool) {
	if p.take(`"`) {
		var b strings.Builder
		good := true
		for p.at < len(p.in) && p.in[p.at] != '"' {
			text, n, ok := p.in[p.at:p.at+1], 1, true
			if text == `\` {
				text, n, ok = escaped(p.in[p.at:])
			}
			b.WriteString(text)
			p.at += n
			good = good && ok
		}
		p.noNumber = p.noNumber || !good
		return b.String(), false, true, p.take(`"`) && good
	}
	var plain, glob strings.Builder
	good := true
	for p.at < len(p.in) {
		c := p.in[p.at]
		if c == '\\' {
			if p.at+1 >= len(p.in) {
				return "", false, false, false
			}
			text, n, ok := escaped(p.in[p.at:])
			glob.WriteString(p.in[p.at : p.at+n])
			plain.WriteString(text)
			p.at += n
			good = good && ok
			continue
		}
		if strings.IndexByte(" \t\r\n()\"[]{}^~", c) >= 0 || name && c == ':' {
			break
		}
		wild = wild || c == '*' || c == '?'
		plain.WriteByte(c)
		glob.WriteByte(c)
		p.at++
	}
	if wild {
		return glob.String(), true, false, true
	}
	p.noNumber = p.noNumber || !good
	return plain.String(), false, false, good
}
