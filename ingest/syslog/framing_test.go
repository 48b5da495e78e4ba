package syslog

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// cut runs stream through a splitter in reads of step bytes, as a connection would.
func cut(framing Framing, max int, stream string, step int) (got []frame) {
	s := splitter{framing: framing, max: max}
	var buf []byte
	take := func(eof bool) {
		for len(buf) > 0 {
			f, n := s.next(buf, eof)
			if n == 0 {
				return
			}
			if len(f.bytes) > 0 {
				f.bytes = bytes.Clone(f.bytes)
				got = append(got, f)
			}
			buf = buf[n:]
		}
	}
	for len(stream) > 0 {
		n := min(step, len(stream))
		buf = append(buf, stream[:n]...)
		stream = stream[n:]
		take(false)
	}
	take(true)
	return got
}

func texts(frames []frame) []string {
	var all []string
	for _, f := range frames {
		text := string(f.bytes)
		if f.part > 0 {
			text = fmt.Sprintf("%d/%s", f.part, text)
		}
		all = append(all, text)
	}
	return all
}

func TestFraming(t *testing.T) {
	f := func(framing Framing, stream string, want ...string) {
		t.Helper()
		for _, step := range []int{1, 2, 3, 7, 1 << 20} {
			if got := texts(cut(framing, 480, stream, step)); !slices.Equal(got, want) {
				t.Errorf("in reads of %d:\n got %q\nwant %q", step, got, want)
			}
		}
	}
	const auto, octet, lf, nul = FramingAuto, FramingOctet, FramingLF, FramingNUL

	// Line ends.
	f(auto, "<34>a\n<34>b\r\n<34>c", "<34>a", "<34>b", "<34>c")
	f(auto, "\n\n<34>a\n\n<34>b\n", "<34>a", "<34>b")
	f(auto, "no header\nat all\n", "no header", "at all")
	f(auto, "<34>a\x00<34>b\x00<34>c\x00", "<34>a", "<34>b", "<34>c")
	f(auto, "<34>a\n\x00<34>b\n\x00", "<34>a", "<34>b")
	f(auto, "<34>NUL \x00 within\n<34>b\n", "<34>NUL \x00 within", "<34>b")
	f(auto, "\x00\x00\x00<34>a\n\x00\x00<34>b\n", "<34>a", "<34>b")
	f(nul, "\x00\x00a\x00\x00b", "a", "b")
	f(lf, "<34>a\x00<34>b\n", "<34>a\x00<34>b")
	f(nul, "<34>a\nb\x00<34>c\x00", "<34>a\nb", "<34>c")
	f(auto, "{\"a\":1}\x00{\"b\":{}}\x00<34>c\x00", `{"a":1}`, `{"b":{}}`, "<34>c")
	f(auto, "{\"a\":\"}\"}\r\n{\"b\":2}\n", `{"a":"}"}`, `{"b":2}`)
	f(auto, "<34>{}\x00{}\n<34>b\n", "<34>{}\x00{}", "<34>b")
	f(auto, "<34>\xff\xfe no UTF-8\n", "<34>\xff\xfe no UTF-8")

	// A number and a tag are no octet count.
	f(auto, "200 <html> is what came\n404 <p>\n7 <34x>\nplain\n12 <3", "200 <html> is what came", "404 <p>", "7 <34x>", "plain", "12 <3")

	// Octet counts, alone and between lines.
	f(auto, "5 <34>a6 <34>bb", "<34>a", "<34>bb")
	f(auto, "9 <34>a\n<9>5 <34>b", "<34>a\n<9>", "<34>b")
	f(auto, "<34>a\n5 <34>b<34>c\n5 <34>d\n<34>e\n", "<34>a", "<34>b", "<34>c", "<34>d", "<34>e")
	f(auto, "6 <34>a\n6 <34>b\n", "<34>a", "<34>b") // the line end counted in
	f(auto, "5 <34>a\n5 <34>b\n", "<34>a", "<34>b") // and not
	f(octet, "3 abc2 de", "abc", "de")

	// What only looks like a count.
	f(auto, "12 drummers\n", "12 drummers")
	f(auto, "0 <34>a\n", "0 <34>a")
	f(auto, "99999999 <34>a\n", "99999999 <34>a")
	f(auto, "2026-11-23 a\n7", "2026-11-23 a", "7")

	// The connection ends in the middle.
	f(auto, "<34>half", "<34>half")
	f(auto, "100 <34>half", "<34>half")
	f(auto, "10", "10")
}

// TestNULsAtOnce: many are taken at once; each of them costs a look through what was read.
func TestNULsAtOnce(t *testing.T) {
	s := splitter{framing: FramingAuto, max: 480}
	if f, n := s.next(make([]byte, 1<<16), false); len(f.bytes) > 0 || n != 1<<16 {
		t.Errorf("%d bytes are taken, of them %q", n, f.bytes)
	}
}

// TestObjectEndsAtOnce: the last message of a GELF sender does not wait for its next one.
func TestObjectEndsAtOnce(t *testing.T) {
	f := func(stream string, want ...string) {
		t.Helper()
		s, buf := splitter{framing: FramingAuto, max: 480}, []byte(stream)
		var got []frame
		for n := 1; n > 0; {
			var one frame
			if one, n = s.next(buf, false); len(one.bytes) > 0 {
				got = append(got, one)
			}
			buf = buf[n:]
		}
		if got := texts(got); !slices.Equal(got, want) {
			t.Errorf("%.80q:\n got %q\nwant %q", stream, got, want)
		}
	}
	f("{\"a\":1}\x00", `{"a":1}`)
	long := `{"a":"` + strings.Repeat("x", 500) + `"}`
	f(long+"\x00", "1/"+long[:480], "2/"+long[480:])
	f("<34>{}\x00")
}

