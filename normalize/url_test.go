package normalize_test

import "testing"

// TestBareURLs: guards write what was asked for without a scheme; a file's name is no host.
func TestBareURLs(t *testing.T) {
	f := verbCase(t)
	for _, c := range []struct{ url, domain, port, path string }{
		{"www.example.com/a/b.html?x=1", "www.example.com", "", "/a/b.html"},
		{"example.com/a", "example.com", "", "/a"},
		{"c2.bad.example", "c2.bad.example", "", ""},
		{"example.com:8443", "example.com", "8443", ""},
		{"203.0.113.9/x", "203.0.113.9", "", "/x"},
		{"/login?next=www.example.com/a", "", "", "/login"},
		{"index.php/a", "", "", "index.php/a"},
		{"index.html", "", "", "index.html"},
		{"jquery.min.js", "", "", "jquery.min.js"},
		{"v1.0/users", "", "", "v1.0/users"},
		{"a..example/x", "", "", "a..example/x"},
		{"sip:ann@example.com", "", "", "sip:ann@example.com"},
	} {
		f(`- pattern: "get {url:url}"`, "get "+c.url, "url.domain", c.domain)
		f(`- pattern: "get {url:url}"`, "get "+c.url, "url.port", c.port)
		f(`- pattern: "get {url:url}"`, "get "+c.url, "url.path", c.path)
		f(`- pattern: "get {url:url}"`, "get "+c.url, "url.original", c.url)
	}
}
