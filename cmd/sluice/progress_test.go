package main

import (
	"strings"
	"testing"
	"time"
)

func TestProgress(t *testing.T) {
	f := func(terminal bool, done, total int64, want string) {
		t.Helper()
		var b strings.Builder
		p := newProgress(&b, "backtest")
		p.terminal = terminal
		p.begun, p.told = time.Now().Add(-time.Minute), time.Now().Add(-time.Minute)
		p.step(done, total)
		p.step(done, total) // too soon to be told again
		p.end()
		if b.String() != want {
			t.Errorf("%q, want %q", b.String(), want)
		}
	}
	f(false, 25, 100, "backtest:  25 %, 3m0s left\n")
	f(false, 25, 0, "backtest: 25 done\n")
	f(true, 50, 100, "\r\x1b[Kbacktest [###############...............]  50 %, 1m0s left\r\x1b[K")
}