func TestLyingCounts(t *testing.T) {
	f := func(framing Framing, stream string, want ...string) {
		t.Helper()
		frames := cut(framing, 480, stream, 1<<20)
		if got := texts(frames); !slices.Equal(got, want) {
			t.Errorf("\n got %q\nwant %q", got, want)
		}
		if !slices.ContainsFunc(frames, func(f frame) bool { return f.lied }) {
			t.Errorf("%q: nothing is marked", stream)
		}
	}
	// Too short: the rest is a line of its own, and the next frame is whole.
	f(FramingAuto, "8 <34>a long one\n5 <34>b", "<34>a lo", "ng one", "<34>b")
	f(FramingAuto, "8 <34>a long one5 <34>b", "<34>a lo", "ng one", "<34>b")
	// Too long: it ends where the next frame begins.
	f(FramingAuto, "20 <34>a\n<34>b\n<34>c\n<34>d\nxyz", "<34>a", "<34>b", "<34>c", "<34>d", "xyz")
	f(FramingAuto, "9999999 <34>a\n<34>b\n", "<34>a", "<34>b")
	// No count where one must be.
	f(FramingOctet, "<34>a\n5 <34>b", "<34>a", "<34>b")
}

// TestLyingCountInPieces: the lie shows only when the next bytes come.
func TestLyingCountInPieces(t *testing.T) {
	got := texts(cut(FramingAuto, 480, "8 <34>a long one5 <34>b", 1))
	if want := []string{"<34>a lo", "ng one", "<34>b"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLongLines(t *testing.T) {
	f := func(name, stream string, parts int) {
		t.Helper()
		for _, step := range []int{1, 100, 1 << 20} {
			frames := cut(FramingAuto, 480, stream, step)
			all := ""
			for i, f := range frames[:parts] {
				if f.part != i+1 {
					t.Errorf("%s: part %d is numbered %d", name, i+1, f.part)
				}
				if len(f.bytes) > 480 {
					t.Errorf("%s: a part of %d bytes", name, len(f.bytes))
				}
				all += string(f.bytes)
			}
			if want := strings.Repeat("é", 1000); all != want {
				t.Errorf("%s, step %d: the parts make %d bytes, want %d", name, step, len(all), len(want))
			}
			if rest := texts(frames[parts:]); !slices.Equal(rest, []string{"<1>b"}) {
				t.Errorf("%s, step %d: behind it %q", name, step, rest)
			}
		}
	}
	long := strings.Repeat("é", 1000)
	f("line", long+"\n<1>b\n", 5)
	f("then counted", long+"\n4 <1>b", 5)
}

func TestLongCounted(t *testing.T) {
	long := "<1>" + strings.Repeat("é", 1000)
	for _, step := range []int{1, 100, 1 << 20} {
		frames := cut(FramingAuto, 480, fmt.Sprintf("%d %s4 <1>b", len(long), long), step)
		all := ""
		for i, f := range frames[:len(frames)-1] {
			if f.part != i+1 || len(f.bytes) > 480 {
				t.Errorf("part %d is numbered %d and has %d bytes", i+1, f.part, len(f.bytes))
			}
			all += string(f.bytes)
		}
		if all != long || string(frames[len(frames)-1].bytes) != "<1>b" {
			t.Errorf("step %d: the parts make %d bytes, want %d; behind them %q", step, len(all), len(long), frames[len(frames)-1].bytes)
		}
	}
}

// TestExactlyMaxLine: a line of max_line bytes is whole, one byte more is cut.
func TestExactlyMaxLine(t *testing.T) {
	f := func(n, frames int) {
		t.Helper()
		line := strings.Repeat("x", n)
		for _, stream := range []string{line + "\n", line + "\r\n", line} {
			for _, step := range []int{1, 1 << 20} {
				if got := cut(FramingAuto, 480, stream, step); len(got) != frames {
					t.Errorf("%d bytes in reads of %d: %d frames, want %d", n, step, len(got), frames)
				}
			}
		}
	}
	f(479, 1)
	f(480, 1)
	f(481, 2)
	f(960, 2)
	f(961, 3)
}

// FuzzFraming: whatever comes, in whatever pieces, every byte that is no framing comes
// out once and in order, and no message is longer than the limit.
func FuzzFraming(f *testing.F) {
	for _, s := range []string{
		"<34>a\n5 <34>b<34>c\x00<34>d", "8 <34>a long one5 <34>b", "9999999 <34>a\n<34>b\n", "100 <3", "\x00\x00\n\r\n",
		"20 <34>a\n<34>b\n<34>c\nxyz", strings.Repeat("x", 2000), "2000 <1>" + strings.Repeat("é\n", 900),
	} {
		f.Add([]byte(s), uint8(3), uint8(0))
	}
	framings := []Framing{FramingAuto, FramingOctet, FramingLF, FramingNUL}
	f.Fuzz(func(t *testing.T, stream []byte, step, mode uint8) {
		frames := cut(framings[int(mode)%len(framings)], 480, string(stream), int(step)+1)
		at := 0
		for _, fr := range frames {
			if len(fr.bytes) > 480 {
				t.Fatalf("a message of %d bytes", len(fr.bytes))
			}
			i := bytes.Index(stream[at:], fr.bytes)
			if i < 0 {
				t.Fatalf("%q is not what came behind byte %d", fr.bytes, at)
			}
			if skipped := bytes.Trim(stream[at:at+i], "0123456789 \r\n\x00"); len(skipped) > 0 {
				t.Fatalf("lost %q", skipped)
			}
			at += i + len(fr.bytes)
		}
		if rest := bytes.Trim(stream[at:], "0123456789 \r\n\x00"); len(rest) > 0 {
			t.Fatalf("lost the end %q", rest)
		}
	})
}
