package testbed

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Event is one document of the index, as much of it as tests look at.
type Event struct {
	ID       string
	Original string
	Unparsed string
	Dataset  string
	Source   json.RawMessage
}

// Alert is one alert as it is in the index.
type Alert struct {
	ID    string
	Rule  string
	Key   string
	Count int64
	State string
	Late  bool
}

// get asks the console's API of whichever process serves it.
func (w *World) get(path string, q url.Values, into any) error {
	body, err := w.fetch(path, q)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, into)
}

func (w *World) fetch(path string, q url.Values) ([]byte, error) {
	var token []byte
	for _, dir := range []string{w.DataDir("all"), w.DataDir("serve"), w.demo} {
		if b, err := os.ReadFile(filepath.Join(dir, "token")); err == nil {
			token = b
		}
	}
	req, err := http.NewRequest(http.MethodGet, "http://"+w.console+path+"?"+q.Encode(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	client := http.Client{Timeout: 60 * time.Second}
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %d %s", path, res.StatusCode, body)
	}
	return body, nil
}

// Metric is the sum of a metric's series whose labels hold the text in labels, in the
// process that serves the console.
func (w *World) Metric(name, labels string) (sum float64) {
	w.T.Helper()
	body, err := w.fetch("/metrics", nil)
	if err != nil {
		w.T.Fatal(err)
	}
	for line := range strings.Lines(string(body)) {
		series, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if n, rest, _ := strings.Cut(series, "{"); n != name || !strings.Contains(rest, labels) {
			continue
		}
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			w.T.Fatalf("%s: %v", line, err)
		}
		sum += v
	}
	return sum
}

// Await polls until ok says true.
func (w *World) Await(what string, most time.Duration, ok func() bool) {
	w.T.Helper()
	for deadline := time.Now().Add(most); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.T.Fatalf("%s: not in %v", what, most)
		}
	}
}

// AwaitReady waits until /readyz has no problem.
func (w *World) AwaitReady(most time.Duration) {
	w.T.Helper()
	w.Await("ready", most, func() bool { return w.Ready() == nil })
}

// Ready says whether /readyz has no problem; roles without a console are not asked.
func (w *World) Ready() error {
	var answer struct {
		Ready    bool `json:"ready"`
		Problems []struct {
			Part    string `json:"part"`
			Reason  string `json:"reason"`
			Warning bool   `json:"warning"`
		} `json:"problems"`
	}
	if err := w.get("/readyz", nil, &answer); err != nil {
		return err
	}
	for _, p := range answer.Problems {
		if !p.Warning {
			return fmt.Errorf("%s: %s", p.Part, p.Reason)
		}
	}
	return nil
}

// Account is the sum of `sluice account`.
type Account struct {
	Sum struct {
		Received     int64            `json:"received"`
		Split        int64            `json:"split"`
		Normalized   int64            `json:"normalized"`
		Indexed      int64            `json:"indexed"`
		DeadLettered int64            `json:"dead_lettered"`
		Dropped      map[string]int64 `json:"dropped"`
	} `json:"sum"`
	InFlight   int64 `json:"in_flight"`
	Difference int64 `json:"difference"`
}

// Account asks the running installation.
func (w *World) Account() (a Account, err error) {
	err = w.get("/api/v1/account", nil, &a)
	return a, err
}

// Settle waits until n events are received and everything has come to its end.
func (w *World) Settle(n int64, most time.Duration) Account {
	w.T.Helper()
	var a Account
	var err error
	for deadline := time.Now().Add(most); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		a, err = w.Account()
		if err == nil && a.Sum.Received >= n && a.InFlight == 0 && a.Difference == 0 {
			return a
		}
	}
	w.T.Fatalf("not settled in %v: %+v, %v", most, a, err)
	return a
}

// SettleStill waits until everything that was received has come to its end and nothing
// more arrives; the senders must have stopped.
func (w *World) SettleStill(most time.Duration) Account {
	w.T.Helper()
	var last, a Account
	var err error
	still := 0
	for deadline := time.Now().Add(most); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		a, err = w.Account()
		if err != nil || a.InFlight != 0 || a.Difference != 0 || a.Sum.Received != last.Sum.Received {
			still, last = 0, a
			continue
		}
		if still++; still >= 10 {
			return a
		}
	}
	w.T.Fatalf("not settled in %v: %+v, %v", most, a, err)
	return a
}

