package console_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"sluice/console"
)

type slowRules struct {
	console.Rules
	wait func(context.Context) error
}

func (r slowRules) Coverage(ctx context.Context, _ time.Time) (any, error) { return nil, r.wait(ctx) }

// TestCallerGone: a page that has asked for something else leaves its search; that is no fault to log.
func TestCallerGone(t *testing.T) {
	for _, at := range []string{"/api/v1/search", "/api/v1/alerts/b2e18d66c3", "/api/v1/search/values?field=user.name", "/api/v1/search/export?format=csv", "/api/v1/account", "/api/v1/rules/coverage"} {
		synctest.Test(t, func(t *testing.T) {
			var log bytes.Buffer
			w := newWorld(t, func(o *console.Options) {
				o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelInfo}))
				wait := func(ctx context.Context) error {
					<-ctx.Done()
					return ctx.Err()
				}
				o.Index = searchFunc(func(ctx context.Context, _ []string, _ []byte) ([]byte, error) { return nil, wait(ctx) })
				o.Account = func(ctx context.Context) (any, error) { return nil, wait(ctx) }
				o.Rules = slowRules{wait: wait}
			})
			ctx, leave := context.WithCancel(t.Context())
			r := httptest.NewRequest("GET", at, nil).WithContext(ctx)
			r.Host = "127.0.0.1:8514"
			r.Header.Set("Authorization", "Bearer "+w.token.Reveal())
			go w.s.ServeHTTP(httptest.NewRecorder(), r)
			synctest.Wait()
			leave()
			synctest.Wait()
			if log.Len() > 0 {
				t.Errorf("%s: the log has %s", at, log.String())
			}
		})
	}
}
