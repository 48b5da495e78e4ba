package httppost

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"sluice/event"
	"sluice/ingest"
	"sluice/ingest/ingesttest"
	"sluice/internal/certtest"
	"sluice/internal/secret"
)

const (
	anyPort = "127.0.0.1:0"
	token   = "0123456789abcdef"
)

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

	fails atomic.Bool // the clock, as if we had a fault

	mu    sync.Mutex
	raws  []event.Raw
	block chan struct{} // set: emit waits for it
}

func start(t *testing.T, s *Settings) *world {
	t.Helper()
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, log: &bytes.Buffer{}}
	in, err := s.Open(ingest.Env{
		Name: "hook", Namespace: "lab", Log: slog.New(slog.NewTextHandler(w.log, nil)),
		Now: func() time.Time {
			if w.fails.Load() {
				panic("no clock")
			}
			return time.Now()
		},
		Drop: func(_, reason string, n int) { t.Errorf("%d dropped: %s", n, reason) },
	})
	if err != nil {
		t.Fatal(err)
	}
	w.in = in.(*input)
	w.stop = ingesttest.Running(t, in, func(_ context.Context, batch []event.Raw, _ ingest.Checkpoint) error {
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
		return nil
	})
	return w
}

// taken gives the lines that are durable, and forgets them.
func (w *world) taken() (all []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range w.raws {
		all = append(all, string(r.Bytes))
	}
	w.raws = nil
	return all
}

func (w *world) request(method, path, body string, headers ...string) *http.Request {
	w.t.Helper()
	r, err := http.NewRequest(method, "http://"+w.in.Addrs()[0].String()+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

func (w *world) do(r *http.Request) (status int, answer string) {
	w.t.Helper()
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp.StatusCode, strings.TrimSpace(string(b))
}

func TestContract(t *testing.T) {
	var want []string
	for i := range 300 {
		want = append(want, fmt.Sprintf(`{"line":%d}`, i))
	}
	pair := certtest.New(t)
	f := func(name, scheme string, s *Settings, client *http.Client) {
		t.Run(name, func(t *testing.T) {
			defer client.CloseIdleConnections()
			answered := 0
			ingesttest.Contract(t, ingesttest.Case{Settings: s, Want: want, Start: func(in ingest.Input, _ int) {
				for answered < len(want) {
					n := min(answered+7, len(want))
					resp, err := client.Post(scheme+in.(ingest.Listening).Addrs()[0].String(), "application/x-ndjson", strings.NewReader(strings.Join(want[answered:n], "\n")))
					if err != nil {
						return // the input ended before it ran
					}
					resp.Body.Close()
					if resp.StatusCode != http.StatusOK {
						return
					}
					answered = n
				}
				client.CloseIdleConnections()
			}})
		})
	}
	f("http", "http://", settings(func(*Settings) {}), &http.Client{Transport: &http.Transport{}})
	f("https", "https://", settings(func(s *Settings) { s.TCP, s.TLS, s.Cert, s.Key = nil, []string{anyPort}, pair.Cert, pair.Key }),
		&http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pair.Pool, ServerName: "localhost"}}})
}

// TestAnswers: a request is answered once its last event is durable, and not before; each event knows where it came from.
func TestAnswers(t *testing.T) {
	w := start(t, settings(func(s *Settings) { s.Pack, s.Zone = "okta", "Europe/Berlin" }))
	release := make(chan struct{})
	w.block = release
	told := make(chan string, 1)
	go func() {
		_, answer := w.do(w.request("POST", "/any/path", "{\"a\":1}\n{\"a\":2}\n"))
		told <- answer
	}()
	select {
	case a := <-told:
		t.Fatalf("%q before anything was durable", a)
	case <-time.After(100 * time.Millisecond):
	}
	close(release)
	if a := <-told; a != `{"events":2}` {
		t.Errorf("answer %q", a)
	}
	r := w.raws[1]
	if string(r.Bytes) != `{"a":2}` || r.Origin != "hook:127.0.0.1" || r.Input != "hook" || !strings.HasPrefix(r.Peer, "127.0.0.1:") || r.Namespace != "lab" ||
		r.Listener != "http://"+w.in.Addrs()[0].String() || r.Pack != "okta" || r.Zone != "Europe/Berlin" || r.Part != 0 || r.Received.IsZero() || r.ID == w.raws[0].ID {
		t.Errorf("%+v", r)
	}
}

