package strictyaml

import (
	"strings"
	"testing"
)

// TestPlaces: however YAML writes a text, the place of its word HERE is found in the file.
func TestPlaces(t *testing.T) {
	f := func(text string) {
		t.Helper()
		n, err := Parse("x.yml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		value := Value(n, "when")
		line, column := 1, 0
		for _, c := range value.Value[:strings.Index(value.Value, "HERE")] {
			if column++; c == '\n' {
				line, column = line+1, 0
			}
		}
		wantLine, wantColumn := 0, 0
		for i, l := range Lines([]byte(text)) {
			if at := strings.Index(l, "HERE"); at >= 0 && wantLine == 0 {
				wantLine, wantColumn = i+1, len([]rune(l[:at]))+1
			}
		}
		if l, c := Places(Lines([]byte(text)), value)(line, column); l != wantLine || c != wantColumn {
			t.Errorf("%q: %d:%d, want %d:%d", text, l, c, wantLine, wantColumn)
		}
	}
	f("a: 1\nwhen: HERE\n")
	f("when:\n  HERE\n")
	f("when: x\n  and HERE\n")
	f("when: |\n\n  x\n    and HERE\n")
	f("when: |2\n    x\n   HERE\n")
	f("when: >-\n    x\n    and\n    HERE\n")
	f("when: >\n  x\n\n  and\n    HERE\n")
	f("when: &anchor |\n  HERE\n")
	f("when: !!str HERE\n")
	f("b: &x a HERE\nwhen: *x\n")
	f("when: 'it''s ''x'' HERE'\n")
	f(`when: "a \"b\" \u0041\x41 HERE"` + "\n")
	f("when: \"a\n   b\\\n   HERE\"\n")
	f("when: äöü€😀 HERE\n")
	f("a: x\rwhen: |\r  b\r  HERE\r")
	f("a: x\r\nwhen: |\r\n  b\r\n  HERE\r\n")
	f("a: \"x\u2028\u0085y\"\nwhen: HERE\n")
	f("[{a: b}, c]: d\nwhen: \"a HERE\"\n")
}

// TestReadable: what is no text is named with its place, and how to mend it.
func TestReadable(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		_, err := Parse("x.yml", []byte(text))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	f("a: [\n", "x.yml:2:1: did not find expected node content: a bracket that is not closed")
	f("a: {b: c\n", "x.yml:2:1: did not find expected ',' or '}': entries in braces are key: value with commas")
	f("a: {b: ${file:/x}}\n", `x.yml:1:9: did not find expected ',' or '}': entries in braces are key: value with commas between them, up to the brace; a text with braces, such as "${NAME}", wants quotes there`)
	f("a:\n  b: c\n d: e\n", "x.yml:3:2: did not find expected key: a line that is indented otherwise")
	f("a: 'it's'\n", "x.yml:1:8: did not find expected key: a line that is indented otherwise than those around it, or a quote inside quotes")
	f("a: \"b\n", "x.yml:2:1: found unexpected end of stream: a quote that is not closed")
	f("a: b\nfoo\n", "x.yml:3:1: could not find expected ':': a line without key: value")
	f("a: \"\\w\"\n", "x.yml:1:5: found unknown escape character: in double quotes \\ escapes")
	f("a:\n\t- b\n", "x.yml:2:1: found character that cannot start any token: indent with spaces, not tabs")
	f("a: [%b]\n", "x.yml:1:5: found character that cannot start any token: indent with spaces, not tabs; a text that begins with @, %")
	f("a: b\n\tc: d\n", "x.yml:2:1: found a tab character that violates indentation: indent with spaces")
	f("a: b\n  c: d\n", "x.yml:2:4: mapping values are not allowed in this context: a line that is indented too far")
	f("a: b\nc: ü\xe9\n", "x.yml:2:5: the byte 0xe9 is no UTF-8: save the file as UTF-8")
	f("\xff\xfea\x00:\x00", "x.yml:1:1: the byte 0xff is no UTF-8")
	f("a: b\nc: d\x00\n", `x.yml:2:5: a control character (0x00): take it out, or write it in double quotes as \x00`)
	f("a: \x1b[31m\n", "x.yml:1:4: a control character (0x1b)")
}

// TestEmptyDocuments: lines of --- at the ends of a file, or two in a row, are no documents.
func TestEmptyDocuments(t *testing.T) {
	f := func(text string, want int) {
		t.Helper()
		if docs, _ := ParseAll("x.yml", []byte(text)); len(docs) != want {
			t.Errorf("%q: %d documents, want %d", text, len(docs), want)
		}
	}
	f("---\n", 0)
	f("---\n---\na: b\n---\n", 1)
	f("---\na: b\n---\n# nothing\n---\nc: d\n", 2)
	f("null\n", 1)
}

func FuzzPlaces(f *testing.F) {
	f.Add("when: >\n  a\n  b\n", 1, 2)
	f.Add("when: \"a\\\n \\u00e4\"\n", 1, 2)
	f.Fuzz(func(t *testing.T, text string, line, column int) {
		n, err := Parse("x.yml", []byte(text))
		if err != nil {
			return
		}
		if v := Value(n, "when"); v != nil && v.Kind == Scalar {
			if l, c := Places(Lines([]byte(text)), v)(line, column); l < 1 || c < 1 {
				t.Errorf("%q: %d:%d", text, l, c)
			}
		}
	})
}
