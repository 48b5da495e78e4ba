package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sluice/internal/testbed"
)

// rsyslog is a real rsyslogd that takes lines over TCP and forwards them over RELP.
type rsyslog struct {
	t    *testing.T
	conf string
	tcp  string // where it takes lines
	cmd  *exec.Cmd
}

// startRsyslog starts one that forwards to an address; without rsyslog here the test is skipped.
func startRsyslog(t *testing.T, tcp, to string) *rsyslog {
	t.Helper()
	// Debian has it in /usr/sbin, which is not in everybody's path.
	if err := os.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin:/sbin"); err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath("rsyslogd"); err != nil {
		t.Skip("needs rsyslogd with omrelp (apt-get install rsyslog rsyslog-relp)")
	}
	dir := t.TempDir()
	r := &rsyslog{t: t, conf: filepath.Join(dir, "rsyslog.conf"), tcp: tcp}
	_, tcpPort, _ := net.SplitHostPort(tcp)
	host, port, _ := net.SplitHostPort(to)
	text := fmt.Sprintf(`global(workDirectory=%q)
module(load="imtcp")
module(load="omrelp")
input(type="imtcp" address="127.0.0.1" port=%q)
action(type="omrelp" target=%q port=%q template="RSYSLOG_ForwardFormat"
       queue.type="LinkedList" queue.filename="forward" queue.saveOnShutdown="on"
       action.resumeRetryCount="-1" action.resumeInterval="1")
`, dir, tcpPort, host, port)
	if err := os.WriteFile(r.conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("rsyslogd", "-N1", "-f", r.conf).CombinedOutput(); err != nil {
		t.Skipf("needs rsyslogd with omrelp (apt-get install rsyslog rsyslog-relp): %s", out)
	}
	r.start()
	t.Cleanup(func() { _ = r.cmd.Process.Kill(); _ = r.cmd.Wait() })
	return r
}

func (r *rsyslog) start() {
	r.t.Helper()
	r.cmd = exec.Command("rsyslogd", "-n", "-f", r.conf, "-i", r.conf+".pid")
	if err := r.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
}

// restart stops it in order and starts it again.
func (r *rsyslog) restart() {
	r.t.Helper()
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		r.t.Fatal(err)
	}
	if err := r.cmd.Wait(); err != nil {
		r.t.Fatal(err)
	}
	r.start()
}

// feed hands it numbered lines over a connection of their own.
func (r *rsyslog) feed(from, to int) {
	r.t.Helper()
	var c net.Conn
	var err error
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if c, err = net.Dial("tcp", r.tcp); err == nil {
			break
		}
		if time.Now().After(deadline) {
			r.t.Fatal(err)
		}
	}
	defer c.Close()
	for n := from; n < to; n++ {
		if _, err := fmt.Fprintf(c, "<30>Nov 28 09:00:00 host1 app[7]: request %d took %d ms\n", n, n%977); err != nil {
			r.t.Fatal(err)
		}
	}
}

// breaker is what lies between rsyslog and us: it breaks, and it is the witness of what was answered.
type breaker struct {
	net.Listener
	mu       sync.Mutex
	conns    map[net.Conn]bool
	passed   map[int]int              // lines by number: how often they came this way
	answered map[int]bool             // those that we have answered
	waiting  map[net.Conn]map[int]int // by connection to us and transaction: lines without an answer yet
}

func newBreaker(t *testing.T, to string) *breaker {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &breaker{Listener: l, conns: map[net.Conn]bool{}, passed: map[int]int{}, answered: map[int]bool{}, waiting: map[net.Conn]map[int]int{}}
	t.Cleanup(func() { l.Close(); b.cut() })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				near.Close()
				continue
			}
			b.mu.Lock()
			b.conns[near], b.conns[far] = true, true
			lines := map[int]int{}
			b.waiting[far] = lines
			b.mu.Unlock()
			go b.pass(far, near, func(txnr int, command, data string) {
				if n := number(testbed.Event{Original: data}); n >= 0 {
					lines[txnr] = n
					b.passed[n]++
				}
			})
			go b.pass(near, far, func(txnr int, command, data string) {
				if n, ok := lines[txnr]; ok && strings.HasPrefix(data, "200") {
					b.answered[n] = true
					delete(lines, txnr)
				}
			})
		}
	}()
	return b
}

// pass passes frames on, and has each seen first.
func (b *breaker) pass(to, from net.Conn, see func(txnr int, command, data string)) {
	defer func() {
		to.Close()
		from.Close()
		b.mu.Lock()
		delete(b.waiting, to)
		b.mu.Unlock()
	}()
	for in := bufio.NewReader(from); ; {
		txnr, command, data, err := relpFrame(in)
		if err != nil {
			return
		}
		b.mu.Lock()
		see(txnr, command, data)
		b.mu.Unlock()
		text := fmt.Sprintf("%d %s %d", txnr, command, len(data))
		if data != "" {
			text += " " + data
		}
		if _, err := io.WriteString(to, text+"\n"); err != nil {
			return
		}
	}
}

