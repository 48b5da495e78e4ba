package pattern

import "testing"

// FuzzHeads holds that Heads lets through all that a pattern reads.
func FuzzHeads(f *testing.F) {
	for _, c := range [][2]string{
		{"{a:int} {b} x", "17  foo x"},
		{"{? }{a:ip}:{b:int}", "192.0.2.1:80"},
		{"a  b{c:rest}", "a    b"},
		{"{a:re(\\d{4}-\\d\\d-\\d\\d)}T{b}Z", "2026-03-02T1Z"},
		{"{a:re((?i)k+é?)}{b:int}", "K\u212a\u00e91"},
		{"{|one|two|} {a:addr}.", "two www.example.com.."},
		{"{a:addrs} -", "192.0.2.1,  2001:db8::1 -"},
		{"x", "x \r\n"},
		{"{a:re([^ ]*)} b", " b"},
		{"{a:re(INFO|NOTICE)} {b:re([A-Z]+)} x", "INFO    NOV x"},
		{"{a=lit} {b:hex}{? c}", "lit    af   c  "},
		{"{a:re((?:x\\.)+[y-]*\\x{fffd})} {|OBSERVED|DENIED|}", "x.x.-\xff DENIED"},
	} {
		f.Add(c[0], c[1])
	}
	f.Fuzz(func(t *testing.T, src, msg string) {
		p, err := Compile(src, Options{Scan: scans})
		if err != nil {
			return
		}
		if _, _, ok := p.Match(msg, nil); ok && NewHeads([]*Pattern{p}).May(msg, nil)[0] != 1 {
			t.Errorf("%q reads %q, which Heads keeps from it", src, msg)
		}
	})
}

func TestHeads(t *testing.T) {
	t.Parallel()
	var patterns []*Pattern
	for range 70 { // more than a word
		patterns = append(patterns, nil)
	}
	for _, src := range []string{"{a:int},{b:int},{}", "{a:re(\\d\\d\\d\\d-\\d\\d)} {}", "[{a:int}] {}"} {
		p, err := Compile(src, Options{Scan: func(string) (Scan, bool) { return Int, true }})
		if err != nil {
			t.Fatal(err)
		}
		patterns = append(patterns, p)
	}
	h := NewHeads(patterns)
	for msg, want := range map[string]uint64{"1": 0, "1,,": 0b001, "1-": 0, "17,2,x": 0b001, "2-": 0, "2026-03 x": 0b010, "20260-3,,": 0b001, "[1] x": 0b100, "x": 0} {
		may := h.May(msg, nil)
		if may[0] != ^uint64(0) || may[1]&(1<<6-1) != 1<<6-1 || may[1]>>6 != want {
			t.Errorf("%q may fit %b, want %b", msg, may[1]>>6, want)
		}
	}
}

// TestHeadsOpen: a pattern is open that says nothing of a message's first byte, whatever it says of the next ones.
func TestHeadsOpen(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]bool{"{a}": true, "{?{a} }x": true, "{|x|{a}}": true, "x{a}": false, "{a:re([{])}{b}x": false, "{a:re([{]|x)}{b}": false, "{?x}y{a}": false} {
		p, err := Compile(src, Options{Scan: scans})
		if err != nil {
			t.Fatal(err)
		}
		if got := NewHeads([]*Pattern{nil, p}).Open(1); got != want {
			t.Errorf("%s is open: %v, want %v", src, got, want)
		}
	}
}
