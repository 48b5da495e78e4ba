package e2e

import (
	"bufio"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sluice/internal/certtest"
	"sluice/internal/testbed"
)

const (
	// overloadLines is what each sender that can be held has to get rid of, as fast as it is let: together
	// more than ten times what one second takes, with the datagrams that come all that time.
	overloadLines = 10_000
	// overloadDatagrams bounds what comes over each UDP input.
	overloadDatagrams = 2_000_000
	// overloadMemory is limits.memory, overloadPeak what may be resident: the limit, and what it does not
	// count (the program itself, pages of SQLite and of the kernel).
	overloadMemory = 256 << 20
	overloadPeak   = overloadMemory + 128<<20
)

// overload is every kind of input that has senders at once, each with senders that make no pause.
type overload struct {
	t        *testing.T
	w        *testbed.World
	tls      *tls.Config
	at       map[string]string // addresses of what listens, by input
	wg       sync.WaitGroup
	quit     chan struct{}
	messages atomic.Int64 // datagrams of syslog that a socket has taken
	flows    atomic.Int64 // and of NetFlow
}

func newOverload(t *testing.T) *overload {
	w := testbed.New(t, testbed.Engines{}, fmt.Sprintf("lateness: 2s\nlimits:\n  memory: %dMiB\n", overloadMemory>>20))
	pair := certtest.New(t)
	o := &overload{t: t, w: w, tls: &tls.Config{RootCAs: pair.Pool, ServerName: "localhost"}, at: map[string]string{}, quit: make(chan struct{})}
	for _, name := range []string{"tcp", "tls", "dgram", "relp", "http", "flows"} {
		o.at[name] = w.FreePort()
	}
	w.Inputs = fmt.Sprintf(`  tcp: {kind: syslog, namespace: %[1]s, tcp: %[2]q}
  tls: {kind: syslog, namespace: %[1]s, tls: %[3]q, cert: %[4]q, key: %[5]q}
  dgram: {kind: syslog, udp: %[6]q}
  relp: {kind: relp, namespace: %[1]s, tcp: %[7]q}
  http: {kind: http, namespace: %[1]s, tcp: %[8]q}
  flows: {kind: netflow, udp: %[9]q}
`, w.Namespace(), o.at["tcp"], o.at["tls"], pair.Cert, pair.Key, o.at["dgram"], o.at["relp"], o.at["http"], o.at["flows"])
	w.Rules(rules)
	return o
}

// stream writes lines from..to of a way to a connection, and closes it in order.
func (o *overload) stream(c io.WriteCloser, way string, from, to int) {
	out := bufio.NewWriterSize(c, 64<<10)
	for n := from; n < to; n++ {
		fmt.Fprintln(out, loadLine(way, int64(n)))
	}
	if err := out.Flush(); err != nil {
		o.t.Errorf("%s: %v", way, err)
	}
	if c, ok := c.(*net.TCPConn); ok { // what is read to its end is not reset
		_ = c.CloseWrite()
		return
	}
	c.Close()
}

