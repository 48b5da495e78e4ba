package sigma

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"sluice/internal/strictyaml"

	"sluice/internal/condition"
)

// conditionParser reads `selection and not 1 of filter_*` by recursive descent.
type conditionParser struct {
	r     *reader
	node  *strictyaml.Node
	toks  []string
	cols  []int // offset of each token
	names []string
	parts map[string]*condition.Node
}

var conditionToken = regexp.MustCompile(`[()|]|[^\s()|]+`)

func (r *reader) condition(n *strictyaml.Node, names []string, parts map[string]*condition.Node) (*condition.Node, error) {
	p := &conditionParser{r: r, node: n, names: names, parts: parts}
	for _, at := range conditionToken.FindAllStringIndex(n.Value, -1) {
		p.toks = append(p.toks, n.Value[at[0]:at[1]])
		p.cols = append(p.cols, at[0])
	}
	p.cols = append(p.cols, len(n.Value))
	if i := slices.Index(p.toks, "|"); i >= 0 {
		p.cols = p.cols[i:]
		return nil, p.refuse(Aggregation, "give it a rule of its own", "an aggregation (| count() ...) stands alone: not in a filter, in a list of conditions or in what a correlation refers to")
	}
	out, err := p.or()
	if err == nil && len(p.toks) > 0 {
		err = p.fail("", "unexpected %q", p.toks[0])
	}
	return out, err
}

func (p *conditionParser) fail(hint, format string, args ...any) error {
	return p.refuse(Malformed, hint, format, args...)
}

func (p *conditionParser) refuse(why Reason, hint, format string, args ...any) error {
	at := *p.node
	if !strings.Contains(at.Value, "\n") { // in a block its own lines say less than its place
		at.Column += p.cols[0]
	}
	return p.r.refuse(why, &at, hint, format, args...)
}

func (p *conditionParser) word() string {
	if len(p.toks) == 0 {
		return ""
	}
	return strings.ToLower(p.toks[0])
}

func (p *conditionParser) next() { p.toks, p.cols = p.toks[1:], p.cols[1:] }

func (p *conditionParser) or() (*condition.Node, error) { return p.join("or", condition.Or, p.and) }

func (p *conditionParser) and() (*condition.Node, error) { return p.join("and", condition.And, p.not) }

func (p *conditionParser) join(word string, k condition.Kind, term func() (*condition.Node, error)) (*condition.Node, error) {
	n, err := term()
	if err != nil {
		return nil, err
	}
	kids := []*condition.Node{n}
	for p.word() == word {
		p.next()
		if n, err = term(); err != nil {
			return nil, err
		}
		kids = append(kids, n)
	}
	return condition.Join(k, kids...), nil
}

func (p *conditionParser) not() (*condition.Node, error) {
	if p.word() == "not" {
		p.next()
		n, err := p.not()
		if err != nil {
			return nil, err
		}
		return condition.Negate(n), nil
	}
	return p.term()
}

func (p *conditionParser) term() (*condition.Node, error) {
	switch w := p.word(); {
	case w == "":
		return nil, p.fail("", "the condition ends where a name is expected")
	case w == "(":
		p.next()
		n, err := p.or()
		if err != nil {
			return nil, err
		}
		if p.word() != ")" {
			return nil, p.fail("", "a closing parenthesis is missing")
		}
		p.next()
		return n, nil
	case (w == "1" || w == "any" || w == "all") && len(p.toks) > 1 && strings.EqualFold(p.toks[1], "of"):
		return p.quantified(w)
	case len(p.toks) > 1 && strings.EqualFold(p.toks[1], "of") && p.parts[p.toks[0]] == nil:
		return nil, p.fail("write the combinations out: (a and b) or (a and c) or (b and c)", "%q is none of 1 of, any of and all of", p.toks[0]+" of")
	}
	if n, ok := p.parts[p.toks[0]]; ok {
		p.r.asks(p.toks[0])
		p.next()
		return n, nil
	}
	return nil, p.fail(near(p.toks[0], p.names), "no %s is named %q", p.r.part, p.toks[0])
}

// quantified reads `1 of x*` and `all of them`.
func (p *conditionParser) quantified(how string) (*condition.Node, error) {
	kind := condition.Or
	if how == "all" {
		kind = condition.And
	}
	p.next()
	p.next()
	if len(p.toks) == 0 {
		return nil, p.fail("", "a name or \"them\" is expected behind of")
	}
	glob := p.toks[0]
	var kids []*condition.Node
	for _, name := range p.names {
		ok := glob == "them" && !strings.HasPrefix(name, "_")
		if glob != "them" {
			ok, _ = path.Match(glob, name)
		}
		if ok {
			p.r.asks(name)
			kids = append(kids, p.parts[name])
		}
	}
	if len(kids) == 0 {
		return nil, p.fail(near(glob, p.names), "no %s is named like %q", p.r.part, glob)
	}
	p.next()
	return condition.Join(kind, kids...), nil
}
