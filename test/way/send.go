package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// sent is what the sender says at its end.
type sent struct {
	Lines   int64   `json:"lines"`
	Bytes   int64   `json:"bytes"` // without frames
	Seconds float64 `json:"seconds"`
}

// beat is how often a sender with a rate sends its share.
const beat = 10 * time.Millisecond

// send is the other process: it sends the lines in turn, spread over its connections,
// until its time is over, and says how many the kernel took. Since it ends every
// connection in order, the other side reads all of them.
func send(args []string, out io.Writer) error {
	fs := flag.NewFlagSet(sendCommand, flag.ExitOnError)
	to := fs.String("to", "", "")
	path := fs.String("lines", "", "")
	rate := fs.Int("rate", 0, "")
	lasts := fs.Duration("for", 0, "")
	senders := fs.Int("senders", 1, "")
	if err := fs.Parse(args); err != nil {
		return err
	}
	lines, err := readLines(*path)
	if err != nil {
		return err
	}
	conns := make([]*bufio.Writer, *senders)
	for i := range conns {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(i+1))}}
		c, err := d.Dial("tcp", *to)
		if err != nil {
			return err
		}
		defer c.Close()
		conns[i] = bufio.NewWriterSize(c, 64<<10)
	}
	s, err := pour(conns, lines, *rate, *lasts)
	if err != nil {
		return fmt.Errorf("after %d lines: %w", s.Lines, err)
	}
	return json.NewEncoder(out).Encode(s)
}

// pour sends shares of lines, one each beat, or without a rate one after another.
func pour(conns []*bufio.Writer, lines [][]byte, rate int, lasts time.Duration) (s sent, err error) {
	start := time.Now()
	var frame []byte
	for time.Since(start) < lasts {
		share := int64(1000)
		if rate > 0 {
			share = int64(time.Since(start).Seconds()*float64(rate)) - s.Lines
		}
		for range share {
			line := lines[s.Lines%int64(len(lines))]
			frame = append(strconv.AppendInt(frame[:0], int64(len(line)), 10), ' ')
			w := conns[s.Lines%int64(len(conns))]
			if _, err := w.Write(append(frame, line...)); err != nil {
				return s, err
			}
			s.Lines++
			s.Bytes += int64(len(line))
		}
		for _, w := range conns {
			if err := w.Flush(); err != nil {
				return s, err
			}
		}
		if rate > 0 {
			time.Sleep(beat)
		}
	}
	s.Seconds = time.Since(start).Seconds()
	return s, nil
}
