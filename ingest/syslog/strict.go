package syslog

import (
	"log/slog"
	"sync"
	"time"

	gosyslog "github.com/influxdata/go-syslog/v3"
	"github.com/influxdata/go-syslog/v3/rfc5424"
)

// strict refuses what is not RFC 5424 to the letter. It belongs to one goroutine.
type strict struct{ machine gosyslog.Machine }

func newStrict() *strict { return &strict{rfc5424.NewParser()} }

// check returns why line is refused, with the column, or nil.
func (s *strict) check(line []byte) error {
	_, err := s.machine.Parse(line)
	return err
}

const (
	strictEvery = 10 * time.Second // a wrong device sends wrong lines only: one tells enough
	strictShown = 200              // bytes of the line in the log
)

// strictLog says what was refused, at most once in strictEvery. It is safe for
// concurrent use.
type strictLog struct {
	log *slog.Logger

	mu    sync.Mutex
	next  time.Time
	count int
}

func (l *strictLog) refused(peer string, line []byte, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count++
	now := time.Now()
	if now.Before(l.next) {
		return
	}
	l.log.Warn("lines refused: they are not RFC 5424", "peer", peer, "refused", l.count, "error", err,
		"line", string(line[:min(len(line), strictShown)]))
	l.next, l.count = now.Add(strictEvery), 0
}
