package e2e

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/internal/testbed"
)

const head = "<30>Nov 23 20:00:00 host1 "

// TestBadInput: whatever comes in, the program lives, no byte of it is lost, counters
// tell, and what comes after it is read as ever.
func TestBadInput(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 4))
	w := testbed.New(t, testbed.Real(), "lateness: 2s\n")
	w.Rules(rules)
	w.Up()
	w.AwaitReady(time.Minute)

	long := head + "long[1]: " + longText(1<<20, "sent")
	nul := head + "nul[1]: a\x00b \x00\x00c"
	latin := head + "latin[1]: caf\xe9 \xff\xfe na\xefve"
	half := head + "half[1]: and no more"
	lying := head + "lying[1]: this is longer than the nine bytes that its count says"
	huge := head + "huge[1]: a count of nine digits"
	late := head + "late[1]: read as ever"
	for _, text := range []string{
		long + "\n",
		nul + "\n" + latin + "\n",
		fmt.Sprintf("%d %s", len(half)+100, half),
		fmt.Sprintf("9 %s\n%s\n", lying, head+"next[1]: behind the lie"),
		"999999999 " + huge + "\n",
		garbage(rng, 64<<10),
	} {
		send(t, "tcp", w.Syslog, text)
	}
	for range 100 {
		send(t, "udp", w.Syslog, garbage(rng, 1+rng.IntN(1400)))
	}
	fileLong := head + "filelong[1]: " + longText(1<<20, "kept")
	file := fileLong + "\n" + head + "filenul[1]: a\x00b\n" + garbage(rng, 64<<10) + "\n" + head + "fileend[1]: end\n"
	if err := os.WriteFile(filepath.Join(w.Logs(), "bad.log"), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	send(t, "tcp", w.Syslog, late+"\n")
	w.Settle(10, time.Minute)
	a := w.SettleStill(time.Minute)
	t.Logf("received %d", a.Sum.Received)

	all := newRaws(t, w.Events())
	all.has("NUL bytes", nul)
	all.has("a line that is not UTF-8", latin)
	all.has("half a frame", half)
	all.has("what comes last", late)
	all.joined("a line of 1 MiB", "long[1]", long)
	all.joined("a line of 1 MiB in a file", "filelong[1]", fileLong)
	all.has("NUL bytes in a file", head+"filenul[1]: a\x00b")
	all.has("the end of the file", head+"fileend[1]: end")
	all.holds("a frame with a lying count", lying[9:])
	all.holds("what is behind a lying count", head+"next[1]: behind the lie")
	all.holds("a frame with an absurd count", huge)
	for _, p := range w.Processes() {
		if !p.Alive() {
			t.Errorf("%s has ended", p.Name)
		}
	}
	if w.Engines.Embedded() { // elsewhere the collector is another process than the one asked
		if n := w.Metric("sluice_ingest_bad_frames_total", ""); n < 1 {
			t.Errorf("%v bad frames counted", n)
		}
		if n := w.Metric("sluice_ingest_cut_lines_total", ""); n < 8 {
			t.Errorf("%v parts of long lines counted", n)
		}
	}
}

// raws are the raw bytes of all events.
type raws struct {
	t   *testing.T
	all []part
}

type part struct {
	raw    []byte
	number int // of the part
}

func newRaws(t *testing.T, events []testbed.Event) *raws {
	r := &raws{t: t}
	for _, e := range events {
		var doc struct {
			Sluice struct {
				Part int `json:"part"`
			} `json:"sluice"`
		}
		if err := json.Unmarshal(e.Source, &doc); err != nil {
			t.Fatal(err)
		}
		r.all = append(r.all, part{original(t, e), doc.Sluice.Part})
	}
	return r
}

// has: one event has exactly these bytes.
func (r *raws) has(what, want string) {
	r.t.Helper()
	n := 0
	for _, p := range r.all {
		if string(p.raw) == want {
			n++
		}
	}
	if n != 1 {
		r.t.Errorf("%s: %d events have its bytes, want 1", what, n)
	}
}

// holds: the bytes are in some event.
func (r *raws) holds(what, want string) {
	r.t.Helper()
	if !slices.ContainsFunc(r.all, func(p part) bool { return bytes.Contains(p.raw, []byte(want)) }) {
		r.t.Errorf("%s: its bytes are in no event", what)
	}
}

// joined: the parts of a long line, in the order of their numbers, are the line.
func (r *raws) joined(what, mark, want string) {
	r.t.Helper()
	var parts []part
	for _, p := range r.all {
		if p.number > 0 && (bytes.Contains(p.raw, []byte(" "+mark)) || bytes.Contains([]byte(want), p.raw)) {
			parts = append(parts, p)
		}
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(a.number, b.number) })
	var got []byte
	for i, p := range parts {
		if p.number != i+1 {
			r.t.Errorf("%s: part %d of %d has the number %d", what, i+1, len(parts), p.number)
		}
		got = append(got, p.raw...)
	}
	if len(parts) < 2 || string(got) != want {
		r.t.Errorf("%s: %d parts hold %d bytes, want %d", what, len(parts), len(got), len(want))
	}
}

// longText is n bytes that are like those of no other mark, with characters of two bytes among
// them. No word of it is a number: a part that begins with one can be read as of another time.
func longText(n int, mark string) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "é%x.%s%d%s ", i*2654435761%(1<<31), mark, i, mark)
	}
	return b.String()
}

func garbage(rng *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return string(b)
}

func send(t *testing.T, network, to, text string) {
	t.Helper()
	c := dial(t, network, to)
	defer c.Close()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	if c, ok := c.(*net.TCPConn); ok { // wait for the far side, so that the order is known
		_ = c.CloseWrite()
		_ = c.SetReadDeadline(time.Now().Add(time.Minute))
		_, _ = c.Read(make([]byte, 1))
	}
}

// TestYearlessStamps: a stamp without a year is read in the year that is nearest to
// when it was received, also a second before and after New Year.
func TestYearlessStamps(t *testing.T) {
	f := func(now, stamp, want string) {
		t.Helper()
		cmd := exec.Command(testbed.Binary(t), "normalize", "--now", now)
		cmd.Stdin = strings.NewReader("<38>" + stamp + " host1 sshd[7]: Failed password for root from 198.51.100.7 port 4711 ssh2\n")
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		var doc struct {
			Time time.Time `json:"@timestamp"`
		}
		if err := json.Unmarshal(out, &doc); err != nil {
			t.Fatal(err)
		}
		if got := doc.Time.UTC().Format(time.RFC3339); got != want {
			t.Errorf("%s at %s: %s, want %s", stamp, now, got, want)
		}
	}
	f("2026-01-01T00:00:05Z", "Dec 31 23:59:58", "2025-12-31T23:59:58Z")
	f("2026-01-01T00:00:05Z", "Jan  1 00:00:04", "2026-01-01T00:00:04Z")
	f("2025-12-31T23:59:58Z", "Jan  1 00:00:02", "2026-01-01T00:00:02Z")
	f("2025-12-31T23:59:58Z", "Dec 31 23:59:57", "2025-12-31T23:59:57Z")
	f("2024-03-01T00:00:05Z", "Feb 29 23:59:59", "2024-02-29T23:59:59Z")
}
