package testbed

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Process is one running sluice, started again under the same name after a kill.
type Process struct {
	Name  string
	world *World
	args  []string

	mu   sync.Mutex
	cmd  *exec.Cmd
	done chan struct{}
	err  error
}

// Start starts a process with these arguments behind `run -c FILE`.
func (w *World) Start(name string, args ...string) *Process {
	w.T.Helper()
	file := filepath.Join(w.Dir, name+".yml")
	w.write(file, w.config(name))
	p := &Process{Name: name, world: w, args: append([]string{"run", "-c", file}, args...)}
	p.Again("")
	w.procs = append(w.procs, p)
	return p
}

// StartDemo starts the demonstration and waits until its console answers.
func StartDemo(t testing.TB) *World {
	t.Helper()
	w := &World{T: t, Dir: t.TempDir(), ns: "default"}
	w.Data, w.demo = w.Dir, filepath.Join(w.Dir, "demo", "data")
	t.Cleanup(w.stopAll)
	p := &Process{Name: "demo", world: w, args: []string{"demo", "--data", filepath.Dir(w.demo)}}
	p.Again("")
	w.procs = append(w.procs, p)
	w.Await("the console", 30*time.Second, func() bool {
		address, err := os.ReadFile(filepath.Join(w.demo, "address"))
		w.console = strings.TrimPrefix(strings.TrimSpace(string(address)), "http://")
		return err == nil && w.Ready() == nil
	})
	return w
}

// ConfigFile is the process's configuration.
func (p *Process) ConfigFile() string { return p.args[2] }

// Configure writes the configuration anew as the world is now, for the next start or
// reload.
func (p *Process) Configure() {
	p.world.T.Helper()
	p.world.write(p.ConfigFile(), p.world.config(p.Name))
}

// Again starts the process, which must be dead; crash is a crash point to die at.
func (p *Process) Again(crash string) {
	p.world.T.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	log, err := os.OpenFile(p.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		p.world.T.Fatal(err)
	}
	defer log.Close()
	cmd := exec.Command(Binary(p.world.T), p.args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Env = append(os.Environ(), "SLUICE_CRASH="+crash)
	if err := cmd.Start(); err != nil {
		p.world.T.Fatal(err)
	}
	p.cmd, p.done = cmd, make(chan struct{})
	go func(done chan struct{}) {
		err := cmd.Wait()
		p.mu.Lock()
		p.err = err
		p.mu.Unlock()
		close(done)
	}(p.done)
}

// Alive says whether the process runs.
func (p *Process) Alive() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// Kill is kill -9. It says whether it hit a live process.
func (p *Process) Kill() bool {
	if !p.Alive() {
		return false
	}
	hit := p.cmd.Process.Kill() == nil
	<-p.done
	return hit
}

// Signal sends a signal.
func (p *Process) Signal(s syscall.Signal) error { return p.cmd.Process.Signal(s) }

// Wait waits for the process's end and gives its exit code, -1 if a signal ended it.
func (p *Process) Wait(most time.Duration) (int, error) {
	select {
	case <-p.done:
	case <-time.After(most):
		return 0, fmt.Errorf("%s still runs after %v", p.Name, most)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var exit *exec.ExitError
	if errors.As(p.err, &exit) {
		return exit.ExitCode(), nil
	}
	return 0, p.err
}

// Peak is the most memory that the process had resident since its start, in bytes.
func (p *Process) Peak() int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		p.world.T.Fatal(err)
	}
	var kib int64
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		p.world.T.Fatal(err)
	}
	return kib << 10
}

func (p *Process) logFile() string { return filepath.Join(p.world.Dir, p.Name+".log") }

func (p *Process) tail(n int) string {
	b, err := os.ReadFile(p.logFile())
	if err != nil {
		return err.Error()
	}
	return string(b[max(0, len(b)-n):])
}

// Log is everything that the process wrote on stderr, over all its starts.
func (p *Process) Log() string { return p.tail(64 << 20) }
