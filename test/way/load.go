package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"time"
)

// settleTime is how long what was sent may take to its end.
const settleTime = 30 * time.Minute

// load sends, reports meanwhile, and waits until everything sent is done with.
func (p *child) load(o options) (sent, error) {
	self, err := os.Executable()
	if err != nil {
		return sent{}, err
	}
	cmd := exec.Command(self, sendCommand, "-to", p.syslog, "-lines", o.lines,
		"-rate", strconv.Itoa(o.rate), "-for", o.lasts.String(), "-senders", strconv.Itoa(o.senders))
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	before, err := p.usage()
	if err != nil {
		return sent{}, err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return sent{}, err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	fmt.Printf("%d cores, %s, %d senders; sluice with rules, fsync and account as shipped\n", runtime.NumCPU(), runtime.Version(), o.senders)
	fmt.Println("seconds  received   indexed  events/s  in flight  CPU s per s  resident MiB")
	var s sent
	var a account
	last, lastAt, lastUse := int64(0), began, before
	for sending := true; ; {
		select {
		case err := <-done:
			if err != nil {
				return s, fmt.Errorf("the sender: %w", err)
			}
			if err := json.Unmarshal(out.Bytes(), &s); err != nil {
				return s, fmt.Errorf("the sender's answer: %w", err)
			}
			sending = false
		case <-time.After(pause(sending, o.every)):
		}
		if a, err = p.row(began, last, lastAt, lastUse, sending); err != nil {
			return s, err
		}
		if !sending && a.Sum.Received >= s.Lines && a.InFlight == 0 {
			if a, err = p.row(began, last, lastAt, lastUse, false); err != nil { // of one moment, now that nothing moves
				return s, err
			}
			break
		}
		if sending {
			last, lastAt = a.Sum.Indexed, time.Now()
			if lastUse, err = p.usage(); err != nil {
				return s, err
			}
		} else if time.Since(began) > o.lasts+settleTime {
			return s, fmt.Errorf("not settled in %v: %+v", settleTime, a)
		}
	}
	return s, p.report(s, a, before, began, cmd.ProcessState)
}

func pause(sending bool, every time.Duration) time.Duration {
	if sending {
		return every
	}
	return 200 * time.Millisecond
}

// row prints where it stands, while lines are sent.
func (p *child) row(began time.Time, last int64, lastAt time.Time, lastUse usage, print bool) (a account, err error) {
	if err := p.get("/api/v1/account", &a); err != nil {
		return a, err
	}
	u, err := p.usage()
	if err != nil || !print {
		return a, err
	}
	s := time.Since(lastAt).Seconds()
	fmt.Printf("%7.0f %9d %9d %9.0f %10d %12.2f %13d\n", time.Since(began).Seconds(), a.Sum.Received, a.Sum.Indexed,
		float64(a.Sum.Indexed-last)/s, a.InFlight, (u.cpu-lastUse.cpu).Seconds()/s, u.resident>>20)
	return a, nil
}

// report prints the figures of the run; a difference in the account is an error.
func (p *child) report(s sent, a account, before usage, began time.Time, sender *os.ProcessState) error {
	u, err := p.usage()
	if err != nil {
		return err
	}
	million := float64(s.Lines) / 1e6
	whole := time.Since(began).Seconds()
	cpu := (u.cpu - before.cpu).Seconds()
	other := (sender.UserTime() + sender.SystemTime()).Seconds()
	fmt.Printf("\nsent                   %d lines, %.0f bytes each, in %.1f s\n", s.Lines, float64(s.Bytes)/float64(s.Lines), s.Seconds)
	fmt.Printf("sent                   %.0f events/s\n", float64(s.Lines)/s.Seconds)
	fmt.Printf("indexed                %.0f events/s, from the first line sent to the last one indexed (%.1f s)\n", float64(a.Sum.Indexed)/whole, whole)
	fmt.Printf("CPU of sluice          %.1f s per million events (%.2f of %d cores)\n", cpu/million, cpu/whole, runtime.NumCPU())
	fmt.Printf("CPU of the sender      %.1f s per million events\n", other/million)
	fmt.Printf("peak resident          %d MiB\n", u.peak>>20)
	fmt.Printf("account                received %d, indexed %d, dead %d, unparsed %d, dropped %v, in flight %d, difference %d\n",
		a.Sum.Received, a.Sum.Indexed, a.Sum.Dead, a.Sum.Unparsed, a.Sum.Dropped, a.InFlight, a.Difference)
	if a.Sum.Indexed != s.Lines || a.Difference != 0 {
		return fmt.Errorf("%d lines were sent and %d indexed, the account's difference is %d", s.Lines, a.Sum.Indexed, a.Difference)
	}
	return nil
}
