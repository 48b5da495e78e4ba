package syslog

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sluice/event"
	"sluice/ingest"
	"sluice/ingest/ingesttest"
	"sluice/internal/certtest"
)

const anyPort = "127.0.0.1:0"

func settings(change func(*Settings)) *Settings {
	s := Defaults().(*Settings)
	change(s)
	return s
}

// world runs an input and keeps what it emits.
type world struct {
	t     *testing.T
	in    ingest.Input
	addrs []net.Addr
	log   *bytes.Buffer
	stop  func()

	mu    sync.Mutex
	raws  []event.Raw
	drops map[string]int // reason -> n
	news  chan struct{}
	block chan struct{} // set: emit waits for it
}

func start(t *testing.T, s *Settings) *world {
	t.Helper()
	return startOn(t, s, func(*input) {})
}

// startOn starts an input that change had its way with.
func startOn(t *testing.T, s *Settings, change func(*input)) *world {
	t.Helper()
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, log: &bytes.Buffer{}, drops: map[string]int{}, news: make(chan struct{}, 1)}
	in, err := s.Open(ingest.Env{
		Name: "net", Namespace: "lab", Log: slog.New(slog.NewTextHandler(w.log, nil)), Now: time.Now,
		Drop: func(_, reason string, n int) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.drops[reason] += n
			w.tell()
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	change(in.(*input))
	w.in, w.addrs = in, in.(ingest.Listening).Addrs()
	w.stop = ingesttest.Running(t, in, w.emit)
	return w
}

func (w *world) tell() {
	select {
	case w.news <- struct{}{}:
	default:
	}
}

func (w *world) emit(_ context.Context, batch []event.Raw, _ ingest.Checkpoint) error {
	w.mu.Lock()
	block := w.block
	w.mu.Unlock()
	if block != nil {
		<-block
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range batch {
		r.Bytes = bytes.Clone(r.Bytes)
		w.raws = append(w.raws, r)
	}
	w.tell()
	return nil
}

// hold makes emit wait until release is called.
func (w *world) hold() (release func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.block = make(chan struct{})
	return func() { close(w.block) }
}

// until waits for something to be so.
func (w *world) until(what string, so func() bool) {
	w.t.Helper()
	late := time.After(time.Minute)
	for {
		w.mu.Lock()
		ok := so()
		w.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-w.news:
		case <-late:
			w.t.Fatalf("%s: never; %d raws, drops %v", what, len(w.raws), w.drops)
		}
	}
}

func (w *world) want(n int) []event.Raw {
	w.t.Helper()
	w.until(fmt.Sprintf("%d raws", n), func() bool { return len(w.raws) >= n })
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.raws)
}

func (w *world) lines(n int) []string {
	w.t.Helper()
	var all []string
	for _, r := range w.want(n) {
		all = append(all, string(r.Bytes))
	}
	return all
}

