package elasticsearch

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	elastic "github.com/elastic/go-elasticsearch/v8"

	"sluice/internal/certfile"
	"sluice/sinks"
)

const (
	// embedded stands in the URLs of requests that never leave the process.
	embedded = "http://embedded.invalid"

	// maxAnswer bounds what is read of one answer. 10,000 hits of 4 KiB are 40 MB.
	maxAnswer = 64 << 20

	// authWait is how long a refused credential waits: asking faster locks accounts.
	authWait = 30 * time.Second
)

// ErrTooLarge is an answer of more than is read of one, or than the built-in store has memory for: ask for
// less at once.
var ErrTooLarge = errors.New("the answer is too long; ask for less")

// Client talks to one cluster, or to the store of this program. It is safe for
// concurrent use.
type Client struct {
	es       *elastic.BaseClient
	settings Settings
	name     string

	mu      sync.Mutex
	aliases map[string]bool // alert aliases known to be there, by namespace
}

// Open makes a client. It does not connect: a cluster that is away is an error of
// the first request, not of Open.
func Open(s Settings, opt Options) (*Client, error) {
	if opt.Name == "" {
		opt.Name = "elasticsearch"
	}
	cfg := elastic.Config{
		Addresses: s.Addresses,
		Username:  s.Username,
		Password:  s.Password.Reveal(),
		APIKey:    s.APIKey.Reveal(),
		// Only the caller knows whether a request may be repeated.
		DisableRetry:         true,
		EnableMetrics:        false,
		DisableMetaHeader:    true,
		CompressRequestBody:  remote(s.Addresses),
		PoolCompressor:       true,
		Transport:            opt.Transport,
		AutoDrainBody:        true,
		DiscoverNodesOnStart: false,
	}
	cfg.CompressRequestBodyLevel = gzip.BestSpeed // level 6 costs three times the CPU for a tenth of the bytes
	if len(s.Addresses) == 0 {
		if opt.Transport == nil {
			return nil, errors.New("open elasticsearch: no address is set; name one under addresses")
		}
		cfg.Addresses = []string{embedded}
	} else {
		t, err := s.transport()
		if err != nil {
			return nil, fmt.Errorf("open elasticsearch: %w", err)
		}
		cfg.Transport = t
	}
	es, err := elastic.NewBaseClient(cfg)
	if err != nil {
		return nil, fmt.Errorf("open elasticsearch: %w", err)
	}
	return &Client{es: es, settings: s, name: opt.Name, aliases: map[string]bool{}}, nil
}

// transport is one connection pool for the cluster.
func (s *Settings) transport() (http.RoundTripper, error) {
	conf := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: s.SkipVerify}
	if s.CAFile != "" {
		var err error
		if conf.RootCAs, err = certfile.Authorities(s.CAFile); err != nil {
			return nil, fmt.Errorf("ca_file: %w", err)
		}
	}
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.TLSClientConfig = conf
	t.MaxIdleConnsPerHost = 16 // one for each partition that indexes, and searches
	t.ResponseHeaderTimeout = s.Timeout
	return t, nil
}

// remote says whether compressing pays: on one machine it only costs CPU.
func remote(addresses []string) bool {
	for _, a := range addresses {
		if u, err := url.Parse(a); err == nil && !loopback(u.Hostname()) {
			return true
		}
	}
	return false
}

// Close ends the idle connections.
func (c *Client) Close(ctx context.Context) error { return c.es.Close(ctx) }

// Error is an answer that is no success.
type Error struct {
	Status int    // HTTP
	Type   string // Elasticsearch's own name: "index_not_found_exception"; "" if the body is not its
	Reason string
}

func (e *Error) Error() string {
	switch {
	case e.Type == "cluster_block_exception": // a 403 too, and no privilege helps
		return fmt.Sprintf("elasticsearch is blocked (%d): %s; check the disk space of its nodes and the blocks of the index", e.Status, e.text())
	case e.Status == http.StatusUnauthorized:
		return fmt.Sprintf("elasticsearch refuses our credentials (401): %s; check username and password, or api_key", e.text())
	case e.Status == http.StatusForbidden:
		return fmt.Sprintf("elasticsearch does not allow this (403): %s; check the privileges of our user or key", e.text())
	}
	return fmt.Sprintf("elasticsearch answers %d: %s", e.Status, e.text())
}

