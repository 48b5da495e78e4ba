package console_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sluice/console"
	"sluice/internal/metrics"
)

func TestHostHeader(t *testing.T) {
	w := newWorld(t, func(o *console.Options) { o.Hosts = []string{"SIEM.example"} })
	f := func(host string, code int) {
		t.Helper()
		if got := w.request("GET", "/api/v1/session", "", "Host", host).Code; got != code {
			t.Errorf("Host %q: %d, want %d", host, got, code)
		}
	}
	for _, ok := range []string{"127.0.0.1:8514", "localhost", "LOCALHOST:1", "[::1]:8514", "[::1]", "127.9.9.9", "siem.example:443", "siem.example.", "a.localhost"} {
		f(ok, 200)
	}
	for _, no := range []string{"", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "xsiem.example", "[::ffff:10.0.0.1]", "0.0.0.0"} {
		f(no, 421)
	}
}

func TestHeaders(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/", "/login", "/healthz", "/api/v1/search", "/nothing"} {
		h := w.request("GET", path, "").Header()
		csp := h.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", path, csp)
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
			"Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if h.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
	}
}

// The pages must hold under their own policy: nothing inline.
func TestPagesHaveNothingInline(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/", "/login"} {
		page := w.request("GET", path, "").Body.String()
		for _, bad := range []string{"<script>", "<style", "style=", " onload=", " onclick=", "javascript:", "http://", "https://"} {
			if strings.Contains(page, bad) {
				t.Errorf("%s has %q", path, bad)
			}
		}
		for part := range strings.SplitSeq(page, `="/`) {
			file, _, ok := strings.Cut(part, `"`)
			if !ok || !strings.Contains(file, ".") || strings.Contains(file, "<") {
				continue
			}
			if rec := w.request("GET", "/"+file, ""); rec.Code != 200 || strings.HasPrefix(rec.Header().Get("Content-Type"), "application/json") {
				t.Errorf("%s names /%s: status %d", path, file, rec.Code)
			}
		}
	}
}

// What anyone may read must be enough for the log-in page, and nothing of the rest.
func TestLogInPageNeedsNoToken(t *testing.T) {
	w := newWorld(t)
	page := w.request("GET", "/login", "", "Authorization", "").Body.String()
	if strings.Contains(page, "/assets/") {
		t.Error("the log-in page needs a file behind the log-in")
	}
	if code := w.request("GET", "/login/..%2findex.html", "", "Authorization", "").Code; code != 404 {
		t.Errorf("a path out of the folder: %d", code)
	}
}

// TestSessionBehindAProxy: a proxy that asks for a password of its own passes it on; it is none of ours, and
// opens nothing.
func TestSessionBehindAProxy(t *testing.T) {
	w := newWorld(t)
	rec := w.request("POST", "/api/v1/session", `{"token":"`+w.token.Reveal()+`"}`, "Content-Type", "application/json", "Authorization", "")
	cookie, _, _ := strings.Cut(rec.Header().Get("Set-Cookie"), ";")
	if code := w.request("GET", "/api/v1/session", "", "Authorization", "Basic YW5uYTpzZWNyZXQ=", "Cookie", cookie).Code; code != 200 {
		t.Errorf("the session with the proxy's password: %d", code)
	}
	for header, cookie := range map[string]string{"Basic YW5uYTpzZWNyZXQ=": "", "Basic " + w.token.Reveal(): "", "Bearer x": cookie} {
		if code := w.request("GET", "/api/v1/session", "", "Authorization", header, "Cookie", cookie).Code; code != 401 {
			t.Errorf("%.8s, cookie %t: %d", header, cookie != "", code)
		}
	}
}

// TestSecureCookie: who came by https, to a proxy in front too, sends the session by nothing else.
func TestSecureCookie(t *testing.T) {
	w := newWorld(t)
	for origin, want := range map[string]bool{"http://127.0.0.1:8514": false, "https://127.0.0.1:8514": true} {
		rec := w.request("POST", "/api/v1/session", `{"token":"`+w.token.Reveal()+`"}`, "Content-Type", "application/json", "Origin", origin)
		if cookie := rec.Header().Get("Set-Cookie"); rec.Code != 200 || strings.Contains(cookie, "; Secure") != want {
			t.Errorf("from %s: %d, %.40s..., want it secure: %t", origin, rec.Code, cookie, want)
		}
	}
}

func TestCrossOrigin(t *testing.T) {
	w := newWorld(t)
	body := `{"token":"` + w.token.Reveal() + `"}`
	f := func(code int, header ...string) {
		t.Helper()
		header = append(header, "Content-Type", "application/json")
		if got := w.request("POST", "/api/v1/session", body, header...).Code; got != code {
			t.Errorf("%v: %d, want %d", header, got, code)
		}
	}
	f(200)
	f(200, "Sec-Fetch-Site", "same-origin")
	f(403, "Sec-Fetch-Site", "cross-site")
	f(403, "Sec-Fetch-Site", "same-site")
	f(403, "Origin", "http://evil.example")
	f(200, "Origin", "http://127.0.0.1:8514")
}

