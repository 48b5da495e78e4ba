package strictyaml

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

var lineBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

// Lines are the lines of a file as yaml counts them.
func Lines(text []byte) []string {
	s := string(text)
	for _, other := range []string{"\r", "\u0085", "\u2028", "\u2029"} { // hardly any file has one
		if strings.Contains(s, other) {
			s = lineBreaks.Replace(s)
			break
		}
	}
	return strings.Split(s, "\n")
}

// Plain says whether a scalar is written without quotes and not as a block.
func Plain(n *Node) bool {
	return !Quoted(n) && n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0
}

// Places says where in a file the text of a scalar stands, by a line from 1 and a column
// from 0 of that text. YAML joins lines, takes quotes, escapes and indents away, and tells
// where the scalar begins only; so the text is laid over the lines of the file again.
func Places(lines []string, n *Node) func(line, column int) (int, int) {
	w := &overlay{lines: lines, node: n, line: n.Line - 1, column: n.Column - 1}
	w.begin()
	marks := [][]mark{nil}
	for _, c := range n.Value {
		w.reach(c)
		last := len(marks) - 1
		marks[last] = append(marks[last], mark{w.line + 1, w.column + 1})
		if w.pass(c); c == '\n' {
			marks = append(marks, nil)
		}
	}
	last := len(marks) - 1
	marks[last] = append(marks[last], mark{w.line + 1, w.column + 1})
	return func(line, column int) (int, int) {
		of := marks[max(0, min(line, len(marks))-1)]
		m := of[max(0, min(column, len(of)-1))]
		return m.line, m.column
	}
}

// mark is a place in a file, from 1.
type mark struct{ line, column int }

// overlay goes through the lines of a file beside the text that yaml made of them.
type overlay struct {
	lines        []string
	node         *Node
	line, column int // from 0

	runes []rune // of the line numbered at
	at    int
}

// here is the rest of the present line.
func (w *overlay) here() []rune {
	if w.line >= len(w.lines) {
		return nil
	}
	if w.runes == nil || w.at != w.line {
		w.runes, w.at = []rune(w.lines[w.line]), w.line
	}
	return w.runes[min(w.column, len(w.runes)):]
}

// begin passes over what stands before the text: an anchor, a tag, a quote, the sign of a block.
func (w *overlay) begin() {
	if w.node.Value == "" {
		return
	}
	for w.blank(); len(w.here()) > 0 && (w.here()[0] == '&' || w.here()[0] == '!'); w.blank() {
		for len(w.here()) > 0 && w.here()[0] != ' ' {
			w.column++
		}
	}
	switch {
	case Quoted(w.node):
		w.column++
	case !Plain(w.node):
		w.line, w.column = w.line+1, 0
	}
}

// blank passes over spaces and the ends of lines.
func (w *overlay) blank() {
	for w.line < len(w.lines) {
		switch rest := w.here(); {
		case len(rest) == 0 && w.line+1 < len(w.lines):
			w.line, w.column = w.line+1, 0
		case len(rest) > 0 && (rest[0] == ' ' || rest[0] == '\t'):
			w.column++
		default:
			return
		}
	}
}

// white says whether a rune of the text may be the end of a line, or an indent, in the file.
func white(c rune) bool { return c == ' ' || c == '\t' || c == '\n' }

func (w *overlay) escaped() bool { return w.node.Style&yaml.DoubleQuotedStyle != 0 }

// reach goes to where c stands.
func (w *overlay) reach(c rune) {
	if white(c) {
		return
	}
	w.blank()
	for w.escaped() && len(w.here()) == 1 && w.here()[0] == '\\' { // the line goes on
		w.line, w.column = w.line+1, 0
		w.blank()
	}
}

// escapes are how many digits follow the letter of an escape.
var escapes = map[rune]int{'x': 2, 'u': 4, 'U': 8}

// pass goes behind c.
func (w *overlay) pass(c rune) {
	rest := w.here()
	switch {
	case len(rest) == 0:
	case w.escaped() && rest[0] == '\\' && len(rest) > 1:
		w.column += 2 + escapes[rest[1]]
	case w.node.Style&yaml.SingleQuotedStyle != 0 && rest[0] == '\'' && c == '\'':
		w.column += 2
	case !white(c) || rest[0] == c:
		w.column++
	}
}
