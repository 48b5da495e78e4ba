package console_test

import (
	"context"
	"testing"
	"time"

	"sluice/console"
	"sluice/console/consoletest"
)

type layered struct {
	console.Rules
	err error
}

func (l layered) Layer(context.Context, time.Time) (any, error) { return "layer", l.err }

// TestLayerIsAFile: the browser is told which answer is a file, so that no refusal, and no log-in, is saved as one.
func TestLayerIsAFile(t *testing.T) {
	for want, err := range map[string]error{`attachment; filename="sluice-attack-layer.json"`: nil, "": console.Faulty("none")} {
		w := newWorld(t, func(o *console.Options) { o.Rules = layered{&consoletest.Rules{}, err} })
		if got := w.request("GET", "/api/v1/rules/layer?since=now-7d", ""); got.Header().Get("Content-Disposition") != want {
			t.Errorf("%v: status %d, %v", err, got.Code, got.Header())
		}
	}
}
