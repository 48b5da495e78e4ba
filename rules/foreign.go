package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"

	"sluice/internal/strictyaml"
)

// isForeign says whether a document is a rule of another language.
func isForeign(doc *strictyaml.Node) bool {
	for i := 0; doc.Kind == strictyaml.Mapping && i+1 < len(doc.Content); i += 2 {
		if k := doc.Content[i].Value; k == "detection" || k == "correlation" || k == "filter" || k == "logsource" {
			return true
		}
	}
	return false
}

// foreignRule makes a rule of a document that a dialect translates. name stands in for
// an id that is missing, or taken in the same file: collections of rules have such.
func (r *reader) foreignRule(doc *strictyaml.Node, d Dialect, name string) (*Rule, error) {
	f, err := d.Translate(r.src.Name, doc, r.set.schema, r.set.leaves)
	if f == nil {
		return nil, err
	}
	sum := sha256.New()
	r.said = appendSaid(r.said[:0], doc)
	sum.Write(r.said)
	out := &Rule{
		ID: f.ID, Hash: hex.EncodeToString(sum.Sum(nil)[:8]), Title: f.Title, Description: f.Description, Kind: KindMatch, Level: f.Level, Status: f.Status,
		Author: f.Author, References: f.References, Tags: f.Tags, Positives: f.Positives, Count: 1, File: r.src.Name, Line: doc.Line, when: f.When, kind: kinds[KindMatch], foreign: true, silent: f.Silent, Doubts: f.Doubts,
	}
	if f.Over != nil {
		if err := f.Over.lay(out, r.set.opt); err != nil {
			return nil, fmt.Errorf("%s:%d:%d: %w", r.src.Name, doc.Line, doc.Column, err)
		}
		f.Over.links(r, out)
	}
	switch other := r.set.byID[out.ID]; {
	case out.ID == "", other != nil && other.File == out.File: // a collection in one file may repeat a rule
		out.ID = name
	case other != nil:
		return nil, fmt.Errorf("%s:%d:%d: the id %s is taken by the rule at %s:%d", r.src.Name, doc.Line, doc.Column, out.ID, other.File, other.Line)
	}
	if out.Title == "" {
		out.Title = out.ID
	}
	if _, ok := risk[out.Level]; !ok {
		out.Level = "medium"
	}
	out.risk = float64(risk[out.Level])
	out.Version = version(out)
	r.shown(out, &spec{})
	if out.reads == nil {
		out.reads = out.read()
	}
	return out, nil
}

// appendSaid appends all that a document says, in its order.
func appendSaid(b []byte, n *strictyaml.Node) []byte {
	n = strictyaml.Follow(n)
	b = strconv.AppendInt(b, int64(n.Kind), 10)
	if unquoted(n.Value) {
		b = append(append(append(b, '"'), n.Value...), '"')
	} else {
		b = strconv.AppendQuote(b, n.Value)
	}
	for _, c := range n.Content {
		b = appendSaid(b, c)
	}
	return b
}

// unquoted says whether quoting a text only puts quotes around it.
func unquoted(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
