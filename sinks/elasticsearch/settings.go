// Package elasticsearch writes events and alerts to Elasticsearch, sets up a cluster for them,
// and queries it. An event exists once under its id however often it is written, and nothing
// counts as written unless the response says so for that very document.
//
// Without an address the same client talks to the built-in store, through an http.RoundTripper
// that the program provides.
package elasticsearch

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"sluice/internal/guardhttp"
	"sluice/internal/secret"
	"sluice/sinks"
)

const (
	bulkBytes  = 5 << 20 // what Elastic recommends to start with; larger ones gain nothing measurable
	bulkEvents = 2000    // keeps the answer, and the time until one is known, small
	timeout    = 60 * time.Second
)

// Settings say where the cluster is and how to prove who we are. With no address the
// store of this program is used.
type Settings struct {
	Addresses  []string      `yaml:"addresses" instead:"hosts url urls nodes"` // https://host:9200
	Username   string        `yaml:"username" instead:"user"`                  // with password: basic authentication
	Password   secret.Secret `yaml:"password"`                                 // as ${file:...} or ${ENV}
	APIKey     secret.Secret `yaml:"api_key"`                                  // base64 of id:key; instead of username and password
	CAFile     string        `yaml:"ca_file"`                                  // PEM; "" is the system's
	SkipVerify bool          `yaml:"insecure_skip_verify"`                     // believe any certificate
	Plaintext  bool          `yaml:"insecure_plaintext"`                       // lets credentials and logs cross a network by http://
	Timeout    time.Duration `yaml:"timeout"`                                  // of one request
	BulkBytes  int           `yaml:"bulk_bytes"`                               // of one bulk request, unless one document alone is larger
	BulkEvents int           `yaml:"bulk_events"`                              // documents of one bulk request
}

// Defaults are the settings of a file that names none.
func Defaults() sinks.Settings {
	s := defaults()
	return &s
}

func defaults() Settings {
	return Settings{Timeout: timeout, BulkBytes: bulkBytes, BulkEvents: bulkEvents}
}

// Validate reports every fault, each naming its key.
func (s *Settings) Validate() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	for _, a := range s.Addresses {
		u, err := url.Parse(a)
		switch {
		case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || !guardhttp.ValidPort(u.Port()):
			fault("addresses: %q is no URL such as https://index.example:9200", redact(a))
		case u.User != nil:
			fault("addresses: %s holds a password; use username and password, or api_key", u.Host)
		case u.Scheme == "http" && !loopback(u.Hostname()) && !s.Plaintext:
			fault("addresses: http://%s would send logs and credentials in the clear; use https or set insecure_plaintext", u.Host)
		}
	}
	if !s.APIKey.Empty() && (s.Username != "" || !s.Password.Empty()) {
		fault("api_key: give either api_key or username and password")
	}
	if (s.Username == "") != s.Password.Empty() {
		fault("username: username and password go together")
	}
	if s.SkipVerify && s.CAFile != "" {
		fault("insecure_skip_verify: with ca_file the certificate can be verified; drop one of the two")
	}
	if s.Timeout < time.Second || s.Timeout > 10*time.Minute {
		fault("timeout: %v is not between 1s and 10m", s.Timeout)
	}
	if s.BulkBytes < 64<<10 || s.BulkBytes > 90<<20 {
		fault("bulk_bytes: %d is not between 65536 and 94371840 (Elasticsearch takes at most 100 MB)", s.BulkBytes)
	}
	if s.BulkEvents < 1 || s.BulkEvents > 10_000 {
		fault("bulk_events: %d is not between 1 and 10000", s.BulkEvents)
	}
	return errors.Join(faults...)
}

// redact cuts what could be a password out of something that is no good URL.
func redact(address string) string {
	if at := strings.LastIndexByte(address, '@'); at >= 0 {
		return "…" + address[at:]
	}
	return address
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// Open makes a client of its own and a writer on it.
func (s *Settings) Open(env sinks.Env) (sinks.Sink, error) {
	c, err := Open(*s, Options{Name: env.Name})
	if err != nil {
		return nil, err
	}
	return c.Writer(), nil
}

// Options are what the program lends a client.
type Options struct {
	Name string // label of metrics; "" is "elasticsearch"
	// Transport answers the requests when Settings name no address: the embedded store.
	Transport http.RoundTripper
}

// Certificates reads the file of authorities, for a check before it is used.
func (s *Settings) Certificates(time.Time) (warning string, err error) {
	_, err = s.transport()
	return "", err
}
