package console

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"sluice/internal/metrics"
)

// csp lets the page load its own files and call its own server, and nothing else: no
// inline script or style, no eval, no markup from text (trusted types), no frames.
const csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// guard is what every request passes before the mux: the headers, the Host, the
// origin of what changes something, the size of the body.
func (s *Server) guard(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		metrics.ConsoleRefused.WithLabelValues("cross_origin").Inc()
		s.fail(w, r, &apiError{Status: http.StatusForbidden, Message: "this request comes from another site"})
	}))
	inner := cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", csp)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Cache-Control", "no-store")
		if !s.hostAllowed(r.Host) {
			metrics.ConsoleRefused.WithLabelValues("host").Inc()
			s.fail(w, r, &apiError{
				Status: http.StatusMisdirectedRequest, Message: "this console is not known by that name",
				Hint: "call it by 127.0.0.1 or localhost, or add the name to console.hosts",
			})
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, bodyLimit(r.URL.Path))
		inner.ServeHTTP(w, r)
	})
}

// hostAllowed stops DNS rebinding: a page of another site whose name was turned to
// this address still sends its own name.
func (s *Server) hostAllowed(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.ToLower(strings.Trim(strings.TrimSuffix(name, "."), "[]"))
	return isLoopback(name) || s.hosts[name]
}

// allow lets in who has the route's role, and counts.
func (s *Server) allow(rt route) http.Handler {
	name := rt.Method + " " + rt.Path
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		rec := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			cut := s.broken(rec, r, recover())
			metrics.ConsoleRequests.WithLabelValues(name, strconv.Itoa(rec.status)).Inc()
			metrics.ConsoleSeconds.WithLabelValues(name).Observe(time.Since(began).Seconds())
			if cut {
				panic(http.ErrAbortHandler) // the server ends the connection: the caller sees that its answer is not whole
			}
		}()
		if rt.Role == RoleNone {
			rt.Handler(rec, r)
			return
		}
		who, err := s.auth.Authenticate(r)
		if err != nil {
			s.refuse(rec, r, err)
			return
		}
		if who.Role < rt.Role {
			metrics.ConsoleRefused.WithLabelValues("role").Inc()
			s.fail(rec, r, &apiError{Status: http.StatusForbidden, Message: "this needs the role " + rt.Role.String()})
			return
		}
		rt.Handler(rec, r.WithContext(withPrincipal(r.Context(), who)))
	})
}

// broken has the log tell of a request that a fault of ours broke off. It answers the request if no
// answer has begun, and otherwise says that what is out was cut off.
func (s *Server) broken(w *statusRecorder, r *http.Request, why any) (cut bool) {
	if why == nil || why == http.ErrAbortHandler {
		return why != nil
	}
	metrics.HTTPPanics.WithLabelValues("console").Inc()
	s.opt.Log.Error("BUG: a request could not be answered", "method", r.Method, "path", r.URL.Path, "peer", r.RemoteAddr, "why", why, "stack", string(debug.Stack()))
	if w.begun {
		return true
	}
	s.fail(w, r, &apiError{Status: http.StatusInternalServerError, Message: "the request failed by a fault of Sluice", Hint: "the program's log has what to report"})
	return false
}

// refuse answers who is not known: a browser that opens a page goes to the log-in.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	metrics.ConsoleRefused.WithLabelValues("credential").Inc()
	if !errors.Is(err, errNoCredential) {
		s.opt.Log.Debug("console: refused", "peer", r.RemoteAddr, "reason", err)
	}
	if opensPage(r) {
		// A link in a message to people is another site's, so the strict cookie stays
		// behind; the log-in page sees the session and goes on to what was asked for.
		http.Redirect(w, r, "/login?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
		return
	}
	w.Header().Set("WWW-Authenticate", `Bearer realm="sluice"`)
	s.fail(w, r, &apiError{
		Status: http.StatusUnauthorized, Message: "a token is needed",
		Hint: "send the header Authorization: Bearer TOKEN; the token is in the file that the first start named",
	})
}

// opensPage tells a browser that opens an address from a program, or a page, that calls the API.
func opensPage(r *http.Request) bool {
	// Browsers leave Sec-Fetch-Mode out on plain HTTP beyond loopback.
	return r.Header.Get("Sec-Fetch-Mode") == "navigate" || strings.HasPrefix(r.Header.Get("Accept"), "text/html")
}

type statusRecorder struct {
	http.ResponseWriter
	status int
	begun  bool // something of the answer is out
}

// WriteHeader notes the status.
func (r *statusRecorder) WriteHeader(status int) {
	r.status, r.begun = status, true
	r.ResponseWriter.WriteHeader(status)
}

// Write notes that the answer has begun.
func (r *statusRecorder) Write(p []byte) (int, error) {
	r.begun = true
	return r.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (r *statusRecorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// apiError is every error answer of the API.
type apiError struct {
	Status  int    `json:"-"`
	Message string `json:"error"`
	Field   string `json:"field,omitempty"` // the parameter at fault
	Hint    string `json:"hint,omitempty"`  // what to do
	At      *int   `json:"at,omitempty"`    // characters from the start of the parameter, where known
}

func (e *apiError) Error() string { return e.Message }

// statusCallerGone is in the metrics only, as other servers count it: it is no fault of ours.
const statusCallerGone = 499

// fail writes an error answer.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	var e *apiError
	switch {
	case errors.As(err, &e):
	case r.Context().Err() != nil: // nobody is there to read it; a page that searches anew leaves the search before
		e = &apiError{Status: statusCallerGone, Message: "the caller has gone"}
	default:
		s.opt.Log.Error("console: request failed", "path", r.URL.Path, "error", err)
		e = &apiError{Status: http.StatusInternalServerError, Message: "the request failed; the program's log says why"}
	}
	w.Header().Del("Content-Disposition") // of what would have been a file
	writeJSON(w, e.Status, e)
}

// writeJSON sends v. encoding/json escapes <, > and &, so even a client that took it
// for a page would find no markup.
func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"error":"the answer cannot be written"}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)+1))
	w.WriteHeader(status)
	w.Write(append(body, '\n')) //nolint:errcheck // the caller is gone
}