func TestLogIn(t *testing.T) {
	w := newWorld(t)
	f := func(body, kind string, code int) {
		t.Helper()
		if got := w.request("POST", "/api/v1/session", body, "Content-Type", kind, "Authorization", "").Code; got != code {
			t.Errorf("%s %s: %d, want %d", kind, body, got, code)
		}
	}
	f(`{"token":"wrong"}`, "application/json", 401)
	f(`{"token":""}`, "application/json", 401)
	f(`{}`, "application/json", 401)
	f(`token=x`, "application/x-www-form-urlencoded", 415)
	f(`{"token":"`+w.token.Reveal()+`"}`, "text/plain", 415)
	f(`{"token":"`+strings.Repeat("x", 20<<10)+`"}`, "application/json", 413)
	f(`[[[[`, "application/json", 400)
}

// login returns the cookie of a new session.
func (w *world) login(t *testing.T) *http.Cookie {
	t.Helper()
	rec := w.request("POST", "/api/v1/session", `{"token":"`+w.token.Reveal()+`"}`, "Content-Type", "application/json", "Authorization", "")
	cookies := rec.Result().Cookies()
	if rec.Code != 200 || len(cookies) != 1 {
		t.Fatalf("log-in: %d, %v", rec.Code, cookies)
	}
	return cookies[0]
}

func (w *world) with(cookie *http.Cookie, method, path string) int {
	return w.request(method, path, "", "Authorization", "", "Cookie", cookie.Name+"="+cookie.Value).Code
}

func TestSession(t *testing.T) {
	w := newWorld(t)
	cookie := w.login(t)
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || cookie.Path != "/" || cookie.Secure || cookie.Value == w.token.Reveal() {
		t.Errorf("cookie %+v", cookie)
	}
	if other := w.login(t); other.Value == cookie.Value {
		t.Error("two sessions with one id")
	}
	if code := w.with(cookie, "GET", "/api/v1/session"); code != 200 {
		t.Errorf("with the cookie: %d", code)
	}
	if code := w.with(cookie, "DELETE", "/api/v1/session"); code != 204 {
		t.Errorf("log-out: %d", code)
	}
	if code := w.with(cookie, "GET", "/api/v1/session"); code != 401 {
		t.Errorf("after the log-out: %d", code)
	}
}

