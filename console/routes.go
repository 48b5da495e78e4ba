package console

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// A route is one row of the table.
type route struct {
	Method  string
	Path    string // a pattern of http.ServeMux, without the method
	Role    Role   // the least that may call it
	Handler http.HandlerFunc
}

// routes is every route of the console. What is open to RoleNone shows nothing of
// what Sluice holds: two health answers, and the page that takes the token.
func (s *Server) routes() []route {
	table := []route{
		{"GET", "/healthz", RoleNone, s.healthz},
		{"GET", "/readyz", RoleNone, s.readyz},
	}
	if s.opt.Index != nil {
		table = append(table, s.pages()...)
	}
	if s.opt.Index != nil && s.opt.Triage != nil {
		table = append(table,
			route{"POST", "/api/v1/alerts/triage", RoleAnalyst, s.triageMany},
			route{"POST", "/api/v1/alerts/{id}/triage", RoleAnalyst, s.triage})
	}
	if s.opt.Index != nil && s.opt.Report != nil {
		table = append(table, route{"GET", "/api/v1/report", RoleViewer, s.report})
	}
	if s.opt.Index != nil && s.opt.Saved != nil {
		table = append(table, s.savedRoutes()...)
	}
	if s.opt.Account != nil {
		table = append(table, route{"GET", "/api/v1/account", RoleViewer, s.bare(s.account)})
	}
	if s.opt.Rules != nil {
		table = append(table, s.ruleRoutes()...)
	}
	if s.opt.Reprocess != nil {
		table = append(table, route{"POST", "/api/v1/reprocess", RoleAdmin, s.bare(s.reprocess)})
	}
	if s.opt.Export != nil {
		table = append(table, route{"POST", "/api/v1/export", RoleViewer, s.bare(s.exportAll)})
	}
	if s.opt.Letters != nil {
		table = append(table, s.letterRoutes()...)
	}
	if s.opt.Metrics != nil {
		table = append(table, route{"GET", "/metrics", RoleViewer, s.opt.Metrics.ServeHTTP})
	}
	return table
}

// pages are the routes of the page, and of searching for it.
func (s *Server) pages() []route {
	return []route{
		{"GET", "/login", RoleNone, s.page("login.html")},
		{"GET", "/login/{file}", RoleNone, s.asset("login")},
		{"POST", "/api/v1/session", RoleNone, s.bare(s.login)}, // the token is in its body

		{"GET", "/{$}", RoleViewer, s.page("index.html")},
		{"GET", "/alerts", RoleViewer, s.page("index.html")},
		{"GET", "/alerts/{id}", RoleViewer, s.page("index.html")},
		{"GET", "/rules", RoleViewer, s.page("index.html")},
		{"GET", "/rules/{id}", RoleViewer, s.page("index.html")},
		{"GET", "/attack", RoleViewer, s.page("index.html")},
		{"GET", "/sources", RoleViewer, s.page("index.html")},
		{"GET", nowhere, RoleViewer, s.noPage},
		{"GET", "/assets/{file}", RoleViewer, s.asset("assets")},

		{"GET", "/api/v1/session", RoleViewer, s.bare(s.session)},
		{"DELETE", "/api/v1/session", RoleViewer, s.bare(s.logout)},
		{"GET", "/api/v1/search", RoleViewer, s.search(events)},
		{"GET", "/api/v1/search/export", RoleViewer, s.export(events)},
		{"GET", "/api/v1/search/values", RoleViewer, s.values(events)},
		{"GET", "/api/v1/alerts", RoleViewer, s.search(alerts)},
		{"GET", "/api/v1/alerts/export", RoleViewer, s.export(alerts)},
		{"GET", "/api/v1/alerts/values", RoleViewer, s.values(alerts)},
		{"GET", "/api/v1/alerts/{id}", RoleViewer, s.alert},
	}
}

// bare is a handler of what takes no parameters in its address.
func (s *Server) bare(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if _, err := params(r.URL.RawQuery); err != nil {
			s.fail(w, r, err)
			return
		}
		next(w, r)
	}
}

// buildMux is the only place that registers a handler.
func (s *Server) buildMux(table []route) *http.ServeMux {
	mux := http.NewServeMux()
	for _, rt := range table {
		if rt.Role < RoleNone || rt.Role > RoleAdmin || rt.Handler == nil {
			panic(fmt.Sprintf("BUG: route %s %s has no role or no handler", rt.Method, rt.Path))
		}
		handler := s.allow(rt)
		mux.Handle(rt.Method+" "+rt.Path, handler)
		if rt.Path == nowhere {
			s.nowhere = handler
		}
	}
	return mux
}

// nowhere is the page that a browser gets at an address that is none. It has one of its own, so that
// it is a row of the table and takes a role like every page.
const nowhere = "/no-such-page"

// dispatch calls the route. Where there is none it answers in JSON, and a browser gets a page.
func (s *Server) dispatch(w http.ResponseWriter, r *http.Request) {
	if _, pattern := s.mux.Handler(r); pattern != "" {
		s.mux.ServeHTTP(w, r)
		return
	}
	var methods []string
	for _, m := range []string{"DELETE", "GET", "POST"} {
		other := r.Clone(r.Context())
		other.Method = m
		if _, pattern := s.mux.Handler(other); pattern != "" {
			methods = append(methods, m)
		}
	}
	if len(methods) > 0 && !slices.Contains(methods, r.Method) {
		w.Header().Set("Allow", strings.Join(methods, ", "))
		s.fail(w, r, &apiError{Status: http.StatusMethodNotAllowed, Message: "this address takes " + strings.Join(methods, ", ")})
		return
	}
	if s.nowhere != nil && opensPage(r) && !strings.HasPrefix(r.URL.Path, "/api/") {
		s.nowhere.ServeHTTP(w, r)
		return
	}
	hint := "the API is described in docs/api.md"
	if s.opt.Index == nil {
		hint = "this process has not the role serve, which searches and has the pages"
	}
	s.fail(w, r, &apiError{Status: http.StatusNotFound, Message: "no such address", Hint: hint})
}
