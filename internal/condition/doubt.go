package condition

import (
	"fmt"
	"net/netip"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser/lexer"
)

// doubt notes what compiles, but is hardly meant, at a node.
func (c *compilation) doubt(n ast.Node, format string, args ...any) {
	c.doubtAt(n.Location(), format, args...)
}

func (c *compilation) doubtAt(at file.Location, format string, args ...any) {
	if c.Doubt == nil {
		return
	}
	line, column := c.placeAt(at)
	c.Doubt(&Fault{Line: line, Column: column, Problem: fmt.Sprintf(format, args...)})
}

// Word is how conditions write a question about texts.
func (o Op) Word() string {
	return map[Op]string{Equal: "==", Prefix: "startsWith", Suffix: "endsWith", Contains: "contains"}[o]
}

// doubtText looks for what means something in another language, but here stands for itself.
func (c *compilation) doubtText(at ast.Node, op Op, name, text string) {
	if c.Doubt == nil {
		return
	}
	bare := strings.Trim(text, "*%")
	switch {
	case op == Glob && percented(text):
		c.doubt(at, "%% stands for itself; write %q", "*"+bare+"*")
	case !op.textual():
	case op == Equal && text == "":
		c.doubt(at, "what is empty is not set; write not has(%s)", name)
	case op == Equal && strings.TrimSpace(text) != text:
		c.doubt(at, "%q has a space at its end or beginning, which few values have", text)
	case text == "":
		c.doubt(at, "each text %s the empty one; write has(%s)", op.Word(), name)
	case percented(text), op != Equal && starred(text):
		c.doubt(at, "%s stands for itself in %s; write like(%s, %q)", string(text[strings.IndexAny(text, "*%")]), op.Word(), name, strings.ReplaceAll(text, "%", "*"))
	case starred(text):
		c.doubt(at, "* stands for itself in ==; write like(%s, %q)", name, text)
	case strings.Contains(text, ".*") && op != Suffix && !strings.Contains(text, "*.*"):
		c.doubt(at, ".* stands for itself in %s; write %s matches %q", op.Word(), name, text)
	case strings.HasPrefix(text, "^") && len(text) > 2 && isWordy(text[1]):
		c.doubt(at, "^ stands for itself in %s; write %s startsWith %q", op.Word(), name, text[1:])
	case op == Equal && alternatives.MatchString(text):
		c.doubt(at, "%q is one text; write %s in [%s]", text, name, quotedList(text))
	}
}

// starred says whether a text begins or ends with a star, and is more than stars.
func starred(text string) bool {
	return strings.Trim(text, "*") != "" && (text[0] == '*' || text[len(text)-1] == '*')
}

// percented is a text as LIKE of SQL has it; in URLs %61 is a character.
func percented(text string) bool {
	return len(text) > 3 && text[0] == '%' && text[len(text)-1] == '%' && !strings.Contains(text[1:len(text)-1], "%")
}

func isWordy(b byte) bool {
	return b == '_' || unicode.IsLetter(rune(b)) || unicode.IsDigit(rune(b)) || b == '/'
}

// alternatives are several words where one text is asked for.
var alternatives = regexp.MustCompile(`^(\w[\w.-]*( ?\| ?\w[\w.-]*)+|[a-z0-9][a-z0-9._-]*(, ?[a-z0-9][a-z0-9._-]*)+)$`)

func quotedList(text string) string {
	var out []string
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return r == '|' || r == ',' || r == ' ' }) {
		out = append(out, fmt.Sprintf("%q", w))
	}
	return strings.Join(out, ", ")
}

// twice looks for a value that stands in a list twice: mostly another was meant.
func (c *compilation) twice(list *ast.ArrayNode) {
	seen := map[string]bool{}
	for _, k := range list.Nodes {
		text, kind := literal(k)
		if kind != "" && seen[kind+text] {
			c.doubt(k, "%s stands in the list twice: was another value meant?", k.String())
		}
		seen[kind+text] = true
	}
}

// unlisted looks for a text behind in, which other languages search for within the field, and for a
// list behind ==, which they compare as a whole.
func (c *compilation) unlisted(n *ast.BinaryNode, right ast.Node, name string) {
	_, list := right.(*ast.ArrayNode)
	if in := map[string]string{"==": "in", "!=": "not in"}[n.Operator]; list && in != "" {
		c.doubt(right, "%s with a list asks for any of it, whatever else %s has; write %s %s %s", n.Operator, name, name, in, right.String())
	}
	if !list && n.Operator == "in" && right == n.Right {
		c.doubt(right, "in asks whether a value is one of a list; write %s in [%s], or %s contains %s", name, right.String(), name, right.String())
	}
}

// doubtNets looks for networks that hold every address.
func (c *compilation) doubtNets(at ast.Node, l *Leaf, name string) {
	if l.Op == CIDR && slices.ContainsFunc(l.Nets, func(n netip.Prefix) bool { return n.Bits() == 0 }) {
		c.doubt(at, "a network of the length 0 holds every address: to ask whether there is one, write has(%s)", name)
	}
}

