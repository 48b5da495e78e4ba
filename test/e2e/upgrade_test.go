package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluice/internal/testbed"
)

// TestUpgrade: a data directory as the program before layout 2 left it when it was killed, 60 lines in
// it of which the last 20 were not indexed yet, is adopted: each line is indexed once, nothing is
// damaged, and what comes next is taken. One of a newer layout is refused, and left as it is.
func TestUpgrade(t *testing.T) {
	const old = 60
	w := testbed.New(t, testbed.Engines{}, "lateness: 2s\n")
	w.Rules(rules)
	data := w.DataDir("all")
	if err := os.MkdirAll(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("tar", "-xzf", filepath.Join("testdata", "layout1.tar.gz"), "-C", data).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	w.Up()
	w.Settle(old, time.Minute)
	send(t, "tcp", w.Syslog, "<30>1 - host1 fresh - - - behind the upgrade\n")
	a := w.Settle(old+1, time.Minute)
	if a.Sum.Indexed != old+1 {
		t.Errorf("%d events are indexed, want %d: %+v", a.Sum.Indexed, old+1, a)
	}
	p := w.Processes()[0]
	found := map[int]int{}
	for _, line := range strings.Split(strings.TrimSpace(cli(t, 0, "search", "-c", p.ConfigFile(), "--since", "2026-11-27T00:00:00Z", "--until", "2026-11-29T00:00:00Z", "process.name:sshd")), "\n") {
		var hit struct {
			Source struct {
				Process struct {
					PID int `json:"pid"`
				} `json:"process"`
			} `json:"_source"`
		}
		if err := json.Unmarshal([]byte(line), &hit); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		found[hit.Source.Process.PID]++
	}
	for i := range old {
		if n := found[i]; n != 1 {
			t.Errorf("line %d was found %d times", i, n)
		}
	}
	stop(t, p)
	if code, text := verify(t, p); code != 0 {
		t.Errorf("verify: exit code %d\n%s", code, text)
	}

	file := filepath.Join(data, "VERSION")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var meta map[string]any
	if err := json.Unmarshal(text, &meta); err != nil {
		t.Fatal(err)
	}
	if meta["version"] != 2.0 {
		t.Errorf("VERSION says %s", text)
	}
	meta["version"] = 99
	if text, err = json.Marshal(meta); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	before := files(t, data)
	if said := cli(t, 1, "run", "-c", p.ConfigFile()); !strings.Contains(said, "was written by a newer sluice (layout 99, this program knows 2)") {
		t.Errorf("a newer layout: %s", said)
	}
	if after := files(t, data); after != before {
		t.Errorf("a refused directory was changed:\n%s\nis now\n%s", before, after)
	}
}

// cli runs a command to its end.
func cli(t *testing.T, want int, args ...string) string {
	t.Helper()
	cmd := exec.Command(testbed.Binary(t), args...)
	out, _ := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); code != want {
		t.Errorf("%v: exit code %d, want %d\n%s", args, code, want, out)
	}
	return string(out)
}

// files lists a directory with sizes and times.
func files(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		st, err := e.Info()
		if err == nil {
			fmt.Fprintln(&b, path, st.Size(), st.ModTime())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}
