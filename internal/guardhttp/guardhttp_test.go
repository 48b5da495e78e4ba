package guardhttp

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// TestRefused is what must never be connected to, in every way to write it.
func TestRefused(t *testing.T) {
	hit := false
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hit = true }))
	defer srv.Close()
	port := srv.URL[strings.LastIndexByte(srv.URL, ':'):]
	c := New(Options{Timeout: 3 * time.Second})
	f := func(address string) {
		t.Helper()
		_, err := c.Post(t.Context(), address, http.Header{}, []byte("{}"))
		if !errors.Is(err, ErrForbidden) {
			t.Errorf("%s: %v, want ErrForbidden", address, err)
		}
	}
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "127.1.2.3", "0.0.0.0", "[::]", "169.254.169.254", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "[fe80::1]", "[fd00::1]", "[fd00:ec2::254]", "[64:ff9b::7f00:1]", "[2002:7f00:1::1]", "[::127.0.0.1]", "255.255.255.255", "224.0.0.1"} {
		f("http://" + host + port + "/")
	}
	f("http://user@example.com/")
	f("ftp://example.com/")
	f("http:///x")
	f("https://example.com/#x")
	f("gopher://127.0.0.1" + port)
	if hit {
		t.Error("the server was reached")
	}
	// Decimal and short forms are host names to Go and resolve nowhere, or to what
	// control sees; they must not connect either way.
	for _, host := range []string{"2130706433", "0x7f000001", "127.1", "017700000001"} {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		if _, err := c.Post(ctx, "http://"+host+port+"/", http.Header{}, nil); err == nil {
			t.Errorf("%s was reached", host)
		}
		cancel()
	}
	if hit {
		t.Error("the server was reached")
	}
}

// TestLargePost: what is too large to be taken is not sent, not even to where it may be.
func TestLargePost(t *testing.T) {
	hit := false
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hit = true }))
	defer srv.Close()
	c := New(Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	if _, err := c.Post(t.Context(), srv.URL, http.Header{}, make([]byte, maxBody+1)); !errors.Is(err, ErrForbidden) || hit {
		t.Errorf("%v, sent: %v", err, hit)
	}
	if _, err := c.Post(t.Context(), srv.URL, http.Header{}, make([]byte, maxBody)); err != nil || !hit {
		t.Errorf("%v, sent: %v", err, hit)
	}
}

func TestPublic(t *testing.T) {
	for _, ok := range []string{"1.1.1.1", "93.184.216.34", "2606:4700::1111", "64:ff9b::101:101"} {
		if why := inward(netip.MustParseAddr(ok)); why != "" {
			t.Errorf("%s is %s", ok, why)
		}
	}
}

func TestAllowed(t *testing.T) {
	redirected := false
	mux := http.NewServeMux()
	mux.HandleFunc("/go", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/secret", http.StatusTemporaryRedirect)
	})
	mux.HandleFunc("/secret", func(http.ResponseWriter, *http.Request) { redirected = true })
	mux.HandleFunc("/big", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1<<20)) })
	srv := httptest.NewServer(mux)
	defer srv.Close()
	c := New(Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	a, err := c.Post(t.Context(), srv.URL+"/go", http.Header{}, nil)
	if err != nil || a.Status != http.StatusTemporaryRedirect || redirected {
		t.Errorf("redirect: %d, %v, followed: %v", a.Status, err, redirected)
	}
	if a, err = c.Post(t.Context(), srv.URL+"/big", http.Header{}, nil); err != nil || len(a.Body) != maxAnswer {
		t.Errorf("read %d bytes, %v", len(a.Body), err)
	}
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	if _, err = c.Post(t.Context(), srv.URL+"/big", http.Header{}, nil); err != nil {
		t.Errorf("a proxy was asked: %v", err)
	}
	srv.Close()
	_, err = c.Post(t.Context(), srv.URL+"/hooks/s3cret", http.Header{}, nil)
	if err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("error %v", err)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	f := func(header string, want time.Duration) {
		t.Helper()
		if got := (Answer{Header: http.Header{"Retry-After": {header}}}).RetryAfter(now); got != want {
			t.Errorf("%q: %v, want %v", header, got, want)
		}
	}
	f("", 0)
	f("30", 30*time.Second)
	f("-1", 0)
	f("99999999", 24*time.Hour)
	f("Fri, 02 Jan 2026 03:05:05 GMT", time.Minute)
	f("Fri, 02 Jan 2026 03:03:05 GMT", 0)
}

// TestAnswerWithoutEnd: the status says what became of a post; an answer that is huge, that breaks off
// or never ends does not take that back.
func TestAnswerWithoutEnd(t *testing.T) {
	f := func(what string, body func(w http.ResponseWriter, r *http.Request)) {
		t.Helper()
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.WriteHeader(http.StatusAccepted)
			_, _ = w.Write([]byte("begun"))
			_ = http.NewResponseController(w).Flush()
			body(w, r)
		}))
		defer srv.Close()
		c := New(Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Timeout: time.Second})
		a, err := c.Post(t.Context(), srv.URL, http.Header{}, []byte("{}"))
		if err != nil || a.Status != http.StatusAccepted || !strings.HasPrefix(string(a.Body), "begun") || len(a.Body) > maxAnswer {
			t.Errorf("%s: status %d with %d bytes, %v", what, a.Status, len(a.Body), err)
		}
	}
	f("huge", func(w http.ResponseWriter, _ *http.Request) {
		for block := make([]byte, 1<<20); ; {
			if _, err := w.Write(block); err != nil { // we hung up
				return
			}
		}
	})
	f("without an end", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	f("broken off", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
}

// TestRefusal: what is refused for sure is known before anything is posted; of other names it is not known.
func TestRefusal(t *testing.T) {
	f := func(address, want string, allow ...netip.Prefix) {
		t.Helper()
		if got := Refusal(address, allow); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
	f("https://soar.example.com/x", "")
	f("https://192.88.99.1/x", "")
	f("https://10.1.2.3:8443/x", "10.1.2.3 is private")
	f("https://10.1.2.3:8443/x", "", netip.MustParsePrefix("10.1.2.0/24"))
	f("https://10.1.2.3/x", "10.1.2.3 is private", netip.MustParsePrefix("10.1.3.0/24"))
	f("http://[::ffff:127.0.0.1]/x", "127.0.0.1 is this machine")
	f("http://LocalHost./x", "localhost is this machine")
	f("http://soc.localhost/x", "localhost is this machine")
	f("http://localhost/x", "", netip.MustParsePrefix("127.0.0.1/32"))
	f("http://localhost/x", "", netip.MustParsePrefix("::1/128"))
	f("://", "")
}
