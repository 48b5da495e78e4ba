//go:build crash

package journal_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"sluice/internal/crash"
	"sluice/internal/disk"
	"sluice/journal"
)

// C2: the process ends at each of the journal's points, several times over one
// directory; what was acknowledged is there and no sequence is given twice. Run with -tags crash.
func TestCrashPoints(t *testing.T) {
	for _, point := range crash.Points {
		if !strings.HasPrefix(point, "journal.") {
			continue
		}
		t.Run(point, func(t *testing.T) {
			dir := t.TempDir()
			for round, nth := range []int{1, 2, 3} {
				if point == "journal.in_trim" && round > 0 {
					continue // the writer trims once
				}
				crashAt(t, dir, fmt.Sprintf("%s:%d", point, nth))
			}
		})
	}
}

func crashAt(t *testing.T, dir, point string) {
	t.Helper()
	var out bytes.Buffer
	writer := exec.Command(os.Args[0], "-test.run=^$")
	writer.Env = append(os.Environ(), "SLUICE_TEST_WRITER="+dir, crash.Variable+"="+point)
	writer.Stdout, writer.Stderr = &out, os.Stderr
	var exit *exec.ExitError
	if err := writer.Run(); !errors.As(err, &exit) || exit.ExitCode() != crash.ExitCode {
		t.Fatalf("%s: the writer ended with %v, want exit code %d", point, err, crash.ExitCode)
	}
	acked := journal.Seq(1)
	for _, l := range strings.Fields(out.String()) {
		fmt.Sscan(l, &acked)
	}
	j := open(t, disk.Dir(dir), journal.Options{State: &sum{}, Damaged: func(d journal.Damage) {
		if !d.Torn {
			t.Errorf("%s: %v", point, d)
		}
	}})
	defer j.Close()
	next := j.Stats().First
	got := drain(t, j, 1)
	for ; got[next] != ""; next++ {
		var n journal.Seq
		if fmt.Sscan(got[next], &n); n != next {
			t.Fatalf("%s: record %d says %.20q", point, next, got[next])
		}
	}
	if next < acked || next != j.Stats().Next {
		t.Errorf("%s: records up to %d, acknowledged up to %d, next is %d", point, next-1, acked-1, j.Stats().Next)
	}
}