// Events reads every event of the world's namespace.
func (w *World) Events() (out []Event) {
	w.T.Helper()
	w.EachEvent(func(e Event) { out = append(out, e) })
	return out
}

// EachEvent is Events where there are more than memory should hold.
func (w *World) EachEvent(fn func(Event)) {
	w.T.Helper()
	w.all("/api/v1/search", func(h hit) {
		var doc struct {
			Event struct {
				Original string `json:"original"`
				Dataset  string `json:"dataset"`
			} `json:"event"`
			Sluice struct {
				Unparsed string `json:"unparsed"`
			} `json:"sluice"`
		}
		if err := json.Unmarshal(h.Source, &doc); err != nil {
			w.T.Fatal(err)
		}
		fn(Event{ID: h.ID, Original: doc.Event.Original, Dataset: doc.Event.Dataset, Unparsed: doc.Sluice.Unparsed, Source: h.Source})
	})
}

// Alerts reads every alert of the world's namespace.
func (w *World) Alerts() (out []Alert) {
	w.T.Helper()
	w.all("/api/v1/alerts", func(h hit) {
		var doc struct {
			Rule struct {
				ID string `json:"id"`
			} `json:"rule"`
			Sluice struct {
				Alert struct {
					Key   json.RawMessage `json:"key"`
					Count int64           `json:"count"`
					State string          `json:"state"`
					Late  bool            `json:"late"`
				} `json:"alert"`
			} `json:"sluice"`
		}
		if err := json.Unmarshal(h.Source, &doc); err != nil {
			w.T.Fatal(err)
		}
		a := doc.Sluice.Alert
		out = append(out, Alert{ID: h.ID, Rule: doc.Rule.ID, Key: KeyText(a.Key), Count: a.Count, State: a.State, Late: a.Late})
	})
	return out
}

// KeyText is an alert's key in one form, whether it came as a list or as its text.
func KeyText(raw json.RawMessage) string {
	if len(raw) == 0 {
		return "[]"
	}
	var values []string
	if json.Unmarshal(raw, &values) != nil {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			return string(raw)
		}
		if json.Unmarshal([]byte(text), &values) != nil {
			values = []string{text}
		}
	}
	return fmt.Sprintf("%q", values)
}

type hit struct {
	ID     string
	Source json.RawMessage
}

// all reads every page of a list.
func (w *World) all(path string, fn func(hit)) {
	w.T.Helper()
	w.refresh()
	q := url.Values{"size": {"1000"}, "namespace": {w.ns}, "from": {time.Now().Add(-300 * 24 * time.Hour).UTC().Format(time.RFC3339)}, "to": {time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339)}}
	for {
		var page struct {
			Hits []struct {
				ID     string          `json:"_id"`
				Source json.RawMessage `json:"source"`
			} `json:"hits"`
			Alerts []struct {
				ID     string          `json:"_id"`
				Source json.RawMessage `json:"source"`
			} `json:"alerts"`
			Next string `json:"next"`
		}
		if err := w.get(path, q, &page); err != nil {
			w.T.Fatal(err)
		}
		for _, h := range append(page.Hits, page.Alerts...) {
			fn(hit{h.ID, h.Source})
		}
		if page.Next == "" || len(page.Hits)+len(page.Alerts) == 0 {
			return
		}
		q.Set("after", page.Next)
	}
}

// Receiver is a webhook that notes what people were told.
type Receiver struct {
	URL string
	mu  sync.Mutex
	got map[string][]Message // by idempotency key
}

// Message is one that arrived.
type Message struct {
	Key   string
	Again bool
	Body  json.RawMessage
}

// newReceiver listens on loopback until the test ends.
func newReceiver(t testing.TB) *Receiver {
	r := &Receiver{got: map[string][]Message{}}
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(io.LimitReader(req.Body, 8<<20))
		if err != nil {
			return
		}
		var m struct {
			ID    string `json:"id"`
			Again bool   `json:"again"`
		}
		if err := json.Unmarshal(body, &m); err != nil {
			t.Errorf("a message is no JSON: %v", err)
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.got[m.ID] = append(r.got[m.ID], Message{Key: m.ID, Again: m.Again, Body: body})
	}))
	t.Cleanup(srv.Close)
	r.URL = srv.URL
	return r
}

// Messages are what arrived, by id.
func (r *Receiver) Messages() map[string][]Message {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := map[string][]Message{}
	for k, v := range r.got {
		out[k] = append([]Message(nil), v...)
	}
	return out
}
