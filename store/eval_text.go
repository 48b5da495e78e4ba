package store

import "strings"

// isWords tells that the field is asked by words: text, or the .text of a keyword.
func (l *leafTest) isWords() bool { return l.class == classText }

// match is all or any of the words; on what is not text, the value itself.
func (e *eval) match(q Match) (node, error) {
	l := e.leaf(q.Field)
	if !l.isWords() {
		return e.terms(Terms{Field: q.Field, Values: []string{q.Text}})
	}
	n := &boolNode{min: 1}
	words := splitWords(q.Text)
	if len(words) == 0 {
		if q.NoWords != nil {
			return e.prepare(q.NoWords)
		}
		return noneNode{}, nil
	}
	switch {
	case q.And:
		n.min = len(words)
	case q.Least != nil:
		n.min = q.Least(len(words))
	}
	seen := map[string]bool{}
	for _, w := range words {
		if seen[w] && q.And {
			n.min--
		} else {
			n.should = append(n.should, l.wordNode([]string{w}, false, false))
		}
		seen[w] = true
	}
	return n, nil
}

func (e *eval) phrase(q Phrase) (node, error) {
	l := e.leaf(q.Field)
	if !l.isWords() {
		if q.Prefix {
			return e.prefix(Prefix{Field: q.Field, Value: q.Text})
		}
		return e.terms(Terms{Field: q.Field, Values: []string{q.Text}, Zone: q.Zone})
	}
	words := splitWords(q.Text)
	if len(words) == 0 && q.Typed {
		return wordlessNode{}, nil
	}
	if len(words) == 0 {
		return noneNode{}, nil
	}
	return l.wordNode(words, q.Prefix, false), nil
}

// wordsNode looks for words that follow each other.
type wordsNode struct {
	l      *leafTest
	words  []string
	prefix bool                // the last one may go on
	tests  []func([]byte) bool // nil, or for each word nil or what it has to pass instead
}

// fits tells whether w is the k-th word.
func (n *wordsNode) fits(k int, w []byte) bool {
	switch {
	case n.tests != nil && n.tests[k] != nil:
		return n.tests[k](w)
	case n.prefix && k == len(n.words)-1:
		return strings.HasPrefix(string(w), n.words[k])
	}
	return string(w) == n.words[k]
}

// tokensNode looks for any word that passes a test.
type tokensNode struct {
	l    *leafTest
	test func([]byte) bool
}

// wordNode is a word or a phrase. raw words are not analyzed: what the analyzer never makes
// is never found, as with a term query.
func (l *leafTest) wordNode(words []string, prefix, raw bool) node {
	if raw && len(words) == 1 {
		if w := splitWords(words[0]); len(w) != 1 || w[0] != words[0] {
			return noneNode{}
		}
	}
	return &wordsNode{l: l, words: words, prefix: prefix}
}

func (l *leafTest) tokenNode(test func([]byte) bool) node { return &tokensNode{l, test} }

func (n *tokensNode) run(_ *eval, p part) (rows64, error) {
	return n.l.scan(p, nil, func(s []byte, buf []byte) (bool, []byte) {
		found := false
		buf = eachWord(s, buf, func(w []byte, _ int) bool {
			found = n.test(w)
			return !found
		})
		return found, buf
	})
}

func (n *wordsNode) run(_ *eval, p part) (rows64, error) {
	var want rows64
	exact := true
	if n.l.sub == "" {
		for i, w := range n.words {
			if n.prefix && i == len(n.words)-1 || n.tests != nil && n.tests[i] != nil {
				exact = false
				continue
			}
			c, sure, err := p.candidates(n.l.base, w)
			if err != nil {
				return nil, err
			}
			exact = exact && sure
			if c == nil {
				continue
			}
			if want == nil {
				want = c
			} else {
				want.and(c)
			}
			if want.empty() {
				return want, nil
			}
		}
		if exact && want != nil && len(n.words) == 1 {
			return want, nil
		}
	}
	return n.l.scan(p, want, n.in)
}

// in tells whether the words stand in s one behind another.
func (n *wordsNode) in(s, buf []byte) (bool, []byte) {
	if len(n.words) == 1 && !n.prefix {
		found := false
		buf = eachWord(s, buf, func(w []byte, _ int) bool {
			found = string(w) == n.words[0]
			return !found
		})
		return found, buf
	}
	// open holds, for each place in the phrase, whether the words so far end right here. A
	// phrase is short, and this is right where it begins with its own middle ("a a b").
	open := make([]bool, len(n.words)+1)
	found := false
	buf = eachWord(s, buf, func(w []byte, _ int) bool {
		for k := len(n.words); k >= 1; k-- {
			open[k] = (k == 1 || open[k-1]) && n.fits(k-1, w)
		}
		found = open[len(n.words)]
		return !found
	})
	return found, buf
}

// scan reads the text of rows in want and asks match.
func (l *leafTest) scan(p part, want rows64, match func(s, buf []byte) (bool, []byte)) (rows64, error) {
	out := newRows(p.rows())
	if l.sub != "" { // the words of a keyword's values
		c, err := p.column(l.base)
		if err != nil || c == nil || c.dict == nil {
			return out, err
		}
		t := leafTest{test: func(v string) bool { ok, _ := match([]byte(v), nil); return ok }}
		return out, t.codes(c, nil, out)
	}
	num := p.fieldNum(l.base)
	if num < 0 {
		return out, nil
	}
	var buf []byte
	var bad error
	err := p.text(want, func(row uint32, records []byte) bool {
		bad = eachText(records, func(r textRecord) bool {
			if r.field != num || r.kind == textLong {
				return true
			}
			var ok bool
			if ok, buf = match(r.s, buf); ok {
				out.set(row)
			}
			return !ok
		})
		return bad == nil
	})
	if err == nil {
		err = bad
	}
	return out, err
}
