package elasticsearch

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/valyala/fastjson"
)

// TestPolicy: without a retention nothing is deleted; a policy that is there stays as it is.
func TestPolicy(t *testing.T) {
	f := func(retention time.Duration, there bool, want string) {
		t.Helper()
		put := ""
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Elastic-Product", "Elasticsearch")
			w.Header().Set("Content-Type", "application/json")
			switch {
			case r.Method == http.MethodPut:
				body, _ := io.ReadAll(r.Body)
				put = string(body)
			case r.URL.Path != "/_ilm/status" && !there:
				w.WriteHeader(http.StatusNotFound)
			}
			fmt.Fprint(w, `{}`)
		}))
		defer srv.Close()
		s := defaults()
		s.Addresses = []string{srv.URL}
		c, err := Open(s, Options{})
		if err != nil {
			t.Fatal(err)
		}
		name, err := c.putPolicy(t.Context(), retention, &Report{})
		if err != nil || name != policyName {
			t.Errorf("policy %q, %v", name, err)
		}
		found := ""
		if put != "" {
			found = "none"
			if v := fastjson.GetString([]byte(put), "policy", "phases", "delete", "min_age"); v != "" {
				found = v
			}
		}
		if found != want {
			t.Errorf("retention %v, there %v: deletion %q, want %q", retention, there, found, want)
		}
	}
	f(0, false, "none")
	f(48*time.Hour, false, "48h")
	f(48*time.Hour, true, "")
}

func TestOpenWithoutAddress(t *testing.T) {
	if _, err := Open(defaults(), Options{}); err == nil || !strings.Contains(err.Error(), "name one under addresses") {
		t.Errorf("%v", err)
	}
}

func TestCause(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		if got := cause(fastjson.MustParse(text)); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	f(`{"reason":"outer"}`, "outer")
	f(`{"reason":"outer","caused_by":{"reason":"inner"}}`, "outer (inner)")
	f(`{"reason":"outer","caused_by":{"reason":"middle","caused_by":{"reason":"inner"}}}`, "outer (inner)")
	f(`{"reason":"outer","caused_by":{}}`, "outer")
	deep := `{"reason":"inner"}`
	for range 20 {
		deep = `{"reason":"x","caused_by":` + deep + `}`
	}
	f(deep, "x")
	long := cause(fastjson.MustParse(`{"reason":"` + strings.Repeat("ü", 999) + `"}`))
	if len(long) > 1000+len("…") || !utf8.ValidString(long) {
		t.Errorf("%d bytes, UTF-8: %v", len(long), utf8.ValidString(long))
	}
	odd := cause(fastjson.MustParse(`{"reason":"a` + strings.Repeat("ü", 999) + `"}`))
	if !utf8.ValidString(odd) {
		t.Error("a character is cut in two")
	}
}
