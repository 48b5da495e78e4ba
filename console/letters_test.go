package console

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

// heldLetters has one letter; a replay of it waits until ends is closed.
type heldLetters struct{ began, ends chan struct{} }

func (h heldLetters) List(_ context.Context, req LetterRequest, progress func(done, total int64)) (any, error) {
	progress(1, 2)
	if req.Reason == "none" {
		return nil, errors.New("no such letter")
	}
	return map[string]any{"letters": 1, "asked": req}, nil
}

func (h heldLetters) Show(_ context.Context, id string) ([]json.RawMessage, error) {
	return []json.RawMessage{json.RawMessage(`{"id":"` + id + `"}`)}, nil
}

func (h heldLetters) Replay(context.Context, LetterRequest, func(done, total int64)) (any, error) {
	close(h.began)
	<-h.ends
	return 1, nil
}

func (h heldLetters) Drop(context.Context, LetterRequest, func(done, total int64)) (any, error) {
	return 2, nil
}

// TestLetters: progress, then the answer or why there is none, and one change at a time.
func TestLetters(t *testing.T) {
	h := heldLetters{make(chan struct{}), make(chan struct{})}
	now := time.Now()
	s := New(Options{Auth: headerAuth{}, Letters: h, Now: func() time.Time { now = now.Add(time.Second); return now }})
	f := func(path, body string, code int, want string) {
		t.Helper()
		if got, text := ask(s, "POST", "/api/v1/dlq/"+path, "application/json", body); got != code || !strings.Contains(text, want) {
			t.Errorf("%s %s: %d %s; want %d %s", path, body, got, text, code, want)
		}
	}
	f("list", `{"reason":"BUG","since":"2026-03-02T00:00:00Z"}`, http.StatusOK, "{\"progress\":{\"done\":1,\"total\":2}}\n{\"done\":{\"asked\":{\"reason\":\"BUG\",\"since\":\"2026-03-02T00:00:00Z\"},\"letters\":1}}")
	f("list", `{"reason":"none"}`, http.StatusOK, `{"error":"no such letter"}`)
	f("list", `{"stage":"relay"}`, http.StatusOK, `"stage":"relay"`)
	f("list", `{"stage":"proces"}`, http.StatusBadRequest, `"unknown stage","field":"stage","hint":"one of process, correlate, index, notify, relay"`)
	f("list", `{"since":"now-1h"}`, http.StatusBadRequest, `"the body is not understood: \"now-1h\" is no time such as 2026-03-02T09:00:00Z"`)
	f("list", `{"ids":"a"}`, http.StatusBadRequest, `"the body is not understood: this is no place for a string","field":"ids"`)
	f("list", `{"namespace":"../x"}`, http.StatusBadRequest, "a namespace has")
	f("list", `{"why":"x"}`, http.StatusBadRequest, `unknown field`)
	f("show", `{"ids":["a"]}`, http.StatusOK, `{"done":[{"id":"a"}]}`)
	f("show", `{}`, http.StatusOK, `{"error":"ids is a list of one id"}`)
	f("../search", `{}`, http.StatusNotFound, `no such address","hint":"this process has not the role serve`)
	first := make(chan struct{})
	go func() {
		f("replay", `{"all":true}`, http.StatusOK, `{"done":1}`)
		close(first)
	}()
	<-h.began
	f("drop", `{"all":true}`, http.StatusConflict, "dead letters are replayed or dropped already")
	close(h.ends)
	<-first
	f("drop", `{"all":true}`, http.StatusOK, `{"done":2}`)
}