func dial(t *testing.T, a net.Addr) net.Conn {
	t.Helper()
	c, err := net.Dial(a.Network(), a.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func send(t *testing.T, c io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
}

func TestContract(t *testing.T) {
	var want []string
	for i := range 200 {
		want = append(want, fmt.Sprintf("<34>line %d", i))
	}
	pair := certtest.New(t)
	f := func(name string, s *Settings, text func(line string) string, connect func(a net.Addr) (net.Conn, error)) {
		t.Run(name, func(t *testing.T) {
			ingesttest.Contract(t, ingesttest.Case{Settings: s, Want: want, Start: func(in ingest.Input, try int) {
				if try > 0 {
					return // a sender of syslog does not send again
				}
				c, err := connect(in.(ingest.Listening).Addrs()[0])
				if err != nil {
					t.Error(err)
					return
				}
				defer c.Close()
				for _, line := range want {
					send(t, c, text(line))
				}
			}})
		})
	}
	plain := func(a net.Addr) (net.Conn, error) { return net.Dial(a.Network(), a.String()) }
	f("udp", settings(func(s *Settings) { s.UDP = []string{anyPort} }), func(l string) string { return l }, plain)
	f("tcp", settings(func(s *Settings) { s.TCP = []string{anyPort} }), func(l string) string { return l + "\n" }, plain)
	dir := t.TempDir()
	f("unix", settings(func(s *Settings) { s.Unix = []string{filepath.Join(dir, "log")} }), func(l string) string { return l }, plain)
	f("unix_stream", settings(func(s *Settings) { s.UnixStream = []string{filepath.Join(dir, "stream")} }), func(l string) string { return l + "\x00" }, plain)
	f("tls", settings(func(s *Settings) { s.TLS, s.Cert, s.Key = []string{anyPort}, pair.Cert, pair.Key }),
		func(l string) string { return fmt.Sprintf("%d %s", len(l), l) },
		func(a net.Addr) (net.Conn, error) {
			return tls.Dial("tcp", a.String(), &tls.Config{RootCAs: pair.Pool, ServerName: "localhost"})
		})
}

func TestStamps(t *testing.T) {
	w := start(t, settings(func(s *Settings) {
		s.UDP, s.TCP, s.Pack, s.Zone = []string{anyPort}, []string{anyPort}, "cisco_asa", "Europe/Berlin"
	}))
	c := dial(t, w.addrs[0])
	send(t, c, "<34>datagram\r\n")
	r := w.want(1)[0]
	if string(r.Bytes) != "<34>datagram" || r.Origin != "net:127.0.0.1" || r.Input != "net" || r.Peer != c.LocalAddr().String() ||
		r.Listener != "udp://"+w.addrs[0].String() || r.Namespace != "lab" || r.Pack != "cisco_asa" || r.Zone != "Europe/Berlin" || r.Part != 0 {
		t.Errorf("%+v", r)
	}
	c = dial(t, w.addrs[1])
	send(t, c, "<34>line\n")
	if r := w.want(2)[1]; r.Listener != "tcp://"+w.addrs[1].String() || r.Peer != c.LocalAddr().String() || r.Origin != "net:127.0.0.1" {
		t.Errorf("%+v", r)
	}
}

// TestBadInput: garbage, NUL bytes, invalid UTF-8, a line of 1 MiB, a half frame and a
// lying octet count: all bytes are kept, and the next sender is served as ever.
func TestBadInput(t *testing.T) {
	w := start(t, settings(func(s *Settings) { s.TCP = []string{anyPort} }))
	long := strings.Repeat("0123456789abcdef", 1<<16)
	f := func(stream string, parts int) {
		t.Helper()
		before := len(w.want(0))
		c := dial(t, w.addrs[0])
		send(t, c, stream)
		c.Close()
		got := strings.Join(w.lines(before + parts)[before:], "")
		if want := strings.Trim(stream, "\n"); got != want {
			t.Errorf("%d bytes kept of %d", len(got), len(want))
		}
	}
	f("\xff\xfe\x00\x01 garbage \x80", 1)
	f(long, 4)
	f(long+"\n", 4)
	f("<34>half a fra", 1)
	f("<34>a \x00 b\n", 1)
	c := dial(t, w.addrs[0])
	n := len(w.want(0))
	send(t, c, "8 <34>a long one5 <34>b9 <34>cc\n")
	c.Close()
	if got := w.lines(n + 4)[n:]; !slices.Equal(got, []string{"<34>a lo", "ng one", "<34>b", "<34>cc"}) {
		t.Errorf("got %q", got)
	}
}

func TestSlowSender(t *testing.T) {
	w := start(t, settings(func(s *Settings) { s.TCP = []string{anyPort} }))
	c := dial(t, w.addrs[0])
	for _, b := range []byte("<34>one\n9 <34>two\r\n") {
		send(t, c, string(b))
	}
	c.Close()
	if got := w.lines(2); !slices.Equal(got, []string{"<34>one", "<34>two"}) {
		t.Errorf("got %q", got)
	}
}

// TestPressureBack: while nothing becomes durable a TCP sender is held up; then all comes.
func TestPressureBack(t *testing.T) {
	s := settings(func(s *Settings) { s.TCP = []string{anyPort} })
	w := start(t, s)
	release := w.hold()
	c := dial(t, w.addrs[0])
	line := "<34>" + strings.Repeat("x", 1000) + "\n"
	const lines = 40_000 // 40 MB: more than batches and socket buffers hold
	sent := make(chan error, 1)
	go func() {
		_, err := io.WriteString(c, strings.Repeat(line, lines))
		sent <- err
	}()
	select {
	case <-sent:
		t.Error("the sender was not held up")
	case <-time.After(300 * time.Millisecond):
	}
	release()
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	w.want(lines)
}

// TestFairShare: while one sender sends as fast as it can, what another one sends is not behind all of it.
func TestFairShare(t *testing.T) {
	w := start(t, settings(func(s *Settings) { s.TCP = []string{anyPort} }))
	flood, calm := dial(t, w.addrs[0]), dial(t, w.addrs[0])
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		block := strings.Repeat("<34>"+strings.Repeat("x", 200)+"\n", 1000)
		for {
			if _, err := io.WriteString(flood, block); err != nil {
				return
			}
		}
	}()
	w.want(10_000)
	for i := range 20 {
		line := fmt.Sprintf("<34>calm %d", i)
		send(t, calm, line+"\n")
		w.until(line, func() bool {
			return slices.ContainsFunc(w.raws, func(r event.Raw) bool { return string(r.Bytes) == line })
		})
		w.mu.Lock()
		w.raws = nil
		w.mu.Unlock()
	}
	flood.Close()
	<-ended
}

// TestIdleConnections: 5,000 connections that say nothing cost bounded memory, and whoever speaks is
// heard. ingest's TestSilentMakeRoom has the rest.
func TestIdleConnections(t *testing.T) {
	n := 5000
	if testing.Short() {
		n = 500
	}
	s := settings(func(s *Settings) { s.TCP, s.MaxConnections = []string{anyPort}, n/2 })
	w := start(t, s)
	speaking := dial(t, w.addrs[0])
	send(t, speaking, "<34>before\n")
	w.want(1)
	for range n {
		c, err := net.Dial("tcp", w.addrs[0].String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	in := w.in.(*input)
	if open := len(in.conns.Open()); open > n/2 {
		t.Errorf("%d connections are open, want at most %d", open, n/2)
	}
	send(t, speaking, "<34>still\n")
	w.want(2)
	if left := in.memory.Load(); left != ingest.BufferMemory {
		t.Errorf("%d bytes of buffers are taken", ingest.BufferMemory-left)
	}
}

// TestNoMemory: without memory for a long line it is cut early, and no byte is lost.
func TestNoMemory(t *testing.T) {
	w := start(t, settings(func(s *Settings) { s.TCP = []string{anyPort} }))
	w.in.(*input).memory.Store(0)
	c := dial(t, w.addrs[0])
	long := strings.Repeat("é", 5000)
	send(t, c, long+"\n<34>next\n")
	w.until("the next line", func() bool {
		return len(w.raws) > 0 && string(w.raws[len(w.raws)-1].Bytes) == "<34>next"
	})
	all := w.lines(1)
	if got := strings.Join(all[:len(all)-1], ""); got != long {
		t.Errorf("%d bytes, want %d", len(got), len(long))
	}
}

func TestStrict(t *testing.T) {
	w := start(t, settings(func(s *Settings) { s.TCP, s.Format = []string{anyPort}, FormatStrict }))
	c := dial(t, w.addrs[0])
	good := "<34>1 2026-10-11T22:14:15.003Z host su - ID47 - failed"
	send(t, c, "<34>Oct 11 22:14:15 host su: failed\n"+good+"\n")
	if got := w.lines(1); !slices.Equal(got, []string{good}) {
		t.Errorf("got %q", got)
	}
	w.stop()
	if w.drops[dropStrict] != 1 {
		t.Errorf("drops %v, want 1 strict", w.drops)
	}
	if log := w.log.String(); !strings.Contains(log, "col 4") || !strings.Contains(log, "su: failed") {
		t.Errorf("the log has no position: %s", log)
	}
}

func TestSenders(t *testing.T) {
	w := start(t, settings(func(s *Settings) { s.UDP, s.Allow = []string{anyPort}, []string{"192.0.2.0/24"} }))
	send(t, dial(t, w.addrs[0]), "<34>no")
	w.until("a drop", func() bool { return w.drops[dropNotAllowed] == 1 })

	w = start(t, settings(func(s *Settings) { s.UDP, s.RateLimit = []string{anyPort}, 5 }))
	c := dial(t, w.addrs[0])
	for i := range 40 {
		send(t, c, fmt.Sprintf("<34>%d", i))
	}
	w.until("all", func() bool { return len(w.raws)+w.drops[dropRateLimit] == 40 })
	if n := w.drops[dropRateLimit]; n < 25 || n > 30 {
		t.Errorf("%d dropped of 40, want 40 less 2 s of 5 a second", n)
	}

	w = start(t, settings(func(s *Settings) {
		s.UDP, s.Origin, s.TrustedRelays = []string{anyPort}, ingest.OriginHost, []string{"127.0.0.1"}
	}))
	c = dial(t, w.addrs[0])
	send(t, c, "<34>Oct 11 22:14:15 fw-7 su: x")
	send(t, c, "<34>no host")
	raws := w.want(2)
	if raws[0].Origin != "net:fw-7" || raws[1].Origin != "net:127.0.0.1" {
		t.Errorf("origins %s, %s", raws[0].Origin, raws[1].Origin)
	}
}

// TestKernelDrops: what the kernel could not keep is told, to the datagram.
func TestKernelDrops(t *testing.T) {
	w := start(t, settings(func(s *Settings) { s.UDP, s.ReceiveBuffer = []string{anyPort}, 4096 }))
	release := w.hold()
	c := dial(t, w.addrs[0])
	const n = 20_000
	for i := range n {
		send(t, c, fmt.Sprintf("<34>%d", i))
	}
	release()
	w.until("the account", func() bool { return len(w.raws)+w.drops[dropKernel] == n })
	if w.drops[dropKernel] == 0 {
		t.Skip("this kernel kept them all")
	}
}

func TestOpenTellsWhy(t *testing.T) {
	l, err := net.Listen("tcp", anyPort)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := settings(func(s *Settings) { s.TCP = []string{l.Addr().String()} })
	_, err = s.Open(ingest.Env{Name: "net", Log: slog.New(slog.DiscardHandler)})
	if err == nil || !strings.Contains(err.Error(), "another program has it") {
		t.Errorf("got %v", err)
	}
}
