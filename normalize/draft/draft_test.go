package draft

import (
	"fmt"
	"strings"
	"testing"
)

func TestMake(t *testing.T) {
	f := func(lines []string, want ...string) {
		t.Helper()
		got := string(Make("a_b", lines, nil).Pack)
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("no %q in\n%s", w, got)
			}
		}
	}
	var text []string
	for i := range 20 {
		text = append(text, fmt.Sprintf("session %d: user u%d logged in from 192.0.2.%d port %d", i, i, i, 1000+i), fmt.Sprintf("link eth%d is down", i%3))
	}
	f(text, `"session {_session:int}: user {user.name} logged in from {source:addr} port {source.port:int}" # 20 lines`, `"link {_link} is down" # 20 lines`, "vars: [_link, _session]")
	f([]string{`{"srcip":"192.0.2.1","z":{"y":1}}`, `{"srcip":"192.0.2.2","z":{"y":2}}`}, `json: ["srcip", "z.y"]`, "- known: {}")
	f([]string{"a=1 b=2 c=3 d=x", "a=2 b=2 c=3 d=y"}, `"d": _   # in 2 of 2, such as "x"`)
	f([]string{"braces {here} 1", "braces {here} 2"}, `braces {{here}} {_here:int}`)
	f([]string{"open 1 from 192.0.2.7:4711 to 198.51.100.9:443", "open 2 from 192.0.2.8:4712 to 198.51.100.9:443"}, `"open {_open:int} from {source:hostport} to {destination:hostport}"`)
	f([]string{"login refused for admin via ssh from 203.0.113.9", "login refused for root via ssh from 203.0.113.9"}, `"login refused for {user.name} via ssh from {source:addr}"`)
	f([]string{"peer [192.0.2.7]: down, id=7", "peer [192.0.3.7]: down, id=7"}, `"peer [{source:addr}]: down, id={_id:int}"`)
	f(nil, "program: [a_b]")
	f([]string{"", " "}, "program: [a_b]")
}

// TestMakeOfPrograms: the header's program tells more than a text that stands in one shape.
func TestMakeOfPrograms(t *testing.T) {
	if got := string(Make("a_b", []string{"link up", "link down"}, []string{"x: y", "acmed"}).Pack); !strings.Contains(got, `program: ["acmed", "x: y"]`) {
		t.Error(got)
	}
	if got := string(Make("a_b", []string{"link is up", "link is down"}, []string{"", "acmed"}).Pack); strings.Contains(got, "program") {
		t.Error(got)
	}
}

// TestBounds: many different lines make no more shapes than are allowed.
func TestBounds(t *testing.T) {
	var lines []string
	for i := range 3 * maxShapes {
		lines = append(lines, strings.Repeat(string(rune('a'+i%26))+" ", i/26+1))
	}
	d := Make("a_b", lines, nil)
	if len(d.Shapes) != maxShapes || d.Left != 2*maxShapes {
		t.Errorf("%d shapes, %d left", len(d.Shapes), d.Left)
	}
	if d := Make("a_b", []string{"a b c", strings.Repeat("x", maxLine+1)}, nil); len(d.Shapes) != 1 || d.Left != 1 {
		t.Errorf("%d shapes, %d left of a line that is too long", len(d.Shapes), d.Left)
	}
	lines = lines[:0]
	for i := range maxShapes {
		lines = append(lines, strings.Repeat(string(rune('a'+i%26)), maxLine-200)+strings.Repeat(" x", i/26))
	}
	if d := Make("a_b", lines, nil); len(d.Pack) > maxPack+2*maxLine || len(d.Shapes)+d.Left != maxShapes {
		t.Errorf("%d bytes, %d shapes, %d left", len(d.Pack), len(d.Shapes), d.Left)
	}
	object := "{"
	for i := range 2 * maxKeys {
		object += fmt.Sprintf("%q:1,", fmt.Sprint("key", i))
	}
	if got := string(Make("a_b", []string{object + `"z":1}`}, nil).Pack); strings.Count(got, "such as") != maxKeys || !strings.Contains(got, "and 1001 keys more") {
		t.Errorf("%d keys", strings.Count(got, "such as"))
	}
}

func FuzzMake(f *testing.F) {
	f.Add("a 1\nb 2\na 3")
	f.Add("{\"a\":1}\nx=1 y=2 z=3 w=4")
	f.Add("{ } {{ =: [192.0.2.1] <x>\n")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 64<<10 {
			return
		}
		if d := Make("a_b", strings.Split(text, "\n"), []string{text}); len(d.Pack) == 0 {
			t.Error("nothing was written")
		}
	})
}
