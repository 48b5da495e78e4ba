package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"sluice/internal/testbed"
)

// child is the sluice under measurement.
type child struct {
	cmd     *exec.Cmd
	data    string
	syslog  string // host:port
	console string // URL
	token   string
	out     string // file of its stderr
	exited  chan error
}

// start runs sluice with nothing set but addresses, the data directory, and the framing:
// octet counts are told by themselves only where the frame begins with a priority, which
// the JSON among the lines does not.
func start(program, dir, data string) (*child, error) {
	to, err := testbed.FreePort()
	if err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "sluice.yml")
	text := fmt.Sprintf("data: %s\nconsole:\n  listen: 127.0.0.1:0\ninputs:\n  network:\n    kind: syslog\n    tcp: %s\n    framing: octet\n", data, to)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, err
	}
	out, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	defer out.Close()
	p := &child{cmd: exec.Command(program, "run", "-c", config), data: data, syslog: to, out: out.Name(), exited: make(chan error, 1)}
	p.cmd.Stdout, p.cmd.Stderr = out, out
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { p.exited <- p.cmd.Wait() }()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		address, err1 := os.ReadFile(filepath.Join(data, "address"))
		token, err2 := os.ReadFile(filepath.Join(data, "token"))
		if err1 != nil || err2 != nil {
			continue
		}
		p.console, p.token = strings.TrimSpace(string(address)), strings.TrimSpace(string(token))
		if c, err := net.Dial("tcp", to); p.get("/readyz", nil) == nil && err == nil {
			c.Close()
			return p, nil
		}
	}
	p.kill()
	return nil, fmt.Errorf("sluice is not ready within a minute\n%s", p.log())
}

func (p *child) get(path string, into any) error {
	req, err := http.NewRequest(http.MethodGet, p.console+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	client := http.Client{Timeout: 30 * time.Second}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %d %s", path, res.StatusCode, body)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(body, into)
}

// account is the part of `sluice account` that is looked at.
type account struct {
	Sum struct {
		Received int64            `json:"received"`
		Indexed  int64            `json:"indexed"`
		Dead     int64            `json:"dead_lettered"`
		Unparsed int64            `json:"unparsed"`
		Dropped  map[string]int64 `json:"dropped"`
	} `json:"sum"`
	InFlight   int64 `json:"in_flight"`
	Difference int64 `json:"difference"`
}

// usage is what the kernel says of a process.
type usage struct {
	cpu      time.Duration // user and system
	resident int64         // bytes now
	peak     int64         // bytes at most, so far
}

// ticks a second of /proc/PID/stat; the same on every Linux that Go runs on.
const ticks = 100

func (p *child) usage() (u usage, err error) {
	proc := fmt.Sprintf("/proc/%d/", p.cmd.Process.Pid)
	stat, err := os.ReadFile(proc + "stat")
	if err != nil {
		return u, err
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:])) // from state, the 3rd, on
	if len(fields) < 13 {
		return u, errors.New("/proc stat is short")
	}
	for _, f := range fields[11:13] { // utime, stime
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return u, err
		}
		u.cpu += time.Duration(n) * time.Second / ticks
	}
	status, err := os.ReadFile(proc + "status")
	if err != nil {
		return u, err
	}
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		n, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		switch name {
		case "VmRSS":
			u.resident = n << 10
		case "VmHWM":
			u.peak = n << 10
		}
	}
	return u, nil
}

// stop asks for an orderly end, which must be one.
func (p *child) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case err := <-p.exited:
		p.exited <- err
		if err != nil {
			return fmt.Errorf("sluice ended: %w", err)
		}
		return nil
	case <-time.After(time.Minute):
		return errors.New("sluice does not end within a minute of SIGTERM")
	}
}

// kill leaves no process behind; after stop it does nothing.
func (p *child) kill() {
	_ = p.cmd.Process.Kill() // gone already: fine
	err := <-p.exited
	p.exited <- err
}

// log is the end of what sluice said.
func (p *child) log() string {
	text, err := os.ReadFile(p.out)
	if err != nil {
		return ""
	}
	return string(text[max(0, len(text)-4000):])
}
