// Package strictyaml parses the YAML that users write: configuration, packs and rules. It reports
// all faults of a file at once, each as file:line:column with what was expected and the closest
// valid name. It rejects files larger than 1 MiB and those whose aliases would expand out of
// proportion.
package strictyaml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// MaxBytes bounds one file. The largest hand-written pack we know is 200 KiB.
const MaxBytes = 1 << 20

// maxFaults bounds the report of one file: after that many, more do not help.
const maxFaults = 50

// Node is one node of a parsed file; it knows its line and column.
type Node = yaml.Node

// The kinds of nodes.
const (
	Scalar   = yaml.ScalarNode
	Sequence = yaml.SequenceNode
	Mapping  = yaml.MappingNode
)

// Quoted says whether a scalar is written in quotes: its text begins a column later.
func Quoted(n *Node) bool { return n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 }

// Source is a file being read. Faults are collected, each with its place, so that
// one run shows them all. It belongs to one goroutine.
type Source struct {
	Name   string
	Begins []int   // the lines on which documents of their own begin, in order; nil: the file is one
	faults []fault // in the order of the file
	more   int
	muted  map[[2]int]bool // line, column
}

type fault struct {
	line, column int
	err          error
}

// A Fault is one of a document among others in a file, for those who count documents.
type Fault struct {
	File     string
	Document int // the line on which it begins
	text     string
}

func (f *Fault) Error() string { return f.text }

// Mute drops further faults at n's place: they would follow from the one that was noted.
func (s *Source) Mute(n *Node) {
	if s.muted == nil {
		s.muted = map[[2]int]bool{}
	}
	s.muted[[2]int{n.Line, n.Column}] = true
}

// Fail notes a fault at n.
func (s *Source) Fail(n *Node, format string, args ...any) {
	s.FailAt(n.Line, n.Column, format, args...)
}

// FailedAt says whether a fault is noted at the place of a node.
func (s *Source) FailedAt(n *Node) bool {
	return slices.ContainsFunc(s.faults, func(f fault) bool { return f.line == n.Line && f.column == n.Column })
}

// FailAt notes a fault at a line and column, both from 1.
func (s *Source) FailAt(line, column int, format string, args ...any) {
	if s.muted[[2]int{line, column}] {
		return
	}
	if len(s.faults) >= maxFaults {
		s.more++
		return
	}
	at := sort.Search(len(s.faults), func(i int) bool {
		f := &s.faults[i]
		return f.line > line || f.line == line && f.column > column
	})
	text := fmt.Sprintf("%s:%d:%d: %s", s.Name, line, column, fmt.Sprintf(format, args...))
	s.faults = slices.Insert(s.faults, at, fault{line, column, &Fault{s.Name, s.document(line), text}})
}

// document is where the document begins that has the line.
func (s *Source) document(line int) int {
	if at := sort.SearchInts(s.Begins, line+1); at > 0 {
		return s.Begins[at-1]
	}
	return 1
}

// Count is how many faults there are so far.
func (s *Source) Count() int { return len(s.faults) + s.more }

// Err is every fault so far, one a line, in the order of the file, or nil.
func (s *Source) Err() error {
	var all []error
	for i := range s.faults {
		all = append(all, s.faults[i].err)
	}
	if s.more > 0 {
		all = append(all, fmt.Errorf("%s: and %d more faults", s.Name, s.more))
	}
	return errors.Join(all...)
}

// Joined are the errors that errors.Join put together. One that wraps several in a sentence
// stays whole: apart, they would lose it.
func Joined(err error) (out []error) {
	if err == nil {
		return nil
	}
	var many interface{ Unwrap() []error }
	if !errors.As(err, &many) || errors.Join(many.Unwrap()...).Error() != err.Error() {
		return []error{err}
	}
	for _, e := range many.Unwrap() {
		out = append(out, Joined(e)...)
	}
	return out
}

// Parse reads a file of one document. An error has its place.
func Parse(name string, text []byte) (*Node, error) {
	docs, err := ParseAll(name, text)
	if err != nil {
		return nil, err
	}
	if len(docs) != 1 {
		return nil, fmt.Errorf("%s:%d:%d: expected one document, found %d; remove the lines of ---", name, docs[1].Line, docs[1].Column, len(docs))
	}
	return docs[0], nil
}

// ParseAll reads a file of one or more documents, divided by lines of ---.
func ParseAll(name string, text []byte) ([]*Node, error) {
	if len(text) > MaxBytes {
		return nil, fmt.Errorf("%s:1:1: the file has %d bytes; at most %d are read: divide it", name, len(text), MaxBytes)
	}
	if err := unreadable(name, text); err != nil {
		return nil, err
	}
	var docs []*Node
	for dec := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var doc yaml.Node
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, placed(name, err)
		}
		if len(doc.Content) == 1 && !nothing(doc.Content[0]) {
			docs = append(docs, doc.Content[0])
		}
	}
	if len(docs) == 0 {
		return nil, fmt.Errorf("%s:1:1: the file is empty", name)
	}
	return docs, bombs(name, docs)
}

// nothing says whether nothing is written there. Such a document is made by a line of --- at the
// beginning or the end of a file, or two in a row.
func nothing(n *Node) bool { return n.Kind == Scalar && n.Tag == "!!null" && n.Value == "" }

