// Package esapi serves the part of Elasticsearch's HTTP API that Sluice and its users need, on
// top of the embedded store. It can serve a listener, and act as a client's transport within the
// process, without a socket.
//
// Requests, responses, status codes and errors have Elasticsearch's form (8.x). What is not
// supported answers 400 or 404 and says so.
package esapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"sluice/journal"
	"sluice/store"
)

// version that GET / names: clients of 8.x check it.
const version = "8.19.0"

// maxBody of a request, as http.max_content_length.
const maxBody = 100 << 20

// API answers for one store. It is safe for concurrent use.
type API struct{ s *store.Store }

// knownBody is up to what a length that is only claimed gets its room at once.
const knownBody = 16 << 20

// New gives the API of s.
func New(s *store.Store) *API { return &API{s} }

// RoundTrip answers a client of the same process.
func (a *API) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	w := &recorder{header: http.Header{}, status: 200}
	a.ServeHTTP(w, r)
	if r.Body != nil {
		r.Body.Close()
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", w.status, http.StatusText(w.status)), StatusCode: w.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: w.header, Request: r,
		Body: io.NopCloser(bytes.NewReader(w.body)), ContentLength: int64(len(w.body)),
	}, nil
}

type recorder struct {
	header http.Header
	status int
	body   []byte
}

func (r *recorder) Header() http.Header    { return r.header }
func (r *recorder) WriteHeader(status int) { r.status = status }

// Write keeps b itself, which may be long: ServeHTTP writes once, and nothing else has it.
func (r *recorder) Write(b []byte) (int, error) {
	r.body = b
	return len(b), nil
}

// call is one request being answered.
type call struct {
	*API
	ctx  context.Context
	r    *http.Request
	q    url.Values
	path []string // unescaped parts
	body []byte
}

// failure is an error in Elasticsearch's form.
type failure struct {
	status       int
	kind, reason string
}

func (f *failure) Error() string { return f.reason }

func fail(status int, kind, format string, v ...any) error {
	return &failure{status, kind, fmt.Sprintf(format, v...)}
}

// answer is a status and what is written as JSON; a []byte is written as it is.
type answer struct {
	status int
	body   any
}

// ServeHTTP answers one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	res, err := a.serve(r)
	if err != nil {
		f := asFailure(err)
		cause := map[string]any{"type": f.kind, "reason": f.reason}
		res = answer{f.status, map[string]any{"error": map[string]any{"root_cause": []any{cause}, "type": f.kind, "reason": f.reason}, "status": f.status}}
	}
	var b []byte
	switch v := res.body.(type) {
	case nil:
	case []byte:
		b = v
	case string:
		w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
		b = []byte(v)
	default:
		b, err = json.Marshal(v)
		if err != nil {
			res.status, b = 500, []byte(`{"error":{"type":"exception","reason":"the answer can not be written"},"status":500}`)
		}
	}
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(res.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(b) // the client has gone: nobody is left to tell
	}
}

func asFailure(err error) *failure {
	var f *failure
	var q *store.QueryError
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &q):
		return &failure{400, q.Kind, q.Reason}
	case errors.As(err, &tooLarge):
		return &failure{413, "content_too_long_exception", "the body is longer than 100 MiB"}
	case errors.Is(err, store.ErrNoIndex):
		return &failure{404, "index_not_found_exception", err.Error()}
	case errors.Is(err, journal.ErrFull):
		return &failure{429, "cluster_block_exception", err.Error()}
	case errors.Is(err, store.ErrTooLarge):
		return &failure{422, "content_too_long_exception", err.Error()}
	case errors.Is(err, store.ErrBusy):
		return &failure{429, "es_rejected_execution_exception", err.Error()}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &failure{503, "task_cancelled_exception", err.Error()}
	case errors.Is(err, store.ErrClosed), errors.Is(err, journal.ErrFailed):
		return &failure{503, "unavailable_shards_exception", err.Error()}
	}
	return &failure{500, "exception", err.Error()}
}

