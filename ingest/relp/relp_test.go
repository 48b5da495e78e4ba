package relp

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"weak"

	"sluice/event"
	"sluice/ingest"
	"sluice/ingest/ingesttest"
	"sluice/internal/certtest"
)

func TestContract(t *testing.T) {
	var want []string
	for i := range 300 {
		want = append(want, fmt.Sprintf("<34>line %d", i))
	}
	pair := certtest.New(t)
	f := func(name string, s *Settings, connect func(a net.Addr) (net.Conn, error)) {
		t.Run(name, func(t *testing.T) {
			answered := 0
			ingesttest.Contract(t, ingesttest.Case{Settings: s, Want: want, Start: func(in ingest.Input, _ int) {
				c, err := connect(in.(ingest.Listening).Addrs()[0])
				if err != nil {
					return // the input ended before it ran
				}
				defer c.Close()
				answered += deliver(c, want[answered:])
			}})
		})
	}
	f("tcp", settings(func(*Settings) {}), func(a net.Addr) (net.Conn, error) { return net.Dial("tcp", a.String()) })
	f("tls", settings(func(s *Settings) { s.TCP, s.TLS, s.Cert, s.Key = nil, []string{anyPort}, pair.Cert, pair.Key }),
		func(a net.Addr) (net.Conn, error) {
			return tls.Dial("tcp", a.String(), &tls.Config{RootCAs: pair.Pool, ServerName: "localhost"})
		})
}

// TestAnswers: each message is answered in order, and not before it is durable; the end is said.
func TestAnswers(t *testing.T) {
	w := start(t, settings(func(s *Settings) { s.Pack, s.Zone = "cisco_asa", "Europe/Berlin" }))
	k := w.session()
	release := w.hold()
	for i := range 10 {
		k.send(cmdSyslog, fmt.Sprintf("<34>line %d\n", i))
	}
	_ = k.c.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	if b, err := k.r.ReadByte(); err == nil {
		t.Fatalf("%q before anything was durable", b)
	}
	release()
	for i := range 10 {
		k.wants(ok(2 + i))
	}
	if got := w.lines(); len(got) != 10 || got[0] != "<34>line 0" || got[9] != "<34>line 9" {
		t.Errorf("got %q", got)
	}
	k.send(cmdClose, "")
	k.wants(ok(12), "0 serverclose")
	k.ended()
	r := w.raws[0]
	if r.Origin != "relay:127.0.0.1" || r.Input != "relay" || r.Peer != k.c.LocalAddr().String() || r.Namespace != "lab" ||
		r.Listener != "relp://"+w.in.Addrs()[0].String() || r.Pack != "cisco_asa" || r.Zone != "Europe/Berlin" || r.Part != 0 || r.Received.IsZero() {
		t.Errorf("%+v", r)
	}
}

// TestRefusals: what is no RELP ends its connection with a word, and the next one is served.
func TestRefusals(t *testing.T) {
	w := start(t, settings(func(*Settings) {}))
	f := func(stream, reason string, want ...string) {
		t.Helper()
		name := fmt.Sprintf("sluice_relp_refused_frames_total{input=%q,reason=%q}", "relay", reason)
		before := ingesttest.Metric(t, name)
		k := dial(t, w.in.Addrs()[0])
		k.write(stream)
		k.wants(want...)
		k.wants("0 serverclose")
		k.ended()
		if ingesttest.Metric(t, name) != before+1 {
			t.Errorf("%q is not counted as %s", stream, reason)
		}
	}
	opened := string(appendFrame(nil, 1, cmdOpen, offer))
	answered := "1 rsp 200 OK\nrelp_version=0\nrelp_software=sluice\ncommands=syslog"
	f("GET / HTTP/1.1\r\n\r\n", refusedHeader)
	f("\x16\x03\x01\x02\x00\x01\x00", refusedHeader)
	f("<34>Oct 11 22:14:15 host su: failed\n", refusedHeader)
	f("1234567890 open 0\n", refusedHeader)
	f("1 "+strings.Repeat("x", 33), refusedHeader)
	f("0 open 0\n", refusedHeader)
	f("1 open -1 x\n", refusedHeader)
	f("1 open 1234567890 x\n", refusedHeader)
	f("1 syslog 5 <34>x\n", refusedOrder, "1 rsp 500 a message before the offer")
	f("1 open 3 x=y\n", refusedOffer, "1 rsp 500 the offer has no relp_version")
	f("1 open 0\n", refusedOffer, "1 rsp 500 the offer has no relp_version")
	f("1 open 31 relp_version=0\ncommands=eventlog\n", refusedEnd, "1 rsp 500 "+errNoEnd.Error())
	f("1 open 32 relp_version=0\ncommands=eventlog\n", refusedOffer, "1 rsp 500 the offer lacks the command syslog")
	f("1 open 999999999 x", refusedCommand, "1 rsp 500 a command of 999999999 bytes that is no message")
	f(opened+"2 open 0\n", refusedOrder, answered, "2 rsp 500 a second offer")
	f(opened+"2 syslog 5 <34>x\n3 syslog 4 <34>y\n", refusedEnd, answered, ok(2), "3 rsp 500 "+errNoEnd.Error())

	k := w.session()
	k.send("eventlog", "what")
	k.send(cmdSyslog, "<34>behind")
	k.wants("2 rsp 500 unknown command", ok(3))
	if got := w.lines(); !slices.Equal(got, []string{"<34>x", "<34>behind"}) {
		t.Errorf("got %q", got)
	}
	if log := w.log.String(); !strings.Contains(log, "why=protocol") {
		t.Errorf("the log does not say who was refused: %s", log)
	}
}

