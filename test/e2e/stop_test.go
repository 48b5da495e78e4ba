package e2e

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"sluice/internal/testbed"
)

// stopTime is what a stop may take: 10 s to drain, and to close what a busy machine needs.
const stopTime = 40 * time.Second

// TestStopsUnderFullLoad: SIGTERM comes while two connections send as fast as they can
// and a file grows. The program ends in time with exit code 0, and after the next start
// everything that it had received is in the index once.
func TestStopsUnderFullLoad(t *testing.T) {
	w := testbed.New(t, testbed.Engines{}, "lateness: 2s\n")
	w.Rules(rules)
	w.Up()
	p := w.Processes()[0]
	f := startFlood(t, w)
	for round := range 2 {
		w.AwaitReady(time.Minute)
		before := f.lines.Load()
		w.Await("load", time.Minute, func() bool { return f.lines.Load() > before+20_000 })
		began := time.Now()
		if err := p.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		code, err := p.Wait(stopTime)
		if err != nil || code != 0 {
			t.Fatalf("round %d: exit code %d, %v", round, code, err)
		}
		t.Logf("round %d: stopped in %v", round, time.Since(began).Round(time.Millisecond))
		p.Again("")
	}
	f.judge(t, w)
}

// TestSecondSignalEndsNow: a second SIGTERM ends the program at once. What it had
// received waits in the journal for the next start.
func TestSecondSignalEndsNow(t *testing.T) {
	w := testbed.New(t, testbed.Engines{}, "lateness: 2s\n")
	w.Rules(rules)
	w.Up()
	p := w.Processes()[0]
	f := startFlood(t, w)
	for round := range 2 {
		w.AwaitReady(time.Minute)
		before := f.lines.Load()
		w.Await("load", time.Minute, func() bool { return f.lines.Load() > before+20_000 })
		began := time.Now()
		said := len(p.Log())
		if err := p.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		// two signals at once may count as one
		w.Await("word that it stops", time.Minute, func() bool { return strings.Contains(p.Log()[said:], "stopping: ") })
		if err := p.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		code, err := p.Wait(stopTime)
		if err != nil || code < 0 {
			t.Fatalf("round %d: exit code %d, %v", round, code, err)
		}
		if !strings.Contains(p.Log()[said:], "second signal: ending now") {
			t.Errorf("round %d: it took its time: %s", round, p.Log()[said:])
		}
		t.Logf("round %d: ended with %d in %v", round, code, time.Since(began).Round(time.Millisecond))
		p.Again("")
	}
	f.judge(t, w)
}

// flood is full load: connections without any pause, and a file.
type flood struct {
	lines atomic.Int64 // given to a socket
	file  int64
	done  chan struct{}
	wg    sync.WaitGroup
}

func startFlood(t *testing.T, w *testbed.World) *flood {
	f := &flood{done: make(chan struct{})}
	for n := range 2 {
		f.wg.Go(func() { f.send(w.Syslog, n) })
	}
	f.wg.Go(func() { f.grow(t, filepath.Join(w.Logs(), "grow.log")) })
	return f
}

// send dials again and goes on behind the lines of a connection that broke.
func (f *flood) send(to string, way int) {
	n := 0
	for f.going() {
		c, err := net.Dial("tcp", to)
		if err != nil {
			time.Sleep(10 * time.Millisecond)
			continue
		}
		for f.going() && err == nil {
			text := make([]byte, 0, 64<<10)
			for range 500 {
				text = fmt.Appendf(text, "<30>Nov 23 20:00:00 host1 way%d[7]: line %d of full load\n", way, n)
				n++
			}
			_, err = c.Write(text)
			f.lines.Add(500)
		}
		c.Close()
	}
}

func (f *flood) grow(t *testing.T, name string) {
	file, err := os.Create(name)
	if err != nil {
		t.Error(err)
		return
	}
	defer file.Close()
	for ; f.going(); time.Sleep(10 * time.Millisecond) {
		for range 20 {
			if _, err := fmt.Fprintf(file, "%s\n", loadLine("file", f.file)); err != nil {
				t.Error(err)
				return
			}
			f.file++
		}
	}
}

func (f *flood) going() bool {
	select {
	case <-f.done:
		return false
	default:
		return true
	}
}

// judge stops the flood: the file's lines are all there once, and every line of the
// connections that was received.
func (f *flood) judge(t *testing.T, w *testbed.World) {
	t.Helper()
	w.AwaitReady(time.Minute)
	close(f.done)
	f.wg.Wait()
	a := w.SettleStill(2 * time.Minute)
	seen := map[string]int{}
	for _, e := range w.Events() {
		if seen[e.Original]++; seen[e.Original] == 2 && len(e.Original) > 40 {
			t.Errorf("twice: %s", e.Original)
		}
	}
	for i := range f.file {
		if seen[loadLine("file", i)] != 1 {
			t.Errorf("file line %d is there %d times", i, seen[loadLine("file", i)])
		}
	}
	if dropped := a.Sum.Dropped; len(dropped) > 0 {
		t.Errorf("dropped: %v", dropped)
	}
	if a.Sum.Received != a.Sum.Indexed {
		t.Errorf("received %d, indexed %d", a.Sum.Received, a.Sum.Indexed)
	}
	t.Logf("sent %d by syslog and %d by file; received %d, each of them is in the index", f.lines.Load(), f.file, a.Sum.Received)
}
