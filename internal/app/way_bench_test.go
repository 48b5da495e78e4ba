package app

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"sluice/internal/corpus"
)

// BenchmarkWay is the whole way of b.N lines of the mix in this process: TCP, journal,
// normalizer, rules, store; fsync and everything else as shipped. It ends when the last
// line is in the index, so ns/op is 1/throughput. test/way is the same from outside.
func BenchmarkWay(b *testing.B) {
	lines := mixLines(b)
	var to string
	ready := make(chan struct{})
	text := fmt.Sprintf("data: %s\nconsole: {listen: \"127.0.0.1:0\"}\ninputs: {net: {kind: syslog, tcp: \"127.0.0.1:0\", framing: octet}}\n", b.TempDir())
	node, err := New(b.Context(), Options{
		Log:      slog.New(slog.DiscardHandler),
		Settings: func() (*Settings, error) { return parseSettings("bench", []byte(text), systemLookup) },
		Ready:    func(r Running) { to = strings.TrimPrefix(r.Inputs["net"][0], "tcp "); close(ready) },
	})
	if err != nil {
		b.Fatal(err)
	}
	soft, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- node.Run(soft, context.Background()) }()
	<-ready
	b.ReportAllocs()
	b.ResetTimer()
	cpu, size := cpuTime(), sendLines(b, to, lines, b.N)
	for node.store.Stats().Events < int64(b.N) { // the account would cost more to ask
		time.Sleep(10 * time.Millisecond)
	}
	b.StopTimer()
	b.SetBytes(size / int64(b.N))
	b.ReportMetric((cpuTime()-cpu).Seconds()/float64(b.N)*1e6, "cpu-s/million")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	stop()
	if err := errors.Join(<-done, node.Close()); err != nil {
		b.Fatal(err)
	}
}

// sendLines sends n of the lines in turn and says how many bytes they were.
func sendLines(b *testing.B, to string, lines [][]byte, n int) (size int64) {
	b.Helper()
	c, err := net.Dial("tcp", to)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	w := bufio.NewWriterSize(c, 64<<10)
	for i := range n {
		line := lines[i%len(lines)]
		size += int64(len(line))
		fmt.Fprintf(w, "%d %s", len(line), line)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	return size
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// mixLines are the lines for measurements, which are not part of this repository.
func mixLines(b *testing.B) [][]byte {
	b.Helper()
	text, err := io.ReadAll(corpus.Unzipped(b, "bench/mix.log.gz"))
	if err != nil {
		b.Fatal(err)
	}
	return bytes.Split(bytes.TrimSpace(text), []byte("\n"))
}