// TestForms: what senders send, packed or not, and what they are told.
func TestForms(t *testing.T) {
	w := start(t, settings(func(s *Settings) { s.MaxLine = 480 }))
	f := func(r *http.Request, answer string, want ...string) {
		t.Helper()
		if status, got := w.do(r); status != http.StatusOK || got != answer {
			t.Errorf("%d %q, want %q", status, got, answer)
		}
		if got := w.taken(); !slices.Equal(got, want) {
			t.Errorf("took %q, want %q", got, want)
		}
	}
	var gz, zs bytes.Buffer
	g := gzip.NewWriter(&gz)
	io.WriteString(g, "a\nb")
	g.Close()
	z, err := zstd.NewWriter(&zs)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(z, "c\nd")
	z.Close()
	f(w.request("POST", "/", gz.String(), "Content-Encoding", "gzip"), `{"events":2}`, "a", "b")
	f(w.request("PUT", "/", zs.String(), "Content-Encoding", "zstd"), `{"events":2}`, "c", "d")
	f(w.request("POST", "/", `[{"a":1},{"a":2}]`, "Content-Type", "application/json"), `{"events":2}`, `{"a":1}`, `{"a":2}`)
	f(w.request("POST", "/", "<34>Nov 28 08:10:01 h su: x\r\n\r\n<34>y\n"), `{"events":2}`, "<34>Nov 28 08:10:01 h su: x", "<34>y")
	ok := `{"text":"Success","code":0}`
	f(w.request("POST", "/services/collector/event", `{"event":"a"}{"event":{"b":1},"host":"h"}`), ok, `{"event":"a"}`, `{"event":{"b":1},"host":"h"}`)
	f(w.request("POST", "/services/collector", `{"event":"a"}`), ok, `{"event":"a"}`)
	f(w.request("POST", "/services/collector/raw?channel=1", "a\n{b"), ok, "a", "{b")
	f(w.request("GET", "/services/collector/health/1.0", ""), ok)
	f(w.request("OPTIONS", "/services/collector/event", ""), ok)

	long := strings.Repeat("x", 700)
	f(w.request("POST", "/", long), `{"events":1}`, long[:480], long[480:])
}