// cutBehind resets every connection once more lines have come this way, or none comes.
func (b *breaker) cutBehind(lines int) {
	b.mu.Lock()
	from := len(b.passed)
	b.mu.Unlock()
	for end := time.Now().Add(time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		b.mu.Lock()
		now := len(b.passed)
		b.mu.Unlock()
		if now >= from+lines {
			break
		}
	}
	b.cut()
}

// cut resets every connection.
func (b *breaker) cut() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.conns {
		_ = c.(*net.TCPConn).SetLinger(0)
		c.Close()
		delete(b.conns, c)
		delete(b.waiting, c)
	}
}

// TestRsyslog: a real rsyslog forwards over RELP while we stop and start, the connection breaks, and
// rsyslog itself is restarted. What was answered is in the index, and no line is there more often than it was
// sent. How often that is, is rsyslog's affair: of what has no answer 8.2302 sends some twice over one
// connection, and loses some when it cannot connect.
func TestRsyslog(t *testing.T) {
	const each = 4000
	w := testbed.New(t, testbed.Engines{}, "lateness: 2s\n")
	w.Rules(rules)
	between := newBreaker(t, withRelp(w))
	r := startRsyslog(t, w.FreePort(), between.Addr().String())
	w.Up()
	w.AwaitReady(time.Minute)
	p := w.Processes()[0]
	n := 0
	feed := func() {
		r.feed(n, n+each)
		n += each
	}
	feed()
	if err := p.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code, err := p.Wait(stopTime); err != nil || code != 0 {
		t.Fatalf("exit code %d, %v", code, err)
	}
	p.Again("")
	w.AwaitReady(time.Minute)
	for range 5 {
		feed()
		for range 5 {
			between.cutBehind(20)
		}
	}
	// What rsyslog has not read from its sockets yet, it loses when it is stopped.
	between.settle(n)
	r.restart()
	feed()
	between.settle(n)
	w.SettleStill(2 * time.Minute)
	known := w.Metric("sluice_relp_repeated_messages_total", "")
	doubled := between.judge(t, w.Events(), n)
	t.Logf("%d lines, %d came, %d answered; %v sent again and known, %d there twice, %v possible doubles",
		n, between.sent(), between.count(), known, doubled, w.Metric("sluice_relp_possible_double_total", ""))
	if known == 0 {
		t.Error("nothing was sent again and known: the connection broke at no bad time")
	}
	if left := between.unanswered(); left > 0 {
		t.Errorf("%d lines that came over open connections have no answer", left)
	}
	// Of what rsyslog itself loses nothing comes this way; this says that the rest is worth judging.
	if sent := between.sent(); sent < n/2 || between.count() < sent*9/10 {
		t.Errorf("of %d lines %d came, and %d were answered", n, sent, between.count())
	}
}

// settle waits until nearly all of n lines are answered and it is quiet; where rsyslog has lost more than that,
// two minutes. On a busy machine it may be quiet before all has come.
func (b *breaker) settle(n int) {
	b.quiet()
	for end := time.Now().Add(2 * time.Minute); b.count() < n*99/100 && time.Now().Before(end); {
		b.quiet()
	}
}

// quiet waits until nothing has come for a while, half a minute at most.
func (b *breaker) quiet() {
	const silence = 4 * time.Second // rsyslog tries again every second
	last, since := -1, time.Now()
	for end := since.Add(30 * time.Second); time.Since(since) < silence && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if n := b.count(); n != last {
			last, since = n, time.Now()
		}
	}
}

// count is how many lines are answered.
func (b *breaker) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.answered)
}

// sent is how many lines have come this way.
func (b *breaker) sent() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.passed)
}

// unanswered is how many lines came over the connections that are still open, and have no answer.
func (b *breaker) unanswered() (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, lines := range b.waiting {
		n += len(lines)
	}
	return n
}

// judge: what was answered is there, and what is there twice was sent twice. It gives how much that is.
func (b *breaker) judge(t *testing.T, events []testbed.Event, n int) (doubled int) {
	times := map[int]int{}
	for _, e := range events {
		times[number(e)]++
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range n {
		switch {
		case times[i] == 0 && b.answered[i]:
			t.Errorf("line %d is lost, and was answered", i)
		case times[i] > max(b.passed[i], 1):
			t.Errorf("line %d is there %d times, and was sent %d times", i, times[i], b.passed[i])
		case times[i] > 1:
			doubled += times[i] - 1
		}
	}
	return doubled
}
