package console_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"sluice/console"
)

func TestReport(t *testing.T) {
	w := newWorld(t, func(o *console.Options) {
		o.Report = func(ctx context.Context, index console.Index, namespace string, from, to time.Time) (any, error) {
			if _, err := index.Search(ctx, []string{"logs-sluice.*-*"}, []byte(`{"size":1,"query":{"bool":{"filter":[]}}}`)); err != nil {
				return nil, err
			}
			return []any{namespace, from, to}, nil
		}
	})
	var got []string
	if code := w.get(t, "/api/v1/report?namespace=default", &got); code != 200 || len(got) != 3 || got[0] != "default" || got[1] != "2026-02-22T12:00:00Z" || got[2] != "2026-03-01T12:00:00Z" {
		t.Errorf("%d %v", code, got)
	}
	for target, field := range map[string]string{"?from=now": "from", "?from=x": "from", "?q=x": "q", "?namespace=A": "namespace"} {
		var e refusal
		if code := w.get(t, "/api/v1/report"+target, &e); code != 400 || e.Field != field {
			t.Errorf("%s: %d %+v", target, code, e)
		}
	}
	w.opt.Report = func(context.Context, console.Index, string, time.Time, time.Time) (any, error) {
		return nil, errors.New("report: logs-sluice.*-* did not answer in full")
	}
	w.s = console.New(w.opt)
	var part refusal
	if code := w.get(t, "/api/v1/report", &part); code != 502 || part.Error != "report: logs-sluice.*-* did not answer in full" {
		t.Errorf("not all: %d %+v", code, part)
	}
}

func TestReportOfABusyIndex(t *testing.T) {
	w := newWorld(t, func(o *console.Options) {
		o.Report = func(ctx context.Context, index console.Index, _ string, _, _ time.Time) (any, error) {
			return index.Search(ctx, []string{"logs-sluice.*-*"}, []byte(`{"size":1,"query":{"bool":{"filter":[]}}}`))
		}
	})
	w.index.Fail = func(context.Context) error { return &console.IndexError{Status: 503} }
	var e refusal
	if code := w.get(t, "/api/v1/report", &e); code != 503 || e.Error != "the index is busy" {
		t.Errorf("%d %+v", code, e)
	}
}