// post sends lines from..to by HTTP, and again what has no room.
func (o *overload) post(from, to int) {
	for n := from; n < to; {
		var body strings.Builder
		for i := n; i < min(n+100, to); i++ {
			fmt.Fprintln(&body, loadLine("http", int64(i)))
		}
		resp, err := http.Post("http://"+o.at["http"], "text/plain", strings.NewReader(body.String()))
		if err != nil {
			o.t.Error(err)
			return
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		switch resp.StatusCode {
		case http.StatusOK:
			n = min(n+100, to)
		case http.StatusServiceUnavailable:
		default:
			o.t.Errorf("http: %s", resp.Status)
			return
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

// datagrams are sent until quit, or there are enough; one that the system has no room for is sent again.
func (o *overload) datagrams(name string, sent *atomic.Int64, text func(n int64) []byte) {
	c := dial(o.t, "udp", o.at[name])
	defer c.Close()
	for sent.Load() < overloadDatagrams {
		select {
		case <-o.quit:
			return
		default:
		}
		if _, err := c.Write(text(sent.Load())); err == nil {
			sent.Add(1)
		}
	}
}

// round writes lines from..to of every way that can be held, until they are taken.
func (o *overload) round(relp *relpSender, from, to int) {
	var streams sync.WaitGroup
	streams.Go(func() { o.stream(dial(o.t, "tcp", o.at["tcp"]), "tcp", from, to) })
	streams.Go(func() {
		c, err := tls.Dial("tcp", o.at["tls"], o.tls)
		if err != nil {
			o.t.Error(err)
			return
		}
		o.stream(c, "tls", from, to)
	})
	streams.Go(func() {
		f, err := os.OpenFile(filepath.Join(o.w.Logs(), "file.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			o.t.Error(err)
			return
		}
		o.stream(f, "file", from, to)
	})
	streams.Go(func() { o.post(from, to) })
	relp.write(to - from)
	relp.finish()
	streams.Wait()
}

// flow is a NetFlow v5 datagram of one record, whose octets are its number.
func flow(n int64) []byte {
	b := make([]byte, 24+48)
	binary.BigEndian.PutUint16(b, 5)
	binary.BigEndian.PutUint16(b[2:], 1)
	binary.BigEndian.PutUint32(b[8:], uint32(time.Now().Unix()))
	copy(b[24:], []byte{192, 0, 2, 1, 198, 51, 100, 7})
	binary.BigEndian.PutUint32(b[24+20:], uint32(n))
	return b
}

// TestOverload: every input gets more than is handled, for as long as it takes the senders that can be held
// to get rid of their lines. Memory keeps its bound; of what can be held nothing is lost or doubled, and of
// datagrams what was sent is what was taken and what the kernel dropped, to the last; then all is as before.
func TestOverload(t *testing.T) {
	o := newOverload(t)
	w := o.w
	w.Up()
	w.AwaitReady(time.Minute)
	p := w.Processes()[0]
	relp := newRelpSender(t, o.at["relp"], p.Alive)
	relp.text = func(n int) string { return loadLine("relp", int64(n)) }
	ways := []string{"tcp", "tls", "file", "relp", "http"}

	o.wg.Go(func() {
		o.datagrams("dgram", &o.messages, func(n int64) []byte { return []byte(loadLine("dgram", n)) })
	})
	o.wg.Go(func() { o.datagrams("flows", &o.flows, flow) })
	o.round(relp, 0, overloadLines)
	close(o.quit)
	o.wg.Wait()

	messages, flows, lines := o.messages.Load(), o.flows.Load(), int64(len(ways)*overloadLines)
	a := w.SettleStill(5 * time.Minute)
	if peak := p.Peak(); peak > overloadPeak {
		t.Errorf("%d MiB were resident, of at most %d", peak>>20, overloadPeak>>20)
	}
	if a.Sum.Received != messages+flows+lines || a.Sum.Received != a.Sum.Indexed+a.Sum.Dropped["kernel"] || len(a.Sum.Dropped) > 1 {
		t.Errorf("sent %d lines, %d datagrams and %d flows; %+v", lines, messages, flows, a.Sum)
	}
	o.wantCounted("dgram", messages)
	o.wantCounted("flows", flows)

	o.round(newFresh(relp), overloadLines, overloadLines+1)
	w.Settle(messages+flows+lines+int64(len(ways)), time.Minute)
	seen := map[string][]int{}
	for _, way := range ways {
		seen[way] = make([]int, overloadLines+1)
	}
	w.EachEvent(func(e testbed.Event) {
		way, n := "", 0
		_, text, _ := strings.Cut(e.Original, "]: line ")
		if _, err := fmt.Sscanf(text, "%d by %s", &n, &way); err == nil && seen[way] != nil && n < len(seen[way]) {
			seen[way][n]++
		}
	})
	for way, lines := range seen {
		for n, times := range lines {
			if times != 1 {
				t.Fatalf("line %d of %s is there %d times", n, way, times)
			}
		}
	}
	for _, what := range []string{"sluice_ingest_waiting", "sluice_ingest_behind_bytes", "sluice_ingest_restarts_total"} {
		if n := w.Metric(what, "input"); n != 0 {
			t.Errorf("%s is %v when all is over", what, n)
		}
	}
	t.Logf("%d lines, %d datagrams, %d flows; the kernel dropped %d; %d MiB at most", lines, messages, flows, a.Sum.Dropped["kernel"], p.Peak()>>20)
}

// newFresh is a sender that opens a connection of its own behind another's lines.
func newFresh(old *relpSender) *relpSender {
	s := newRelpSender(old.t, old.to, old.up)
	s.text, s.n = old.text, old.n
	return s
}

// wantCounted: what was sent to a UDP input is what it has taken and what the kernel dropped.
func (o *overload) wantCounted(input string, sent int64) {
	o.t.Helper()
	label := fmt.Sprintf("input=%q", input)
	taken, dropped := int64(o.w.Metric("sluice_ingest_events_total", label)), int64(o.w.Metric("sluice_ingest_dropped_total", label))
	if taken+dropped != sent {
		o.t.Errorf("%s: %d datagrams were sent, %d taken and %d dropped: %d are not accounted for", input, sent, taken, dropped, sent-taken-dropped)
	}
}
