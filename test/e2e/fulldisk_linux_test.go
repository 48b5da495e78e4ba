package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"sluice/internal/testbed"
)

// diskSize is that of the disk which fills up.
const diskSize = 256 << 20

// TestFullDisk: while the disk of the data directory is full, senders are held and the
// program lives. It goes on by itself once there is space, and nothing that a sender
// got rid of is lost: the connection never breaks, so that is every line.
func TestFullDisk(t *testing.T) {
	disk := smallDisk(t)
	w := testbed.New(t, testbed.Engines{}, "lateness: 2s\n")
	w.Data = disk
	w.Rules(rules)
	w.Up()
	w.AwaitReady(time.Minute)
	p := w.Processes()[0]
	s := newSteady(t, w.Syslog)
	w.Await("load", time.Minute, func() bool { return s.lines() > 20_000 })

	ballast := filepath.Join(disk, "ballast")
	fill(t, ballast)
	w.Await("senders are held", 2*time.Minute, func() bool {
		fill(t, ballast) // also what the program frees
		before := s.lines()
		time.Sleep(2 * time.Second)
		return s.lines() == before && strings.Contains(p.Log(), "senders wait") // and are not only slow
	})
	held := s.lines()
	t.Logf("held after %d lines; %s", held, strings.TrimSpace(lastLine(p.Log())))
	if !p.Alive() {
		t.Fatal("the program has ended")
	}
	a, err := w.Account()
	if err != nil || a.Sum.Received > held {
		t.Errorf("received %d of %d lines, %v", a.Sum.Received, held, err)
	}

	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	w.Await("senders go on", time.Minute, func() bool { return s.lines() > held+20_000 })
	total := s.stop()
	a = w.Settle(total, 2*time.Minute)
	if a.Sum.Received != total || len(a.Sum.Dropped) > 0 {
		t.Errorf("sent %d; %+v", total, a.Sum)
	}
	seen := make([]int, total)
	for _, e := range w.Events() {
		n := -1
		if _, err := fmt.Sscanf(e.Original, steadyForm, &n); err != nil || n < 0 || int64(n) >= total {
			t.Errorf("an event that nobody sent: %s", e.Original)
			continue
		}
		seen[n]++
	}
	for n, times := range seen {
		if times != 1 {
			t.Fatalf("line %d is there %d times", n, times)
		}
	}
	t.Logf("%d lines sent, each of them once in the index", total)
}

// smallDisk is a file system in memory, for whoever may mount one.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d,mode=700", diskSize)); err != nil {
		t.Skipf("needs the right to mount a small file system: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill takes all that is free, by making the file larger.
func fill(t *testing.T, name string) {
	t.Helper()
	f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 1<<20); len(block) > 0; {
		if n, err := f.Write(block); err != nil || n < len(block) {
			block = block[:len(block)/2] // the rest, in smaller pieces
		}
	}
}

func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndexByte(text, '\n')+1:]
}

const steadyForm = "<30>Nov 23 20:00:00 host1 steady[7]: line %d of a sender that is held by a full disk and goes on"
