package app

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluice/event"
	"sluice/normalize"
	"sluice/pipeline"
)

// TestExplainFull: that an event has no room for more keys is said: what has none is not read.
func TestExplainFull(t *testing.T) {
	set, _, err := LoadPacks("", nil)
	if err != nil {
		t.Fatal(err)
	}
	f := func(keys int, want bool) {
		t.Helper()
		var line strings.Builder
		for i := range keys {
			fmt.Fprintf(&line, `,"k%d":%d`, i, i)
		}
		raw := event.Raw{Bytes: []byte("{" + line.String()[1:] + "}"), Received: normalize.SampleTime}
		w := set.Packs.NewWorker()
		w.Trace()
		ev, _ := w.Normalize(&raw, "", normalize.SampleTime)
		var out strings.Builder
		Explain(&out, Record{Raw: raw.Bytes}, pipeline.Result{Raw: &raw, Event: ev}, set, w.Choice())
		if got := strings.Contains(out.String(), "no room for more than"); got != want {
			t.Errorf("%d keys: said %v", keys, got)
		}
	}
	f(20, false)
	f(300, true)
}

// TestAppendLine: a sample whose last line an editor left without its end gets one more line, and no longer one.
func TestAppendLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sample.log")
	f := func(line, want string) {
		t.Helper()
		if err := appendLine(path, []byte(line)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); string(got) != want || err != nil {
			t.Errorf("%q, %v; want %q", got, err, want)
		}
	}
	f("one", "one\n")
	f("two", "one\ntwo\n")
	if err := os.WriteFile(path, []byte("one\ntwo"), 0o600); err != nil {
		t.Fatal(err)
	}
	f("three", "one\ntwo\nthree\n")
}