// unreadable names the place of the first byte that is no text: yaml knows none.
func unreadable(name string, text []byte) error {
	if utf8.Valid(text) && !slices.ContainsFunc(text, isControl) {
		return nil
	}
	for i, line := range Lines(text) {
		column := 1
		for j, c := range line {
			switch _, size := utf8.DecodeRuneInString(line[j:]); {
			case c == utf8.RuneError && size == 1:
				return fmt.Errorf("%s:%d:%d: the byte 0x%02x is no UTF-8: save the file as UTF-8", name, i+1, column, line[j])
			case c < ' ' && c != '\t':
				return fmt.Errorf("%s:%d:%d: a control character (0x%02x): take it out, or write it in double quotes as \\x%02x", name, i+1, column, c, c)
			}
			column++
		}
	}
	return nil
}

// isControl says whether a byte is none that a line of text has or ends with.
func isControl(c byte) bool { return c < ' ' && c != '\t' && c != '\n' && c != '\r' }

// placed turns each fault that yaml found into file:line:column: text.
func placed(name string, err error) error {
	var many *yaml.LoadErrors
	var one *yaml.LoadError
	switch {
	case errors.As(err, &many):
		var out []error
		for _, e := range many.Errors {
			out = append(out, loadError(name, e))
		}
		return errors.Join(out...)
	case errors.As(err, &one):
		return loadError(name, one)
	}
	return fmt.Errorf("%s:1:1: %w", name, err)
}

// yamlHints say to people what YAML's own words do not.
var yamlHints = map[string]string{
	"mapping values are not allowed in this context":  ": a line that is indented too far, or a text with a colon that wants quotes",
	"could not find expected ':'":                     ": a line without key: value, or a text that wants to be indented",
	"did not find expected ',' or '}'":                ": entries in braces are key: value with commas between them, up to the brace; a text with braces, such as \"${NAME}\", wants quotes there",
	"did not find expected key":                       ": a line that is indented otherwise than those around it, or a quote inside quotes of the same kind",
	"did not find expected node content":              ": a bracket that is not closed, or a comma or bracket too many",
	"found character that cannot start any token":     ": indent with spaces, not tabs; a text that begins with @, % or a backtick wants quotes",
	"found unexpected end of stream":                  ": a quote that is not closed",
	"found unknown escape character":                  ": in double quotes \\ escapes; single quotes take texts as they stand",
	"found a tab character that violates indentation": ": indent with spaces",
}

// loadError is placed; yaml does not know every place.
func loadError(name string, e *yaml.LoadError) error {
	hint := yamlHints[e.Message]
	return fmt.Errorf("%s:%d:%d: %s%s", name, max(1, e.Mark.Line), max(1, e.Mark.Column), e.Message, hint)
}

// maxNodes bounds a file with its aliases followed: ten lines of nested aliases
// would otherwise be a billion nodes.
const maxNodes = 500_000

func bombs(name string, docs []*Node) error {
	count := 0
	var walk func(n *Node, depth int) error
	walk = func(n *Node, depth int) error {
		if count++; count > maxNodes || depth > 100 {
			return fmt.Errorf("%s:%d:%d: too many or too deeply nested values (aliases count as often as they are used)", name, n.Line, n.Column)
		}
		if n.Kind == yaml.AliasNode {
			return walk(n.Alias, depth+1)
		}
		for _, c := range n.Content {
			if err := walk(c, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	for _, d := range docs {
		if err := walk(d, 0); err != nil {
			return err
		}
	}
	return nil
}

// Follow gives what an alias stands for.
func Follow(n *Node) *Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// Pairs calls do for every key of a mapping, in file order.
func (s *Source) Pairs(n *Node, do func(key string, k, v *Node)) {
	if n = Follow(n); n.Kind != Mapping {
		s.Fail(n, "expected lines of key: value")
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := Follow(n.Content[i]), Follow(n.Content[i+1])
		if k.Kind != Scalar {
			s.Fail(n.Content[i], "expected a key, which is a text")
			continue
		}
		if seen[k.Value] {
			s.Fail(k, "%s is given twice", k.Value)
		}
		seen[k.Value] = true
		do(k.Value, k, v)
	}
}

// Value is what a mapping has under a key; nil: it has no such key.
func Value(n *Node, key string) *Node {
	n = Follow(n)
	for i := 0; n.Kind == Mapping && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return Follow(n.Content[i+1])
		}
	}
	return nil
}

// Words reads a scalar or a list of scalars.
func (s *Source) Words(n *Node) []*Node {
	switch n = Follow(n); n.Kind {
	case Scalar:
		return []*Node{n}
	case Sequence:
		out := make([]*Node, len(n.Content))
		for i, c := range n.Content {
			if out[i] = Follow(c); out[i].Kind != Scalar {
				s.Fail(c, "expected a text here")
				return nil
			}
		}
		return out
	}
	s.Fail(n, "expected a text or a list of texts")
	return nil
}

// Texts are the values of scalar nodes.
func Texts(nodes []*Node) []string {
	out := make([]string, len(nodes))
	for i, n := range nodes {
		out[i] = n.Value
	}
	return out
}
