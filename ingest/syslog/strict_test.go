package syslog

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// TestRefusalsAreLogged: one line for each reason and minute, with how many there were.
func TestRefusalsAreLogged(t *testing.T) {
	var out bytes.Buffer
	l := refusedLog{log: slog.New(slog.NewTextHandler(&out, nil)), name: "net"}
	for range 5 {
		l.refused("192.0.2.1:4711", closedTooMany, nil)
	}
	l.refused("192.0.2.9:1", closedNotAllowed, nil)
	l.next[closedTooMany] = time.Time{} // a minute goes by
	l.refused("192.0.2.2:4711", closedTooMany, nil)
	got := strings.Split(strings.TrimSpace(out.String()), "\n")
	want := []string{
		"input=net why=max_connections refused=1 last_peer=192.0.2.1:4711",
		"input=net why=not_allowed refused=1 last_peer=192.0.2.9:1",
		"input=net why=max_connections refused=5 last_peer=192.0.2.2:4711",
	}
	if len(got) != len(want) {
		t.Fatalf("%d lines: %q", len(got), got)
	}
	for i, w := range want {
		if !strings.Contains(got[i], w) {
			t.Errorf("%q, want %q", got[i], w)
		}
	}
}
