package filetail

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluice/event"
	"sluice/ingest"
	"sluice/ingest/ingesttest"
	"sluice/internal/metrics"
)

// TestBehindWhileHeld: while nothing is taken from the input, as with a full disk, what is written
// meanwhile shows as what it is behind by, with the lines that wait to be taken.
func TestBehindWhileHeld(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	write(t, path, "first\n")
	in, err := settings(t, path).Open(ingest.Env{Name: "held", Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	holds, release := make(chan struct{}), make(chan struct{})
	ingesttest.Running(t, in, func(ctx context.Context, batch []event.Raw, _ ingest.Checkpoint) error {
		if len(batch) == 0 {
			return nil
		}
		select {
		case <-holds:
		default:
			close(holds)
		}
		select {
		case <-release:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	behind := func(want int) {
		t.Helper()
		series, got := fmt.Sprintf("\nsluice_ingest_behind_bytes{input=%q} %d\n", "held", want), ""
		for deadline := time.Now().Add(30 * time.Second); !strings.Contains(got, series); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("there is no%s", series)
			}
			page := httptest.NewRecorder()
			metrics.Handler().ServeHTTP(page, httptest.NewRequest(http.MethodGet, "/metrics", nil))
			got = page.Body.String()
		}
	}
	<-holds
	behind(len("first\n"))
	write(t, path, strings.Repeat("x", 994)+"\n")
	behind(len("first\n") + 995)
	close(release)
	behind(0)
}
