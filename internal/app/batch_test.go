package app

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/mikelolasagasti/xz"
)

// TestRecordTooLong: a line without an end costs itself only, and little memory.
func TestRecordTooLong(t *testing.T) {
	long := bytes.Repeat([]byte("x"), maxRecord+3<<20)
	f := func(in io.Reader, want ...string) {
		t.Helper()
		var got []string
		n := 0
		err := Reading{}.Records(in, &n, func(r Record) error {
			if got = append(got, string(r.Raw)); r.Err != nil {
				got[len(got)-1] = r.Err.Error()
			}
			return nil
		})
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%.200q, %v; want %q", got, err, want)
		}
	}
	const fault = "longer than 67108864 bytes"
	f(io.MultiReader(strings.NewReader("a\n"), bytes.NewReader(long), strings.NewReader("\nb\n")), "a", fault, "b")
	f(io.MultiReader(bytes.NewReader(long), bytes.NewReader(long)), fault)
}

// TestRecordsOfJSON: blank lines between objects, and a byte order mark, are no records.
func TestRecordsOfJSON(t *testing.T) {
	f := func(in string, want ...string) {
		t.Helper()
		var got []string
		n := 0
		err := Reading{NDJSON: true, Field: "m"}.Records(strings.NewReader(in), &n, func(r Record) error {
			if got = append(got, strconv.Itoa(r.Number)+string(r.Raw)); r.Err != nil {
				got[len(got)-1] = r.Err.Error()
			}
			return nil
		})
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
	f("{\"m\":\"a\"}\n\n \t\r\n{\"m\":\"b\"}\n\n", "0a", "1b")
	f("\ufeff{\"m\":\"a\"}\n \n ", "0a")
	f("{\"m\":\"a\"}\n{\"n\":1}", "0a", "the object has no m")
	f("\n")
	f("")
}

// TestKeptIsHarmless: what is kept of a record comes out with nothing that a terminal obeys.
func TestKeptIsHarmless(t *testing.T) {
	n := 0
	err := Reading{NDJSON: true, Field: "m", Keep: []string{"k"}}.Records(strings.NewReader("{\"m\":\"a\",\"k\":\"\u009b31m\u202e\"}"), &n, func(r Record) error {
		if got := string(r.Kept["k"]); got != `"\u009b31m\u202e"` {
			t.Errorf("%q", got)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestRecordsOfPacked: rotated logs are read as what is in them, also those that were put
// together from several, and one that is cut says so behind its last line.
func TestRecordsOfPacked(t *testing.T) {
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
	zst := zstandard(t, "a\nb\n")
	f(zst, nil, "a", "b")
	f(append(zst, zstandard(t, "c")...), nil, "a", "b", "c")
	f(append([]byte("\x50\x2a\x4d\x18\x01\x00\x00\x00x"), zst...), nil, "a", "b")
	f(zst[:len(zst)-6], io.ErrUnexpectedEOF)
	bzip := "\x42\x5a\x68\x39\x31\x41\x59\x26\x53\x59\x3c\x85\x41\x12\x00\x00\x01\x41\x00\x00\x10\x30\x00\x20\x00\x30\xcc\x0c\x7a\x82\x71\x77\x24\x53\x85\x09\x03\xc8\x54\x11\x20" // bzip2 of a\nb\n
	f([]byte(bzip), nil, "a", "b")
	f([]byte(bzip[:len(bzip)-6]), io.ErrUnexpectedEOF, "a", "b")
	f([]byte("\x42\x5a\x68\x39\x17\x72\x45\x38\x50\x90\x00\x00\x00\x00"), nil)                                                                                                                                                                                 // bzip2 of nothing
	xzip := "\xfd\x37\x7a\x58\x5a\x00\x00\x04\xe6\xd6\xb4\x46\x02\x00\x21\x01\x16\x00\x00\x00\x74\x2f\xe5\xa3\x01\x00\x03\x61\x0a\x62\x0a\x00\x44\x8e\x2c\xb5\xad\xa0\xcd\xac\x00\x01\x1c\x04\x6f\x2c\x9c\xc1\x1f\xb6\xf3\x7d\x01\x00\x00\x00\x00\x04\x59\x5a" // xz of a\nb\n
	f([]byte(xzip), nil, "a", "b")
	f([]byte(xzip+xzip), nil, "a", "b", "a", "b")
	f([]byte(xzip[:len(xzip)-6]), xz.ErrBuf, "a", "b")
	f([]byte("BZh9 is a word"), nil, "BZh9 is a word")
	f([]byte("\x1f\x8b"), nil, "\x1f\x8b")
	f([]byte("a\r\n\nb"), nil, "a", "", "b")
	f([]byte("a\x00\n\x00"), nil, "a\x00")
	f([]byte("\x00\n\x00b"), nil, "\x00", "\x00b")
}

func zstandard(t *testing.T, text string) []byte {
	t.Helper()
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return z.EncodeAll([]byte(text), nil)
}
