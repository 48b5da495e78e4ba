package console

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// open is every route that needs no token. A new one has to be written here too.
var open = []string{
	"GET /healthz", "GET /readyz", "GET /login", "GET /login/{file}", "POST /api/v1/session",
}

// headerAuth lets a test choose the caller's role.
type headerAuth struct{}

func (headerAuth) Authenticate(r *http.Request) (Principal, error) {
	for role := RoleViewer; role <= RoleAdmin; role++ {
		if r.Header.Get("X-Role") == role.String() {
			return Principal{Name: "t", Role: role}, nil
		}
	}
	return Principal{}, errNoCredential
}

// Every row, called by every role: only the roles of its row and above pass.
func TestRoutes(t *testing.T) {
	s := New(everything())
	table := s.routes()
	for i := range table {
		table[i].Handler = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }
	}
	mux := s.buildMux(table)
	for _, rt := range table {
		name := rt.Method + " " + rt.Path
		if (rt.Role == RoleNone) != slices.Contains(open, name) {
			t.Errorf("%s: role %v, but the list of open routes says otherwise", name, rt.Role)
		}
		path := strings.NewReplacer("{$}", "", "{id}", "x", "{file}", "x").Replace(rt.Path)
		for role := RoleNone; role <= RoleAdmin; role++ {
			r := httptest.NewRequest(rt.Method, path, nil)
			r.Header.Set("X-Role", role.String())
			rec := httptest.NewRecorder()
			mux.ServeHTTP(rec, r)
			if pass := rec.Code == http.StatusTeapot; pass != (role >= rt.Role) {
				t.Errorf("%s by %v: status %d", name, role, rec.Code)
			}
		}
	}
}

// TestDocumentationNamesEveryRoute: whoever calls the API by docs/api.md finds every address, with
// the role that it takes.
func TestDocumentationNamesEveryRoute(t *testing.T) {
	page, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	s := New(everything())
	for _, rt := range s.routes() {
		name := rt.Method + " " + rt.Path
		row := regexp.MustCompile("(?m)^\\|.*`" + regexp.QuoteMeta(name) + "`[^|]*\\| " + rt.Role.String() + " \\|")
		programs := strings.HasPrefix(rt.Path, "/api/") || slices.Contains([]string{"/healthz", "/readyz", "/metrics"}, rt.Path)
		if programs && !row.Match(page) {
			t.Errorf("docs/api.md has no row for %s with the role %v", name, rt.Role)
		}
	}
}

// everything is a console that has every route.
func everything() Options {
	return Options{
		Auth: headerAuth{}, Metrics: http.NotFoundHandler(), Rules: struct{ Rules }{}, Index: struct{ Index }{},
		Triage: func(context.Context, string, string, func(json.RawMessage) (json.RawMessage, error)) error {
			return nil
		},
		Letters: struct{ Letters }{},
		Export: func(context.Context, ExportRequest, func([]json.RawMessage, int64) error) (any, error) {
			return nil, nil
		},
		Saved:     struct{ Saved }{},
		Report:    func(context.Context, Index, string, time.Time, time.Time) (any, error) { return nil, nil },
		Account:   func(context.Context) (any, error) { return nil, nil },
		Reprocess: func(context.Context, ReprocessRequest, func(any)) (any, error) { return nil, nil },
	}
}

func TestRouteWithoutRoleIsABug(t *testing.T) {
	f := func(rt route) {
		t.Helper()
		defer func() {
			if recover() == nil {
				t.Errorf("%+v was taken", rt)
			}
		}()
		New(Options{}).buildMux([]route{rt})
	}
	h := func(http.ResponseWriter, *http.Request) {}
	f(route{Method: "GET", Path: "/x", Handler: h})
	f(route{Method: "GET", Path: "/x", Role: RoleAdmin + 1, Handler: h})
	f(route{Method: "GET", Path: "/x", Role: RoleViewer})
}

// strayRoutes finds handlers that are registered outside buildMux.
func strayRoutes(name string, src any) ([]string, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, src, 0)
	if err != nil {
		return nil, err
	}
	var stray []string
	for _, d := range file.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.Name == "buildMux" {
			continue
		}
		ast.Inspect(d, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && slices.Contains([]string{"Handle", "HandleFunc", "NewServeMux", "DefaultServeMux"}, sel.Sel.Name) {
				stray = append(stray, fmt.Sprintf("%v: %s", fset.Position(n.Pos()), sel.Sel.Name))
			}
			return true
		})
	}
	return stray, nil
}

func TestOnlyTheTableRegistersRoutes(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		stray, err := strayRoutes(name, nil)
		if err != nil || len(stray) > 0 {
			t.Errorf("a route outside the table: %v, %v", stray, err)
		}
	}
	planted := "package p\nfunc (s *Server) x() { s.mux.HandleFunc(\"/x\", nil) }"
	if stray, err := strayRoutes("planted.go", planted); err != nil || len(stray) != 1 {
		t.Errorf("the planted route was not found: %v, %v", stray, err)
	}
}

func TestBuiltFilesAreFresh(t *testing.T) {
	var lines []string
	for _, root := range []string{"index.html", "login.html", "package-lock.json", "package.json", "public", "src", "tsconfig.json", "vite.config.ts"} {
		err := filepath.WalkDir(filepath.Join("web", root), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			sum := sha256.Sum256(text)
			name, relErr := filepath.Rel("web", path)
			lines = append(lines, name+"\x00"+hex.EncodeToString(sum[:])+"  "+filepath.ToSlash(name)+"\n")
			return errors.Join(err, relErr)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(lines)
	var want strings.Builder
	for _, l := range lines {
		_, line, _ := strings.Cut(l, "\x00")
		want.WriteString(line)
	}
	got, err := fs.ReadFile(built, "web/dist/SOURCES")
	if err != nil || string(got) != want.String() {
		t.Errorf("console/web/dist is older than its sources; run: cd console/web && npm ci && npm run build (%v)", err)
	}
}

func TestLockFileNamesNoRegistry(t *testing.T) {
	for _, name := range []string{"web/package-lock.json", "../test/browser/package-lock.json"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), `"resolved"`) {
			t.Errorf("%s records registry addresses", name)
		}
	}
}
