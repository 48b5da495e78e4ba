package e2e

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"sluice/internal/testbed"
)

// TestVerifyNamesDamage: a byte that flips in a file of the journal or of the store is
// found by `sluice verify`, which names the file; the program starts all the same and
// takes what comes.
func TestVerifyNamesDamage(t *testing.T) {
	const total = 40_000 // more than a segment of the store holds
	w := testbed.New(t, testbed.Engines{}, "lateness: 2s\n")
	w.Damages = true
	w.Rules(rules)
	w.Up()
	out := newWriter(t, w.Logs(), total)
	out.write(total)
	w.Settle(total, 2*time.Minute)
	p := w.Processes()[0]
	stop(t, p)
	if code, text := verify(t, p); code != 0 {
		t.Fatalf("verify of what is whole: exit code %d\n%s", code, text)
	}

	data := w.DataDir("all")
	flipped := []string{
		flip(t, data, "bus/*.seg"),
		flip(t, data, "store/segments/[0-9a-z]*.*"),
	}
	code, text := verify(t, p)
	if code != 1 {
		t.Errorf("verify of what is damaged: exit code %d\n%s", code, text)
	}
	for _, name := range flipped {
		if !strings.Contains(text, filepath.Base(name)) {
			t.Errorf("verify does not name %s:\n%s", name, text)
		}
	}

	said, err := exec.Command(testbed.Binary(t), "rules", "backtest", "-c", p.ConfigFile()).CombinedOutput()
	if err != nil || !strings.Contains(string(said), `this is not all`) || !strings.Contains(string(said), `first="`+filepath.Base(flipped[1])+" at ") {
		t.Errorf("a backtest does not say where the index is damaged: %v\n%s", err, said)
	}

	p.Again("")
	w.AwaitReady(2 * time.Minute)
	fresh := "<30>" + time.Now().UTC().Format("Jan _2 15:04:05") + " host1 fresh[1]: after the damage" // the newest
	send(t, "tcp", w.Syslog, fresh+"\n")
	after := w.SettleStill(2 * time.Minute)
	left := w.Events()
	newRaws(t, left).has("what came after the damage", fresh)
	t.Logf("account: %+v", after)
	t.Logf("%d of %d events are left to be searched", len(left), total+1)
	if len(left) < total*3/4 {
		t.Errorf("one byte took %d of %d events", total+1-len(left), total+1)
	}
}

func stop(t *testing.T, p *testbed.Process) {
	t.Helper()
	if err := p.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code, err := p.Wait(stopTime); err != nil || code != 0 {
		t.Fatalf("stop: exit code %d, %v", code, err)
	}
}

func verify(t *testing.T, p *testbed.Process) (code int, text string) {
	t.Helper()
	out, err := exec.Command(testbed.Binary(t), "verify", "-c", p.ConfigFile()).CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode(), string(out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return 0, string(out)
}

// flip changes one bit in the first file that fits the pattern, within its data.
func flip(t *testing.T, dir, pattern string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: no such file, %v", pattern, err)
	}
	text, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	end := len(bytes.TrimRight(text, "\x00")) // room that was set aside is no data
	text[end/3] ^= 4
	if err := os.WriteFile(names[0], text, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Logf("flipped a bit of byte %d in %s", end/3, names[0])
	return names[0]
}