// Is tells the built-in store's refusal of an answer that it has no memory for.
func (e *Error) Is(target error) bool {
	return target == ErrTooLarge && e.Status == http.StatusUnprocessableEntity && e.Type == "content_too_long_exception"
}

func (e *Error) text() string {
	if e.Type == "" {
		return e.Reason
	}
	return e.Type + ": " + e.Reason
}

// NotFound says whether err is a 404.
func NotFound(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == http.StatusNotFound
}

// call is one request.
type call struct {
	method string
	path   string // escaped
	params url.Values
	body   []byte
	kind   string // of the body; "" is JSON
}

// do sends a request and reads its whole answer. A status of 300 and above is an
// *Error; 401, 403 and an answer with Retry-After also are a sinks.Wait.
func (c *Client) do(ctx context.Context, r call) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.settings.Timeout)
	defer cancel()
	target := r.path
	if len(r.params) > 0 {
		target += "?" + r.params.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, r.method, target, nil)
	if err != nil {
		return nil, err
	}
	if r.body != nil {
		req.GetBody = func() (io.ReadCloser, error) { return newBody(r.body), nil }
		req.Body, req.ContentLength = newBody(r.body), int64(len(r.body))
		req.Header.Set("Content-Type", "application/json")
		if r.kind != "" {
			req.Header.Set("Content-Type", r.kind)
		}
	}
	res, err := c.es.Perform(req)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", r.method, r.path, unreached(certfile.Unknown(err, "elasticsearch.ca_file", c.settings.CAFile)))
	}
	defer res.Body.Close()
	answer, err := read(res)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s %s: read the answer: %w", r.method, r.path, err)
	case len(answer) > maxAnswer:
		return nil, fmt.Errorf("%s %s: %w", r.method, r.path, ErrTooLarge)
	case res.StatusCode >= 300:
		return answer, failure(res, answer)
	}
	return answer, nil
}

// read is the answer, up to what is too long. What says how long it is gets its room once, not by doubling.
func read(res *http.Response) ([]byte, error) {
	var b bytes.Buffer
	if n := res.ContentLength; n > 0 && n <= maxAnswer {
		b.Grow(int(n) + bytes.MinRead)
	}
	_, err := b.ReadFrom(io.LimitReader(res.Body, maxAnswer+1))
	return b.Bytes(), err
}

// unreached says where the address stands that nobody answers at.
func unreached(err error) error {
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" {
		return fmt.Errorf("%w; elasticsearch.addresses says where Elasticsearch is", err)
	}
	return err
}

// body is a request's. An http.RoundTripper of the same process may take its bytes without
// a copy, until it has answered.
type body struct {
	bytes.Reader
	whole []byte
}

func newBody(b []byte) *body {
	r := &body{whole: b}
	r.Reset(b)
	return r
}

// Bytes are all of the request's, whatever was read.
func (b *body) Bytes() []byte { return b.whole }

// Close implements io.ReadCloser.
func (b *body) Close() error { return nil }

// failure makes the error of an answer that is no success.
func failure(res *http.Response, answer []byte) error {
	e := &Error{Status: res.StatusCode}
	var said struct {
		Error json.RawMessage `json:"error"`
	}
	var full struct {
		Type      string `json:"type"`
		Reason    string `json:"reason"`
		RootCause []struct {
			Type   string `json:"type"`
			Reason string `json:"reason"`
		} `json:"root_cause"`
	}
	switch {
	case json.Unmarshal(answer, &said) == nil && json.Unmarshal(said.Error, &full) == nil && full.Type != "":
		e.Type, e.Reason = full.Type, full.Reason
		if len(full.RootCause) > 0 && full.RootCause[0].Reason != "" && full.RootCause[0].Reason != full.Reason {
			e.Reason += " (" + full.RootCause[0].Reason + ")"
		}
	default:
		e.Reason = excerpt(answer)
	}
	var wait time.Duration
	if s, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && s > 0 {
		wait = time.Duration(s) * time.Second
	}
	if e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden {
		wait = max(wait, authWait)
	}
	if wait > 0 {
		return sinks.Wait{For: wait, Err: e}
	}
	return e
}

// excerpt is the start of a body that is not Elasticsearch's, fit for a log line.
func excerpt(body []byte) string {
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(body[:min(len(body), 400)]), "")), " ")
	if len(text) > 200 {
		text = strings.ToValidUTF8(text[:200], "") + "…"
	}
	if text == "" {
		return "(no text)"
	}
	return text
}
