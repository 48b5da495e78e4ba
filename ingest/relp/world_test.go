package relp

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sluice/event"
	"sluice/ingest"
	"sluice/ingest/ingesttest"
)

const anyPort = "127.0.0.1:0"

func settings(change func(*Settings)) *Settings {
	s := Defaults().(*Settings)
	s.TCP = []string{anyPort}
	change(s)
	return s
}

// world runs an input and keeps what it emits.
type world struct {
	t    *testing.T
	in   *input
	log  *bytes.Buffer
	stop func()

	mu    sync.Mutex
	raws  []event.Raw
	drops map[string]int // reason -> n
	at    []string       // the checkpoints
	news  chan struct{}
	block chan struct{} // set: emit waits for it
}

func start(t *testing.T, s *Settings) *world {
	t.Helper()
	return startFrom(t, s, nil)
}

func startFrom(t *testing.T, s *Settings, from ingest.Checkpoint) *world {
	t.Helper()
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, log: &bytes.Buffer{}, drops: map[string]int{}, news: make(chan struct{}, 1)}
	in, err := s.Open(ingest.Env{
		Name: "relay", Namespace: "lab", From: from, Log: slog.New(slog.NewTextHandler(w.log, nil)), Now: time.Now,
		Drop: func(_, reason string, n int) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.drops[reason] += n
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.in = in.(*input)
	w.stop = ingesttest.Running(t, in, w.emit)
	return w
}

func (w *world) emit(_ context.Context, batch []event.Raw, at ingest.Checkpoint) error {
	w.mu.Lock()
	block := w.block
	w.mu.Unlock()
	if block != nil {
		<-block
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if at != nil {
		w.at = append(w.at, string(at))
	}
	for _, r := range batch {
		r.Bytes = bytes.Clone(r.Bytes)
		w.raws = append(w.raws, r)
	}
	select {
	case w.news <- struct{}{}:
	default:
	}
	return nil
}

// hold makes emit wait until release is called.
func (w *world) hold() (release func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	block := make(chan struct{})
	w.block = block
	return sync.OnceFunc(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.block = nil
		close(block)
	})
}

// lines are what is durable so far.
func (w *world) lines() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []string
	for _, r := range w.raws {
		all = append(all, string(r.Bytes))
	}
	return all
}

func (w *world) dropped(reason string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.drops[reason]
}

// client is a sender of RELP.
type client struct {
	t    *testing.T
	c    net.Conn
	r    *bufio.Reader
	txnr int
}

const offer = "relp_version=0\nrelp_software=librelp,1.11.0,http://librelp.adiscon.com\ncommands=syslog"

// dial connects without an offer.
func dial(t *testing.T, a net.Addr) *client {
	t.Helper()
	c, err := net.Dial("tcp", a.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return &client{t: t, c: c, r: bufio.NewReader(c)}
}

// session connects and opens.
func (w *world) session() *client {
	w.t.Helper()
	k := dial(w.t, w.in.Addrs()[0])
	k.send(cmdOpen, offer)
	k.wants("1 rsp 200 OK\nrelp_version=0\nrelp_software=sluice\ncommands=syslog")
	return k
}

func (k *client) write(text string) {
	k.t.Helper()
	if _, err := io.WriteString(k.c, text); err != nil {
		k.t.Fatal(err)
	}
}

// send sends a frame under the next number.
func (k *client) send(command, data string) {
	k.t.Helper()
	k.txnr++
	k.write(string(appendFrame(nil, k.txnr, command, data)))
}

// next is the next frame that comes: its number, command and data.
func (k *client) next() (string, error) {
	_ = k.c.SetReadDeadline(time.Now().Add(time.Minute))
	var head []byte
	for {
		b, err := k.r.ReadByte()
		if err != nil {
			return "", err
		}
		if head = append(head, b); b == '\n' || bytes.Count(head, []byte(" ")) == 3 {
			break
		}
	}
	words := strings.Fields(string(head))
	if len(words) != 3 {
		return "", fmt.Errorf("no frame: %q", head)
	}
	size, err := strconv.Atoi(words[2])
	if err != nil || size == 0 {
		return words[0] + " " + words[1], err
	}
	data := make([]byte, size+1)
	if _, err := io.ReadFull(k.r, data); err != nil {
		return "", err
	}
	return words[0] + " " + words[1] + " " + string(data[:size]), nil
}

// wants reads frames and compares.
func (k *client) wants(frames ...string) {
	k.t.Helper()
	for _, want := range frames {
		if got, err := k.next(); err != nil || got != want {
			k.t.Fatalf("got %q, %v; want %q", got, err, want)
		}
	}
}

// ended waits for the end of the connection.
func (k *client) ended() {
	k.t.Helper()
	if got, err := k.next(); !errors.Is(err, io.EOF) {
		k.t.Fatalf("got %q, %v; want the end", got, err)
	}
}

func ok(txnr int) string { return strconv.Itoa(txnr) + " rsp 200 OK" }

func (w *world) sessions() []*session {
	w.in.mu.Lock()
	defer w.in.mu.Unlock()
	var all []*session
	for s := range w.in.sessions {
		all = append(all, s)
	}
	return all
}

func pending(all []*session) (n int) {
	for _, s := range all {
		s.mu.Lock()
		n += len(s.queue)
		s.mu.Unlock()
	}
	return n
}

// deliver sends lines over a new connection, and closes the session when all are answered; it returns how
// many were.
func deliver(c net.Conn, lines []string) (answered int) {
	all := appendFrame(nil, 1, cmdOpen, offer)
	for i, line := range lines {
		all = appendFrame(all, i+2, cmdSyslog, line)
	}
	if _, err := c.Write(all); err != nil {
		return 0
	}
	k := &client{c: c, r: bufio.NewReader(c)}
	for range len(lines) + 1 {
		got, err := k.next()
		if err != nil || !strings.Contains(got, " rsp 200 OK") {
			return answered
		}
		if !strings.HasPrefix(got, "1 ") {
			answered++
		}
	}
	_, _ = c.Write(appendFrame(nil, len(lines)+2, cmdClose, ""))
	for { // until the other side has closed
		if _, err := k.next(); err != nil {
			return answered
		}
	}
}
