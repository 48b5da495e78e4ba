package httppost

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"sluice/ingest"
)

const (
	// batchWait is short: a sender waits for its answer.
	batchWait  = 10 * time.Millisecond
	headerTime = 10 * time.Second
	maxHeader  = 16 << 10
	// idleTime is how long a connection stays for another request.
	idleTime = 2 * time.Minute
)

// input is one open HTTP input.
type input struct {
	settings  *Settings
	env       ingest.Env
	senders   *ingest.Senders
	listeners ingest.Streams
	conns     *ingest.Conns
	memory    atomic.Int64 // what bodies may still take
	batches   *ingest.Batcher
	over      chan struct{} // closed when nothing becomes durable any more

	mu      sync.Mutex
	durable uint64                // the last batch that is
	news    chan struct{}         // closed when durable changes
	silent  map[net.Conn]struct{} // nothing has come from them
}

func newInput(s *Settings, env ingest.Env) (*input, error) {
	senders, err := ingest.NewSenders(env.Name, s.senders())
	if err != nil {
		return nil, err
	}
	in := &input{
		settings: s, env: env, senders: senders, conns: ingest.NewConns(env, s.MaxConnections),
		over: make(chan struct{}), news: make(chan struct{}), silent: map[net.Conn]struct{}{},
	}
	in.memory.Store(ingest.BufferMemory)
	return in, nil
}

// Addrs are the bound addresses: tcp, tls, each in the order of the settings.
func (in *input) Addrs() []net.Addr { return in.listeners.Addrs() }

// Run takes requests until ctx ends. Then those that have come are answered, for up to ingest.DrainTime.
func (in *input) Run(ctx context.Context, emit ingest.Emit) error {
	// What does not become durable has no answer: its sender has it.
	kept := func(string, string, int) {}
	in.batches = ingest.NewBatcher(emit, batchWait, kept, in.taken)
	server := &http.Server{
		Handler: in, ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: maxHeader,
		ErrorLog:  slog.NewLogLogger(in.env.Log.Handler(), slog.LevelDebug), // what senders do wrong is counted
		ConnState: in.state,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, guestKey{}, c)
		},
	}
	readers := ingest.Readers{Wind: func() { in.wind(server) }, Over: func() { close(in.over) }}
	for _, l := range in.listeners {
		d := &door{addr: l.Addr(), conns: make(chan net.Conn), closed: make(chan struct{})}
		readers.Read = append(readers.Read,
			func(ctx context.Context) { in.accept(ctx, l, d) },
			func(context.Context) { _ = server.Serve(d) })
	}
	return in.batches.Serve(ctx, readers)
}

// wind takes no more, and has the requests that have come answered.
func (in *input) wind(server *http.Server) {
	in.listeners.Close()
	in.closeSilent()
	ending, enough := context.WithTimeout(context.Background(), ingest.DrainTime)
	defer enough()
	if server.Shutdown(ending) != nil {
		server.Close()
	}
}

// state notes which connections have sent something.
func (in *input) state(c net.Conn, now http.ConnState) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if now == http.StateNew {
		in.silent[c] = struct{}{}
	} else {
		delete(in.silent, c)
	}
}

// closeSilent ends what would hold the end up: a server that shuts down waits for first requests.
func (in *input) closeSilent() {
	in.mu.Lock()
	defer in.mu.Unlock()
	for c := range in.silent {
		c.Close()
	}
}

// taken has the requests answered that a batch made durable.
func (in *input) taken(batch uint64) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.durable = batch
	close(in.news)
	in.news = make(chan struct{})
}

// await waits until a batch is durable, and reports whether it is.
func (in *input) await(ctx context.Context, batch uint64) bool {
	for {
		in.mu.Lock()
		durable, news := in.durable, in.news
		in.mu.Unlock()
		if durable >= batch {
			return true
		}
		select {
		case <-news:
		case <-in.over:
			return false
		case <-ctx.Done(): // the sender is gone
			return false
		}
	}
}

// accept has the connections of one listener served until it is closed.
func (in *input) accept(ctx context.Context, l ingest.Stream, d *door) {
	defer d.Close()
	kind := "http://"
	if l.TLS != nil {
		kind = "https://"
	}
	in.conns.Accept(ctx, l, func(c net.Conn) func(*ingest.Conn) {
		from, _ := netip.ParseAddrPort(c.RemoteAddr().String())
		p := in.senders.Of(from, kind+c.LocalAddr().String())
		if !in.senders.Allowed(p.Addr) {
			return nil
		}
		return func(k *ingest.Conn) {
			g := &guest{Conn: k, k: k, from: p, gone: make(chan struct{})}
			if l.TLS != nil {
				if g.Conn = k.Secure(ctx, l.TLS); g.Conn == nil {
					return
				}
			}
			d.admit(g)
		}
	})
}

// door is the listener of the HTTP server: it has the connections that Conns has let in.
type door struct {
	addr   net.Addr
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

// admit gives a connection to the server, and waits for its end.
func (d *door) admit(g *guest) {
	select {
	case d.conns <- g:
		<-g.gone
	case <-d.closed:
	}
}

// Accept implements net.Listener.
func (d *door) Accept() (net.Conn, error) {
	select {
	case c := <-d.conns:
		return c, nil
	case <-d.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (d *door) Close() error {
	d.once.Do(func() { close(d.closed) })
	return nil
}

// Addr implements net.Listener.
func (d *door) Addr() net.Addr { return d.addr }

// guest is a connection in the hands of the server.
type guest struct {
	net.Conn
	k    *ingest.Conn
	from ingest.Sender
	once sync.Once
	gone chan struct{}
}

// Close ends the connection, and what waits for its end.
func (g *guest) Close() error {
	defer g.once.Do(func() { close(g.gone) })
	return g.Conn.Close()
}

// guestKey is where a request's context has its connection.
type guestKey struct{}

func guestOf(r *http.Request) *guest { return r.Context().Value(guestKey{}).(*guest) }
