package console_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"sluice/console"
)

// savedText keeps the saved searches in memory.
type savedText struct {
	text []byte
	err  error
}

func (s *savedText) Load() ([]byte, error) { return s.text, s.err }

func (s *savedText) Store(text []byte) error {
	s.text = text
	return s.err
}

func withSaved(s *savedText) func(*console.Options) {
	return func(o *console.Options) { o.Saved = s }
}

func (w *world) saved(t *testing.T) (names []string) {
	t.Helper()
	var all struct{ Searches []console.SavedSearch }
	if code := w.get(t, "/api/v1/searches", &all); code != 200 {
		t.Fatalf("status %d", code)
	}
	for _, one := range all.Searches {
		names = append(names, one.Page+" "+one.Name+" "+one.Params["q"])
	}
	return names
}

func TestSavedSearches(t *testing.T) {
	kept := &savedText{}
	w := newWorld(t, withSaved(kept))
	save := func(body string) (one console.SavedSearch) {
		t.Helper()
		rec := w.request("POST", "/api/v1/searches", body, "Content-Type", "application/json")
		if err := json.Unmarshal(rec.Body.Bytes(), &one); err != nil || rec.Code != 200 {
			t.Fatalf("%s: %d %s", body, rec.Code, rec.Body)
		}
		return one
	}
	if got := w.saved(t); got != nil {
		t.Errorf("at first %q", got)
	}
	failed := save(`{"name":" Failed log-ins <b> ","page":"events","params":{"q":"failed","from":"now-1h","cols":"user.name"}}`)
	if failed.ID == "" || failed.Name != "Failed log-ins <b>" || failed.By != "token" || !failed.At.Equal(noon) {
		t.Errorf("saved %+v", failed)
	}
	save(`{"name":"Mine","page":"alerts","params":{"status":"open","sort":"event.severity:desc"}}`)
	if again := save(`{"name":"Failed log-ins <b>","page":"events","params":{"q":"failed OR denied"}}`); again.ID != failed.ID {
		t.Errorf("the same name has another id: %+v", again)
	}
	w.s = console.New(w.opt) // a restart
	if got := fmt.Sprintf("%q", w.saved(t)); got != `["alerts Mine " "events Failed log-ins <b> failed OR denied"]` {
		t.Errorf("kept %s", got)
	}
	if rec := w.request("DELETE", "/api/v1/searches/"+failed.ID, ""); rec.Code != 204 {
		t.Errorf("delete: %d %s", rec.Code, rec.Body)
	}
	if rec := w.request("DELETE", "/api/v1/searches/"+failed.ID, ""); rec.Code != 404 {
		t.Errorf("delete again: %d %s", rec.Code, rec.Body)
	}
	if got := w.saved(t); len(got) != 1 {
		t.Errorf("left %q", got)
	}
	for i := range 199 {
		save(fmt.Sprintf(`{"name":"n%d","page":"events"}`, i))
	}
	if rec := w.request("POST", "/api/v1/searches", `{"name":"more","page":"events"}`, "Content-Type", "application/json"); rec.Code != 409 {
		t.Errorf("over the bound: %d %s", rec.Code, rec.Body)
	}
	save(`{"name":"n7","page":"events","params":{"q":"x"}}`)
}

func TestSavedSearchesRefused(t *testing.T) {
	kept := &savedText{}
	w := newWorld(t, withSaved(kept))
	f := func(body, field string) {
		t.Helper()
		rec := w.request("POST", "/api/v1/searches", body, "Content-Type", "application/json")
		var e refusal
		if err := json.Unmarshal(rec.Body.Bytes(), &e); err != nil || rec.Code != 400 || e.Field != field || kept.text != nil {
			t.Errorf("%.60s: %d %s, stored %q", body, rec.Code, rec.Body, kept.text)
		}
	}
	f(`{"page":"events"}`, "name")
	f(`{"name":"  ","page":"events"}`, "name")
	f(`{"name":"a\nb","page":"events"}`, "name")
	f(`{"name":"`+strings.Repeat("ä", 101)+`","page":"events"}`, "name")
	f(`{"name":"x","page":"/etc"}`, "page")
	f(`{"name":"x","page":"events","params":{"severity":"high"}}`, "params")
	f(`{"name":"x","page":"events","params":{"q":"`+strings.Repeat("x", 4097)+`"}}`, "params")
	f(`{"name":"x","page":"events","href":"//evil.example"}`, "body")
}

// A file that cannot be read is told, and not written over.
func TestSavedSearchesUnreadable(t *testing.T) {
	f := func(kept *savedText) {
		t.Helper()
		before := string(kept.text)
		w := newWorld(t, withSaved(kept))
		get := w.request("GET", "/api/v1/searches", "")
		post := w.request("POST", "/api/v1/searches", `{"name":"x","page":"events"}`, "Content-Type", "application/json")
		if get.Code != 500 || post.Code != 500 || string(kept.text) != before || strings.Contains(get.Body.String(), "secret") {
			t.Errorf("%d %s, %d; kept %s", get.Code, get.Body, post.Code, kept.text)
		}
	}
	f(&savedText{text: []byte(`{"half`)})
	f(&savedText{err: errors.New("a secret path")})
}

// TestSavedWithoutParams: the page takes an object, also of a search that was saved without one, or by hand.
func TestSavedWithoutParams(t *testing.T) {
	kept := &savedText{text: []byte(`[{"id":"x","name":"old","page":"events","params":null}]`)}
	w := newWorld(t, withSaved(kept))
	rec := w.request("POST", "/api/v1/searches", `{"name":"new","page":"events"}`, "Content-Type", "application/json")
	if rec.Code != 200 || !strings.Contains(rec.Body.String(), `"params":{}`) {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	if all := w.request("GET", "/api/v1/searches", "").Body.String(); strings.Count(all, `"params":{}`) != 2 {
		t.Error(all)
	}
}
