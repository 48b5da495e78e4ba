package strictyaml

import (
	"strings"
	"testing"
	"time"

	"sluice/internal/secret"
)

type inner struct {
	Port int `yaml:"port"`
}

type outer struct {
	Name  string           `yaml:"name"`
	Wait  time.Duration    `yaml:"wait"`
	On    bool             `yaml:"on"`
	Rate  float64          `yaml:"rate"`
	Paths []string         `yaml:"paths"`
	In    inner            `yaml:"in"`
	By    map[string]inner `yaml:"by"`
	Raw   *Node            `yaml:"raw"`
	Until time.Time        `yaml:"until"`
	Ins   []inner          `yaml:"ins"`
	Word  secret.Secret    `yaml:"word"`
}

func decode(t *testing.T, text string) (outer, error) {
	t.Helper()
	n, err := Parse("x.yml", []byte(text))
	if err != nil {
		return outer{}, err
	}
	s := &Source{Name: "x.yml"}
	v := outer{Name: "default", Paths: []string{"/default"}, Ins: []inner{{7}}}
	s.Decode(n, &v)
	return v, s.Err()
}

func TestDecode(t *testing.T) {
	v, err := decode(t, "wait: 2d1h\non: true\nrate: 1.5\npaths: /a\nin: {port: 5_514}\nby:\n  a: &x {port: 1}\n  b: *x\nraw: [1, 2]\n")
	if err != nil {
		t.Fatal(err)
	}
	if v.Name != "default" || v.Wait != 49*time.Hour || !v.On || v.Rate != 1.5 || v.Paths[0] != "/a" || v.In.Port != 5514 || v.By["b"].Port != 1 {
		t.Errorf("got %+v", v)
	}
	if len(v.Ins) != 1 || !v.Word.Empty() {
		t.Errorf("ins %+v, word %v", v.Ins, v.Word)
	}
	if v, err := decode(t, "paths:\nins: # none\nword:\n"); err != nil || v.Paths[0] != "/default" || v.Ins[0].Port != 7 || !v.Word.Empty() {
		t.Errorf("with nothing behind the keys: %+v, %v", v, err)
	}
	if len(v.Raw.Content) != 2 {
		t.Errorf("raw = %+v, want the node itself", v.Raw)
	}
}

// TestFaults: every fault of a file at once, each with its place and the mend.
func TestFaults(t *testing.T) {
	f := func(text string, want ...string) {
		t.Helper()
		_, err := decode(t, text)
		for _, w := range want {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("%q:\n got %v\nwant %s", text, err, w)
			}
		}
	}
	f("nmae: x\non: maybe\nin:\n  prot: 1\n", "x.yml:1:1: unknown key nmae; did you mean name?", `x.yml:2:5: on: "maybe" is not true or false`, "x.yml:4:3: unknown key prot; did you mean port?")
	f("in: &i {port: 1}\nby:\n  a: {<<: *i}\n", "x.yml:3:7: merge keys (<<) are not read: write the keys out here")
	f("until: 2027-01-01\n", `x.yml:1:8: until: "2027-01-01" is not a time such as 2026-12-24T18:00:00Z`)
	f("wait: 15 parsecs\n", "x.yml:1:7: wait:", "a duration such as 15s")
	f("in: 3\n", "x.yml:1:5: expected lines of key: value (known here: port")
	f("name: [a, b]\n", "x.yml:1:7: name: expected a text")
	f("name: ~\n", `x.yml:1:7: name: "~" is not a text; leave the key out for its default, or put the word in quotes`)
	f("paths:\n- a\n-\n", "x.yml:3:2: paths: an entry with nothing in it; take it out")
	f("ins: [null]\n", "x.yml:1:7: ins: an entry with nothing in it; take it out")
	f("word: ~\n", `x.yml:1:7: word: "~" is no value; leave the key out for its default, or put the word in quotes`)
	f("rate: nan\n", `x.yml:1:7: rate: "nan" is not a number`)
	f("rate: .inf\n", `x.yml:1:7: rate: ".inf" is not a number`)
	f("rate: 1e999\n", `x.yml:1:7: rate: "1e999" is not a number`)
	f("paths: [a, null]\n", `x.yml:1:12: paths: "null" is not a text; leave the key out for its default, or put the word in quotes`)
	f("paths: [{a: b}]\n", "x.yml:1:9: paths: expected a text")
	f("in: {port: 99999999999999999999}\n", "x.yml:1:12: port:", "whole number")
	f("name: a\nname: b\n", "x.yml:2:1")
	f("a: b: c\n", "x.yml:1:")
	f("", "x.yml:1:1: the file is empty")
	f("name: x\n---\nname: y\n", "x.yml:3:1: expected one document")
	f("none: 1\n", "unknown key none")
	f("name: x\n? [b]\n: 2\n", "x.yml:2:3: expected a key, which is a text")
}