func (a *API) serve(r *http.Request) (answer, error) {
	c := &call{API: a, ctx: r.Context(), r: r, q: r.URL.Query()}
	for part := range strings.SplitSeq(strings.Trim(r.URL.EscapedPath(), "/"), "/") {
		p, err := url.PathUnescape(part)
		if err != nil {
			return answer{}, fail(400, "illegal_argument_exception", "bad path")
		}
		c.path = append(c.path, p)
	}
	switch whole, ok := r.Body.(interface{ Bytes() []byte }); {
	case ok: // from this process: the store keeps nothing of it
		c.body = whole.Bytes()
	case r.Body != nil:
		var body bytes.Buffer
		if n := r.ContentLength; n > 0 && n <= knownBody { // once, not by doubling
			body.Grow(int(n) + bytes.MinRead)
		}
		if _, err := body.ReadFrom(http.MaxBytesReader(nil, r.Body, maxBody)); err != nil {
			return answer{}, err
		}
		c.body = body.Bytes()
	}
	return c.route()
}

// route is the table of what there is: GET and HEAD are one method here.
func (c *call) route() (answer, error) {
	p, n := c.path, len(c.path)
	method := c.r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	at := func(i int) string {
		if i < n {
			return p[i]
		}
		return ""
	}
	switch {
	case at(0) == "" && method == "GET":
		return c.info()
	case strings.HasPrefix(at(0), "_"):
		return c.global(method, at)
	case n == 1:
		return c.index(method, p[0])
	case strings.HasPrefix(at(1), "_"):
		return c.ofIndex(method, p[0], at)
	}
	return answer{}, c.unknown()
}

func (c *call) unknown() error {
	return fail(400, "illegal_argument_exception", "no handler found for uri [%s] and method [%s]", c.r.URL.Path, c.r.Method)
}

func (c *call) global(method string, at func(int) string) (answer, error) {
	name := at(0)
	switch {
	case name == "_bulk" && method != "GET":
		return c.bulk("")
	case name == "_search":
		return c.search("")
	case name == "_count":
		return c.count("")
	case name == "_mget":
		return c.mget("")
	case name == "_refresh" || name == "_flush":
		return c.refreshed()
	case name == "_cat" && at(1) == "indices":
		return c.catIndices(at(2))
	case name == "_cluster" && at(1) == "health":
		return c.health()
	case name == "_index_template" || name == "_component_template":
		return c.template(method, name, at(1))
	case name == "_alias" && method == "GET":
		return c.aliases("", at(1))
	case name == "_aliases" && method == "POST":
		return c.changeAliases()
	case name == "_field_caps":
		return c.fieldCaps("")
	}
	return answer{}, c.unknown()
}

func (c *call) ofIndex(method, index string, at func(int) string) (answer, error) {
	write := method == "PUT" || method == "POST"
	switch at(1) {
	case "_bulk":
		if write {
			return c.bulk(index)
		}
	case "_search":
		return c.search(index)
	case "_count":
		return c.count(index)
	case "_mget":
		return c.mget(index)
	case "_refresh", "_flush":
		return c.refreshed()
	case "_field_caps":
		return c.fieldCaps(index)
	case "_mapping", "_settings":
		if method == "GET" {
			return c.describe(index)
		}
	case "_alias", "_aliases":
		if write && at(2) != "" {
			return acknowledged(c.s.PutAlias(c.ctx, at(2), index, true))
		}
		if method == "DELETE" && at(2) != "" {
			return acknowledged(c.s.DropAlias(c.ctx, at(2), index))
		}
		return c.aliases(index, at(2))
	case "_doc", "_create", "_update", "_source":
		return c.document(method, index, at(1), at(2))
	}
	return answer{}, c.unknown()
}

func acknowledged(err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	return answer{200, map[string]any{"acknowledged": true}}, nil
}
