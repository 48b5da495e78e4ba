package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestAccountWithoutKafka: it ends, and says what it could not reach.
func TestAccountWithoutKafka(t *testing.T) {
	dir := t.TempDir()
	addr, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "sluice.yml")
	text := "data: " + filepath.Join(dir, "data") + "\nkafka: {brokers: '" + addr + "'}\nelasticsearch: {addresses: 'http://" + addr + "'}\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), time.Second) // sooner than accountTimeout
	defer stop()
	c := &accountCmd{configFlag: configFlag{Config: config}}
	_, err = c.read(&env{ctx: ctx, log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), addr) || !strings.Contains(err.Error(), "is the bus reachable?") {
		t.Errorf("%v; want a deadline, and the brokers' address", err)
	}
}