// TestVersions: a client that offers more than we know goes down to ours; one that offers no commands has messages.
func TestVersions(t *testing.T) {
	w := start(t, settings(func(*Settings) {}))
	k := dial(t, w.in.Addrs()[0])
	k.write("1 open 14 relp_version=2\n2 syslog 0\n3 syslog 0 \n4 syslog 1 \n\n")
	k.wants("1 rsp 200 OK\nrelp_version=1\nrelp_software=sluice\ncommands=syslog", ok(2), ok(3), ok(4))
	if got, n := w.lines(), w.dropped(dropEmpty); len(got) != 0 || n != 3 {
		t.Errorf("got %q, %d dropped as empty", got, n)
	}
}

// TestLongMessages: one of more than a line becomes parts; of one of more than a frame, the beginning is kept and
// the end counted.
func TestLongMessages(t *testing.T) {
	w := start(t, settings(func(*Settings) {}))
	k := w.session()
	f := func(size, parts, kept int) {
		t.Helper()
		before := len(w.lines())
		long := "<34>x" + strings.Repeat("é", size)[:size-5]
		k.send(cmdSyslog, long)
		k.wants(ok(k.txnr))
		got := w.lines()[before:]
		if whole := strings.Join(got, ""); len(got) != parts || whole != long[:kept] {
			t.Errorf("%d bytes: %d parts of %d bytes, want %d of %d", size, len(got), len(whole), parts, kept)
		}
	}
	f(defaultMaxLine, 1, defaultMaxLine)
	f(1<<20, 5, 1<<20) // a character at each cut
	f(maxFrame+100_001, 17, maxFrame)
	if n := w.dropped(dropTruncated); n != 1 {
		t.Errorf("%d are counted as truncated", n)
	}
	k.send(cmdSyslog, "<34>next")
	k.wants(ok(k.txnr))
	if left := w.in.memory.Load(); left > ingest.BufferMemory {
		t.Errorf("%d bytes of memory were given back that nobody took", left-ingest.BufferMemory)
	}
	w.stop()
	if left := w.in.memory.Load(); left != ingest.BufferMemory {
		t.Errorf("%d bytes of buffers are taken at the end", ingest.BufferMemory-left)
	}
}

// TestNoMemory: a frame for which there is none has no answer, so its sender keeps it.
func TestNoMemory(t *testing.T) {
	w := start(t, settings(func(*Settings) {}))
	k := w.session()
	w.in.memory.Store(0)
	k.send(cmdSyslog, "<34>"+strings.Repeat("x", 10_000))
	k.wants("0 serverclose")
	if got := w.lines(); len(got) != 0 {
		t.Errorf("got %d lines", len(got))
	}
}

// TestHalfFrames: frames come in any pieces, and one whose sender goes away is not taken.
func TestHalfFrames(t *testing.T) {
	w := start(t, settings(func(*Settings) {}))
	k := dial(t, w.in.Addrs()[0])
	for _, b := range []byte("1 open 14 relp_version=1\n2 syslog 7 <34>one\n3 syslog 7 <34>two\n") {
		k.write(string(b))
	}
	k.wants("1 rsp 200 OK\nrelp_version=1\nrelp_software=sluice\ncommands=syslog", ok(2), ok(3))
	k.write("4 syslog 100 <34>half")
	_ = k.c.(*net.TCPConn).CloseWrite()
	k.wants("0 serverclose")
	k.ended()
	if got := w.lines(); !slices.Equal(got, []string{"<34>one", "<34>two"}) {
		t.Errorf("got %q", got)
	}
}

