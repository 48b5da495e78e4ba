package syslog

import (
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sluice/ingest"
)

func openUnix(s *Settings) (ingest.Input, error) {
	return s.Open(ingest.Env{Name: "local", Log: slog.New(slog.DiscardHandler)})
}

// TestUnixStamps: a program of this machine names no host and has no address; allow is about
// addresses, and keeps none of them out.
func TestUnixStamps(t *testing.T) {
	dir := t.TempDir()
	log, stream := filepath.Join(dir, "log"), filepath.Join(dir, "stream")
	w := start(t, settings(func(s *Settings) {
		s.Unix, s.UnixStream, s.Allow, s.Zone = []string{log}, []string{stream}, []string{"192.0.2.1"}, "Europe/Berlin"
	}))
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range w.addrs {
		send(t, dial(t, a), "<34>Oct 11 22:14:15 su[7]: x\n")
		r := w.want(i + 1)[i]
		listener := []string{"unix://" + log, "unix_stream://" + stream}[i]
		if string(r.Bytes) != "<34>Oct 11 22:14:15 su[7]: x" || r.Origin != "net:"+a.String() || r.Peer != host || r.Listener != listener || r.Zone != "Europe/Berlin" {
			t.Errorf("%+v", r)
		}
		info, err := os.Stat(a.String())
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o660 {
			t.Errorf("%s has mode %o, want 660", a, mode)
		}
	}
	w.stop()
	for _, path := range []string{log, stream} {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is left: %v", path, err)
		}
	}
}

// TestUnixLong: what is longer than a line may be comes in parts, as from the network.
func TestUnixLong(t *testing.T) {
	w := start(t, settings(func(s *Settings) { s.Unix = []string{filepath.Join(t.TempDir(), "log")} }))
	c := dial(t, w.addrs[0]).(*net.UnixConn)
	long := "<34>" + strings.Repeat("x", 400_000)
	if err := c.SetWriteBuffer(1 << 20); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write([]byte(long)); err != nil {
		t.Skip("this system takes no longer datagram:", err)
	}
	if got := strings.Join(w.lines(2), ""); got != long {
		t.Errorf("%d bytes, want %d", len(got), len(long))
	}
}

// TestUnixTaken: what a program left behind is taken over; a socket that somebody listens on, of
// either kind, and what is no socket, stays, and the error says so.
func TestUnixTaken(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "log")
	for _, kind := range []string{"unix", "unixgram"} {
		listen := func() interface{ Close() error } {
			if kind == "unix" {
				l, err := net.ListenUnix(kind, &net.UnixAddr{Name: path, Net: kind})
				if err != nil {
					t.Fatal(err)
				}
				l.SetUnlinkOnClose(false)
				return l
			}
			c, err := net.ListenUnixgram(kind, &net.UnixAddr{Name: path, Net: kind})
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		for _, s := range []*Settings{
			settings(func(s *Settings) { s.Unix = []string{path} }), settings(func(s *Settings) { s.UnixStream = []string{path} }),
		} {
			l := listen()
			if _, err := openUnix(s); err == nil || !strings.Contains(err.Error(), "another program has it, perhaps systemd-journald") {
				t.Errorf("%s is taken, got %v", kind, err)
			}
			l.Close() // and leaves its file
			in, err := openUnix(s)
			if err != nil {
				t.Errorf("a %s socket was left behind: %v", kind, err)
				continue
			}
			in.(*input).closeListeners()
		}
	}
	f := func(want string, change func(*Settings)) {
		t.Helper()
		if _, err := openUnix(settings(change)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	f("no socket; remove it", func(s *Settings) { s.Unix = []string{path} })
	if text, err := os.ReadFile(path); err != nil || string(text) != "precious" {
		t.Errorf("the file is %q, %v", text, err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(filepath.Join(dir, "nowhere"), link); err != nil {
		t.Fatal(err)
	}
	f("it is a link", func(s *Settings) { s.UnixStream = []string{link} })
	f("make its folder first", func(s *Settings) { s.Unix = []string{filepath.Join(dir, "no", "log")} })
}

// TestUnixReplaced: the file that another program put in the place of ours is not ours to remove.
func TestUnixReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	w := start(t, settings(func(s *Settings) { s.Unix = []string{path} }))
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	other, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	w.stop()
	if _, err := os.Lstat(path); err != nil {
		t.Error(err)
	}
}

func TestMode(t *testing.T) {
	var m Mode
	if err := m.UnmarshalText([]byte("0666")); err != nil || m != 0o666 {
		t.Errorf("%o, %v", m, err)
	}
	for _, bad := range []string{"", "rw-rw----", "0o660", "1777", "888", "-1"} {
		if err := m.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// TestLines: what a datagram of several lines is.
func TestLines(t *testing.T) {
	dir := t.TempDir()
	f := func(mode Datagram, text string, want ...string) {
		t.Helper()
		w := start(t, settings(func(s *Settings) { s.Unix, s.Datagram = []string{filepath.Join(dir, "log")}, mode }))
		defer w.stop()
		c := dial(t, w.addrs[0])
		send(t, c, text)
		send(t, c, "<34>end")
		if got := w.lines(len(want) + 1); !slices.Equal(got, append(want, "<34>end")) {
			t.Errorf("%s: %q became %q", mode, text, got)
		}
		warned := strings.Contains(w.log.String(), "datagram: lines")
		if hint := mode == DatagramMessage && strings.Contains(text, "\n<35>"); warned != hint {
			t.Errorf("%s: %q: warned %v, want %v", mode, text, warned, hint)
		}
	}
	f(DatagramMessage, "<34>a\n<35>b\n", "<34>a\n<35>b")
	f(DatagramMessage, "<34>a\n  at b\n", "<34>a\n  at b")
	f(DatagramMessage, "a\nb", "a\nb")
	f(DatagramLines, "<34>a\n<35>b\n", "<34>a", "<35>b")
	f(DatagramLines, "<34>a\r\n<35>b\r\n\x00", "<34>a", "<35>b")
	f(DatagramLines, "<34>trace\n  at b\n<3 of 4>\n<1234>\n<35\n<35>c", "<34>trace\n  at b\n<3 of 4>\n<1234>\n<35", "<35>c")
	f(DatagramLines, "a\n\nb\n<34>c", "a", "b", "<34>c")
	f(DatagramLines, "{\n \"short_message\": \"x\"\n}", "{\n \"short_message\": \"x\"\n}")
	f(DatagramLines, "{\"a\":1}\n{\"a\":2}", "{\"a\":1}", "{\"a\":2}")
}

// TestLinesAreLimited: rate_limit counts lines, not the datagrams that bring them.
func TestLinesAreLimited(t *testing.T) {
	w := start(t, settings(func(s *Settings) { s.UDP, s.RateLimit, s.Datagram = []string{anyPort}, 5, DatagramLines }))
	send(t, dial(t, w.addrs[0]), strings.Repeat("<34>x\n", 40))
	w.until("all", func() bool { return len(w.raws)+w.drops[dropRateLimit] == 40 })
	if n := w.drops[dropRateLimit]; n < 25 || n > 30 {
		t.Errorf("%d dropped of 40, want 40 less 2 s of 5 a second", n)
	}
}