// TestRefusals: what is not taken is said, counted and in the log, and nothing of it is taken.
func TestRefusals(t *testing.T) {
	w := start(t, settings(func(s *Settings) { s.Token, s.MaxBody = secret.New(token), minMaxBody }))
	f := func(r *http.Request, status int, reason, answer string) {
		t.Helper()
		name := fmt.Sprintf("sluice_http_refused_requests_total{input=%q,reason=%q}", "hook", reason)
		before := ingesttest.Metric(t, name)
		if got, text := w.do(r); got != status || text != answer {
			t.Errorf("%d %q, want %d %q", got, text, status, answer)
		}
		if ingesttest.Metric(t, name) != before+1 {
			t.Errorf("it is not counted as %s", reason)
		}
	}
	var bomb bytes.Buffer
	g := gzip.NewWriter(&bomb)
	io.WriteString(g, strings.Repeat("x", 1<<20))
	g.Close()
	good := []string{"Authorization", "Bearer " + token}
	with := func(more ...string) []string { return slices.Concat(good, more) }
	f(w.request("GET", "/x", ""), 405, "method", `{"error":"events are sent by POST"}`)
	f(w.request("POST", "/", "x"), 401, "token", `{"error":"the token is missing or another one"}`)
	f(w.request("POST", "/", "x", "Authorization", "Bearer "+token[1:]), 401, "token", `{"error":"the token is missing or another one"}`)
	f(w.request("POST", "/", "x", "Authorization", token), 401, "token", `{"error":"the token is missing or another one"}`)
	f(w.request("POST", "/services/collector/event", "{}", "Authorization", "Splunk x"), 401, "token", `{"text":"the token is missing or another one","code":4}`)
	f(w.request("POST", "/", "x", with("Origin", "https://example.com")...), 403, "browser", `{"error":"pages of a browser send no events"}`)
	f(w.request("POST", "/", "x", with("Content-Encoding", "br")...), 415, "encoding", `{"error":"a body is packed with gzip or zstd, or not at all"}`)
	f(w.request("POST", "/v1/logs", "\x0a\x02\x08\x01", with("Content-Type", "application/x-protobuf")...), 415, "encoding",
		`{"error":"protobuf is not read; have the sender write JSON (OpenTelemetry: encoding: json)"}`)
	f(w.request("POST", "/services/collector/ack?channel=1", `{"acks":[0]}`, good...), 400, "ack", `{"text":"ACK is disabled: what was answered is durable","code":14}`)
	f(w.request("GET", "/_license", ""), 401, "token", `{"error":"the token is missing or another one"}`)
	f(w.request("POST", "/_bulk", "{\"create\":{}}\n{}\n"), 401, "token", `{"error":{"type":"sluice_token","reason":"the token is missing or another one"},"status":401}`)
	f(w.request("PUT", "/_index_template/logs", "{}", "Authorization", "ApiKey eDp5"), 401, "token", `{"error":"the token is missing or another one"}`)
	f(w.request("POST", "/", "x", with("Content-Encoding", "gzip")...), 400, "body", `{"error":"the body is not packed with gzip"}`)
	f(w.request("POST", "/_bulk", "{\"create\":{}}\n{\"a\":1}\n{\"index\":{}}\n", good...), 400, "body",
		`{"error":{"type":"sluice_body","reason":"line 4: the document of the action in front of it is missing"},"status":400}`)
	f(w.request("POST", "/_bulk", "{\"a\":1}\n{\"a\":2}\n", good...), 400, "body",
		`{"error":{"type":"sluice_body","reason":"line 1: \"{\\\"a\\\":1}\" is no action; a document follows each {\"create\":{}} or {\"index\":{}}"},"status":400}`)
	f(w.request("POST", "/", bomb.String()[:bomb.Len()/2], with("Content-Encoding", "gzip")...), 413, "size", `{"error":"the body holds more than 4096 bytes (max_body); send less at a time"}`)
	f(w.request("POST", "/", strings.Repeat("x", minMaxBody+1), good...), 413, "size", `{"error":"the body holds more than 4096 bytes (max_body); send less at a time"}`)
	f(w.request("POST", "/", "\n\r\n  \n", good...), 400, "empty", `{"error":"the body holds no event"}`)
	f(w.request("POST", "/", "[{\"a\":1},7]", with("Content-Type", "application/json")...), 400, "body", `{"error":"byte 9: an event is an object or a text, and this is \"7\""}`)
	f(w.request("POST", "/services/collector/event", "{\"event\":", good...), 400, "body", `{"text":"the body ends within a value","code":6}`)
	if got := w.taken(); len(got) > 0 {
		t.Errorf("took %q", got)
	}
	if left := w.in.memory.Load(); left != ingest.BufferMemory {
		t.Errorf("%d bytes of %d are free", left, ingest.BufferMemory)
	}
	if log := w.log.String(); !strings.Contains(log, "requests refused") || !strings.Contains(log, "why=token") || !strings.Contains(log, "error=\"the body is not packed with gzip\"") || strings.Contains(log, token) {
		t.Errorf("the log does not say who was refused: %s", log)
	}
	for _, shown := range []string{"Bearer " + token, "Splunk " + token, "bearer  " + token} {
		if status, answer := w.do(w.request("POST", "/", "x", "Authorization", shown)); status != 200 {
			t.Errorf("%s: %d %s", shown, status, answer)
		}
	}
	key := base64.StdEncoding.EncodeToString([]byte("beats:" + token))
	if status, answer := w.do(w.request("GET", "/", "", "Authorization", "ApiKey "+key)); status != 200 || !strings.Contains(answer, `"number":"8.`) {
		t.Errorf("API key: %d %s", status, answer)
	}
	r := w.request("POST", "/", "x")
	r.SetBasicAuth("anybody", token)
	if status, answer := w.do(r); status != 200 {
		t.Errorf("basic: %d %s", status, answer)
	}
}

// TestNoMemory: a body for which there is no room is refused, and taken when it is sent again.
func TestNoMemory(t *testing.T) {
	w := start(t, settings(func(*Settings) {}))
	w.in.memory.Store(firstBody - 1)
	r := w.request("POST", "/", "x")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 503 || resp.Header.Get("Retry-After") == "" {
		t.Errorf("%d, %v", resp.StatusCode, resp.Header)
	}
	w.in.memory.Store(firstBody)
	if status, answer := w.do(w.request("POST", "/", "x")); status != 200 {
		t.Errorf("%d %s", status, answer)
	}
}

// TestGone: of what a sender has given up while there was no room, no more is taken: it comes again.
func TestGone(t *testing.T) {
	const lines = 10_000                             // more than batches hold
	for wait := 50 * time.Millisecond; ; wait *= 4 { // nothing says what the server has read, and that it has seen a sender go
		taken, log := givenUp(t, lines, wait)
		switch {
		case taken < lines && strings.Contains(log, "why=gone"):
			return
		case wait > 10*time.Second:
			t.Fatalf("%d of %d lines were taken; the log: %s", taken, lines, log)
		}
	}
}