// TestNoText: yaml names line 0 of bytes that are no text; editors and SARIF count from 1.
func TestNoText(t *testing.T) {
	for _, text := range []string{"\xff\xfe\x00", "a: \xff\xfe\n", "a:\n\t- b\n"} {
		_, err := Parse("x.yml", []byte(text))
		if err == nil || strings.Contains(err.Error(), ":0:") || strings.Contains(err.Error(), ":0: ") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestBounds(t *testing.T) {
	if _, err := Parse("big.yml", make([]byte, MaxBytes+1)); err == nil || !strings.Contains(err.Error(), "at most") {
		t.Errorf("a file over the bound: %v", err)
	}
	bomb := "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for i := range 8 {
		name, last := string(rune('b'+i)), string(rune('a'+i))
		bomb += name + ": &" + name + " [" + strings.TrimSuffix(strings.Repeat("*"+last+", ", 10), ", ") + "]\n"
	}
	if _, err := Parse("bomb.yml", []byte(bomb)); err == nil {
		t.Error("a bomb of aliases passed")
	}
	if _, err := Parse("deep.yml", []byte(strings.Repeat("[", 100_000))); err == nil {
		t.Error("100,000 brackets passed")
	}
}

func TestMisspelt(t *testing.T) {
	f := func(wrong, want string, names ...string) {
		t.Helper()
		if got := Misspelt(wrong, names); got != want {
			t.Errorf("%s: %q, want %q", wrong, got, want)
		}
	}
	f("CommandLin", "CommandLine", "COMMAND_LINE", "CommandLine", "command_line")
	f("logon-faild", "logon-failed", "logged-in", "logon-failed")
	f("Logged_In", "logged-in", "logged-in")
	f("logged-in", "", "logged-in", "logged-on")
	f("configuraton-changed", "configuration-changed", "configuration-changed")
	f("user.authentication.sso", "", "user.authentication.slo")
	f("DeleteTrial", "DeleteTrail", "DeleteTrail", "StopLogging")
	f("CreateUser", "", "DeleteUser", "CreateUsers2")
	f("rule-10001", "", "rule-10002")
	f("interface-up", "", "interface-down")
	f("logedin", "logged-in", "logged-in")
	f("ssh_logn", "ssh_login", "ssh_login")
	f("ListUser", "", "ListUsers")
}

func TestDidYouMean(t *testing.T) {
	f := func(wrong, want string) {
		t.Helper()
		if got := DidYouMean(wrong, []string{"source.ip", "source.port", "user.name"}); got != want {
			t.Errorf("DidYouMean(%q) = %q, want %q", wrong, got, want)
		}
	}
	f("soruce.ip", "; did you mean source.ip?")
	f("port", "; did you mean source.port?")
	f("zzzzzzzz", "")
}

func FuzzDecode(f *testing.F) {
	f.Add("name: x\nwait: 1s\nby: {a: {port: 1}}\n")
	f.Add("a: &a [*a]\n")
	f.Fuzz(func(t *testing.T, text string) {
		n, err := Parse("x.yml", []byte(text))
		if err != nil {
			return
		}
		var v outer
		s := &Source{Name: "x.yml"}
		s.Decode(n, &v)
	})
}
