package console

import (
	"context"
	"net/http"
	"strings"

	"sluice/internal/metrics"
)

type principalKey struct{}

func withPrincipal(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// healthz says that the process answers.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

// readyz says whether the program does its work, and what keeps it from it.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	answer := struct {
		Ready    bool      `json:"ready"`
		Problems []Problem `json:"problems"`
	}{true, []Problem{}}
	if s.opt.Health != nil {
		answer.Problems = append(answer.Problems, s.opt.Health.Ready(r.Context())...)
	}
	status := http.StatusOK
	for _, p := range answer.Problems {
		if !p.Warning {
			answer.Ready, status = false, http.StatusServiceUnavailable
		}
	}
	writeJSON(w, status, answer)
}

// account says what became of everything received.
func (s *Server) account(w http.ResponseWriter, r *http.Request) {
	a, err := s.opt.Account(r.Context())
	if r.Context().Err() != nil {
		s.fail(w, r, err)
		return
	}
	if err != nil {
		s.opt.Log.Error("console: account", "why", err)
		s.fail(w, r, &apiError{Status: http.StatusServiceUnavailable, Message: "the account cannot be read now"})
		return
	}
	writeJSON(w, http.StatusOK, a)
}

// login changes the token for a session's cookie.
func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Token string `json:"token"`
	}
	if err := readBody(r, &in); err != nil {
		s.fail(w, r, err)
		return
	}
	if !s.opt.Token.equal(in.Token) {
		metrics.ConsoleRefused.WithLabelValues("credential").Inc()
		if n := s.wrong.count(s.sessions.now()); n > 0 {
			s.opt.Log.Warn("console: log-in with a wrong token", "peer", r.RemoteAddr, "times", n)
		}
		s.fail(w, r, &apiError{Status: http.StatusUnauthorized, Message: "this token is not valid", Field: "token", Hint: "take it from the file that the first start named"})
		return
	}
	s.opt.Log.Info("console: log-in", "peer", r.RemoteAddr)
	who := Principal{Name: "token", Role: RoleAdmin}
	http.SetCookie(w, s.cookie(r, s.sessions.open(who), int(sessionAge.Seconds())))
	writeJSON(w, http.StatusOK, s.describe(who))
}

// logout ends the session here, not only in the browser.
func (s *Server) logout(w http.ResponseWriter, r *http.Request) {
	if c, err := r.Cookie(cookieName(r)); err == nil {
		s.sessions.end(c.Value)
	}
	http.SetCookie(w, s.cookie(r, "", -1))
	w.WriteHeader(http.StatusNoContent)
}

// cookie is kept from scripts, from other sites' requests, and from requests without TLS where the browser has
// come by https, to us or to a proxy in front: it says so in Origin.
func (s *Server) cookie(r *http.Request, value string, age int) *http.Cookie {
	return &http.Cookie{
		Name: cookieName(r), Value: value, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: r.TLS != nil || strings.HasPrefix(r.Header.Get("Origin"), "https://"), SameSite: http.SameSiteStrictMode,
	}
}

// session says who the caller is and what the page needs to begin with.
func (s *Server) session(w http.ResponseWriter, r *http.Request) {
	who, _ := r.Context().Value(principalKey{}).(Principal)
	writeJSON(w, http.StatusOK, s.describe(who))
}

func (s *Server) describe(who Principal) any {
	namespaces := []string{}
	if s.opt.Namespaces != nil {
		namespaces = s.opt.Namespaces()
	}
	return map[string]any{"name": who.Name, "role": who.Role.String(), "version": s.opt.Version, "namespaces": namespaces}
}