// givenUp sends lines that nobody takes, and goes; then they are taken. It waits before and behind its going.
func givenUp(t *testing.T, lines int, wait time.Duration) (taken int, log string) {
	w := start(t, settings(func(*Settings) {}))
	release := make(chan struct{})
	w.block = release
	r := w.request("POST", "/", strings.Repeat("x\n", lines))
	ctx, leave := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() {
		_, err := http.DefaultClient.Do(r.WithContext(ctx))
		gone <- err
	}()
	for w.in.memory.Load() == ingest.BufferMemory { // until it is there
		time.Sleep(time.Millisecond)
	}
	time.Sleep(wait) // and all of it
	leave()
	if err := <-gone; err == nil {
		t.Fatal("it was answered")
	}
	time.Sleep(wait)
	close(release)
	for w.in.memory.Load() != ingest.BufferMemory { // until the request is over
		time.Sleep(time.Millisecond)
	}
	w.stop()
	return len(w.taken()), w.log.String()
}

// TestStop: a request that has come is answered at the end, once it is durable.
func TestStop(t *testing.T) {
	w := start(t, settings(func(*Settings) {}))
	release := make(chan struct{})
	w.block = release
	told := make(chan int, 1)
	go func() {
		status, _ := w.do(w.request("POST", "/", "x"))
		told <- status
	}()
	idle, err := net.Dial("tcp", w.in.Addrs()[0].String())
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	for w.in.memory.Load() == ingest.BufferMemory { // until it is there
		time.Sleep(time.Millisecond)
	}
	time.AfterFunc(50*time.Millisecond, func() { close(release) })
	w.stop()
	if status := <-told; status != 200 {
		t.Errorf("%d", status)
	}
	if got := w.taken(); !slices.Equal(got, []string{"x"}) {
		t.Errorf("took %q", got)
	}
}

// TestNotDurable: what the journal does not take is not answered with 200.
func TestNotDurable(t *testing.T) {
	in, err := settings(func(*Settings) {}).Open(ingest.Env{Name: "hook", Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		ended <- in.Run(t.Context(), func(context.Context, []event.Raw, ingest.Checkpoint) error { return io.ErrShortWrite })
	}()
	resp, err := http.Post("http://"+in.(ingest.Listening).Addrs()[0].String(), "text/plain", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 503 {
		t.Errorf("%d", resp.StatusCode)
	}
	if err := <-ended; err != io.ErrShortWrite {
		t.Errorf("Run: %v", err)
	}
}

// TestFault: a fault of ours ends one request, and is in the log.
func TestFault(t *testing.T) {
	w := start(t, settings(func(*Settings) {}))
	w.fails.Store(true)
	if resp, err := http.DefaultClient.Do(w.request("POST", "/", "x")); err == nil {
		t.Errorf("it was answered: %s", resp.Status)
	}
	w.fails.Store(false)
	if status, answer := w.do(w.request("POST", "/", "x")); status != 200 {
		t.Errorf("%d %s", status, answer)
	}
	w.stop()
	if log := w.log.String(); !strings.Contains(log, "BUG: a request could not be taken") || !strings.Contains(log, "request.go") {
		t.Errorf("the log: %s", log)
	}
}

func TestSettings(t *testing.T) {
	f := func(change func(*Settings), want string) {
		t.Helper()
		err := settings(change).Validate()
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	f(func(s *Settings) { s.TCP = nil }, "")
	f(func(s *Settings) { s.TCP = []string{"localhost:8088", "[::1]:8088"} }, "")
	f(func(s *Settings) { s.TCP = []string{":8088"} }, "token: is missing, and :8088 is reached by others")
	f(func(s *Settings) { s.TCP = []string{"192.0.2.1:8088"}; s.Token = secret.New(token) }, "")
	f(func(s *Settings) { s.TCP = []string{":8088"}; s.Insecure = true }, "")
	f(func(s *Settings) { s.Token = secret.New(token[1:]) }, "token: has 15 characters")
	f(func(s *Settings) { s.TCP, s.TLS, s.Cert, s.Key = nil, []string{":8088"}, "c", "k" }, "token: is missing")
	f(func(s *Settings) { s.TCP, s.TLS, s.Cert, s.Key, s.ClientCA = nil, []string{":8088"}, "c", "k", "a" }, "")
	f(func(s *Settings) { s.MaxBody = 1 }, "max_body")
	f(func(s *Settings) { s.MaxLine = 1 }, "max_line")
	f(func(s *Settings) { s.Allow = []string{"x"} }, "allow")
	f(func(s *Settings) { s.MaxConnections = 0 }, "max_connections")
}
