// Package console is the web page and the HTTP API behind it: searching events, alerts with the
// events behind them, health and metrics.
//
// Every route is a row of one table (routes.go) with the minimum role that may call it; nothing
// else reaches the mux. Log content is hostile: the API answers JSON only, and the page inserts
// it as text, never as markup.
package console

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Index is where events and alerts are searched: Elasticsearch or the store.
// Search sends one request body of Elasticsearch's _search API to the named indices
// (wildcards allowed; indices that do not exist match nothing and are no error) and
// returns the answer's body. A refusal of the index is an *IndexError. It is called
// concurrently and must return soon after ctx ends.
type Index interface {
	Search(ctx context.Context, indices []string, body []byte) ([]byte, error)
}

// IndexError is an answer of the index that is no success.
type IndexError struct {
	Status int    // HTTP status
	Body   []byte // Elasticsearch's JSON error
}

func (e *IndexError) Error() string { return fmt.Sprintf("the index answered %d", e.Status) }

// MaxAnswer is the greatest answer in bytes that an Index should read for one search;
// a greater one is ErrTooLarge. 1,000 events of 64 KiB fit.
const MaxAnswer = 64 << 20

// ErrTooLarge is what an Index returns for an answer over MaxAnswer.
var ErrTooLarge = errors.New("the answer is too large; ask for fewer events at once")

// Health says what keeps the program from its work. It is called for each /readyz.
type Health interface {
	Ready(ctx context.Context) []Problem
}

// Problem is one reason why the program is not ready. Anyone who reaches the port may
// read it without a token: no secrets, no log content.
type Problem struct {
	Part    string `json:"part"`              // bus, index, input syslog_udp, ...
	Reason  string `json:"reason"`            // what is wrong, and what to do
	Warning bool   `json:"warning,omitempty"` // true: worth knowing, but still ready
}

// Account tells what became of everything received, as JSON. It is called for each request.
type Account func(ctx context.Context) (any, error)

// ReprocessRequest says which events of the index are normalized anew.
type ReprocessRequest struct {
	From      time.Time `json:"from"` // of event.created; zero: no bound
	To        time.Time `json:"to"`
	Query     string    `json:"query"`
	Namespace string    `json:"namespace"`
	DryRun    bool      `json:"dry_run"`
}

// Reprocess normalizes events of the index anew. It calls progress now and then, and
// returns the counts at the end; both become JSON.
type Reprocess func(ctx context.Context, req ReprocessRequest, progress func(any)) (any, error)

// Options are what a Server is made of. Token (or Auth) is needed. Without an Index
// there is no page and no search: health, metrics and account only.
type Options struct {
	Index      Index
	Token      Token
	Auth       Authenticator               // nil: whoever has Token, as admin
	Hosts      []string                    // names beside the loopback ones that the Host header may have
	Health     Health                      // nil: always ready
	Metrics    http.Handler                // nil: no /metrics
	Account    Account                     // nil: no /api/v1/account
	Reprocess  Reprocess                   // nil: no /api/v1/reprocess
	Export     Export                      // nil: no /api/v1/export
	Letters    Letters                     // nil: no /api/v1/dlq
	Rules      Rules                       // nil: no /api/v1/rules
	Report     Report                      // nil: no /api/v1/report
	Triage     Triage                      // nil: alerts are shown, and nobody works on them here
	Saved      Saved                       // nil: no /api/v1/searches
	Fields     []string                    // known field names, for a query that names one that nothing has
	Values     func(field string) []string // the only values of a field, nil: any; may be nil
	Log        *slog.Logger                // nil: nothing is logged
	Now        func() time.Time
	Namespaces func() []string // what the page offers to choose from; nil: nothing. Others may be asked for too
	Version    string
}

// Server answers the page and the API. It is safe for concurrent use.
type Server struct {
	opt      Options
	auth     Authenticator
	sessions *sessions
	wrong    wrongTokens

	reprocessing sync.Mutex
	backtesting  sync.Mutex
	settling     sync.Mutex // dead letters
	saving       sync.Mutex // the saved searches
	hosts        map[string]bool
	mux          *http.ServeMux
	nowhere      http.Handler // what a browser gets at an address that is none; nil: there are no pages
	handler      http.Handler
	slots        chan struct{} // one per search that may run now
	exports      chan struct{} // one per export
	compiles     chan struct{} // one: rules of a caller
}

// New makes a server. It panics on a table of routes that is not complete, which
// TestRoutes would have found.
func New(opt Options) *Server {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Values == nil {
		opt.Values = func(string) []string { return nil }
	}
	s := &Server{
		opt:      opt,
		sessions: newSessions(opt.Now),
		hosts:    map[string]bool{},
		slots:    make(chan struct{}, maxSearches),
		exports:  make(chan struct{}, maxExports),
		compiles: make(chan struct{}, 1),
	}
	s.auth = opt.Auth
	if s.auth == nil {
		s.auth = &tokenAuth{token: opt.Token, sessions: s.sessions}
	}
	for _, h := range opt.Hosts {
		s.hosts[strings.ToLower(strings.Trim(h, "[]"))] = true
	}
	s.mux = s.buildMux(s.routes())
	s.handler = s.guard(http.HandlerFunc(s.dispatch))
	return s
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Run serves ln until ctx ends, then lets requests under way finish for 5 s and
// closes it. It returns nil when ctx ended it.
func (s *Server) Run(ctx context.Context, ln net.Listener) error {
	base, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	srv := &http.Server{
		Handler:           s,
		BaseContext:       func(net.Listener) context.Context { return base },
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      searchTimeout + slotWait + 30*time.Second, // a search, and sending it
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10, // a query of 4 KiB, percent-encoded, and a cookie
		ErrorLog:          slog.NewLogLogger(s.opt.Log.Handler(), slog.LevelDebug),
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ln) }()
	select {
	case err := <-done:
		return fmt.Errorf("serve the console: %w", err)
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(base, 5*time.Second)
	defer cancel()
	if err := srv.Shutdown(drain); err != nil {
		stop()
		err = srv.Close()
		<-done
		return err
	}
	<-done
	return nil
}
