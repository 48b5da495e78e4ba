package e2e

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"sluice/internal/testbed"
)

// reloads are how often the program is told to read its configuration again; every
// tenth time the configuration is faulty.
const reloads = 100

// spanning is a rule whose one alert needs events of every reload, and a rule that is
// another after each one.
const spanning = `
id: e2e-spanning
title: Events of all reloads
kind: threshold
level: high
when: event.category == "authentication" and event.outcome == "failure" and user.name == "spans"
group_by: user.name
count: %d
window: 1h
suppress: 2h
---
id: e2e-changing
title: Another rule each time, number %d
kind: match
level: low
when: process.name == "nobody-%d"
`

// TestReloadsUnderLoad: SIGHUP comes a hundred times while datagrams, a connection and
// a file bring lines. An untouched input loses nothing and keeps its connections, an
// unchanged rule keeps its state, a changed input is opened anew, and a faulty
// configuration leaves everything as it was and says where the fault is.
func TestReloadsUnderLoad(t *testing.T) {
	w := testbed.New(t, testbed.Engines{}, "lateness: 2s\n")
	changing := w.FreePort()
	input := func(n int) string {
		return fmt.Sprintf("  changing:\n    kind: syslog\n    namespace: %s\n    tcp: %s\n    max_line: %d\n", w.Namespace(), changing, 1000+n)
	}
	w.Inputs = input(0)
	w.Rules(fmt.Sprintf(spanning, reloads, 0, 0))
	w.Up()
	w.AwaitReady(time.Minute)
	p := w.Processes()[0]
	load := startLoad(t, w)
	held := watch(t, w.Syslog)
	touched := watch(t, changing)

	faults := 0
	for n := 1; n <= reloads; n++ {
		good := n%10 != 0
		w.Inputs = input(n / 4) // unchanged three times of four
		if !good {
			w.Inputs = input(n/4) + "    colour: blue\n"
			faults++
		}
		w.Rules(fmt.Sprintf(spanning, reloads, n, n))
		p.Configure()
		load.say("spans", n)
		if err := p.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		w.Await(fmt.Sprintf("reload %d", n), time.Minute, func() bool {
			log := p.Log()
			return strings.Count(log, "msg=reloaded") == n-faults && strings.Count(log, "the old configuration stays") == faults
		})
	}
	sent := load.stop()
	w.Settle(sent, 2*time.Minute)
	judgeReloads(t, w, p, load, faults)
	if !held.open() {
		t.Error("a connection of an untouched input was closed")
	}
	if touched.open() {
		t.Error("a connection of a changed input is still open")
	}
}

func judgeReloads(t *testing.T, w *testbed.World, p *testbed.Process, load *load, faults int) {
	t.Helper()
	if !p.Alive() {
		t.Fatal("the program has ended")
	}
	config, err := os.ReadFile(p.ConfigFile())
	if err != nil {
		t.Fatal(err)
	}
	row := 1 + bytes.Count(config[:bytes.Index(config, []byte("colour"))], []byte("\n"))
	if place := fmt.Sprintf("%s:%d:5: ", p.ConfigFile(), row); strings.Count(p.Log(), place) != faults {
		t.Errorf("the log names %s %d times, want %d", place, strings.Count(p.Log(), place), faults)
	}
	if drops := w.Metric("sluice_ingest_dropped_total", ""); drops != 0 {
		t.Errorf("%v were dropped", drops)
	}
	got := map[string]int{}
	for _, e := range w.Events() {
		got[e.Original]++
	}
	for way, n := range map[string]int64{"udp": load.udp.Load(), "tcp": load.tcp.Load(), "file": load.file.Load()} {
		t.Logf("%s: %d lines", way, n)
		for i := range n {
			if times := got[loadLine(way, i)]; times != 1 {
				t.Errorf("%s line %d is there %d times", way, i, times)
			}
		}
	}
	judgeAlerts(t, w, map[string]int{`e2e-spanning ["spans"]`: 1})
}

// load sends numbered lines by every way until it is stopped.
type load struct {
	t              *testing.T
	udp, tcp, file atomic.Int64
	said           atomic.Int64
	done           chan struct{}
	wg             sync.WaitGroup
	to             string
}

func loadLine(way string, n int64) string {
	return fmt.Sprintf("<30>Nov 23 20:00:00 host1 %s[7]: line %d by %s", way, n, way)
}

func startLoad(t *testing.T, w *testbed.World) *load {
	l := &load{t: t, done: make(chan struct{}), to: w.Syslog}
	udp, tcp := dial(t, "udp", w.Syslog), dial(t, "tcp", w.Syslog)
	file, err := os.Create(w.Logs() + "/load.log")
	if err != nil {
		t.Fatal(err)
	}
	l.wg.Go(func() { l.send(udp, "udp", "", &l.udp) })
	l.wg.Go(func() { l.send(tcp, "tcp", "\n", &l.tcp) })
	l.wg.Go(func() { l.send(file, "file", "\n", &l.file) })
	return l
}

// send writes ten lines every 10 ms: what every machine takes without a pause of the
// reader overflowing a socket.
func (l *load) send(to io.WriteCloser, way, end string, count *atomic.Int64) {
	defer to.Close()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-l.done:
			return
		case <-tick.C:
		}
		for range 10 {
			if _, err := io.WriteString(to, loadLine(way, count.Load())+end); err != nil {
				l.t.Errorf("%s: %v", way, err)
				return
			}
			count.Add(1)
		}
	}
}

// say sends one failed log-in of user.
func (l *load) say(user string, n int) {
	c := dial(l.t, "udp", l.to)
	defer c.Close()
	fmt.Fprintf(c, "<38>%s host1 sshd[%d]: Failed password for %s from 198.51.100.7 port 4711 ssh2", time.Now().UTC().Format("Jan _2 15:04:05"), n, user)
	l.said.Add(1)
}

// stop ends the load and says how many lines there were.
func (l *load) stop() int64 {
	close(l.done)
	l.wg.Wait()
	return l.udp.Load() + l.tcp.Load() + l.file.Load() + l.said.Load()
}

func dial(t *testing.T, network, to string) net.Conn {
	t.Helper()
	c, err := net.Dial(network, to)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// watched is a silent connection.
type watched struct{ closed chan struct{} }

func watch(t *testing.T, to string) *watched {
	c := dial(t, "tcp", to)
	t.Cleanup(func() { c.Close() })
	x := &watched{make(chan struct{})}
	go func() {
		_, _ = c.Read(make([]byte, 1))
		close(x.closed)
	}()
	return x
}

func (x *watched) open() bool {
	select {
	case <-x.closed:
		return false
	default:
		return true
	}
}
