package app

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOpenIndexNeedsNoDataElsewhere: who has an Elasticsearch searches it from any machine; the
// built-in store is where sluice ran.
func TestOpenIndexNeedsNoDataElsewhere(t *testing.T) {
	open := func(text string) error {
		t.Helper()
		path := filepath.Join(t.TempDir(), "sluice.yml")
		if err := os.WriteFile(path, []byte("data: "+filepath.Join(t.TempDir(), "none")+"\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
		n, err := OpenIndex(path, slog.New(slog.DiscardHandler))
		if err == nil {
			err = n.Close()
		}
		return err
	}
	if err := open("elasticsearch: {addresses: [\"http://127.0.0.1:1\"]}\n"); err != nil {
		t.Errorf("with an Elasticsearch: %v", err)
	}
	if err := open(""); err == nil || !strings.Contains(err.Error(), "nothing has run with this configuration yet") {
		t.Errorf("without: %v", err)
	}
}
