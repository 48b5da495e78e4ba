package normalize_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"sluice/event"
	"sluice/internal/strictyaml"
	"sluice/normalize"
	"sluice/schemas"
)

// TestDocs runs the examples of docs/packs.md: steps, a line, and what comes of it
// beside what the engine adds to every event. Every verb must have one.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile("../docs/packs.md")
	if err != nil {
		t.Fatal(err)
	}
	block := func(rest, lang string) (string, string) {
		_, rest, ok := strings.Cut(rest, "```"+lang+"\n")
		if !ok {
			t.Fatalf("a block of %s is missing", lang)
		}
		body, rest, _ := strings.Cut(rest, "\n```")
		return body, rest
	}
	seen, rest := "", string(text)
	for n := 1; strings.Contains(rest, "```yaml\n"); n++ {
		var steps, line, want string
		steps, rest = block(rest, "yaml")
		line, rest = block(rest, "text")
		want, rest = block(rest, "json")
		seen += steps
		pack := "pack: a_b\nmessage: false\nrecognize: [\"@@@\"]\nvars: [_a, _b]\nsteps:\n" + steps + "\n"
		w := open(t, []normalize.File{{Name: "docs/packs.md", Text: []byte(pack)}}).NewWorker()
		var docs []string
		for ev, _ := w.Normalize(&event.Raw{Bytes: []byte(line), Received: received, Pack: "a_b"}, "", received); ev != nil; ev, _ = w.Next() {
			docs = append(docs, own(t, ev))
		}
		if got := strings.Join(docs, "\n"); got != want {
			t.Errorf("example %d\n%s\n%s\ngot  %s\nwant %s", n, steps, line, got, want)
		}
	}
	for _, verb := range normalize.Verbs() {
		if !strings.Contains(seen, verb+":") {
			t.Errorf("docs/packs.md has no example of %s", verb)
		}
	}
	_, table, _ := strings.Cut(string(text), "\n## Types\n")
	table, _, _ = strings.Cut(table, "\n## ")
	for _, name := range normalize.TypeNames() {
		if !strings.Contains(table, "`"+name+"`") {
			t.Errorf("docs/packs.md has no row for the type %s", name)
		}
	}
}

// TestDocsPack: the pack that docs/packs.md begins with is one, and a slip in it is told of as the page says.
func TestDocsPack(t *testing.T) {
	text, err := os.ReadFile("../docs/packs.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\n\n    pack: ")
	body, rest, _ := strings.Cut(rest, "\n\n")
	pack := strings.ReplaceAll("pack: "+body, "\n    ", "\n")
	_, rest, _ = strings.Cut(rest, "\n\n    packs/acme_proxy/pack.yml:")
	fault, _, ok := strings.Cut(rest, "\n")
	if !ok {
		t.Fatal("the page shows no fault")
	}
	const name = "packs/acme_proxy/pack.yml"
	w := open(t, []normalize.File{{Name: name, Text: []byte(pack)}}).NewWorker()
	ev, _ := w.Normalize(&event.Raw{Bytes: []byte("%ACME-3: 192.0.2.1 GET /a rule=r1 200"), Received: received}, "", received)
	if got, want := own(t, ev), `{"acme":{"proxy":{"rule":"r1"}},"http":{"request":{"method":"GET"},"response":{"status_code":200}},"message":"%ACME-3: 192.0.2.1 GET /a rule=r1 200","source":{"address":"192.0.2.1","ip":"192.0.2.1"},"url":{"original":"/a","path":"/a"}}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	fields, err := normalize.Fields([]normalize.File{{Name: name, Text: []byte(pack)}})
	if err != nil {
		t.Fatal(err)
	}
	schema, err := event.New(append(schemas.ECS(), fields...))
	if err != nil {
		t.Fatal(err)
	}
	slip := strings.ReplaceAll(pack, "{source:addr}", "{source.addr}")
	if _, err := normalize.Load(schema, []normalize.File{{Name: name, Text: []byte(slip)}}); err == nil || err.Error() != name+":"+fault {
		t.Errorf("%v\nthe page has %s:%s", err, name, fault)
	}
}

// own is the event without what the engine adds to all.
func own(t *testing.T, ev *event.Event) string {
	t.Helper()
	var got map[string]any
	if err := json.Unmarshal(ev.AppendJSON(nil), &got); err != nil {
		t.Fatal(err)
	}
	for _, k := range []string{"@timestamp", "data_stream", "ecs", "event", "log", "related", "network"} {
		delete(got, k)
	}
	mine, _ := got["sluice"].(map[string]any)
	for _, k := range []string{"pack", "id", "line"} {
		delete(mine, k)
	}
	if len(mine) == 0 {
		delete(got, "sluice")
	}
	doc, _ := json.Marshal(got)
	return string(doc)
}

// TestSchema holds the shipped packs to the JSON Schema that editors use, and the
// schema to the verbs that there are.
func TestSchema(t *testing.T) {
	const name = "../schemas/packs/pack.schema.json"
	schema, err := jsonschema.NewCompiler().Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range normalize.Shipped() {
		root, err := strictyaml.Parse(f.Name, f.Text)
		if err != nil {
			t.Fatal(err)
		}
		var v any
		if err := root.Decode(&v); err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(texts(v))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(doc); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range normalize.Verbs() {
		if !strings.Contains(string(text), "\n        \""+verb+"\": {\"description\": \"") {
			t.Errorf("the schema does not say what %s does", verb)
		}
	}
}

// texts gives maps the text keys that JSON has.
func texts(v any) any {
	switch v := v.(type) {
	case map[any]any:
		out := map[string]any{}
		for k, x := range v {
			key, _ := json.Marshal(k)
			out[strings.Trim(string(key), `"`)] = texts(x)
		}
		return out
	case map[string]any:
		for k, x := range v {
			v[k] = texts(x)
		}
	case []any:
		for i, x := range v {
			v[i] = texts(x)
		}
	}
	return v
}

