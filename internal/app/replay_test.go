package app

import (
	"context"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/event"
	"sluice/ingest"
	"sluice/ingest/syslog"
)

// TestSendKeepsLines: what a syslog input takes are the lines of the file, also those without a priority,
// behind which no octet count is believed.
func TestSendKeepsLines(t *testing.T) {
	s := syslog.Defaults().(*syslog.Settings)
	s.TCP = []string{"127.0.0.1:0"}
	in, err := s.Open(ingest.Env{Name: "net", Log: slog.New(slog.DiscardHandler), Now: time.Now, Drop: func(_, reason string, n int) { t.Errorf("%d dropped: %s", n, reason) }})
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{
		"<38>Mar  2 08:59:58 web1 sshd[1]: one",
		"Mar  2 08:59:58 web1 sshd[2]: two",
		"Mar  2 08:59:59 web1 sshd[3]: three",
		"<38>Mar  2 08:59:59 web1 sshd[4]: a\x00<13>b",
		"200 GET /",
		`{"a": 1}`,
		"<38>Mar  2 08:59:59 web1 sshd[5]: a\x00b",
	}
	name := filepath.Join(t.TempDir(), "a.log")
	if err := os.WriteFile(name, []byte(strings.Join(lines, "\n\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	var got []string
	var running sync.WaitGroup
	running.Go(func() {
		in.Run(ctx, func(_ context.Context, batch []event.Raw, _ ingest.Checkpoint) error {
			for i := range batch {
				got = append(got, string(batch[i].Bytes))
			}
			if len(got) >= len(lines) {
				stop()
			}
			return nil
		})
	})
	var said strings.Builder
	if err := Send(t.Context(), in.(interface{ Addrs() []net.Addr }).Addrs()[0].String(), 0, []string{name}, io.Writer(&said)); err != nil {
		t.Fatal(err)
	}
	running.Wait()
	if diff := cmp.Diff(lines, got); diff != "" {
		t.Error(diff)
	}
	if !strings.HasPrefix(said.String(), "7 lines sent") {
		t.Errorf("it said %q", said.String())
	}
}

// TestSendToOneThatRefuses: what a listener does not take is not told as sent.
func TestSendToOneThatRefuses(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	var refusing sync.WaitGroup
	defer refusing.Wait()
	refusing.Go(func() {
		conn, err := ln.Accept()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = conn.Read(make([]byte, 1)) // the line is there, and most of it is left
		conn.Close()
	})
	name := filepath.Join(t.TempDir(), "a.log")
	if err := os.WriteFile(name, []byte("Mar  2 08:59:58 web1 sshd[2]: two\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	err = Send(t.Context(), ln.Addr().String(), 0, []string{name}, &said)
	if err == nil || !strings.Contains(err.Error(), "before it had taken all lines") || said.Len() > 0 {
		t.Errorf("%v; it said %q", err, said.String())
	}
}
