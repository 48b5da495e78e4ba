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
	"os"
	"slices"
	"strings"
	"time"

	"sluice/capture/pcap"
	"sluice/event"
	"sluice/ingest"
	"sluice/pipeline"
)

// Replay writes the ECS documents of captures and log files, in order.
func Replay(ctx context.Context, set *pipeline.Set, files []string, w io.Writer, log *slog.Logger) error {
	out := bufio.NewWriterSize(w, 1<<20)
	worker := set.NewWorker()
	var buf []byte
	print := func(raw *event.Raw) error {
		raw.Namespace = defaultNamespace
		return worker.Normalize(raw, time.Now(), func(ev *event.Event) error {
			buf = append(ev.AppendJSON(buf[:0]), '\n')
			_, err := out.Write(Harmless(buf))
			return err
		})
	}
	for _, name := range files {
		isCapture, err := looksLikeCapture(name)
		if err == nil && isCapture {
			err = replayCapture(ctx, name, log, print)
		} else if err == nil {
			err = replayLines(ctx, name, print)
		}
		if err != nil {
			if !isCapture { // those name the file
				err = fmt.Errorf("%s: %w", name, err)
			}
			return errors.Join(err, out.Flush())
		}
	}
	return out.Flush()
}

// The first bytes of captures: pcap in both byte orders and both resolutions, pcapng.
var captureMagics = []string{"\xd4\xc3\xb2\xa1", "\xa1\xb2\xc3\xd4", "\x4d\x3c\xb2\xa1", "\xa1\xb2\x3c\x4d", "\x0a\x0d\x0d\x0a"}

// looksLikeCapture opens regular files only: what it read of a pipe would be gone.
func looksLikeCapture(name string) (bool, error) {
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
		return false, err
	}
	if strings.HasSuffix(name, ".pcap.gz") || strings.HasSuffix(name, ".pcapng.gz") {
		return true, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return false, err
	}
	defer f.Close()
	head := make([]byte, 4)
	if _, err := io.ReadFull(f, head); err != nil {
		return false, nil // shorter than any capture
	}
	return slices.Contains(captureMagics, string(head)), nil
}

// replayed reads the lines of a file, or of a pipe unless that brings a capture.
func replayed(ctx context.Context, f *os.File) (io.Reader, error) {
	r := bufio.NewReaderSize(Until(ctx, f), 64<<10)
	if head, _ := r.Peek(4); slices.Contains(captureMagics, string(head)) {
		return nil, errors.New("a capture is read from a file: write what the pipe brings into one first")
	}
	return r, nil
}

func replayCapture(ctx context.Context, name string, log *slog.Logger, print func(*event.Raw) error) error {
	s := pcap.Defaults().(*pcap.Settings)
	s.Files, s.Settle, s.Watch = []string{name}, 0, false
	in, err := s.Open(ingest.Env{
		Name: "replay", Log: log, Now: time.Now,
		Drop: func(_, reason string, n int) { log.Warn("packets dropped", "file", name, "why", reason, "packets", n) },
	})
	if err != nil {
		return err
	}
	return in.Run(ctx, func(_ context.Context, batch []event.Raw, _ ingest.Checkpoint) error {
		for i := range batch {
			if err := print(&batch[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func replayLines(ctx context.Context, name string, print func(*event.Raw) error) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	r, err := replayed(ctx, f)
	if err != nil {
		return err
	}
	number := 0
	return Reading{}.Records(r, &number, readable(func(rec Record) error {
		return print(&event.Raw{ID: fmt.Sprint(rec.Number), Bytes: rec.Raw, Envelope: rec.Header, Origin: "replay:" + name, Input: "replay", Received: time.Now()})
	}))
}

// Send sends the lines of log files to a syslog listener over TCP. progress is told every second.
func Send(ctx context.Context, to string, rate int, files []string, progress io.Writer) error {
	var d net.Dialer
	if _, _, err := net.SplitHostPort(to); err != nil {
		return fmt.Errorf("%q is no HOST:PORT such as 127.0.0.1:5514", to)
	}
	conn, err := d.DialContext(ctx, "tcp", to)
	if err != nil {
		return fmt.Errorf("%w; the lines are for a tcp address of a syslog input", err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	out := bufio.NewWriterSize(conn, 64<<10)
	number, sent, start, told := 0, 0, time.Now(), time.Now()
	for _, name := range files {
		err := sendFile(ctx, name, &number, func(line []byte) error {
			if _, err := out.Write(framed(line)); err != nil {
				return err
			}
			sent++
			if time.Since(told) > time.Second {
				told = time.Now()
				fmt.Fprintf(progress, "%s sent\n", countLines(sent))
			}
			return pace(ctx, out, rate, sent, start)
		})
		if err != nil {
			return unsent(ctx, to, err)
		}
	}
	if err = out.Flush(); err == nil {
		err = taken(conn.(*net.TCPConn))
	}
	if err != nil {
		return unsent(ctx, to, err)
	}
	fmt.Fprintf(progress, "%s sent in %s\n", countLines(sent), time.Since(start).Round(time.Millisecond))
	return nil
}

func countLines(n int) string {
	if n == 1 {
		return "1 line"
	}
	return fmt.Sprintf("%d lines", n)
}

// sendFile calls send for each line of a log file that is not blank.
func sendFile(ctx context.Context, name string, number *int, send func(line []byte) error) error {
	isCapture, err := looksLikeCapture(name)
	if err == nil && isCapture {
		err = fmt.Errorf("%s is a capture; let an input of kind pcap read it", name)
	}
	if err != nil {
		return err
	}
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	r, err := replayed(ctx, f)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	err = Reading{}.Records(r, number, readable(func(rec Record) error {
		if len(bytes.TrimSpace(rec.Raw)) == 0 {
			return nil
		}
		return send(rec.Raw)
	}))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// unsent is the error of lines that were not sent: of ctx, which closes the connection, of one that broke, or
// of a file.
func unsent(ctx context.Context, to string, err error) error {
	var broken *net.OpError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &broken):
		return fmt.Errorf("%s ended the connection before it had taken all lines (%w); its log says why, such as an address that allow leaves out", to, broken.Err)
	}
	return err
}

// closePatience is how long a listener may take for what is on the way; one that never closes is believed.
const closePatience = 10 * time.Second

// taken ends what is sent and waits until the listener ends the connection too: with a reset where it has
// not read all, as where it refuses the sender.
func taken(conn *net.TCPConn) error {
	if err := conn.CloseWrite(); err != nil {
		return err
	}
	_ = conn.SetReadDeadline(time.Now().Add(closePatience))
	_, err := io.Copy(io.Discard, conn)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil
	}
	return err
}

// framed is a line as a syslog listener takes it. An octet count is believed only before a priority, which
// lines of files seldom have; so it is given only where a NUL could be taken for the end.
func framed(line []byte) []byte {
	if ingest.Priority(line) && bytes.IndexByte(line, 0) >= 0 {
		return fmt.Appendf(nil, "%d %s", len(line), line)
	}
	return append(line[:len(line):len(line)], '\n')
}

// pace waits until line n is due.
func pace(ctx context.Context, out *bufio.Writer, rate, n int, start time.Time) error {
	if rate <= 0 {
		return ctx.Err()
	}
	wait := time.Until(start.Add(time.Duration(n) * time.Second / time.Duration(rate)))
	if wait <= 0 {
		return nil
	}
	if err := out.Flush(); err != nil {
		return err
	}
	select {
	case <-time.After(wait):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
