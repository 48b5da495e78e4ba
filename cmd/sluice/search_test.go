package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluice/console"
)

// TestRefusalOfAPost: what the running sluice refuses is told as a sentence, and harmless to a terminal.
func TestRefusalOfAPost(t *testing.T) {
	far := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte("{\"error\":\"a namespace has letters, not \u009b31m\",\"hint\":\"see sluice account\"}"))
	}))
	defer far.Close()
	dir := t.TempDir()
	config := filepath.Join(dir, "sluice.yml")
	for name, text := range map[string]string{config: "data: " + dir + "\n", filepath.Join(dir, "address"): far.URL + "\n", filepath.Join(dir, "token"): "t\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, err := post(t.Context(), config, "/api/v1/export", nil)
	if want := "a namespace has letters, not \ufffd31m; see sluice account"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// TestSearchInHalves: long events come in pages that are small enough, each once and in order.
func TestSearchInHalves(t *testing.T) {
	var out strings.Builder
	var asked []int
	c := &searchCmd{Size: 25}
	e := &env{stdout: &out, stderr: io.Discard, log: slog.New(slog.DiscardHandler)}
	err := c.pages(e, func(size int, next string) (*found, error) {
		asked = append(asked, size)
		if size > 10 {
			return nil, fmt.Errorf("search: %w", console.ErrTooLarge)
		}
		if size > 5 {
			return nil, &refusal{http.StatusUnprocessableEntity, []byte(`{"error":"the answer is too large","field":"size"}`)}
		}
		got := &found{Total: 100, Next: next + "x"}
		for i := range size {
			got.Hits = append(got.Hits, json.RawMessage(fmt.Sprintf(`{"_id":"%d-%d"}`, len(next), i)))
		}
		return got, nil
	})
	if err != nil || strings.Count(out.String(), "\n") != 25 || strings.Count(out.String(), `"4-2"`) != 1 || fmt.Sprint(asked) != "[25 12 6 3 3 3 3 3 3 3 3 1]" {
		t.Errorf("%v, asked for %v:\n%s", err, asked, out.String())
	}
	one := errors.New("away")
	if err := c.pages(e, func(int, string) (*found, error) { return nil, one }); !errors.Is(err, one) {
		t.Errorf("%v", err)
	}
	if err := c.pages(e, func(int, string) (*found, error) { return nil, console.ErrTooLarge }); !errors.Is(err, console.ErrTooLarge) {
		t.Errorf("one hit that is too large: %v", err)
	}
}

// TestRuleTestsAreHarmless: rules are other people's, too, and a failure quotes their lines.
func TestRuleTestsAreHarmless(t *testing.T) {
	var out strings.Builder
	results := []testResult{{Rule: "r", Test: "a \x1b[31m", Place: "r.yml:1", Error: "but it is \u009b31m\nand more"}}
	if err := new(rulesTestCmd).write(&env{stdout: &out}, results, nil, nil, 1); err != nil {
		t.Fatal(err)
	}
	if want := "r.yml:1: a \ufffd[31m: but it is \ufffd31m\nand more\n0 tests passed, 1 failed\n"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}

// TestNamespace: what no namespace is called holds nothing, and nothing found would look like an answer.
func TestNamespace(t *testing.T) {
	var n namespace
	for text, want := range map[string]namespace{"": "", "*": "", "customer_a": "customer_a"} {
		if err := n.UnmarshalText([]byte(text)); err != nil || n != want {
			t.Errorf("%q: %q, %v", text, n, err)
		}
	}
	for _, text := range []string{"Customer", "a-b", "x*"} {
		if err := n.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