// doubtGlobs looks for patterns of which none has a wildcard.
func (c *compilation) doubtGlobs(at ast.Node, l *Leaf, name string) {
	wild := func(g Wild) bool {
		return !g.Start || !g.End || len(g.Pieces) != 1 || strings.IndexByte(g.Pieces[0], AnyRune) >= 0
	}
	if c.Doubt == nil || l.Op != Glob || len(l.Globs) == 0 || percented(strings.Join(l.Globs[0].Pieces, "")) || slices.ContainsFunc(l.Globs, wild) {
		return
	}
	c.doubt(at, "there is no * or ?, so all of %s is compared with it; what stands within it is %q", name, "*"+l.Globs[0].Pieces[0]+"*")
}

var (
	rawAddress = regexp.MustCompile(`\b\d{1,3}\.\d{1,3}\.\d{1,3}\.`)
	rawHost    = regexp.MustCompile(`[A-Za-z0-9-]{2,}\.(com|net|org|io|ru|cn|info|biz|local|internal|lan|example|test)([^\w.*+?{-]|$)`)
	classOfOr  = regexp.MustCompile(`\[\w{2,}(\|\w{2,})+\]`)
	asGlob     = regexp.MustCompile(`^[\w/-]*\w\*$`)
	slashed    = regexp.MustCompile(`^/.*/[gimsu]+$`)
	onlyText   = regexp.MustCompile(`^[\w /@:-]+$`)
)

// doubtRegexp looks for regular expressions that fit more, or less, than they seem to.
func (c *compilation) doubtRegexp(at ast.Node, name, text string) {
	if c.Doubt == nil {
		return
	}
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return
	}
	re := regexp.MustCompile(text)
	parts := strings.Split(text, "|")
	last := len(parts) - 1
	switch {
	case re.MatchString("") && re.MatchString("\u2603\n!\u2603"):
		c.doubt(at, "the expression fits every text, also none: write has(%s), or what it has to hold", name)
	case !canFit(tree):
		c.doubt(at, "the expression fits no text: ^ is where it begins, $ where it ends; the characters are \\^ and \\$")
	case slashed.MatchString(text):
		c.doubt(at, "slashes around an expression are a part of it; write (?i) in front for both cases")
	case asGlob.MatchString(text):
		c.doubt(at, "* repeats the character before it; write like(%s, %q)", name, text)
	case classOfOr.MatchString(text):
		c.doubt(at, "[a|b] is one of these characters; write (a|b) for one of the words")
	case last > 0 && strings.HasPrefix(text, "^") && strings.HasSuffix(text, "$") && !strings.ContainsAny(text, "()") && strings.Count(text, "^") == 1 && strings.Count(text, "$") == 1:
		c.doubt(at, "^ belongs to the first alternative only, and $ to the last; write ^(%s)$", text[1:len(text)-1])
	case rawAddress.MatchString(text), rawHost.MatchString(text):
		c.doubt(at, "a dot fits any character; the one between the parts of a name or address is \\.")
	case onlyText.MatchString(text):
		c.doubt(at, "the expression is a text, and fits wherever that stands; write %s == %q, or contains", name, text)
	}
}

// canFit is false where a text would have to go on before its beginning, or behind its end.
func canFit(re *syntax.Regexp) bool {
	if re.Op != syntax.OpConcat {
		return re.Op != syntax.OpCapture || canFit(re.Sub[0])
	}
	before, ended := 0, false
	for _, s := range re.Sub {
		switch {
		case s.Op == syntax.OpBeginText && before > 0, ended && atLeast(s) > 0, !canFit(s):
			return false
		case s.Op == syntax.OpEndText:
			ended = true
		}
		before += atLeast(s)
	}
	return true
}

// doubtMixed looks for a or b and c, which is a or (b and c), and is often meant as (a or b) and c. Where all
// alternatives have an and, or each begins a line, it is plain what is meant; and who writes parentheses
// around it knows what binds closer.
func (c *compilation) doubtMixed() {
	if c.Doubt == nil {
		return
	}
	tokens, err := lexer.Lex(c.src)
	if err != nil {
		return
	}
	text := []rune(c.src.String())
	depth, ands := 0, 0
	alone, joined := false, false // whether an alternative has no and, or has one
	var within *lexer.Token       // the first or that has its sides on one line
	for i := range tokens {
		t := &tokens[i]
		or := t.Is(lexer.Operator, "or", "||")
		switch {
		case t.Is(lexer.Bracket, "(", "[", "{"):
			depth++
		case t.Is(lexer.Bracket):
			depth--
		case depth > 0:
		case t.Is(lexer.Operator, "and", "&&"):
			ands++
		case or || t.Is(lexer.EOF):
			alone, joined, ands = alone || ands == 0, joined || ands > 0, 0
			if or && within == nil && !slices.Contains(text[tokens[i-1].To:tokens[i+1].From], '\n') {
				within = t
			}
		}
	}
	if alone && joined && within != nil {
		c.doubtAt(within.Location, "and binds closer than or: put parentheses around what belongs together")
	}
}
