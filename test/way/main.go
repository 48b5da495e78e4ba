// Command way measures the path of events end to end on one machine, and verifies it: Sluice runs
// as a child process with everything as shipped, a sender in a third process sends lines over TCP
// syslog, and then every line sent must be in the index exactly once.
//
// Times are printed but decide nothing; a missing or duplicated line does.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// sendCommand as first argument makes this program the sender.
const sendCommand = "send"

type options struct {
	sluice, lines, dir string
	rate               int
	lasts              time.Duration
	senders            int
	every              time.Duration
}

func main() {
	run := measure
	if len(os.Args) > 1 && os.Args[1] == sendCommand {
		run = func(options) error { return send(os.Args[2:], os.Stdout) }
	}
	var o options
	if len(os.Args) < 2 || os.Args[1] != sendCommand {
		flag.StringVar(&o.sluice, "sluice", "./sluice", "the program")
		flag.StringVar(&o.lines, "lines", "", "file of lines to send in turn, perhaps gzipped")
		flag.StringVar(&o.dir, "dir", "", "where the data directory is made (default: the system's temporary one)")
		flag.IntVar(&o.rate, "rate", 0, "lines a second; 0: as fast as they are taken")
		flag.DurationVar(&o.lasts, "for", 3*time.Minute, "how long to send")
		flag.IntVar(&o.senders, "senders", 4, "devices: connections from addresses of their own")
		flag.DurationVar(&o.every, "every", 10*time.Second, "time between two lines of the report")
		flag.Parse()
	}
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "way:", err)
		os.Exit(1)
	}
}

// measure is one run from start to verdict.
func measure(o options) (err error) {
	if o.lines == "" || o.senders < 1 || o.senders > 250 {
		return errors.New("give -lines a file, and -senders a number from 1 to 250")
	}
	dir, err := os.MkdirTemp(o.dir, "sluice-way")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	data := filepath.Join(dir, "data")
	p, err := start(o.sluice, dir, data)
	if err != nil {
		return err
	}
	defer p.kill()
	sent, err := p.load(o)
	if err != nil {
		return fmt.Errorf("%w\n%s", err, p.log())
	}
	if err := p.stop(); err != nil {
		return fmt.Errorf("%w\n%s", err, p.log())
	}
	fmt.Println("\nreading the index, every document of it:")
	lines, err := readLines(o.lines)
	if err != nil {
		return err
	}
	found, err := count(filepath.Join(data, "store"))
	if err != nil {
		return err
	}
	return found.judge(lines, sent)
}
