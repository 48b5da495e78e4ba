package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// progress tells on stderr how far a long command is: a bar on a terminal, else a line
// every ten seconds, so that a log stays short.
type progress struct {
	w        io.Writer
	what     string
	terminal bool
	begun    time.Time
	told     time.Time
	drawn    bool
}

func newProgress(w io.Writer, what string) *progress {
	p := &progress{w: w, what: what, begun: time.Now(), told: time.Now()}
	p.terminal = onTerminal(w)
	return p
}

// onTerminal tells whether a stream is a terminal: a character device other than /dev/null.
func onTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}

const (
	barEvery  = 200 * time.Millisecond
	lineEvery = 10 * time.Second
	barWidth  = 30
)

// step is called for each piece of work; total 0: it is not known how much there is.
func (p *progress) step(done, total int64) {
	now := time.Now()
	every := lineEvery
	if p.terminal {
		every = barEvery
	}
	if now.Sub(p.told) < every {
		return
	}
	p.told = now
	text := fmt.Sprintf("%s: %d done", p.what, done)
	if total > 0 {
		part := min(float64(done)/float64(total), 1)
		left := time.Duration(float64(now.Sub(p.begun)) * (1 - part) / max(part, 1e-6)).Round(time.Second)
		text = fmt.Sprintf("%s: %3.0f %%, %s left", p.what, 100*part, left)
		if p.terminal {
			full := int(part * barWidth)
			text = fmt.Sprintf("%s [%s%s] %3.0f %%, %s left", p.what, strings.Repeat("#", full), strings.Repeat(".", barWidth-full), 100*part, left)
		}
	}
	if p.terminal {
		p.drawn = true
		fmt.Fprintf(p.w, "\r\x1b[K%s", text)
		return
	}
	fmt.Fprintln(p.w, text)
}

// end takes the bar away.
func (p *progress) end() {
	if p.drawn {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
