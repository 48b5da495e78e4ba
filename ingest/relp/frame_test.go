package relp

import (
	"bytes"
	"strings"
	"testing"
)

func TestReadHeader(t *testing.T) {
	f := func(text string, want header, length int) {
		t.Helper()
		h, n, err := readHeader([]byte(text))
		if err != nil || n != length || h != want {
			t.Errorf("readHeader(%q) = %+v, %d, %v; want %+v, %d", text, h, n, err, want, length)
		}
		for cut := range n { // of less no header is read, and none is refused
			if h, n, err := readHeader([]byte(text[:cut])); err != nil || n > cut {
				t.Errorf("readHeader(%q) = %+v, %d, %v", text[:cut], h, n, err)
			}
		}
	}
	f("12 syslog 3 abc\n", header{12, cmdSyslog, 3}, 12)
	f("999999999 serverclose 999999999 x", header{999999999, cmdServerClose, 999999999}, 32)
	f("1 close 0\n", header{1, cmdClose, 0}, 9)
	f("1 close 0 \n", header{1, cmdClose, 0}, 10)
	f("007 OPEN 01 x\n", header{7, "OPEN", 1}, 12)

	bad := func(text, want string) {
		t.Helper()
		if _, _, err := readHeader([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("readHeader(%q): %v, want %q", text, err, want)
		}
	}
	bad("\n", "'\\n' where a transaction number should be")
	bad("x", "'x' where a transaction number should be")
	bad("1\n", "'\\n' behind a transaction number")
	bad("0\n", "'\\n' behind a transaction number")
	bad("1234567890", "a transaction number of more than 9 digits")
	bad("1 2", "'2' where a command should be")
	bad("1 op3n 0", "'3' where a command should be")
	bad("1  open", "' ' where a command should be")
	bad("1 "+strings.Repeat("x", 33), "more than 32 letters")
	bad("1 syslog  3", "' ' where a length should be")
	bad("1 syslog -3", "'-' where a length should be")
	bad("1 syslog 3\n", "'\\n' behind a length")
	bad("1 syslog 1234567890", "a length of more than 9 digits")
}

// FuzzFrames: whatever comes, a header is read from few bytes or refused, the same however the bytes come,
// and the frame that it tells is what an honest sender would have written.
func FuzzFrames(f *testing.F) {
	for _, seed := range []string{
		"1 open 14 relp_version=0\n2 syslog 5 <34>x\n3 close 0\n",
		"1 syslog 999999999 <34>x\n", "0 rsp 0\n", "1 close 0 \n", "a", "1 ", "1 syslog 3\n", "", "12345678901 x",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for len(b) > 0 {
			h, n, err := readHeader(b)
			if err != nil {
				return
			}
			if n == 0 {
				if len(b) > maxHeader {
					t.Fatalf("%d bytes are not enough for a header: %q", len(b), b[:maxHeader])
				}
				return
			}
			if n > maxHeader || h.size < 0 || h.size > 999_999_999 || h.txnr < 0 || h.txnr > 999_999_999 || len(h.command) == 0 || len(h.command) > maxCommand {
				t.Fatalf("%+v, %d of %q", h, n, b)
			}
			for cut := range n {
				if _, m, err := readHeader(b[:cut]); err != nil || m > cut {
					t.Fatalf("of %q: %d, %v", b[:cut], m, err)
				}
			}
			if len(b) < n+h.size+1 {
				return
			}
			again := appendFrame(nil, h.txnr, h.command, string(b[n:n+h.size]))
			g, m, err := readHeader(again)
			if err != nil || g != h || !bytes.Equal(again[m:m+g.size], b[n:n+h.size]) {
				t.Fatalf("%q becomes %q: %+v, %v", b[:n+h.size], again, g, err)
			}
			b = b[n+h.size+1:]
		}
	})
}

const benchLine = "<166>Oct 11 22:14:15 fw-1 %ASA-6-302013: Built inbound TCP connection 3281 for outside:203.0.113.9/51234 (203.0.113.9/51234) to dmz:10.1.2.3/443 (198.51.100.7/443)"

// A loop is one line.
func BenchmarkFraming(b *testing.B) {
	stream := bytes.Repeat(appendFrame(nil, 4711, cmdSyslog, benchLine), 400)
	b.SetBytes(int64(len(stream) / 400))
	b.ReportAllocs()
	rest := stream
	for b.Loop() {
		h, n, err := readHeader(rest)
		if err != nil || n == 0 || rest[n+h.size] != '\n' {
			b.Fatal(err)
		}
		if rest = rest[n+h.size+1:]; len(rest) == 0 {
			rest = stream
		}
	}
}
