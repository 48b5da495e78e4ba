package alerttest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// Post is one request that an HTTP far side took.
type Post struct {
	Header http.Header
	Body   []byte
}

// HTTP is the far side of a channel that posts.
type HTTP struct {
	*httptest.Server
	mu    sync.Mutex
	next  Answer
	posts []Post
	text  func([]byte) string
	stop  chan struct{}
}

// NewHTTP starts a server that ends with the test. text makes of a body what people see.
func NewHTTP(t *testing.T, text func([]byte) string) *HTTP {
	h := &HTTP{text: text, stop: make(chan struct{})}
	h.Server = httptest.NewServer(h)
	t.Cleanup(func() { close(h.stop); h.Close() })
	return h
}

func (h *HTTP) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	h.mu.Lock()
	next := h.next
	if next == Take && err == nil {
		h.posts = append(h.posts, Post{r.Header.Clone(), body})
	}
	h.mu.Unlock()
	switch next {
	case Busy:
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTooManyRequests)
	case Refuse:
		w.WriteHeader(http.StatusBadRequest)
	case Hang:
		<-h.stop
	}
}

// Next sets the answer.
func (h *HTTP) Next(a Answer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.next = a
}

// Posts are the requests that were taken.
func (h *HTTP) Posts() []Post {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]Post(nil), h.posts...)
}

// Taken are their bodies as people see them.
func (h *HTTP) Taken() []string {
	var out []string
	for _, p := range h.Posts() {
		out = append(out, h.text(p.Body))
	}
	return out
}
