package archtest

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The bounds of style: a reader holds one screen in mind.
const (
	maxFunc     = 60  // lines; one function in a hundred may be longer
	maxFuncEver = 100 // lines
	maxFile     = 500 // lines
)

// pure lists the folders that live detection, replay and tests share: they take
// time, files and tables as arguments.
var pure = []string{"event", "schemas", "normalize", "rules", "pipeline", "tables", "internal/condition", "internal/account", "internal/dfa", "internal/jsontape"}

// impure are what a pure folder may not import. net/netip is only arithmetic.
var impure = map[string]bool{"net": true, "os": true, "os/exec": true, "net/http": true, "syscall": true, "math/rand": true, "math/rand/v2": true}

type source struct {
	path string // from the module's root
	text []byte
	tree *ast.File
	fset *token.FileSet
}

func (s source) test() bool { return strings.HasSuffix(s.path, "_test.go") }

func sources(t *testing.T) (out []source) {
	t.Helper()
	root := "../.."
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && path != root) {
			return filepath.SkipDir
		}
		if filepath.Ext(path) != ".go" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		fset := token.NewFileSet()
		tree, err := parser.ParseFile(fset, path, text, parser.ParseComments)
		rel, _ := filepath.Rel(root, path)
		out = append(out, source{rel, text, tree, fset})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestLengths keeps functions at one screen and files at what one sitting reads.
func TestLengths(t *testing.T) {
	var all int
	var long []string
	for _, s := range sources(t) {
		if n := bytes.Count(s.text, []byte("\n")); n > maxFile && !ast.IsGenerated(s.tree) {
			t.Errorf("%s has %d lines; at most %d", s.path, n, maxFile)
		}
		for _, d := range s.tree.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			all++
			n := s.fset.Position(fn.End()).Line - s.fset.Position(fn.Pos()).Line + 1
			if n > maxFunc {
				long = append(long, fmt.Sprintf("%s: %s has %d lines", s.path, fn.Name.Name, n))
			}
			if n > maxFuncEver {
				t.Errorf("%s: %s has %d lines; never more than %d", s.path, fn.Name.Name, n, maxFuncEver)
			}
		}
	}
	if len(long)*100 > all {
		t.Errorf("%d of %d functions have more than %d lines; one in a hundred may:\n%s", len(long), all, maxFunc, strings.Join(long, "\n"))
	}
}

// TestPure: what replays and tests share with live detection reads no clock, file or socket.
func TestPure(t *testing.T) {
	for _, s := range sources(t) {
		for _, f := range purityFaults(s) {
			t.Error(f)
		}
	}
}

func purityFaults(s source) (faults []string) {
	in := false
	for _, dir := range pure {
		in = in || within(filepath.ToSlash(s.path), dir)
	}
	if !in || s.test() || strings.Contains(s.path, "/gen/") {
		return nil
	}
	for _, imp := range s.tree.Imports {
		if name := strings.Trim(imp.Path.Value, `"`); impure[name] {
			faults = append(faults, fmt.Sprintf("%s imports %s in a pure folder", s.path, name))
		}
	}
	ast.Inspect(s.tree, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" && (sel.Sel.Name == "Now" || sel.Sel.Name == "Since" || sel.Sel.Name == "Sleep") {
				faults = append(faults, fmt.Sprintf("%s: time.%s in a pure folder", s.fset.Position(n.Pos()), sel.Sel.Name))
			}
		}
		return true
	})
	return faults
}

// TestPureSeesFaults: a clock and an import of os, planted, are reported.
func TestPureSeesFaults(t *testing.T) {
	fset := token.NewFileSet()
	text := "package event\nimport (\"os\"; \"time\")\nvar _ = time.Now\nvar _ = os.Args\n"
	tree, err := parser.ParseFile(fset, "event/x.go", text, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := purityFaults(source{"event/x.go", []byte(text), tree, fset}); len(got) != 2 {
		t.Errorf("planted 2 faults, saw %q", got)
	}
}
