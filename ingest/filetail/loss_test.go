package filetail

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// rotation moves the log at path aside, as one tool does it.
type rotation func(t *testing.T, path string, w *os.File) *os.File

func shift(t *testing.T, path string, keep int) {
	t.Helper()
	for i := keep; i >= 1; i-- {
		err := os.Rename(fmt.Sprintf("%s.%d", path, i), fmt.Sprintf("%s.%d", path, i+1))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
}

func create(t *testing.T, path string) *os.File {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// byRename is logrotate's default; the writer goes on in the old file for a while.
func byRename(t *testing.T, path string, w *os.File) *os.File {
	shift(t, path, 30)
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, "late\n"); err != nil {
		t.Fatal(err)
	}
	w.Close()
	return create(t, path)
}

// byCopy is logrotate's copytruncate. Nothing is written between copy and truncation
// here: what is, is lost by the tool itself, to every reader.
func byCopy(t *testing.T, path string, w *os.File) *os.File {
	shift(t, path, 30)
	from, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to := create(t, path+".1")
	defer to.Close()
	if _, err := io.Copy(to, from); err != nil {
		t.Fatal(err)
	}
	if err := w.Truncate(0); err != nil {
		t.Fatal(err)
	}
	return w
}

// TestLoss writes numbered lines through rotations while the input is stopped and
// started again from its last checkpoint at random points: no line is lost, none comes
// under two ids, and none comes twice. The figures of docs/decisions/0011 are its log.
func TestLoss(t *testing.T) {
	lines, rotations := 20_000, 12
	if testing.Short() {
		lines = 4000
	}
	f := func(name string, follow Follow, rotate rotation) {
		t.Run(name+"/"+string(follow), func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "x.log")
			s := settings(t, path+"*")
			s.Follow = follow
			w := start(t, s)
			seed := uint64(time.Now().UnixNano())
			t.Logf("seed %d", seed)
			rng := rand.New(rand.NewPCG(seed, 1))
			began, kills, late := time.Now(), 0, 0
			log := create(t, path)
			for i := range lines {
				if _, err := fmt.Fprintf(log, "line %d of a device, with some text behind it\n", i); err != nil {
					t.Fatal(err)
				}
				if i%(lines/rotations) == lines/rotations-1 {
					log = rotate(t, path, log)
					late++
				}
				if rng.IntN(lines/10) == 0 {
					kills++
					w.restart()
				}
				if i%200 == 0 { // some lines are read at once, others after a rotation
					time.Sleep(time.Duration(rng.IntN(20)) * time.Millisecond)
				}
			}
			log.Close()
			if name == "copytruncate" {
				late = 0
			}
			w.want(lines + late)
			judge(t, w, lines)
			t.Logf("%d lines, %d rotations, %d restarts, %.1f s: 0 lost, 0 doubled", lines, rotations, kills, time.Since(began).Seconds())
		})
	}
	for _, follow := range []Follow{FollowOwn, FollowTail} {
		f("rename", follow, byRename)
		f("copytruncate", follow, byCopy)
	}
}

func judge(t *testing.T, w *world, lines int) {
	t.Helper()
	seen := make([]int, lines)
	for _, line := range w.lines() {
		var n int
		if _, err := fmt.Sscanf(line, "line %d ", &n); err == nil && n < lines {
			seen[n]++
		} else if line != "late" {
			t.Errorf("nobody wrote %q", line)
		}
	}
	lost, doubled := 0, 0
	for _, n := range seen {
		if n == 0 {
			lost++
		}
		doubled += max(n-1, 0)
	}
	if lost > 0 || doubled > 0 {
		t.Errorf("%d lost, %d doubled of %s", lost, doubled, strconv.Itoa(lines))
	}
}