// TestWindow: while nothing becomes durable no more than a window of messages is taken; then all come.
func TestWindow(t *testing.T) {
	w := start(t, settings(func(*Settings) {}))
	k := w.session()
	release := w.hold()
	const lines = 20_000 // 20 MB: more than the sockets' buffers hold
	sent := make(chan error, 1)
	go func() {
		var all []byte
		for i := range lines {
			all = appendFrame(all, i+2, cmdSyslog, "<34>"+strings.Repeat("x", 1000))
		}
		_, err := k.c.Write(all)
		sent <- err
	}()
	select {
	case <-sent:
		t.Error("the sender was not held up")
	case <-time.After(300 * time.Millisecond):
	}
	for _, s := range w.sessions() {
		s.mu.Lock()
		if n := len(s.queue); n > window {
			t.Errorf("%d messages wait for their answer", n)
		}
		s.mu.Unlock()
	}
	release()
	for i := range lines {
		k.wants(ok(i + 2))
	}
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	if n := len(w.lines()); n != lines {
		t.Errorf("%d lines", n)
	}
}

// TestStopStuck: a sender that takes none of its answers does not hold up the end for as long as it
// might while the input runs.
func TestStopStuck(t *testing.T) {
	w := start(t, settings(func(*Settings) {}))
	k := w.session()
	_ = k.c.(*net.TCPConn).SetReadBuffer(4 << 10)
	for _, s := range w.in.conns.Open() {
		_ = s.Conn.(*net.TCPConn).SetWriteBuffer(4 << 10)
	}
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		for txnr, frames := 2, []byte(nil); ; {
			for frames = frames[:0]; len(frames) < 64<<10; txnr++ {
				frames = appendFrame(frames, txnr, cmdSyslog, "")
			}
			_ = k.c.SetWriteDeadline(time.Now().Add(time.Second)) // more than that nobody takes
			if _, err := k.c.Write(frames); err != nil {
				return
			}
		}
	}()
	<-sent
	w.stop()
}

// TestStop: at the end what was read is made durable and answered, and the sender is told that we close.
func TestStop(t *testing.T) {
	w := start(t, settings(func(*Settings) {}))
	k, idle := w.session(), w.session()
	release := w.hold()
	k.send(cmdSyslog, "<34>last")
	w.read(1)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		w.stop()
	}()
	idle.wants("0 serverclose")
	idle.c.Close()
	release()
	k.wants(ok(2), "0 serverclose")
	k.ended()
	k.c.Close()
	<-stopped
	if got := w.lines(); !slices.Equal(got, []string{"<34>last"}) {
		t.Errorf("got %q", got)
	}
}

// TestLingers: a session that ends before the input's end comes by lets its sender read what it was told.
func TestLingers(t *testing.T) {
	w := start(t, settings(func(s *Settings) { s.IdleTimeout = time.Second }))
	k := w.session()
	s := w.sessions()[0] // a busy machine needs some of that second
	k.wants("0 serverclose")
	k.ended()
	w.in.wind()
	time.Sleep(10 * time.Millisecond) // to be woken
	k.c.Close()
	<-s.gone
	if !s.heeded {
		t.Error("it was closed before the sender did")
	}
	w.stop()
}

