package compose

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"sluice/internal/testbed"
)

func TestMain(m *testing.M) {
	code := m.Run()
	testbed.Clean()
	os.Exit(code)
}

// project is docker-compose.yml with local places for those inside the containers.
type project struct {
	t       *testing.T
	engines testbed.Engines
	dir     string
	binary  string
	config  string
	kafka   string
	syslog  string
	console string
}

// TestRuns starts every service of ours as Compose would, Kafka last, as after a reboot,
// when nothing waits for anything; lets somebody guess a password, and finds the lines
// and the alert in Elasticsearch.
func TestRuns(t *testing.T) {
	engines := testbed.Real()
	if engines.Kafka == "" || engines.Elasticsearch == "" {
		return // the other tests of this file need nothing; make test-engines brings both
	}
	all, err := load(t, passwords)
	if err != nil {
		t.Fatal(err)
	}
	p := &project{
		t: t, engines: engines, dir: t.TempDir(), binary: testbed.Binary(t),
		kafka: freeAddress(t), syslog: freeAddress(t), console: freeAddress(t),
	}
	p.config = filepath.Join(p.dir, "sluice.yml")
	if err := os.WriteFile(p.config, []byte(all.Configs["sluice"].Content), 0o600); err != nil {
		t.Fatal(err)
	}

	p.setup(all.Services["setup"])
	roles := p.start(all)
	for name, r := range roles {
		await(t, name+" waits for Kafka", 10*time.Second, func() error {
			_, err := os.Stat(filepath.Join(p.dir, name, "lock"))
			return err
		})
		if name == "collect" { // its journal takes what devices send meanwhile
			await(t, "collect is ready", 20*time.Second, func() error { return p.healthy(r) })
		} else if err := p.healthy(r); err == nil {
			t.Errorf("%s is ready without Kafka", name)
		}
	}
	broker, _, _ := strings.Cut(engines.Kafka, ",") // it names the others
	forward(t, p.kafka, broker)
	for name, r := range roles {
		await(t, name+" is ready", 45*time.Second, func() error { return p.healthy(r) })
	}

	guesser := fmt.Sprintf("198.51.%d.%d", rand.IntN(256), 1+rand.IntN(254)) // alerts of earlier runs are suppressed by address
	p.send(guesser, 12)
	await(t, "12 events", 30*time.Second, func() error {
		return p.found("logs-sluice.linux_auth-default", `source.ip:"`+guesser+`" AND event.outcome:failure`, 12)
	})
	// Stateful rules wait for the lateness, and for collectors that are out of step.
	await(t, "the alert", 60*time.Second, func() error {
		return p.found("sluice-alerts-default", `rule.name:"Password guessing against one account" AND source.ip:"`+guesser+`"`, 1)
	})
	p.stop(roles)
	p.leftovers("setup") // has nowhere to write
	for _, name := range []string{"process", "correlate", "index", "notify"} {
		p.leftovers(name, "VERSION", "address", "lock", "token")
	}
}

// leftovers says what a service may have left on disk: what its tmpfs forgets.
func (p *project) leftovers(service string, may ...string) {
	p.t.Helper()
	files, err := os.ReadDir(filepath.Join(p.dir, service))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		p.t.Error(err)
	}
	for _, f := range files {
		if !slices.Contains(may, f.Name()) {
			p.t.Errorf("%s keeps %s on disk, and docker-compose.yml has no volume for it", service, f.Name())
		}
	}
}

// role is a service that runs.
type role struct {
	service types.ServiceConfig
	cmd     *exec.Cmd
	env     []string
	log     *bytes.Buffer
	done    chan struct{} // closed at its end
	err     error         // of its end; read it after done
}

// local is an address, a path or a program of the containers on this machine.
func (p *project) local(service, value string) string {
	switch value {
	case "/usr/local/bin/sluice":
		return p.binary
	case "/etc/sluice/sluice.yml":
		return p.config
	case "/var/lib/sluice":
		return filepath.Join(p.dir, service)
	case "kafka:9092":
		return p.kafka
	case "http://elasticsearch:9200":
		return p.engines.Elasticsearch
	case "0.0.0.0:5514":
		return p.syslog
	case "0.0.0.0:8514":
		// As in the container: the health check has to find a console that listens everywhere.
		return strings.Replace(p.console, "127.0.0.1", "0.0.0.0", 1)
	case "127.0.0.1:8515": // each container has a loopback of its own
		return freeAddress(p.t)
	}
	return value
}

// command is how Compose would start a service, with its environment and no other.
func (p *project) command(s types.ServiceConfig) *exec.Cmd {
	var args []string
	for _, a := range s.Command {
		args = append(args, p.local(s.Name, a))
	}
	cmd := exec.Command(p.binary, args...)
	cmd.Dir = p.dir
	for _, name := range slices.Sorted(maps.Keys(s.Environment)) {
		cmd.Env = append(cmd.Env, name+"="+p.local(s.Name, *s.Environment[name]))
	}
	return cmd
}

