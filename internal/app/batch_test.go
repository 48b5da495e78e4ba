package app

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"slices"
	"testing"
)

// TestRecordsOfGzip: rotated logs are read as what is in them, also those that were put
// together from several, and one that is cut says so behind its last line.
func TestRecordsOfGzip(t *testing.T) {
	zip := func(text string) []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		io.WriteString(z, text)
		z.Close()
		return b.Bytes()
	}
	f := func(in []byte, wantErr error, want ...string) {
		t.Helper()
		var got []string
		n := 0
		err := Reading{}.Records(bytes.NewReader(in), &n, func(r Record) error { got = append(got, string(r.Raw)); return nil })
		if !errors.Is(err, wantErr) || !slices.Equal(got, want) {
			t.Errorf("%q, %v; want %q, %v", got, err, want, wantErr)
		}
	}
	f(zip("a\nb\n"), nil, "a", "b")
	f(append(zip("a\n"), zip("b")...), nil, "a", "b")
	f(zip(""), nil)
	f(zip("a\n")[:15], io.ErrUnexpectedEOF, "a")
	f([]byte("\x1f\x8b"), nil, "\x1f\x8b")
	f([]byte("a\r\n\nb"), nil, "a", "", "b")
	f([]byte("a\x00\n\x00"), nil, "a\x00")
	f([]byte("\x00\n\x00b"), nil, "\x00", "\x00b")
}
