package syslog

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

func packed(t testing.TB, to func(io.Writer) io.WriteCloser, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := to(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func asZlib(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }
func asGzip(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }

// pieces are the chunks of a message.
func pieces(id, text string, size int) (out []string) {
	count := (len(text) + size - 1) / size
	for i := range count {
		out = append(out, "\x1e\x0f"+id+string([]byte{byte(i), byte(count)})+text[i*size:min((i+1)*size, len(text))])
	}
	return out
}

func TestGELF(t *testing.T) {
	w := start(t, settings(func(s *Settings) { s.UDP = []string{anyPort} }))
	c := dial(t, w.addrs[0])
	line := func(n int) string { return fmt.Sprintf(`{"version":"1.1","host":"web1","short_message":"line %d"}`, n) }
	send(t, c, packed(t, asZlib, line(1)))
	send(t, c, packed(t, asGzip, line(2)))
	one, two := pieces("id-00001", line(3), 20), pieces("id-00002", packed(t, asZlib, strings.Repeat(line(4), 50)), 30)
	for i := range max(len(one), len(two)) { // the second one backwards, each chunk twice
		if i < len(one) {
			send(t, c, one[i])
		}
		if i < len(two) {
			send(t, c, two[len(two)-1-i])
			if i+1 < len(two) {
				send(t, c, two[len(two)-1-i])
			}
		}
	}
	// what only looks so stays as it is
	send(t, c, "x^2 is no zlib")
	send(t, c, packed(t, asZlib, line(5))[:30])
	want := []string{line(1), line(2), line(3), strings.Repeat(line(4), 50), "x^2 is no zlib", packed(t, asZlib, line(5))[:30]}
	got := w.lines(len(want))
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	// what lacks a chunk at the end is counted
	send(t, c, pieces("id-00003", line(6), 30)[0])
	send(t, c, "last")
	w.lines(len(want) + 1)
	w.stop()
	if w.drops[dropIncomplete] != 1 {
		t.Errorf("drops %v, want 1 incomplete", w.drops)
	}
}

// TestChunksBounds: what waits is bounded by time, number and bytes.
func TestChunksBounds(t *testing.T) {
	p, now := &sender{}, time.Unix(1772442000, 0)
	f := func(name string, wait time.Duration, n, size int, want int) {
		t.Helper()
		c, lost := &chunks{}, 0
		for i := range n {
			now = now.Add(wait)
			whole, gone := c.add(p, []byte(pieces(fmt.Sprintf("%08d", i), strings.Repeat("x", size+1), size)[0]), now)
			if lost += len(gone); whole != nil {
				t.Errorf("%s: a half is whole", name)
			}
		}
		held := 0
		for _, m := range c.waiting {
			held += m.size
		}
		if lost != want || held != c.held || len(c.waiting) != n-lost {
			t.Errorf("%s: %d lost, want %d; %d held of %d", name, lost, want, c.held, held)
		}
	}
	f("few", 0, 10, 100, 0)
	f("many", 0, maxWaiting+5, 100, 5)
	f("large", 0, 70, maxHeld/60, 10)
	f("slow", 2*time.Second, 10, 100, 7)
}

func TestUnpackedBound(t *testing.T) {
	if got := unpacked([]byte(packed(t, asGzip, strings.Repeat("x", maxUnpacked)))); len(got) != maxUnpacked {
		t.Errorf("%d bytes", len(got))
	}
	if got := unpacked([]byte(packed(t, asGzip, strings.Repeat("x", maxUnpacked+1)))); got != nil {
		t.Errorf("%d bytes of a message without end", len(got))
	}
}

// FuzzGELF: no datagram breaks the reader, and what is held is bounded.
func FuzzGELF(f *testing.F) {
	f.Add([]byte("\x1e\x0f12345678\x00\x02abc"), []byte("\x78\x9c"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		c := &chunks{}
		for _, d := range [][]byte{a, b, a} {
			if isChunk(d) {
				c.add(&sender{}, d, time.Unix(0, 0))
			}
			unpacked(d)
		}
		if c.held > maxHeld {
			t.Errorf("%d bytes held", c.held)
		}
	})
}