// setup runs to its end, twice: Compose runs it at each `up`.
func (p *project) setup(s types.ServiceConfig) {
	p.t.Helper()
	for range 2 {
		if out, err := p.command(s).CombinedOutput(); err != nil {
			p.t.Fatalf("setup: %v\n%s", err, out)
		}
	}
}

// start starts what runs on the image of ours and does not end by itself.
func (p *project) start(all *types.Project) map[string]*role {
	p.t.Helper()
	roles := map[string]*role{}
	for name, s := range all.Services {
		if s.Build == nil || name == "setup" {
			continue
		}
		r := &role{service: s, cmd: p.command(s), log: &bytes.Buffer{}, done: make(chan struct{})}
		r.env = r.cmd.Env
		r.cmd.Stdout, r.cmd.Stderr = r.log, r.log
		if err := r.cmd.Start(); err != nil {
			p.t.Fatal(err)
		}
		go func() {
			r.err = r.cmd.Wait()
			close(r.done)
		}()
		p.t.Cleanup(func() {
			_ = r.cmd.Process.Kill() // nearly always it has ended
			<-r.done
			if p.t.Failed() {
				p.t.Logf("%s:\n%s", name, r.log)
			}
		})
		roles[name] = r
	}
	want := []string{"collect", "correlate", "index", "notify", "process", "serve"}
	if got := slices.Sorted(maps.Keys(roles)); !slices.Equal(got, want) {
		p.t.Fatalf("services of ours: %v, want one for each role: %v", got, want)
	}
	return roles
}

// healthy runs the service's own health check.
func (p *project) healthy(r *role) error {
	test := r.service.HealthCheck.Test
	if test[0] != "CMD" {
		return fmt.Errorf("the image has no shell for %v", test)
	}
	var args []string
	for _, a := range test[1:] {
		args = append(args, p.local(r.service.Name, a))
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = r.env
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// stop stops all at once, as `docker compose down` may: each drains and ends with 0.
func (p *project) stop(roles map[string]*role) {
	p.t.Helper()
	for name, r := range roles {
		if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			p.t.Errorf("stop %s: %v", name, err)
		}
	}
	for name, r := range roles {
		select {
		case <-r.done:
			if r.err != nil {
				p.t.Errorf("%s ended with %v", name, r.err)
			}
		case <-time.After(25 * time.Second):
			p.t.Errorf("%s still runs 25 s after SIGTERM", name)
		}
	}
}

// send is n failed logins over one connection to collect.
func (p *project) send(from string, n int) {
	p.t.Helper()
	conn, err := net.Dial("tcp", p.syslog)
	if err != nil {
		p.t.Fatal(err)
	}
	defer conn.Close()
	for i := range n {
		now := time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
		if _, err := fmt.Fprintf(conn, "<38>1 %s web1 sshd 811 - - Failed password for root from %s port %d ssh2\n", now, from, 40000+i); err != nil {
			p.t.Fatal(err)
		}
	}
}

// found asks Elasticsearch until an index holds exactly n documents of a query.
func (p *project) found(index, query string, n int) error {
	body, err := json.Marshal(map[string]any{"query": map[string]any{"query_string": map[string]string{"query": query}}})
	if err != nil {
		return err
	}
	client := http.Client{Timeout: 10 * time.Second}
	res, err := client.Post(p.engines.Elasticsearch+"/"+index+"/_search?ignore_unavailable=true", "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer res.Body.Close()
	var got struct {
		Hits struct {
			Total struct{ Value int }
		}
	}
	if err := json.NewDecoder(res.Body).Decode(&got); err != nil {
		return fmt.Errorf("%s: %w", res.Status, err)
	}
	if got.Hits.Total.Value != n {
		return fmt.Errorf("%s has %d documents of %s, want %d", index, got.Hits.Total.Value, query, n)
	}
	return nil
}

// await asks again until it is so.
func await(t *testing.T, what string, most time.Duration, so func() error) {
	t.Helper()
	ticker := time.NewTicker(250 * time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(most); ; <-ticker.C {
		err := so()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v: %v", what, most, err)
		}
	}
}

// forward takes connections on an address, until the test ends, to another.
func forward(t *testing.T, from, to string) {
	t.Helper()
	ln, err := net.Listen("tcp", from)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	t.Cleanup(func() {
		_ = ln.Close()
		wg.Wait()
	})
	wg.Go(func() {
		for {
			in, err := ln.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { pipe(t, in, to) })
		}
	})
}

// pipe copies both ways until either side or the test ends.
func pipe(t *testing.T, in net.Conn, to string) {
	defer in.Close()
	out, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer out.Close()
	defer context.AfterFunc(t.Context(), func() {
		_ = in.Close()
		_ = out.Close()
	})()
	back := make(chan struct{})
	go func() {
		_, _ = io.Copy(in, out)
		_ = in.Close()
		close(back)
	}()
	_, _ = io.Copy(out, in)
	_ = out.Close()
	<-back
}

func freeAddress(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}
