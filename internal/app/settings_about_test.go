package app

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sluice/alert"
	"sluice/bus/kafka"
	"sluice/console"
	"sluice/report"
	"sluice/sinks/elasticsearch"
)

var update = flag.Bool("update", false, "write settings_about.tsv anew")

// TestSettingsAbout: what an editor shows of a key is what the comment beside it in the code says,
// and no key is without one.
func TestSettingsAbout(t *testing.T) {
	types := map[string]reflect.Type{}
	for _, v := range everySetting() {
		reach(types, reflect.TypeOf(v))
	}
	texts := map[string]string{}
	for _, path := range packagesOf(types) {
		readComments(t, path, types, texts)
	}
	for name, typ := range types {
		for i := range typ.NumField() {
			if f := typ.Field(i); f.Tag.Get("yaml") != "" && texts[name+"."+f.Name] == "" {
				t.Errorf("%s.%s has no comment", name, f.Name)
			}
		}
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		fmt.Fprintf(&b, "%s\t%s\n", name, texts[name])
	}
	if *update {
		if err := os.WriteFile("settings_about.tsv", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if b.String() != abouts {
		t.Error("settings_about.tsv is not what the comments say: go test ./internal/app -run TestSettingsAbout -update")
	}
}

// everySetting is a pointer to each struct that a file is decoded into.
func everySetting() []any {
	all := []any{
		&Main{}, &RuleSettings{}, &PackSettings{}, &Retention{}, &Limits{},
		&alert.Policy{}, &report.Settings{}, &kafka.Settings{}, &elasticsearch.Settings{}, &console.Settings{},
	}
	for _, of := range Inputs {
		all = append(all, of())
	}
	for _, of := range Channels {
		all = append(all, of())
	}
	for _, of := range Archives {
		all = append(all, of())
	}
	for _, of := range Tables {
		all = append(all, of())
	}
	return all
}

// reach collects the structs with keys that t leads to.
func reach(types map[string]reflect.Type, t reflect.Type) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		reach(types, t.Elem())
	case reflect.Struct:
		if !strings.HasPrefix(t.PkgPath(), "sluice/") || types[typeName(t)] != nil {
			return
		}
		types[typeName(t)] = t
		for i := range t.NumField() {
			if t.Field(i).Tag.Get("yaml") != "" {
				reach(types, t.Field(i).Type)
			}
		}
	}
}

// packagesOf are the packages that the types and the types of their fields lie in.
func packagesOf(types map[string]reflect.Type) []string {
	paths := map[string]bool{}
	for _, t := range types {
		paths[t.PkgPath()] = true
		for i := range t.NumField() {
			if p := t.Field(i).Type.PkgPath(); strings.HasPrefix(p, "sluice/") {
				paths[p] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(paths))
}

// readComments adds what one package says of its settings, and the constants of their types.
func readComments(t *testing.T, path string, types map[string]reflect.Type, texts map[string]string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("../..", strings.TrimPrefix(path, "sluice/"), "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %v, %d files", path, err, len(files))
	}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || strings.HasSuffix(name, "_test.go") {
				continue
			}
			for _, spec := range g.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					fieldComments(path+"."+spec.Name.Name, spec, types, texts)
				case *ast.ValueSpec:
					constant(path, g.Tok, spec, types, texts)
				}
			}
		}
	}
}

// fieldComments adds what stands above or behind the fields of a struct.
func fieldComments(name string, spec *ast.TypeSpec, types map[string]reflect.Type, texts map[string]string) {
	s, ok := spec.Type.(*ast.StructType)
	if !ok || types[name] == nil {
		return
	}
	for _, f := range s.Fields.List {
		text := strings.Join(strings.Fields(f.Comment.Text()+" "+f.Doc.Text()), " ")
		if f.Tag != nil && strings.Contains(f.Tag.Value, "yaml:") && text != "" {
			texts[name+"."+f.Names[0].Name] = strings.TrimPrefix(text, f.Names[0].Name+" ")
		}
	}
}

// constant adds a value to those of its type, if a field of the settings has that type.
func constant(path string, tok token.Token, spec *ast.ValueSpec, types map[string]reflect.Type, texts map[string]string) {
	typ, ok := spec.Type.(*ast.Ident)
	if !ok || tok != token.CONST || len(spec.Values) != 1 || !isField(types, path+"."+typ.Name) {
		return
	}
	if lit, ok := spec.Values[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
		value, err := strconv.Unquote(lit.Value)
		if err == nil {
			texts[path+"."+typ.Name] = strings.TrimSpace(texts[path+"."+typ.Name] + " " + value)
		}
	}
}

func isField(types map[string]reflect.Type, name string) bool {
	for _, t := range types {
		for i := range t.NumField() {
			if f := t.Field(i).Type; typeName(f) == name {
				return true
			}
		}
	}
	return false
}
