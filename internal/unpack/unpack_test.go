package unpack

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/mikelolasagasti/xz"
)

func pack(t testing.TB, text string, options ...zstd.EOption) []byte {
	t.Helper()
	var b bytes.Buffer
	z, err := zstd.NewWriter(&b, options...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// xzNine is what xz -9 makes of some lines.
const xzNine = "\xfd\x37\x7a\x58\x5a\x00\x00\x04\xe6\xd6\xb4\x46\x02\x00\x21\x01\x1c\x00\x00\x00\x10\xcf\x58\xcc\xe0\x05\x77\x00\x1e\x5d\x00\x36\x1a\x4a\x1f\x08\xa1\x8c\xba\xb6\xc0\xa9\xa0\x3e\x49\xb7\x9d\x3d\xe8\xf0\x99\x5a\xe1\x9e\xf0\x8a\x2c\x17\xd3\x00\x00\x00\x00\x00\x6e\x1d\x48\x6d\xd4\x22\x48\x59\x00\x01\x3a\xf8\x0a\x00\x00\x00\xee\x0b\x4d\x71\xb1\xc4\x67\xfb\x02\x00\x00\x00\x00\x04\x59\x5a"

// TestBounds: neither what a file says of itself nor what is in it costs memory beyond the window.
func TestBounds(t *testing.T) {
	bomb := pack(t, strings.Repeat("x", 256<<20))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r, err := Reader(bufio.NewReader(bytes.NewReader(bomb)))
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, r); n != 256<<20 || err != nil {
		t.Errorf("%d bytes, %v", n, err)
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 64<<20 {
		t.Errorf("%d bytes of %d took %d MiB", 256<<20, len(bomb), got>>20)
	}

	wide := pack(t, strings.Repeat("abcdefgh", 5<<20), zstd.WithWindowSize(32<<20))
	r, err = Reader(bufio.NewReader(bytes.NewReader(wide)))
	if err == nil {
		_, err = io.Copy(io.Discard, r)
	}
	if !errors.Is(err, zstd.ErrWindowSizeExceeded) {
		t.Errorf("a window of 32 MiB: %v", err)
	}

	r, err = Reader(bufio.NewReader(strings.NewReader(xzNine)))
	if err == nil {
		_, err = io.Copy(io.Discard, r)
	}
	if !errors.Is(err, xz.ErrMemlimit) {
		t.Errorf("a dictionary of 64 MiB: %v", err)
	}
}

// FuzzReader: whatever a file holds, reading it ends, and does not panic.
func FuzzReader(f *testing.F) {
	whole := pack(f, strings.Repeat("line of a log\n", 100))
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte("\x42\x5a\x68\x39\x31\x41\x59\x26\x53\x59\x3c\x85\x41\x12\x00\x00\x01\x41\x00\x00\x10\x30\x00\x20\x00\x30\xcc\x0c\x7a\x82\x71\x77\x24\x53\x85\x09\x03\xc8\x54\x11\x20"))
	f.Add([]byte("\x1f\x8b\x08\x00"))
	f.Add([]byte("plain"))
	f.Add([]byte(xzNine))
	f.Add([]byte("\xfd\x37\x7a\x58\x5a\x00\x00\x04\xe6\xd6\xb4\x46\x02\x00\x21\x01\x16\x00\x00\x00\x74\x2f\xe5\xa3\xe0\x05\x77\x00\x1e\x5d\x00\x36\x1a\x4a\x1f\x08\xa1\x8c\xba\xb6\xc0\xa9\xa0\x3e\x49\xb7\x9d\x3d\xe8\xf0\x99\x5a\xe1\x9e\xf0\x8a\x2c\x17\xd3\x00\x00\x00\x00\x00\x6e\x1d\x48\x6d\xd4\x22\x48\x59\x00\x01\x3a\xf8\x0a\x00\x00\x00\xee\x0b\x4d\x71\xb1\xc4\x67\xfb\x02\x00\x00\x00\x00\x04\x59\x5a"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Reader(bufio.NewReader(bytes.NewReader(b)))
		if err != nil || r == nil {
			return
		}
		if n, err := io.Copy(io.Discard, io.LimitReader(r, 1<<22)); n > 0 && err == nil {
			return
		}
		if n, err := r.Read(make([]byte, 1)); n == 0 && err == nil {
			t.Error("neither a byte nor an error")
		}
	})
}