// The least that a pack has without saying why it has less.
const (
	leastShapes = 20 // message texts with a pattern, and keys with a field
	leastLines  = 10 // of sample.log
)

// TestBreadth: a pack names what it follows, and says why where it is small.
func TestBreadth(t *testing.T) {
	packs := open(t, normalize.Shipped())
	for _, p := range packs.Info() {
		dir := filepath.Join("packs", p.Name)
		readme, err := os.ReadFile(filepath.Join(dir, "README.md"))
		if err != nil {
			t.Error(err)
			continue
		}
		own := strings.HasPrefix(p.Name, "sluice_") || p.Generic || strings.HasSuffix(p.Name, "_generic")
		if p.Title == "" || p.Docs == "" && !own {
			t.Errorf("%s: title and docs say what a pack follows", p.Name)
		}
		lines := len(sampleLines(t, p.Name))
		if (p.Patterns+p.Keys < leastShapes || lines < leastLines) && !strings.Contains(string(readme), "Few shapes or test lines: ") {
			t.Errorf("%s has %d patterns, %d keys and %d test lines; its README does not say why (\"Few shapes or test lines: ...\")", p.Name, p.Patterns, p.Keys, lines)
		}
	}
}

// TestReadmeSources: README's table of sources is what the packs say of themselves.
func TestReadmeSources(t *testing.T) {
	const command = "go test ./normalize -run TestReadmeSources -update"
	const begin, end = "<!-- sources: written by " + command + " -->\n", "<!-- end of sources -->"
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(text), begin)
	have, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("README.md has no %q and %q", begin, end)
	}
	var b strings.Builder
	b.WriteString("\n| pack | source |\n|---|---|\n")
	for _, p := range open(t, normalize.Shipped()).Info() {
		fmt.Fprintf(&b, "| [%s](normalize/packs/%s) | %s |\n", p.Name, p.Name, strings.ReplaceAll(p.Title, "|", "/"))
	}
	b.WriteString("\n")
	if have == b.String() {
		return
	}
	if !*update {
		t.Fatalf("the table is not what the packs say; run %s", command)
	}
	if err := os.WriteFile("../README.md", []byte(head+begin+b.String()+end+tail), 0o644); err != nil {
		t.Fatal(err)
	}
}
