package e2e

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// rules find every hundredth part of the story: one alert for each block of failed
// log-ins, one for each log-in of root, and one sequence a block.
const rules = `
id: e2e-brute
title: Many failed log-ins
kind: threshold
level: high
when: event.category == "authentication" and event.outcome == "failure"
group_by: user.name
count: 5
window: 10m
suppress: 2h
---
id: e2e-root
title: Root logged in
kind: match
level: medium
when: event.category == "authentication" and event.outcome == "success" and user.name == "root"
---
id: e2e-after
title: A log-in after failed ones
kind: sequence
level: critical
group_by: user.name
window: 10m
suppress: 2h
steps:
- event.category == "authentication" and event.outcome == "failure"
- event.category == "authentication" and event.outcome == "success"
`

// block is how many lines of the story belong to one attack.
const block = 500

// line is line n of the story, numbered, so that none is like another.
func line(n int, now time.Time) string {
	stamp := now.UTC().Format("Jan _2 15:04:05")
	user, at := fmt.Sprintf("victim%d", n/block), n%block
	switch {
	case at >= 100 && at < 108:
		return fmt.Sprintf("<38>%s host1 sshd[%d]: Failed password for %s from 198.51.100.7 port %d ssh2", stamp, n, user, 1024+n%60000)
	case at == 150:
		return fmt.Sprintf("<38>%s host1 sshd[%d]: Accepted password for %s from 198.51.100.7 port %d ssh2", stamp, n, user, 1024+n%60000)
	case at == 200:
		return fmt.Sprintf("<38>%s host1 sshd[%d]: Accepted publickey for root from 192.0.2.%d port %d ssh2: ED25519 SHA256:abc", stamp, n, n%250, 1024+n%60000)
	case at%7 == 0:
		return fmt.Sprintf("<30>%s host1 cron[%d]: (root) CMD (/bin/true # line %d)", stamp, n, n)
	}
	return fmt.Sprintf("<30>%s host1 app[%d]: request %d took %d ms, caché \xff\x00 end", stamp, n%30000, n, n%977)
}

// expected is what n lines raise, as rule and key.
func expected(n int) map[string]int {
	want := map[string]int{}
	for b := 0; b*block < n; b++ {
		if b*block+107 < n {
			want[fmt.Sprintf("e2e-brute [%q]", fmt.Sprintf("victim%d", b))]++
		}
		if b*block+150 < n {
			want[fmt.Sprintf("e2e-after [%q]", fmt.Sprintf("victim%d", b))]++
		}
		if b*block+200 < n {
			want["e2e-root []"]++
		}
	}
	return want
}

// writer appends the story to a file that is renamed away every so often, as logrotate does.
type writer struct {
	t     *testing.T
	dir   string
	every int // lines in a file
	file  *os.File
	buf   *bufio.Writer
	n     int
	turn  int
}

func newWriter(t *testing.T, dir string, every int) *writer {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	w := &writer{t: t, dir: dir, every: every}
	w.open()
	return w
}

func (w *writer) open() {
	f, err := os.OpenFile(filepath.Join(w.dir, "app.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		w.t.Fatal(err)
	}
	w.file, w.buf = f, bufio.NewWriter(f)
}

// write appends lines and gives them to the file system.
func (w *writer) write(lines int) {
	for range lines {
		fmt.Fprintf(w.buf, "%s\n", line(w.n, time.Now()))
		if w.n++; w.n%w.every == 0 {
			w.rotate()
		}
	}
	if err := w.buf.Flush(); err != nil {
		w.t.Fatal(err)
	}
}

func (w *writer) written() int { return w.n }

func (w *writer) rotate() {
	if err := w.buf.Flush(); err != nil {
		w.t.Fatal(err)
	}
	w.file.Close()
	w.turn++
	if err := os.Rename(filepath.Join(w.dir, "app.log"), filepath.Join(w.dir, fmt.Sprintf("app.log.%d", w.turn))); err != nil {
		w.t.Fatal(err)
	}
	w.open()
}
