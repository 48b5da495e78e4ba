package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
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
