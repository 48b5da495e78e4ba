package e2e

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"sluice/internal/testbed"
)

// httpSender posts the story, some lines at a time, and posts again what has no answer.
type httpSender struct {
	t     *testing.T
	to    string
	up    func() bool // says whether the listener is alive
	n     int         // lines of the story so far
	kept  []string    // those without an answer, of one request and those behind it
	first int         // the number of the first of them
	tried bool        // it was sent, and has no answer
	again map[int]bool
}

// httpBody is how many lines a request has.
const httpBody = 50

func (s *httpSender) written() int { return s.n }

func (s *httpSender) write(lines int) {
	for range lines {
		s.kept = append(s.kept, line(s.n, time.Now()))
		s.n++
	}
	for len(s.kept) >= httpBody && s.post(httpBody) {
	}
}

// finish waits until every line is answered.
func (s *httpSender) finish() {
	s.t.Helper()
	for deadline := time.Now().Add(time.Minute); len(s.kept) > 0; {
		if time.Now().After(deadline) {
			s.t.Fatalf("%d lines have no answer", len(s.kept))
		}
		s.post(min(httpBody, len(s.kept)))
	}
	http.DefaultClient.CloseIdleConnections()
}

// post sends the first n lines until they are answered; it gives up where the listener is dead until we start it again.
func (s *httpSender) post(n int) bool {
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if s.tried { // the same lines are sent again
			n = httpBody
			for i := range min(n, len(s.kept)) {
				s.again[s.first+i] = true
			}
		}
		n = min(n, len(s.kept))
		s.tried = true
		resp, err := http.Post("http://"+s.to, "text/plain", strings.NewReader(strings.Join(s.kept[:n], "\n")))
		if err == nil {
			answer, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			switch {
			case resp.StatusCode == http.StatusOK && string(answer) == fmt.Sprintf("{\"events\":%d}\n", n):
				s.kept, s.first, s.tried = s.kept[n:], s.first+n, false
				return true
			case resp.StatusCode != http.StatusServiceUnavailable:
				s.t.Fatalf("answer %d %q to %d lines", resp.StatusCode, answer, n)
			}
		}
		switch {
		case !s.up():
			return false
		case time.Now().After(deadline):
			s.t.Fatal(err)
		}
	}
}

// TestKillsWhileHTTPIsSent: kill -9 hits while a sender posts. Every line is answered in the end and in the
// index. Only what was posted again, since its answer was lost, may be there twice.
func TestKillsWhileHTTPIsSent(t *testing.T) {
	total := storyLines(t) / 8
	w := testbed.New(t, testbed.Engines{}, "lateness: 2s\n")
	w.Rules(rules)
	to := w.FreePort()
	w.Inputs += fmt.Sprintf("  hook:\n    kind: http\n    namespace: %s\n    tcp: %s\n", w.Namespace(), to)
	w.Up()
	w.AwaitReady(time.Minute)
	s := &httpSender{t: t, to: to, up: w.Processes()[0].Alive, again: map[int]bool{}}
	k := newKiller(t, w, s, total)
	const kills = 6
	k.whileSent(kills, 3)
	s.finish()
	doubled := k.judgeAnswered(kills, s.again)
	t.Logf("%d kills hit: %v; %d lines were sent again, %d are there twice", k.hits, k.by, len(s.again), doubled)
}
