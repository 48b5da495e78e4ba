package elasticsearch

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sluice/internal/certtest"
)

// TestBlockIsNoPrivilege: a full disk makes indices read-only and answers 403; who looks for
// privileges then looks in the wrong place.
func TestBlockIsNoPrivilege(t *testing.T) {
	block := &Error{Status: http.StatusForbidden, Type: "cluster_block_exception", Reason: "index [x] blocked by: [FORBIDDEN/8/index write (api)]"}
	if got := block.Error(); strings.Contains(got, "privileges") || !strings.Contains(got, "disk") || !strings.Contains(got, "403") {
		t.Error(got)
	}
	right := &Error{Status: http.StatusForbidden, Type: "security_exception", Reason: "unauthorized"}
	if got := right.Error(); !strings.Contains(got, "privileges") {
		t.Error(got)
	}
}

// TestUnknownAuthority: where the cluster's certificate is of an authority that we do not know, the error
// says which key names it.
func TestUnknownAuthority(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	defer srv.Close()
	f := func(caFile, want string) {
		t.Helper()
		s := defaults()
		s.Addresses, s.CAFile = []string{srv.URL}, caFile
		c, err := Open(s, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Ping(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	f("", "ca_file")
	other := certtest.New(t).Cert
	f(other, "elasticsearch.ca_file ("+other+")")
}

// TestNobodyListens: the error says which key has the address.
func TestNobodyListens(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	srv.Close()
	s := defaults()
	s.Addresses = []string{srv.URL}
	c, err := Open(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Ping(t.Context()); err == nil || !strings.Contains(err.Error(), "elasticsearch.addresses") {
		t.Error(err)
	}
}