// TestFailedRunIsForgotten: a run that ends with an error leaves nothing with ctx, which lives as long as the
// program.
func TestFailedRunIsForgotten(t *testing.T) {
	run := func() weak.Pointer[input] {
		opened, err := settings(func(*Settings) {}).Open(ingest.Env{Name: "relay", Log: slog.New(slog.DiscardHandler), Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		in := opened.(*input)
		done := make(chan struct{})
		go func() {
			defer close(done)
			if c, err := net.Dial("tcp", in.Addrs()[0].String()); err == nil {
				deliver(c, []string{"<34>x"})
				c.Close()
			}
		}()
		failed := errors.New("the journal failed")
		err = in.Run(t.Context(), func(_ context.Context, batch []event.Raw, _ ingest.Checkpoint) error {
			if len(batch) > 0 {
				return failed
			}
			return nil
		})
		if !errors.Is(err, failed) {
			t.Fatal(err)
		}
		<-done
		return weak.Make(in)
	}
	in := run()
	for range 1000 { // a busy machine takes its time
		if runtime.GC(); in.Value() == nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Error("something still holds the input")
}

// TestIdle: a connection that says nothing for too long is told, and closed.
func TestIdle(t *testing.T) {
	w := start(t, settings(func(s *Settings) { s.IdleTimeout = time.Second }))
	k := w.session()
	k.wants("0 serverclose")
	k.ended()
	k.c.Close()
	w.stop()
	if ingesttest.Metric(t, `sluice_ingest_refused_connections_total{input="relay",reason="idle"}`) == 0 {
		t.Error("it is not counted")
	}
}

// TestUnreadAnswers: a sender that does not read its answers holds nobody else up.
func TestUnreadAnswers(t *testing.T) {
	w := start(t, settings(func(*Settings) {}))
	deaf := w.session()
	go func() {
		var all []byte
		for i := range 100_000 {
			all = appendFrame(all, i+2, cmdSyslog, "")
		}
		_, _ = deaf.c.Write(all) // until we stop reading it
	}()
	k := w.session()
	for i := range 100 {
		k.send(cmdSyslog, fmt.Sprintf("<34>%d", i))
		k.wants(ok(k.txnr))
	}
	deaf.c.Close()
}

func TestNotAllowed(t *testing.T) {
	w := start(t, settings(func(s *Settings) { s.Allow = []string{"192.0.2.0/24"} }))
	k := dial(t, w.in.Addrs()[0])
	k.ended()
}

func TestMutualTLS(t *testing.T) {
	p := certtest.New(t)
	w := start(t, settings(func(s *Settings) {
		s.TCP, s.TLS, s.Cert, s.Key, s.ClientCA = nil, []string{anyPort}, p.Cert, p.Key, p.Cert
	}))
	conf := &tls.Config{RootCAs: p.Pool, ServerName: "localhost"}
	if c, err := tls.Dial("tcp", w.in.Addrs()[0].String(), conf); err == nil {
		_, err = c.Read(make([]byte, 1)) // TLS 1.3 tells with the first read
		c.Close()
		if err == nil {
			t.Error("a sender without a certificate was let in")
		}
	}
	conf.Certificates = []tls.Certificate{p.TLS}
	c, err := tls.Dial("tcp", w.in.Addrs()[0].String(), conf)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	k := &client{t: t, c: c, r: bufio.NewReader(c)}
	k.send(cmdOpen, offer)
	k.send(cmdSyslog, "<34>known")
	k.send(cmdClose, "")
	if _, err := k.next(); err != nil {
		t.Fatal(err)
	}
	k.wants(ok(2), ok(3), "0 serverclose")
	if r := w.raws[0]; string(r.Bytes) != "<34>known" || !strings.HasPrefix(r.Listener, "relp+tls://") {
		t.Errorf("%+v", r)
	}
}

// TestRelay: behind a trusted relay the header's host names the device.
func TestRelay(t *testing.T) {
	w := start(t, settings(func(s *Settings) { s.Origin, s.TrustedRelays = ingest.OriginHost, []string{"127.0.0.1"} }))
	k := w.session()
	k.send(cmdSyslog, "<34>Oct 11 22:14:15 fw-7 su: x")
	k.wants(ok(2))
	if r := w.raws[0]; r.Origin != "relay:fw-7" {
		t.Errorf("origin %s", r.Origin)
	}
}

func TestValidate(t *testing.T) {
	f := func(want string, change func(*Settings)) {
		t.Helper()
		if err := settings(change).Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	f("tcp: \"2514\" is no address", func(s *Settings) { s.TCP = []string{"2514"} })
	f("tls: needs cert and key", func(s *Settings) { s.TLS = []string{":2514"} })
	f("are for tls listeners", func(s *Settings) { s.Cert = "x" })
	f("max_line:", func(s *Settings) { s.MaxLine = 10 })
	f("allow: \"x\"", func(s *Settings) { s.Allow = []string{"x"} })
	f("needs trusted_relays", func(s *Settings) { s.Origin = ingest.OriginHost })
	f("max_connections:", func(s *Settings) { s.MaxConnections = 0 })
	f("must not be negative", func(s *Settings) { s.IdleTimeout = -1 })
	f("zone:", func(s *Settings) { s.Zone = "Mars" })
	f("zones:", func(s *Settings) { s.Zones = map[string]string{"fw1": "UTC"} })
	if tcp, _, _ := Defaults().(*Settings).Listens(); !slices.Equal(tcp, []string{"127.0.0.1:2514"}) {
		t.Errorf("without an address it listens on %v", tcp)
	}
}
