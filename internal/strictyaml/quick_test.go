package strictyaml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"go.yaml.in/yaml/v4"

	"sluice/internal/corpus"
)

// same says how two trees differ, but for comments.
func same(a, b *Node) string {
	if a.Kind != b.Kind || a.Tag != b.Tag || a.Value != b.Value || a.Style != b.Style || a.Line != b.Line || a.Column != b.Column || a.Anchor != b.Anchor || len(a.Content) != len(b.Content) {
		return fmt.Sprintf("kind %d %s %q style %d at %d:%d with %d, want kind %d %s %q style %d at %d:%d with %d", a.Kind, a.Tag, a.Value, a.Style, a.Line, a.Column, len(a.Content),
			b.Kind, b.Tag, b.Value, b.Style, b.Line, b.Column, len(b.Content))
	}
	for i := range a.Content {
		if d := same(a.Content[i], b.Content[i]); d != "" {
			return d
		}
	}
	return ""
}

// library is what the library makes of a text.
func library(text []byte) (docs []*Node, err error) {
	for dec := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var doc yaml.Node
		if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
			return docs, nil
		} else if err != nil {
			return docs, err
		}
		docs = append(docs, doc.Content...)
	}
}

// checkQuick holds the quick reader to the library. It says whether it read the text.
func checkQuick(t *testing.T, text []byte) bool {
	t.Helper()
	got := quickly(text)
	if got == nil {
		return false
	}
	want, err := library(text)
	if err != nil || len(got) != len(want) {
		t.Fatalf("%d documents, want %d and %v:\n%s", len(got), len(want), err, text)
	}
	for i := range got {
		if d := same(got[i], want[i]); d != "" {
			t.Fatalf("%s in\n%s", d, text)
		}
	}
	return true
}

// quickTexts are what it reads.
var quickTexts = []string{
	"a: b\n",
	"title: A rule # of ours\nid: 0-1\ndate: 2024-02-26\n# that is all\ntags:\n    - attack.t1003\n    - attack.execution # too\n\nlevel: high\n",
	"tags:\n- a\n- b: 1\n  c: 2\n-\n  d: x\n- \nlevel: low\n",
	"detection:\n    selection:\n        - Image|endswith: '\\cmd.exe'\n          'Key': \"C:\\\\Windows\\\\\"\n        - Other|contains:\n              - 'it''s'\n              - \"\\\"\"\n              - ''\n              -\n    condition: 1 of selection*\n",
	"text: |\n  one\n\n    two \n   \n  three\n\n\nnext: |-\n    x: y # z\n\nlast:\n",
	"- |\n a\n- b\n",
	"a:\n  b: |\n    c\n  # between\n # and\n  d: e\n",
	"---\na: b\n---\nc: d\n",
	"ä: ö\n'é': x\n",
	"a : b\nkey with spaces:   value with:colons:and#hash\n",
	"n: null\nt: true\nf: False\nx: 0x1F\ne: 1e3\nd: 1.5\ni: -7\ns: 1.2.3.4\no: on\nv: ~\nm: -x\nq: ?x\nt2: 2024-01-02T03:04:05Z\ninf: .inf\nz: 0000\n",
	"a:\nb:\n",
	"a:\n\n\n  - x\n",
	"a: [b, 'c', \"d\", 1,  e f ]\nb: {c: d, 'e f': [g], h: {}, i: a:b} # x\nc: []\nd:\n- [a, [b], ]\n- {a: b}\n",
	"a: [b, # c\n  d,\n\n  # e\n  f, [ \n g]]\nh: {\n  i: j,\n  k: l}\nm: n\n",
}

func TestQuick(t *testing.T) {
	for _, text := range quickTexts {
		if !checkQuick(t, []byte(text)) {
			t.Errorf("not read quickly:\n%s", text)
		}
	}
}

// TestQuickCorpus holds the quick reader to the library on SigmaHQ's rules.
func TestQuickCorpus(t *testing.T) {
	read, all := 0, 0
	corpus.SigmaHQ(t, func(_ string, text []byte) {
		if all++; checkQuick(t, text) {
			read++
		}
	})
	if read < all*98/100 {
		t.Errorf("read %d of %d files", read, all)
	}
}

// TestQuickChanged changes bytes of what is read quickly to those that YAML hangs on.
func TestQuickChanged(t *testing.T) {
	const bytes = " \n:-#'\"|a1[&.?\\,]{}"
	rng := rand.New(rand.NewPCG(1, 2))
	read := 0
	for i := range 20_000 {
		text := []byte(quickTexts[i%len(quickTexts)])
		for range 1 + rng.IntN(4) {
			at, c := rng.IntN(len(text)), bytes[rng.IntN(len(bytes))]
			switch rng.IntN(3) {
			case 0:
				text[at] = c
			case 1:
				text = slices.Insert(text, at, c)
			case 2:
				text = append(slices.Delete(text, at, at+1), '\n')
			}
		}
		if checkQuick(t, text) {
			read++
		}
	}
	if read < 2000 {
		t.Errorf("only %d were read", read)
	}
}

func FuzzQuick(f *testing.F) {
	for _, text := range quickTexts {
		f.Add([]byte(text))
	}
	for _, text := range []string{"a:\n  b\n", "a: b\n  c\n", "a: 'b\n  c'\n", "- - a\n", "a: &x b\nc: *x\n", "a: !!str b\n", "? a\n: b\n", "a: {b: c}\n", "a: [b]\n", "a: >\n  b\n", "a: |2\n   b\n", "a: |+\n b\n\n", "a: |\n\n b\n", "%YAML 1.2\n---\na: b\n...\n", "<<: a\n", "\ta: b\n", "a: b\r\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) < 1<<12 {
			checkQuick(t, text)
		}
	})
}
