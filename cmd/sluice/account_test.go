package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluice/internal/app"
	"sluice/internal/testbed"
)

// TestAccountWithoutKafka: it ends, and says what it could not reach.
func TestAccountWithoutKafka(t *testing.T) {
	dir := t.TempDir()
	addr, err := testbed.FreePort()
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

// TestAccountDiffers: a difference is exit code 1 in each form.
func TestAccountDiffers(t *testing.T) {
	for _, asJSON := range []bool{false, true} {
		c := &accountCmd{JSON: asJSON}
		if err := c.print(io.Discard, app.Account{Missing: 1}); !errors.Is(err, errSilent) {
			t.Errorf("json %t: %v, want %v", asJSON, err, errSilent)
		}
		if err := c.print(io.Discard, app.Account{}); err != nil {
			t.Errorf("json %t: %v", asJSON, err)
		}
	}
}

// TestReadyTellsWhy: what keeps a running sluice from its work is told line by line.
func TestReadyTellsWhy(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
		io.WriteString(w, `{"ready":false,"problems":[{"part":"input syslog","reason":"bind: in use\u001b[2J\nand more"}]}`)
	}))
	defer srv.Close()
	data := t.TempDir()
	config := filepath.Join(data, "sluice.yml")
	for name, text := range map[string]string{config: "data: " + data + "\n", filepath.Join(data, "address"): srv.URL, filepath.Join(data, "token"): "x"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	err := (&readyCmd{configFlag{Config: config}}).Run(&env{ctx: t.Context(), stdout: &out})
	if want := "input syslog: bind: in use\ufffd[2J; and more\n"; !errors.Is(err, errSilent) || out.String() != want {
		t.Errorf("%v, %q; want %v, %q", err, out.String(), errSilent, want)
	}
}

func TestSpan(t *testing.T) {
	f := func(in string, want time.Duration) {
		t.Helper()
		var s span
		if err := s.UnmarshalText([]byte(in)); (err == nil) != (want > 0) || time.Duration(s) != want {
			t.Errorf("%q is %v, %v; want %v", in, time.Duration(s), err, want)
		}
	}
	f("90m", 90*time.Minute)
	f("7d", 168*time.Hour)
	f("2w", 336*time.Hour)
	f("1.5d", 0) // parts of a nanosecond would be lost
	f("-1h", 0)
	f("0s", 0)
	f("9999999d", 0)
	f("d", 0)
	f("1h2d", 0)
}

// TestHitsAreHarmless: a hit is the JSON that it was, without what a terminal obeys.
func TestHitsAreHarmless(t *testing.T) {
	in := []json.RawMessage{json.RawMessage("{\"_id\":\"1\",\"_source\":{\"message\":\"a\u009b31m \u007f\u00a0é\u0085\u202eb\u2066c\u061cد\u2020\"}}")}
	var out strings.Builder
	if err := printHits(&out, in); err != nil {
		t.Fatal(err)
	}
	want := `{"_id":"1","_index":"","_source":{"message":"a\u009b31m \u007f` + "\u00a0é" + `\u0085\u202eb\u2066c\u061c` + "د\u2020" + `"}}` + "\n"
	if out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}