// TestSessionsOfTwoPorts: consoles on several ports of a host, or tunnels to them, share a browser's
// cookies, and the session of one stays when the other begins one.
func TestSessionsOfTwoPorts(t *testing.T) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	a, b := newWorld(t), newWorld(t)
	call := func(w *world, at, method string) int {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, at+"/api/v1/session", strings.NewReader(`{"token":"`+w.token.Reveal()+`"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		got, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		got.Body.Close()
		return got.StatusCode
	}
	first, second := httptest.NewServer(a.s), httptest.NewServer(b.s)
	defer first.Close()
	defer second.Close()
	if one, two := call(a, first.URL, "POST"), call(b, second.URL, "POST"); one != 200 || two != 200 {
		t.Fatalf("log-ins: %d, %d", one, two)
	}
	if code := call(a, first.URL, "GET"); code != 200 {
		t.Errorf("the first session after the second began: %d", code)
	}
}

func TestCookieIsSecureUnderTLS(t *testing.T) {
	w := newWorld(t)
	r := httptest.NewRequest("POST", "https://127.0.0.1/api/v1/session", strings.NewReader(`{"token":"`+w.token.Reveal()+`"}`))
	r.Header.Set("Content-Type", "application/json")
	r.TLS = &tls.ConnectionState{}
	rec := httptest.NewRecorder()
	w.s.ServeHTTP(rec, r)
	if c := rec.Result().Cookies(); len(c) != 1 || !c[0].Secure {
		t.Errorf("cookies %v", c)
	}
}

func TestSessionsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(o *console.Options) { o.Now = time.Now })
		idle, used := w.login(t), w.login(t)
		for range 23 {
			time.Sleep(time.Hour)
			if code := w.with(used, "GET", "/api/v1/session"); code != 200 {
				t.Fatalf("in use, after %v: %d", time.Hour, code)
			}
		}
		if code := w.with(idle, "GET", "/api/v1/session"); code != 401 {
			t.Errorf("idle for 23 h: %d", code)
		}
		time.Sleep(time.Hour)
		if code := w.with(used, "GET", "/api/v1/session"); code != 401 {
			t.Errorf("used for 24 h: %d", code)
		}
		first := w.login(t)
		for range 1000 {
			time.Sleep(time.Millisecond)
			w.login(t)
		}
		if code := w.with(first, "GET", "/api/v1/session"); code != 401 {
			t.Errorf("a thousand newer sessions: %d", code)
		}
	})
}

// TestWrongTokensAreToldOnceAMinute: whoever tries tokens must not fill the log, and who got in is in it.
func TestWrongTokensAreToldOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		w := newWorld(t, func(o *console.Options) {
			o.Now, o.Log = time.Now, slog.New(slog.NewTextHandler(&log, nil))
		})
		try := func() {
			w.request("POST", "/api/v1/session", `{"token":"wrong"}`, "Content-Type", "application/json", "Authorization", "")
		}
		for range 100 {
			try()
			time.Sleep(time.Second)
		}
		w.login(t)
		text := log.String()
		if strings.Count(text, "wrong token") != 2 || !strings.Contains(text, "times=1\n") || !strings.Contains(text, "times=60\n") || strings.Count(text, `msg="console: log-in" peer=`) != 1 {
			t.Errorf("the log says\n%s", text)
		}
	})
}

func TestTokenStaysOutOfLogs(t *testing.T) {
	var log bytes.Buffer
	w := newWorld(t, func(o *console.Options) {
		o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	w.request("POST", "/api/v1/session", `{"token":"x`+w.token.Reveal()+`"}`, "Content-Type", "application/json")
	w.request("GET", "/api/v1/search", "", "Authorization", "Bearer "+w.token.Reveal()+"x")
	w.opt.Log.Info("token", "t", w.token, "p", &w.token)
	text := log.String() + fmt.Sprintf("%v %+v %#v %s", w.token, w.token, w.token, w.token)
	if !strings.Contains(text, "wrong token") || strings.Contains(text, w.token.Reveal()) {
		t.Errorf("log: %s", text)
	}
	if got := w.token.Link("http://h"); got != "http://h/login#token="+w.token.Reveal() {
		t.Errorf("link %s", got)
	}
}

func TestNavigationLeadsToTheLogIn(t *testing.T) {
	w := newWorld(t)
	rec := w.request("GET", "/alerts/a1?x=1", "", "Authorization", "", "Accept", "text/html,*/*")
	if rec.Code != 303 || rec.Header().Get("Location") != "/login?next=%2Falerts%2Fa1%3Fx%3D1" {
		t.Errorf("%d %s", rec.Code, rec.Header().Get("Location"))
	}
}

func TestNoSuchRoute(t *testing.T) {
	w := newWorld(t)
	if rec := w.request("GET", "/api/v2/x", ""); rec.Code != 404 || rec.Header().Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("%d %v", rec.Code, rec.Header())
	}
	if rec := w.request("GET", "/nope", ""); rec.Code != 404 || rec.Header().Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("%d %v", rec.Code, rec.Header())
	}
	if rec := w.request("GET", "/api/v2/x", "", "Accept", "text/html"); rec.Code != 404 || rec.Header().Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("%d %v", rec.Code, rec.Header())
	}
	if rec := w.request("GET", "/nope/x", "", "Accept", "text/html"); rec.Code != 404 || !strings.HasPrefix(rec.Body.String(), "<!doctype html>") || rec.Header().Get("Content-Security-Policy") == "" {
		t.Errorf("a browser: %d %v %.50s", rec.Code, rec.Header(), rec.Body)
	}
	if rec := w.request("GET", "/nope?x=1", "", "Accept", "text/html", "Authorization", ""); rec.Code != 303 || rec.Header().Get("Location") != "/login?next=%2Fnope%3Fx%3D1" {
		t.Errorf("a browser that is not logged in: %d %v", rec.Code, rec.Header())
	}
	if rec := w.request("PUT", "/api/v1/session", ""); rec.Code != 405 || rec.Header().Get("Allow") != "DELETE, GET, POST" {
		t.Errorf("%d %v", rec.Code, rec.Header())
	}
}

// A fault of ours is told in the log as an error and counted; the caller has an answer, or sees that it
// is not whole.
func TestPanics(t *testing.T) {
	var log bytes.Buffer
	begin := false
	w := newWorld(t, func(o *console.Options) {
		o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError}))
		o.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if begin {
				w.Write([]byte("half an ans"))
			}
			panic("planted")
		})
	})
	before := panics(t)
	if rec := w.request("GET", "/metrics", ""); rec.Code != 500 || !strings.Contains(rec.Body.String(), "by a fault of Sluice") {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	if text := log.String(); !strings.Contains(text, "planted") || !strings.Contains(text, "TestPanics") {
		t.Errorf("log: %.300s", text)
	}
	begin = true
	func() {
		defer func() {
			if why := recover(); why != http.ErrAbortHandler {
				t.Errorf("half an answer ends with %v", why)
			}
		}()
		w.request("GET", "/metrics", "")
	}()
	if n := panics(t) - before; n != 2 {
		t.Errorf("counted %v", n)
	}
}

func panics(t *testing.T) float64 {
	t.Helper()
	all, err := metrics.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range all {
		if family.GetName() == "sluice_http_panics_total" {
			return family.GetMetric()[0].GetCounter().GetValue()
		}
	}
	return 0
}
